"""Everything a run needs, as plain values: what the coordinator finds out once and every worker gets a copy of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from feedsmith.catalog.conform import Options
from feedsmith.catalog.headings import Claim
from feedsmith.definitions.load import Channel, Project
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.mapping.scope import Table as LookupTable
from feedsmith.mapping.wire import Wire
from feedsmith.reports.report import Counts
from feedsmith.run.scratch import Section
from feedsmith.sources.inherit import Inherit
from feedsmith.sources.parts import Part
from feedsmith.sources.table import Table


@dataclass(frozen=True)
class Job:
    """A run's inputs. `now` is the run's clock; `scratch` is the folder for its intermediate files."""

    project: Project
    channels: Mapping[str, Channel]
    specs: tuple[FeedSpec, ...]
    tables: tuple[Table, ...]
    claims: Mapping[str, Claim]
    options: Options
    inherit: Inherit | None
    lookups: Mapping[str, LookupTable]
    now: datetime
    scratch: Path
    reads: Wire | None = None
    """How a feed is written that something else made and this run only checks; None where feeds are made."""


@dataclass(frozen=True, slots=True)
class PartTask:
    """One part of one source file. `number` counts the parts of the run; `most` limits the rows that are used."""

    number: int
    table: int
    part: Part
    most: int | None = None


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """What a part gave one feed. `failure` says why the feed cannot be made; its other figures then mean nothing."""

    items: int = 0
    rejected: int = 0
    filtered: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a part came to; texts, lengths, digests and issues are in the run's scratch folder."""

    number: int
    rows: int
    bytes: int
    feeds: tuple[FeedCounts, ...]
    sections: tuple[Section, ...]
    counts: Counts
    seed: int
