"""A table on its way back to the merchant: its sheet, the columns of its headings, its comments."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from feedsmith.issues import Severity
from feedsmith.reports.report import ReadTable
from feedsmith.run.handback.coloured import Faults
from feedsmith.run.handback.marks import Mark
from feedsmith.run.handback.notes import MOST_NOTES, Note
from feedsmith.run.handback.package import Sheet
from feedsmith.sources.xlsx_sheet import DIGITS
from feedsmith.sources.xlsx_values import column_letters, column_number


@dataclass
class Handed:
    """A table that is handed back: its sheet, and the columns of its headings."""

    number: int
    table: ReadTable
    sheet: Sheet
    columns: Mapping[str, int]
    filled: bool
    """Whether it is the merchant's own sheet, whose rows are those of the issues."""
    notes: dict[str, Note] = field(default_factory=dict)
    """The comments by their cells' names."""
    more_notes: int = 0
    cut: bool = False
    """Whether the sheet has no room for all rows."""
    cut_cells: int = 0
    """Cells whose text did not fit."""

    def place(self, heading: str, cell: str) -> int:
        """The column of an issue; what is about the row as a whole stands at its first cell."""
        if cell and self.filled:
            return column_number(cell.rstrip(DIGITS)) or 1
        return self.columns.get(heading, 1)

    def column(self, mark: Mark) -> int:
        """The column of a mark."""
        return self.place(mark.heading, mark.cell)

    def note(self, row: int, column: int, mark: Mark, but: frozenset[str] = frozenset()) -> None:
        """Keep the comment for a cell, unless it has one of the merchant's."""
        ref = f"{column_letters(column)}{row}"
        former = self.notes.get(ref)
        if former is not None:
            self.notes[ref] = former._replace(text=f"{former.text}\n{mark.note}")
        elif len(self.notes) == MOST_NOTES:
            self.more_notes += 1
        elif ref not in but:
            self.notes[ref] = Note(ref, row, column, mark.note)


def colours(handed: Handed, found: list[Mark]) -> Faults:
    """The gravest severity of each column of a row."""
    faults: Faults = {}
    for mark in found:
        column = handed.column(mark)
        if faults.get(column) is not Severity.ERROR:
            faults[column] = mark.severity
    return faults
