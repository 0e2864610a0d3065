"""One run at a time in a project: a lock that the system frees when its process ends, however it ends."""

import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from feedsmith.errors import LockedError
from feedsmith.issues import Place
from feedsmith.publish.folder import Staging, prepare_folder
from feedsmith.publish.refusals import refusals

LOCK = "lock"
HOLDER = "lock.json"
"""Who holds the lock. Not in the lock file itself: Windows lets nobody read a locked file."""


class Holder(msgspec.Struct, frozen=True):
    """The run that holds a lock. `started` is in UTC, as `2026-03-01 08:15:00`; `command` as typed."""

    pid: int
    host: str
    started: str
    command: str


@contextmanager
def project_lock(folder: Path, wait: float) -> Iterator[None]:
    """Hold the lock of the project whose state is in `folder`; made if missing.

    Args:
        folder: the project's state folder.
        wait: seconds to wait for another run; 0 tries once.

    Raises:
        LockedError: another run holds it; the message says who.
        OutputError: the folder cannot be written.
    """
    prepare_folder(folder)
    lock = FileLock(folder / LOCK, fallback_to_soft=False)
    with refusals(folder / LOCK):
        try:
            lock.acquire(timeout=max(wait, 0))
        except Timeout as error:
            raise _locked(folder) from error
    try:
        _tell_holder(folder)
        try:
            yield
        finally:
            with suppress(OSError):  # a holder told too long is no reason to keep the lock
                (folder / HOLDER).unlink()
    finally:
        lock.release()


def holder_of(folder: Path) -> Holder | None:
    """The run that holds the lock, as far as it says so and its process is there; a killed one left its word behind."""
    try:
        holder = msgspec.json.decode((folder / HOLDER).read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None
    if holder.host == socket.gethostname() and not _is_there(holder.pid):
        return None
    return holder


def _is_there(pid: int) -> bool:
    if os.name == "nt":  # asking there would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line() -> str:
    """The command that this process runs, as one would type it."""
    program = Path(sys.argv[0]).name
    return shlex.join(["feedsmith" if program == "__main__.py" else program, *sys.argv[1:]])


def _tell_holder(folder: Path) -> None:
    started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    command = command_line()
    with Staging(folder, HOLDER) as staging:
        staging.file.write(msgspec.json.encode(Holder(os.getpid(), socket.gethostname(), started, command)))
        staging.commit(HOLDER)


def _locked(folder: Path) -> LockedError:
    """Who holds the lock; unknown for the moment between taking the lock and saying so."""
    try:
        holder = msgspec.json.decode((folder / HOLDER).read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return LockedError(Place(str(folder / LOCK)), "another run holds this project's lock", _hint("another machine"))
    problem = (
        f"another run holds this project's lock: process {holder.pid} on {holder.host}, "
        f"started {holder.started} UTC: {holder.command}"
    )
    return LockedError(Place(str(folder / LOCK)), problem, _hint(holder.host))


def _hint(host: str) -> str:
    """A lock of this machine frees itself; one over a network may outlive its machine."""
    if host == socket.gethostname():
        return "wait until it ends, or give `--wait SECONDS`"
    return f"wait until it ends, or give `--wait SECONDS`; if {host} is gone for good, remove the lock file"
