"""A field that takes several columns: pictures as `image_1`, `image_2`, a group as a column for each attribute.

Each of these columns is a field as any other: a `Leaf` says its heading, its definition and where in the value it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from feedsmith.definitions.field import FieldDefinition
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells, OutField
from feedsmith.values.column import Column

NUMBER = "{n}"


@dataclass(frozen=True)
class Leaf:
    """A column: the field as which it is written, and the steps from a value of the whole field to the column's."""

    field: OutField
    way: tuple[int | str, ...] = ()


def leaves(field: OutField) -> list[Leaf]:
    """The columns of a field; one for most fields, the field itself."""
    return list(_spread(field, ()))


def is_spread(definition: FieldDefinition) -> bool:
    """Whether the field takes columns of its own for its values or attributes."""
    repeat = definition.repeat
    return definition.columns == "flat" or (repeat is not None and repeat.columns in {"numbered", "repeated"})


def _spread(field: OutField, way: tuple[int | str, ...]) -> Iterator[Leaf]:
    definition = field.definition
    repeat = definition.repeat
    if repeat is not None and repeat.columns in {"numbered", "repeated"}:
        single = definition.model_copy(update={"repeat": None})
        for place in range(repeat.max or 0):
            numbered = field.name.replace(NUMBER, str(repeat.first + place))
            yield from _spread(OutField(field.key, numbered, _numbered(single, repeat.first + place)), (*way, place))
    elif definition.columns == "flat":
        for name, part in definition.group.items():
            heading = part.name or f"{field.name}_{name}"
            yield from _spread(OutField(field.key, heading, part), (*way, name))
    else:
        yield Leaf(field, way)


def _numbered(definition: FieldDefinition, number: int) -> FieldDefinition:
    """The definition with that number in the names of its attributes."""
    if definition.columns != "flat":
        return definition
    group = {
        key: part.model_copy(update={"name": part.name.replace(NUMBER, str(number), 1)}) if part.name else part
        for key, part in definition.group.items()
    }
    return definition.model_copy(update={"group": group})


def leaf_cells(cells: Cells, leaf: Leaf) -> Cells:
    """The column of a leaf."""
    column, currencies = cells.column, cells.currencies
    for step in leaf.way:
        if isinstance(step, str):
            currencies = Column([group.get(step + CURRENCY) if group else None for group in column])
        column = Column([_at(value, step) for value in column])
    return Cells(leaf.field, column, currencies)


def _at(value: list[object] | dict[str, object] | None, step: int | str) -> object:
    if isinstance(value, dict):
        return value.get(str(step))
    return value[int(step)] if value and len(value) > int(step) else None


def spread(cells: Cells) -> list[Cells]:
    """The columns of a field, one `Cells` each."""
    if not is_spread(cells.field.definition):
        return [cells]
    return [leaf_cells(cells, leaf) for leaf in leaves(cells.field)]
