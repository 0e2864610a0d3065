"""What runs in a worker to see how well a catalog fits each channel: checks only, nothing is rendered, figures only."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feedsmith.catalog.products import Products
from feedsmith.issues import Severity
from feedsmith.mapping.rows import Memo
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.in_process import InProcess
from feedsmith.run.job import Job, PartTask
from feedsmith.run.part import StreamRunner


@dataclass(slots=True)
class Figures:
    """How a feed's items fared.

    `alone` counts by field the items all of whose errors are of it, `any_` those that have an error of it; a rule that
    failed counts under the empty name.
    """

    taken: int = 0
    filtered: int = 0
    ready: int = 0
    alone: Counter[str] = field(default_factory=Counter)
    any_: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Figures") -> None:
        """Add those of another part."""
        self.taken += other.taken
        self.filtered += other.filtered
        self.ready += other.ready
        self.alone += other.alone
        self.any_ += other.any_


@dataclass(frozen=True, slots=True)
class FitResult:
    """What a part came to, by the number of the feed."""

    stream: int
    rows: int
    bytes: int
    figures: dict[int, Figures]


class FitRunner:
    """Runs parts; made once in each worker."""

    def __init__(self, job: Job, feeds: Mapping[int, CompiledFeed] | None = None) -> None:
        numbers = [number for stream in job.streams for number in stream.feeds]
        self.feeds = feeds or {number: compile_feed(job, job.specs[number]) for number in numbers}
        self.streams = [StreamRunner(stream, self.feeds) if stream.feeds else None for stream in job.streams]

    def run(self, task: PartTask) -> FitResult:
        """Check one part in all feeds of its stream."""
        stream = self.streams[task.stream]
        if stream is None:
            raise RuntimeError("a part of a stream without feeds")
        figures = {number: Figures() for number in stream.stream.feeds}
        rows = 0
        for batch in stream.batches(task):
            rows += len(batch)
            products = stream.conformer.conform(batch)
            memo: dict[Hashable, Memo] = {}
            for number, found in figures.items():
                found.add(figures_of(self.feeds[number], products, memo))
        return FitResult(task.stream, rows, task.part.end - task.part.start, figures)


def figures_of(feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> Figures:
    """How a batch fares in a feed; checks over the whole feed, such as repeated keys, are not asked."""
    whole, reasons = feed.left_out(products, memo)
    rows, kept = feed.without(whole, reasons)
    items, ledger = feed.items(products, rows)
    wrong: dict[int, set[str]] = {}
    for finding in ledger.findings:
        if finding.consequence == "reject":
            wrong.setdefault(finding.row, set()).add(finding.field.partition(".")[0])
    for failure in rows.failures:
        if failure.severity is Severity.ERROR:
            wrong.setdefault(failure.row, set()).add("")
    figures = Figures(whole.size, whole.size - len(kept), len(kept) - len(wrong))
    for fields in wrong.values():
        figures.any_.update(fields)
        if len(fields) == 1:
            figures.alone.update(fields)
    for released in (items, rows, whole):
        released.release()
    return figures


_RUNNER = InProcess(FitRunner)


def start_fit_here(job: Job, feeds: Mapping[int, CompiledFeed]) -> None:
    """Make the runner of a process that has compiled the feeds already."""
    _RUNNER.take(FitRunner(job, feeds))


def start_fit(job: Path) -> None:
    """Take the job; feeds are compiled with the first part."""
    _RUNNER.take_later(job)


def fit_part(task: PartTask) -> FitResult:
    """Check a part."""
    return _RUNNER.get().run(task)
