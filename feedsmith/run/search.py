"""Products that meet a condition: over the catalog as a feed's rules read it, or over the fields of a feed."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.checks.items import item_scope
from feedsmith.definitions.node import TEXTS, Node
from feedsmith.issues import Place
from feedsmith.mapping.expression import Compiled, compile_expression, printed
from feedsmith.mapping.rows import Memo, Rows
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.opening import open_job
from feedsmith.run.part import names_read
from feedsmith.run.request import Request, open_project
from feedsmith.run.survey import Progress, compiled_feeds, only, survey

ASKED = "condition"
"""What the text of the command line is called in messages, before its line and column."""
SHOWN_ALWAYS = frozenset({"id", "title"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that meets the condition. `values` are those of the names in it; empty is None."""

    product: str
    title: str
    place: Place
    values: dict[str, str | None]
    state: str = ""


@dataclass
class Hits:
    """What was found: of `asked` products `met` the condition; `first` are at most `most` of them, in the order read.

    `failed` counts those for which the condition could not be worked out.
    """

    most: int
    asked: int = 0
    met: int = 0
    failed: int = 0
    first: list[Hit] = field(default_factory=list)

    def add(self, other: "Hits") -> None:
        """Add what a later batch came to."""
        self.asked += other.asked
        self.met += other.met
        self.failed += other.failed
        self.first += other.first[: self.most - len(self.first)]


@dataclass
class FoundHits:
    """The hits of each feed that was looked at, by its name."""

    feeds: dict[str, Hits]

    def add(self, other: "FoundHits") -> None:
        """Add what a later part came to."""
        for name, hits in other.feeds.items():
            self.feeds[name].add(hits)


@dataclass(frozen=True)
class Search:
    """A condition to look for; `of_feed`: over the feed's own fields. `most` products are listed for each feed."""

    text: str
    of_feed: bool
    most: int

    def looker(self, job: Job, feeds: Mapping[int, CompiledFeed]) -> "Searcher":  # noqa: ARG002 - as any survey is called
        """The condition, compiled for each feed."""
        return Searcher(self, {feed.spec.name: self._compiled(feed) for feed in feeds.values()})

    def _compiled(self, feed: CompiledFeed) -> Compiled:
        start = Place(ASKED, 1, "1")
        TEXTS[ASKED] = self.text
        scope = feed.names.scope
        if self.of_feed:
            scope = item_scope({one.key: one.out.definition for one in feed.fields}, scope)
        return compile_expression(Node(self.text, start, start, verbatim=True), scope, Type.FLAG)


@dataclass(frozen=True)
class Searcher:
    """A search made ready: the condition by the name of the feed."""

    search: Search
    conditions: Mapping[str, Compiled]

    def names(self, feeds: list[CompiledFeed]) -> set[str]:
        """What the condition reads; over a feed's fields also all that these are made of."""
        asked = {name for feed in feeds for name in self.conditions[feed.spec.name].names}
        asked |= {name.removeprefix("product.") for name in asked}
        return asked | SHOWN_ALWAYS | (names_read(feeds) if self.search.of_feed else set())

    def nothing(self) -> FoundHits:
        """No hit in any feed."""
        return FoundHits({name: Hits(self.search.most) for name in self.conditions})

    def look(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> FoundHits:
        """The hits of one batch."""
        whole = feed.whole(products, memo, None)
        rows, columns, rejected = whole, whole, None
        if self.search.of_feed:
            left, gone = feed.left_out(products, memo)
            rows, _ = feed.without(left, gone)
            columns, ledger = feed.items(products, rows)
            rejected = ledger.rejected
        condition = self.conditions[feed.spec.name]
        numbers = [number for number, met in enumerate(columns.run(condition).values) if met]
        failed = len({one.row for one in columns.failures if one.place == condition.place})
        hits = Hits(self.search.most, columns.size, len(numbers), failed)
        for number in numbers[: self.search.most]:
            state = "" if rejected is None else "rejected" if number in rejected else "in the feed"
            hits.first.append(
                _hit(feed, products, self._shown(condition), columns, number, rows.origins[number], state)
            )
        return FoundHits({feed.spec.name: hits})

    def _shown(self, condition: Compiled) -> list[str]:
        """The names whose values a hit tells, besides the product's id and title; a feed's own title may be another."""
        always = {"id"} if self.search.of_feed else SHOWN_ALWAYS
        return [name for name in condition.names if name not in always and not name.endswith(CURRENCY)]


def _hit(
    feed: CompiledFeed, products: Products, shown: list[str], columns: Rows, number: int, row: int, state: str
) -> Hit:
    values = {name: _text(columns.column(name)[number]) for name in shown}
    title = products.text("title", feed.spec.market.language or None)[row] if _has_title(feed) else None
    return Hit(products.product(row), printed(title), products.place("", row), values, state)


def _has_title(feed: CompiledFeed) -> bool:
    return "title" in feed.names.record.fields


def _text(value: object) -> str | None:
    return None if value is None else printed(value)


def search(request: Request, text: str, most: int, scratch: Path, progress: Progress | None = None) -> dict[str, Hits]:
    """The products of the request's catalog that meet a condition, by the feed that was looked at.

    With `--feed` it is each of the feeds of that name, and the condition is over its fields. Else it is over the
    catalog, as the rules of the first feed of products read it: in its market's language and prices.

    Raises:
        DefinitionError: the condition is wrong, with the column in it.
        FeedsmithError: the project or its catalog is wrong.
    """
    job, _ = open_job(request, open_project(request), scratch)
    if not request.feeds:
        job = only(job, plainest(job))
    feeds = compiled_feeds(job)
    asked = Search(text, bool(request.feeds), most)
    found, _ = survey(replace(request, limit=None), job, feeds, asked, progress)
    return found.feeds if isinstance(found, FoundHits) else {}


def plainest(job: Job) -> int:
    """The number of the feed whose rows are products: of groups or places only where there is no other."""

    def rank(number: int) -> tuple[bool, bool]:
        channel = job.channels[job.specs[number].channel].definition
        return channel.item != PRODUCT.name, channel.group is not None

    return min(range(len(job.specs)), key=rank)
