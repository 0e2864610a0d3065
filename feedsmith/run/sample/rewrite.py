"""A project file in which the addresses of sources are files, with all else as it was written."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

Moved = dict[tuple[str, str], str]
"""Address and query ("" for none) of a source → its file in the sample."""
BLANK = " \t"


def without_addresses(text: str, moved: Mapping[tuple[str, str], str]) -> str:
    """The text of a YAML file with files in place of addresses, and without the queries."""
    changes: list[tuple[int, int, str]] = []
    if moved:
        for source in _mappings(yaml.compose(text, Loader=yaml.SafeLoader)):
            entries = {key.value: (key, value) for key, value in source.value}
            query = entries["query"][1].value if "query" in entries else ""
            for path in _paths(entries):
                if (path.value, query) in moved:
                    changes.append((path.start_mark.index, path.end_mark.index, f"'{moved[path.value, query]}'"))
                    if query:
                        changes.append((*_whole_entry(text, *entries["query"]), ""))
    for start, end, new in sorted(set(changes), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _mappings(node: Any) -> Iterator[Any]:
    """All mappings of a document."""
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)


def _paths(entries: Mapping[str, tuple[Any, Any]]) -> Iterator[Any]:
    """The texts that name files: of `path`, or of an entry that is a path by itself."""
    for name, (_, value) in entries.items():
        listed = value.value if isinstance(value, yaml.SequenceNode) and name == "path" else [value]
        yield from (one for one in listed if isinstance(one, yaml.ScalarNode))


def _whole_entry(text: str, key: Any, value: Any) -> tuple[int, int]:
    """Where an entry stands, with the comma or the line end that parts it from the others."""
    start, end = key.start_mark.index, value.end_mark.index
    while start > 0 and text[start - 1] in BLANK:
        start -= 1
    if start > 0 and text[start - 1] == ",":
        return start - 1, end
    if start == 0 or text[start - 1] == "\n":
        following = text.find("\n", end)
        inside = text[max(start, end - 1) : end] == "\n"
        return start, end if inside else len(text) if following < 0 else following + 1
    while text[end : end + 1] in {",", " "}:
        end += 1
    return start, end
