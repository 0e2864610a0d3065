"""What is wrong with one product, field, file or feed: data that is collected, while the run goes on."""

from dataclasses import dataclass
from enum import StrEnum

VALUE_SHOWN = 200
"""Code points of a found value that an issue keeps; the rest is cut."""


class Severity(StrEnum):
    """How much an issue matters to the channel."""

    ERROR = "error"
    """The channel would reject the product: it is left out of the feed."""
    WARNING = "warning"
    """The channel takes the product, but ignores the value, shows it less or complains."""
    INFO = "info"
    """Worth improving, or worth knowing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's own files, counted as the user's own tool counts.

    `row` is a spreadsheet's row, or the line of a text file at which the record starts.
    `column` is a heading; for a rule, a template or a definition it is the column of that line.
    """

    path: str
    row: int | None = None
    column: str | None = None
    sheet: str | None = None
    cell: str | None = None

    def __str__(self) -> str:
        """As `path:row:column`, with what is known."""
        sheet = f"[{self.sheet}]" if self.sheet else ""
        return ":".join(str(part) for part in (self.path + sheet, self.row, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing wrong. `code` is stable and never reused; `message` stands alone, in the user's words."""

    code: str
    severity: Severity
    message: str
    place: Place
    product: str = ""
    feed: str = ""
    channel: str = ""
    field: str = ""
    value: str = ""
    help: str = ""
    reference: str = ""


def shown(value: object, most: int = VALUE_SHOWN) -> str:
    """`value` as an issue keeps it: text, cut at `most` code points."""
    text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
