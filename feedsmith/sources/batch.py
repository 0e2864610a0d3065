"""The unit that travels: some thousand rows of a source as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from feedsmith.issues import Issue, Place
from feedsmith.sources.files import FileLines, place_in
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one source file, as columns of text.

    `columns` is keyed by heading as the file has it (a repeated heading gets `#2`, `#3`); an empty cell is None.
    `lines` holds each row's number: a text file's line at which the record starts, a spreadsheet's row.
    `issues` tells what was wrong with rows of this stretch of the file (ragged, empty); such rows are not in `columns`
    unless the issue's message says that they were kept.
    `files` is empty, or says which file the rows come from: see `feedsmith.sources.files`.
    """

    path: str
    sheet: str | None
    columns: dict[str, Column]
    lines: Sequence[int]
    issues: tuple[Issue, ...] = ()
    files: tuple[FileLines, ...] = ()

    def place(self, row: int, column: str | None = None) -> Place:
        """Where a row comes from."""
        return place_in(self.files, self.lines[row], column) or Place(self.path, self.lines[row], column, self.sheet)

    def stretch(self, start: int, end: int) -> "Batch":
        """The rows from `start` up to before `end`; what was wrong is kept by the first stretch."""
        columns = {name: Column(column.values[start:end]) for name, column in self.columns.items()}
        return replace(self, columns=columns, lines=self.lines[start:end], issues=self.issues if start == 0 else ())

    def followed(self, other: "Batch") -> "Batch":
        """These rows and those of another batch of the same source behind them."""
        columns = {name: Column([*column.values, *other.columns[name].values]) for name, column in self.columns.items()}
        return replace(self, columns=columns, lines=[*self.lines, *other.lines], issues=(*self.issues, *other.issues))

    def __len__(self) -> int:
        return len(self.lines)
