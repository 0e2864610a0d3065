"""What runs in a worker: the one runner of the process, made when the worker starts."""

from feedsmith.run.job import Job, PartResult, PartTask
from feedsmith.run.part import PartRunner

_RUNNER: list[PartRunner] = []


def start_worker(job: Job) -> None:
    """Compile the job's feeds in this process."""
    _RUNNER[:] = [PartRunner(job)]


def run_part(task: PartTask) -> PartResult:
    """Carry a part all the way."""
    return _RUNNER[0].run(task)
