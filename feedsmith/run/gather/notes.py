"""What the gathering has to tell: once for each reason, with how often and the first place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from feedsmith.issues import Issue, Place, Severity


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is told. `{n}` in the message is how often."""

    code: str
    severity: Severity
    message: str
    help: str = ""


class Notes:
    """Collects what is told once."""

    def __init__(self) -> None:
        self._counts: Counter[Reason] = Counter()
        self._first: dict[Reason, tuple[Place, str]] = {}

    def tell(self, reason: Reason, place: Place, value: str = "") -> None:
        """Count the reason; the first place and value are kept."""
        self._counts[reason] += 1
        self._first.setdefault(reason, (place, value))

    def __contains__(self, reason: Reason) -> bool:
        """Whether it was told."""
        return reason in self._counts

    def issues(self) -> Iterator[Issue]:
        """One issue for each reason."""
        for reason, number in self._counts.items():
            place, value = self._first[reason]
            message = reason.message.replace("{n}", f"{number:,}")
            yield Issue(reason.code, reason.severity, message, place, value=value, help=reason.help)
