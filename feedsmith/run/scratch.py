"""What the parts of a run leave in its scratch folder: texts, lengths, digests, keys and issues."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from feedsmith.checks.sets import Key


class PartIndex(msgspec.Struct):
    """What the coordinator reads of every part: bytes of each item's text (array `I`), digests by number of the key."""

    lengths: bytes
    digests: list[bytes]


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


def write_part(files: FeedFiles, body: bytes, lengths: "array[int]", digests: list[bytes], keys: PartKeys) -> None:
    """Leave a part of a feed; a part that is done again replaces what it left."""
    files.body.write_bytes(body)
    files.index.write_bytes(msgspec.msgpack.encode(PartIndex(lengths.tobytes(), digests)))
    files.keys.write_bytes(msgspec.msgpack.encode(keys))


def item_lengths(files: FeedFiles) -> "array[int]":
    """The bytes of each item's text, in order."""
    found = array("I")
    found.frombytes(_index(files.index).lengths)
    return found


@dataclass(frozen=True)
class Digests:
    """The digests of a feed's parts, as the set checks ask for them."""

    scratch: Path
    feed: int
    parts: tuple[int, ...]
    keys: Mapping[Key, int]

    def __call__(self, part: int, key: Key) -> bytes:
        """The digests of the part with that position; none for a key that no item has."""
        number = self.keys.get(key)
        files = feed_files(self.scratch, self.parts[part], self.feed)
        return _index(files.index).digests[number] if number is not None else b""


@lru_cache(maxsize=8)
def _index(path: Path) -> PartIndex:
    return msgspec.msgpack.decode(path.read_bytes(), type=PartIndex)


@lru_cache(maxsize=8)
def part_keys(path: Path) -> PartKeys:
    """The keys of a part."""
    return msgspec.msgpack.decode(path.read_bytes(), type=PartKeys)
