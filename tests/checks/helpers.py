"""What the tests of checks share: definitions from cases, and columns of a channel's types."""

from collections.abc import Mapping
from typing import Any

import yaml

from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.node import Node, parse_yaml
from feedsmith.mapping.expression import printed
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.shape import Locale, Shaped, shape
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.values.column import Column

LOCALE = Locale(currency="EUR")


def node(value: Any) -> Node:
    """A case's value as the tree that a definition file would give."""
    return parse_yaml(yaml.safe_dump(value, allow_unicode=True), "channel.yaml")


def definition(value: Any) -> FieldDefinition:
    return FieldDefinition.model_validate(node(value).plain())


def shaped(values: list[Any], field: FieldDefinition) -> Shaped:
    """Texts, lists or groups as the field's type."""
    first = next((value for value in values if value is not None), "")
    given = Type.LIST if isinstance(first, list) else Type.GROUP if isinstance(first, dict) else Type.TEXT
    return shape(Column(values), given, field, LOCALE)


def shown(column: Column) -> list[str | None]:
    return [printed(value) if value is not None else None for value in column]


def items_of(fields: Mapping[str, FieldDefinition], rows: list[dict[str, Any]]) -> Rows:
    """Items with the fields' columns, and `product.` columns as they are."""
    found: dict[str, Column] = {}
    for name, field in fields.items():
        made = shaped([row.get(name) for row in rows], field)
        found[name] = made.column
        if field.type == "money":
            found[name + CURRENCY] = made.currencies or Column([None] * len(rows))

    def find(name: str) -> Column:
        return Column([row.get(name) for row in rows])

    return Rows(len(rows), find, {}, found=found)
