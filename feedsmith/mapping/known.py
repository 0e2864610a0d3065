"""The names that a channel knows within the objects of its fields, and those that a feed has besides."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from feedsmith.definitions.field import FieldDefinition
from feedsmith.mapping.from_feed import Matched, steps_of
from feedsmith.mapping.inner import ANY, LIST, MARK, NUMBER, fixed, parsed
from feedsmith.mapping.wire import plain

Names = dict[str, Any]
"""Name → the names within its object; what is under a name without any is the value's own."""
DIGITS = re.compile(r"[0-9]+")
ATTRIBUTE = "@"
"""In the names of JSON-LD's own members and of XML's attributes, which are not looked at."""


def known_names(found: Matched, fields: Mapping[str, FieldDefinition]) -> dict[str, Names]:
    """The names within the objects of each column that holds objects of the channel."""
    names: dict[str, Names] = {}
    for key, columns in found.fields.items():
        for heading in columns.whole:
            steps = steps_of(key, fields[key])[1:] if columns.way else []
            _add(names.setdefault(heading, {}), steps, fields[key])
    labels = {plain(heading): heading for heading in names}
    for key, one in fields.items():
        first, *steps = steps_of(key, one)
        label = plain(first.removesuffix(LIST))
        if one.expand is not None and label in labels:
            _add(names[labels[label]], steps, one)
    return {heading: known for heading, known in names.items() if known}


def _add(known: Names, steps: Iterable[str], definition: FieldDefinition) -> None:
    """The names on the way to a field, of the fixed JSON around its value, and of a group's attributes."""
    for step in steps:
        known = known.setdefault(plain(step.removesuffix(LIST)), {})
    for wrap in (definition.wrap, definition.wrap_each):
        if wrap is not None:
            _add_fixed(known, fixed(wrap))
    for key, part in definition.group.items():
        for name in {part.name or key, key}:  # a group is read by both
            _add(known, name.split("."), part)


def _add_fixed(known: Names, value: Any) -> None:
    if value == MARK or (isinstance(value, list) and MARK in value):
        known[ANY] = {}
    for name, inner in _members(value):
        _add_fixed(known.setdefault(plain(name), {}), inner)


def unknown_names(cell: str, known: Names) -> Iterator[str]:
    """The names in the objects of a cell that are none of the channel's: `reference.unit`."""
    if cell[:1] in {"[", "{"}:
        yield from _unknown(parsed(cell), known, "")


def _unknown(value: Any, known: Names, before: str) -> Iterator[str]:
    for name, inner in _members(value):
        label = plain(name)
        within = next((known[one] for one in (label, DIGITS.sub(NUMBER, label), ANY) if one in known), None)
        if within is None and ATTRIBUTE not in name:
            yield f"{before}{name}"
        elif within:
            yield from _unknown(inner, within, f"{before}{name}.")


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield from one.items()
