"""A project as it was in git, written to a folder of its own. The checkout, its index and its stash stay untouched."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from feedsmith.definitions.model import nearest
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.run.request import COMMAND_LINE, STATE

LFS = b"version https://git-lfs.github.com/spec/"
"""How a file begins that stands for one in Git LFS."""
SUBMODULE = "160000"
"""The mode of a submodule in a tree."""
OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})
"""What git tells a hook in the environment, relative to another folder."""
SHOWN = 12
"""Digits of a commit that are shown."""


@dataclass(frozen=True)
class Repository:
    """The repository around a project: its top folder, and the project's way below it, "" or such as `shops/nl/`."""

    top: Path
    prefix: str


def repository_of(folder: Path) -> Repository:
    """The repository in which a folder lies.

    Raises:
        UsageError: there is no git, or no repository around the folder.
    """
    try:
        lines = _git(folder, "rev-parse --show-toplevel --show-prefix").decode().split("\n")
    except _GitError as error:
        problem = "--against REF: this folder lies in no git repository that can be read"
        raise UsageError(Place(str(folder)), problem, f"git says: {error}") from error
    return Repository(Path(lines[0]), lines[1])


def commit_of(repository: Repository, ref: str) -> str | None:
    """The commit that a ref names; None where it names none."""
    if ref.startswith("-"):
        return None
    try:
        return _git(repository.top, "rev-parse --verify --quiet", f"{ref}^{{commit}}").decode().strip()
    except _GitError:
        return None


def nearest_ref(repository: Repository, ref: str) -> str:
    """A hint that names the branch or tag which is called nearly so."""
    text = _git(repository.top, "for-each-ref --format=%(refname:short)").decode("utf-8", "replace")
    return nearest(ref, text.split()) or "a build server often has to fetch it first: git fetch origin main"


def write_tree(repository: Repository, commit: str, folder: Path) -> Path:
    """The project as it was in a commit, below `folder`; what git does not track is linked to where it lies.

    Returns:
        The project's folder there.

    Raises:
        UsageError: the commit has no such folder, or files that lie in Git LFS and are not here.
    """
    whole = bool(repository.prefix) and _looks_up(repository)
    prefix = "" if whole else repository.prefix
    entries = list(_entries(repository, commit, prefix))
    names = [name for mode, name in entries if mode != SUBMODULE]
    if not any(name.startswith(repository.prefix) for name in names):
        place = Place(f"git {commit[:SHOWN]}")
        raise UsageError(place, f"there is no {repository.prefix or 'file'} in this commit", "name a later one")
    folder.mkdir()
    index = {"GIT_INDEX_FILE": str(folder / ".index")}
    _git(repository.top, f"read-tree {commit}", more=index)
    given = "\0".join(names).encode("utf-8", "surrogateescape")
    _git(repository.top, "checkout-index -z --stdin", f"--prefix={folder}{os.sep}", given=given, more=index)
    (folder / ".index").unlink()
    _refuse_pointers(folder, names, commit)
    _link_others(repository, prefix, folder, [name for mode, name in entries if mode == SUBMODULE])
    return folder / repository.prefix


def submodules(repository: Repository, commit: str) -> list[str]:
    """The submodules in the project: they are read as they are here."""
    return [name for mode, name in _entries(repository, commit, repository.prefix) if mode == SUBMODULE]


def _entries(repository: Repository, commit: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Mode and name of every file of a commit below the prefix."""
    listed = _git(repository.top, "ls-tree -r -z --full-tree", commit, *([prefix] if prefix else []))
    for line in listed.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            facts, _, name = line.partition("\t")
            yield facts.split(" ")[0], name


def _looks_up(repository: Repository) -> bool:
    """Whether a file of the project names one above its folder."""
    return any(
        "../" in path.read_text("utf-8", "replace") for path in (repository.top / repository.prefix).glob("*.y*ml")
    )


def _link_others(repository: Repository, prefix: str, folder: Path, modules: list[str]) -> None:
    """Link what git does not track, and submodules, to where they lie; a folder without tracked files as a whole."""
    listed = _git(repository.top, "ls-files -z --others --directory --", f"./{prefix}")
    names = [name.rstrip("/") for name in listed.decode("utf-8", "surrogateescape").split("\0") if name]
    for name in (*names, *modules):
        if not name or PurePosixPath(name).name == STATE:
            continue
        target = folder / name
        if target.is_symlink() or target.is_file():
            continue
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(repository.top / name, target)


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:  # a system that lets only some users link
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def _refuse_pointers(folder: Path, names: list[str], commit: str) -> None:
    """End where a file of the project is only a pointer to Git LFS."""
    for name in names:
        path = folder / name
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                pointer = file.read(len(LFS)) == LFS
            if pointer:
                hint = f"fetch it first: git lfs fetch origin {commit[:SHOWN]}"
                raise UsageError(Place(name), f"lies in Git LFS and is not here as of {commit[:SHOWN]}", hint)


class _GitError(Exception):
    """Git said no."""


def _git(
    folder: Path, command: str, *words: str, given: bytes | None = None, more: dict[str, str] | None = None
) -> bytes:
    """What git prints. `command` holds fixed words with blanks between them, `words` are given as they are.

    Raises:
        UsageError: git is not installed.
        _GitError: it ended with an error.
    """
    program = shutil.which("git")
    if program is None:
        raise UsageError(COMMAND_LINE, "--against REF needs git, which is not installed", "install it")
    outer = {name: value for name, value in os.environ.items() if name not in OF_A_HOOK}
    environment = {**outer, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", **(more or {})}
    ended = subprocess.run(  # noqa: S603 - git itself, with a ref that has been checked and no shell
        [program, "-C", str(folder), *command.split(), *words],
        input=given,
        capture_output=True,
        check=False,
        env=environment,
    )
    if ended.returncode:
        raise _GitError(ended.stderr.decode("utf-8", "replace").strip())
    return ended.stdout
