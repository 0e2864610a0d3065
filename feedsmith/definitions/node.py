"""A YAML file as a tree of nodes, each with its place: so that every message can name file, line and column.

Scalars stay text until a model types them: `NO` is a country and `1.10` a text. Anchors are allowed; tags,
repeated keys and very deep or very large files are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from feedsmith.errors import DefinitionError
from feedsmith.issues import Place

DEPTH = 40
NODES = 200_000
EMPTY = frozenset({"", "~", "null"})

Value: TypeAlias = "dict[str, Node] | list[Node] | str | None"


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a YAML file. `place` is where the value stands, `key_place` where its key stands."""

    value: "Value"
    place: Place
    key_place: Place

    @property
    def map(self) -> dict[str, "Node"]:
        """The entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def text(self) -> str:
        """The text of a scalar; empty for anything else."""
        return self.value if isinstance(self.value, str) else ""

    def plain(self) -> Any:
        """The value as dicts, lists, text and None, for a model to validate."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: tuple[object, ...]) -> "Node":
        """The node that lies deepest on `path`, which may hold steps of a model that are not in the file."""
        node = self
        for step in path:
            child = node.child(step)
            node = child if child is not None else node
        return node

    def child(self, step: object) -> "Node | None":
        """The entry or element of that name or number, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Node"]]:
        """Path and node of every scalar and every empty collection below this one."""
        children = (
            self.value.items()
            if isinstance(self.value, dict)
            else ((str(number), node) for number, node in enumerate(self.value))
            if isinstance(self.value, list)
            else ()
        )
        if not self.value or isinstance(self.value, str):
            yield path, self
        for key, node in children:
            yield from node.leaves((*path, key))

    def with_entries(self, entries: Mapping[str, "Node"]) -> "Node":
        """A mapping with these entries at this node's place."""
        return replace(self, value=dict(entries))


def load_yaml(path: Path, shown: str) -> Node:
    """Read one YAML file.

    Args:
        path: the file.
        shown: its name in messages.

    Raises:
        DefinitionError: the file is missing, is no YAML, or holds what is refused; with line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DefinitionError(Place(shown), "is not UTF-8 text", "save the file as UTF-8") from error
    except OSError as error:
        raise DefinitionError(Place(shown), f"cannot be read: {error.strerror}") from error
    return parse_yaml(text, shown)


def parse_yaml(text: str, shown: str) -> Node:
    """The tree of a YAML text; errors as for `load_yaml`."""
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, str(mark.column + 1)) if mark else Place(shown)
        raise DefinitionError(place, f"is not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise DefinitionError(Place(shown), f"is not valid YAML: {error}") from error
    if root is None:
        return Node({}, Place(shown, 1, "1"), Place(shown, 1, "1"))
    return _Builder(shown).build(root, None, 0)


class _Builder:
    """Turns PyYAML's nodes into ours; counts them, since aliases can make a small file a huge tree."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.count = 0

    def build(self, source: yaml.Node, key: yaml.Node | None, depth: int) -> Node:
        place = self.place(source)
        self.count += 1
        if depth > DEPTH or self.count > NODES:
            raise DefinitionError(place, "is nested too deep or too large", "remove aliases that repeat themselves")
        if not source.tag.startswith("tag:yaml.org,2002:") or source.tag.startswith("tag:yaml.org,2002:python"):
            raise DefinitionError(place, f"the tag {source.tag} is not allowed here")
        key_place = self.place(key) if key is not None else place
        if isinstance(source, yaml.MappingNode):
            return Node(self.entries(source, depth), place, key_place)
        if isinstance(source, yaml.SequenceNode):
            return Node([self.build(item, None, depth + 1) for item in source.value], place, key_place)
        empty = source.style is None and source.value in EMPTY
        return Node(None if empty else str(source.value), place, key_place)

    def entries(self, source: yaml.MappingNode, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in source.value:
            if not isinstance(key, yaml.ScalarNode):
                raise DefinitionError(self.place(key), "a key must be plain text")
            if key.value in found:
                raise DefinitionError(self.place(key), f"the key {key.value!r} stands here twice", "keep one of them")
            found[key.value] = self.build(value, key, depth + 1)
        return found

    def place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        quoted = isinstance(node, yaml.ScalarNode) and node.style in {"'", '"'}
        return Place(self.shown, mark.line + 1, str(mark.column + 1 + quoted))
