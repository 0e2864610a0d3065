"""What the last delta of a feed did with one product."""

from dataclasses import dataclass
from enum import StrEnum

from feedsmith.reports.diff.found import FieldChange


class DeltaState(StrEnum):
    """What the last delta did with a product."""

    NO_WHOLE = "no whole feed"
    """No whole feed is noted, so the next delta holds everything."""
    NO_DELTA = "no delta"
    """None was made since the last whole feed."""
    NOT_IN_IT = "not in it"
    """It is in the whole feed, and no delta has sent another version of it."""
    UNKNOWN = "unknown"
    """Neither the whole feed nor the delta has it."""
    NEW = "new"
    CHANGED = "changed"
    AGAIN = "sent again"
    """It is as in the whole feed: a delta before sent another version, or others of its group changed."""
    DELETED = "deleted"
    NOT_COMPARED = "sent"
    """The delta has it; the files to compare are kept no more, or cannot be read."""


@dataclass(frozen=True, slots=True)
class InDelta:
    """What the last delta did. `run` is the delta's, `since` that of the last whole feed; 0 for none.

    `changes` are the fields that differ from the whole feed. `way` is how the channel deletes, where its files cannot.
    """

    state: DeltaState
    since: int = 0
    run: int = 0
    changes: tuple[FieldChange, ...] = ()
    way: str = ""
