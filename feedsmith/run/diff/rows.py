"""The items of a side on disk, in buckets by their key: both sides of a bucket are compared in memory."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from feedsmith.issues import Severity
from feedsmith.mapping.printed import printed
from feedsmith.run.buckets import BUCKET, Records
from feedsmith.run.diff.side import Side
from feedsmith.run.reading_deletes import deletes_in
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.records import as_text
from feedsmith.values.column import Column

MOST_BUCKETS = 100
"""Files that are open at once; larger feeds have larger buckets."""
CELLS = msgspec.msgpack.Decoder(list[str | None])


class Item(msgspec.Struct, array_like=True):
    """An item: its key, its number in the feed, its file's number and line there, its cells as they are packed."""

    key: tuple[str, ...]
    number: int
    file: int
    line: int
    cells: msgspec.Raw

    def unpacked(self) -> list[str | None]:
        """The cells under the headings of both sides."""
        return CELLS.decode(self.cells)


@dataclass
class Spread:
    """A side in buckets: how many items it has, how many that delete, and rows that could not be read."""

    folder: Path
    records: Records[Item]
    items: int = 0
    deletes: int = 0
    unread: int = 0
    first_unread: str = ""

    def bucket(self, number: int) -> list[Item]:
        """The items of one bucket, in the order of the feed."""
        return self.records.read_all(self.folder / str(number))


def buckets_for(sides: Sequence[Side]) -> int:
    """How many buckets keep the memory small."""
    size = sum(table.path.stat().st_size for side in sides for table in side.tables)
    return max(1, min(MOST_BUCKETS, size // BUCKET))


def spread(side: Side, headings: Sequence[str], key: Sequence[str], number: int, folder: Path) -> Spread:
    """Write all items of a side to `number` buckets in `folder`.

    Raises:
        SourceError: the feed cannot be read to its end.
    """
    folder.mkdir()
    found = Spread(folder, Records(Item))
    encoder = msgspec.msgpack.Encoder()
    with ExitStack() as stack:
        files = [stack.enter_context((folder / str(at)).open("wb")) for at in range(number)]
        for file, table in enumerate(side.tables):
            for batch in read_table(table):
                _note_unread(found, batch)
                gone = deletes_in(batch, side.deleting)
                found.deletes += sum(gone)
                for row, (texts, cells) in enumerate(keyed_rows(batch, side, headings, key)):
                    if gone[row]:
                        continue
                    item = Item(texts, found.items, file, batch.lines[row], msgspec.Raw(encoder.encode(cells)))
                    found.records.write(files[zlib.crc32(repr(texts).encode()) % number], item)
                    found.items += 1
    return found


def find_items(side: Side, headings: Sequence[str], key: Sequence[str], wanted: tuple[str, ...]) -> list[Item]:
    """The items of a side with that key, in order; those that delete are none.

    Raises:
        SourceError: the feed cannot be read to its end.
    """
    found: list[Item] = []
    encoder = msgspec.msgpack.Encoder()
    for file, table in enumerate(side.tables):
        for batch in read_table(table):
            gone = deletes_in(batch, side.deleting)
            for row, (texts, cells) in enumerate(keyed_rows(batch, side, headings, key)):
                if texts == wanted and not gone[row]:
                    packed = msgspec.Raw(encoder.encode(cells))
                    found.append(Item(texts, len(found), file, batch.lines[row], packed))
    return found


def keyed_rows(
    batch: Batch, side: Side, headings: Sequence[str], key: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str | None, ...]]]:
    """Key and cells of each row of a batch, the cells under these headings."""
    size = len(batch)
    blank = Column([None] * size)
    columns = {name: batch.columns.get(name, blank) for name in headings}
    keys = [[_text(one) for one in side.fields[name].texts(columns, size)] for name in key]
    return zip(zip(*keys, strict=True), zip(*columns.values(), strict=True), strict=True)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else as_text(value) if value is not None else ""


def _note_unread(found: Spread, batch: Batch) -> None:
    for issue in batch.issues:
        if issue.severity is Severity.ERROR:
            found.unread += 1
            found.first_unread = found.first_unread or f"{issue.place}: {printed(issue.message)}"
