"""Delimited files: one line an item, cells quoted as the channel's dialect says."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from feedsmith.definitions.channel import Dialect
from feedsmith.mapping.expression import printed
from feedsmith.render.encoder import Cells, OutField, ReadBack, joined
from feedsmith.render.forms import attribute_text, texts, writer


@dataclass(frozen=True)
class CsvEncoder:
    """Writes fields as cells in the order of the definition."""

    dialect: Dialect

    def cell(self, text: str) -> str:
        """One cell, quoted where it must be."""
        if self.dialect.quote == "all" or any(sign in text for sign in (self.dialect.delimiter, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text

    def cells(self, values: list[str | None]) -> list[str]:
        """A column of cells; the joined texts tell which signs there are to care for."""
        whole = "".join(filter(None, values))
        if '"' in whole:
            values = [value.replace('"', '""') if value else value for value in values]
            return [self._quoted(value) for value in values]
        if self.dialect.quote == "all":
            return [f'"{value or ""}"' for value in values]
        if self.dialect.delimiter in whole or "\n" in whole or "\r" in whole:
            return [self._quoted(value) for value in values]
        return [value or "" for value in values]

    def _quoted(self, value: str | None) -> str:
        """A cell whose quotes are doubled already."""
        text = value or ""
        needs = self.dialect.quote == "all" or any(sign in text for sign in (self.dialect.delimiter, '"', "\n", "\r"))
        return f'"{text}"' if needs else text

    def bare(self, cells: Cells) -> list[str]:
        """The cell of the value."""
        return self.cells(self._texts(cells))

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """The cells of each item, joined by the delimiter."""
        pieces: list[tuple[str, list[str] | None, str]] = []
        for number, cell in enumerate(cells):
            before = self.dialect.delimiter if number else ""
            if cell.column.blank:
                pieces.append((before + self.cell(""), None, ""))
            else:
                pieces.append((before, self.bare(cell), ""))
        return joined(pieces, size)

    def _texts(self, cells: Cells) -> list[str | None]:
        definition, column = cells.field.definition, cells.column
        if definition.type == "group":
            return [self._groups(value, cells) if value else None for value in column]
        if definition.repeat is not None:
            write = writer(definition, self.dialect)
            return [definition.join.join(map(write, value)) if value else None for value in column]
        return texts(definition, self.dialect, column, cells.currencies)

    def _groups(self, value: object, cells: Cells) -> str:
        definition = cells.field.definition
        order = definition.order or list(definition.group)
        groups = value if isinstance(value, list) else [value]
        written = (
            ":".join(attribute_text(name, group, definition.group[name], self.dialect) or "" for name in order)
            if isinstance(group, dict)
            else printed(group)
            for group in groups
        )
        return definition.join.join(written)

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:
        """`header`: the heading line without its line end."""
        return {"header": self.dialect.delimiter.join(self.cell(field.name) for field in fields)}

    def fixed(self, text: str) -> str:
        """A text as a cell."""
        return self.cell(text)

    def read_back(self, head: str, items: list[str], foot: str) -> ReadBack:
        """Read it as rows, and count those that have as many cells as the last heading line."""
        reader = csv.reader(io.StringIO("".join((head, *items, foot)), newline=""), delimiter=self.dialect.delimiter, strict=True)
        heading = len(list(csv.reader(io.StringIO(head, newline=""), delimiter=self.dialect.delimiter)))
        try:
            widths = [len(row) for row in reader]
        except csv.Error as error:
            raise ValueError(f"is not a delimited file: {error}") from error
        rows = widths[heading:]
        if rows and set(widths[max(0, heading - 1) : heading]) | set(rows) != {rows[0]}:
            raise ValueError("has rows of different widths")
        return ReadBack(len(rows))


