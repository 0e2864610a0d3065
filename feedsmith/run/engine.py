"""Where parts are worked on: in this process, or in local processes. An engine maps a function over tasks.

`ProcessPoolExecutor` with spawn: `multiprocessing.Pool` waits for ever when a worker is killed. A killed worker's
tasks are given to a new pool once.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import wait
from types import FrameType
from typing import Any, Protocol, TypeVar

from feedsmith.errors import FeedsmithError

Task = TypeVar("Task")
Result = TypeVar("Result")

FORKSERVER = sys.platform == "linux"
"""Workers are forked from a fresh process that has imported what they need, and nothing else: it has no threads, which
fork would not carry along. Elsewhere each worker starts anew and imports for itself."""
WORKER_ENVIRONMENT = {
    "PYTHONSAFEPATH": "1",  # what lies in the folder where the command is given is not imported
    "PYTHONHASHSEED": "0",  # all workers must hash alike: set checks compare their hashes
    "MALLOC_TRIM_THRESHOLD_": "268435456",  # the C library keeps the memory of a batch for the next one: handing
    "MALLOC_MMAP_THRESHOLD_": "33554432",  # it back and asking anew costs a third of the system's time
}
AHEAD = 3
"""Tasks that wait for each worker, so that none is idle and few results are held."""


class WorkerLostError(FeedsmithError):
    """Workers were killed twice, most often because memory ran out."""

    exit_code = 5


def start_server(module: str) -> None:
    """Start the process that workers are forked from, where there is one; it imports `module`. Does not wait."""
    if FORKSERVER:
        os.environ |= WORKER_ENVIRONMENT
        forkserver.set_forkserver_preload([module])
        forkserver.ensure_running()


class Engine(Protocol):
    """Runs tasks. Results come in the order of the tasks; the first error of the lowest task is raised."""

    def map(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """The results of `function(task)`, in order."""

    def cancel(self) -> None:
        """Stop at once; nothing more is handed out."""

    def close(self) -> None:
        """Let the workers go."""


class HereEngine:
    """Runs tasks in this process, one after the other. `start` is called once, as in a worker."""

    def __init__(self, start: Callable[..., None] | None = None, arguments: tuple[Any, ...] = ()) -> None:
        if start is not None:
            start(*arguments)

    def map(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """The results of `function(task)`, in order."""
        return map(function, tasks)

    def cancel(self) -> None:
        """Nothing runs between two results."""

    def close(self) -> None:
        """Nothing is held."""


class LocalEngine:
    """Runs tasks in local processes. `start` is called once in each, with `arguments`, before its first task."""

    def __init__(self, workers: int, start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self.workers, self.start, self.arguments = workers, start, arguments
        self.pool = self._new_pool()
        self.replaced = False

    def warm_up(self) -> None:
        """Let what takes time begin now, so that workers are ready when the first task comes. Does not wait."""
        if FORKSERVER:
            start_server(self.start.__module__)
            return
        for _ in range(self.workers):
            self.pool.submit(_nothing)

    def _new_pool(self) -> ProcessPoolExecutor:
        os.environ |= WORKER_ENVIRONMENT
        context = multiprocessing.get_context("forkserver" if FORKSERVER else "spawn")
        return ProcessPoolExecutor(self.workers, context, initializer=_begin, initargs=(self.start, self.arguments))

    def map(self, function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Any]:
        """The results of `function(task)`, in order, with a few tasks under way.

        Tasks are asked for ahead of the results: what goes wrong there is raised after the results before it.
        """
        waiting: deque[tuple[Any, Future[Any]]] = deque()
        source = _Tasks(tasks)
        try:
            while True:
                while len(waiting) < self.workers * AHEAD and (task := source.next()) is not None:
                    waiting.append((task, self._submit(function, task, waiting)))
                if not waiting:
                    source.raise_failure()
                    return
                yield self._result(function, waiting)
        finally:
            for _, future in waiting:  # nobody wants them any more
                future.cancel()

    def _submit(
        self, function: Callable[[Any], Any], task: Any, waiting: deque[tuple[Any, Future[Any]]]
    ) -> Future[Any]:
        try:
            return self._handed(function, task)
        except BrokenProcessPool as error:
            self._replace(function, waiting, error)
            return self._handed(function, task)

    def _handed(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """The task, given to the pool, which may start a process for it."""
        with _signals_wait():
            return self.pool.submit(function, task)

    def _result(self, function: Callable[[Any], Any], waiting: deque[tuple[Any, Future[Any]]]) -> Any:
        while True:
            try:
                result = waiting[0][1].result()
            except BrokenProcessPool as error:
                self._replace(function, waiting, error)
            else:
                waiting.popleft()
                return result

    def _replace(
        self, function: Callable[[Any], Any], waiting: deque[tuple[Any, Future[Any]]], error: BrokenProcessPool
    ) -> None:
        """A new pool, once, with everything that was not finished."""
        if self.replaced:
            hint = "give the run more memory, or fewer workers by --workers"
            raise WorkerLostError(None, "worker processes were killed twice", hint) from error
        self.replaced = True
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = self._new_pool()
        unfinished = [task for task, _ in waiting]
        waiting.clear()
        waiting.extend((task, self._handed(function, task)) for task in unfinished)

    def cancel(self) -> None:
        """End the workers at once."""
        processes = list((self.pool._processes or {}).values())  # noqa: SLF001 - the executor has no way to end its processes
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:  # what they write must be done before the scratch folder is removed
            process.join()

    def close(self) -> None:
        """Wait for the workers to end."""
        self.pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def running(engine: LocalEngine) -> Iterator[LocalEngine]:
    """The engine while it is worked with: its workers are let go in the end, and ended at once where that fails."""
    try:
        yield engine
    except BaseException:
        engine.cancel()
        raise
    engine.close()


class _Tasks:
    """Tasks one by one; where asking for one fails, there are no more, and the failure waits to be raised."""

    def __init__(self, tasks: Iterable[Any]) -> None:
        self._tasks = iter(tasks)
        self._failure: Exception | None = None

    def next(self) -> Any | None:
        """The next task, or none."""
        if self._failure is not None:
            return None
        try:
            return next(self._tasks, None)
        except Exception as error:  # noqa: BLE001 - raised again, in its turn
            self._failure = error
            return None

    def raise_failure(self) -> None:
        """Raise what went wrong, if anything did."""
        if self._failure is not None:
            raise self._failure


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Signals are heard at the end: a process whose start is cut short would be unknown to the pool, and complain."""
    caught: list[tuple[int, FrameType | None]] = []

    def wait_with(number: int, frame: FrameType | None) -> None:
        caught.append((number, frame))

    kept: dict[int, Callable[[int, FrameType | None], Any]] = {}
    if threading.current_thread() is threading.main_thread():
        for one in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(one)
            if callable(handler):
                kept[one] = handler
                signal.signal(one, wait_with)
    try:
        yield
    finally:
        for known, handler in kept.items():
            signal.signal(known, handler)
        for number, frame in caught:
            kept[number](number, frame)


def _begin(start: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """In a new worker: leave interrupts to the coordinator, and leave when it is gone (killed, it cannot say so)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()
    start(*arguments)


def _nothing() -> None:
    """A task that only needs a worker."""


def _leave_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
