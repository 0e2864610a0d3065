"""What every target has in common: a file on its way, the time that it may take, and what comes back."""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from feedsmith.errors import DeliveryError, TargetBusyError
from feedsmith.issues import Place
from feedsmith.publish.secret import Veil

BLOCK = 1 << 18
AGAIN = "`feedsmith publish` goes on from here"
DIRECT = "written under its own name from the start (`rename: no`): a reader may see half of it"
REFUSED = "check the folder and what the user may do there; `rename: no` is for servers that forbid renaming"
STALL = 30.0
"""Seconds without a sign of life from a server."""
SHORTEST = 0.05
"""Seconds that even a budget that is used up leaves: a timeout of zero would mean none."""


class Budget:
    """The time that a delivery may take, with all its tries: `seconds` from now on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; negative when it is used up."""
        return self._until - time.monotonic()

    @property
    def patience(self) -> float:
        """Seconds to wait for one sign of life."""
        return max(min(STALL, self.left), SHORTEST)

    def check(self, place: Place) -> None:
        """Stop where it is used up.

        Raises:
            TargetBusyError: it is.
        """
        if self.left <= 0:
            raise TargetBusyError(place, f"it takes longer than {self.seconds:g} seconds", "raise `within`")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to deliver. `name` is what it is called there; `since` the version that we delivered last, or empty."""

    local: Path
    name: str
    sha256: str
    size: int
    budget: Budget
    since: str = ""

    def blocks(self, file: BinaryIO, place: Place) -> Iterator[bytes]:
        """The content of the opened local file, as long as there is time."""
        while block := file.read(BLOCK):
            self.budget.check(place)
            yield block

    def digest(self, kind: str) -> str:
        """A digest of the content, `sha256` or another kind, in hexadecimal digits."""
        if kind == "sha256":
            return self.sha256
        with self.local.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


class Placed(NamedTuple):
    """What a target says of a delivered file: its version, by which a change by others is seen, and a remark."""

    version: str = ""
    note: str = ""


class Meaning(NamedTuple):
    """What errors of a library come to; `{said}` in the problem is their text."""

    errors: tuple[type[Exception], ...]
    kind: type[DeliveryError]
    problem: str
    hint: str


def told(error: BaseException, meanings: Iterable[Meaning], place: Place, veil: Veil) -> DeliveryError | None:
    """What an error means by the first meaning that fits; None for one that is told already, or that none fits."""
    if isinstance(error, DeliveryError):
        return None
    said = veil(getattr(error, "strerror", None) or str(error) or type(error).__name__)
    for meaning in meanings:
        if isinstance(error, meaning.errors):
            return meaning.kind(place, meaning.problem.format(said=said), meaning.hint)
    return None


class Target(Protocol):
    """A place that takes files. Each raises a `DeliveryError`: `TargetBusyError` where another try may help."""

    def put(self, parcel: Parcel) -> Placed:
        """Deliver a file; its name there holds the old file or the whole new one, at every moment."""

    def remove(self, name: str, budget: Budget) -> str:
        """Remove a file that we delivered before; one that is gone already is fine. Gives a remark, or nothing."""

    def close(self) -> None:
        """Let go of the connection."""
