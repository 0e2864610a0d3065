"""How a text file writes its records: delimiter, quote, escape character, and the limits that hold for all files."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from feedsmith.errors import SourceError
from feedsmith.issues import Place

if TYPE_CHECKING:
    from _csv import Reader

MAX_CELL = 1 << 20
"""Characters of one cell. More is nearly always a quote that was never closed."""
MAX_LINE = 4 << 20
"""Bytes of one line. More is never held in memory."""
BLOCK = 1 << 20
"""Bytes read at a time."""

REASONS = {
    "unexpected end of data": (
        "a quote is opened and never closed",
        'close it; where quotes mean nothing in this file, declare `quote: ""` in the source',
    ),
    "field larger": (
        f"a cell is longer than {MAX_CELL} characters",
        "look for a quote that is opened and never closed",
    ),
    "expected after": (
        "text follows a closing quote",
        'write a quote inside a quoted cell twice, as in "5"" wide"',
    ),
}
"""A part of what the csv module says: the problem in plain words, and the hint."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One character each. `quote` is empty where quotes mean nothing, `escape` where there is no such character."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""

    def records(self, lines: Iterable[str], *, strict: bool = True) -> "Reader":
        """A reader of records; `lines` keep their line ends. A fault raises `csv.Error`."""
        csv.field_size_limit(MAX_CELL)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            escapechar=self.escape or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            strict=strict,
        )


def malformed(error: csv.Error, place: Place) -> SourceError:
    """What to raise for a record that starts at `place` and is no correct CSV."""
    said = str(error)
    problem, hint = next((plain for part, plain in REASONS.items() if part in said), (said, ""))
    return SourceError(place, f"{problem}, in the record that starts here", hint)


def count_lines(block: bytes) -> int:
    r"""Line ends in `block`: `\n`, `\r\n` and a `\r` alone, as the csv module counts them."""
    count = block.count(b"\n")
    if b"\r" in block:
        count += block.count(b"\r") - block.count(b"\r\n")
    return count


def read_lines(file: BinaryIO, shown: str, first_line: int = 1) -> Iterator[bytes]:
    """The lines of `file` from where it stands, with their ends; a line above `MAX_LINE` is a SourceError."""
    rest = b""
    line = first_line
    while block := file.read(BLOCK):
        pieces = (rest + block).splitlines(keepends=True)
        rest = pieces.pop()
        yield from pieces
        line += len(pieces)
        if len(rest) > MAX_LINE:
            raise SourceError(
                Place(shown, line),
                f"this line is longer than {MAX_LINE} bytes",
                "check that this is a catalog with one record a line",
            )
    if rest:
        yield rest
