"""One run at a time in a project."""

import os
import socket
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import msgspec
import pytest

from feedsmith.errors import LockedError, OutputError
from feedsmith.publish.lock import HOLDER, LOCK, Holder, project_lock

ROOT = Path(__file__).resolve().parents[2]
HOLD = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
sys.argv = ["/usr/bin/feedsmith", "export", "--project", "my shop"]
from pathlib import Path
from feedsmith.publish.lock import project_lock
with project_lock(Path("."), 0):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other_run(tmp_path):
    """A process that holds the lock until its input ends."""
    command = [sys.executable, "-c", textwrap.dedent(HOLD)]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_holder_is_told_while_the_lock_is_held(tmp_path):
    with project_lock(tmp_path / "state", 0):
        holder = msgspec.json.decode((tmp_path / "state" / HOLDER).read_bytes(), type=Holder)
        assert (holder.pid, holder.host) == (os.getpid(), socket.gethostname())
        assert len(holder.started) == len("2026-03-01 08:15:00")
    assert not (tmp_path / "state" / HOLDER).exists()
    with project_lock(tmp_path / "state", 0):
        pass


def test_a_second_run_learns_who_holds_the_lock(tmp_path, other_run):
    with pytest.raises(LockedError) as caught, project_lock(tmp_path, 0):
        pass
    told = str(caught.value)
    assert f"process {other_run.pid} on {socket.gethostname()}, started " in told
    assert "feedsmith export --project 'my shop'" in told
    assert "--wait SECONDS" in told
    assert caught.value.exit_code == 7
    assert (tmp_path / HOLDER).exists()


def test_a_run_that_may_wait_gets_the_lock(tmp_path, other_run):
    timer = threading.Timer(0.2, other_run.stdin.close)
    timer.start()
    with project_lock(tmp_path, 20):
        assert other_run.wait(10) == 0
    timer.join()


def test_a_killed_run_leaves_no_lock(tmp_path, other_run):
    other_run.kill()
    other_run.wait()
    assert (tmp_path / HOLDER).exists()
    with project_lock(tmp_path, 0):
        assert msgspec.json.decode((tmp_path / HOLDER).read_bytes())["pid"] == os.getpid()


def test_a_lock_of_another_machine_is_not_broken(tmp_path, other_run):
    other = Holder(1, "elsewhere.example", "2026-03-01 08:15:00", "feedsmith export")
    (tmp_path / HOLDER).write_bytes(msgspec.json.encode(other))
    with pytest.raises(LockedError, match=r"elsewhere\.example is gone for good"), project_lock(tmp_path, 0):
        pass


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"pid": "x"}', b"\xff"])
def test_an_unknown_holder_is_no_traceback(tmp_path, other_run, content):
    (tmp_path / HOLDER).unlink()
    if content is not None:
        (tmp_path / HOLDER).write_bytes(content)
    with pytest.raises(LockedError, match="another run holds"), project_lock(tmp_path, 0):
        pass


def test_the_lock_is_free_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), project_lock(tmp_path, 0):
        raise RuntimeError
    with project_lock(tmp_path, 0):
        pass


def test_two_of_one_process(tmp_path):
    with (
        project_lock(tmp_path, 0),
        pytest.raises(LockedError, match=f"process {os.getpid()}"),
        project_lock(tmp_path, 0),
    ):
        pass


@pytest.mark.parametrize("name", [LOCK, HOLDER])
def test_a_link_at_our_files_is_refused(tmp_path, name):
    (tmp_path / "victim").write_bytes(b"old")
    (tmp_path / name).symlink_to(tmp_path / "victim")
    with pytest.raises(OutputError, match="a link"), project_lock(tmp_path, 0):
        pass
    assert (tmp_path / "victim").read_bytes() == b"old"
    assert (tmp_path / name).is_symlink()


def test_a_file_in_place_of_the_state_folder(tmp_path):
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(OutputError, match="where a folder is needed"), project_lock(tmp_path / "state", 0):
        pass
