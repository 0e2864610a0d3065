"""Runs the command in processes of its own, and ends them or refuses them the disk at the n-th call that touches it.

A script: each line on standard input is an order in JSON, each line on standard output what became of it. Processes are
forked from one that has imported everything, so that hundreds of runs take seconds.
"""

import errno
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from feedsmith.cli.main import main
from feedsmith.run import execute, history, worker  # noqa: F401 - imported before the first fork

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
TAKING = frozenset({"open", "os.mkdir", "os.rename", "os.link", "fsync", "commit"})
"""Calls that a full disk refuses."""
GIVING = frozenset({"os.remove", "os.rmdir"})
ARMED: dict[str, object] = {}
COUNTED = [0]


def hook(event: str, arguments: tuple[object, ...]) -> None:
    """Counts the calls that touch the project's disk."""
    if not ARMED or event not in TAKING | GIVING or not str(arguments[0]).startswith(str(ARMED["folder"])):
        return
    if event == "open" and not int(str(arguments[2])) & WRITING:
        return
    step(event)


def step(event: str) -> None:
    """The next call: does what was ordered when it is the one."""
    COUNTED[0] += 1
    action, number = ARMED["action"], int(str(ARMED["number"]))
    if action == "kill" and COUNTED[0] == number:
        os.kill(os.getpid(), signal.SIGKILL)
    refuses = (action == "full" and COUNTED[0] >= number and event in TAKING) or (
        action == "fault" and COUNTED[0] == number
    )
    if refuses and event == "commit":
        raise sqlite3.OperationalError("database or disk is full")
    if refuses:
        code = errno.ENOSPC if action == "full" else errno.EIO
        raise OSError(code, os.strerror(code))


@contextmanager
def counted_change(self: history.History) -> Iterator[sqlite3.Connection]:
    """A change of the history, which is a call as well: before it, and after it."""
    with real_change(self) as change:
        with history.told(self.path):
            step("commit")
        yield change
    if ARMED["action"] == "kill":
        step("commit")


real_change, real_fsync = history.History._change, os.fsync


def counted_fsync(descriptor: int) -> None:
    """An fsync, which Python does not tell its hooks of."""
    step("fsync")
    real_fsync(descriptor)


def run(order: dict[str, object], answer: int) -> None:
    """Run the ordered command in this process, which ends with it."""
    folder = str(order["folder"])
    os.chdir(folder)
    for number, name in ((1, "out.txt"), (2, "err.txt")):
        os.dup2(os.open(f"{folder}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.argv = ["feedsmith", *map(str, order["words"])]  # type: ignore[call-overload]
    os.fsync, history.History._change = counted_fsync, counted_change  # type: ignore[assignment,method-assign]
    ARMED.update(order, folder=f"{folder}/")
    code: object = 70
    try:
        main()
    except SystemExit as end:
        code = end.code
    ARMED.clear()
    sys.stderr.flush()
    os.write(answer, json.dumps({"code": code, "calls": COUNTED[0]}).encode())
    os._exit(0)


def serve() -> None:
    """Carry out orders until there are none."""
    sys.addaudithook(hook)
    for line in sys.stdin:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            run(json.loads(line), writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            answer = file.read()
        _, status = os.waitpid(pid, 0)
        result = json.loads(answer) if answer else {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
        print(json.dumps(result), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    serve()
