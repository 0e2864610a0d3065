"""Parts: stretches of a source file that start and end at a record, read by one worker each.

A border is a line end outside quotes, found by counting quotes, without looking at the cells. That is a guess, for a
quote may stand inside an unquoted cell. The proof is the reading: the first part starts right, and a part that starts
right and ends cleanly ends at a record, so that the next one starts right too. A part that does not end cleanly
raises `BrokenPartError`; from there on the file is divided again by reading its records one after the other.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import MAX_LINE, count_lines, malformed, read_lines
from feedsmith.sources.encodings import undecodable
from feedsmith.sources.table import Table

PART_BYTES = 1_500_000
"""Bytes of a part. It never depends on the number of workers, so that the output does not either."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` to before `end`, of which the first stands in the line `first_line` of the file read."""

    index: int
    start: int
    end: int
    first_line: int


class BrokenPartError(SourceError):
    """`part` does not start and end at a record: plan again with `plan_parts_in_series(table, begin=part)`.

    Only the broken part of the lowest index is known to start at a record, once all parts before it were read.
    """

    def __init__(self, place: Place, problem: str, hint: str, part: Part) -> None:
        super().__init__(place, problem, hint)
        self.args = (place, problem, hint, part)
        self.part = part


def plan_parts(table: Table, size: int = PART_BYTES) -> Iterator[Part]:
    """The parts of a table, of `size` bytes and up to one record more, by counting quotes.

    Raises:
        BrokenPartError: no border for so long that the count must be wrong.
    """
    quote = table.dialect.quote.encode()
    index, start, first_line = 0, table.data_offset, table.first_line
    odd, line, position = 0, first_line, start
    after_return = False
    with table.path.open("rb") as file:
        file.seek(start)
        while block := file.read(size):
            split_return = after_return and block.startswith(b"\n")  # a line end that the blocks' border cut in two
            line -= split_return
            cut = first_border(block, odd, quote, table.line_end) if position > start else None
            if cut:
                yield Part(index, start, position + cut, first_line)
                index, start, first_line = index + 1, position + cut, line + count_lines(block[:cut])
            odd ^= block.count(quote) & 1 if quote else 0
            line += count_lines(block)
            position += len(block)
            after_return = block.endswith(b"\r")
            if position - start > 2 * size + MAX_LINE:
                raise broken(table, Part(index, start, position, first_line))
    if position > start:
        yield Part(index, start, position, first_line)


def first_border(block: bytes, odd: int, quote: bytes, line_end: bytes) -> int | None:
    """The offset after the first line end of `block` outside quotes; `odd` is 1 when it starts inside quotes."""
    at = 0
    while (stop := block.find(line_end, at) + 1) and stop < len(block):
        if quote:
            odd ^= block.count(quote, at, stop) & 1
        if not odd and not (line_end == b"\r" and block.startswith(b"\n", stop)):
            return stop
        at = stop
    return None


def broken(table: Table, part: Part) -> BrokenPartError:
    """What to raise for a part that does not start and end at a record."""
    row = None if table.numbered else part.first_line
    hint = "look for a quote in the rows below that is opened and not closed"
    return BrokenPartError(table.place(row), "the records after this line do not end where lines end", hint, part)


def plan_parts_in_series(table: Table, begin: Part | None = None, size: int = PART_BYTES) -> Iterator[Part]:
    """The parts from the start of `begin` on, by reading each record: six times slower, and always right.

    Raises:
        SourceError: a quote is not closed, a cell or line is too long, a byte is not UTF-8; with the record's line.
    """
    index, start, first_line = (
        (begin.index, begin.start, begin.first_line) if begin else (0, table.data_offset, table.first_line)
    )
    with table.path.open("rb") as file:
        file.seek(start)
        for end, line, _ in record_ends(table, Meter(read_lines(file, table.shown, first_line), start, first_line)):
            if end - start >= size:
                yield Part(index, start, end, first_line)
                index, start, first_line = index + 1, end, line
    if end > start:
        yield Part(index, start, end, first_line)


def plan_parts_by_key(table: Table, heading: str, size: int = PART_BYTES) -> Iterator[Part]:
    """The parts of a table in which rows with the same value under `heading`, one after the other, stay together.

    Raises:
        SourceError: as for `plan_parts_in_series`.
    """
    at = table.headings.index(heading) + table.numbered
    index, start, first_line = 0, table.data_offset, table.first_line
    end, line, key = start, first_line, ""
    with table.path.open("rb") as file:
        file.seek(start)
        meter = Meter(read_lines(file, table.shown, first_line), start, first_line)
        for after, next_line, row in record_ends(table, meter):
            new = (row[at] if at < len(row) else "") if _is_kept(table, row) else key
            if new != key and end - start >= size:
                yield Part(index, start, end, first_line)
                index, start, first_line = index + 1, end, line
            end, line, key = after, next_line, new
    if end > start:
        yield Part(index, start, end, first_line)


def _is_kept(table: Table, row: list[str]) -> bool:
    """Whether reading keeps the row: blank and too long ones are left out, and end no run of rows."""
    cells = row[table.numbered :]
    return any(cells) and not any(cells[len(table.headings) :])


class Meter:
    """Decodes lines and keeps the byte and the line after the last one handed out."""

    def __init__(self, lines: Iterator[bytes], offset: int, line: int) -> None:
        self._lines, self.offset, self.line = lines, offset, line
        self.raw = b""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.raw = next(self._lines)
        text = self.raw.decode()
        self.offset += len(self.raw)
        self.line += 1
        return text


def record_ends(table: Table, meter: Meter) -> Iterator[tuple[int, int, list[str]]]:
    """The byte and the line after each record, and the record."""
    line = meter.line
    try:
        for row in table.dialect.records(meter):
            line = meter.line
            yield meter.offset, line, row
    except csv.Error as error:
        raise malformed(error, table.place(line)) from error
    except UnicodeDecodeError as error:
        raise undecodable(meter.raw, error, "utf-8", table.place(meter.line)) from error
