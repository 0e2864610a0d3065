"""Rules that take values from a table: a look-up, and corrections of single products."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from feedsmith.issues import Place, Severity
from feedsmith.mapping.expression import Compiled
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Failure, Rows
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.scope import Table
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column


@dataclass(frozen=True)
class Lookup:
    """`table`: the value of a table's column at a key. A key that is not there is empty, and noted where asked."""

    table: Table
    key: Compiled
    value: str
    missing: str
    place: Place
    type: Type = Type.TEXT

    @property
    def reads(self) -> frozenset[str]:
        """The names in the key."""
        return frozenset(self.key.names)

    def apply(self, rows: Rows, field: str) -> Column:
        """The looked-up values."""
        keys = rows.run(self.key)
        found = self.table.rows
        column = rows.memoised(
            ("table", self.table.name, self.value),
            [keys],
            lambda: [(found.get(printed(key)) or {}).get(self.value) or None for key in keys],
        )
        if self.missing != "ignore" and not column.full:
            rows.failures += self._missing(keys, column)
        rows.record(field, f"table {self.table.name}: {self.value}", self.place, keys, column)
        return column

    def _missing(self, keys: Column, column: Column) -> Iterator[Failure]:
        for row, key in keys.rows():
            if column[row] is None and printed(key) not in self.table.rows:
                problem = f"the table {self.table.name} ({self.table.path}) has no row for {printed(key)!r}"
                yield Failure(row, self.place, problem, Severity(self.missing))


@dataclass(frozen=True)
class Corrected:
    """A rule whose value a table of corrections replaces, for the keys that have a cell there."""

    below: Rule | None
    table: Table
    key: Compiled
    value: str
    place: Place

    @property
    def type(self) -> Type:
        """That of the rule; a correction of another type is a text among its values."""
        return self.below.type if self.below is not None else Type.TEXT

    @property
    def reads(self) -> frozenset[str]:
        """The names of the rule and of the key."""
        return frozenset(self.key.names) | (self.below.reads if self.below is not None else frozenset())

    def apply(self, rows: Rows, field: str) -> Column:
        """The rule's column with the table's cells in it; the same column where it has none of the batch's keys."""
        column = self.below.apply(rows, field) if self.below is not None else Column([None] * rows.size)
        keys = rows.run(self.key)
        hits = [(row, printed(key)) for row, key in keys.rows() if printed(key) in self.table.rows]
        cells = [(row, key, self.table.rows[key].get(self.value)) for row, key in hits]
        changes = [(row, self._cell(cell)) for row, _, cell in cells if cell]
        if not changes:
            return column
        corrected = column.replaced(changes)
        traced = next((key for row, key, cell in cells if cell and row == rows.traced), None)
        if traced is not None:
            place = Place(self.table.path, self.table.lines.get(traced), self.value)
            rows.record(field, f"overrides {self.table.name}", place, column, corrected)
        return corrected

    def _cell(self, cell: str) -> Any:
        return [part.strip() for part in cell.split("|") if part.strip()] if self.type is Type.LIST else cell
