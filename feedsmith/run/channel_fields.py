"""A channel's fields as one feed has them: what is in force on its day, the words of project and market put in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from feedsmith.definitions.channel import FieldDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.definitions.wrap import filled_wrap
from feedsmith.errors import DefinitionError


@dataclass(frozen=True)
class ChannelField:
    """A field as it is compiled: its key, its definition, its node in the channel file.

    Outside its days a field is not `in_force`: conditions know it, and it never has a value.
    """

    key: str
    definition: FieldDefinition
    node: Node
    in_force: bool = True


def feed_fields(channel: Channel, spec: FeedSpec, today: date) -> Iterator[ChannelField]:
    """The channel's fields on the run's day, repeated where they are repeated by a variable.

    Raises:
        DefinitionError: fixed JSON around a value names what the feed does not have.
    """
    words = _words(spec)
    for key, one in channel.definition.fields.items():
        node = channel.node.map["fields"].map[key]
        if (one.since and today < one.since) or (one.until and today > one.until):
            yield ChannelField(key, one.model_copy(update={"required": []}), node, in_force=False)
            continue
        definition = _filled_wraps(one, node, words)
        if definition.expand is None:
            yield ChannelField(key, definition, node)
        else:
            yield from (_expand(key, definition, node, value) for value in _variable(spec, definition.expand))


def _variable(spec: FeedSpec, name: str) -> list[str]:
    node = spec.vars.get(name)
    value = node.plain() if node else None
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list | dict) else [str(value)]


def _expand(key: str, definition: FieldDefinition, node: Node, value: str) -> ChannelField:
    """The field for one value of its variable: `{value}` in its name and its rule is that value."""

    def put(text: str | None) -> str | None:
        return text.replace("{value}", value) if text is not None else None

    changes: dict[str, Any] = {"name": put(definition.name), "from_": put(definition.from_), "expand": None}
    name = "".join(sign if sign.isalnum() else "_" for sign in value).lower()
    entries = {
        entry: Node(put(child.text), child.place, child.key_place) if isinstance(child.value, str) else child
        for entry, child in node.map.items()
    }
    return ChannelField(f"{key}_{name}", definition.model_copy(update=changes), node.with_entries(entries))


def _words(spec: FeedSpec) -> dict[str, str]:
    """What fixed JSON around a value can name."""
    market = {"country": spec.market.country, "language": spec.market.language, "currency": spec.market.currency}
    own = {f"vars.{name}": node.text for name, node in spec.vars.items() if node.text}
    return {name: word for name, word in (market | own).items() if word}


def _filled_wraps(definition: FieldDefinition, node: Node, words: Mapping[str, str]) -> FieldDefinition:
    """The definition with the names in its fixed JSON filled in, those of its attributes too."""
    changes: dict[str, Any] = {}
    for key in ("wrap", "wrap_each"):
        wrap = getattr(definition, key)
        if wrap is not None:
            try:
                changes[key] = filled_wrap(wrap, words)
            except ValueError as error:
                hint = "give it in `market:` or `vars:`"
                raise DefinitionError(node.map[key].place, f"{key}: {error}", hint) from error
    if definition.group:
        inner = node.map["group"].map
        changes["group"] = {name: _filled_wraps(part, inner[name], words) for name, part in definition.group.items()}
    return definition.model_copy(update=changes) if changes else definition
