"""Which products stand for all: each category, each issue, each field and each case of a rule at least once."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.issues import Issue
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.rules import Cases
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Stream
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.inherit import inherited
from feedsmith.values.column import Column

CATEGORIES = ("google_product_category", "product_type")
MOST_CATEGORIES = 200
KEYS = ("id", "item_group_id", "gtin", "mpn", "merchant_item_id")
"""Fields by which other files and other rows speak of a product."""
Spot = tuple[str, int]
"""A file, as reports show it, and a row of it."""


@dataclass
class Chosen:
    """The products that stand for all. `spots` are their rows, `values` what other rows and files call them.

    `reasons` counts what they stand for by kind: category, issue, field, rule.
    """

    spots: set[Spot] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    reasons: dict[str, int] = field(default_factory=dict)


def choose(stream: Stream, feeds: Sequence[CompiledFeed], issues: Iterable[Issue]) -> Chosen:
    """The products of a stream that stand for all, as few as a simple search finds.

    Args:
        stream: the catalog.
        feeds: those whose rules and fields are to be met.
        issues: those of a whole run; each code of each feed is to be met.
    """
    first: dict[Hashable, Spot] = {}
    values: set[str] = set()
    columns = key_columns(stream)
    for issue in issues:
        if issue.place.row is not None:
            first.setdefault(("issue", issue.feed, issue.code, issue.field), (issue.place.path, issue.place.row))
            values |= {issue.product.casefold()} - {""}
    for products in _batches(stream):
        spots = [_spot(products, row) for row in range(len(products))]
        for key, row in _met(products, feeds):
            if key not in first:
                first[key] = spots[row]
                values |= set(_called(products, row, columns))
        alone = {spot for spot, number in Counter(spots).items() if number == 1}.intersection(first.values())
        for row in (row for row, spot in enumerate(spots) if spot in alone):
            values |= set(_called(products, row, columns))
    chosen = Chosen(set(first.values()), values)
    for key in first:
        kind = str(key[0]) if isinstance(key, tuple) else ""
        chosen.reasons[kind] = chosen.reasons.get(kind, 0) + 1
    return chosen


def _batches(stream: Stream) -> Iterator[Products]:
    conformer, joiner = stream.conformer(), stream.joiner()
    for table in stream.tables:
        batches = read_table(table)
        for batch in joiner(inherited(batches, stream.inherit) if stream.inherit else batches):
            yield conformer.conform(batch)


def _spot(products: Products, row: int) -> Spot:
    place = products.batch.place(row)
    return place.path, place.row or 0


def key_columns(stream: Stream) -> frozenset[str]:
    """The columns by which other rows and files speak of a product."""
    conformer = stream.conformer()
    own = {claim.heading for claim in stream.claims.values() if claim.field in KEYS}
    shared = {stream.inherit.by} if stream.inherit else set()
    return frozenset(own | shared).union(*(join.our_headings(conformer) for join in stream.joins))


def _called(products: Products, row: int, columns: Iterable[str]) -> Iterator[str]:
    """What other rows and files call the product by."""
    for heading in columns:
        value = products.batch.columns[heading][row] if heading in products.batch.columns else None
        if value and value.strip():
            yield value.strip().casefold()


def _met(products: Products, feeds: Sequence[CompiledFeed]) -> Iterator[tuple[Hashable, int]]:
    """What the products of a batch stand for, and the row of one that does."""
    for feed in feeds:
        rows, gone = feed.left_out(products, {})
        for name in CATEGORIES:
            if name in feed.names.present:
                for value, row in _firsts(rows.column(name)):
                    yield ("category", name, value), rows.origins[row]
        for row, reason in gone.items():
            yield ("filtered", feed.spec.name, reason), rows.origins[row]
        rules = {one.key: one.rule for one in feed.active if one.rule is not None} | dict(feed.names.derived)
        for key, rule in rules.items():
            for number, row in _cases(rule, rows):
                yield ("rule", feed.spec.name, key, number), rows.origins[row]


def _firsts(column: Column) -> Iterator[tuple[str, int]]:
    """Each different value and the first row that has it, up to `MOST_CATEGORIES` of them."""
    found: dict[str, int] = {}
    for row, value in column.rows():
        found.setdefault(printed(value), row)
        if len(found) == MOST_CATEGORIES:
            break
    return iter(found.items())


def _cases(rule: Rule, rows: Rows) -> Iterator[tuple[int, int]]:
    """The number of each case of a rule with a row where it counts; of a rule without cases, where it gives a value."""
    cases = list(_inner(rule))
    for number, one in enumerate(cases):
        left = set(range(rows.size))
        for place, (when, _) in enumerate(one.cases):
            hits = {row for row in left if when is None or rows.run(when)[row]}
            left -= hits
            if hits:
                yield 100 * number + place + 1, min(hits)
        if left:
            yield 100 * number, min(left)
    if not cases:
        filled = next((row for row, _ in rule.apply(rows, "").rows()), None)
        if filled is not None:
            yield 0, filled


def _inner(rule: Any) -> Iterator[Cases]:
    """The cases anywhere in a rule."""
    if isinstance(rule, Cases):
        yield rule
    if is_dataclass(rule):
        for one in fields(rule):
            yield from _inner(getattr(rule, one.name))
    elif isinstance(rule, tuple):
        for part in rule:
            yield from _inner(part)
