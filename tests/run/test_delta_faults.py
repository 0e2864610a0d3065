"""Whatever ends the making of a delta: whole feeds and deltas are one version each, and the next delta loses no change."""

import os
import shutil
from pathlib import Path

import pytest

from tests.run.helpers import feeds, strays
from tests.run.test_delta import OLD, Channel, run, shop, wanted
from tests.run.test_faults import SHARE, Order, calls_of, numbers
from tests.run.test_faults import order as order  # noqa: PLC0414 - a fixture

pytestmark = pytest.mark.skipif(os.name == "nt", reason="fork and SIGKILL are not for Windows")

WORDS = ("export", "--delta", "--workers", "1", "--as-of", "2026-11-22")
FIRST = {"A": (1, ""), "B": (9, ""), "C": (3, "G1"), "D": (4, "G1")}
SECOND = {"A": (7, ""), "B": (9, ""), "D": (4, "G1"), "F": (6, "")}


@pytest.fixture
def versions(tmp_path) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
    """A project with a whole feed, a delta and a new catalog; its files now, and those after the next delta."""
    folder = shop(tmp_path / "shop")
    run(folder, OLD)
    run(folder, FIRST, delta=True)
    old = feeds(folder)
    twin = Path(shutil.copytree(folder, tmp_path / "twin"))
    run(twin, SECOND, delta=True)
    (folder / "catalog.csv").write_bytes((twin / "catalog.csv").read_bytes())
    return folder, old, feeds(twin)


@pytest.mark.parametrize("action", ["kill", "full", "fault"])
@pytest.mark.parametrize("share", [SHARE, pytest.param(1, marks=pytest.mark.slow)])
def test_a_delta_disturbed_at_a_call(order: Order, versions, action, share):
    folder, old, new = versions
    for number in numbers(calls_of(order, folder, *WORDS), share):
        trial = Path(shutil.copytree(folder, folder.parent / f"trial-{number}"))
        channel = Channel(trial)
        channel.has = wanted(FIRST)
        order(trial, *WORDS, action=action, number=number)
        for name, raw in feeds(trial).items():
            assert name.startswith(".feedsmith-") or raw in (old.get(name), new.get(name)), (number, name)
        channel.fetch(delta=True)
        assert order(trial, *WORDS, action="count")["code"] == 0, number
        assert strays(trial) == []
        channel.fetch(delta=True)
        assert channel.has == wanted(SECOND), number
        shutil.rmtree(trial)
