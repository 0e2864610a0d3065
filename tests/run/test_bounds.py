"""Limits of the machine: memory that does not grow with the catalog, a disk that takes no more."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers import ROOT
from tests.run.helpers import catalog, export, rows, shop, stamps, strays

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, sets limits of Linux")
COMMAND = [sys.executable, "-m", "feedsmith", "export", "--quiet", "--workers", "2"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def large(folder: Path, number: int) -> Path:
    """A project with so many products of some 400 bytes."""
    return shop(folder, catalog([row | {"title": row["title"] + " zacht" * 50} for row in rows(number)]))


def family(pid: int) -> list[int]:
    """The process and those below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(text) for text in children.read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(one for child in found for one in family(child))]


def held(pid: int) -> int:
    """Kilobytes of a process; pages that several share count in parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def peak(folder: Path) -> int:
    """The most kilobytes that an export and its workers held at one time."""
    most = 0
    with subprocess.Popen(COMMAND, cwd=folder, env=ENVIRONMENT) as process:
        while process.poll() is None:
            most = max(most, sum(map(held, family(process.pid))))
            time.sleep(0.03)
    assert process.returncode == 0
    return most


@pytest.mark.slow
def test_memory_does_not_grow_with_the_catalog(tmp_path):
    small, big = (peak(large(tmp_path / str(number), number)) for number in (20_000, 100_000))
    assert small > 50_000
    assert big < small * 1.2


@pytest.mark.parametrize("most", [0, 60_000], ids=lambda most: f"{most} bytes")
def test_a_disk_that_takes_no_more(tmp_path, most):
    """A limit on the size of files stands for the full disk: it hits the first file that grows beyond it."""
    folder = shop(tmp_path, rows(5))
    export(folder)
    before = stamps(folder)
    (folder / "catalog.csv").write_text(catalog(rows(2000)))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # noqa: E731
    ended = subprocess.run(COMMAND, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False, preexec_fn=limit)
    assert ended.returncode == 8, ended
    assert f"{folder / '.feedsmith'}".encode() in ended.stderr
    assert b": the file grew larger than allowed" in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert stamps(folder) == before
    assert strays(folder) == []
    ended = subprocess.run(COMMAND, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert stamps(folder) != before
