"""Where a text file's headings and records begin, and which delimiter parts its cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import Dialect, malformed
from feedsmith.sources.headings import STRAY

HEAD = 1 << 20
"""Bytes at the start of a file in which the headings must end."""
DELIMITERS = ";\t|,"
"""Where two fit equally well the first wins: commas that part all rows alike may be decimal commas."""
SAMPLE = 20
"""Records that decide about the delimiter."""
SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n?')
"""The first line by which a spreadsheet program is told the delimiter."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`data_offset` is the byte after the headings and skipped rows, `first_line` the line that starts there."""

    dialect: Dialect
    cells: tuple[str, ...]
    heading_line: int
    data_offset: int
    first_line: int


class _Lines:
    """The lines of a text, with the count of those handed out and of their bytes in UTF-8."""

    def __init__(self, text: str, offset: int) -> None:
        self._lines = io.StringIO(text, newline="")
        self.offset, self.number = offset, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.offset += len(line.encode())
        self.number += 1
        return line


def find_layout(
    text: str, start: int, dialect: Dialect, shown: str, *, header_row: int | None = None, skip_rows: int = 0
) -> Layout:
    """The layout of a file that has `text` from byte `start` (after a byte order mark).

    Args:
        text: the first megabyte, decoded.
        start: the byte of the file at which `text` begins.
        dialect: an empty delimiter asks for it to be found.
        shown: the file's name for messages.
        header_row: the line of the headings; without it the first line that is not blank, after a `sep=` line.
        skip_rows: records below the headings that are no products.

    Raises:
        SourceError: there are no headings, or they are no correct CSV.
    """
    lines = _Lines(text, start)
    sep = SEP_LINE.fullmatch(text[: text.find("\n") + 1])
    if sep:
        next(lines)
    for _ in range((header_row or 1) - 1 - lines.number):
        next(lines, None)
    rest = text.encode()[lines.offset - start :].decode()
    if not dialect.delimiter:
        dialect = replace(dialect, delimiter=sep[1] if sep else guess_delimiter(rest, dialect))
    return _headings(lines, dialect, shown, skip_rows)


def _headings(lines: _Lines, dialect: Dialect, shown: str, skip_rows: int) -> Layout:
    records = dialect.records(lines)
    before = lines.number
    try:
        for cells in records:
            if any(map(str.strip, cells)) and not _is_comment(cells):
                break
            before = lines.number
        else:
            raise SourceError(Place(shown), "the file has no heading row", "check the export that writes it")
        heading_line = before + 1
        for _ in islice(records, skip_rows):
            before = lines.number
    except csv.Error as error:
        raise malformed(error, Place(shown, before + 1)) from error
    return Layout(dialect, tuple(cells), heading_line, lines.offset, lines.number + 1)


def _is_comment(cells: list[str]) -> bool:
    """Whether each cell is a comment on its column, as in templates that channels hand out."""
    return len(cells) > 1 and all(cell.lstrip(STRAY).startswith("# ") for cell in cells if cell)


def guess_delimiter(text: str, dialect: Dialect) -> str:
    """The one of `, ; TAB |` that parts the heading row, and most rows below it into as many cells.

    A file of one column gets one that stands in none of its rows, if there is such.
    """
    return max(DELIMITERS, key=lambda delimiter: _fitness(text, replace(dialect, delimiter=delimiter)))


def _fitness(text: str, dialect: Dialect) -> tuple[bool, float, int]:
    """Whether the delimiter parts the headings, which share of the rows is as wide, and how wide they are."""
    widths: list[int] = []
    try:
        for cells in dialect.records(io.StringIO(text, newline=""), strict=False):
            if any(cells):
                widths.append(len(cells))
            if len(widths) > SAMPLE:
                break
    except csv.Error:
        return False, 0.0, 0
    if not widths:
        return False, 0.0, 0
    return widths[0] > 1, widths.count(widths[0]) / len(widths), widths[0]
