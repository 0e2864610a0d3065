"""The targets of a feed: what the blocks say of each, laid over each other, and held against what its place knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from feedsmith.definitions.model import nearest, validated
from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError, Mistakes
from feedsmith.publish.kinds import misfits
from feedsmith.publish.settings import PLACEHOLDER, TargetSettings


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """One target of a feed, resolved. `origin` names the upper layer that speaks of it."""

    name: str
    settings: TargetSettings
    node: Node
    origin: str


def targets_of(sections: Iterable[tuple[str, Mapping[str, Node]]]) -> dict[str, TargetSpec]:
    """The targets by name.

    Args:
        sections: the `publish` entries of each layer with the layer's name, the lowest first.

    Raises:
        DefinitionError: a target has no address, or a setting does not fit it.
    """
    found: dict[str, tuple[Node, str]] = {}
    for origin, entries in sections:
        for name, node in entries.items():
            if node.value is None:
                found.pop(name, None)
            else:
                below = found[name][0].map if name in found else {}
                kept = {key: one for key, one in (below | node.map).items() if one.value is not None}
                found[name] = (node.with_entries(kept), origin)
    mistakes = Mistakes()
    made = {name: mistakes.trying(partial(_target, name, *entry)) for name, entry in found.items()}
    mistakes.tell()
    return {name: target for name, target in made.items() if target is not None}


def _target(name: str, node: Node, origin: str) -> TargetSpec:
    settings = validated(TargetSettings, node)
    if settings.to is None:
        raise DefinitionError(node.key_place, f"the target {name!r} has no `to`", "say where it is")
    mistakes = Mistakes()
    for key, problem, hint in misfits(settings):
        at = node.map.get(key, node)
        mistakes.add(DefinitionError(at.key_place, f"target {name}: {problem}", hint))
    mistakes.tell()
    return TargetSpec(name, settings, node, origin)


def check_apart(targets: Iterable[tuple[Mapping[str, str], TargetSpec]]) -> None:
    """Find feeds that would overwrite each other at a target.

    Args:
        targets: each with what its feed's placeholders stand for.

    Raises:
        DefinitionError: two files have one name in one place.
    """
    taken: dict[tuple[str, str], str] = {}
    for words, target in targets:
        settings, feed = target.settings, words["feed"]
        if "file" in PLACEHOLDER.findall(settings.name) or (not str(settings.to).endswith("/") and _web(settings)):
            continue
        place = settings.place, named(settings.name, words)
        if taken.setdefault(place, feed) != feed:
            node = target.node.map.get("name", target.node)
            problem = f"the feeds {taken[place]} and {feed} have one name at the target {target.name}: {place[1]}"
            raise DefinitionError(node.place, problem, "write {feed} in the name")


def _web(settings: TargetSettings) -> bool:
    """Whether the address itself takes all files."""
    return str(settings.to).startswith(("http://", "https://"))


def named(pattern: str, words: Mapping[str, str]) -> str:
    """A name with its placeholders filled; one that `words` lacks stays.

    >>> named("{feed}-{date}.xml", {"feed": "google"})
    'google-{date}.xml'
    """
    return PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), pattern)


def known_target(asked: str, names: Iterable[str]) -> str:
    """A hint for a target that is not there."""
    return nearest(asked, names)
