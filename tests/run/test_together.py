"""Many runs at once, full disks and large feeds: what is published stays whole, and memory stays bounded."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from feedsmith.run import compared
from feedsmith.run.compared import compare
from feedsmith.run.history import History
from feedsmith.run.ledger import Tracked, read_ledger, write_ledger
from tests.helpers import ROOT
from tests.run.helpers import catalog, export, feeds, rows, shop, strays

pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits and fork are not for Windows")
TOGETHER = """
import json, os, sys
from pathlib import Path
from feedsmith.errors import LockedError
from feedsmith.run.execute import execute
from feedsmith.run.request import Request

folder, number = Path(sys.argv[1]), int(sys.argv[2])
go, ready = os.pipe()
answers = []
for _ in range(number):
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(ready)
        os.read(go, 1)  # all wait for the same end of this pipe
        try:
            report = execute(Request(project=folder, here=folder, write=True, workers=1), lambda report: 0)
            answer = [str(feed.state) for feed in report.feeds]
        except LockedError as error:
            answer = error.exit_code
        os.write(writer, json.dumps(answer).encode())
        os._exit(0)
    os.close(writer)
    answers.append(reader)
os.close(ready)
print(json.dumps([json.loads(os.fdopen(reader, "rb").read()) for reader in answers]))
"""


@pytest.mark.parametrize("number", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_of_runs_that_start_together_one_publishes_and_the_others_leave(tmp_path, number):
    folder = shop(tmp_path / "shop", rows(3000), envelope="{items: 1000}")
    command = [sys.executable, "-c", TOGETHER, str(folder), str(number)]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True)
    answers = json.loads(ended.stdout)
    assert sorted(map(str, answers)) == sorted(["7"] * (number - 1) + [str(["published"] * 3)])
    twin = shop(tmp_path / "twin", rows(3000), envelope="{items: 1000}")
    export(twin)
    assert feeds(folder) == feeds(twin)
    assert strays(folder) == []
    with History(folder / ".feedsmith") as history:
        assert [run.exit_code for run in history.runs()] == [0]


def full_disk(folder: Path, kilobytes: int, command: str) -> list[str]:
    """The command with that much room: on a small disk of its own where the system lets us make one, else by a limit
    on each file."""
    mount = f"mount -t tmpfs -o size={kilobytes}k none {shlex.quote(str(folder / 'out'))}"
    probe = None
    if (unshare := shutil.which("unshare")) is not None:
        probe = subprocess.run([unshare, "-rm", "sh", "-c", mount], capture_output=True, check=False)
    if probe is None or probe.returncode:
        return ["sh", "-c", f"ulimit -f {kilobytes * 2}; {command}"]
    # what lies in the folder is carried over, so that there is a version to lose
    carry = f"cp -R out .kept && {mount} && cp -R .kept/. out/"
    look = "cp -R out/. .kept/; find .kept -name '.feedsmith-*' -delete"
    return ["unshare", "-rm", "sh", "-c", f"{carry}; {command}; code=$?; {look}; exit $code"]


def test_a_full_disk_leaves_the_last_version(tmp_path):
    folder = shop(tmp_path / "shop", rows(200))
    export(folder)
    before = feeds(folder)
    (folder / "catalog.csv").write_text(catalog([row | {"brand": "Zeer lang " * 9} for row in rows(250)]))
    room = sum(map(len, before.values())) // 1000 + 20
    command = f"{shlex.quote(sys.executable)} -m feedsmith export --workers 1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        full_disk(folder, room, command), cwd=folder, env=environment, capture_output=True, check=False
    )
    assert ended.returncode == 8, (ended.stdout, ended.stderr)
    assert b"Traceback" not in ended.stderr
    after = (
        feeds(folder)
        if not (folder / ".kept").exists()
        else {path.name: path.read_bytes() for path in (folder / ".kept").iterdir()}
    )
    assert {name: raw for name, raw in after.items() if name in before} == before
    assert export(folder).states == ["published"] * 3


def ledger(path: Path, number: int, first: int) -> Path:
    """A ledger of so many items, in stretches as parts leave them."""

    def stretches() -> Iterator[bytes]:
        for start in range(first, first + number, 10_000):
            ids = [f"SKU-{nr:09d}" for nr in range(start, start + 10_000)]
            yield Tracked(ids, [f"{nr % 997}.95" for nr in range(10_000)], ["EUR"] * 10_000, ["i"] * 10_000).packed()

    write_ledger(path, stretches())
    return path


@pytest.mark.parametrize(
    ("number", "at_once", "megabytes"),
    [(40_000, 8_000, 15), pytest.param(500_000, 50_000, 40, marks=pytest.mark.slow)],
)
def test_memory_of_a_comparison_does_not_grow_with_the_feed(tmp_path, monkeypatch, number, at_once, megabytes):
    """All ids of the second version lie elsewhere in the file than in the first."""
    monkeypatch.setattr(compared, "AT_ONCE", at_once)
    old, new = ledger(tmp_path / "old.zst", number, 0), ledger(tmp_path / "new.zst", number, 10_000)
    tracemalloc.start()
    found = compare(lambda: read_ledger(old), lambda: read_ledger(new), number, Decimal(20))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.gone, found.added, found.moved) == (10_000, 10_000, 0)
    assert most < megabytes * 1_000_000
