"""Finding a channel's fields in a feed that something else wrote, by the names of its columns or elements.

A name counts without `g:`, case, blanks, hyphens and underscores. Several columns may hold one field: repeated or
numbered ones the values of a list, those of a group its attributes (`shipping_price`, `video[0].url`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedsmith.definitions.field import FieldDefinition
from feedsmith.issues import Place
from feedsmith.mapping.inner import ANY, LIST, NUMBER, Inner
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.several import json_object
from feedsmith.mapping.types import Type
from feedsmith.mapping.wire import plain
from feedsmith.values.column import Column

REPEATED = re.compile(r"#[0-9]+$")
"""What the reader adds to a heading that is repeated."""
ORDERED = re.compile(r"(?P<base>[^(]+)\((?P<order>[^()]+)\)")
"""A group's heading with the order of its attributes: `shipping(country:price)`."""
INDEXED = re.compile(r"(?P<base>[^\[\]]+)\[(?P<number>[0-9]+)\](?:\.(?P<part>[^\[\]]+)(?:\[[0-9]+\])?)?")
NUMBERED = re.compile(r"(?P<base>.+?)_?(?P<number>[0-9]+)(?:_(?P<part>[a-z]\w*))?")


def column_name(heading: str) -> str:
    """The name under which rules read a column of the feed; no field bears such a name."""
    return f"<{heading}>"


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """Where the feed has a field.

    `whole` are the headings that hold its value, or one of its values each. `parts` are those that hold an attribute of
    a group: number of the group, attribute, heading. `way` leads to the value within an object, and `inner` picks it
    where the object has lists. `order` is the one of the attributes that a heading tells.
    """

    whole: tuple[str, ...] = ()
    parts: tuple[tuple[int, str, str], ...] = ()
    way: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    inner: Inner | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """All of them, in order."""
        return (*self.whole, *(heading for _, _, heading in self.parts))

    @property
    def label(self) -> str:
        """The names that lead to the value: `pricing.price`, in XML `ratings/overall`."""
        sign = "/" if self.inner is not None and self.inner.path else "."
        return sign.join((self.headings[0], *self.way))

    def picked(self, cell: str) -> str | None:
        """The field's value in the object that a cell holds; of a cell of its own all."""
        if self.inner is not None:
            return self.inner.text(cell)
        return json_object(cell, self.way) if self.way else cell


@dataclass
class Matched:
    """The fields of a channel that a feed has, and the headings that are none of its fields."""

    fields: dict[str, FieldColumns] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def match(headings: Iterable[str], fields: Mapping[str, FieldDefinition]) -> Matched:
    """The columns of each field of a channel; a heading goes to the field whose own name it is, before all others."""
    names = _Names(fields)
    found = Matched()
    for heading in headings:
        label = plain(REPEATED.sub("", heading))
        hits = list(names.find(heading, label))
        for key, columns in hits:
            found.fields[key] = _joined(found.fields.get(key, FieldColumns()), columns, fields[key])
        if not hits or all(heading not in found.fields[key].headings for key, _ in hits):
            found.unknown.append(heading)
    return found


def _joined(known: FieldColumns, new: FieldColumns, definition: FieldDefinition) -> FieldColumns:
    """Both; of a field with one value only the first column counts."""
    single = definition.repeat is None and definition.type != "group"
    if single and known.whole:
        return known
    return FieldColumns(
        known.whole + new.whole, known.parts + new.parts, known.way or new.way, known.order or new.order,
        known.inner or new.inner,
    )  # fmt: skip


class _Names:
    """The names under which a feed may write the fields."""

    def __init__(self, fields: Mapping[str, FieldDefinition]) -> None:
        self.fields = fields
        self.own = {plain(one.name or key): key for key, one in fields.items()}
        self.parts: dict[str, tuple[str, str]] = {}
        self.nested: dict[str, list[tuple[str, tuple[str, ...], Inner | None]]] = {}
        self.lists = _Lists(fields)
        for key, one in fields.items():
            self._add(key, one)
        for key, one in fields.items():
            names = one.also if plain(key) in self.nested else [key, *one.also]
            for name in names:
                self.own.setdefault(plain(name), key)

    def _add(self, key: str, definition: FieldDefinition) -> None:
        name = definition.name or key
        for part, attribute in definition.group.items():
            for own in {attribute.name or part, part}:
                for sign in ("_", "."):
                    self.parts.setdefault(plain(f"{name}{sign}{own}"), (key, part))
            if attribute.name and attribute.name != part and definition.columns == "flat":
                self.parts.setdefault(plain(attribute.name), (key, part))
        first, *rest = steps_of(key, definition)
        if rest or first.endswith(LIST) or definition.path:
            inner = self.lists.inner(key, (first, *rest))
            self.nested.setdefault(plain(first.removesuffix(LIST)), []).append((key, tuple(rest), inner))

    def find(self, heading: str, label: str) -> Iterable[tuple[str, FieldColumns]]:
        """The fields that a heading holds, mostly one."""
        if label in self.own:
            yield self.own[label], FieldColumns((heading,))
        for key, way, inner in self.nested.get(label, ()):
            yield key, FieldColumns((heading,), way=way, inner=inner)
        if label in self.own or label in self.nested:
            return
        if label in self.parts:
            key, part = self.parts[label]
            yield key, FieldColumns(parts=((0, part, heading),))
        else:
            yield from self._numbered(heading, label)

    def _numbered(self, heading: str, label: str) -> Iterable[tuple[str, FieldColumns]]:
        if (found := ORDERED.fullmatch(label)) and (key := self.own.get(found["base"])):
            order = [self._part(key, name) for name in found["order"].split(":")]
            if all(order):
                yield key, FieldColumns((heading,), order=tuple(order))
            return
        if (found := INDEXED.fullmatch(label)) and (key := self.own.get(found["base"])):
            part = self._part(key, found["part"]) if found["part"] else ""
            if part:
                yield key, FieldColumns(parts=((int(found["number"]), part, heading),))
            elif not found["part"]:
                yield key, FieldColumns((heading,))
            return
        found = NUMBERED.fullmatch(label)
        key = self._of_number(found) if found else None
        if found is None or key is None:
            return
        if not found["part"]:
            yield key, FieldColumns((heading,))
        elif part := self._part(key, found["part"]):
            yield key, FieldColumns(parts=((int(found["number"]), part, heading),))

    def _of_number(self, found: re.Match[str]) -> str | None:
        """The repeated field of numbered columns: `image_2`, or as its name says, `image_{n}`."""
        label = found.string
        number = slice(found.start("number"), found.end("number"))
        key = self.own.get(label[: number.start] + NUMBER + label[number.stop :])
        if key is None:
            key = self.own.get(found["base"])
        return key if key is not None and self.fields[key].repeat is not None else None

    def _part(self, key: str, name: str) -> str:
        """The attribute of a group by a name of it; "" for none."""
        group = self.fields[key].group
        return next((part for part, one in group.items() if plain(name) in {plain(part), plain(one.name or part)}), "")


class _Lists:
    """The lists that hold the values of several fields, and which of their elements are whose."""

    def __init__(self, fields: Mapping[str, FieldDefinition]) -> None:
        self.fields = fields
        self.of: dict[tuple[str, str | None], list[str]] = {}
        for key in fields:
            self.of.setdefault(self._list(key), []).append(key)

    def _list(self, key: str) -> tuple[str, str | None]:
        one = self.fields[key]
        return one.name or key, one.wrap_each or one.wrap

    def inner(self, key: str, steps: tuple[str, ...]) -> Inner | None:
        """What picks the field's values; None where a plain way leads to them."""
        one = self.fields[key]
        ends = steps[-1].endswith(LIST) or NUMBER in steps[-1]
        if one.path is None and not any(LIST in step or NUMBER in step or step == ANY for step in steps):
            return None
        wrap = (one.wrap_each or one.wrap) if ends else None
        alike = self.of[self._list(key)] if steps[-1].endswith(LIST) else [key]
        singles = [other for other in alike if self.fields[other].repeat is None]
        several = one.repeat is not None
        start = len(singles) if several else singles.index(key)
        stop = start + 1 if not several and len(alike) > 1 else None
        return Inner(steps, wrap, several, one.type == "group", one.path is not None, start, stop)


def steps_of(key: str, definition: FieldDefinition) -> list[str]:
    """The names that lead to a field: those of its path in XML, or those that dots part in JSON."""
    return definition.path.split("/") if definition.path else (definition.name or key).split(".")


@dataclass(frozen=True)
class FromFeed:
    """The rule of a field that is read: its columns as they are, as a list or groups where there are several."""

    columns: FieldColumns
    place: Place
    does: str = "read"

    @property
    def type(self) -> Type:
        """What `feedsmith.mapping.wire.read` takes: any form."""
        return Type.TEXT

    @property
    def reads(self) -> frozenset[str]:
        """The columns by the names under which they are read."""
        return frozenset(map(column_name, self.columns.headings))

    def apply(self, rows: Rows, field: str) -> Column:
        """The texts of the one column, or lists of what all of them hold."""
        whole = [rows.column(column_name(heading)) for heading in self.columns.whole]
        if self.columns.way or self.columns.inner is not None:
            picked = self.columns.picked
            whole = [Column([picked(cell) if cell is not None else None for cell in column]) for column in whole]
        if len(whole) == 1 and not self.columns.parts:
            rows.record(field, self.does, self.place, None, whole[0])
            return whole[0]
        parts = [(number, part, rows.column(column_name(heading))) for number, part, heading in self.columns.parts]
        column = Column([_together(row, whole, parts) for row in range(rows.size)])
        rows.record(field, self.does, self.place, None, column)
        return column


def _together(row: int, whole: Sequence[Column], parts: Sequence[tuple[int, str, Column]]) -> list[Any] | None:
    values: list[Any] = [column[row] for column in whole if column[row] is not None]
    groups: dict[int, dict[str, Any]] = {}
    for number, part, column in parts:
        if column[row] is not None:
            groups.setdefault(number, {})[part] = column[row]
    return [*values, *(groups[number] for number in sorted(groups))] or None
