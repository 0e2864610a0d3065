"""JSON: numbers, flags, lists and objects stay what they are.

A decimal is written digit for digit, never by way of a float.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.wrap import around
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells, OutField, Piece, ReadBack, joined, piece
from feedsmith.render.forms import JSON, MONEY, NO_TEXTS, TEXTS, group_text, money_value, texts, writer
from feedsmith.render.leaves import spread
from feedsmith.values.column import Column

NUMBER = "number"
"""The form of a measure that is its bare number, in the one unit that the channel takes."""
DECIMALS = 6
AS_NUMBER = frozenset({"number", "integer"})
GROUP_TEXT = "text"
"""The form of a group that is written as one text."""
MARK = "\0"
"""Stands where the items stand, to find their list; no text holds it."""
LIST = "[]"
"""The end of a name's step that is a list: of one object, or of the values of all fields with that name."""


def encoded(values: Sequence[Any]) -> list[str | None]:
    """A column of values as JSON, one call for all of them: each comes on its own line."""
    lines: list[str | None] = [*JSON.encode_lines(values).decode().split("\n")[:-1]]
    if not all(values) and None in values:
        return [line if value is not None else None for value, line in zip(values, lines, strict=True)]
    return lines


def is_plain(column: Column) -> bool:
    """Whether all values are texts that JSON writes as they are, in quotes."""
    if not column.is_text or not column.one_line or '"' in column.joined or "\\" in column.joined:
        return False
    return column.joined.replace("\n", "").isprintable()


@dataclass(frozen=True)
class Member:
    """A member of an object: a field, a list of what several fields hold, or an object with members by name."""

    cells: Cells | None = None
    elements: list[Cells] = field(default_factory=list)
    members: dict[str, "Member"] = field(default_factory=dict)


def members(cells: Sequence[Cells]) -> Member:
    """The object that the fields make: `pricing.price` and `pricing.list_price` are members of one object."""
    top = Member()
    for one in cells:
        *steps, last = one.field.name.split(".")
        owner = top
        for step in steps:
            owner = owner.members.setdefault(step, Member())
        if last.endswith(LIST):
            owner.members.setdefault(last, Member()).elements.append(one)
        else:
            owner.members[last] = Member(one)
    return top


@dataclass(frozen=True)
class JsonEncoder:
    """Writes fields as members of an object, without its braces, which are the template's."""

    dialect: Dialect

    def bare(self, cells: Cells) -> list[str]:
        """The value alone; `null` for no value."""
        return [value if value is not None else "null" for value in self.texts(cells)]

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """All members of each item, separated by commas."""
        filled = [one for cell in cells if not cell.column.blank for one in spread(cell) if not one.column.blank]
        return [text[2:] for text in joined(self._pieces(members(filled), size), size)]

    def _pieces(self, owner: Member, size: int) -> list[Piece]:
        """The members of an object, each with a comma before it."""
        pieces: list[Piece] = []
        for step, member in owner.members.items():
            start, end = ("[", "]") if step.endswith(LIST) else ("", "")
            before = f", {self.fixed(step.removesuffix(LIST))}: {start}"
            if member.cells is not None:
                pieces.append(self._piece(member.cells, before, ""))
            elif member.elements:
                pieces += _nested([self._element(one) for one in member.elements], before, end, size)
            else:
                pieces += _nested(self._pieces(member, size), before + "{", "}" + end, size)
        return pieces

    def _element(self, cells: Cells) -> Piece:
        """A field's value, or each of its values, as elements of a list with a comma before them."""
        if cells.field.definition.repeat is None:
            return self._piece(cells, ", ", "")
        return piece([text[1:-1] or None if text is not None else None for text in self.texts(cells)], ", ", "")

    def _piece(self, cells: Cells, before: str, after: str) -> Piece:
        definition = cells.field.definition
        text = definition.wrap is None and definition.type in TEXTS and definition.repeat is None
        if text and cells.column.fact(is_plain):
            return piece(cells.column.values, before + '"', '"' + after)
        return piece(self.texts(cells), before, after)

    def texts(self, cells: Cells) -> list[str | None]:
        """The values as JSON, each in what the definition puts around it; None for no value."""
        definition = cells.field.definition
        lines = self._lists(cells) if definition.wrap_each is not None else self._values(cells)
        return _wrapped(lines, definition.wrap) if definition.wrap is not None else lines

    def _lists(self, cells: Cells) -> list[str | None]:
        """Lists with fixed JSON around each of their values."""
        definition, currencies = cells.field.definition, cells.currencies
        sizes = [len(values) if values else 0 for values in cells.column]
        if not isinstance(currencies, str):
            currencies = Column([one for one, size in zip(currencies, sizes, strict=True) for _ in range(size)])
        single = OutField(cells.field.key, cells.field.name, definition.model_copy(update={"repeat": None}))
        flat = Column([value for values in cells.column.filled for value in values])
        following = iter(_wrapped(self._values(Cells(single, flat, currencies)), definition.wrap_each or ""))
        return [f"[{','.join(filter(None, islice(following, size)))}]" if size else None for size in sizes]

    def _values(self, cells: Cells) -> list[str | None]:
        definition, column = cells.field.definition, cells.column
        if definition.type in TEXTS:
            return encoded(column.values)
        if definition.type == "group" and definition.form == GROUP_TEXT:
            return encoded([group_text(value, definition, self.dialect) if value else None for value in column])
        if definition.repeat is None and definition.type != "group" and not self._plain(definition):
            return encoded(texts(definition, self.dialect, column, cells.currencies))
        if definition.repeat is None and definition.type in AS_NUMBER:
            return encoded(column.values)
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
            return definition.form in NO_TEXTS
        if definition.type == "measure":
            return definition.form == NUMBER
        return definition.type in AS_NUMBER or (definition.type == "flag" and not definition.form)

    def value(self, value: Any, definition: FieldDefinition, currency: str) -> Any:
        """A typed value as what JSON knows."""
        if isinstance(value, list):
            each = definition.wrap_each
            return [_raw(self.value(one, definition, currency), each) for one in value]
        if isinstance(value, dict):
            return self._group(value, definition)
        if definition.type == "money":
            return money_value(value, currency, definition.form or MONEY)
        if self._plain(definition):
            return _bare(value.amount) if definition.type == "measure" else value
        return writer(definition, self.dialect)(value)

    def _group(self, group: dict[str, Any], definition: FieldDefinition) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, part in definition.group.items():
            if group.get(key) is None:
                continue
            *steps, last = (part.name or key).split(".")
            owner = found
            for step in steps:
                owner = owner.setdefault(step, {})
            owner[last] = _raw(self.value(group[key], part, group.get(key + CURRENCY, "")), part.wrap)
        return found

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:  # noqa: ARG002 - JSON has no heading line
        """Nothing besides the items."""
        return {}

    def fixed(self, text: str) -> str:
        """A text as a JSON string, with its quotes."""
        return JSON.encode(text).decode()

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


def _nested(inner: list[Piece], before: str, after: str, size: int) -> list[Piece]:
    """The members of an object with its braces; no object where an item has none of them."""
    if not inner:
        return []
    if inner[0][0]:  # every item has the first member: all have the object, and nothing need be looked at
        inner[0] = (before + inner[0][0].removeprefix(", "), inner[0][1], inner[0][2])
        inner[-1] = (inner[-1][0], inner[-1][1], inner[-1][2] + after)
        return inner
    return [piece([text[2:] or None for text in joined(inner, size)], before, after)]


def _bare(amount: Decimal) -> Decimal:
    """A measure's number without an exponent; of the endless digits of a converted one, six decimals."""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -DECIMALS <= exponent <= 0:
        return amount
    return Decimal(format(round(amount, DECIMALS).normalize(), "f"))


def _wrapped(lines: list[str | None], wrap: str) -> list[str | None]:
    before, after = around(wrap)
    return [f"{before}{line}{after}" if line is not None else None for line in lines]


def _raw(value: Any, wrap: str | None) -> Any:
    """A value in the fixed JSON around it, if there is any."""
    if wrap is None:
        return value
    before, after = around(wrap)
    return msgspec.Raw(before.encode() + JSON.encode(value) + after.encode())
