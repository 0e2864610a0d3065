"""Rows of a system's files as the gathering sees them: what each is, and which article it belongs to."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.system import ShapeDefinition, SystemDefinition

Cells = Sequence[str | None]


class Piece(msgspec.Struct, array_like=True):
    """A row on its way: its number among all rows, its file, what it is, its article's key, its line, its cells."""

    number: int
    file: int
    part: str
    key: str
    line: int
    cells: list[str | None]


class Columns:
    """The columns of one file, by the names that a system's shape uses."""

    def __init__(self, definition: SystemDefinition, headings: Sequence[str]) -> None:
        self.headings = tuple(headings)
        self.names = tuple(map(normalise, headings))
        self._places: dict[str, int | None] = {}
        self._alternatives = definition.columns

    def at(self, name: str) -> int | None:
        """Where the column stands; None if the file has none of its headings."""
        if name not in self._places:
            wanted = self._alternatives.get(name, [name])
            found = [self.names.index(heading) for heading in wanted if heading in self.names]
            self._places[name] = found[0] if found else None
        return self._places[name]

    def value(self, cells: Cells, name: str) -> str | None:
        """The cell without outer blanks; None where it is empty or the column is missing."""
        at = self.at(name)
        text = None if at is None else cells[at]
        return (text.strip() or None) if text else None

    def first(self, cells: Cells, names: Sequence[str]) -> str | None:
        """The first of these cells that holds anything."""
        return next(filter(None, (self.value(cells, name) for name in names)), None)

    def fits(self, cells: Cells, wanted: Mapping[str, Sequence[str]]) -> bool:
        """Whether each of these columns is there and has one of its values."""
        return all(
            self.at(name) is not None and is_one_of(self.value(cells, name) or "", values)
            for name, values in wanted.items()
        )


def is_one_of(text: str, patterns: Sequence[str]) -> bool:
    """Whether a cell is one of these words, in any case; `*` stands for any characters."""
    plain = " ".join(text.split()).casefold()
    return any(fnmatchcase(plain, pattern.casefold()) for pattern in patterns)


def part_of(shape: ShapeDefinition, columns: Columns, cells: Cells) -> tuple[str, str]:
    """What a row is, and what such rows are called where they are not sold."""
    for row in shape.rows:
        if (
            columns.fits(cells, row.when)
            and not any(columns.value(cells, name) for name in row.empty)
            and all(columns.value(cells, name) for name in row.filled)
        ):
            return row.part, row.because
    return shape.default, ""


def folded(key: str) -> str:
    """A key as keys are compared: shops' systems take `Model-A` and `model-a` for one."""
    return key.strip().casefold()
