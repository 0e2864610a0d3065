"""Where each entry of a feed comes from: what `feedsmith config --origin` prints."""

from collections.abc import Iterator
from typing import TypeAlias

from feedsmith.definitions.load import CONDITIONS, Project, load_channel, named_conditions
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import MARKET_KEYS, FeedSpec, FieldRule, market_entries
from feedsmith.issues import Place

Origin: TypeAlias = tuple[str, str, Place, str]
"""Path of the entry, its value as compact text, its place, and the name of its layer."""

DEFAULT_KEYS = ("from", "value", "steps", "default")
FEED_KEYS = ("output", "title", "link", "description")


def origins(project: Project, spec: FeedSpec) -> Iterator[Origin]:
    """The entries of a resolved feed: its settings, its market, the rule of every field, conditions and checks.

    A layer that lies hidden below another is left out, unless a rule goes on with it; then the upper one is first.

    Raises:
        DefinitionError: the channel is not there, or its file is wrong.
    """
    yield "channel", spec.channel, spec.channel_node.place, spec.layers[-1].origin
    for key in FEED_KEYS:
        if (node := spec.layers[-1].node.map.get(key)) is not None:
            yield key, compact(node), node.place, spec.layers[-1].origin
    yield from _market(spec)
    channel = load_channel(spec.channel, project.channels, spec.channel_node.place)
    for name, node in channel.node.map["fields"].map.items():
        yield from _field(name, spec.fields.get(name), node, f"channel {spec.channel}")
    for name, node, origin in (*_entries(spec, "where"), *_entries(spec, "exclude")):
        yield name, compact(node), node.place, origin
    for layer in spec.layers:
        if (node := layer.node.map.get("overrides")) is not None:
            yield "overrides", compact(node), node.place, layer.origin
    entries = (*_entries(spec, "checks"), *_entries(spec, "vars"), *_entries(spec, "guards"), *_targets(spec))
    for name, node, origin in entries:
        yield name, compact(node), node.place, origin


def compact(node: Node) -> str:
    """A value on one line, as YAML's flow style shows it; `~` for empty."""
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{key}: {compact(item)}" for key, item in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(compact, node.value)) + "]"
    return "~" if node.value is None else " ".join(node.value.split("\n"))


def _field(name: str, rule: FieldRule | None, default: Node, channel: str) -> Iterator[Origin]:
    """The layers of a field's rule that count, the upper one first, and at last the channel's own."""
    while rule is not None:
        yield f"fields.{name}", compact(rule.node), rule.node.place, rule.origin
        if not rule.goes_on:
            return
        rule = rule.below
    own = {key: default.map[key] for key in DEFAULT_KEYS if key in default.map}
    if own:
        yield f"fields.{name}", compact(default.with_entries(own)), next(iter(own.values())).place, channel
    else:
        yield f"fields.{name}", f"{{from: {name}}}", default.key_place, channel


def _entries(spec: FeedSpec, section: str) -> list[tuple[str, Node, str]]:
    """The entries of a section that are left when all layers lie over each other."""
    found: dict[str, tuple[str, Node, str]] = {}
    for layer in spec.layers:
        node = layer.node.map.get(section)
        entries = {} if node is None else named_conditions(node) if section in CONDITIONS else node.map
        for name, item in entries.items():
            found.pop(name, None)
            if item.value is not None:
                found[name] = (f"{section}.{name}", item, layer.origin)
    return list(found.values())


def _targets(spec: FeedSpec) -> list[tuple[str, Node, str]]:
    """What the targets come to."""
    return [(f"publish.{name}", target.node, target.origin) for name, target in spec.targets.items()]


def _market(spec: FeedSpec) -> Iterator[Origin]:
    """The market's settings; language and currency that follow from the country stand at the country."""
    found = market_entries(spec.layers)
    for key in MARKET_KEYS:
        value = getattr(spec.market, key)
        if key in found:
            node, layer = found[key]
            yield f"market.{key}", compact(node), node.place, layer
        elif key in {"language", "currency"} and value and "country" in found:
            yield f"market.{key}", value, found["country"][0].place, f"country {spec.market.country}"
