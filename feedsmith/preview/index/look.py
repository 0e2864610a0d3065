"""What runs in a worker for the preview: a part is carried as in any run, and what a list shows of it is kept."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Memo
from feedsmith.preview.index.left import LeftBatch, OwnersIssues, leave_batches, left_batches
from feedsmith.reports.store import IssueTaker
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.in_process import InProcess
from feedsmith.run.job import Job, PartResult, PartTask, Stream
from feedsmith.run.part import FeedPart, PartRunner, StreamRunner, names_read
from feedsmith.values.money import format_amount

LISTED = ("id", "title", "brand", "gtin", "item_group_id", "product_type", "price", "image_link")
"""The fields of a product that a list shows, finds or filters by."""
TEXTS = frozenset({"title", "product_type"})
FILTERED = "filtered"
NOBODY = "\0"
"""What no product is called."""


class Kind(NamedTuple):
    """What issues of one kind share. `column` is the one of the source at which they stand."""

    severity: str
    feed: str
    code: str
    field: str
    column: str


@dataclass(slots=True)
class Listed:
    """A product as a list shows it. The masks have a bit for each feed, by its number in the job.

    `told` counts its issues by the number of their kind in the part.
    """

    values: tuple[str, ...]
    path: str
    row: int
    there: int = 0
    rejected: int = 0
    filtered: int = 0
    told: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class LookedAt:
    """What a part came to. `listed` are its products in order, none for other records.

    `loose` counts issues of no product, by the number of their kind.
    """

    result: PartResult
    listed: list[Listed]
    kinds: list[Kind]
    loose: dict[int, int]

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
        return OwnersIssues(self.job.scratch, part, {feed.spec.name: at for at, feed in enumerate(self.feeds)})

    def look(self, task: PartTask) -> LookedAt:
        """Carry a part, with what was seen of it."""
        stream = self.streams[task.stream]
        if not isinstance(stream, LookingRunner):
            raise TypeError("a stream that nobody looks at")
        stream.begin(task.number)
        result = self.run(task)
        for number, batches in stream.left.items():
            leave_batches(self.job.scratch, task.number, number, batches)
        return LookedAt(result, stream.rows, list(stream.kinds), stream.loose)


class LookingRunner(StreamRunner):
    """A stream whose products are listed."""

    def __init__(self, stream: Stream, feeds: Sequence[CompiledFeed], again: Again | None = None) -> None:
        self.lists = stream.record == PRODUCT.name
        self.again = again
        self.numbers = {feeds[number].spec.name: number for number in stream.feeds}
        names = names_read(feeds[number] for number in stream.feeds) | set(LISTED if self.lists else ())
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
        rows = list(self._rows(products)) if self.lists else []
        for number, result in zip(self.stream.feeds, results, strict=True):
            if number in self.left:
                compared = len(self.feeds) > 1
                self.left[number].append(LeftBatch.of(result, compared=compared) if result is not None else None)
            if result is not None:
                _mark(rows, 1 << number, result, spread=self._spread(number))
        self._count(products, rows, issues, results)
        self.rows += rows

    def _rows(self, products: Products) -> Iterator[Listed]:
        """The rows of a batch; their texts are known already where the feeds are carried again."""
        if self.again is None:
            return _listed(products)
        places = map(products.batch.place, range(len(products)))
        return (Listed((), place.path, place.row or 0) for place in places)

    def _spread(self, number: int) -> bool:
        return self.feeds[self.stream.feeds.index(number)].names.spread is not None

    def _count(
        self, products: Products, rows: list[Listed], issues: list[Issue], results: list[FeedBatch | None]
    ) -> None:
        """Count the issues by product and kind; an issue stands at the product's row, or bears its id."""
        places = {(row.path, row.row): row for row in rows}
        ids: dict[str, Listed] = {}
        for number, one in enumerate(rows):
            ids.setdefault(products.product(number), one)
        masks = {feed.spec.name: 1 << number for number, feed in zip(self.stream.feeds, self.feeds, strict=True)}
        alive = {name for name, result in zip(masks, results, strict=True) if result is not None}
        for issue in issues:
            row = places.get((issue.place.path, issue.place.row or 0)) or ids.get(issue.product or NOBODY)
            if row is not None and issue.code == FILTERED:
                continue
            counts = self.loose if row is None else row.told
            number = self.kinds.setdefault(kind_of(issue), len(self.kinds))
            counts[number] = counts.get(number, 0) + 1
            mask = masks.get(issue.feed, 0)
            if row is not None and issue.severity is Severity.ERROR and issue.feed in alive and not row.there & mask:
                row.rejected |= mask
                row.filtered &= ~mask


def kind_of(issue: Issue) -> Kind:
    """The kind of an issue."""
    return Kind(str(issue.severity), issue.feed, issue.code, issue.field, issue.place.column or "")


def _listed(products: Products) -> Iterator[Listed]:
    """The rows of a batch."""
    columns = [products.text(name) if name in TEXTS else products.value(name) for name in LISTED]
    texts: list[list[str]] = [[printed(value) for value in column] for column in columns]
    at = LISTED.index("price")
    texts[at] = _prices(products, columns[at])
    for number, values in enumerate(zip(*texts, strict=True)):
        place = products.batch.place(number)
        yield Listed(values, place.path, place.row or 0)


def _prices(products: Products, amounts: Iterable[Any]) -> list[str]:
    currencies = products.currency_of(products.value_key("price"))
    named = currencies.values if currencies is not None else [None] * len(products)
    return [_price(amount, currency) for amount, currency in zip(amounts, named, strict=True)]


def _price(amount: Any, currency: str | None) -> str:
    if not isinstance(amount, Decimal):
        return ""
    return f"{format_amount(amount, currency)} {currency}" if currency else printed(amount)


def _mark(rows: list[Listed], mask: int, result: FeedBatch, *, spread: bool) -> None:
    """What became of each row in one feed: in it, rejected, or else filtered."""
    for number in result.rows:
        if number < len(rows):
            rows[number].there |= mask
    kept = () if spread else result.kept
    for number in kept:
        if number < len(rows) and not rows[number].there & mask:
            rows[number].rejected |= mask
    for row in rows:
        if not (row.there | row.rejected) & mask:
            row.filtered |= mask


# --- in a worker -------------------------------------------------------------------------------------------------


def _made(left: tuple[Job, Again | None]) -> IndexRunner:
    job, again = left
    return IndexRunner(job, None, again)


_RUNNER = InProcess(_made)


def start_here(runner: IndexRunner) -> None:
    """Take the runner of this process."""
    _RUNNER.take(runner)


def start_worker(left: Path) -> None:
    """Take the job and what is to be carried of it; feeds are compiled with the first part."""
    _RUNNER.take_later(left)


def look_at_part(task: PartTask) -> LookedAt:
    """Carry a part."""
    return _RUNNER.get().look(task)
