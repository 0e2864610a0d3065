"""Stopping in the middle of an export: the code says by what, the scratch is gone, the earlier feed stays."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.conftest import FEED, catalog, product

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="looks for processes where Linux lists them"
)


def wait_for_part(process: subprocess.Popen[bytes], state) -> None:
    """Until a worker has left the first part in the scratch folder."""
    deadline = time.monotonic() + 30
    while not list(state.glob("run-*/*.part")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def large(exported):
    """Some 7 MB of products: enough parts to stop among them."""
    rows = catalog(product(number, description="warm en zacht " * 30) for number in range(12_000))
    (exported / "catalog.csv").write_text(rows)
    return exported


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_stopped_in_the_middle(start, large, number, code, workers):
    kept, stat = (large / FEED).read_bytes(), (large / FEED).stat()
    # A background job of a shell may have been told not to hear Ctrl-C; this one is to hear it.
    listen = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
    process = start("export", "--workers", workers, cwd=large, preexec_fn=listen)
    wait_for_part(process, large / ".feedsmith")
    workers_of_it = children(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, b"")
    assert b"stopped; the feeds that were published before stand" in err
    assert b"Traceback" not in err
    assert (large / FEED).read_bytes() == kept
    assert (large / FEED).stat().st_mtime_ns == stat.st_mtime_ns
    assert [path.name for path in (large / "out").iterdir()] == ["google_nl.xml"]
    assert not list((large / ".feedsmith").glob("run-*"))
    deadline = time.monotonic() + 10
    while [pid for pid in workers_of_it if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
