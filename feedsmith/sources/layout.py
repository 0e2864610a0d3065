"""Where a text file's headings and records begin, and which delimiter parts its cells."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from feedsmith.errors import SourceError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.sources.dialect import Dialect, malformed
from feedsmith.sources.headings import STRAY
from feedsmith.values.gtin import gtin_problem

HEAD = 1 << 20
"""Bytes at the start of a file in which the headings must end."""
DELIMITERS = ";\t|,"
"""Where two fit equally well the first wins: commas that part all rows alike may be decimal commas."""
SAMPLE = 20
"""Records that decide about the delimiter."""
LOOK_AHEAD = 8
"""Filled rows among which the headings are looked for."""
NUMBER = re.compile(r"\s*[-+\u20ac$\u00a3]*\s*[0-9][0-9.,' ]*\s*[%\u20ac]?\s*")
"""A cell that is no heading."""
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
    issues: tuple[Issue, ...] = ()


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
        header_row: the line of the headings, 0 where there are none; without it the first line that is neither blank
            nor a title nor a comment, after a `sep=` line.
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
    return _headings(lines, dialect, shown, skip_rows, header_row)


@dataclass(frozen=True, slots=True)
class _Row:
    """A record at the start of a file: its cells, its first line and byte, and those behind it."""

    cells: list[str]
    line: int
    start: int
    next_line: int
    end: int


def _first_rows(lines: _Lines, dialect: Dialect, count: int, shown: str) -> list[_Row]:
    """The first `count` records that hold something and are no comments; a fault behind the first one ends them."""
    rows: list[_Row] = []
    line, start = lines.number + 1, lines.offset
    try:
        for cells in dialect.records(lines):
            if any(map(str.strip, cells)) and not _is_comment(cells):
                rows.append(_Row(cells, line, start, lines.number + 1, lines.offset))
            line, start = lines.number + 1, lines.offset
            if len(rows) == count:
                break
    except csv.Error as error:
        if not rows:
            raise malformed(error, Place(shown, line)) from error
    if not rows:
        raise SourceError(Place(shown), "the file has no heading row", "check the export that writes it")
    return rows


def _headings(lines: _Lines, dialect: Dialect, shown: str, skip_rows: int, header_row: int | None) -> Layout:
    rows = _first_rows(lines, dialect, LOOK_AHEAD + skip_rows, shown)
    at = _below_titles([row.cells for row in rows]) if header_row is None else 0
    heading = rows[at]
    issues: tuple[Issue, ...] = (_title_issue(rows[0], heading.line, at, shown),) if at else ()
    code = _product_code(heading.cells) if header_row is None else ""
    if header_row == 0 or code:
        issues += (_no_headings(heading, code, shown),) if code else ()
        return Layout(dialect, ("",) * len(heading.cells), heading.line, heading.start, heading.line, issues)
    last = rows[min(at + skip_rows, len(rows) - 1)]
    return Layout(dialect, tuple(heading.cells), heading.line, last.end, last.next_line, issues)


def _below_titles(rows: list[list[str]]) -> int:
    """The number of the row that holds the headings: the first, or one below a title.

    A title fills fewer than half as many cells as the rows below it; headings hold no numbers. Where that is not sure
    the first row is taken: a wrong guess would read a product as headings.
    """
    filled = [sum(map(bool, map(str.strip, cells))) for cells in rows]
    if not rows or 2 * filled[0] >= max(filled[1:4], default=0):
        return 0
    for at, count in enumerate(filled[:-1]):
        if count > 1 and 2 * count > max(filled[at + 1 : at + 4], default=0):
            return 0 if any(map(NUMBER.fullmatch, rows[at])) else at
    return 0


def _product_code(cells: list[str]) -> str:
    """A GTIN among what should be headings, of which none is one; "" without."""
    found = (cell.strip() for cell in cells if len(cell.strip()) >= 12)  # noqa: PLR2004 a UPC
    return next((cell for cell in found if gtin_problem(cell) is None), "")


def _title_issue(title: _Row, line: int, count: int, shown: str) -> Issue:
    message = f"The headings are taken from line {line}; {count} filled row(s) above are skipped as a title."
    value = " ".join(filter(None, title.cells))
    return Issue("title-row", Severity.INFO, message, Place(shown, title.line), value=value,
                 help=f"Declare `header_row: {line}`.")  # fmt: skip


def _no_headings(row: _Row, code: str, shown: str) -> Issue:
    message = f"There are no headings: the first row holds the GTIN {code}. Columns are called by their position."
    help_ = "Declare `header_row: 0` and what the columns are, such as `columns: {gtin: column 2}`."
    return Issue("unknown-column", Severity.WARNING, message, Place(shown, row.line), value=code, help=help_)


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
    rows: list[list[str]] = []
    try:
        for cells in dialect.records(io.StringIO(text, newline=""), strict=False):
            if any(cells):
                rows.append(cells)
            if len(rows) > SAMPLE:
                break
    except csv.Error:
        rows = []
    if not rows:
        return False, 0.0, 0
    widths = [len(cells) for cells in rows[_below_titles(rows) :]]
    return widths[0] > 1, widths.count(widths[0]) / len(widths), widths[0]
