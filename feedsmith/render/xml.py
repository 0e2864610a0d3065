"""XML: one element per field and line, groups as nested elements, repeated fields as repeated elements."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from feedsmith.definitions.channel import Dialect
from feedsmith.render.encoder import Cells, OutField, ReadBack, joined, wrapped
from feedsmith.render.forms import attribute_text, texts, writer

ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
FIRST_TAG = re.compile(r"<([\w:.-]+)")


def escape(text: str) -> str:
    """A text as XML character data; `>` is escaped too, so that `]]>` cannot stand in it."""
    for sign, entity in ESCAPES:
        if sign in text:
            text = text.replace(sign, entity)
    return text


def escaped(values: list[str | None]) -> list[str | None]:
    """A column of texts as character data; the joined texts tell whether there is anything to do."""
    whole = "".join(filter(None, values))
    signs = [pair for pair in ESCAPES if pair[0] in whole]
    for sign, entity in signs:
        values = [value.replace(sign, entity) if value is not None and sign in value else value for value in values]
    return values


@dataclass(frozen=True)
class XmlEncoder:
    """Writes fields as elements named by the channel's `element`, such as `g:{name}`."""

    element: str
    dialect: Dialect
    indent: str = "\n    "

    def tag(self, name: str) -> str:
        """The element's name."""
        return self.element.replace("{name}", name)

    def bare(self, cells: Cells) -> list[str]:
        """The value alone; several values or a group as elements."""
        if cells.field.definition.repeat is None and cells.field.definition.type != "group":
            return [value or "" for value in self._texts(cells)]
        return self._elements(cells)

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """All fields as elements, one a line."""
        pieces: list[tuple[str, list[str] | None, str]] = []
        for cell in cells:
            definition = cell.field.definition
            tag = self.tag(cell.field.name)
            if definition.repeat is not None or definition.type == "group":
                pieces.append(("", [self.indent + text if text else "" for text in self._elements(cell)], ""))
                continue
            values = self._texts(cell)
            if None in values:
                pieces.append(("", wrapped(values, f"{self.indent}<{tag}>", f"</{tag}>"), ""))
            else:
                pieces.append((f"{self.indent}<{tag}>", [*values], f"</{tag}>"))  # type: ignore[list-item]
        return [text.lstrip() for text in joined(pieces, size)]

    def _texts(self, cells: Cells) -> list[str | None]:
        return escaped(texts(cells.field.definition, self.dialect, cells.column, cells.currencies))

    def _elements(self, cells: Cells) -> list[str]:
        """The elements of a repeated field or a group."""
        tag, definition = self.tag(cells.field.name), cells.field.definition
        if definition.type == "group":
            return [
                self.indent.join(self._group(tag, group, cells) for group in _as_list(value)) if value else ""
                for value in cells.column
            ]
        write = writer(definition, self.dialect)
        return [
            self.indent.join(f"<{tag}>{escape(write(one))}</{tag}>" for one in value) if value else ""
            for value in cells.column
        ]

    def _group(self, tag: str, group: dict[str, Any], cells: Cells) -> str:
        inner = self.indent + "  "
        parts = []
        for name, definition in cells.field.definition.group.items():
            child = self.tag(definition.name or name)
            values = group.get(name) if definition.repeat is not None else None
            if values is not None:
                write = writer(definition, self.dialect)
                parts += [f"<{child}>{escape(write(value))}</{child}>" for value in values]
                continue
            text = attribute_text(name, group, definition, self.dialect)
            if text is not None:
                parts.append(f"<{child}>{escape(text)}</{child}>")
        return f"<{tag}>" + "".join(inner + part for part in parts) + f"{self.indent}</{tag}>"

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:  # noqa: ARG002 - XML has no heading line
        """Nothing besides the items."""
        return {}

    def fixed(self, text: str) -> str:
        """A text as character data."""
        return escape(text).replace('"', "&quot;")

    def read_back(self, head: str, items: list[str], foot: str) -> ReadBack:
        """Parse it and count the elements that the items consist of."""
        text = "".join((head, *items, foot))
        try:
            root = etree.fromstring(text.encode(), _parser())
        except etree.XMLSyntaxError as error:
            raise ValueError(f"is not well-formed XML: {error}") from error
        first = FIRST_TAG.search(items[0]) if items else None
        if first is None:
            return ReadBack(0)
        name = first.group(1).rpartition(":")[2]
        return ReadBack(int(root.xpath(f"count(//*[local-name()='{name}'])")))  # type: ignore[arg-type]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _as_list(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]
