"""Reading a feed whose groups have rows of their own: what is asked of such a row, and of the rows below it."""

from feedsmith.definitions.channel import ChannelDefinition, GroupDefinition
from feedsmith.definitions.field import FieldDefinition, Requirement
from feedsmith.definitions.parent import ParentRow


def as_rows(definition: ChannelDefinition) -> ChannelDefinition:
    """The channel as one of rows: a group's row needs what it has, and a row below it not what stands above."""
    group = definition.group
    if group is None or group.parent is None:
        return definition
    fields = {key: _asked(key, one, definition, group, group.parent) for key, one in definition.fields.items()}
    sets = {name: check for name, check in definition.sets.items() if check.check != "not_in"}  # parents are rows here
    return definition.model_copy(update={"fields": fields, "sets": sets})


def _asked(
    key: str, one: FieldDefinition, definition: ChannelDefinition, group: GroupDefinition, parent: ParentRow
) -> FieldDefinition:
    """The field, required in the rows only that are to have it."""
    exempt = []
    if key in {*parent.moves, *parent.common}:
        exempt.append(f"{parent.child} is filled")
    told = definition.fields.get(parent.row)  # where it is required of all, a group's row is not known by it
    if told is not None and not told.always_required and key not in {*group.fields, *parent.takes}:
        exempt.append(f"({parent.row} is filled and {parent.child} is empty)")
    return one.model_copy(update={"required": [_unless(need, exempt) for need in one.required]}) if exempt else one


def _unless(need: Requirement, exempt: list[str]) -> Requirement:
    unless = f"not ({' or '.join(exempt)})"
    return need.model_copy(update={"when": f"({need.when}) and {unless}" if need.when is not None else unless})
