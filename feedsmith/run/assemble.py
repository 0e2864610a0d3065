"""Putting a feed together from what its parts left: copying ranges, with separators, into files within the limits."""

import gzip
import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import FileIO
from itertools import groupby
from pathlib import Path

from feedsmith.checks.sets import Spot
from feedsmith.definitions.channel import Envelope
from feedsmith.publish.refusals import refusals
from feedsmith.run.book import Book
from feedsmith.run.scratch import Section

GZIP_LEVEL = 6
BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """Items `first` up to before `last` of a part's section: `bytes` of its texts, from byte `start` of them."""

    section: Section
    first: int
    last: int
    start: int
    bytes: int


@dataclass(frozen=True)
class Frame:
    """What stands around the items of each file of a feed."""

    head: bytes
    foot: bytes
    separator: bytes
    extra: int = 0
    """Bytes of the file besides head, items and foot: the other members of a workbook."""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file of a feed: what stands around its items, and the stretches of items in order."""

    frame: Frame
    stretches: tuple[Stretch, ...]

    @property
    def items(self) -> int:
        """How many items the file will hold."""
        return sum(stretch.last - stretch.first for stretch in self.stretches)

    @property
    def bytes(self) -> int:
        """How many bytes the file will have, before it is compressed."""
        between = len(self.frame.separator) if self.stretches else 0
        texts = sum(stretch.bytes for stretch in self.stretches) - between
        return len(self.frame.head) + texts + len(self.frame.foot)


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to write: the plan, the temporary file, the name that messages use, whether it is compressed.

    `book` makes it a workbook.
    """

    plan: FilePlan
    path: Path
    label: str
    compressed: bool
    book: Book | None = None


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """What was written: bytes on disk, their sha256 in hexadecimal digits, and the bytes before compression."""

    items: int
    bytes: int
    sha256: str
    plain: int


def plan_files(
    sections: Sequence[Section], removed: set[Spot], frame: Frame, envelope: Envelope, send: Sequence[bytes] = ()
) -> list[FilePlan]:
    """The files of a feed. Items in `removed` (by position of the part) are left out.

    `send` has a 1 for each item of the first parts that is not left out of a delta.

    A file never holds more items or bytes than the envelope allows, unless one item alone is larger.
    """
    gone: Mapping[int, set[int]] = {
        part: {spot.item for spot in spots}
        for part, spots in groupby(sorted(removed, key=lambda spot: (spot.part, spot.item)), key=lambda spot: spot.part)
    }
    cutter = Cutter(frame, envelope)
    files: list[list[Stretch]] = [[]]
    for position, section in enumerate(sections):
        leave = gone.get(position, set())
        if position < len(send):
            leave = leave | {item for item, wanted in enumerate(send[position]) if not wanted}
        for stretch in cutter.cut(section, leave):
            if stretch is None:
                files.append([])
            else:
                _lengthen(files[-1], stretch)
    return [FilePlan(frame, tuple(stretches)) for stretches in files]


def _lengthen(stretches: list[Stretch], new: Stretch) -> None:
    """Add a stretch; one that goes on where the last one ends becomes part of it."""
    last = stretches[-1] if stretches else None
    if last is not None and last.section == new.section and last.last == new.first:
        stretches[-1] = replace(last, last=new.last, bytes=last.bytes + new.bytes)
    else:
        stretches.append(new)


class Cutter:
    """Cuts sections into stretches, and says where a new file begins because the envelope is full."""

    def __init__(self, frame: Frame, envelope: Envelope) -> None:
        self.envelope = envelope
        self.around = len(frame.head) + len(frame.foot) + frame.extra
        self.items = 0
        self.bytes = self.around

    def cut(self, section: Section, gone: set[int]) -> Iterator[Stretch | None]:
        """The stretches of a section, without the items in `gone`; None where a new file begins."""
        lengths = section.lengths()
        total = sum(lengths)
        if not gone and self._fits(len(lengths), total):
            self.items += len(lengths)
            self.bytes += total
            if lengths:
                yield Stretch(section, 0, len(lengths), 0, total)
            return
        yield from self._item_by_item(section, lengths, gone)

    def _item_by_item(self, section: Section, lengths: "array[int]", gone: set[int]) -> Iterator[Stretch | None]:
        """Stretches as long as they can be: one ends where an item is left out, or where a file is full."""
        start = first = at = 0
        for item, length in enumerate(lengths):
            full = bool(self.items) and not self._fits(1, length)
            if item in gone or full:
                if first < item:
                    yield Stretch(section, first, item, start, at - start)
                first, start = (item + 1, at + length) if item in gone else (item, at)
            if item not in gone:
                if full:
                    self.items, self.bytes = 0, self.around
                    yield None
                self.items += 1
                self.bytes += length
            at += length
        if first < len(lengths):
            yield Stretch(section, first, len(lengths), start, at - start)

    def _fits(self, items: int, size: int) -> bool:
        most_items, most_bytes = self.envelope.items, self.envelope.bytes
        if most_items is not None and self.items + items > most_items:
            return False
        return most_bytes is None or self.bytes + size <= most_bytes


def write_file(task: FileTask) -> WrittenFile:
    """Write a planned file to its temporary path, which exists already.

    Raises:
        OutputError: it cannot be written.
        RuntimeError: the bytes are not those that were planned; a bug, since every part was read back.
    """
    plan = task.plan
    written = write_stretches(task.path, task.label, plan.frame, plan.stretches, compressed=task.compressed)
    if written.plain != plan.bytes:
        message = f"{task.label}: {written.plain} bytes were written where {plan.bytes} were planned"
        raise RuntimeError(message)
    return written


def write_stretches(
    path: Path, label: str, frame: Frame, stretches: Iterable[Stretch], *, compressed: bool
) -> WrittenFile:
    """Write one file of a feed: its head, its items as they come, its foot.

    Raises:
        OutputError: it cannot be written; `label` is what the message calls it.
    """
    with refusals(Path(label)), path.open("wb", buffering=0) as raw:
        target = _Hashing(raw)
        counted = _Counted(stretches)
        with _compressed(target) if compressed else _plain(target) as file:
            plain = sum(file.write(piece) for piece in _pieces(frame, counted))
    return WrittenFile(counted.items, target.size, target.hash.hexdigest(), plain)


class _Counted:
    """Stretches on their way, and how many items they held."""

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        self._stretches = stretches
        self.items = 0

    def __iter__(self) -> Iterator[Stretch]:
        for stretch in self._stretches:
            self.items += stretch.last - stretch.first
            yield stretch


class _Hashing:
    """A file that hashes what is written to it."""

    def __init__(self, file: FileIO) -> None:
        self.file = file
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        self.hash.update(data)
        rest = memoryview(data)
        while rest:
            rest = rest[self.file.write(rest) or 0 :]
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits: the file is not buffered."""


@contextmanager
def _compressed(target: _Hashing) -> Iterator[gzip.GzipFile]:
    """Gzip without name and time, so that the same items give the same bytes."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=target, mtime=0) as file:
        yield file


@contextmanager
def _plain(target: _Hashing) -> Iterator[_Hashing]:
    yield target


def _pieces(frame: Frame, stretches: Iterable[Stretch]) -> Iterator[bytes | memoryview]:
    """The bytes of a file, a buffer at a time. A stretch's last separator is written only when another one follows."""
    yield frame.head
    buffer = memoryview(bytearray(BUFFER))
    between = b""
    for stretch in stretches:
        yield between
        yield from _copied(stretch, stretch.bytes - len(frame.separator), buffer)
        between = frame.separator
    yield frame.foot


def _copied(stretch: Stretch, size: int, buffer: memoryview) -> Iterator[memoryview]:
    """The first `size` bytes of a stretch through one buffer: fresh memory for each costs more than the copying."""
    with stretch.section.path.open("rb", buffering=0) as file:
        file.seek(stretch.section.start + stretch.start)
        while size and (read := file.readinto(buffer[: min(size, BUFFER)])):
            yield buffer[:read]
            size -= read
