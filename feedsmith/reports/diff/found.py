"""What is different between two versions of feeds, as the formats of `feedsmith diff` tell it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

COLUMN = "column"
"""What a text around the items is called that is the heading of a column which one side lacks."""
EXAMPLES = 3
"""Examples that are kept of each field, and of duplicate keys."""


class Kind(StrEnum):
    """What became of a product."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


class FieldChange(msgspec.Struct, frozen=True):
    """A field's texts before and after; None is absent. Lists and groups are JSON."""

    field: str
    old: str | None
    new: str | None


class ProductChange(msgspec.Struct, frozen=True):
    """One product that came, left or changed; `fields` tells of a changed one.

    `key` are the texts of the key's fields. Places are `path:row`, in the feed's own files; "" on the side without it.
    """

    kind: Kind
    key: tuple[str, ...]
    title: str = ""
    old_place: str = ""
    new_place: str = ""
    fields: tuple[FieldChange, ...] = ()

    @property
    def name(self) -> str:
        """The key as one text."""
        return " ".join(self.key)


class Example(msgspec.Struct, frozen=True):
    """How a field changed in one product."""

    product: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Version:
    """One side of a feed: its files as they are named to the user, and its items."""

    files: tuple[str, ...] = ()
    items: int = 0
    duplicates: int = 0
    """Items whose key an item before them has."""
    repeated: tuple[str, ...] = ()
    """The first of their keys."""
    unread: int = 0
    """Rows that could not be read."""
    first_unread: str = ""
    """Where the first of them stands, and why."""
    deletes: int = 0
    """Further items, which take a product away from the channel."""


@dataclass(frozen=True)
class FeedDiff:
    """What is different in one feed.

    A feed that only one side has lacks the other version. `fields` says in how many products each field differs, the
    most first; `respelled` counts products that only write the same values in another way, `moved` those that stand
    elsewhere in the file. `frame` are texts around the items. `note` tells why a feed could not be compared.
    `prices` are the fields with amounts.
    """

    name: str
    channel: str = ""
    key: tuple[str, ...] = ()
    old: Version | None = None
    new: Version | None = None
    counts: Mapping[Kind, int] = field(default_factory=dict)
    moved: int = 0
    respelled: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    frame: tuple[FieldChange, ...] = ()
    prices: tuple[str, ...] = ()
    same_bytes: bool = False
    note: str = ""
    changes: Callable[[], Iterator[ProductChange]] = lambda: iter(())
    """All of them: changed, added, removed; within these in the order of the file. Read from disk each time."""

    def count(self, kind: Kind) -> int:
        """The products of that kind."""
        return self.counts.get(kind, 0)

    @property
    def differs(self) -> bool:
        """Whether anything but spelling and bytes is different."""
        lone = not self.note and (self.old is None or self.new is None)
        return lone or bool(self.note or self.frame or self.moved or any(self.counts.values()))


@dataclass(frozen=True)
class Differences:
    """All feeds of both sides; `old` and `new` say what was compared. `exact` counts other spellings as changes.

    `notes` tell what of a state is not as it was, or could not be made.
    """

    version: str
    old: str
    new: str
    feeds: tuple[FeedDiff, ...]
    exact: bool = False
    notes: tuple[str, ...] = ()

    @property
    def differ(self) -> bool:
        """Whether any feed differs; compared exactly, other bytes are a difference too."""
        return any(feed.differs or (self.exact and not feed.same_bytes) for feed in self.feeds)
