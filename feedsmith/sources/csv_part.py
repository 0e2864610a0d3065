"""Reading a part of a source file as batches of columns."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, pairwise

from feedsmith.errors import SourceError
from feedsmith.issues import Issue, Severity, shown
from feedsmith.sources.batch import Batch
from feedsmith.sources.dialect import count_lines
from feedsmith.sources.encodings import undecodable
from feedsmith.sources.parts import BrokenPartError, Part, broken, plan_parts, plan_parts_in_series
from feedsmith.sources.table import Table
from feedsmith.values.column import Column, FileColumn

BATCH_ROWS = 2000
"""Rows of a batch; like the size of a part it never depends on the number of workers."""
BLOCK_ROWS = 50
"""Rows that are turned into columns at a time: so few that the processor still has them at hand."""

Row = list[str]


def read_table(table: Table, headings: Collection[str] | None = None) -> Iterator[Batch]:
    """All batches of a table one after the other, in this process; for sources that are looked up, and for samples."""
    try:
        yield from _read_parts(table, plan_parts(table), headings)
    except BrokenPartError as error:
        # Parts are read in order and handed out whole, so all before the broken one were right.
        yield from _read_parts(table, plan_parts_in_series(table, begin=error.part), headings)


def _read_parts(table: Table, parts: Iterator[Part], headings: Collection[str] | None) -> Iterator[Batch]:
    for part in parts:
        yield from list(read_part(table, part, headings))


def read_part(
    table: Table, part: Part, headings: Collection[str] | None = None, batch_rows: int = BATCH_ROWS
) -> Iterator[Batch]:
    """The batches of a part, with the columns named in `headings` only, or all.

    Where several parts of a table raise, only the first of them in the file's order is right about the reason.

    Raises:
        BrokenPartError: the part does not start and end at a record.
        SourceError: a byte is not UTF-8, or the file is cut off or became shorter.
    """
    raw = _bytes_of(table, part)
    records = table.dialect.records(io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline=""))
    picks = [(at, name) for at, name in enumerate(table.headings) if headings is None or name in headings]
    try:
        before = 0
        rows: list[Row] = []
        gathered = _Gathered(table, picks)
        while block := list(islice(records, min(BLOCK_ROWS, batch_rows - gathered.rows))):
            rows = block
            gathered.add(rows, _lines_of(rows, part.first_line + before, records.line_num - before))
            before = records.line_num
            if gathered.rows == batch_rows:
                yield gathered.batch()
                gathered = _Gathered(table, picks)
        if gathered.rows:
            yield gathered.batch()
        if rows and not raw.endswith((b"\n", b"\r")):
            _refuse_cut(table, rows[-1], part.first_line + count_lines(raw))
    except csv.Error as error:
        raise broken(table, part) from error
    except UnicodeDecodeError:
        raise _not_utf8(table, part, raw) from None


def _refuse_cut(table: Table, last: Row, line: int) -> None:
    """A last row that lacks both cells and its line end was not written to its end."""
    if any(last) and len(last) < len(table.headings):
        raise SourceError(
            table.place(line),
            f"the file seems cut off: its last row has {len(last)} of {len(table.headings)} cells and no line end",
            "copy or export it again; if it is whole, add a line end after the last row",
        )


def _bytes_of(table: Table, part: Part) -> bytes:
    try:
        with table.path.open("rb") as file:
            file.seek(part.start)
            raw = file.read(part.end - part.start)
    except OSError as error:
        raise SourceError(table.place(), f"cannot be read: {error.strerror}", "start the run again") from error
    if len(raw) < part.end - part.start:
        raise SourceError(table.place(), "the file became shorter while it was read", "let the export finish first")
    return raw


def _not_utf8(table: Table, part: Part, raw: bytes) -> SourceError:
    """Decode again: the reader's own error counts from its last chunk."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return undecodable(raw, error, "utf-8", table.place(part.first_line))
    raise AssertionError


def _lines_of(rows: list[Row], first: int, taken: int) -> Sequence[int]:
    """The line at which each row starts; `taken` lines belong to all rows together."""
    if taken == len(rows):
        return range(first, first + taken)
    lines = []
    for row in rows:
        lines.append(first)
        first += 1 + count_lines(",".join(row).encode())
    return lines


class _Gathered:
    """A batch in the making: its columns, lengthened block by block."""

    def __init__(self, table: Table, picks: list[tuple[int, str]]) -> None:
        self.table, self.picks = table, picks
        self.columns: list[list[str | None]] = [[] for _ in picks]
        self.rows = 0
        self.read: list[int] = []
        """The lines of all rows, of blank ones too."""
        self.lines: list[int] = []
        self.blank: list[int] = []
        self.ragged: list[Issue] = []

    def add(self, rows: list[Row], lines: Sequence[int]) -> None:
        """Add rows as they were read, with the line at which each starts."""
        self.rows += len(rows)
        if self.table.numbered:
            lines = [int(row.pop(0)) for row in rows]
        self.read += lines
        if set(map(len, rows)) != {len(self.table.headings)} or not all(map(any, rows)):
            rows, lines = self._even(rows, lines)
        self.lines += lines
        if rows:
            cells = list(zip(*rows, strict=True))
            for column, (at, _) in zip(self.columns, self.picks, strict=True):
                column.extend(_with_none(cells[at]))

    def _even(self, rows: list[Row], lines: Sequence[int]) -> tuple[list[Row], list[int]]:
        """The rows as wide as the headings; blank rows, too long ones and too short ones are noted."""
        width = len(self.table.headings)
        kept: list[Row] = []
        kept_lines: list[int] = []
        for row, line in zip(rows, lines, strict=True):
            if not any(row):
                self.blank.append(line)
                continue
            if any(row[width:]):
                self.ragged.append(_too_long(self.table, row, line))
                continue
            if len(row) < width and not self.table.open_ended:
                self.ragged.append(_too_short(self.table, row, line))
            kept.append(row[:width] + [""] * (width - len(row)))
            kept_lines.append(line)
        return kept, kept_lines

    def batch(self) -> Batch:
        """The batch, with the issues of its rows."""
        table = self.table
        pairs = zip(self.picks, self.columns, strict=True)
        columns: dict[str, Column] = {name: FileColumn(values) for (_, name), values in pairs}
        issues = (*self.ragged, *_blank_stretches(table, self.blank, self.read))
        return Batch(table.shown, table.sheet, columns, self.lines, issues, table.files)


def _with_none(values: Sequence[str]) -> Sequence[str | None]:
    return [value or None for value in values] if "" in values else values


def _too_long(table: Table, row: Row, line: int) -> Issue:
    return Issue(
        "ragged-row",
        Severity.ERROR,
        f"The row has {len(row)} cells, but there are {len(table.headings)} headings; the row is left out.",
        table.place(line),
        value=shown(table.dialect.delimiter.join(row)),
        help="Put quotes around a cell that holds the delimiter, and check that no cell is shifted.",
    )


def _too_short(table: Table, row: Row, line: int) -> Issue:
    missing = table.headings[len(row)]
    return Issue(
        "ragged-row",
        Severity.WARNING,
        f"The row has {len(row)} cells, but there are {len(table.headings)} headings; "
        f"it is kept, with `{missing}` and what follows empty.",
        table.place(line),
        value=shown(table.dialect.delimiter.join(row)),
        help="Write every cell, also the empty ones.",
    )


def _blank_stretches(table: Table, blank: list[int], lines: Sequence[int]) -> Iterator[Issue]:
    """One issue for blank rows that follow each other."""
    follows = dict(pairwise(lines))
    while blank:
        count = next((at for at, line in enumerate(blank[1:], 1) if follows[blank[at - 1]] != line), len(blank))
        stretch, blank = blank[:count], blank[count:]
        rows = "A blank row is" if count == 1 else f"{count} blank rows are"
        yield Issue("empty-row", Severity.INFO, f"{rows} skipped.", table.place(stretch[0]))
