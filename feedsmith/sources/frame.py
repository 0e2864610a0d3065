"""The texts around the items of a feed file: title and link of an RSS channel, the members beside a list in JSON."""

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from feedsmith.sources.json_items import CONTAINERS, has_list
from feedsmith.sources.kinds import kind_of
from feedsmith.sources.xml_items import KNOWN_ROOTS
from feedsmith.sources.xml_values import local_name

NEAR = 1 << 18
"""Bytes at either end of a file in which texts around the items are looked for."""
BLOCK = 1 << 20
LIST = re.compile(r'"(?P<name>[^"\\]+)"\s*:\s*\[')
LEAF = re.compile(r"<(?:[\w.-]+:)?(?P<name>[\w.-]+)(?:\s[^<>]*)?>(?P<text>[^<]*)</")


def texts_around(path: Path, shown: str, items: str) -> dict[str, str]:
    """The texts before and behind the items, by name.

    Args:
        path: an XML or JSON file, which may be packed; of others nothing is told.
        shown: the file's name for messages.
        items: the path of the items of an XML file below its root, such as `products/product`; "" where it is usual.
    """
    kind = kind_of(path, shown)
    with gzip.open(path) if kind == "gzip" else path.open("rb") as file:
        head, tail = _ends(file)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _of_xml(head, tail, items)
    return _of_json(head.decode("utf-8-sig", "replace"), tail.decode("utf-8", "replace"))


def _ends(file: "BinaryIO | gzip.GzipFile") -> tuple[bytes, bytes]:
    """The first and the last bytes; of a short file both hold all of it."""
    head = tail = file.read(NEAR)
    if isinstance(file, gzip.GzipFile):
        while block := file.read(BLOCK):
            tail = (tail + block)[-NEAR:]
        return head, tail
    file.seek(max(0, file.seek(0, 2) - NEAR))
    return head, file.read()


# --- XML ---------------------------------------------------------------------------------------------------------


class _EnoughError(Exception):
    """The first item begins."""


class _Head:
    """Collects the texts of elements before the first item."""

    def __init__(self, items: str) -> None:
        self.way = items.split("/") if items else []
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._text = ""

    def start(self, name: str, _: Any) -> None:
        """An element begins."""
        self._path.append(local_name(name))
        self._text = ""
        if len(self._path) == 1:
            self.way = list(KNOWN_ROOTS.get(self._path[0].lower(), ())) or self.way
        elif self._path[1:] == self.way:
            raise _EnoughError

    def text(self, text: str) -> None:
        """A piece of text."""
        self._text += text

    def end(self, _: str) -> None:
        """An element ends."""
        if self._text.strip():
            self.found["/".join(self._path[1:])] = " ".join(self._text.split())
        self._text = ""
        self._path.pop()


def _of_xml(head: bytes, tail: bytes, items: str) -> dict[str, str]:
    reader = _Head(items)
    parser = expat.ParserCreate(None, " ")
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    with suppress(_EnoughError, expat.ExpatError):
        parser.Parse(head, False)  # noqa: FBT003 - expat takes it by position only
    if not reader.way:
        return {}
    ends = list(re.finditer(rf"</(?:[\w.-]+:)?{re.escape(reader.way[-1])}\s*>".encode(), tail))
    behind = tail[ends[-1].end() :].decode("utf-8", "replace") if ends else ""
    found = {f"{hit['name']} (behind the items)": " ".join(hit["text"].split()) for hit in LEAF.finditer(behind)}
    return {**reader.found, **{name: text for name, text in found.items() if text}}


# --- JSON --------------------------------------------------------------------------------------------------------


def _of_json(head: str, tail: str) -> dict[str, str]:
    """The members of the object around the list of items."""
    opened = next((hit for hit in LIST.finditer(head) if hit["name"] in CONTAINERS), None)
    if opened is None or not head.lstrip().startswith("{") or not has_list(head, head.index("{")):
        return {}
    found: dict[str, str] = {}
    behind = tail[tail.rfind("]") + 1 :].lstrip().removeprefix(",")
    for text in (f"{head[: opened.end()]}]}}", f"{{{behind}"):
        with suppress(ValueError, RecursionError):
            found |= dict(_scalars(json.loads(text, parse_float=str, parse_int=str)))
    return found


def _scalars(value: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _scalars(one, f"{before}.{name}" if before else name)
    elif value is not None and not isinstance(value, list):
        yield before, value if isinstance(value, str) else json.dumps(value)
