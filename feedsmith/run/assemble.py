"""Putting a feed together from what its parts left: copying ranges, with separators, into files within the limits."""

import gzip
import hashlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import FileIO
from itertools import groupby
from pathlib import Path

from feedsmith.checks.sets import Spot
from feedsmith.definitions.channel import Envelope
from feedsmith.publish.refusals import refusals
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


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file of a feed: what stands around its items, and the stretches of items in order."""

    head: bytes
    foot: bytes
    separator: bytes
    stretches: tuple[Stretch, ...]
    items: int
    bytes: int


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to write: the plan, the temporary file, the name that messages use, whether it is compressed."""

    plan: FilePlan
    path: Path
    label: str
    compressed: bool


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """What was written: bytes on disk and their sha256 in hexadecimal digits."""

    items: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Frame:
    """What stands around the items of each file of a feed."""

    head: bytes
    foot: bytes
    separator: bytes


def plan_files(sections: Sequence[Section], removed: set[Spot], frame: Frame, envelope: Envelope) -> list[FilePlan]:
    """The files of a feed. Items in `removed` (by position of the part) are left out.

    A file never holds more items or bytes than the envelope allows, unless one item alone is larger.
    """
    gone: Mapping[int, set[int]] = {
        part: {spot.item for spot in spots}
        for part, spots in groupby(sorted(removed, key=lambda spot: (spot.part, spot.item)), key=lambda spot: spot.part)
    }
    splitter = _Splitter(frame, envelope)
    for position, section in enumerate(sections):
        splitter.take(section, section.lengths(), gone.get(position, set()))
    return splitter.done()


class _Splitter:
    """Lays items end to end and begins a new file where the envelope is full."""

    def __init__(self, frame: Frame, envelope: Envelope) -> None:
        self.frame, self.envelope = frame, envelope
        self.plans: list[FilePlan] = []
        self.stretches: list[Stretch] = []
        self.items = 0
        self.around = len(frame.head) + len(frame.foot)
        self.bytes = self.around

    def take(self, section: Section, lengths: "array[int]", gone: set[int]) -> None:
        total = sum(lengths)
        if not gone and self._fits(len(lengths), total):
            self._add(section, 0, len(lengths), 0, total)
            return
        start = 0
        for item, length in enumerate(lengths):
            if item not in gone:
                if self.items and not self._fits(1, length):
                    self._finish()
                self._add(section, item, item + 1, start, length)
            start += length

    def _fits(self, items: int, size: int) -> bool:
        most_items, most_bytes = self.envelope.items, self.envelope.bytes
        if most_items is not None and self.items + items > most_items:
            return False
        return most_bytes is None or self.bytes + size <= most_bytes

    def _add(self, section: Section, first: int, last: int, start: int, size: int) -> None:
        if first == last:
            return
        before = self.stretches[-1] if self.stretches else None
        if before is not None and before.section == section and before.last == first:
            self.stretches[-1] = replace(before, last=last, bytes=before.bytes + size)
        else:
            self.stretches.append(Stretch(section, first, last, start, size))
        self.items += last - first
        self.bytes += size

    def _finish(self) -> None:
        size = self.bytes - (len(self.frame.separator) if self.items else 0)
        frame = self.frame
        self.plans.append(FilePlan(frame.head, frame.foot, frame.separator, tuple(self.stretches), self.items, size))
        self.stretches, self.items, self.bytes = [], 0, self.around

    def done(self) -> list[FilePlan]:
        """All files; one without items where there is no item at all."""
        if self.items or not self.plans:
            self._finish()
        return self.plans


def write_file(task: FileTask) -> WrittenFile:
    """Write a planned file to its temporary path, which exists already.

    Raises:
        OutputError: it cannot be written.
        RuntimeError: the bytes are not those that were planned; a bug, since every part was read back.
    """
    plan = task.plan
    with refusals(Path(task.label), plan.bytes), task.path.open("wb", buffering=0) as raw:
        target = _Hashing(raw)
        with _compressed(target) if task.compressed else _plain(target) as file:
            written = sum(file.write(piece) for piece in _pieces(plan))
    if written != plan.bytes:
        message = f"{task.label}: {written} bytes were written where {plan.bytes} were planned"
        raise RuntimeError(message)
    return WrittenFile(plan.items, target.size, target.hash.hexdigest())


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


def _pieces(plan: FilePlan) -> Iterator[bytes | memoryview]:
    """The bytes of a file, a buffer at a time; the last item's separator is left out."""
    yield plan.head
    buffer = memoryview(bytearray(BUFFER))
    left = sum(stretch.bytes for stretch in plan.stretches) - (len(plan.separator) if plan.items else 0)
    for stretch in plan.stretches:
        for piece in _copied(stretch, buffer):
            yield piece[:left]
            left -= min(left, len(piece))
    yield plan.foot


def _copied(stretch: Stretch, buffer: memoryview) -> Iterator[memoryview]:
    """The texts of a stretch through one buffer: fresh memory for each piece costs more than the copying."""
    with stretch.section.path.open("rb", buffering=0) as file:
        file.seek(stretch.section.start + stretch.start)
        left = stretch.bytes
        while left and (size := file.readinto(buffer[: min(left, BUFFER)])):
            yield buffer[:size]
            left -= size
