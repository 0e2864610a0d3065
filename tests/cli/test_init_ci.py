"""Files for running unattended: each is run here as its build server, hook, timer or cron would run it."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from feedsmith import __version__
from feedsmith.cli.init import CiKind
from feedsmith.run.start.ci_files import KINDS, TEMPLATES
from tests.cli.conftest import PROJECT, catalog, product
from tests.helpers import ROOT, write_tree

FOLDER = "a b's/shop 100%"


@pytest.fixture
def repository(tmp_path):
    """A git repository with a project below its root, in a folder with every awkward sign."""
    files = {
        f"{FOLDER}/feedsmith.yaml": PROJECT,
        f"{FOLDER}/catalog.csv": catalog([product(1), product(2)]),
        ".git/HEAD": "",
    }
    return write_tree(tmp_path / "repo", files)


@pytest.fixture
def tools(tmp_path):
    """A PATH with this feedsmith, and a python that installs nothing but notes what it was asked to."""
    asked = tmp_path / "installed"
    scripts = {
        "feedsmith": f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m feedsmith "$@"\n',
        "python": f'#!/bin/sh\necho "$@" >> {shlex.quote(str(asked))}\n',
    }
    folder = write_tree(tmp_path / "bin", scripts)
    for name in scripts:
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}, asked


def bash(script, cwd, env):
    return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=cwd, env=env, check=False, capture_output=True, text=True)  # fmt: skip # noqa: S607


def spoil(repository):
    (repository / FOLDER / "catalog.csv").write_text(catalog([product(1, price="")]))


def test_the_kinds_are_those_of_the_option():
    assert sorted(one.value for one in CiKind) == sorted(KINDS)
    assert {name for kind in KINDS.values() for name in kind.files} == {path.name for path in TEMPLATES.iterdir()}


def test_a_project_gets_the_files_at_once_or_later(run, tmp_path):
    write_tree(tmp_path, {"products.csv": catalog([product(1)])})
    ended = run("init", "shop", "--catalog", "products.csv", "--yes", "--ci", "systemd", "--ci", "cron", cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert sorted(path.name for path in (tmp_path / "shop/deploy").iterdir()) == [
        "feedsmith.cron",
        "feedsmith.service",
        "feedsmith.timer",
    ]
    assert "shop/deploy/feedsmith.service written" in ended.out
    assert "next: sudo cp shop/deploy/feedsmith.service shop/deploy/feedsmith.timer /etc/systemd/system/" in ended.out
    later = run("init", "shop", "--ci", "github", cwd=tmp_path)
    assert (later.code, (tmp_path / "shop/.github/workflows/feedsmith.yml").is_file()) == (0, True)


def test_what_is_there_stays_and_is_shown(run, repository):
    mine = repository / ".pre-commit-config.yaml"
    mine.write_text("repos: []\n")
    ended = run("init", "--ci", "pre-commit", cwd=repository / FOLDER)
    assert (ended.code, mine.read_text()) == (0, "repos: []\n")
    assert "is there already and stays" in ended.out
    assert "      - id: feedsmith-validate" in ended.out


def test_without_a_project_the_catalog_is_asked_for(run, tmp_path):
    ended = run("init", "--ci", "github", cwd=tmp_path)
    assert (ended.code, "--catalog" in ended.err, list(tmp_path.iterdir())) == (2, True, [])


@pytest.mark.parametrize("good", [True, False])
def test_the_workflow_of_github(run, repository, tools, good):
    env, asked = tools
    assert run("init", FOLDER, "--ci", "github", cwd=repository).code == 0
    if not good:
        spoil(repository)
    flow = yaml.safe_load((repository / ".github/workflows/feedsmith.yml").read_text())
    (job,) = flow["jobs"].values()
    folder = repository / job["defaults"]["run"]["working-directory"]
    summary = repository / "summary.md"
    ended = [
        bash(step["run"], folder, {**env, "GITHUB_STEP_SUMMARY": str(summary)})
        for step in job["steps"]
        if "run" in step
    ]
    assert [one.returncode for one in ended] == [0, 0 if good else 1]
    assert asked.read_text() == f"-m pip install feedsmith=={__version__}\n"
    assert good or "::error file=catalog.csv,line=2,title=google_nl%3A missing-required price::" in ended[-1].stdout
    assert summary.read_text().startswith("### feedsmith")
    kept = repository / job["steps"][-1]["with"]["path"]
    assert sorted(path.name for path in kept.iterdir()) == ["feedsmith.html", "feedsmith.sarif", "feedsmith.xlsx"]


@pytest.mark.parametrize("good", [True, False])
def test_the_job_of_gitlab(run, repository, tools, good):
    env, asked = tools
    assert run("init", FOLDER, "--ci", "gitlab", cwd=repository).code == 0
    if not good:
        spoil(repository)
    assert yaml.safe_load((repository / ".gitlab-ci.yml").read_text()) == {
        "include": [{"local": ".gitlab/feedsmith.yml"}]
    }
    (job,) = yaml.safe_load((repository / ".gitlab/feedsmith.yml").read_text()).values()
    ended = bash("\n".join([*job["before_script"], *job["script"]]), repository, env)
    assert ended.returncode == (0 if good else 1), ended.stderr
    assert asked.read_text() == f"-m pip install feedsmith=={__version__}\n"
    kept = repository / job["artifacts"]["paths"][0]
    assert sorted(path.name for path in kept.iterdir()) == ["feedsmith.html", "feedsmith.xlsx", "junit.xml"]
    assert (repository / job["artifacts"]["reports"]["junit"]).is_file()


@pytest.mark.parametrize("good", [True, False])
def test_the_hook_of_a_project(run, repository, tools, good):
    env, _ = tools
    assert run("init", FOLDER, "--ci", "pre-commit", cwd=repository).code == 0
    if not good:
        spoil(repository)
    ((hook,),) = (one["hooks"] for one in yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())["repos"])
    # as pre-commit does: split like a shell, run at the repository's root without the files' names
    words = shlex.split(hook["entry"])
    ended = subprocess.run([shutil.which(words[0], path=env["PATH"]), *words[1:]], cwd=repository, env=env, check=False, capture_output=True)  # fmt: skip
    assert ended.returncode == (0 if good else 1)
    changed = (
        "shop/feedsmith.yaml",
        "feedsmith.test.yaml",
        "shop/channels/own.yaml",
        "templates/own.xml.j2",
        "a/tables/b.csv",
    )
    assert all(re.search(hook["files"], path) for path in changed)
    assert not any(re.search(hook["files"], path) for path in ("README.md", "src/feed.py", "shop/out/google.xml"))


def test_the_hooks_for_other_repositories(repository, tools):
    env, _ = tools
    with (repository / FOLDER / "feedsmith.yaml").open("a") as project:
        project.write("examples: {one: {given: {id: '1', title: Deken, brand: Kaap}, expect: {title: Kaap Deken}}}\n")
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        assert {"id", "name", "entry", "language", "files"} <= set(hook)
        words = shlex.split(hook["entry"])
        ended = subprocess.run([shutil.which(words[0], path=env["PATH"]), *words[1:]], cwd=repository / FOLDER, env=env, check=False, capture_output=True, text=True)  # fmt: skip
        assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("", 0), ("--market nl --report 'text=a report.txt'", 0), ("--market $(touch evil)", 2), ("--fail-on never", 0)],
)
def test_the_action(repository, tools, arguments, code):
    env, asked = tools
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    given = {name: one["default"] for name, one in action["inputs"].items()} | {
        "project": FOLDER,
        "arguments": arguments,
    }
    output = repository / "output"
    env = {**env, "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output)}
    for step in (one for one in action["runs"]["steps"] if "run" in one):
        own = {
            name: given[re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)[1]]
            for name, value in step.get("env", {}).items()
        }
        ended = bash(step["run"], repository, {**env, **own})
    assert ended.returncode == code, ended.stderr
    assert asked.read_text() == f"-m pip install --quiet {ROOT}\n"
    assert output.read_text().splitlines() == [f"exit-code={code}", "sarif=feedsmith-report/feedsmith.sarif"]
    assert not (repository / "evil").exists()
    assert (repository / "a report.txt").exists() == ("a report" in arguments)
    if code == 0:
        kept = sorted(path.name for path in (repository / "feedsmith-report").iterdir())
        assert kept == ["feedsmith.html", "feedsmith.sarif", "feedsmith.xlsx", "junit.xml"]


def test_the_service_and_its_timer(run, repository, tmp_path):
    assert run("init", FOLDER, "--ci", "systemd", cwd=repository).code == 0
    folder = repository / FOLDER
    service, timer = (folder / "deploy" / f"feedsmith.{name}" for name in ("service", "timer"))
    unit = configparser.RawConfigParser(delimiters=["="], comment_prefixes=["#"], strict=False)
    unit.optionxform = str
    unit.read([service, timer])
    assert (unit["Timer"]["Persistent"], unit["Install"]["WantedBy"]) == ("true", "timers.target")
    assert unit["Service"]["WorkingDirectory"] == str(folder).replace("%", "%%")
    words = shlex.split(unit["Service"]["ExecStart"].replace("%%", "%"))
    ended = subprocess.run(words, cwd=unit["Service"]["WorkingDirectory"].replace("%%", "%"), env={"PATH": "/usr/bin:/bin"}, check=False, capture_output=True, text=True)  # fmt: skip
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert (folder / "out/google_nl.xml").is_file()
    if shutil.which("systemd-analyze"):
        checked = subprocess.run(["systemd-analyze", "verify", "--man=no", service, timer], env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, check=False, capture_output=True, text=True)  # fmt: skip # noqa: S607
        mine = [line for line in checked.stderr.splitlines() if "feedsmith" in line]
        assert mine == []


def test_the_line_of_the_crontab(run, repository):
    assert run("init", FOLDER, "--ci", "cron", cwd=repository).code == 0
    lines = (repository / FOLDER / "deploy/feedsmith.cron").read_text().splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    *when, command = line.split(None, 5)
    assert when == ["0", "5", "*", "*", "*"]
    assert not re.search(r"(?<!\\)%", command)  # cron takes a bare one for the end of the line
    bare = {"HOME": str(repository), "LOGNAME": "shop", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    script = command.replace("\\%", "%")
    ended = subprocess.run(["/bin/sh", "-c", script], cwd="/", env=bare, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert (repository / FOLDER / "out/google_nl.xml").is_file()
