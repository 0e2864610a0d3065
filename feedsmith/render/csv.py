"""Delimited files: one line an item, cells quoted as the channel's dialect says."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from urllib.parse import quote

from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.field import FieldDefinition
from feedsmith.render.encoder import Cells, OutField, Piece, ReadBack, joined
from feedsmith.render.forms import group_text, quoted, several_texts, texts
from feedsmith.render.json import JsonEncoder
from feedsmith.render.leaves import leaves, spread

LINE_ENDS = ("\r\n", "\n", "\r")


@dataclass(frozen=True)
class CellTexts:
    """The texts of cells, not yet quoted; delimited files and workbooks share them."""

    dialect: Dialect

    def texts(self, cells: Cells) -> list[str | None]:
        """One cell for each row; None where it is empty."""
        definition, column = cells.field.definition, cells.column
        repeat = definition.repeat
        if definition.columns == "json" or (repeat is not None and repeat.columns == "json"):
            return JsonEncoder(self.dialect).texts(cells)
        if definition.type == "group":
            return [group_text(value, definition, self.dialect) if value else None for value in column]
        if repeat is not None:
            return self._lists(cells)
        return texts(definition, self.dialect, column, cells.currencies)

    def _lists(self, cells: Cells) -> list[str | None]:
        """Several values in one cell."""
        definition = cells.field.definition
        values, sizes = several_texts(definition, self.dialect, cells.column, cells.currencies)
        if definition.repeat is not None and definition.repeat.columns == "quoted":
            named = iter([f"'{value}'" for value in values])
            return [f"[{','.join(islice(named, size))}]" if size else None for size in sizes]
        following = iter(self._joinable(values, definition))
        return [definition.join.join(islice(following, size)) if size else None for size in sizes]

    def _joinable(self, values: list[str | None], definition: FieldDefinition) -> list[str]:
        """Values of lists, with the sign that joins them quoted, or percent-encoded within an address."""
        join = definition.join
        if definition.type == "url" and any(join in (value or "") for value in values):
            return [(value or "").replace(join, quote(join, safe="")) for value in values]
        if self.dialect.lists == "quoted":
            return [quoted(value or "", join) for value in values]
        return values  # type: ignore[return-value] # none is empty


@dataclass(frozen=True)
class CsvEncoder:
    """Writes fields as cells in the order of the definition."""

    dialect: Dialect

    @cached_property
    def _cell_texts(self) -> CellTexts:
        return CellTexts(self.dialect)

    def cell(self, text: str) -> str:
        """One cell, quoted where it must be; a file without quotes has a blank for what it cannot hold."""
        if self.dialect.quote == "never":
            return self._unquoted(text)
        if self.dialect.quote == "all" or self._is_special(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    def cells(self, values: list[str | None]) -> list[str]:
        """A column of cells; the joined texts tell whether there are signs to care for."""
        if self._is_special("".join(filter(None, values))):
            return [self.cell(value or "") for value in values]
        if self.dialect.quote == "all":
            return [f'"{value or ""}"' for value in values]
        return [value or "" for value in values]

    def _is_special(self, text: str) -> bool:
        return self.dialect.delimiter in text or '"' in text or "\n" in text or "\r" in text

    def _unquoted(self, text: str) -> str:
        for sign in (self.dialect.delimiter, *LINE_ENDS):
            text = text.replace(sign, " ")
        return text

    def bare(self, cells: Cells) -> list[str]:
        """The cell of the value; the cells, where the field takes several columns."""
        columns = [self.cells(self._cell_texts.texts(one)) for one in spread(cells)]
        return columns[0] if len(columns) == 1 else self._rows(columns, len(cells.column))

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """The cells of each item, joined by the delimiter."""
        columns = [self.bare(cell) for cell in cells]
        if len(columns) == 1 and self.dialect.quote != "never":  # an empty line would be no row
            return [text or '""' for text in columns[0]]
        return self._rows(columns, size)

    def _rows(self, columns: list[list[str]], size: int) -> list[str]:
        pieces: list[Piece] = [("", columns[0], "")] if columns else []
        pieces += [(self.dialect.delimiter, column, "") for column in columns[1:]]
        return joined(pieces, size)

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:
        """`header`: the heading line without its line end."""
        names = (leaf.field.name for field in fields for leaf in leaves(field))
        return {"header": self.dialect.delimiter.join(map(self.cell, names))}

    def fixed(self, text: str) -> str:
        """A text as a cell."""
        return self.cell(text)

    def read_back(self, head: str, items: list[str], foot: str, body: bytes | None = None) -> ReadBack:
        """Read it as rows, and count those that have as many cells as the last heading line."""
        heading = len(self._widths(head))
        text = "".join(items) if body is None else body.decode(self.dialect.codec)  # the bytes tell more than the texts
        widths = self._widths(head + text + foot)
        if len(set(widths[max(0, heading - 1) :])) > 1:
            raise ValueError("has rows of different widths")
        return ReadBack(len(widths) - heading)

    def _widths(self, text: str) -> list[int]:
        csv.field_size_limit(max(csv.field_size_limit(), len(text)))
        try:
            return list(self._read(text))
        except csv.Error as error:
            raise ValueError(f"is not a delimited file: {error}") from error

    def _read(self, text: str) -> Iterator[int]:
        lines = io.StringIO(text, newline="")
        if self.dialect.quote == "never":
            rows = csv.reader(lines, delimiter=self.dialect.delimiter, quoting=csv.QUOTE_NONE, quotechar=None)
            return (len(row) or 1 for row in rows)  # an empty line is a row of one empty cell
        return map(len, csv.reader(lines, delimiter=self.dialect.delimiter, strict=True))
