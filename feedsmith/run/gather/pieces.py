"""Rows of a system's files as the gathering sees them: what each is, and which article it belongs to."""

import json
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import msgspec

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.system import NestedDefinition, ShapeDefinition, SystemDefinition

NESTED = frozenset({'{"', '["', "[{", "[["})
"""How a cell begins that holds nested elements."""
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

    def __init__(self, definition: SystemDefinition, headings: Sequence[str], up: Sequence[str] = ()) -> None:
        """`up` are the columns that name a row's parent."""
        self.up = tuple(up)
        self.headings = tuple(headings)
        self.names = tuple(map(normalise, headings))
        self._places: dict[str, int | None] = {}
        self._alternatives = definition.columns
        self._nested = definition.nested

    def at(self, name: str) -> int | None:
        """Where the column stands; None if the file has none of its headings."""
        if name not in self._places:
            wanted = [] if name in self._nested else self._alternatives.get(name, [name])
            found = [self.names.index(heading) for heading in wanted if heading in self.names]
            self._places[name] = found[0] if found else None
        return self._places[name]

    def value(self, cells: Cells, name: str) -> str | None:
        """The cell without outer blanks; None where it is empty or the column is missing."""
        try:
            at = self._places[name]
        except KeyError:
            at = self.at(name)
        if at is None:
            nested = self._nested.get(name)
            return taken_out(self.value(cells, nested.column), nested) if nested is not None else None
        text = cells[at]
        return (text.strip() or None) if text else None

    def first(self, cells: Cells, names: Sequence[str]) -> str | None:
        """The first of these cells that holds anything."""
        return next(filter(None, (self.value(cells, name) for name in names)), None)

    def fits(self, cells: Cells, wanted: Mapping[str, Sequence[str]]) -> bool:
        """Whether each of these columns is there and has one of its values."""
        for name, values in wanted.items():
            if self.at(name) is None and name not in self._nested:
                return False
            if not is_one_of(self.value(cells, name) or "", values):
                return False
        return True


def is_one_of(text: str, patterns: Sequence[str]) -> bool:
    """Whether a cell is one of these words, in any case; `*` stands for any characters."""
    return bool(patterns) and _is_one_of(text, tuple(patterns))


@lru_cache(maxsize=16_384)
def _is_one_of(text: str, patterns: tuple[str, ...]) -> bool:
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


def up_of(shape: ShapeDefinition, columns: Columns, cells: Cells) -> str | None:
    """What a row names as its parent."""
    up = columns.first(cells, columns.up)
    return None if up is None or is_one_of(up, shape.no_parent) else up


def unguarded(text: str | None) -> str | None:
    """A key without the sign by which spreadsheets keep it a text."""
    return (text[1:] or None) if text and text.startswith("'") else text


def taken_out(text: str | None, rule: NestedDefinition) -> str | None:
    """What a cell of nested elements holds at a path: a text, a list of texts, or pairs, as JSON."""
    cell = _cell(text)
    if cell is None:
        return None
    values = _in_groups(cell, rule, {}) if rule.groups else _at(cell, rule.path.split("."))
    if rule.names:
        names = _at(cell, rule.names.split("."))
        pairs = [[name, _plain(value)] for name, value in zip(names, values, strict=False) if _plain(value)]
        return json.dumps(pairs, ensure_ascii=False) if pairs else None
    found = [plain for value in values if (plain := _plain(value))]
    return None if not found else found[0] if len(found) == 1 or rule.first else json.dumps(found, ensure_ascii=False)


def pictures_for(text: str | None, rule: NestedDefinition, values: Mapping[str, str]) -> list[str]:
    """The pictures of groups that are only for variants with these values of attributes."""
    return [_plain(one) for one in _in_groups(_cell(text), rule, values)] if values else []


def _cell(text: str | None) -> Any:
    """What a cell holds: nested elements, or a text."""
    try:
        return json.loads(text) if text and text[:2] in NESTED else text
    except (ValueError, RecursionError):
        return None


def _in_groups(cell: Any, rule: NestedDefinition, values: Mapping[str, str]) -> list[Any]:
    """The pictures of the groups of the first kind: those for these values, or without values those for all."""
    groups = _at(cell, [rule.groups])
    kinds = _at(cell, [f"{rule.groups}@{rule.kind}"])
    found: list[Any] = []
    for group, kind in zip(groups, kinds if len(kinds) == len(groups) else [""] * len(groups), strict=True):
        names, wanted = _at(group, [f"{rule.only}@attribute-id"]), _at(group, [f"{rule.only}@value"])
        pairs = list(zip(names, wanted, strict=False))
        fits = bool(pairs) and all(values.get(name) == value for name, value in pairs) if values else not pairs
        if fits and kind == kinds[0]:
            found += _at(group, rule.path.split("."))
    return found


def _at(cell: Any, path: Sequence[str]) -> list[Any]:
    """The values at a path; lists on the way are looked through."""
    found = [cell]
    for step in path:
        if step:
            found = [one[step] for one in found if isinstance(one, dict) and step in one]
        found = [inner for one in found for inner in (one if isinstance(one, list) else [one])]
    return found


def _plain(value: Any) -> str:
    """A text; of a group of values all of them, parted by `|`."""
    if isinstance(value, dict):
        inner = value.get("value", "")
        return "|".join(map(str, inner)) if isinstance(inner, list) else str(inner)
    return str(value).strip()
