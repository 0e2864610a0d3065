"""Everything a run needs, as plain values: what the coordinator finds out once and every worker gets a copy of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from feedsmith.catalog.conform import Conformer, Options
from feedsmith.catalog.headings import Claim
from feedsmith.catalog.records import RECORDS
from feedsmith.definitions.load import Channel, Project
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.issues import Place
from feedsmith.mapping.scope import Table as LookupTable
from feedsmith.mapping.taxonomy import Taxonomy
from feedsmith.mapping.wire import Wire
from feedsmith.reports.report import Counts
from feedsmith.run.joining import Join, Joiner, joined_options
from feedsmith.run.scratch import Section
from feedsmith.sources.inherit import Inherit
from feedsmith.sources.parts import Part
from feedsmith.sources.table import Table


@dataclass(frozen=True)
class Stream:
    """Records of one kind on their way into feeds: their files, how these are read, and the numbers of the feeds."""

    record: str
    tables: tuple[Table, ...]
    claims: Mapping[str, Claim]
    options: Options
    inherit: Inherit | None
    feeds: tuple[int, ...]
    parts: tuple[Part, ...] = ()
    """The parts of its one table, where they are known already."""
    put_in_order: tuple[Table, ...] = ()
    """The user's files, where the one table is a spool with their rows in another order."""
    joins: tuple[Join, ...] = ()
    """The sources that are joined to it."""
    name: str = ""
    """The source's name."""
    held: str = ""
    """Why none of its feeds may be published."""
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What a later run is to know of its sources when their files are missing: see `remembered`."""
    system: str = "generic"
    """The system that wrote the files, by its name."""
    read: tuple[int, ...] = ()
    """The records of each of the user's files, where the table that is read does not tell."""

    @property
    def sources(self) -> tuple[Table, ...]:
        """The user's own files."""
        return self.put_in_order or self.tables

    def conformer(self) -> Conformer:
        """What turns batches of the files into typed records."""
        return Conformer(self.claims, self.options, RECORDS[self.record], joined_options(self.joins))

    def joiner(self, headings: Collection[str] | None = None) -> Joiner:
        """What brings the joined columns to its batches; those of `headings`, or all."""
        return Joiner(self.joins, self.conformer(), headings)


@dataclass(frozen=True)
class Job:
    """A run's inputs: `specs` are its feeds, `places` the stores and regions, `rates` what a currency is in another.

    `now` is the run's clock; `scratch` is the folder for its intermediate files.
    """

    project: Project
    channels: Mapping[str, Channel]
    specs: tuple[FeedSpec, ...]
    streams: tuple[Stream, ...]
    places: Mapping[str, tuple[Mapping[str, Any], ...]]
    lookups: Mapping[str, LookupTable]
    taxonomies: Mapping[str, Taxonomy]
    rates: Mapping[tuple[str, str], Decimal]
    now: datetime
    scratch: Path
    tracks: bool = False
    """Whether items are compared with those that were published before."""
    reads: Wire | None = None
    """How a feed is written that something else made and this run only checks; None where feeds are made."""

    @property
    def records(self) -> list[str]:
        """The kinds of records that its feeds are made of, products first."""
        return list(dict.fromkeys(stream.record for stream in self.streams))

    def stream_with(self, record: str) -> Stream:
        """The first stream of that kind of record; further ones have the same records in another order."""
        return next(stream for stream in self.streams if stream.record == record)

    def stream_of(self, feed: str) -> Stream:
        """The stream that the feed of that name is made of."""
        return self.streams[self.position_of(feed)[0]]

    def position_of(self, feed: str) -> tuple[int, int]:
        """The number of the stream that the feed of that name is made of, and the feed's number among those of it."""
        return next(
            (number, position)
            for number, stream in enumerate(self.streams)
            for position, one in enumerate(stream.feeds)
            if self.specs[one].name == feed
        )

    @property
    def bytes(self) -> int:
        """The size of the files that are read row by row."""
        return sum(table.path.stat().st_size for stream in self.streams for table in stream.tables)


@dataclass(frozen=True, slots=True)
class PartTask:
    """One part of one source file. `number` counts the parts of the run; `most` limits the rows that are used."""

    number: int
    stream: int
    table: int
    part: Part
    most: int | None = None


@dataclass(frozen=True, slots=True)
class RedoTask:
    """A part that is done again for one feed of its stream, without the products of these numbers among its own."""

    task: PartTask
    feed: int
    drop: frozenset[int]
    path: Path


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """What a part gave one feed. `failure` says why the feed cannot be made; its other figures then mean nothing.

    `taken` counts what could become items: products, or products in places.
    """

    taken: int = 0
    items: int = 0
    rejected: int = 0
    filtered: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PartJoin:
    """What a part came to with one joined source.

    `unmatched` counts the products without a row there, `examples` are the first with their places; `used` holds the
    numbers of the rows that were found, 32 bits each.
    """

    unmatched: int
    examples: tuple[tuple[str, Place], ...]
    used: bytes


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a part came to for each feed of its stream; texts and issues are in the run's scratch folder."""

    task: PartTask
    rows: int
    bytes: int
    feeds: tuple[FeedCounts, ...]
    sections: tuple[Section, ...]
    counts: Counts
    seed: int
    joined: tuple["PartJoin", ...] = ()
