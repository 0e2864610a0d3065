"""What a channel was sent, on disk: of each product its key, its item's digest, and what its delete needs.

A whole feed leaves the file of all that it holds. A delta leaves the file of all that deltas sent since that feed, so
that the next delta sends it again: each delta replaces the one before it, and none that was never fetched is missed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from feedsmith.errors import OutputError
from feedsmith.issues import Place
from feedsmith.publish.refusals import refusals
from feedsmith.run.buckets import Records
from feedsmith.run.candidates import file_name
from feedsmith.run.packed import packed_reader, packed_writer
from feedsmith.run.to_send import DIGEST

DELTA = "-delta"
"""The end of the name of a feed's delta, and of its file before the extension."""


class Head(msgspec.Struct, array_like=True):
    """The digest of what stands around the items, and the names of the fields."""

    frame: bytes
    fields: tuple[str, ...]


class Stretch(msgspec.Struct, array_like=True):
    """Products: their keys, columns of their fields, and digests one behind the other.

    `days` are those on which products left the feed, as ordinals; empty where these are there.
    """

    keys: list[str]
    fields: list[list[str]]
    digests: bytes = b""
    days: list[int] = []

    def digest(self, row: int) -> bytes:
        """The digest of a product's item."""
        return self.digests[row * DIGEST : (row + 1) * DIGEST]


def read_head(path: Path) -> Head:
    """What holds for all of the file.

    Raises:
        OutputError: it is missing or damaged.
    """
    with _opened(path) as file:
        return _head(path, file)


def read_sent(path: Path) -> Iterator[Stretch]:
    """The products of the file, in order.

    Raises:
        OutputError: it is missing or damaged.
    """
    with _opened(path) as file:
        _head(path, file)
        yield from Records(Stretch).read(file)


def write_sent(path: Path, head: Head, stretches: Iterable[Stretch]) -> None:
    """Write a file of what was sent.

    Raises:
        OutputError: the disk refuses.
    """
    with refusals(path), packed_writer(path) as file:
        Records(Head).write(file, head)
        records = Records(Stretch)
        for stretch in stretches:
            records.write(file, stretch)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with refusals(path), packed_reader(path) as file:
            yield file
    except msgspec.MsgspecError as error:
        raise _damaged(path) from error


def _head(path: Path, file: BinaryIO) -> Head:
    head = next(Records(Head).read(file), None)
    if head is None:
        raise _damaged(path)
    return head


def _damaged(path: Path) -> OutputError:
    return OutputError(Place(str(path)), "this file is damaged", "something else wrote to it")


def delta_name(feed: str) -> str:
    """The name under which the history has a feed's deltas."""
    return f"{feed}{DELTA}"


def delta_file(name: str) -> str:
    """The file name of a delta, by that of the feed: `meta-delta.json`, `google-delta.xml.gz`."""
    stem, dot, suffix = name.partition(".")
    return f"{stem}{DELTA}{dot}{suffix}"


def sent_name(feed: str, run: int) -> str:
    """The name, beside the ledgers, of the file of what a run sent."""
    return f"{file_name(feed)}-{run}.sent.zst"
