"""Whatever ends a run, and whatever the disk refuses it: each published file is one whole version, and the next run
needs no help.

A run is ended, or refused the disk, at each single call that touches it: `saboteur` counts them.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from feedsmith.run.history import History
from feedsmith.run.kept import is_kept
from tests.helpers import ROOT
from tests.run.helpers import PROJECT, catalog, export, feeds, rows, shop, strays

pytestmark = pytest.mark.skipif(os.name == "nt", reason="fork and SIGKILL are not for Windows")

Files = dict[str, bytes]
Order = Callable[..., dict[str, Any]]
GUARDS = "guards: {max_growth: off, max_ids_changed: off}\nhistory: {keep: 2}\n"
SHARE = 17
"""Of the calls, `make test` takes each seventeenth."""


@pytest.fixture(scope="module")
def order() -> Iterator[Order]:
    """Gives orders to the saboteur."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "saboteur.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip

    def give(folder: Path, *words: str, action: str = "", number: int = 0) -> dict[str, Any]:
        told = {"folder": str(folder), "words": [*words], "action": action, "number": number}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield give
    process.communicate(timeout=30)


@pytest.fixture(scope="module")
def versions(tmp_path_factory) -> tuple[Path, Files, Files]:
    """A project with two versions behind it and a new catalog; its feeds now, and those of the catalog."""
    folder = shop(tmp_path_factory.mktemp("faults") / "shop", rows(30), PROJECT + GUARDS, envelope="{items: 20}")
    export(folder)
    (folder / "catalog.csv").write_text(catalog([row | {"brand": "Wijs"} for row in rows(50)]))
    export(folder)
    old = feeds(folder)
    new_rows = [row | {"brand": "Zee"} for row in rows(45)]
    twin = shop(folder.parent / "twin", new_rows, PROJECT + GUARDS, envelope="{items: 20}")
    export(twin)
    (folder / "catalog.csv").write_text(catalog(new_rows))
    return folder, old, feeds(twin)


def calls_of(order: Order, folder: Path, *words: str) -> int:
    """How many calls of an undisturbed run touch the disk."""
    trial = Path(shutil.copytree(folder, folder.parent / "trial"))
    answer = order(trial, *words, action="count")
    shutil.rmtree(trial)
    assert answer["code"] == 0
    assert answer["calls"] > 20
    return answer["calls"]


def check(folder: Path, old: Files, new: Files) -> None:
    """Each published file is one whole version, and no run before left a file that nobody knows."""
    for name, raw in feeds(folder).items():
        assert name.startswith(".feedsmith-") or raw in (old.get(name), new.get(name)), name


def check_clean(folder: Path, expected: Files) -> None:
    """These feeds, nothing else, and a history that says so."""
    assert feeds(folder) == expected
    assert strays(folder) == []
    state = folder / ".feedsmith"
    with History(state) as history:
        for name in ("one", "two", "three"):
            last = history.last_good(name, "out")
            assert {file.name: file.sha256 for file in last.files} == {
                file: hashlib.sha256(raw).hexdigest() for file, raw in expected.items() if file.startswith(name)
            }  # fmt: skip
            assert is_kept(state, last)
            assert (state / "ledgers" / last.ledger).is_file()
        assert history.unfinished() == []
    assert len(list((state / "ledgers").iterdir())) <= 6
    assert {path.name.split("-")[0] for path in state.iterdir()} <= {
        "channels", "channels.json", "headings.json", "kept", "ledgers", "lock", "runs.sqlite", "held", "issues",
    }  # fmt: skip


def numbers(total: int, share: int) -> range:
    return range(1, total + 1, share)


def sweep(order: Order, versions: tuple[Path, Files, Files], action: str, share: int) -> None:
    """Disturb a run at each call, look at what is left, and let the next run go through."""
    folder, old, new = versions
    for number in numbers(calls_of(order, folder, "export", "--workers", "1"), share):
        trial = Path(shutil.copytree(folder, folder.parent / f"trial-{number}"))
        answer = order(trial, "export", "--workers", "1", action=action, number=number)
        told = Path(f"{trial}.err.txt").read_text()
        if action == "kill":
            assert answer == {"signal": signal.SIGKILL}, number
        else:
            assert answer["code"] in {0, 8}, (number, told)
            assert "Traceback" not in told, (number, told)
        check(trial, old, new)
        again = order(trial, "export", "--workers", "1", action="count")
        assert again["code"] == 0, (number, Path(f"{trial}.out.txt").read_text(), Path(f"{trial}.err.txt").read_text())
        check_clean(trial, new)
        shutil.rmtree(trial)


@pytest.mark.parametrize("action", ["kill", "full", "fault"])
def test_a_run_disturbed_at_some_calls(order, versions, action):
    sweep(order, versions, action, SHARE)


@pytest.mark.slow
@pytest.mark.parametrize("action", ["kill", "full", "fault"])
def test_a_run_disturbed_at_every_call(order, versions, action):
    sweep(order, versions, action, 1)


@pytest.mark.parametrize("share", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_rollback_killed_at_any_call(order, versions, share):
    """Either version is there, whole; the command given again puts the earlier one in place."""
    folder, old, _ = versions
    done = Path(shutil.copytree(folder, folder.parent / "rolled"))
    order(done, "runs", "rollback", "one", "--to", "1", action="count")
    earlier = feeds(done)
    shutil.rmtree(done)
    assert earlier["one.xml"] != old["one.xml"]
    for number in numbers(calls_of(order, folder, "runs", "rollback", "one", "--to", "1"), share):
        trial = Path(shutil.copytree(folder, folder.parent / f"rollback-{number}"))
        order(trial, "runs", "rollback", "one", "--to", "1", action="kill", number=number)
        check(trial, old, earlier)
        assert order(trial, "runs", "rollback", "one", "--to", "1", action="count")["code"] == 0
        assert feeds(trial) == earlier
        assert strays(trial) == []
        shutil.rmtree(trial)


# --- at random, with workers ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_200_kills_at_random(order, versions, tmp_path):
    """The real command with two workers; the old and the new catalog in turn."""
    folder, old, new = versions
    trial = Path(shutil.copytree(folder, tmp_path / "shop"))
    texts = {True: catalog([row | {"brand": "Wijs"} for row in rows(50)]), False: (trial / "catalog.csv").read_text()}
    seed = random.SystemRandom().randrange(1 << 30)
    print("seed", seed)  # noqa: T201 - to repeat what failed
    chance = random.Random(seed)  # noqa: S311 - a seed is wanted, to repeat what failed
    for number in range(200):
        (trial / "catalog.csv").write_text(texts[number % 2 == 1])
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "feedsmith", "export", "-q", "--workers", "2"]
        process = subprocess.Popen(command, cwd=trial, env=environment, stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=chance.uniform(0.1, 2.5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        check(trial, old, new)
    (trial / "catalog.csv").write_text(texts[False])
    assert order(trial, "export", "--workers", "1", action="count")["code"] == 0
    check_clean(trial, new)
