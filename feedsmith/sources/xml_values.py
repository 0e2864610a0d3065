"""An element of an XML file as texts by name: see `xml_items` for how they are called."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from feedsmith.sources.records import as_text

GOOGLE = frozenset({"http://base.google.com/ns/1.0", "https://base.google.com/ns/1.0"})
ATOM = frozenset({"http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"})
PLAIN = ATOM | {"", "http://purl.org/rss/1.0/"}
"""Namespaces whose names stand without a prefix."""


class Element:
    """An element of an item: its name as the parser gives it, and its texts and elements in order."""

    __slots__ = ("attributes", "name", "parts")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.parts: list[str | Element] = []

    @property
    def elements(self) -> list["Element"]:
        """The elements in it."""
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """Its own text, without outer blanks."""
        return "".join(part for part in self.parts if isinstance(part, str)).strip()


def split_name(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of a name as the parser gives it."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - with a prefix


@lru_cache(maxsize=4096)
def local_name(name: str) -> str:
    """A name without its namespace and prefix."""
    return split_name(name)[1]


@lru_cache(maxsize=4096)
def _label(name: str) -> tuple[str, bool]:
    """What an element is called in the row, and whether it is one of Google's."""
    space, local, prefix = split_name(name)
    if space in GOOGLE or prefix == "g":
        return local, True
    return (local if space in PLAIN or not prefix else f"{prefix}:{local}"), False


def values_of(item: Element, root: str) -> dict[str, str]:
    """The texts of an item by name. Google's elements take the name; plain ones that say the same are left out."""
    found: dict[str, str] = {f"@{local_name(name)}": value for name, value in item.attributes.items()}
    groups: dict[tuple[str, bool], list[Element]] = {}
    texts: list[str] = []
    for part in item.parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            groups.setdefault(_label(part.name), []).append(part)
    for (label, google), children in groups.items():
        name, beside = label, None if google else groups.get((label, True))
        if beside is not None:
            if list(map(_value, beside)) == list(map(_value, children)):
                continue
            name = f"{root}:{label}"
        if len(children) == 1 and not children[0].attributes:
            found[name] = as_text(_value(children[0]))
        else:
            found.update((key, as_text(value)) for key, value in _several(name, children).items())
    if text := "".join(texts).strip():
        found["#text"] = text
    return found


def _several(name: str, elements: list[Element]) -> dict[str, Any]:
    """The value of elements of one name, and of their attributes; of several elements a list."""
    values = [_value(element) for element in elements]
    found: dict[str, Any] = {name: values if len(values) > 1 and any(values) else values[0]}
    for attribute in dict.fromkeys(key for element in elements for key in element.attributes):
        texts = [element.attributes.get(attribute, "") for element in elements]
        found[f"{name}@{local_name(attribute)}"] = texts if len(texts) > 1 else texts[0]
    return found


def _value(element: Element) -> Any:
    """A text, or a group of the elements in it; the address of an Atom link."""
    parts = element.parts
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0].strip()
    children, text = element.elements, element.text
    if not children:
        return text or (element.attributes.get("href", "") if local_name(element.name) == "link" else "")
    if text:
        return "".join(map(_markup, parts)).strip()
    groups: dict[str, list[Element]] = {}
    for child in children:
        groups.setdefault(_label(child.name)[0], []).append(child)
    return {key: value for name, some in groups.items() for key, value in _several(name, some).items()}


def _markup(part: str | Element) -> str:
    """A part of an element as it is written in the file, more or less."""
    if isinstance(part, str):
        return escape(part)
    name = local_name(part.name)
    attributes = "".join(f" {local_name(key)}={quoteattr(value)}" for key, value in part.attributes.items())
    inner = "".join(map(_markup, part.parts))
    return f"<{name}{attributes}>{inner}</{name}>" if part.parts else f"<{name}{attributes}/>"
