"""Records on disk on their way into another order: each with its length before it, in buckets that fit into memory."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Generic, TextIO, TypeVar

import msgspec

from feedsmith.sources.parts import Part
from feedsmith.sources.spool import numbered_writer

BUCKET = 8_000_000
"""Bytes of sources that go to one bucket, about; a bucket is held in memory while it is put in order."""
SIZE = 4
"""Bytes of the number before each record, which is how many bytes follow."""

Kept = TypeVar("Kept", bound=msgspec.Struct)


class Row(msgspec.Struct, array_like=True):
    """A row on its way: the number of its group's first row, its own, its key, its line in the spool, its cells."""

    first: int
    number: int
    key: str | None
    line: int
    cells: list[str | None]


class Records(Generic[Kept]):
    """Writes and reads records of one type."""

    def __init__(self, kind: type[Kept]) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)

    def write(self, file: BinaryIO, record: Kept) -> None:
        """Put a record at the end of the file."""
        raw = self._encoder.encode(record)
        file.write(len(raw).to_bytes(SIZE) + raw)

    def read(self, file: BinaryIO) -> Iterator[Kept]:
        """The records of the file from where it stands."""
        while head := file.read(SIZE):
            yield self._decoder.decode(file.read(int.from_bytes(head)))

    def read_all(self, path: Path) -> list[Kept]:
        """The records of a whole file."""
        with path.open("rb") as file:
            return list(self.read(file))


def spooled_parts(rows: Iterable[Row], spool: TextIO, size: int) -> Iterator[Part]:
    """Write the rows to a numbered spool; its parts, of `size` bytes and up to one group more, each of whole groups."""
    writer = numbered_writer(spool)
    start, group, index = 0, -1, 0
    for row in rows:
        if row.first != group and (spool.tell() - start) >= size:
            spool.flush()
            yield Part(index, start, spool.tell(), 1)
            start, index = spool.tell(), index + 1
        group = row.first
        writer.writerow((row.line, *row.cells))
    spool.flush()
    if spool.tell() > start:
        yield Part(index, start, spool.tell(), 1)
