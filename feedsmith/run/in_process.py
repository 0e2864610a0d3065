"""What a process that carries parts has one of: its runner, handed over or made with the first part."""

import gc
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

COLLECT_EACH = 10
"""Parts between two collections of garbage."""
Runner = TypeVar("Runner")


class InProcess(Generic[Runner]):
    """The runner of this process; the last one that was named counts.

    `make` makes it of what was left for workers, and of what their start was told besides.
    """

    def __init__(self, make: Callable[..., Runner]) -> None:
        self._make = make
        self._runner: Runner | None = None
        self._left: Path | None = None
        self._more: tuple[Any, ...] = ()

    def take(self, runner: Runner) -> None:
        """Take the runner of a process that has one already."""
        self._runner, self._left = runner, None

    def take_later(self, left: Path, *more: Any) -> None:
        """Make it of what lies in this file with the first part: meanwhile the coordinator tells mistakes."""
        self._runner, self._left, self._more = None, left, more

    def let_go(self) -> None:
        """Let the runner go, with the files that it holds."""
        self._runner = self._left = None

    @property
    def is_worker(self) -> bool:
        """Whether the process only carries parts for another one."""
        return self._left is not None

    def get(self) -> Runner:
        """The runner.

        Raises:
            LookupError: none was named.
        """
        if self._runner is None:
            if self._left is None:
                raise LookupError("this process has no runner yet")
            left = pickle.loads(self._left.read_bytes())  # noqa: S301 - our own file, written by this run
            self._runner = self._make(left, *self._more)
        return self._runner


def leave(value: Any, path: Path) -> Path:
    """Write what workers make their runner of where they find it.

    Handed over directly it would fill the pipe, and each worker's start would wait for the one before it.
    """
    path.write_bytes(pickle.dumps(value))
    return path


@contextmanager
def collecting_seldom(part: int) -> Iterator[None]:
    """While the part of that number is carried, no garbage is looked for.

    A part makes millions of small lists that live for a batch; looking for cycles among them again and again would
    cost a tenth of the run. The rows of a batch let go of each other by themselves; what is left is collected now and
    then.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if part % COLLECT_EACH == 0:
            gc.collect()
        if was_on:
            gc.enable()
