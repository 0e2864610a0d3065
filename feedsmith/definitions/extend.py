"""A channel file that extends another one: `extends: NAME` lays everything of NAME under this file.

Entries of `fields`, `checks`, `sets` and `lists` merge by name, and the keys of an entry are laid over those of its
counterpart, a group's attributes likewise. `~` removes an entry or a key. Any other key of the file replaces.
Every node keeps its place, so a mistake in an inherited entry names the file in which it stands.
"""

from collections.abc import Mapping
from pathlib import Path

from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node, load_yaml
from feedsmith.errors import DefinitionError
from feedsmith.resources import bundled

SECTIONS = ("fields", "checks", "sets", "lists")
"""Keys of a channel file whose entries merge by name."""


def read_channel(name: str, files: Mapping[str, Path]) -> tuple[Node, tuple[str, ...], tuple[str, ...]]:
    """A channel's file laid over all that it extends; the names of its template; its lineage.

    The names that its template may have come with the first choice first. The lineage is the channel's own name, then
    those of the channels that it extends, the nearest first.

    Args:
        name: a key of `files`.
        files: name and file of every channel.

    Raises:
        DefinitionError: a file is wrong, what it extends is not there, or it extends itself.
    """
    levels = _levels(name, files)
    node = levels[-1][1]
    for over, (below, _) in zip(reversed([node for _, node in levels[:-1]]), reversed(levels[1:]), strict=True):
        node = _file_over(node, over, below)
    return node, tuple(_templates(levels, node)), tuple(level for level, _ in levels)


def _levels(name: str, files: Mapping[str, Path]) -> list[tuple[str, Node]]:
    """Name and file of the channel, of what it extends, and so on."""
    path = files[name]
    seen, levels = [path], [(name, load_yaml(path, f"channels/{path.name}"))]
    while (extends := levels[-1][1].map.get("extends")) is not None and extends.value is not None:
        path = _extended(extends, seen[-1], files)
        if path in seen:
            detour = " extends ".join(one.stem for one in (*seen[seen.index(path) :], path))
            raise DefinitionError(extends.place, f"a channel cannot extend itself: {detour}")
        shown = f"channels/{path.name}" if path == files[path.stem] else f"bundled channels/{path.name}"
        seen.append(path)
        levels.append((path.stem, load_yaml(path, shown)))
    return levels


def _extended(extends: Node, path: Path, files: Mapping[str, Path]) -> Path:
    """The file that `extends` names: in a file of that very name it is the bundled channel that the file hides."""
    name = extends.text
    if name == path.stem and (hidden := bundled("channels") / path.name) != path and hidden.is_file():
        return hidden
    if name not in files:
        raise DefinitionError(extends.place, f"there is no channel {name!r} to extend", nearest(name, files))
    return files[name]


def _file_over(base: Node, over: Node, below: str) -> Node:
    """The file `over` laid over `base`, which is the channel `below` with what it extends."""
    entries = {**base.map, **over.map}
    for section in SECTIONS:
        if section in base.map and isinstance((node := entries[section]).value, dict):
            entries[section] = _section(base.map[section], node, f"{section} of {below}")
    return over.with_entries(entries)


def _section(base: Node, over: Node, what: str) -> Node:
    """Entries by name; the keys of an entry are laid over those of its counterpart."""
    entries = dict(base.map)
    for name, node in over.map.items():
        if node.value is not None:
            entries[name] = laid_over(entries[name], node) if name in entries else node
        elif entries.pop(name, None) is None:
            raise DefinitionError(node.key_place, f"{name!r} is not among the {what}", nearest(name, base.map))
    return over.with_entries(entries)


def laid_over(base: Node, over: Node) -> Node:
    """A field, check or set: its keys replace, an empty one removes, a group's attributes are entries themselves."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    entries = dict(base.map)
    for key, node in over.map.items():
        if node.value is None:
            entries.pop(key, None)
        elif key == "group" and key in entries:
            entries[key] = _section(entries[key], node, "attributes of the group")
        else:
            entries[key] = node
    return over.with_entries(entries)


def _templates(levels: list[tuple[str, Node]], merged: Node) -> list[str]:
    """`NAME.FORMAT.j2` of the channel, then of those it extends, until one names its template.

    A template that is named below a change of the format is for another format, and does not count.
    """
    format_node = merged.map.get("format")
    found: list[str] = []
    changed = False
    for name, node in levels:
        named = node.map.get("template")
        if named is not None and named.value is not None and not changed:
            return [*found, named.text]
        changed = changed or "format" in node.map
        found.append(f"{name}.{format_node.text if format_node else ''}.j2")
    return found
