"""What the parts of a run leave in its scratch folder: one file a part, and one with its issues.

A part's file holds, feed after feed: the items' texts (each with the separator behind it), their lengths (4 bytes
each), the digests of each key of the set checks (8 bytes each), and what is needed to name an item in a message. Where
a feed's sections begin is in the part's result, so that each is read alone.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from feedsmith.checks.sets import DIGEST, Key

LENGTH = 4
"""Bytes of a length."""


class ItemNames(msgspec.Struct):
    """What is read only to name an item: its source file and line, its id, and the values that messages name."""

    table: int
    lines: list[int]
    ids: list[str]
    told: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """Where a feed's sections of a part lie in the file, and how many bytes, texts, products and keys they hold.

    A text is an item; the products in it are one, or the variants of a group.
    """

    path: Path
    start: int
    texts: int
    items: int
    products: int
    keys: int
    end: int
    ledger: int = 0
    """Bytes that are the part of the feed's ledger."""
    sent: int = 0
    """Bytes at the end by which deltas are made."""

    def lengths(self) -> "array[int]":
        """The bytes of each item's text, in order."""
        return _array("I", self._read(self.start + self.texts, self.items * LENGTH))

    def digests(self, key: int) -> bytes:
        """The digests of a key, in the order of the products."""
        before = self.texts + self.items * LENGTH + self.products * DIGEST * key
        return self._read(self.start + before, self.products * DIGEST)

    def names(self) -> ItemNames:
        """What names the items."""
        return _names(self)

    def tracked(self) -> bytes:
        """The part of the feed's ledger, packed; empty where none is kept."""
        return self._read(self.end - self.sent - self.ledger, self.ledger)

    def to_send(self) -> bytes:
        """What a delta is made by, packed; empty where the feed has none."""
        return self._read(self.end - self.sent, self.sent)

    def _read(self, start: int, size: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(size)


@lru_cache(maxsize=8)
def _names(section: Section) -> ItemNames:
    before = section.texts + section.items * LENGTH + section.products * DIGEST * section.keys
    start = section.start + before
    size = section.end - section.sent - section.ledger - start
    return msgspec.msgpack.decode(section._read(start, size), type=ItemNames)  # noqa: SLF001


def _array(kind: str, raw: bytes) -> "array[int]":
    found = array(kind)
    found.frombytes(raw)
    return found


@dataclass(frozen=True)
class FeedLeft:
    """What a part leaves for one feed."""

    texts: bytes
    lengths: "array[int]"
    digests: Sequence["array[int]"]
    names: ItemNames
    ledger: bytes = b""
    sent: bytes = b""


def part_file(scratch: Path, part: int) -> Path:
    """Where a part's texts lie."""
    return scratch / f"{part:06d}.part"


def again_file(scratch: Path, part: int, feed: int) -> Path:
    """Where the texts of a part lie that was carried once more for one feed."""
    return scratch / f"{part:06d}-{feed}.again"


def issues_file(scratch: Path, part: int) -> Path:
    """Where a part's issues lie."""
    return scratch / f"{part:06d}.issues"


def write_part(path: Path, feeds: Sequence[FeedLeft]) -> tuple[Section, ...]:
    """Leave a part; one that is done again replaces what it left. Gives where each feed's sections lie."""
    sections = []
    at = 0
    with path.open("wb") as file:
        for feed in feeds:
            names = msgspec.msgpack.encode(feed.names)
            before = [feed.texts, feed.lengths.tobytes(), *(one.tobytes() for one in feed.digests)]
            pieces = [*before, names, feed.ledger, feed.sent]
            end = at + sum(map(len, pieces))
            counts = len(feed.texts), len(feed.lengths), len(feed.names.ids), len(feed.digests)
            sections.append(Section(path, at, *counts, end, len(feed.ledger), len(feed.sent)))
            file.writelines(pieces)
            at = end
    return tuple(sections)


@dataclass(frozen=True)
class Digests:
    """The digests of a feed's parts, as the set checks ask for them."""

    sections: Sequence[Section]
    keys: Mapping[Key, int]

    def __call__(self, part: int, key: Key) -> bytes:
        """The digests of the part with that position."""
        return self.sections[part].digests(self.keys[key])
