"""What a project names and nothing in it uses: tables, rule sets, segments, ranks and markets."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from feedsmith.definitions.node import Node
from feedsmith.issues import Place


@dataclass(frozen=True, slots=True)
class UnusedEntry:
    """An entry that nothing uses; `kind` is what it is called, such as `table`."""

    kind: str
    name: str
    place: Place


def unused_entries(root: Node, channels: Iterable[Node] = ()) -> Iterator[UnusedEntry]:
    """The entries of a project file that neither it nor these channels name."""
    others = [text for channel in channels for _, text in _texts(channel)]
    for section, (kind, is_used) in SECTIONS.items():
        entries = root.map[section].map if section in root.map else {}
        for name, node in entries.items():
            texts = [text for path, text in _texts(root) if path[:2] != (section, name)]
            if not is_used(name, [*texts, *others], root):
                yield UnusedEntry(kind, name, node.key_place)


def _texts(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    return ((path, leaf.text) for path, leaf in node.leaves() if leaf.text)


def _table(name: str, texts: list[str], root: Node) -> bool:  # noqa: ARG001 - as the others are called
    """A rule's `table`, a step's argument, or `tables.NAME` in an expression."""
    written = re.compile(rf"\btables\s*(\.\s*{re.escape(name)}\b|\[\s*[\"']{re.escape(name)}[\"'])")
    return any(text == name or written.search(text) for text in texts)


def _segment(name: str, texts: list[str], root: Node) -> bool:  # noqa: ARG001
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(map(word.search, texts))


def _rule_set(name: str, texts: list[str], root: Node) -> bool:  # noqa: ARG001
    return name in _listed(root, "feeds", "extends") | _listed(root, "markets", "extends")


def _market(name: str, texts: list[str], root: Node) -> bool:  # noqa: ARG001
    return name in _listed(root, "feeds", "markets")


def _listed(root: Node, section: str, key: str) -> set[str]:
    """The names under a key of all entries of a section."""
    entries = root.map[section].map.values() if section in root.map else ()
    return {leaf.text for entry in entries if key in entry.map for _, leaf in entry.map[key].leaves()}


SECTIONS: dict[str, tuple[str, Callable[[str, list[str], Node], bool]]] = {
    "tables": ("table", _table),
    "segments": ("segment", _segment),
    "ranks": ("rank", _segment),
    "rules": ("rule set", _rule_set),
    "markets": ("market", _market),
}
"""Section of the project → what an entry is called, and whether one is used."""
