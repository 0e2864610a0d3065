"""What the parts of a run leave in its scratch folder: texts, lengths, digests, keys and issues."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from feedsmith.checks.sets import DIGEST, Key

LENGTH = 4
"""Bytes of a length."""


class PartKeys(msgspec.Struct):
    """What is read only to name an item: number of the source file, line in it, and the values that messages name."""

    table: int
    lines: list[int]
    ids: list[str]
    told: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class FeedFiles:
    """The files of one part for one feed."""

    body: Path
    index: Path
    keys: Path


def feed_files(scratch: Path, part: int, feed: int) -> FeedFiles:
    """Where a part's files of a feed lie."""
    stem = scratch / f"{part:06d}-{feed:03d}"
    return FeedFiles(stem.with_suffix(".body"), stem.with_suffix(".index"), stem.with_suffix(".keys"))


def issues_file(scratch: Path, part: int) -> Path:
    """Where a part's issues lie."""
    return scratch / f"{part:06d}.issues"


def write_part(
    files: FeedFiles, body: bytes, lengths: "array[int]", digests: list["array[int]"], keys: PartKeys
) -> None:
    """Leave a part of a feed; a part that is done again replaces what it left.

    The index holds the lengths of the items' texts (4 bytes each), and then the digests of each key (8 bytes each).
    """
    files.body.write_bytes(body)
    files.index.write_bytes(b"".join([lengths.tobytes(), *(one.tobytes() for one in digests)]))
    files.keys.write_bytes(msgspec.msgpack.encode(keys))


def item_lengths(files: FeedFiles, keys: int) -> "array[int]":
    """The bytes of each item's text, in order; `keys` is the number of the feed's keys."""
    found = array("I")
    items = files.index.stat().st_size // (LENGTH + DIGEST * keys)
    with files.index.open("rb") as file:
        found.frombytes(file.read(items * LENGTH))
    return found


@dataclass(frozen=True)
class Digests:
    """The digests of a feed's parts, as the set checks ask for them."""

    scratch: Path
    feed: int
    parts: tuple[int, ...]
    keys: Mapping[Key, int]

    def __call__(self, part: int, key: Key) -> bytes:
        """The digests of the part with that position."""
        index = feed_files(self.scratch, self.parts[part], self.feed).index
        items = index.stat().st_size // (LENGTH + DIGEST * len(self.keys))
        with index.open("rb") as file:
            file.seek(items * (LENGTH + DIGEST * self.keys[key]))
            return file.read(items * DIGEST)


@lru_cache(maxsize=8)
def part_keys(path: Path) -> PartKeys:
    """The keys of a part."""
    return msgspec.msgpack.decode(path.read_bytes(), type=PartKeys)
