"""Conditions over the fields of an item: what must be there, and what must not be true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from feedsmith.checks.ledger import Finding, Ledger
from feedsmith.definitions.channel import Consequence, FieldDefinition, ItemCheck, Requirement
from feedsmith.definitions.node import Node
from feedsmith.issues import Issue
from feedsmith.mapping.expression import Compiled, compile_expression, compile_text, printed
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
        for row, value in enumerate(column):
            if value is None and (asked is None or asked[row]):
                ledger.add(self._finding(row, faults.get(row)))

    def _finding(self, row: int, fault: Issue | None) -> Finding:
        if fault is not None:
            message = f"{self.field} is required, and the catalog's value cannot be used: {fault.message}"
            return Finding(row, fault.code, self.consequence, message, self.field, fault.value, fault.help, self.reference)
        code = "missing-required" if self.when is None else "missing-conditional"
        message = self.message or f"{self.field} is empty" + (f", needed as {self.when.text}" if self.when else "")
        return Finding(row, code, self.consequence, message, self.field, "", "fill it, or give the field a rule", self.reference)


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
        """Note the items of which it is true; a `drop` empties the field in `items`."""
        if self.each is not None:
            self._run_each(items, ledger)
            return
        hits = items.run(self.when)
        if True not in hits.values:
            return
        rows = [row for row, hit in enumerate(hits) if hit]
        gone = ledger.all(self._findings(items, rows, rows))
        if gone and self.field:
            items.found[self.field] = items.column(self.field).without(gone)

    def _findings(self, items: Rows, rows: list[int], owners: list[int]) -> list[Finding]:
        columns = [items.column(name).values for name in self.message.names]
        told = self.message.call(*([column[row] for row in rows] for column in columns))
        if self.message.constant:
            told = told * len(rows)
        values = items.column(self.field) if self.field and self.each is None else None
        return [
            Finding(
                owner, self.code, self.consequence, text or self.name, self.field,
                printed(values[row]) if values is not None else "", self.help, self.reference,
            )
            for row, owner, text in zip(rows, owners, told, strict=True)
        ]  # fmt: skip

    def _run_each(self, items: Rows, ledger: Ledger) -> None:
        """The same over all groups of the field, each with its item's other fields beside it."""
        column = items.column(self.each or "")
        if column.blank:
            return
        pairs = [(row, group) for row, groups in column.rows() for group in _as_list(groups)]
        owners = [row for row, _ in pairs]

        def find(name: str) -> Column:
            if name == ROW:
                return Column([group for _, group in pairs])
            source = items.column(name)
            return Column([source[row] for row in owners])

        groups = Rows(len(pairs), find, {})
        hits = groups.run(self.when)
        numbers = [number for number, hit in enumerate(hits) if hit]
        if not numbers:
            return
        found = self._findings(groups, numbers, [owners[number] for number in numbers])
        bad = {number for number, finding in zip(numbers, found, strict=True) if ledger.add(finding) == "drop"}
        if bad:
            items.found[self.each or ""] = _without(column, bad)


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
    products = dict(scope.names)
    return Scope(names, scope.constants, scope.values, products=products)


def field_type(definition: FieldDefinition) -> Type:
    """The type of a field's values."""
    if definition.repeat is not None:
        return Type.GROUPS if definition.type == "group" else Type.LIST
    return KIND_TYPES[definition.type]


def row_scope(scope: Scope, definition: FieldDefinition) -> Scope:
    """`scope` with the attributes of a group as `row.`."""
    row = {name: field_type(part) for name, part in definition.group.items()}
    row |= {name + CURRENCY: Type.TEXT for name, part in definition.group.items() if part.type == "money"}
    return Scope({**scope.names, ROW: Type.GROUP}, scope.constants, scope.values, row=row, products=scope.products)


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
    return owner.map.get("when", Node(need.when, node.place, node.place))


def compile_condition(
    name: str, check: ItemCheck, node: Node, fields: Mapping[str, FieldDefinition], scope: Scope, today: date
) -> Condition:
    """A check of the channel's definition. Before its `since` day it warns at most.

    Raises:
        DefinitionError: it names a field, a function or a group that is not there.
    """
    if check.each is not None and check.each in fields:
        scope = row_scope(scope, fields[check.each])
    consequence = check.otherwise
    if check.since is not None and today < check.since and consequence != "info":
        consequence = "warn"
    return Condition(
        name, check.code, compile_expression(node.map["when"], scope, Type.FLAG),
        compile_text(node.map["message"], scope), check.field, check.each, consequence, check.help, check.reference,
    )  # fmt: skip
