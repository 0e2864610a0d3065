"""What a run has to tell: figures of sources and feeds, and a stream of issues that every format reads."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from feedsmith.issues import Issue, Severity

Counts = Counter[tuple[Severity, str, str]]
"""Number of issues by (severity, feed, code); the feed is empty for an issue about the catalog itself."""


class FeedState(StrEnum):
    """How a feed ended."""

    PUBLISHED = "published"
    """New bytes stand under the final name."""
    UNCHANGED = "unchanged"
    """The published file has the same bytes already; it was not touched."""
    HELD = "held"
    """A guard kept the published feed."""
    FAILED = "failed"
    """The feed could not be made or written; what was published stands."""
    CHECKED = "checked"
    """Nothing was to be written: `validate`, `lint` or a dry run."""


NOT_DONE = frozenset({FeedState.HELD, FeedState.FAILED})
"""How a feed ended of which nothing new was published."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One file that was read. `rows` counts records, without heading and empty rows."""

    path: str
    system: str
    rows: int
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of a feed: `path` relative to the project, `sha256` in hexadecimal digits."""

    path: str
    items: int
    bytes: int
    sha256: str


class DeliveryState(StrEnum):
    """How the delivery of a feed to one target ended."""

    DELIVERED = "delivered"
    """The target has the feed as it stands here."""
    UNCHANGED = "unchanged"
    """The target had it already; nothing was sent."""
    FAILED = "failed"
    """It has not, or not all files; `feedsmith publish` goes on from there."""
    PLANNED = "planned"
    """A dry run: it would be sent."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A feed on its way to one target.

    `to` is the address, `files` are the names there, `bytes` what was sent. `reason` says why it failed, `help` what
    to do about it; `notes` are worth knowing.
    """

    target: str
    to: str
    state: DeliveryState
    files: tuple[str, ...] = ()
    bytes: int = 0
    seconds: float = 0.0
    reason: str = ""
    help: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeltaReport:
    """What changed since a feed's last whole version, in products; `since` is its run, 0 where none is known.

    `deleted` are those that left and that the feed's files delete, `left` those that left and that no file deletes.
    `partial`: the files hold only what changed.
    """

    since: int
    new: int
    changed: int
    unchanged: int
    deleted: int
    left: int
    partial: bool


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What became of one feed.

    `products_in` = `items` + `rejected` + `filtered`; it counts what `item`, the channel's word, names: for `store` and
    `region` a product once in each place, for `promotion` and `review` these records. `reason` says in one line why a
    feed was held or failed.
    `fill` is the share of items (0 to 1) in which a field has a value, in the order of the channel's fields.
    """

    name: str
    channel: str
    state: FeedState
    files: tuple[FileReport, ...] = ()
    items: int = 0
    rejected: int = 0
    filtered: int = 0
    products_in: int = 0
    seconds: float = 0.0
    reason: str = ""
    fill: Mapping[str, float] = field(default_factory=dict)
    item: str = "product"
    candidate: str = ""
    """The folder with the files of a feed that is held, as `path` of a file."""
    exit_code: int = 0
    """What the run ends with where the feed failed; 0 leaves that to the state."""
    delta: DeltaReport | None = None
    """What changed, of a feed whose deltas are made."""
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """What an export before made of a feed; `at` is a time in UTC, `state` one of `FeedState`."""

    at: str
    items: int
    rejected: int
    state: str


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A source as it was read, for a format that hands it back.

    `path` and `sheet` are as issues name them, `file` is where it lies now. `rows` gives a new stream over the records
    below the headings, unchanged, each with its row or line in the user's file.
    """

    path: str
    sheet: str | None
    format: str
    file: Path
    header_row: int
    headings: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[int, Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class Report:
    """All that a format needs.

    `issues` gives a new stream over all issues at each call, as they may not fit in memory; `counts` holds their
    numbers, for a format that has to tell them before the issues. `version` is feedsmith's own.
    """

    version: str
    sources: tuple[SourceReport, ...]
    products: int
    feeds: tuple[FeedReport, ...]
    counts: Counts
    issues: Callable[[], Iterator[Issue]]
    folder: str = ""
    """The project's folder: paths of issues that are not absolute begin there."""
    run: int | None = None
    """The run's number in the history; None where it is not in there."""
    known: int = 0
    """How many errors and warnings a baseline knows; they are among neither `issues` nor `counts`."""
    known_of: str = "the baseline"
    """Whose these are: the baseline's, or those of the state that was compared with."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    """What an export was made from, with hashes; empty for a run that publishes nothing."""
    tables: tuple[ReadTable, ...] = ()
    """The sources, as long as the run's scratch folder is there."""
    past: Callable[[], Mapping[str, Sequence[Point]]] = dict
    """The exports before of each feed, by its name, oldest first."""

    def path(self, path: str) -> str:
        """`path` of an issue, as seen from where the command was given."""
        if not self.folder or not path or Path(path).is_absolute():
            return path
        whole = Path(self.folder, path)
        return whole.relative_to(Path.cwd()).as_posix() if whole.is_relative_to(Path.cwd()) else str(whole)

    def total(self, severity: Severity) -> int:
        """How many issues of this severity there are, over all feeds and the catalog."""
        return sum(number for (found, _, _), number in self.counts.items() if found == severity)
