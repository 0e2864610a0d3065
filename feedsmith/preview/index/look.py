"""What runs in a worker for the preview: a part is carried as in any run, and what a list shows of it is kept."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from feedsmith.catalog.products import Products
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.rows import Memo
from feedsmith.preview.index.left import LeftBatch, OwnersIssues, leave_batches, left_batches
from feedsmith.preview.index.listed import FILTERED, IN, REJECTED, Listed, fields_listed, listed
from feedsmith.reports.store import IssueTaker
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.in_process import InProcess, collecting_seldom
from feedsmith.run.job import Job, PartResult, PartTask, Stream
from feedsmith.run.part import FeedPart, PartRunner, StreamRunner, names_read

LEFT_OUT = "filtered"
"""The code of an issue that says why a record was left out: that is its state, and nothing wrong."""


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

    `loose` counts issues of none of them, by the number of their kind. `naming` are the feeds with issues that name the
    place of a rule.
    """

    result: PartResult
    record: str
    feeds: tuple[int, ...]
    listed: list[Listed]
    kinds: list[Kind]
    loose: dict[int, int]
    naming: frozenset[int] = frozenset()

    @property
    def rows(self) -> int:
        """Records read."""
        return self.result.rows


@dataclass(frozen=True, slots=True)
class Again:
    """A pass that carries some feeds only. `changed` are their numbers, `folders` has where each other one left its."""

    changed: frozenset[int]
    folders: Mapping[int, Path]


class IndexRunner(PartRunner):
    """Runs parts as any run does, and looks on; with `again` the feeds that changed only."""

    def __init__(self, job: Job, feeds: list[CompiledFeed] | None = None, again: Again | None = None) -> None:
        self.again = again
        super().__init__(job, feeds)

    def stream_runner(self, stream: Stream) -> StreamRunner:
        """A runner that keeps what a list shows."""
        return LookingRunner(stream, self.feeds, self.again)

    def issue_writer(self, part: int) -> IssueTaker:
        """Each feed's issues go to a file of their own."""
        numbers = {feed.spec.name: at for at, feed in enumerate(self.feeds)}
        self.issues = OwnersIssues(self.job.scratch, part, numbers)
        return self.issues

    def look(self, task: PartTask) -> LookedAt:
        """Carry a part, with what was seen of it."""
        stream = self.streams[task.stream]
        if not isinstance(stream, LookingRunner):
            raise TypeError("a stream that nobody looks at")
        stream.begin(task.number)
        result = self.run(task)
        for number, batches in stream.left.items():
            leave_batches(self.job.scratch, task.number, number, batches)
        told = stream.stream
        naming = frozenset(self.issues.naming)
        return LookedAt(result, told.record, told.feeds, stream.rows, list(stream.kinds), stream.loose, naming)


class LookingRunner(StreamRunner):
    """A stream whose records are listed."""

    def __init__(self, stream: Stream, feeds: Sequence[CompiledFeed], again: Again | None = None) -> None:
        self.again = again
        self.numbers = {feeds[number].spec.name: number for number in stream.feeds}
        names = names_read(feeds[number] for number in stream.feeds) | fields_listed(stream.record)
        super().__init__(stream, dict(enumerate(feeds)), names)
        if not stream.feeds:  # nobody asks for anything: products are only listed
            self.headings, self.joiner = stream.tables[0].headings, stream.joiner()

    def begin(self, part: int) -> None:
        """Begin a part, and forget the one before."""
        self.rows: list[Listed] = []
        self.kinds: dict[Kind, int] = {}
        self.loose: dict[int, int] = {}
        again = self.again or Again(frozenset(self.stream.feeds), {})
        self.left: dict[int, list[LeftBatch | None]] = {one: [] for one in self.stream.feeds if one in again.changed}
        self.before = {
            one: left_batches(again.folders[one], part, one) for one in self.stream.feeds if one not in again.changed
        }

    def carry(self, part: FeedPart, products: Products, memo: dict[Hashable, Memo]) -> FeedBatch | None:
        """What a batch comes to in one feed, or came to the last time that the feed was carried."""
        number = self.numbers[part.feed.spec.name]
        if number not in self.before:
            return super().carry(part, products, memo)
        left = next(self.before[number])
        return left.again(part.feed, products, memo) if left is not None else None

    def seen(self, products: Products, results: list[FeedBatch | None], issues: list[Issue]) -> None:
        """Keep the rows of a batch, what became of each in each feed, and what was told of it."""
        rows = list(self._rows(products))
        self._leave(results)
        for at, (feed, result) in enumerate(zip(self.feeds, results, strict=True)):
            if result is not None and feed.names.spread is not None:
                _mark_places(rows, at, self.stream.feeds[at], result)
            elif result is not None:
                _mark(rows, at, result)
        self._count(products, rows, issues, results)
        self.rows += rows

    def _rows(self, products: Products) -> Iterator[Listed]:
        """The rows of a batch; their texts are known already where only some feeds are carried."""
        if self.again is None:
            return listed(products, len(self.feeds))
        places = map(products.batch.place, range(len(products)))
        return (Listed((), place.path, place.row or 0, [0] * len(self.feeds)) for place in places)

    def _leave(self, results: list[FeedBatch | None]) -> None:
        """Keep what the next pass needs of a batch."""
        compared = len(self.feeds) > 1
        for number, result in zip(self.stream.feeds, results, strict=True):
            if number in self.left:
                self.left[number].append(LeftBatch.of(result, compared=compared) if result is not None else None)

    def _count(
        self, products: Products, rows: list[Listed], issues: list[Issue], results: list[FeedBatch | None]
    ) -> None:
        """Count the issues by product and kind; an issue stands at the product's row, or bears its id."""
        if not issues:
            return
        places = {(row.path, row.row): row for row in rows}
        ids: dict[str, Listed] = {}
        alive = {
            feed.spec.name: at for at, (feed, result) in enumerate(zip(self.feeds, results, strict=True))
            if result is not None and feed.names.spread is None
        }  # fmt: skip
        for issue in issues:
            row = places.get((issue.place.path, issue.place.row or 0))
            if row is None and issue.product:
                ids = ids or {products.product(number): rows[number] for number in reversed(range(len(rows)))}
                row = ids.get(issue.product)
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


def _made(left: tuple[Job, Again | None]) -> IndexRunner:
    job, again = left
    return IndexRunner(job, None, again)


_RUNNER = InProcess(_made)


def start_here(runner: IndexRunner) -> None:
    """Take the runner of this process."""
    _RUNNER.take(runner)


def end_here() -> None:
    """Let the runner of this process go."""
    _RUNNER.let_go()


def start_worker(left: Path) -> None:
    """Take the job and what is to be carried of it; feeds are compiled with the first part."""
    _RUNNER.take_later(left)


def look_at_part(task: PartTask) -> LookedAt:
    """Carry a part."""
    with collecting_seldom(task.number):
        return _RUNNER.get().look(task)
