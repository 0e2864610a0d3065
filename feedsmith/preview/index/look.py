"""What runs in a worker for the preview: a part is carried as in any run, and what a list shows of it is kept."""

import pickle
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from feedsmith.catalog.products import Products
from feedsmith.issues import Issue, Severity
from feedsmith.preview.index.listed import FILTERED, IN, REJECTED, Listed, fields_listed, listed
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.job import PartResult, PartTask, Stream
from feedsmith.run.part import PartRunner, StreamRunner, names_read

LEFT_OUT = "filtered"
"""The code of an issue that says why a record was left out: that is its state, and nothing wrong."""
NOBODY = "\0"
"""What no product is called."""

_JOB: list[Path] = []
_RUNNER: "list[IndexRunner]" = []


class Kind(NamedTuple):
    """What issues of one kind share. `column` is the one of the source at which they stand."""

    severity: str
    feed: str
    code: str
    field: str
    column: str


@dataclass(slots=True)
class LookedAt:
    """What a part came to. `listed` are its records in order, all of the kind `record`; `feeds` are those it went into.

    `loose` counts issues of none of them, by the number of their kind.
    """

    result: PartResult
    record: str
    feeds: tuple[int, ...]
    listed: list[Listed]
    kinds: list[Kind]
    loose: dict[int, int]

    @property
    def rows(self) -> int:
        """Records read."""
        return self.result.rows


class IndexRunner(PartRunner):
    """Runs parts as any run does, and looks on."""

    def stream_runner(self, stream: Stream) -> StreamRunner:
        """A runner that keeps what a list shows."""
        return LookingRunner(stream, self.feeds)

    def look(self, task: PartTask) -> LookedAt:
        """Carry a part, with what was seen of it."""
        stream = self.streams[task.stream]
        if not isinstance(stream, LookingRunner):
            raise TypeError("a stream that nobody looks at")
        stream.begin()
        result = self.run(task)
        told = stream.stream
        return LookedAt(result, told.record, told.feeds, stream.rows, list(stream.kinds), stream.loose)


class LookingRunner(StreamRunner):
    """A stream whose records are listed."""

    def __init__(self, stream: Stream, feeds: Sequence[CompiledFeed]) -> None:
        names = names_read(feeds[number] for number in stream.feeds) | fields_listed(stream.record)
        super().__init__(stream, dict(enumerate(feeds)), names)
        self.begin()

    def begin(self) -> None:
        """Forget the part before."""
        self.rows: list[Listed] = []
        self.kinds: dict[Kind, int] = {}
        self.loose: dict[int, int] = {}

    def seen(self, products: Products, results: list[FeedBatch | None], issues: list[Issue]) -> None:
        """Keep the rows of a batch, what became of each in each feed, and what was told of it."""
        rows = list(listed(products, len(self.feeds)))
        for at, (feed, result) in enumerate(zip(self.feeds, results, strict=True)):
            if result is not None and feed.names.spread is not None:
                _mark_places(rows, at, self.stream.feeds[at], result)
            elif result is not None:
                _mark(rows, at, result)
        self._count(products, rows, issues, results)
        self.rows += rows

    def _count(
        self, products: Products, rows: list[Listed], issues: list[Issue], results: list[FeedBatch | None]
    ) -> None:
        """Count the issues by product and kind; an issue stands at the product's row, or bears its id."""
        places = {(row.path, row.row): row for row in rows}
        ids: dict[str, Listed] = {}
        for number, one in enumerate(rows):
            ids.setdefault(products.product(number), one)
        alive = {
            feed.spec.name: at for at, (feed, result) in enumerate(zip(self.feeds, results, strict=True))
            if result is not None and feed.names.spread is None
        }  # fmt: skip
        for issue in issues:
            row = places.get((issue.place.path, issue.place.row or 0)) or ids.get(issue.product or NOBODY)
            if row is not None and issue.code == LEFT_OUT:
                continue
            counts = self.loose if row is None else row.told
            number = self.kinds.setdefault(kind_of(issue), len(self.kinds))
            counts[number] = counts.get(number, 0) + 1
            at = alive.get(issue.feed)
            if row is not None and issue.severity is Severity.ERROR and at is not None and row.states[at] != IN:
                row.states[at] = REJECTED


def kind_of(issue: Issue) -> Kind:
    """The kind of an issue."""
    return Kind(str(issue.severity), issue.feed, issue.code, issue.field, issue.place.column or "")


def _mark(rows: list[Listed], at: int, result: FeedBatch) -> None:
    """What became of each row in one feed: in it, rejected, or else filtered."""
    states = [FILTERED] * len(rows)
    for number in result.kept:
        states[number] = REJECTED
    for number in result.rows:
        states[number] = IN
    for row, state in zip(rows, states, strict=True):
        row.states[at] = state


def _mark_places(rows: list[Listed], at: int, feed: int, result: FeedBatch) -> None:
    """What became of each row in all places of one feed; one that no place has anything of is filtered."""
    origins = result.tell.rows
    taken, there = Counter(origins), Counter(result.rows)
    kept = Counter(map(origins.__getitem__, result.kept))
    for number, row in enumerate(rows):
        counts = (there[number], kept[number] - there[number], taken[number] - kept[number])
        row.states[at] = sum(bit for bit, count in zip((IN, REJECTED, FILTERED), counts, strict=True) if count)
        if any(counts):
            row.places[feed] = counts
        else:
            row.states[at] = FILTERED


# --- in a worker -------------------------------------------------------------------------------------------------


def start_here(runner: IndexRunner) -> None:
    """Take the runner of this process."""
    _RUNNER[:] = [runner]


def start_worker(job: Path) -> None:
    """Take the job; feeds are compiled with the first part."""
    _JOB[:] = [job]
    _RUNNER.clear()


def look_at_part(task: PartTask) -> LookedAt:
    """Carry a part."""
    if not _RUNNER:
        _RUNNER.append(IndexRunner(pickle.loads(_JOB[0].read_bytes())))  # noqa: S301 - our own file, written by this run
    return _RUNNER[0].look(task)
