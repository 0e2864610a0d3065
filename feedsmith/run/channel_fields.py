"""A channel's fields as one feed has them: what is in force on its day, the words of project and market put in."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.definitions.wrap import NAME, filled_wrap
from feedsmith.errors import DefinitionError

EACH = "each"
"""In fixed JSON: the value for which the field is repeated by its variable."""
OF_THE_FIELD = frozenset({"n", "value"})
"""What stands in a name for something of the field itself: its number, the value for which it is repeated."""


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
        DefinitionError: a field's name, or fixed JSON around a value, names what the feed does not have.
    """
    words = _words(spec, channel.definition)
    for key, one in channel.definition.fields.items():
        node = channel.node.map["fields"].map[key]
        if (one.since and today < one.since) or (one.until and today > one.until):
            yield ChannelField(key, one.model_copy(update={"required": []}), node, in_force=False)
            continue
        if one.expand is None:
            yield ChannelField(key, _filled(one, node, words), node)
            continue
        for value in _variable(spec, one.expand):
            yield _expand(key, _filled(one, node, words | {EACH: value}), node, value)


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


def words_of_market(spec: FeedSpec, channel: ChannelDefinition) -> dict[str, str]:
    """The channel's words for the country of the feed; a project's variable of the same name wins."""
    found = {name: by_country.get(spec.market.country) for name, by_country in channel.words.items()}
    found |= {name: node.text for name, node in spec.vars.items() if name in channel.words}
    return {name: word for name, word in found.items() if word}


def _words(spec: FeedSpec, channel: ChannelDefinition) -> dict[str, str]:
    """What a field's name and fixed JSON around a value can name."""
    market = {"country": spec.market.country, "language": spec.market.language, "currency": spec.market.currency}
    own = {f"vars.{name}": node.text for name, node in spec.vars.items() if node.text}
    return {name: word for name, word in (market | own | words_of_market(spec, channel)).items() if word}


def _filled(definition: FieldDefinition, node: Node, words: Mapping[str, str]) -> FieldDefinition:
    """The definition with the words in its name and its fixed JSON filled in, those of its attributes too."""
    changes: dict[str, Any] = {}
    for key, fill in FILLED.items():
        text = getattr(definition, key)
        if text is not None and "{" in text:
            try:
                changes[key] = fill(text, words)
            except ValueError as error:
                hint = "give it in `market:` or `vars:`"
                raise DefinitionError(node.map[key].place, f"{key}: {error}", hint) from error
    if definition.group:
        inner = node.map["group"].map
        changes["group"] = {name: _filled(part, inner[name], words) for name, part in definition.group.items()}
    return definition.model_copy(update=changes) if changes else definition


def _filled_name(name: str, words: Mapping[str, str]) -> str:
    """A field's name with all but its number and its own value filled in.

    Raises:
        ValueError: a word is not there.
    """

    def word(match: re.Match[str]) -> str:
        if match[1] in OF_THE_FIELD:
            return match[0]
        if match[1] not in words:
            raise ValueError(f"the feed has no {match[0]}")
        return words[match[1]]

    return NAME.sub(word, name)


FILLED: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "name": _filled_name,
    "wrap": filled_wrap,
    "wrap_each": filled_wrap,
}
"""What of a field can hold words of the feed, and how they are put in."""
