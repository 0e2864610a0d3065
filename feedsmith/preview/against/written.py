"""What a feed holds of some products now: written as an export writes it, and read back as any feed is."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.catalog.products import Products
from feedsmith.definitions.load import Channel
from feedsmith.preview.against.store import Cells, Keyed, key_text
from feedsmith.render.encoding import encode_all
from feedsmith.run.assemble import FilePlan, FileTask, Stretch
from feedsmith.run.diff.rows import keyed_rows
from feedsmith.run.diff.side import FeedFiles, Side, key_of, open_side
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.finish import final_name, frame_of
from feedsmith.run.grouped import GroupedFeed, group_keys, neighbours
from feedsmith.run.ledger import column_texts
from feedsmith.run.scratch import LENGTH, Section
from feedsmith.run.workbook import write_task
from feedsmith.sources.csv_part import read_table
from feedsmith.values.column import Column

Item = tuple[int, str]
"""The number of a product among those at hand, and the key of its item; it may have one in each of several places."""


@dataclass(frozen=True)
class Held:
    """What a feed holds of some products: the feed of their items alone, opened, and the cells of each item.

    `wanted` are the items that it could have of them; those that it leaves out or rejects are not among `items`.
    """

    wanted: list[Item]
    side: Side | None = None
    items: dict[Item, Cells] = field(default_factory=dict)


def held(
    feed: CompiledFeed, products: Products, channel: Channel, folder: Path, scratch: Path, key: tuple[str, ...] = ()
) -> Held:
    """What a feed holds of some products, which are whole groups where its items are groups.

    Args:
        feed: the feed.
        products: the products.
        channel: its channel.
        folder: the project's, whose templates count.
        scratch: a folder for files that are removed at the end.
        key: the fields by which its items are known; by default those that the channel wants unique.

    Raises:
        FeedsmithError: an item cannot be written, or feeds of the channel cannot be read.
    """
    result = feed.run(products, {})
    if not result.texts:
        return Held(wanted_of(feed, products, key) if key else [])
    with _opened(feed, result.texts, channel, folder, scratch) as side:
        key = key or key_of(channel, side, side, ())
        wanted = wanted_of(feed, products, key)
        rows = [(key_text(values), cells) for values, cells in WithParents(side, feed)(_rows(side, key))]
    if isinstance(feed, GroupedFeed) and _one_row(feed):
        alive = [row in result.rows for row in range(len(products))]
        groups = neighbours(group_keys(feed, products), alive)
        items = {(row, key): cells for group, (key, cells) in zip(groups, rows, strict=False) for row in group}
        return Held(list(dict.fromkeys([*items, *wanted])), side, items)
    known = dict(reversed(rows))  # of several with one key the first
    return Held(wanted, side, {one: known[one[1]] for one in wanted if one[1] in known})


def wanted_of(feed: CompiledFeed, products: Products, key: Sequence[str]) -> list[Item]:
    """The items that the feed could have of these products, left out or not, as far as they have a key."""
    fields = tuple(one for one in feed.fields if one.key in key)
    own = replace(feed, fields=fields, conditions=(), own_conditions=())
    if not own.keys_of_fields.issuperset(key):
        return []
    rows = own.whole(products, {}, None)
    items, _ = own.items(products, rows)
    texts = zip(*(column_texts(items.column(name)) for name in key), strict=True)
    return [(row, key_text(values)) for row, values in zip(rows.origins, texts, strict=True) if any(values)]


# --- writing and reading back ------------------------------------------------------------------------------------


@contextmanager
def _opened(feed: CompiledFeed, texts: Sequence[str], channel: Channel, folder: Path, scratch: Path) -> Iterator[Side]:
    """A feed of these items alone, as an export would write it."""
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        name = final_name(feed).removesuffix(".gz")
        path = Path(place) / f"now{Path(name).suffix}"
        task = FileTask(_plan(feed, texts, Path(place) / "items"), path, name, compressed=False, book=feed.book)
        written = write_task(task)
        if isinstance(written, Exception):
            raise written
        yield open_side(FeedFiles(feed.spec.name, (path,), (name,)), channel, folder, Path(place))


def _plan(feed: CompiledFeed, texts: Sequence[str], path: Path) -> FilePlan:
    frame = frame_of(feed)
    items = [text + frame.separator for text in encode_all(texts, feed.channel.dialect)]
    body, lengths = b"".join(items), array("I", map(len, items))
    path.write_bytes(body + lengths.tobytes())
    section = Section(path, 0, len(body), len(items), 0, 0, len(body) + LENGTH * len(items))
    return FilePlan(frame, (Stretch(section, 0, len(items), 0, len(body)),))


def _rows(side: Side, key: Sequence[str]) -> list[Keyed]:
    """Key and cells of each item, in order; nothing where the feed has no such key."""
    if not side.fields.keys() >= set(key):
        return []
    batches = (batch for table in side.tables for batch in read_table(table))
    return [row for batch in batches for row in keyed_rows(batch, side, side.headings, key)]


# --- rows of groups ----------------------------------------------------------------------------------------------


class WithParents:
    """Completes rows: a variant's with what the row of its group, above it, holds in its place; stretch by stretch.

    The row of a group is no product: it loses its key.
    """

    def __init__(self, side: Side, feed: CompiledFeed) -> None:
        self.side = side
        self.above: Cells = ()
        parent = feed.parent if isinstance(feed, GroupedFeed) else None
        moved = feed.moved if isinstance(feed, GroupedFeed) else []
        headings = {name for one in moved if one in side.fields for name in side.fields[one].columns.headings}
        self.places = [at for at, name in enumerate(side.headings) if name in headings]
        self.child = side.fields.get(parent.child) if parent is not None else None
        self.own = side.fields.get(parent.row) if parent is not None else None

    def __call__(self, rows: Sequence[Keyed]) -> Sequence[Keyed]:
        """The rows that follow."""
        if self.child is None:
            return rows
        columns = {name: Column([cells[at] for _, cells in rows]) for at, name in enumerate(self.side.headings)}
        below = self.child.texts(columns, len(rows))
        groups = self.own.texts(columns, len(rows)) if self.own is not None else Column([None] * len(rows))
        return [
            (key if child is not None or group is None else (), self._whole(cells, child))
            for (key, cells), child, group in zip(rows, below, groups, strict=True)
        ]

    def _whole(self, cells: Cells, child: object) -> Cells:
        if child is None:
            self.above = cells
            return cells
        return _filled(cells, self.above, self.places) if self.above else cells


def _filled(cells: Cells, above: Cells, places: Sequence[int]) -> Cells:
    whole = list(cells)
    for at in places:
        whole[at] = above[at] if whole[at] is None else whole[at]
    return whole


def _one_row(feed: GroupedFeed) -> bool:
    """Whether a group is one item of the file, with no row or member of its own for a variant."""
    return feed.template.variants is None or feed.template.variants.empty
