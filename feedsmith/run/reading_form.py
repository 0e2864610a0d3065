"""What a channel's template tells about feeds that something else wrote: where their items stand, and how groups do."""

import re
from collections.abc import Iterable
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition, GroupDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel, template_file
from feedsmith.mapping.wire import read_from
from feedsmith.sources.json_groups import GROUP, NUMBER, Variants

LOOP = re.compile(r"\{%-?\s*for\s+\w+\s+in\s+variants\b")
LIST = re.compile(r'"([^"{}]+)"\s*:\s*\[')
TAG = "{%"
ITEMS = re.compile(r"\{%-?\s*for\s+\w+\s+in\s+items\b")
JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<\?.*?\?>|<!--.*?-->", re.DOTALL)
ELEMENT = re.compile(r"<(?P<end>/?)(?:[\w.-]+:)?(?P<name>[\w.-]+)[^<>]*?(?P<empty>/?)>")


def items_path(channel: Channel, folder: Path) -> str:
    """The path of the items below the root, as the channel's XML template writes them; "" where it does not tell.

    Raises:
        DefinitionError: the template cannot be found.
    """
    if channel.definition.format != "xml":
        return ""
    text = template_file(channel, folder).read_text("utf-8")
    loop = ITEMS.search(text)
    if loop is None:
        return ""
    way: list[str] = []
    for found in ELEMENT.finditer(JINJA.sub("", text[: loop.start()])):
        if found["end"]:
            del way[-1:]
        elif not found["empty"]:
            way.append(found["name"])
    item = ELEMENT.search(JINJA.sub("", text[loop.start() :]))
    return "/".join((*way[1:], item["name"])) if item is not None and not item["end"] else ""


def variants_form(channel: Channel, folder: Path) -> Variants | None:
    """How the JSON of the channel has groups, by its template: the last list that opens in an item before its variants.

    Where the template asks something between the two, the list is not always there.

    Raises:
        DefinitionError: the template cannot be found.
    """
    if channel.definition.group is None or channel.definition.format != "json":
        return None
    text = template_file(channel, folder).read_text("utf-8")
    items, loop = ITEMS.search(text), LOOP.search(text)
    opened = list(LIST.finditer(text, items.end(), loop.start())) if items and loop else []
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
