"""Comparing two versions of one feed, product by product, by the products' own key.

Both sides are written to buckets by their key, so that a bucket of either side fits into memory whatever the feeds'
size. Cells that are the same, byte for byte, are never looked at; of the others only the fields that differ are read
by the channel's types.
"""

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from pathlib import Path

import msgspec

from feedsmith.reports.diff.found import EXAMPLES, Example, FeedDiff, FieldChange, Kind, ProductChange, Version
from feedsmith.run.buckets import SIZE, Records
from feedsmith.run.diff.moved import Order
from feedsmith.run.diff.rows import Item, Spread, buckets_for, spread
from feedsmith.run.diff.side import ReadField, Side
from feedsmith.sources.records import as_text
from feedsmith.values.column import Column

TITLES = ("title", "name", "product_name", "item_name", "product_title", "group:title")
"""Fields that tell people which product it is."""
ORDER = {kind: number for number, kind in enumerate(Kind)}
Pair = tuple[Item, Item]


@dataclass(frozen=True)
class Options:
    """What counts: patterns of fields that are compared, or passed over; whether another spelling is a change."""

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exact: bool = False

    def counts(self, name: str) -> bool:
        """Whether a field is compared."""
        asked = not self.only or any(fnmatchcase(name, one) for one in self.only)
        return asked and not any(fnmatchcase(name, one) for one in self.ignore)


@dataclass
class Changes:
    """All changes on disk, and for each its kind and number in the feed, by which they are put in order."""

    path: Path
    records: Records[ProductChange] = field(default_factory=lambda: Records(ProductChange))
    ranks: "array[int]" = field(default_factory=lambda: array("q"))
    offsets: "array[int]" = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        self.file = self.path.open("wb")

    def add(self, change: ProductChange, number: int) -> None:
        """Keep a change; `number` is the product's in its feed."""
        self.ranks.append(ORDER[change.kind] << 48 | number)
        self.offsets.append(self.file.tell())
        self.records.write(self.file, change)

    def read(self) -> Iterator[ProductChange]:
        """All of them in order."""
        with self.path.open("rb") as file:
            for at in sorted(range(len(self.ranks)), key=self.ranks.__getitem__):
                file.seek(self.offsets[at])
                size = int.from_bytes(file.read(SIZE))
                yield msgspec.msgpack.decode(file.read(size), type=ProductChange)


@dataclass
class Found:
    """What the buckets of a feed came to."""

    order: Order
    counts: Counter[Kind] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    respelled: int = 0
    examples: dict[str, list[tuple[int, Example]]] = field(default_factory=lambda: defaultdict(list))
    repeated: dict[str, Counter[tuple[str, ...]]] = field(default_factory=lambda: {"old": Counter(), "new": Counter()})

    def take(self, change: ProductChange, number: int) -> None:
        """Count a change; of each field the first examples in the order of the feed are kept."""
        self.counts[change.kind] += 1
        for one in change.fields:
            self.fields[one.field] += 1
            heap = self.examples[one.field]
            entry = (-number, Example(change.name, one.old, one.new))
            if len(heap) < EXAMPLES:
                heapq.heappush(heap, entry)
            elif entry[0] > heap[0][0]:
                heapq.heapreplace(heap, entry)


def compare_sides(name: str, old: Side, new: Side, key: tuple[str, ...], options: Options, scratch: Path) -> FeedDiff:
    """What is different between two versions of a feed; the changes lie in `scratch`.

    Raises:
        SourceError: a feed cannot be read to its end.
    """
    headings = tuple(dict.fromkeys((*old.headings, *new.headings)))
    number = buckets_for((old, new))
    before = spread(old, headings, key, number, scratch / "old")
    after = spread(new, headings, key, number, scratch / "new")
    fields = FieldComparer(old.fields, new.fields, headings, options)
    changes, found = Changes(scratch / "changes"), Found(Order(before.items))
    places = partial(_place, old), partial(_place, new)
    for bucket in range(number):
        for change, at in _bucket(before.bucket(bucket), after.bucket(bucket), fields, found, places):
            changes.add(change, at)
            found.take(change, at)
    changes.file.close()
    return FeedDiff(
        name=name, key=key, old=_version(old, before, found.repeated["old"]),
        new=_version(new, after, found.repeated["new"]), counts=found.counts, moved=found.order.moved,
        respelled=found.respelled, fields=dict(found.fields.most_common()),
        examples={name: tuple(one for _, one in sorted(heap, reverse=True)) for name, heap in found.examples.items()},
        changes=changes.read,
    )  # fmt: skip


def _place(side: Side, item: Item) -> str:
    return str(side.tables[item.file].place(item.line))


def _version(side: Side, found: Spread, repeated: Counter[tuple[str, ...]]) -> Version:
    names = tuple(" ".join(key) or "(none)" for key in list(repeated)[:EXAMPLES])
    return Version(
        side.files.shown, found.items, repeated.total(), names, found.unread, found.first_unread, found.deletes
    )


def _bucket(
    old: list[Item],
    new: list[Item],
    fields: "FieldComparer",
    found: Found,
    places: tuple[Callable[[Item], str], Callable[[Item], str]],
) -> Iterator[tuple[ProductChange, int]]:
    """The changes of one bucket, each with its number in the feed."""
    known = _by_key(old, found.repeated["old"])
    differ: list[Pair] = []
    added: list[Item] = []
    removed: list[Item] = []
    old_place, new_place = places
    for key, items in _by_key(new, found.repeated["new"]).items():
        former = known.pop(key, [])
        for before, item in zip(former, items, strict=False):
            found.order.put(before.number, item.number)
            if item.cells != before.cells:
                differ.append((before, item))
        added += items[len(former) :]
        removed += former[len(items) :]
    for (before, item), changed in zip(differ, fields.changes(differ), strict=True):
        found.respelled += not changed
        if changed:
            title = fields.title(item, new=True)
            yield (
                ProductChange(Kind.CHANGED, item.key, title, old_place(before), new_place(item), changed),
                item.number,
            )
    for item in added:
        yield ProductChange(Kind.ADDED, item.key, fields.title(item, new=True), "", new_place(item)), item.number
    for item in chain(removed, *known.values()):
        yield ProductChange(Kind.REMOVED, item.key, fields.title(item, new=False), old_place(item)), item.number


def _by_key(items: list[Item], repeated: Counter[tuple[str, ...]]) -> dict[tuple[str, ...], list[Item]]:
    found: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        found.setdefault(item.key, []).append(item)
    if len(found) < len(items):
        repeated.update({key: len(some) - 1 for key, some in found.items() if len(some) > 1})
    return found


class FieldComparer:
    """Compares the fields of pairs of items whose cells differ."""

    def __init__(
        self, old: Mapping[str, ReadField], new: Mapping[str, ReadField], headings: Sequence[str], options: Options
    ) -> None:
        self.old, self.new, self.headings, self.exact = old, new, headings, options.exact
        self.names = [name for name in dict.fromkeys((*new, *old)) if options.counts(name)]

    def title(self, item: Item, *, new: bool) -> str:
        """What people call the product; "" where the feed does not tell."""
        fields = self.new if new else self.old
        name = next((one for one in TITLES if one in fields), None)
        if name is None:
            return ""
        cells = dict(zip(self.headings, ([cell] for cell in item.unpacked()), strict=True))
        return shown_text(fields[name].texts({key: Column(cell) for key, cell in cells.items()}, 1)[0]) or ""

    def changes(self, pairs: Sequence[Pair]) -> Iterator[tuple[FieldChange, ...]]:
        """The fields that differ of each pair."""
        if not pairs:
            return iter(())
        before, after = (self._columns([pair[side] for pair in pairs]) for side in (0, 1))
        return self.of_columns(before, after, len(pairs))

    def of_columns(
        self, before: Mapping[str, Column], after: Mapping[str, Column], size: int
    ) -> Iterator[tuple[FieldChange, ...]]:
        """The fields that differ of each of `size` items, from their cells under all headings."""
        touched = {name for name in self.headings if before[name].values != after[name].values}
        found: list[list[FieldChange]] = [[] for _ in range(size)]
        for name in self.names:
            if self._touched(name, touched):
                for row, change in self._of_field(name, before, after, size):
                    found[row].append(change)
        return map(tuple, found)

    def _columns(self, items: Sequence[Item]) -> dict[str, Column]:
        rows = zip(*(item.unpacked() for item in items), strict=True)
        return {name: Column(list(cells)) for name, cells in zip(self.headings, rows, strict=True)}

    def _touched(self, name: str, touched: set[str]) -> bool:
        """Whether any column of the field differs; a field that moved to other columns is touched in both."""
        fields = [side[name] for side in (self.old, self.new) if name in side]
        return any(heading in touched for one in fields for heading in one.columns.headings)

    def _of_field(
        self, name: str, before: Mapping[str, Column], after: Mapping[str, Column], size: int
    ) -> Iterator[tuple[int, FieldChange]]:
        old, new = (
            side[name].texts(cells, size) if name in side else Column([None] * size)
            for side, cells in ((self.old, before), (self.new, after))
        )
        rows = [row for row in range(size) if old[row] != new[row]]
        if not self.exact:
            values = [
                side[name].values(Column([texts[row] for row in rows])) if name in side else [None] * len(rows)
                for side, texts in ((self.old, old), (self.new, new))
            ]
            rows = [row for row, one, other in zip(rows, *values, strict=True) if not _same(one, other)]
        for row in rows:
            yield row, FieldChange(name, shown_text(old[row]), shown_text(new[row]))


def _same(one: object, other: object) -> bool:
    """Whether two values are the same; that a field is absent and that it is empty means the same."""
    return one == other or (_is_empty(one) and _is_empty(other))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, tuple) and value[0] is None)


def shown_text(value: object) -> str | None:
    """What is shown of a value: a text, or JSON of several."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    return as_text(value)
