"""What runs in a worker: the one runner of the process, made when the worker starts."""

import gc
from pathlib import Path

from feedsmith.errors import FeedsmithError, OutputError, RenderError
from feedsmith.run.decide import Decided, DecideTask, decide
from feedsmith.run.delta.task import DeltaFound, DeltaTask, find_delta
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.in_process import InProcess, collecting_seldom, leave
from feedsmith.run.job import Job, PartResult, PartTask, RedoTask
from feedsmith.run.memory import give_back
from feedsmith.run.part import PartRunner
from feedsmith.run.ranking import PartEntries, Ranker
from feedsmith.run.scratch import Section


def _made(job: Job) -> PartRunner:
    runner = PartRunner(job)
    gc.freeze()  # what is there now stays to the end: no need to look at it again
    return runner


_RUNNER = InProcess(_made)
_RANKER: list[Ranker] = []


def start_worker(job: Job, feeds: list[CompiledFeed]) -> None:
    """Make the runner of a process that has compiled its feeds already."""
    _RUNNER.take(PartRunner(job, feeds))
    _RANKER.clear()


def leave_job(job: Job) -> Path:
    """Write the job where workers find it."""
    return leave(job, job.scratch / "job")


def start_worker_process(job: Path) -> None:
    """Take the job. Feeds are compiled with the first part: the coordinator compiles them too, and tells mistakes."""
    _RUNNER.take_later(job)
    _RANKER.clear()


def rank_part(task: PartTask) -> PartEntries:
    """Read a part for the ranks of all feeds."""
    if not _RANKER:
        runner = _RUNNER.get()
        _RANKER.append(Ranker(runner.job, dict(enumerate(runner.feeds))))
    return _RANKER[0].run(task)


def decide_feed(task: DecideTask) -> Decided:
    """Run a feed's set checks. A process that is a worker only gives back first what its batches took."""
    if _RUNNER.is_worker:
        give_back()
    return decide(task)


def redo_part(task: RedoTask) -> Section:
    """Carry a part once more for one feed, without some of its products."""
    return _RUNNER.get().redo(task)


def delta_of(task: DeltaTask) -> DeltaFound | FeedsmithError:
    """What changed in a feed since its channel was sent it; where that cannot be told, why the feed fails."""
    feed = _RUNNER.get().streams[task.stream].feeds[task.feed]
    try:
        return find_delta(task, feed)
    except (OutputError, RenderError) as error:
        return error


def run_part(task: PartTask) -> PartResult:
    """Carry a part all the way."""
    with collecting_seldom(task.number):
        return _RUNNER.get().run(task)
