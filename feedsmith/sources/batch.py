"""The unit that travels: some thousand rows of a source as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedsmith.issues import Issue
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one source file, as columns of text.

    `columns` is keyed by heading as the file has it (a repeated heading gets `#2`, `#3`); an empty cell is None.
    `lines` holds each row's number: a text file's line at which the record starts, a spreadsheet's row.
    `issues` tells what was wrong with rows of this stretch of the file (ragged, empty); such rows are not in `columns`
    unless the issue's message says that they were kept.
    """

    path: str
    sheet: str | None
    columns: dict[str, Column]
    lines: Sequence[int]
    issues: tuple[Issue, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)
