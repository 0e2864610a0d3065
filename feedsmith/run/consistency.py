"""The same product in two feeds of one market must not have another price, stock state, kind of key, brand or picture.

Nor may its promotions or the terms of sending it back differ.

Feeds are compared batch by batch: the batches of all feeds hold the same products. Columns are compared whole, and row
by row only where they differ. Each feed is compared with the first feed that has a value for the product, so a product,
a field and a pair of feeds make one issue at most. Feeds of regions have prices of their own on purpose.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import compress, count
from typing import Any

from feedsmith.checks.ledger import Finding
from feedsmith.definitions.field import Consequence
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.expression import printed
from feedsmith.mapping.number_functions import current_price
from feedsmith.mapping.types import CURRENCY
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.mapped_feed import OTHERWISE
from feedsmith.run.meanings import (
    ID,
    MEANINGS,
    NONE,
    PRICE,
    QUANTITY,
    RETURN_DAYS,
    SALE,
    SALE_DATES,
    SOME,
    STOCK,
    states_of,
)
from feedsmith.values.column import Column
from feedsmith.values.gtin import gtin_problem

CODE = "feed-inconsistent"
HELP = "give both feeds the same rule; where they differ on purpose, write `checks: {feed-inconsistent: off}` in one"
PRICE_CURRENCY = PRICE + CURRENCY
PAID = "paid"
"""Where the price that counts today is kept beside the columns."""
COMPARED = (*sorted(MEANINGS - {SALE, QUANTITY}), PRICE_CURRENCY)
"""What is compared: the sale price counts as the price, and a quantity stands in for the availability."""
ITEMS = frozenset({"product", "group", "store"})
"""Kinds of items that are products."""
OF_STORES = frozenset({PRICE, PRICE_CURRENCY, ID})
"""What a store's items share with the other feeds: the stock is the store's own."""


class Consistency:
    """Compares the feeds of a stream, market by market."""

    def __init__(self, feeds: Sequence[CompiledFeed]) -> None:
        markets: dict[tuple[str, str], list[_Feed]] = {}
        for number, feed in enumerate(feeds):
            if feed.channel.item in ITEMS and feed.severities.get(CODE) != "off":
                market = feed.spec.market
                markets.setdefault((market.country or market.name, market.currency), []).append(_Feed.of(number, feed))
        self.groups = [sorted(group, key=lambda one: one.of_stores) for group in markets.values() if len(group) > 1]

    def run(self, size: int, batches: Sequence[FeedBatch | None]) -> Iterator[Issue]:
        """The issues of a batch of `size` products; a feed that was given up has no batch."""
        for group in self.groups:
            for meaning in COMPARED:
                sides = [
                    _Side(feed, batch, list(compress(feed.values(meaning, batch), batch.alive)))
                    for feed in group
                    if feed.has(meaning) and (batch := batches[feed.number]) is not None
                ]
                if len(sides) > 1:
                    yield from _compared(_Known(meaning, size, sides[0]), sides)


def _compared(known: "_Known", sides: list["_Side"]) -> Iterator[Issue]:
    for side in sides[1:] if sides[0].is_whole(known.size) else sides:
        yield from known.add(side)


@dataclass(frozen=True)
class _Feed:
    """A feed as it is compared: the key of its field for each meaning, and what its words for the stock stand for."""

    number: int
    name: str
    of_stores: bool
    keys: Mapping[str, str]
    states: Mapping[Any, frozenset[str]]
    consequence: Consequence
    now: datetime

    @classmethod
    def of(cls, number: int, feed: CompiledFeed) -> "_Feed":
        keys = feed.meanings
        states = next((states_of(one.out.definition) for one in feed.active if one.key == keys.get(STOCK)), {})
        consequence = OTHERWISE[Severity(feed.severities.get(CODE, Severity.WARNING))]
        now: datetime = feed.names.scope.values["today"]
        return cls(number, feed.spec.name, feed.names.spread is not None, keys, states, consequence, now)

    def has(self, meaning: str) -> bool:
        """Whether the feed has a field of that meaning that can be compared."""
        if self.of_stores and meaning not in OF_STORES:
            return False
        return meaning.removesuffix(CURRENCY) in self.keys or (meaning == STOCK and QUANTITY in self.keys)

    def values(self, meaning: str, batch: FeedBatch) -> Sequence[Any]:
        """The column as it is compared: what is to be paid for the price, what it stands for for the stock."""
        columns = batch.compared
        if meaning == STOCK and STOCK not in self.keys:
            return [None if value is None else SOME if value > 0 else NONE for value in columns[QUANTITY]]
        if meaning == STOCK:
            return [self.states.get(value) for value in columns[STOCK]]
        if meaning == PRICE:
            return self._paid(columns).values
        return columns[meaning].values

    def _paid(self, columns: dict[str, Column]) -> Column:
        """The price, or the sale price while the sale lasts."""
        if SALE not in columns or columns[SALE].blank:
            return columns[PRICE]
        if PAID not in columns:
            start, end = (columns[name] for name in SALE_DATES)
            given = zip(columns[PRICE], columns[SALE], start, end, strict=True)
            columns[PAID] = Column([current_price(*one, self.now) for one in given])
        return columns[PAID]

    def key(self, meaning: str) -> str:
        """The field that an issue names."""
        name = meaning.removesuffix(CURRENCY)
        return self.keys[name] if name in self.keys else self.keys[QUANTITY]


@dataclass(frozen=True)
class _Side:
    """One feed's items of a batch, with their values of one meaning."""

    feed: _Feed
    batch: FeedBatch
    values: list[Any]

    def is_whole(self, size: int) -> bool:
        """Whether its items are the products of the batch, one for one."""
        return len(self.values) == size and not self.feed.of_stores

    @cached_property
    def checked(self) -> list[int]:
        """The number of each item among those that were checked, rejected ones included."""
        return list(compress(count(), self.batch.alive))

    def shown(self, meaning: str, item: int) -> str:
        """The value of an item as the feed has it."""
        columns, at = self.batch.compared, self.checked[item]
        if meaning in {PRICE, PRICE_CURRENCY}:
            paid = columns.get(PAID, columns[PRICE])
            return f"{printed(paid[at])} {columns[PRICE_CURRENCY][at] or ''}".strip()
        if meaning == STOCK and STOCK not in self.feed.keys:
            return f"a quantity of {printed(columns[QUANTITY][at])}"
        return printed(columns[meaning][at])


class _Known:
    """The first value of a meaning that any feed has for each product of a batch, and whose item it is."""

    def __init__(self, meaning: str, size: int, first: _Side) -> None:
        self.meaning, self.size, self.first = meaning, size, first
        self.same = SAME.get(meaning, _equal)
        self.values: list[Any] = list(first.values) if first.is_whole(size) else [None] * size
        self.owners: dict[int, tuple[_Side, int]] = {}

    def add(self, side: _Side) -> Iterator[Issue]:
        """Compare a feed with what is known, and note what only it has."""
        rows = side.batch.rows
        theirs = list(self.values) if side.is_whole(self.size) else [self.values[row] for row in rows]
        if side.values == theirs:
            return
        told: set[int] = set()
        for item, (row, mine, other) in enumerate(zip(rows, side.values, theirs, strict=True)):
            if mine is None:
                continue
            if other is None:
                self.values[row] = mine
                self.owners[row] = side, item
            elif mine is not other and row not in told and not self.same(mine, other):
                told.add(row)
                yield self._issue(side, item, *self.owners.get(row, (self.first, row)))

    def _issue(self, side: _Side, item: int, other: _Side, other_item: int) -> Issue:
        own, others = side.shown(self.meaning, item), other.shown(self.meaning, other_item)
        what = WORDS.get(self.meaning, self.meaning)
        finding = Finding(
            0, CODE, side.feed.consequence, f"{what} is {own} here and {others} in the feed {other.feed.name}",
            side.feed.key(self.meaning), own, HELP,
        )  # fmt: skip
        return side.batch.tell.found(finding, side.batch.kept[side.checked[item]])


def _equal(mine: Any, other: Any) -> bool:
    return bool(mine == other)


def _alike(mine: Any, other: Any) -> bool:
    """Texts that do not differ but for capitals and blanks around them."""
    return printed(mine).strip().casefold() == printed(other).strip().casefold()


def _can_be_both(mine: frozenset[str], other: frozenset[str]) -> bool:
    return not mine.isdisjoint(other)


def _one_in_the_other(mine: Any, other: Any) -> bool:
    """Lists of which one holds all of the other: channels differ in how many they take."""
    first, second = (set(one) if isinstance(one, list) else {one} for one in (mine, other))
    return first <= second or second <= first


def _same_kind_of_key(mine: Any, other: Any) -> bool:
    return bool(mine == other) or _is_gtin(mine) == _is_gtin(other)


def _is_gtin(value: Any) -> bool:
    text = printed(value)
    return text.isdigit() and gtin_problem(text) is None


SAME: Mapping[str, Callable[[Any, Any], bool]] = {
    STOCK: _can_be_both,
    ID: _same_kind_of_key,
    "brand": _alike,
    "image_link": _one_in_the_other,
    "promotion_id": _one_in_the_other,
}
"""When two values that are not equal are the same all the same."""
WORDS: Mapping[str, str] = {
    PRICE_CURRENCY: PRICE,
    ID: "the kind of key",
    RETURN_DAYS: "the time to send it back, in days,",
}
"""What a message calls a meaning whose name does not say it."""
