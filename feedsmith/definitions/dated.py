"""A channel as it is on a day: the dated changes of its fields laid over them; and what differs between two days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.extend import laid_over
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.model import validated
from feedsmith.definitions.node import Node

DAY = timedelta(days=1)
NOT_COMPARED = {"since", "until", "changes", "group"}
"""Keys of a field whose own differences are told otherwise."""
MILD = frozenset({"warn", "info"})
"""Consequences of a check that its `since` does not change: before that day it is at most a warning."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different from a day on.

    `about` is a field, an attribute such as `shipping.price`, or a check; `key` is the key of the field's definition,
    empty where the field itself starts or ends; `before` and `after` are its values, None for none.
    """

    day: date
    what: str
    about: str
    key: str = ""
    before: Any = None
    after: Any = None


def laid_on(node: Node, definition: ChannelDefinition, day: date) -> tuple[Node, ChannelDefinition]:
    """The channel's tree and definition with the changes that count on that day.

    Raises:
        DefinitionError: a change is wrong; with its place in the file.
    """
    nodes = node.map["fields"].map
    changed = {name: _field(nodes[name], one, day) for name, one in definition.fields.items() if any(_days(one))}
    if not changed:
        return node, definition
    fields = definition.fields | {name: validated(FieldDefinition, one) for name, one in changed.items()}
    section = node.map["fields"].with_entries({**nodes, **changed})
    return node.with_entries({**node.map, "fields": section}), definition.model_copy(update={"fields": fields})


def change_days(definition: ChannelDefinition) -> list[date]:
    """The days on which fields change, in order."""
    return sorted({day for one in definition.fields.values() for day in _days(one)})


def differences(node: Node, definition: ChannelDefinition, start: date, end: date) -> Iterator[Difference]:
    """What is different on `end` from what was on `start`, by the day from which it is so."""
    for day in (day for day in _all_days(definition) if start < day <= end):
        _, before = laid_on(node, definition, day - DAY)
        _, after = laid_on(node, definition, day)
        yield from _fields(day, _known(before, day - DAY), _known(after, day))
        for name, check in definition.checks.items():
            if check.since == day and check.otherwise not in MILD:
                yield Difference(day, "check hardens", name, "else", "warn", check.otherwise)


def _field(node: Node, definition: FieldDefinition, day: date) -> Node:
    """The field's node with its changes up to that day, those of its attributes too."""
    if definition.group:
        parts = {name: _field(node.map["group"].map[name], part, day) for name, part in definition.group.items()}
        node = node.with_entries({**node.map, "group": node.map["group"].with_entries(parts)})
    written = node.map["changes"].value if definition.changes else []
    dated = zip(definition.changes, written if isinstance(written, list) else [], strict=True)
    for change, over in sorted(dated, key=lambda one: one[0].from_):
        if change.from_ <= day:
            node = laid_over(node, over.with_entries({key: one for key, one in over.map.items() if key != "from"}))
    return node


def _days(definition: FieldDefinition) -> Iterator[date]:
    """The days of the field's changes and of those of its attributes."""
    yield from (change.from_ for change in definition.changes)
    for part in definition.group.values():
        yield from _days(part)


def _all_days(definition: ChannelDefinition) -> list[date]:
    found = set(change_days(definition))
    for one in definition.fields.values():
        found |= {one.since} if one.since else set()
        found |= {one.until + DAY} if one.until else set()
    found |= {check.since for check in definition.checks.values() if check.since}
    return sorted(found)


def _known(definition: ChannelDefinition, day: date) -> dict[str, FieldDefinition]:
    """The fields of that day, each followed by its attributes."""
    known = {
        name: one
        for name, one in definition.fields.items()
        if (one.since is None or one.since <= day) and (one.until is None or day <= one.until)
    }
    return dict(_flat(known))


def _flat(fields: Mapping[str, FieldDefinition], before: str = "") -> Iterator[tuple[str, FieldDefinition]]:
    for name, one in fields.items():
        yield before + name, one
        yield from _flat(one.group, f"{before}{name}.")


def _fields(
    day: date, before: Mapping[str, FieldDefinition], after: Mapping[str, FieldDefinition]
) -> Iterator[Difference]:
    for name, one in after.items():
        if name in before:
            yield from _keys(day, name, _plain(before[name]), _plain(one))
        elif _parent(name) not in after.keys() - before.keys():
            yield Difference(day, "field starts", name)
    for name in (name for name in before if name not in after):
        if _parent(name) not in before.keys() - after.keys():
            yield Difference(day, "field ends", name)


def _parent(name: str) -> str:
    """The field of an attribute: when it starts or ends, so do its attributes, and need not be told."""
    return name.rpartition(".")[0]


def _plain(definition: FieldDefinition) -> dict[str, Any]:
    """What the definition says, without what it does not."""
    return definition.model_dump(mode="json", by_alias=True, exclude=NOT_COMPARED, exclude_unset=True)


def _keys(day: date, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield Difference(day, "field changes", name, key, before.get(key), after.get(key))
