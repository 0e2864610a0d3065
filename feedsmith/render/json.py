"""JSON: numbers, flags, lists and objects stay what they are.

A decimal is written digit for digit, never by way of a float.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from feedsmith.definitions.channel import Dialect, FieldDefinition
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells, OutField, Piece, ReadBack, joined, piece
from feedsmith.render.forms import MONEY, TEXTS, money_text, texts, writer
from feedsmith.values.column import Column
from feedsmith.values.money import round_amount

ENCODER = msgspec.json.Encoder(decimal_format="number")
AS_NUMBER = frozenset({"number", "integer"})
OBJECT = "object"
"""The form of money that is written as `{"amount": 19.99, "currency": "EUR"}`."""
MARK = "\0"
"""Stands where the items stand, to find their list; no text holds it."""
NUMBER = "number"
"""The form of money that is written as a bare number."""


def encoded(values: Sequence[Any]) -> list[str | None]:
    """A column of values as JSON, one call for all of them: each comes on its own line."""
    lines: list[str | None] = [*ENCODER.encode_lines(values).decode().split("\n")[:-1]]
    if None in values:
        return [line if value is not None else None for value, line in zip(values, lines, strict=True)]
    return lines


def is_plain(column: Column) -> bool:
    """Whether all values are texts that JSON writes as they are, in quotes."""
    if not column.is_text or not column.one_line or '"' in column.joined or "\\" in column.joined:
        return False
    return column.joined.replace("\n", "").isprintable()


@dataclass(frozen=True)
class JsonEncoder:
    """Writes fields as members of an object, without its braces, which are the template's."""

    dialect: Dialect

    def bare(self, cells: Cells) -> list[str]:
        """The value alone; `null` for no value."""
        return [value if value is not None else "null" for value in self._values(cells)]

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """All members of each item, separated by commas."""
        pieces = [self._piece(cell) for cell in cells if not cell.column.blank]
        return [text[2:] for text in joined(pieces, size)]

    def _piece(self, cells: Cells) -> Piece:
        before = f", {self.fixed(cells.field.name)}: "
        if (
            cells.field.definition.type in TEXTS
            and cells.field.definition.repeat is None
            and cells.column.fact(is_plain)
        ):
            return piece(cells.column.values, before + '"', '"')
        return piece(self._values(cells), before, "")

    def _values(self, cells: Cells) -> list[str | None]:
        definition, column = cells.field.definition, cells.column
        if definition.type in TEXTS:
            return encoded(column.values)
        if definition.repeat is None and definition.type != "group" and not self._plain(definition):
            return encoded(texts(definition, self.dialect, column, cells.currencies))
        currencies = cells.currencies
        names = [currencies] * len(column) if isinstance(currencies, str) else currencies.values
        return encoded(
            [
                self.value(value, definition, currency or "") if value is not None else None
                for value, currency in zip(column, names, strict=True)
            ]
        )

    @staticmethod
    def _plain(definition: FieldDefinition) -> bool:
        """Whether the value is not written as a text."""
        if definition.type == "money":
            return definition.form in {OBJECT, NUMBER}
        return definition.type in AS_NUMBER or (definition.type == "flag" and not definition.form)

    def value(self, value: Any, definition: FieldDefinition, currency: str) -> Any:
        """A typed value as what JSON knows."""
        if isinstance(value, list):
            return [self.value(one, definition, currency) for one in value]
        if isinstance(value, dict):
            return self._group(value, definition)
        if definition.type == "money":
            return _money(value, currency, definition.form or MONEY)
        if self._plain(definition):
            return value
        return writer(definition, self.dialect)(value)

    def _group(self, group: dict[str, Any], definition: FieldDefinition) -> dict[str, Any]:
        return {
            (part.name or name): self.value(group[name], part, group.get(name + CURRENCY, ""))
            for name, part in definition.group.items()
            if group.get(name) is not None
        }

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:  # noqa: ARG002 - JSON has no heading line
        """Nothing besides the items."""
        return {}

    def fixed(self, text: str) -> str:
        """A text as a JSON string, with its quotes."""
        return ENCODER.encode(text).decode()

    def read_back(self, head: str, items: list[str], foot: str, body: bytes | None = None) -> ReadBack:
        """Decode it, and count the elements of the list in which the items stand."""
        try:
            way = _way(msgspec.json.decode("".join((head, self.fixed(MARK), foot))))
            text = head.encode() + (body if body is not None else "".join(items).encode()) + foot.encode()
            if not way:
                return ReadBack(len(msgspec.json.Decoder(msgspec.Raw).decode_lines(text)))
            return ReadBack(_size_at(text, way))
        except msgspec.DecodeError as error:
            raise ValueError(f"is not valid JSON: {error}") from error


def _way(document: Any) -> list[Any]:
    """Keys and numbers that lead to `MARK`; the last one is the length of the list in which it stands, without it.

    Raises:
        ValueError: it is not there as a value of a list.
    """
    if document == MARK:
        return []
    open_: list[tuple[list[Any], Any]] = [([], document)]
    while open_:
        way, found = open_.pop()
        if isinstance(found, list) and MARK in found:
            return [*way, len(found) - 1]
        steps = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
        open_ += [([*way, step], value) for step, value in steps]
    raise ValueError("does not hold its items in a list")


def _size_at(text: bytes, way: list[Any]) -> int:
    """The length of the list at the end of `way`, less what stands there besides the items."""
    raw = msgspec.Raw(text)
    for step in way[:-1]:
        inner: Any = msgspec.json.decode(raw, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
        raw = inner[step]
    return len(msgspec.json.decode(raw, type=list[msgspec.Raw])) - int(way[-1])


def _money(amount: Decimal, currency: str, form: str) -> Any:
    if form == NUMBER:
        return round_amount(amount, currency)
    if form == OBJECT:
        return {"amount": round_amount(amount, currency), "currency": currency}
    return money_text(amount, currency, form, ".")
