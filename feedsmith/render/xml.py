"""XML: one element per field and line, groups as nested elements, repeated fields as repeated elements."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lxml import etree

from feedsmith.definitions.channel import Dialect
from feedsmith.render.encoder import Cells, OutField, Piece, ReadBack, joined, piece
from feedsmith.render.forms import TEXTS, attribute_text, several_texts, texts, writer
from feedsmith.render.leaves import spread
from feedsmith.values.column import Column

ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;"))
"""What a reader would not give back as it was; `>` is among them so that `]]>` cannot stand in a text."""
FIRST_TAG = re.compile(r"\s*<([\w:.-]+)>")
MARK = "feedsmith-items"
"""An element that stands where the items stand, to find their parent."""


def escape(text: str) -> str:
    """A text as XML character data."""
    for sign, entity in ESCAPES:
        if sign in text:
            text = text.replace(sign, entity)
    return text


def needs_escape(column: Column) -> bool:
    """Whether any text of the column holds a sign that XML writes in another way."""
    return any(sign in column.joined for sign, _ in ESCAPES)


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
        filled = [one for cell in cells if not cell.column.blank for one in spread(cell) if not one.column.blank]
        pieces = [self._piece(one) for one in filled]
        if pieces and pieces[0][0].startswith(self.indent):  # every item has the first field: no blank to take away
            before, values, after = pieces[0]
            return joined([(before.removeprefix(self.indent), values, after), *pieces[1:]], size)
        return [text.lstrip() for text in joined(pieces, size)]

    def _piece(self, cell: Cells) -> Piece:
        definition = cell.field.definition
        if definition.repeat is not None or definition.type == "group":
            return "", [self.indent + text if text else "" for text in self._elements(cell)], ""
        tag = self.tag(cell.field.name)
        return piece(self._texts(cell), f"{self.indent}<{tag}>", f"</{tag}>")

    def _texts(self, cells: Cells) -> list[str | None]:
        definition, column = cells.field.definition, cells.column
        if definition.type in TEXTS and column.is_text and not column.fact(needs_escape):
            return column.values
        return escaped(texts(definition, self.dialect, column, cells.currencies))

    def _elements(self, cells: Cells) -> list[str]:
        """The elements of a repeated field or a group."""
        tag, definition = self.tag(cells.field.name), cells.field.definition
        if definition.type == "group":
            return [
                self.indent.join(self._group(tag, group, cells) for group in _as_list(value)) if value else ""
                for value in cells.column
            ]
        values, sizes = several_texts(definition, self.dialect, cells.column, cells.currencies)
        following = iter(escaped(values))
        between = f"</{tag}>{self.indent}<{tag}>"
        return [
            f"<{tag}>{between.join(islice(following, size))}</{tag}>" if size else ""  # type: ignore[arg-type] # none empty
            for size in sizes
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

    def read_back(self, head: str, items: list[str], foot: str, body: bytes | None = None) -> ReadBack:
        """Parse it, and count the items' elements: those in their parent that bear the first one's name."""
        body = body if body is not None else "".join(items).encode()
        try:
            _parse("".join((head, *items[:1], foot)))  # the whole tree of one item: only that knows undeclared prefixes
            parser = checking_parser()
            for text in (head.encode(), body, foot.encode()):
                parser.feed(text)
            parser.close()
            return ReadBack(len(items) if _is_one_each(items, body) else _counted(head, body.decode(), foot))
        except etree.XMLSyntaxError as error:
            raise ValueError(f"is not well-formed XML: {error}") from error


class _NoEvents:
    """A parser's target that wants no events: the document is checked and nothing built, in a third of the time."""

    def close(self) -> None:
        """Nothing was built."""


def checking_parser() -> etree.XMLParser:
    """A parser that tells whether a document is well-formed, and builds nothing."""
    target: Any = _NoEvents()  # the stubs ask for methods that a target may leave out
    return etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False)


def _is_one_each(items: Sequence[str], body: bytes) -> bool:
    """Whether each item of a well-formed document is surely one element.

    So it is when the text starts with a tag, ends with its end tag, and neither stands a second time in any item. Any
    other form of items is left to a full parse, which takes twice the time.
    """
    first = FIRST_TAG.match(items[0]) if items else None
    if first is None or body.count(f"{first[1]}>".encode()) != 2 * len(items):
        return False
    start, end = f"<{first[1]}>", f"</{first[1]}>"
    ahead, behind = (
        len(items[0]) - len(items[0].lstrip()) + len(start),
        len(items[0].rstrip()) - len(items[0]) - len(end),
    )
    edges = {(text[:ahead], text[behind:]) for text in items}
    return all(head.lstrip() == start and tail.rstrip() == end for head, tail in edges)


def _counted(head: str, body: str, foot: str) -> int:
    """The same by a full parse: the items' parent is found by an element put in the items' place."""
    way, after = _way(_parse(f"{head}<{MARK}/>{foot}"))
    if not way:
        return 1
    found = _parse(head + body + foot)
    for step in way[:-1]:
        if step >= len(found):
            raise ValueError("has items that close the element they stand in")
        found = found[step]
    elements = list(found)[way[-1] : len(found) - after]
    return [element.tag for element in elements].count(elements[0].tag) if elements else 0


def _parse(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(text.encode(), parser)


def _way(root: etree._Element) -> tuple[list[int], int]:
    """The numbers of the elements that lead to `MARK`, and how many elements follow it in its parent."""
    node = next(root.iter(f"{{*}}{MARK}"))  # a document may put it into its own namespace
    after = sum(1 for _ in node.itersiblings())
    way: list[int] = []
    while (parent := node.getparent()) is not None:
        way.insert(0, parent.index(node))
        node = parent
    return way, after


def _as_list(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]
