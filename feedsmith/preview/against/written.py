"""What a feed holds of some products now: written as an export writes it, and read back as any feed is."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from feedsmith.catalog.products import Products
from feedsmith.definitions.load import Channel
from feedsmith.preview.against.store import Cells, key_text
from feedsmith.render.encoding import encode_all
from feedsmith.run.assemble import FilePlan, FileTask, Stretch
from feedsmith.run.diff.rows import keyed_rows
from feedsmith.run.diff.side import FeedFiles, Side, open_side
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.finish import final_name, frame_of
from feedsmith.run.ledger import column_texts
from feedsmith.run.scratch import LENGTH, Section
from feedsmith.run.workbook import write_task
from feedsmith.sources.csv_part import read_table


def keys_of(feed: CompiledFeed, products: Products, key: Sequence[str]) -> list[str]:
    """The key of each item that the feed could have of these products, left out or not; empty for none."""
    fields = tuple(one for one in feed.fields if one.key in key)
    own = replace(feed, fields=fields, conditions=(), own_conditions=())
    rows = own.whole(products, {}, None)
    items, _ = own.items(products, rows)
    known = [column_texts(items.column(name)) for name in key if name in own.keys_of_fields]
    if len(known) < len(key):
        return [""] * rows.size
    return [key_text(values) for values in zip(*known, strict=True)]


@contextmanager
def read_back(
    feed: CompiledFeed, texts: Sequence[str], channel: Channel, folder: Path, scratch: Path
) -> Iterator[Side]:
    """A feed of these items alone, opened; `folder` is the project's.

    Raises:
        FeedsmithError: feeds of the channel cannot be read.
    """
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


def rows_by_key(side: Side, key: Sequence[str]) -> dict[str, Cells]:
    """The cells of each item, under the side's headings, by its key; of several with one key the first."""
    found: dict[str, Cells] = {}
    if side.tables and set(key) <= side.fields.keys():
        for table in side.tables:
            for batch in read_table(table):
                for values, cells in keyed_rows(batch, side, side.headings, key):
                    found.setdefault(key_text(values), cells)
    return found
