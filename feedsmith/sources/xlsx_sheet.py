"""The rows of a sheet as texts, read as a stream."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from xml.parsers import expat

from feedsmith.sources.xlsx_package import Package, Workbook, unescape
from feedsmith.sources.xlsx_plain import PlainRows, hides_rows, row_pieces
from feedsmith.sources.xlsx_values import (
    MAX_COLUMNS,
    NUMBER,
    SAFE_DIGITS,
    WHOLE,
    bool_text,
    column_letters,
    column_number,
    day_text,
    elapsed_text,
    number_text,
    serial_text,
)

DIGITS = "0123456789"
AREA_PER_CELL, FREE_AREA = 50, 2_000_000
"""A table whose area is larger than both has a filled cell far outside."""
HANDED_ON = 100
"""Rows that are handed on at once."""
MAX_FAULTS = 1000
"""Doubtful cells that are kept with their place; more are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell whose text cannot be told, or is doubtful."""

    row: int
    column: int
    cell: str
    kind: str
    value: str = ""


Row = tuple[int, list[str]]
"""A row's number in the sheet and its texts; it ends with its last filled cell."""


class SheetReader:
    """Rows of one sheet. `faults` and the count `more_faults` grow while they are read."""

    def __init__(self, package: Package, workbook: Workbook, member: str) -> None:
        self.package, self.workbook, self.member = package, workbook, member
        self.faults: list[Fault] = []
        self.more_faults = 0
        self._done: list[Row] = []
        self._parser = expat.ParserCreate()
        self._columns: dict[str, int] = {}
        self._row = self._column = self._width = self._cells = 0
        self._texts: list[str] = []
        self._value: list[str] = []
        self._reference = self._type = self._style = ""
        self._formula = False
        self._silent = False
        self._plain: PlainRows | None = PlainRows(workbook)

    def rows(self) -> Iterator[Row]:
        """The rows with at least one filled cell, in order."""
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start_root, self._end
        for _ in self.package.feed(self.member, self._parser, self._not_plain()):
            done, self._done = self._done, []
            yield from done
        yield from self._done

    def _not_plain(self) -> Iterator[str | bytes]:
        """What the parser has to read. Plain rows are read here; now and then it gets nothing, so that they go on."""
        for piece in row_pieces(self.package.blocks(self.member)):
            row = self._plain.row(piece) if self._plain is not None and isinstance(piece, str) else None
            if row is None:
                if isinstance(piece, str) and hides_rows(piece):
                    self._plain = None
                yield piece
                continue
            number, self._texts = row
            self._row = number or self._row + 1
            self._cells += len(self._texts) - self._texts.count("")
            self._end_row()
            if len(self._done) > HANDED_ON:
                yield ""

    def _start_root(self, name: str, _: dict[str, str]) -> None:
        """The root tells the prefix of all elements of the sheet, mostly none."""
        prefix = name.rpartition(":")[0]
        if prefix:
            self._plain = None
        tags = ("row", "c", "v", "t", "f", "rPh")
        self._tags = {f"{prefix}:{tag}" if prefix else tag: tag for tag in tags}
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._tags.get(name)
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "v" or (tag == "t" and not self._silent):
            self._parser.CharacterDataHandler = self._value.append
        elif tag == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column, self._texts = 0, []
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._silent = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._reference = reference = attributes.get("r", "")
        letters = reference.rstrip(DIGITS)
        column = self._columns.get(letters) if letters else self._column + 1
        if column is None:
            column = self._columns[letters] = column_number(letters)
        if not self._column < column <= MAX_COLUMNS:
            self.package.refuse(f"the workbook is damaged: cell {reference} stands where no cell can")
        self._column = column
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._formula = False
        self._value.clear()

    def _end(self, name: str) -> None:
        tag = self._tags.get(name)
        if tag == "c":
            self._end_cell()
        elif tag in ("v", "t"):
            self._parser.CharacterDataHandler = None
        elif tag == "row":
            self._end_row()
        elif tag == "rPh":
            self._silent = False

    def _end_cell(self) -> None:
        raw = "".join(self._value)
        if not raw:
            if self._formula and self._type != "str":
                self._fault("formula")
            return
        text = self._text(raw)
        if text:
            self._texts.extend([""] * (self._column - 1 - len(self._texts)))
            self._texts.append(text)
            self._cells += 1

    def _end_row(self) -> None:
        if not self._texts:
            return
        self._width = max(self._width, len(self._texts))
        if self._row * self._width > max(AREA_PER_CELL * self._cells, FREE_AREA):
            self.package.refuse(
                f"sheet cells reach to row {self._row} and column {self._width}, far outside the table",
                "delete the cells outside the table, and save the workbook",
            )
        self._done.append((self._row, self._texts))

    def _fault(self, kind: str, value: str = "") -> None:
        if len(self.faults) == MAX_FAULTS:
            self.more_faults += 1
            return
        cell = self._reference or f"{column_letters(self._column)}{self._row}"
        self.faults.append(Fault(self._row, self._column, cell, kind, value))

    def _text(self, raw: str) -> str:
        if self._type == "s":
            return self._shared(raw)
        if self._type == "n":
            return self._number(raw)
        if self._type == "b":
            return bool_text(raw)
        if self._type == "e":
            self._fault("error", raw)
            return ""
        return day_text(raw) if self._type == "d" else unescape(raw)

    def _shared(self, raw: str) -> str:
        try:
            return self.workbook.texts[int(raw)]
        except (ValueError, IndexError):
            return self.package.refuse(f"the workbook is damaged: cell {self._reference} refers to a missing text")

    def _number(self, raw: str) -> str:
        style = int(self._style or 0)
        dated = style in self.workbook.dates
        if not dated and WHOLE.fullmatch(raw):
            return raw
        number = float(raw) if NUMBER.fullmatch(raw) else None
        if number is None or not isfinite(number):
            return self.package.refuse(f"the workbook is damaged: cell {self._reference} is no number")
        if dated:
            return self._date(number, elapsed=style in self.workbook.elapsed)
        if abs(number) >= SAFE_DIGITS:
            self._fault("digits", raw)
        return number_text(number)

    def _date(self, number: float, *, elapsed: bool) -> str:
        try:
            return elapsed_text(number) if elapsed else serial_text(number, since_1904=self.workbook.since_1904)
        except (OverflowError, ValueError):
            self._fault("date", number_text(number))
            return number_text(number)
