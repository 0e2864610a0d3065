"""What runs in a worker: the one runner of the process, made when the worker starts."""

from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job, PartResult, PartTask
from feedsmith.run.part import PartRunner

_RUNNER: list[PartRunner] = []


def start_worker(job: Job, feeds: list[CompiledFeed] | None = None) -> None:
    """Make this process's runner; `feeds` are the compiled ones where this process has them already."""
    _RUNNER[:] = [PartRunner(job, feeds)]


def run_part(task: PartTask) -> PartResult:
    """Carry a part all the way."""
    return _RUNNER[0].run(task)
