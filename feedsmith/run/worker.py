"""What runs in a worker: the one runner of the process, made when the worker starts."""

import gc

from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job, PartResult, PartTask
from feedsmith.run.part import PartRunner

_RUNNER: list[PartRunner] = []


def start_worker(job: Job, feeds: list[CompiledFeed] | None = None) -> None:
    """Make this process's runner; `feeds` are the compiled ones where this process has them already."""
    _RUNNER[:] = [PartRunner(job, feeds)]


def start_worker_process(job: Job) -> None:
    """The same in a process of its own, which looks for garbage only between two parts: see `run_part`."""
    start_worker(job)
    gc.freeze()
    gc.disable()


def run_part(task: PartTask) -> PartResult:
    """Carry a part all the way.

    A part makes millions of small lists that live for a batch; looking for cycles among them again and again would
    cost a tenth of the run.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return _RUNNER[0].run(task)
    finally:
        gc.collect()
        if was_on:
            gc.enable()
