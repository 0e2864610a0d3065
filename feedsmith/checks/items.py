"""Conditions over the fields of an item: what must be there, and what must not be true."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from feedsmith.checks.ledger import Finding, Ledger
from feedsmith.definitions.channel import ItemCheck
from feedsmith.definitions.field import Consequence, FieldDefinition, Requirement
from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue
from feedsmith.mapping.expression import Compiled, compile_expression, compile_text
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import CURRENCY, KIND_TYPES, Type
from feedsmith.values.column import Column

ROW = "row"


@dataclass(frozen=True)
class Needed:
    """A field that must have a value, always or under a condition."""

    field: str
    when: Compiled | None
    consequence: Consequence
    message: str
    reference: str

    def run(self, items: Rows, faults: Mapping[int, Issue], ledger: Ledger) -> None:
        """Note the rows without it. `faults` tells by row why the catalog's value could not be read."""
        column = items.column(self.field)
        if column.full:
            return
        asked = items.run(self.when) if self.when is not None else None
        if asked is not None and not any(asked.values):
            return
        for row, value in enumerate(column):
            if value is None and (asked is None or asked[row]) and (self.field, row) not in ledger.lost:
                ledger.add(self._finding(row, faults.get(row)))

    def _finding(self, row: int, fault: Issue | None) -> Finding:
        if fault is not None:
            message = f"{self.field} is required, and the catalog's value cannot be used: {fault.message}"
            return Finding(
                row, fault.code, self.consequence, message, self.field, fault.value, fault.help, self.reference
            )
        code = "missing-required" if self.when is None else "missing-conditional"
        message = self.message or f"{self.field} is empty" + (f", needed as {self.when.text}" if self.when else "")
        return Finding(
            row, code, self.consequence, message, self.field, "", "fill it, or give the field a rule", self.reference
        )


@dataclass(frozen=True)
class Condition:
    """A condition that must not be true of an item, or of a group in a repeated field (`each`)."""

    name: str
    code: str
    when: Compiled
    message: Compiled
    field: str
    each: str | None
    consequence: Consequence
    help: str
    reference: str

    def run(self, items: Rows, ledger: Ledger) -> None:
        """Note the items of which it is true; a `drop` empties the field, or takes the group out, in `items`."""
        if self.each is not None:
            self._run_each(self.each, items, ledger)
            return
        hits = items.run(self.when)
        if hits is items.never or not any(hits.values):
            return
        rows = [row for row, hit in enumerate(hits) if hit]
        gone = ledger.all(self._findings(_picked(items, rows), rows, self.field))
        if gone and self.field:
            items.found[self.field] = items.column(self.field).without(gone)

    def _findings(self, hits: Rows, owners: list[int], about: str) -> list[Finding]:
        """A finding for each row of `hits`, told of its owner; `about` is the column whose value is shown."""
        told = hits.run(self.message)
        values = hits.column(about) if about else [""] * len(owners)
        field = self.field or self.each or ""
        return [
            Finding(owner, self.code, self.consequence, text or self.name, field, value, self.help, self.reference)
            for owner, text, value in zip(owners, told, values, strict=True)
        ]

    def _run_each(self, each: str, items: Rows, ledger: Ledger) -> None:
        """The same over all groups of the field, each with its item's other fields beside it."""
        column = items.column(each)
        if column.blank:
            return
        pairs = [(row, group) for row, groups in column.rows() for group in _as_list(groups)]
        owners = [row for row, _ in pairs]
        groups = _picked(items, owners)
        groups.found[ROW] = Column([group for _, group in pairs])
        hits = groups.run(self.when)
        items.failures += [replace(failure, row=owners[failure.row]) for failure in groups.failures]
        numbers = [number for number, hit in enumerate(hits) if hit]
        if not numbers:
            return
        found = self._findings(_picked(groups, numbers), [owners[number] for number in numbers], ROW)
        bad = {number for number, finding in zip(numbers, found, strict=True) if ledger.add(finding) == "drop"}
        if bad:
            items.found[each] = _without(column, bad)


def _picked(items: Rows, rows: list[int]) -> Rows:
    """Some rows of `items`; a row may be picked more than once."""

    def find(name: str) -> Column:
        values = items.column(name).values
        return Column([values[row] for row in rows])

    return Rows(len(rows), find, {})


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _without(column: Column, bad: set[int]) -> Column:
    """The column without the groups of these running numbers."""
    number = 0
    values: list[Any] = []
    for value in column:
        if value is None:
            values.append(None)
            continue
        kept = [group for offset, group in enumerate(_as_list(value)) if number + offset not in bad]
        number += len(_as_list(value))
        values.append((kept or None) if isinstance(value, list) else (kept[0] if kept else None))
    return Column(values)


def item_scope(fields: Mapping[str, FieldDefinition], scope: Scope) -> Scope:
    """The names that conditions of a channel may use: its fields, and through `product.` those of `scope`."""
    names: dict[str, Type] = {}
    for name, definition in fields.items():
        names[name] = field_type(definition)
        if definition.type == "money":
            names[name + CURRENCY] = Type.TEXT
    owners = {**scope.owners, "product": dict(scope.names)}
    return Scope(names, scope.constants, scope.values, owners=owners, taxonomy=scope.taxonomy)


def field_type(definition: FieldDefinition) -> Type:
    """The type of a field's values."""
    if definition.repeat is not None:
        return Type.GROUPS if definition.type == "group" else Type.LIST
    return KIND_TYPES[definition.type]


def row_scope(scope: Scope, definition: FieldDefinition) -> Scope:
    """`scope` with the attributes of a group as `row.`."""
    row = {name: field_type(part) for name, part in definition.group.items()}
    row |= {name + CURRENCY: Type.TEXT for name, part in definition.group.items() if part.type == "money"}
    return replace(scope, names={**scope.names, ROW: Type.GROUP}, row=row, headings={})


def compile_needed(name: str, definition: FieldDefinition, node: Node, scope: Scope) -> list[Needed]:
    """The requirements of a field."""
    found = []
    for number, need in enumerate(definition.required):
        when = compile_expression(_when(node, number, need), scope, Type.FLAG) if need.when is not None else None
        consequence = need.otherwise
        if definition.uncertain and consequence in {"reject", "drop", "cut"}:
            consequence = "warn"
        found.append(Needed(name, when, consequence, need.message, definition.reference))
    return found


def _when(node: Node, number: int, need: Requirement) -> Node:
    required = node.map["required"]
    owner = required.value[number] if isinstance(required.value, list) else required
    written = owner.map.get("when")
    return (
        written if written is not None and str(written.value) == need.when else Node(need.when, node.place, node.place)
    )


def compile_condition(
    name: str, check: ItemCheck, node: Node, fields: Mapping[str, FieldDefinition], scope: Scope, today: date
) -> Condition:
    """A check of the channel's definition. Before its `since` day it warns at most.

    Raises:
        DefinitionError: it names a field, a function or a group that is not there, or cannot do what it says.
    """
    if check.otherwise == "cut" or (check.otherwise == "drop" and not (check.field or check.each)):
        hint = "name the field that is left out, or use reject, warn or info"
        raise DefinitionError(node.place, f"the check {name!r} says {check.otherwise}, and does not say of what", hint)
    if check.each is not None and check.each in fields:
        scope = row_scope(scope, fields[check.each])
    consequence = check.otherwise
    if check.since is not None and today < check.since and consequence != "info":
        consequence = "warn"
    return Condition(
        name, check.code, compile_expression(node.map["when"], scope, Type.FLAG),
        compile_text(node.map["message"], scope), check.field, check.each, consequence, check.help, check.reference,
    )  # fmt: skip
