"""A pass over the catalog that only looks: every part goes to a worker, which gives back a few figures or examples.

What is looked for is a `Survey`, a plain value that workers get a copy of. Nothing is rendered and nothing is kept.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from feedsmith.errors import Mistakes
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.engine import Engine, HereEngine, LocalEngine, running
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.many import workers_for
from feedsmith.run.parts import run_parts
from feedsmith.run.ranking import work_out_ranks
from feedsmith.run.regroup import in_groups
from feedsmith.run.request import Request
from feedsmith.run.survey_worker import Found, Survey, SurveyRunner, start_survey, start_survey_here, survey_part
from feedsmith.run.worker import leave_job
from feedsmith.sources.table import check_unchanged

Progress = Callable[[int, int, int], None]


def compiled_feeds(job: Job) -> dict[int, CompiledFeed]:
    """The feeds of the job's streams by their number.

    Raises:
        DefinitionError: a rule, a channel or a template is wrong.
    """
    numbers = [number for stream in job.streams for number in stream.feeds]
    mistakes = Mistakes()
    feeds = {number: mistakes.trying(partial(compile_feed, job, job.specs[number])) for number in numbers}
    mistakes.tell()
    return {number: feed for number, feed in feeds.items() if feed is not None}


def survey(
    request: Request, job: Job, feeds: Mapping[int, CompiledFeed], asked: Survey, progress: Progress | None = None
) -> tuple[Found, int]:
    """What a survey comes to over the whole catalog, and the records read.

    Args:
        request: says how many workers there may be.
        job: an opened job.
        feeds: its compiled feeds by their number.
        asked: what is looked for.
        progress: told after each part.

    Raises:
        SourceError: a file cannot be read to its end, or changed while it was read.
    """
    job, _ = in_groups(job, feeds, None)
    runner = SurveyRunner(job, asked, feeds)
    work_out_ranks(job, feeds, names=runner.looker.names([*feeds.values()]))
    found = runner.nothing()
    rows = done = 0
    with _engine(request, job, runner) as engine:
        for _, result in run_parts(job, engine, survey_part, None):
            found.add(result.found)
            rows += result.rows
            done += result.bytes
            if progress is not None:
                progress(done, job.bytes, rows)
    for table in (table for stream in job.streams if stream.feeds for table in stream.sources):
        check_unchanged(table)
    return found, rows


def only(job: Job, number: int) -> Job:
    """The job with that feed alone: the other streams are not read."""
    streams = tuple(
        replace(stream, feeds=tuple(one for one in stream.feeds if one == number)) for stream in job.streams
    )
    return replace(job, streams=streams)


@contextmanager
def _engine(request: Request, job: Job, runner: SurveyRunner) -> Iterator[Engine]:
    workers = workers_for(request, job.bytes)
    if workers == 1:
        yield HereEngine(start_survey_here, (runner,))
        return
    with running(LocalEngine(workers, start_survey, (leave_job(job), runner.survey))) as engine:
        yield engine
