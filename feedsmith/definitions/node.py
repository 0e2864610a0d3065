"""A YAML file as a tree of nodes, each with its place: so that every message can name file, line and column.

Scalars stay text until a model types them: `NO` is a country and `1.10` a text. Anchors are allowed; tags,
repeated keys and very deep or very large files are refused.
"""

import re
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
MERGE = "<<"
QUOTES = frozenset({"'", '"'})
BLOCKS = frozenset({"|", ">"})
WORD = re.compile(r"[\w.]+|.")
"""What is marked of a line: a name, dotted or not, or one sign."""
WIDE = 100
"""Characters of a long line that are shown around the mark."""
TEXTS: dict[str, str] = {}
"""The definition files that this process has read, by their names in messages: for showing the line of a mistake."""

Value: TypeAlias = "dict[str, Node] | list[Node] | str | None"


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a YAML file. `place` is where the value stands, `key_place` where its key stands.

    `verbatim` says that a text stands in the file letter by letter from `place` on, each of its lines at that column:
    then the place of a part of it can be told.
    """

    value: "Value"
    place: Place
    key_place: Place
    verbatim: bool = False

    def part(self, start: int) -> Place:
        """Where the part of a text stands that begins at this offset; the whole text's place where that is unknown."""
        place = self.place
        if not self.verbatim or place.row is None or place.column is None:
            return place
        lines = self.text[:start].split("\n")
        return Place(place.path, place.row + len(lines) - 1, str(int(place.column) + len(lines[-1])))

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
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DefinitionError(Place(shown, line), "is not UTF-8 text", "save the file as UTF-8") from error
    except OSError as error:
        raise DefinitionError(Place(shown), f"cannot be read: {error.strerror}") from error
    return parse_yaml(text, shown)


def parse_yaml(text: str, shown: str) -> Node:
    """The tree of a YAML text; errors as for `load_yaml`."""
    TEXTS[shown] = text
    try:
        return _Builder(text, shown).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, str(mark.column + 1)) if mark else Place(shown)
        raise DefinitionError(place, f"is not valid YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(shown, before.count("\n") + 1, str(error.position - before.rfind("\n")))
        problem = f"is not valid YAML: the character U+{error.character:04X} is not allowed"
        raise DefinitionError(place, problem) from error


def marked(place: Place) -> list[str]:
    """The line of a definition file that a place is in, and a second one that marks the word there; none if unknown.

    >>> TEXTS["a.yaml"] = "# a shop" + chr(10) + "  shop: {chanel: google}"
    >>> print(*marked(Place("a.yaml", 2, "10")), sep=chr(10))
       2 |   shop: {chanel: google}
         |          ^^^^^^
    """
    lines = TEXTS.get(place.path, "").split("\n")
    if place.row is None or place.column is None or not place.column.isdigit() or place.row > len(lines):
        return []
    line, start = lines[place.row - 1].rstrip("\r"), int(place.column) - 1
    word = WORD.match(line, start)
    if word is None:
        return []
    first = max(0, start - WIDE // 2)
    shown, before = line[first : first + WIDE].replace("\t", " "), start - first
    signs = "^" * min(len(word[0]), WIDE - before)
    return [f"{place.row:4} | {shown}", f"     | {' ' * before}{signs}"]


class _Builder:
    """Makes nodes from the parser's events, which do not nest, so that depth and size are bounded while reading.

    An alias gives the node of its anchor. Its size counts again, since a small file of aliases can be a huge tree.
    """

    def __init__(self, text: str, shown: str) -> None:
        self.shown = shown
        self.lines = text.split("\n")
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.count = 0

    def document(self) -> Node:
        """The only document of the text; an empty mapping when there is none."""
        root = Node({}, Place(self.shown, 1, "1"), Place(self.shown, 1, "1"))
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DefinitionError(
                        self.place(event), "a second document starts here", "keep one document a file"
                    )
                found = self.build(next(self.events), None, 0)
                root = root if found.value is None else found
        return root

    def build(self, event: Any, key: Place | None, depth: int) -> Node:
        """The node that starts with `event`."""
        place = self.place(event)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, key or place)
        before = self.count
        self.grow(1, place)
        if depth > DEPTH:
            raise DefinitionError(place, "is nested too deep", f"at most {DEPTH} levels are read")
        node = self.node(event, key or place, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, self.count - before)
        return node

    def node(self, event: Any, key: Place, depth: int) -> Node:
        """The scalar, list or mapping that starts with `event`."""
        place = self.place(event)
        if event.tag is not None:
            raise DefinitionError(place, f"the tag {event.tag} is not allowed here", "write the value without a tag")
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self.entries(depth), place, key)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(list(self.elements(depth)), place, key)
        empty = not event.style and event.value in EMPTY
        return Node(None if empty else event.value, place, key, self.is_verbatim(event))

    def elements(self, depth: int) -> Iterator[Node]:
        """The elements of a list."""
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.build(event, None, depth + 1)

    def entries(self, depth: int) -> dict[str, Node]:
        """The entries of a mapping."""
        found: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            place = self.place(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise DefinitionError(place, "a key must be plain text")
            if event.value == MERGE and not event.style:
                raise DefinitionError(place, f"the key {MERGE} is not supported", "name a rule set under extends:")
            if event.value in found:
                raise DefinitionError(place, f"the key {event.value!r} stands here twice", "keep one of them")
            found[event.value] = self.build(next(self.events), place, depth + 1)
        return found

    def alias(self, event: Any, key: Place) -> Node:
        """The node of an anchor, under another key."""
        if event.anchor not in self.anchors:
            raise DefinitionError(self.place(event), f"the alias *{event.anchor} has no anchor above it")
        node, size = self.anchors[event.anchor]
        self.grow(size, self.place(event))
        return replace(node, key_place=key)

    def grow(self, size: int, place: Place) -> None:
        """Count nodes; an error when there are too many."""
        self.count += size
        if self.count > NODES:
            raise DefinitionError(place, "the file is too large", "remove aliases that repeat themselves")

    def place(self, event: Any) -> Place:
        """Where the text starts: behind its quote, and for a block below its indicator."""
        line, column = event.start_mark.line, event.start_mark.column
        style = event.style if isinstance(event, yaml.ScalarEvent) else ""
        if style in BLOCKS and line + 1 < len(self.lines):
            filled = next((text for text in self.lines[line + 1 :] if text.strip()), "")
            return Place(self.shown, line + 2, str(len(filled) - len(filled.lstrip(" ")) + 1))
        return Place(self.shown, line + 1, str(column + 1 + (style in QUOTES)))

    def is_verbatim(self, event: Any) -> bool:
        """Whether the value stands in the file as it is: without escapes and folded lines."""
        if event.style == "|":
            return True
        start, end = event.start_mark, event.end_mark
        around = 2 if event.style in QUOTES else 0
        return bool(start.line == end.line and end.column - start.column - around == len(event.value))
