"""One part of the catalog, carried all the way by one worker: read, mapped, checked, rendered, read back."""

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from feedsmith.catalog.conform import Conformer
from feedsmith.catalog.products import Products
from feedsmith.checks.sets import Key
from feedsmith.errors import RenderError
from feedsmith.issues import Issue, Place
from feedsmith.mapping.rows import Memo
from feedsmith.render.encoding import encode, encode_all
from feedsmith.reports.store import IssueTaker, IssueWriter
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.consistency import Consistency
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.grouped import GroupedFeed, group_keys, whole_groups
from feedsmith.run.job import FeedCounts, Job, PartJoin, PartResult, PartTask, RedoTask, Stream
from feedsmith.run.ledger import Tracked
from feedsmith.run.meanings import SALE, SALE_DATES
from feedsmith.run.scratch import FeedLeft, ItemNames, Section, issues_file, part_file, write_part
from feedsmith.run.to_send import ToSend, text_digests
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_part
from feedsmith.sources.index import EXAMPLES
from feedsmith.sources.inherit import inherited
from feedsmith.values.column import Column

Result = TypeVar("Result")
SEED_TEST = "feedsmith"
"""Its hash must be the same in all workers, since set checks compare hashes of theirs."""


@dataclass
class FeedPart:
    """What one part gathers for one feed, batch by batch."""

    feed: CompiledFeed
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    digests: dict[Key, list[int]] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    tracked: Tracked | None = None
    to_send: ToSend | None = None
    filled: Counter[str] = field(default_factory=Counter)
    drop: frozenset[int] = frozenset()
    """Numbers among the part's products that a check over the whole feed took out."""
    seen: int = 0
    taken: int = 0
    rejected: int = 0
    filtered: int = 0
    failure: str = ""
    body: bytes = b""
    """The texts of all items, encoded once: for reading back and for the scratch file."""
    sizes: list[int] = field(default_factory=list)
    """The bytes of each item's text."""

    def take(self, batch: Batch, result: FeedBatch) -> None:
        """Add a batch."""
        self.texts += result.texts
        self.ids += result.ids
        self.seen += len(result.rows) + result.dropped
        whole = len(result.rows) == result.taken == len(batch)
        self.lines += batch.lines if whole else [batch.lines[row] for row in result.rows]
        self.taken += result.taken
        for key, values in result.digests.items():
            self.digests.setdefault(key, []).extend(values)
        for name, texts in result.told.items():
            self.told.setdefault(name, []).extend(texts)
        if result.tracked is not None:
            self.tracked = self.tracked or Tracked()
            self.tracked.add(result.tracked)
        if result.to_send is not None:
            self.to_send = self.to_send or ToSend()
            self.to_send.add(result.to_send)
        self.filled.update(result.filled)
        self.rejected += result.rejected
        self.filtered += result.filtered

    def still_to_drop(self) -> frozenset[int]:
        """The numbers to drop among the products of the next batch."""
        return frozenset(number - self.seen for number in self.drop if number >= self.seen)

    def counts(self) -> FeedCounts:
        """The figures of the part."""
        return FeedCounts(self.taken, len(self.ids), self.rejected, self.filtered, dict(self.filled), self.failure)

    def left(self, table: int) -> FeedLeft:
        """What the part leaves behind."""
        separator = encode(self.feed.channel.separator, self.feed.channel.dialect)
        sizes = map(len(separator).__add__, self.sizes) if separator else self.sizes
        texts = self.body + separator if self.texts else b""
        digests = [array("q", self.digests.get(key, ())) for key in self.feed.keys]
        ledger = self.tracked.packed() if self.tracked is not None else b""
        sent = self.to_send.packed() if self.to_send is not None else b""
        names = ItemNames(table, self.lines, self.ids, self.told)
        return FeedLeft(texts, array("I", sizes), digests, names, ledger, sent)

    def read_back(self) -> None:
        """Read the part as an independent reader would.

        Raises:
            RenderError: the template's output is not well-formed, or holds another number of items.
        """
        if not self.texts or not self.feed.writes:
            return
        template, separator = self.feed.template, self.feed.channel.separator
        head, foot = template.head_text(self.feed.context), template.foot_text(self.feed.context)
        try:
            encoded = encode_all(self.texts, self.feed.channel.dialect)
            self.sizes = list(map(len, encoded))
            if self.to_send is not None:
                self.to_send.digests = text_digests(encoded)
            self.body = encode(separator, self.feed.channel.dialect).join(encoded)
            found = self.feed.encoder.read_back(head, self.texts, foot, self.body).items
        except ValueError as error:
            raise RenderError(Place(template.path), f"what the template writes {error}") from error
        least, most = self.expected()
        if not least <= found <= most:
            problem = f"what the template writes holds {found} items where there should be {least}"
            raise RenderError(Place(template.path), problem, "print each item once, inside its own element")

    def expected(self) -> tuple[int, int]:
        """How many items a reader may find, at least and at most: of rows a group has one, its variants, or both."""
        group, groups, variants = self.feed.channel.group, len(self.texts), len(self.ids)
        if group is None or (group.parent is None and self.feed.channel.format != "csv"):
            return groups, groups
        return (groups if self.feed.channel.format == "csv" else variants), variants + groups


class PartRunner:
    """Runs parts; made once in each worker, which compiles the feeds for itself."""

    def __init__(self, job: Job, feeds: list[CompiledFeed] | None = None) -> None:
        self.job = job
        self.feeds = feeds or compile_feeds(job)
        self.streams = [self.stream_runner(stream) for stream in job.streams]

    def stream_runner(self, stream: Stream) -> "StreamRunner":
        """What reads one stream and runs its feeds."""
        return StreamRunner(stream, dict(enumerate(self.feeds)))

    def issue_writer(self, part: int) -> IssueTaker:
        """What takes the issues of the part of that number."""
        return IssueWriter(issues_file(self.job.scratch, part))

    def run(self, task: PartTask) -> PartResult:
        """Carry one part all the way; its files lie in the scratch folder afterwards."""
        stream = self.streams[task.stream]
        parts = [FeedPart(feed) for feed in stream.feeds]
        unmatched = [Unmatched(join.name) for join in stream.stream.joins]
        rows = 0
        with self.issue_writer(task.number) as issues:
            for batch in stream.batches(task):
                rows += len(batch)
                issues.extend(stream.run(batch, parts, unmatched))
        for part in parts:
            _guarded(part, part.read_back)
        sections = write_part(part_file(self.job.scratch, task.number), [part.left(task.table) for part in parts])
        size = task.part.end - task.part.start
        counts = tuple(part.counts() for part in parts)
        used = stream.joiner.take_used()
        pairs = zip(unmatched, used, strict=True)
        joined = tuple(PartJoin(one.count, tuple(one.examples), numbers) for one, numbers in pairs)
        return PartResult(task, rows, size, counts, sections, issues.counts, hash(SEED_TEST), joined)

    def redo(self, redo: RedoTask) -> Section:
        """Carry one part of one feed once more, without the products that left it; nothing is told again."""
        stream = self.streams[redo.task.stream]
        part = FeedPart(stream.feeds[redo.feed], drop=redo.drop)
        for batch in stream.batches(redo.task):
            stream.run(batch, [part], [])
        _guarded(part, part.read_back)
        return write_part(redo.path, [part.left(redo.task.table)])[0]


class StreamRunner:
    """Reads the batches of one stream and runs its feeds. `feeds` are the feeds of the job by their number.

    `names` are what is read of the catalog in place of all that the feeds need.
    """

    def __init__(self, stream: Stream, feeds: Mapping[int, CompiledFeed], names: Collection[str] | None = None) -> None:
        self.stream = stream
        self.feeds = [feeds[number] for number in stream.feeds]
        self.consistency = Consistency(self.feeds)
        self.conformer = stream.conformer()
        names = names_read(self.feeds) if names is None else names
        self.headings = needed_headings(self.feeds, self.conformer, stream, names)
        self.grouped = [feed for feed in self.feeds if isinstance(feed, GroupedFeed)]
        self.joiner = stream.joiner(self.headings)

    def batches(self, task: PartTask) -> Iterator[Batch]:
        """The batches of a part, at most as many rows as the task says."""
        left = task.most
        batches = read_part(self.stream.tables[task.table], task.part, self.headings)
        if self.stream.inherit:
            batches = inherited(batches, self.stream.inherit)
        batches = self.joiner(batches)
        if self.grouped:
            batches = whole_groups(batches, self._keys)
        for batch in batches:
            if left is not None and len(batch) >= left:
                yield batch.stretch(0, left)
                return
            left = left - len(batch) if left is not None else None
            yield batch

    def _keys(self, batch: Batch) -> Column:
        return group_keys(self.grouped[0], self.conformer.conform(batch))

    def run(self, batch: Batch, parts: list[FeedPart], unmatched: list["Unmatched"]) -> list[Issue]:
        """Give a batch to each feed; gives all issues."""
        products = self.conformer.conform(batch)
        for one in unmatched:
            one.take(products)
        memo: dict[Hashable, Memo] = {}
        results = [self.carry(part, products, memo) for part in parts]
        found: list[Issue] = []
        for part, result in zip(parts, results, strict=True):
            if result is not None:
                part.take(batch, result)
                found += result.issues
        told = self.consistency.run(len(batch), results) if len(parts) == len(self.feeds) else ()
        issues = [*batch.issues, *products.issues, *found, *told]
        self.seen(products, results, issues)
        return issues

    def carry(self, part: FeedPart, products: Products, memo: dict[Hashable, Memo]) -> FeedBatch | None:
        """What a batch comes to in one feed; None where the feed is given up."""
        return _guarded(part, partial(part.feed.run, products, memo, drop=part.still_to_drop()))

    def seen(self, products: Products, results: list[FeedBatch | None], issues: list[Issue]) -> None:
        """Told of each batch, with what it came to in each feed: for those who look on."""


@dataclass
class Unmatched:
    """The products that a joined source has no row for: how many, and the first with their places."""

    source: str
    count: int = 0
    examples: list[tuple[str, Place]] = field(default_factory=list)

    def take(self, products: Products) -> None:
        """Add a batch."""
        matched = products.batch.matched.get(self.source)
        if matched is None or all(matched):
            return
        rows = [row for row, has in enumerate(matched) if not has]
        self.count += len(rows)
        for row in rows[: EXAMPLES - len(self.examples)]:
            self.examples.append((products.product(row), products.place("", row)))


def _guarded(part: FeedPart, work: Callable[[], Result]) -> Result | None:
    """Do a feed's work; where its template fails, the feed is given up, and the others go on."""
    if part.failure:
        return None
    try:
        return work()
    except RenderError as error:
        part.failure = str(error)
        part.texts.clear()
        part.lines.clear()
        part.ids.clear()
        part.digests.clear()
        part.tracked = part.to_send = None
        return None


def names_read(feeds: Iterable[CompiledFeed]) -> set[str]:
    """The names that any rule, condition or check of these feeds reads."""
    names: set[str] = {"id"}
    for feed in _with_groups(feeds):
        names |= feed.names.own_values | (set(SALE_DATES) if SALE in feed.meanings else set())
        for one in feed.fields:
            if one.active and one.rule is not None:
                names |= one.rule.reads | set(one.currencies)
        conditions = [reason.compiled for reason in feed.reasons]
        checks = [compiled for one in (*feed.conditions, *feed.own_conditions) for compiled in (one.when, one.message)]
        needs = [need.when for one in feed.fields for need in one.needed if need.when]
        for compiled in (*conditions, *checks, *needs):
            names |= {name.removeprefix("product.") for name in compiled.names}
    return names


def _with_groups(feeds: Iterable[CompiledFeed]) -> Iterator[CompiledFeed]:
    """The feeds, each of groups followed by what it says of the groups themselves."""
    for feed in feeds:
        yield feed
        if isinstance(feed, GroupedFeed):
            yield feed.group


def needed_headings(
    feeds: Sequence[CompiledFeed], conformer: Conformer, stream: Stream, names: Collection[str]
) -> Collection[str]:
    """The source's columns behind these names, as the feeds know them, and those that keep rows together."""
    names = {*names, *(feed.by for feed in feeds if isinstance(feed, GroupedFeed))}
    keys = frozenset().union(*(feed.names.keys(name) for feed in _with_groups(feeds) for name in names))
    headings = feeds[0].names.headings if feeds else {}
    own = {headings[key] for key in keys if key in headings}
    shared = {stream.inherit.by} if stream.inherit else set()
    asked = frozenset().union(*(join.our_headings(conformer) for join in stream.joins))
    return _with_variants(keys, conformer) | own | shared | asked


def _with_variants(keys: frozenset[str], conformer: Conformer) -> frozenset[str]:
    """The headings of these keys, with those of their languages, markets and stores."""
    whole = {key for key in conformer.claims if key.split("[")[0] in keys}
    return conformer.headings(keys | whole)
