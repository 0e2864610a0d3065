"""Delimited files: one line an item, cells quoted as the channel's dialect says."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote

from feedsmith.definitions.channel import Dialect
from feedsmith.mapping.expression import printed
from feedsmith.render.encoder import Cells, OutField, Piece, ReadBack, joined
from feedsmith.render.forms import attribute_text, several_texts, texts


@dataclass(frozen=True)
class CsvEncoder:
    """Writes fields as cells in the order of the definition."""

    dialect: Dialect

    def cell(self, text: str) -> str:
        """One cell, quoted where it must be."""
        if self.dialect.quote == "all" or self._needs_quotes(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    def cells(self, values: list[str | None]) -> list[str]:
        """A column of cells; the joined texts tell whether there are signs to care for."""
        if self._needs_quotes("".join(filter(None, values))):
            return [self.cell(value or "") for value in values]
        if self.dialect.quote == "all":
            return [f'"{value or ""}"' for value in values]
        return [value or "" for value in values]

    def _needs_quotes(self, text: str) -> bool:
        return self.dialect.delimiter in text or '"' in text or "\n" in text or "\r" in text

    def bare(self, cells: Cells) -> list[str]:
        """The cell of the value."""
        return self.cells(self._texts(cells))

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """The cells of each item, joined by the delimiter."""
        columns = [self.bare(cell) for cell in cells]
        if len(columns) == 1:  # an empty line would be no row
            return [text or '""' for text in columns[0]]
        pieces: list[Piece] = [("", columns[0], "")] if columns else []
        pieces += [(self.dialect.delimiter, column, "") for column in columns[1:]]
        return joined(pieces, size)

    def _texts(self, cells: Cells) -> list[str | None]:
        definition, column = cells.field.definition, cells.column
        if definition.type == "group":
            return [self._groups(value, cells) if value else None for value in column]
        if definition.repeat is not None:
            return self._lists(cells)
        return texts(definition, self.dialect, column, cells.currencies)

    def _lists(self, cells: Cells) -> list[str | None]:
        """Several values in one cell. The sign that joins them is percent-encoded within an address."""
        join = cells.field.definition.join
        values, sizes = several_texts(cells.field.definition, self.dialect, cells.column, cells.currencies)
        if cells.field.definition.type == "url" and any(join in (value or "") for value in values):
            values = [(value or "").replace(join, quote(join, safe="")) for value in values]
        following = iter(values)
        return [join.join(islice(following, size)) if size else None for size in sizes]  # type: ignore[arg-type] # none empty

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

    def read_back(self, head: str, items: list[str], foot: str, body: bytes | None = None) -> ReadBack:
        """Read it as rows, and count those that have as many cells as the last heading line."""
        heading = len(self._widths(head))
        text = "".join(items) if body is None else body.decode()
        widths = self._widths(head + text + foot)
        if len(set(widths[max(0, heading - 1) :])) > 1:
            raise ValueError("has rows of different widths")
        return ReadBack(len(widths) - heading)

    def _widths(self, text: str) -> list[int]:
        csv.field_size_limit(max(csv.field_size_limit(), len(text)))
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.dialect.delimiter, strict=True)
            return list(map(len, reader))
        except csv.Error as error:
            raise ValueError(f"is not a delimited file: {error}") from error
