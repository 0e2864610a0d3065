"""What runs in a worker to look through a catalog: one survey over the batches of each part."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from feedsmith.catalog.products import Products
from feedsmith.mapping.rows import Memo
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.in_process import InProcess
from feedsmith.run.job import Job, PartTask
from feedsmith.run.part import StreamRunner


class Found(Protocol):
    """What a survey gathers; small, whatever the catalog's size."""

    def add(self, other: Any) -> None:
        """Add what a later part came to."""


class Looker(Protocol):
    """A survey made ready: its expressions are compiled."""

    def names(self, feeds: list[CompiledFeed]) -> set[str]:
        """The names that it reads, of a stream with these feeds."""

    def nothing(self) -> Found:
        """What was found before the first batch."""

    def look(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> Found:
        """What a batch came to, as this feed sees it."""


class Survey(Protocol):
    """What is looked for, as a plain value."""

    def looker(self, job: Job, feeds: Mapping[int, CompiledFeed]) -> Looker:
        """Make it ready in a process that has compiled the feeds.

        Raises:
            DefinitionError: an expression is wrong.
        """


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """What a part came to."""

    rows: int
    bytes: int
    found: Any


class SurveyRunner:
    """Runs parts; made once in each worker."""

    def __init__(self, job: Job, survey: Survey, feeds: Mapping[int, CompiledFeed] | None = None) -> None:
        self.survey = survey
        numbers = [number for stream in job.streams for number in stream.feeds]
        self.feeds = feeds or {number: compile_feed(job, job.specs[number]) for number in numbers}
        self.looker = survey.looker(job, self.feeds)
        self.streams = [
            StreamRunner(stream, self.feeds, self.looker.names([self.feeds[number] for number in stream.feeds]))
            if stream.feeds
            else None
            for stream in job.streams
        ]

    def nothing(self) -> Found:
        """What was found before the first batch."""
        return self.looker.nothing()

    def run(self, task: PartTask) -> SurveyResult:
        """Look through one part, once for each feed of its stream."""
        stream = self.streams[task.stream]
        if stream is None:
            raise RuntimeError("a part of a stream without feeds")
        found = self.nothing()
        rows = 0
        for batch in stream.batches(task):
            rows += len(batch)
            products = stream.conformer.conform(batch)
            memo: dict[Hashable, Memo] = {}
            for feed in stream.feeds:
                found.add(self.looker.look(feed, products, memo))
        return SurveyResult(rows, task.part.end - task.part.start, found)


_RUNNER = InProcess(SurveyRunner)


def start_survey_here(runner: SurveyRunner) -> None:
    """Take the runner of a process that has one already."""
    _RUNNER.take(runner)


def start_survey(job: Path, survey: Survey) -> None:
    """Take the job and the survey; feeds are compiled with the first part."""
    _RUNNER.take_later(job, survey)


def survey_part(task: PartTask) -> SurveyResult:
    """Look through a part."""
    return _RUNNER.get().run(task)
