"""The unit that travels: some thousand rows of a source as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from feedsmith.issues import Issue, Place
from feedsmith.sources.files import FileLines, place_in
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class JoinedColumn:
    """Where a column of another source comes from: its heading there, and each value's row.

    `lines` are numbered over all `files` of that source, see `feedsmith.sources.files`; None where it has no row.
    """

    heading: str
    lines: Sequence[int | None]
    files: tuple[FileLines, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one source file, as columns of text.

    `columns` is keyed by heading as the file has it (a repeated heading gets `#2`, `#3`); an empty cell is None.
    `lines` holds each row's number: a text file's line at which the record starts, a spreadsheet's row.
    `issues` tells what was wrong with rows of this stretch of the file (ragged, empty); such rows are not in `columns`
    unless the issue's message says that they were kept.
    `files` is empty, or says which file the rows come from: see `feedsmith.sources.files`.
    `joined` tells of the columns that other sources gave, by their heading here; `matched` says, by source, which rows
    that source has something for.
    """

    path: str
    sheet: str | None
    columns: dict[str, Column]
    lines: Sequence[int]
    issues: tuple[Issue, ...] = ()
    files: tuple[FileLines, ...] = ()
    joined: Mapping[str, JoinedColumn] = field(default_factory=dict)
    matched: Mapping[str, Sequence[bool]] = field(default_factory=dict)

    def place(self, row: int, column: str | None = None) -> Place:
        """Where a row comes from; for a joined column, where its value does."""
        origin = self.joined.get(column) if column is not None else None
        if origin is not None:
            line = origin.lines[row]
            found = place_in(origin.files, line, origin.heading) if line is not None else None
            return found or self.place(row)
        return place_in(self.files, self.lines[row], column) or Place(self.path, self.lines[row], column, self.sheet)

    def stretch(self, start: int, end: int) -> "Batch":
        """The rows from `start` up to before `end`; what was wrong is kept by the first stretch."""
        columns = {name: Column(column.values[start:end]) for name, column in self.columns.items()}
        return replace(
            self, columns=columns, lines=self.lines[start:end], issues=self.issues if start == 0 else (),
            joined={name: replace(one, lines=one.lines[start:end]) for name, one in self.joined.items()},
            matched={name: rows[start:end] for name, rows in self.matched.items()},
        )  # fmt: skip

    def heading(self, name: str) -> str:
        """A column's heading as its own file has it."""
        return self.joined[name].heading if name in self.joined else name

    def followed(self, other: "Batch") -> "Batch":
        """These rows and those of another batch of the same source behind them."""
        columns = {name: Column([*column.values, *other.columns[name].values]) for name, column in self.columns.items()}
        joined = {
            name: replace(one, lines=[*one.lines, *other.joined[name].lines]) for name, one in self.joined.items()
        }
        return replace(
            self, columns=columns, lines=[*self.lines, *other.lines], issues=(*self.issues, *other.issues),
            joined=joined, matched={name: [*rows, *other.matched[name]] for name, rows in self.matched.items()},
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.lines)
