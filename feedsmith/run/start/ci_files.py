"""Files by which the feeds run unattended: for build servers, for git's hooks, for systemd and for cron."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedsmith import __version__

TEMPLATES = Path(__file__).with_name("ci")


@dataclass(frozen=True)
class Kind:
    """One way to run unattended: template → file, below the repository's root or the project, and what to do next."""

    files: Mapping[str, str]
    at_root: bool
    then: str


KINDS = {
    "cron": Kind(
        {"crontab": "deploy/feedsmith.cron"}, at_root=False,
        then="add it to your crontab: (crontab -l; cat @FILE@) | crontab -",
    ),
    "github": Kind(
        {"github.yml": ".github/workflows/feedsmith.yml"}, at_root=True,
        then="commit it; the next pull request is checked",
    ),
    "gitlab": Kind(
        {"gitlab.yml": ".gitlab/feedsmith.yml", "gitlab-ci.yml": ".gitlab-ci.yml"}, at_root=True,
        then="commit it; the next merge request is checked",
    ),
    "pre-commit": Kind(
        {"pre-commit.yaml": ".pre-commit-config.yaml"}, at_root=True,
        then="run `pre-commit install`; the next commit is checked",
    ),
    "systemd": Kind(
        {"feedsmith.service": "deploy/feedsmith.service", "feedsmith.timer": "deploy/feedsmith.timer"}, at_root=False,
        then="sudo cp @FILES@ /etc/systemd/system/ && sudo systemctl enable --now feedsmith.timer",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class CiFile:
    """A file to write."""

    path: Path
    text: str


def ci_files(kind: str, project: Path, command: list[str]) -> list[CiFile]:
    """The files of one kind for a project.

    Args:
        kind: a key of `KINDS`.
        project: its folder.
        command: the words that start feedsmith on this computer.
    """
    one = KINDS[kind]
    root = repository(project) if one.at_root else project
    words = _words(project, root, command)
    return [CiFile(root / target, _filled(TEMPLATES / name, words)) for name, target in one.files.items()]


def next_step(kind: str, files: list[CiFile]) -> str:
    """What is left to do by hand."""
    paths = [shlex.quote(str(file.path)) for file in files]
    return KINDS[kind].then.replace("@FILES@", " ".join(paths)).replace("@FILE@", paths[0])


def repository(folder: Path) -> Path:
    """The root of the git repository that the folder is in; without one, the folder."""
    whole = folder.resolve()
    return next((one for one in (whole, *whole.parents) if (one / ".git").exists()), folder)


def _words(project: Path, root: Path, command: list[str]) -> dict[str, str]:
    """What stands for each `@NAME@` of a template, written as its kind of file wants it."""
    whole = project.resolve()
    inside = whole.relative_to(root.resolve()).as_posix()
    return {
        "VERSION": __version__,
        "NAME": whole.name,
        "FOLDER": inside.replace("\\", "\\\\").replace('"', '\\"'),
        "FOLDER_SHELL": shlex.quote(inside),
        "FOLDER_UNIT": _unit(str(whole)),
        "COMMAND_UNIT": " ".join(f'"{_unit(word)}"' if " " in word else _unit(word) for word in command),
        "FOLDER_CRON": _cron(str(whole)),
        "COMMAND_CRON": " ".join(map(_cron, command)),
    }


def _unit(text: str) -> str:
    """Source: systemd.unit(5), specifiers."""
    return text.replace("%", "%%")


def _cron(text: str) -> str:
    """Source: crontab(5), on `%`."""
    return shlex.quote(text).replace("%", "\\%")


def _filled(template: Path, words: Mapping[str, str]) -> str:
    text = template.read_text(encoding="utf-8")
    for name, value in words.items():
        text = text.replace(f"@{name}@", value)
    return text
