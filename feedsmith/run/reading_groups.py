"""Groups in a feed that something else wrote: how a channel's template writes them, and which columns are a group's."""

import re
from collections.abc import Iterable
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition, FieldDefinition, GroupDefinition
from feedsmith.definitions.load import Channel, template_file
from feedsmith.mapping.wire import read_from
from feedsmith.sources.json_groups import GROUP, NUMBER, Variants

LOOP = re.compile(r"\{%-?\s*for\s+\w+\s+in\s+variants\b")
LIST = re.compile(r'"([^"{}]+)"\s*:\s*\[')
TAG = "{%"


def variants_form(channel: Channel, folder: Path) -> Variants | None:
    """How the channel's JSON has groups, as its template shows: the last list that opens before the variants.

    Where the template asks something between the two, the list is not always there.

    Raises:
        DefinitionError: the template cannot be found.
    """
    if channel.definition.group is None or channel.definition.format != "json":
        return None
    text = template_file(channel, folder).read_text("utf-8")
    loop = LOOP.search(text)
    opened = list(LIST.finditer(text[: loop.start()])) if loop else []
    if loop is None or not opened:
        return None
    return Variants(opened[-1][1], TAG in text[opened[-1].end() : loop.start()])


def group_as_read(definition: ChannelDefinition) -> GroupDefinition | None:
    """The group with the names that its members have in the records of its variants."""
    if definition.group is None:
        return None
    fields = {key: _of_group(key, one) for key, one in definition.group.fields.items()}
    return definition.group.model_copy(update={"fields": fields})


def _of_group(key: str, definition: FieldDefinition) -> FieldDefinition:
    return read_from(definition).model_copy(update={"name": f"{GROUP}{definition.name or key}"})


def headings_of(headings: Iterable[str], *, group: bool) -> list[str]:
    """The columns of the group, or those of the items."""
    return [one for one in headings if one.startswith(GROUP) is group and one != NUMBER]
