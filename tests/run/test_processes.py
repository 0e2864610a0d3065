"""Processes that are killed, and processes that meet: workers, coordinators, two runs at once."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from feedsmith.errors import LockedError
from feedsmith.run.engine import LocalEngine, WorkerLostError
from feedsmith.run.finish import FeedFinisher
from tests.helpers import ROOT
from tests.run.helpers import PROJECT, catalog, export, feeds, part_size, rows, shop, stamps, strays

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL and /proc are not for Windows")


def kill_workers() -> None:
    for process in multiprocessing.active_children():
        os.kill(process.pid, signal.SIGKILL)


@pytest.fixture
def expected(tmp_path):
    """What an undisturbed run of `rows(400)` publishes."""
    folder = shop(tmp_path / "undisturbed", rows(400), envelope="{items: 150}")
    export(folder)
    return feeds(folder)


# --- workers -----------------------------------------------------------------------------------------------------


def test_after_a_killed_worker_the_run_goes_on(tmp_path, expected):
    folder = shop(tmp_path / "shop", rows(400), envelope="{items: 150}")
    told = []

    def progress(*figures):
        told.append(figures)
        if len(told) == 2:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    with part_size(1000):
        ran = export(folder, workers=2, progress=progress)
    assert feeds(folder) == expected
    assert ran.report.products == 400
    assert len(told) > 15
    assert strays(folder) == []


@pytest.mark.parametrize("step", ["decide", "stage"])
def test_a_worker_killed_while_feeds_are_finished(tmp_path, expected, monkeypatch, step):
    folder = shop(tmp_path / "shop", rows(400), envelope="{items: 150}")
    real = getattr(FeedFinisher, step)
    calls = []

    def after_a_kill(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            kill_workers()
        return real(*arguments)

    monkeypatch.setattr(FeedFinisher, step, after_a_kill)
    export(folder, workers=2)
    assert len(calls) == 3
    assert feeds(folder) == expected


def test_workers_killed_twice_end_the_run_with_a_clear_error(tmp_path):
    folder = shop(tmp_path, rows(5))
    export(folder)
    before = stamps(folder)
    (folder / "catalog.csv").write_text(catalog(rows(400)))
    told = []

    def progress(*figures):
        told.append(figures)
        if len(told) in {2, 12}:
            kill_workers()

    hint = "worker processes were killed twice\n  hint: give the run more memory, or fewer workers by --workers"
    with part_size(1000), pytest.raises(WorkerLostError, match=hint) as caught:
        export(folder, workers=2, progress=progress)
    assert caught.value.exit_code == 5
    assert stamps(folder) == before
    assert strays(folder) == []
    assert multiprocessing.active_children() == []


def once(path: Path) -> str:
    """Kills its own process the first time."""
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def nothing() -> None:
    """The start of a worker that needs none."""


def test_results_stay_in_order_when_workers_die(tmp_path):
    engine = LocalEngine(2, nothing, ())
    tasks = [tmp_path / str(number) for number in range(40)]
    for path in tasks[:20] + tasks[21:]:
        path.touch()
    assert list(engine.map(once, tasks)) == [path.name for path in tasks]
    engine.close()


# --- the coordinator ---------------------------------------------------------------------------------------------


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "feedsmith", "export", "--quiet", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def below(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in found.read_text().split()] if found.exists() else []


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be asked for its code does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


Large = tuple[Path, dict[str, bytes], dict[str, bytes]]


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """A project, a new catalog of some 4 MB, and its feeds of the old catalog and the new."""
    folder = shop(tmp_path_factory.mktemp("old"), rows(50), envelope="{items: 4000}")
    export(folder)
    old = feeds(folder)
    text = catalog([row | {"title": f"{row['title']} {'zacht ' * 60}"} for row in rows(9000)])
    new_folder = shop(tmp_path_factory.mktemp("new"), text, envelope="{items: 4000}")
    export(new_folder)
    return folder, text, old, feeds(new_folder)


@pytest.fixture
def large(versions) -> Large:
    """The project with its old version published and the new catalog; its feeds, old and new."""
    folder, text, old, new = versions
    (folder / "feedsmith.yaml").write_text(PROJECT + "guards: {max_drop: off, max_growth: off, max_ids_changed: off}\n")
    (folder / "catalog.csv").write_text(catalog(rows(50)))
    export(folder)
    assert feeds(folder) == old
    (folder / "catalog.csv").write_text(text)
    return folder, old, new


def whole(folder: Path, old: dict[str, bytes], new: dict[str, bytes]) -> bool:
    """Whether each published file is a complete version."""
    return all(raw in (old.get(name), new.get(name)) for name, raw in feeds(folder).items() if not name.startswith("."))


def kill_at(folder: Path, old: dict[str, bytes], new: dict[str, bytes], seconds: float) -> None:
    """Kill an export after so many seconds, and look at what it left."""
    process = start(folder, "--workers", "2")
    time.sleep(seconds)
    workers = below(process.pid)
    process.kill()
    process.communicate()
    assert whole(folder, old, new)
    assert until(lambda: not any(map(alive, workers)), 1.0)
    assert whole(folder, old, new)


def check_next_run(folder: Path, new: dict[str, bytes]) -> None:
    """The next run needs no help, gives exactly this version, and clears what was left."""
    export(folder)
    assert feeds(folder) == new
    assert strays(folder) == []


def test_a_killed_coordinator(large):
    folder, old, new = large
    for seconds in (0.6, 1.2):
        kill_at(folder, old, new, seconds)
    check_next_run(folder, new)


@pytest.mark.slow
def test_a_coordinator_killed_at_all_moments(large):
    folder, old, new = large
    text = (folder / "catalog.csv").read_bytes()
    begin = time.monotonic()
    start(folder, "--workers", "2").communicate()
    duration = time.monotonic() - begin
    for share in range(30, 100, 7):
        (folder / "catalog.csv").write_text(catalog(rows(50)))
        check_next_run(folder, old)
        (folder / "catalog.csv").write_bytes(text)
        kill_at(folder, old, new, duration * share / 100)
        check_next_run(folder, new)


# --- two runs ----------------------------------------------------------------------------------------------------


def test_two_runs_at_once(large):
    folder, _, new = large
    process = start(folder, "--workers", "1")
    assert until((folder / ".feedsmith/lock.json").exists, 20)
    try:
        with pytest.raises(LockedError, match=f"process {process.pid} on ") as caught:
            export(folder)
        assert caught.value.exit_code == 7
        waited = export(folder, wait=30)
    finally:
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert waited.states == ["unchanged"] * 3
    assert feeds(folder) == new
