"""JSON: numbers, flags, lists and objects stay what they are; a decimal is written digit for digit, never by way of a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from feedsmith.definitions.channel import Dialect, FieldDefinition
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells, OutField, ReadBack, joined, mapped, wrapped
from feedsmith.render.forms import money_text, texts, writer
from feedsmith.values.money import round_amount

ENCODER = msgspec.json.Encoder(decimal_format="number")
AS_NUMBER = frozenset({"number", "integer"})
OBJECT = "object"
"""The form of money that is written as `{"amount": 19.99, "currency": "EUR"}`."""
NUMBER = "number"
"""The form of money that is written as a bare number."""


def quoted(values: list[str | None]) -> list[str | None]:
    """A column of texts as JSON strings; the joined texts tell whether any needs an escape."""
    whole = "".join(filter(None, values))
    if whole.isprintable() and '"' not in whole and "\\" not in whole:
        return [f'"{value}"' if value is not None else None for value in values]
    return mapped(values, lambda value: ENCODER.encode(value).decode())


@dataclass(frozen=True)
class JsonEncoder:
    """Writes fields as members of an object, without its braces, which are the template's."""

    dialect: Dialect

    def bare(self, cells: Cells) -> list[str]:
        """The value alone; `null` for no value."""
        return [value if value is not None else "null" for value in self._values(cells)]

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """All members of each item, separated by commas."""
        pieces: list[tuple[str, list[str] | None, str]] = []
        for cell in cells:
            values = self._values(cell)
            before = f", {ENCODER.encode(cell.field.name).decode()}: "
            if None in values:
                pieces.append(("", wrapped(values, before, ""), ""))
            else:
                pieces.append((before, [*values], ""))  # type: ignore[list-item]
        return [text[2:] for text in joined(pieces, size)]

    def _values(self, cells: Cells) -> list[str | None]:
        definition, column = cells.field.definition, cells.column
        if column.blank:
            return column.values
        if definition.repeat is None and definition.type != "group" and not self._plain(definition):
            return quoted(texts(definition, self.dialect, column, cells.currencies))
        currencies = cells.currencies
        names = [currencies] * len(column) if isinstance(currencies, str) else currencies.values
        made = [
            self.value(value, definition, currency or "") if value is not None else None
            for value, currency in zip(column, names, strict=True)
        ]
        return mapped(made, lambda value: ENCODER.encode(value).decode())

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
            return _money(value, currency, definition.form or "{amount} {currency}")
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

    def read_back(self, head: str, items: list[str], foot: str) -> ReadBack:
        """Decode it, and count the elements of the list in which the items stand."""
        text = "".join((head, *items, foot)).encode()
        try:
            document = msgspec.json.decode(text, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
        except msgspec.DecodeError as error:
            raise ValueError(f"is not valid JSON: {error}") from error
        if isinstance(document, list):
            return ReadBack(len(document))
        lists = [raw for raw in document.values() if bytes(raw[:1]) == b"["]
        return ReadBack(len(msgspec.json.decode(lists[0], type=list[msgspec.Raw])) if lists else 0)


def _money(amount: Decimal, currency: str, form: str) -> Any:
    if form == NUMBER:
        return round_amount(amount, currency)
    if form == OBJECT:
        return {"amount": round_amount(amount, currency), "currency": currency}
    return money_text(amount, currency, form, ".")
