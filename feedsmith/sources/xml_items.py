"""The items of an XML file, read as a stream: RSS, Atom, or any file whose items are elements of one path.

An item's children become texts by name. Names of Google's namespaces lose their prefix, those of others keep it.
An attribute is `name@attribute`. Children of one name become a list, an element with children a group. Where text and
elements stand mixed, the value is the markup between the tags.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import BLOCK
from feedsmith.sources.records import MAX_DEPTH, MAX_RECORD, Record, as_text
from feedsmith.sources.xml_roots import refusal

KNOWN_ROOTS: Mapping[str, tuple[str, ...]] = {
    "rss": ("channel", "item"),
    "rdf": ("item",),
    "feed": ("entry",),
}
"""Local name of the root, in lower case → path of the items below it."""
Way = tuple[str, ...]
HEADED: Mapping[str, Mapping[str, tuple[Way, Way]]] = {
    "demandware.com/xml/impex/": {
        "catalog": (("product",), ()),
        "pricebooks": (("pricebook", "price-tables", "price-table"), ("pricebook", "header")),
        "inventory": (("inventory-list", "records", "record"), ("inventory-list", "header")),
    },
}
"""Part of the root's namespace → its local name → the paths of its items, and of what holds for those below it."""
HEADER = "header"
GOOGLE = frozenset({"http://base.google.com/ns/1.0", "https://base.google.com/ns/1.0"})
ATOM = frozenset({"http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"})
PLAIN = ATOM | {"", "http://purl.org/rss/1.0/"}
"""Namespaces whose names stand without a prefix."""
LOOKED_AT = 4 << 20
"""Bytes in which the path of the items is looked for."""
ASCII = 0x7F
NO_PAGE = ("this is an HTML page, no feed", "often a login or error page: download again")
AMPERSAND = "write & as &amp; and < as &lt; in texts and addresses"
CUT = "the file is cut off: copy or export it again"

HINTS = {
    "invalid token": AMPERSAND,
    "undefined entity": AMPERSAND + "; only &amp; &lt; &gt; &quot; and &apos; are known",
    "no element found": CUT,
    "unclosed": CUT,
    "junk after document element": "an XML file has one root element: put all items into it",
    "mismatched tag": "close each element by its own end tag",
    "unbound prefix": 'declare the prefix in the root: xmlns:g="http://base.google.com/ns/1.0"',
    "unknown encoding": "correct the encoding in the first line of the file",
    "declaration not at start": "remove what stands before <?xml",
    "duplicate attribute": "name each attribute once",
}
"""A part of what the parser says, and what to do."""


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


class _EnoughError(Exception):
    """Enough was seen."""


class _Source:
    """An XML file under the parser: depth and size are guarded, entities refused, faults told with their place."""

    def __init__(self, path: Path, shown: str, encoding: str | None) -> None:
        self.path, self.shown = path, shown
        self.parser = expat.ParserCreate(encoding, " ")
        self.parser.namespace_prefixes = True
        self.parser.buffer_text = True
        self.parser.ordered_attributes = False
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartDoctypeDeclHandler = self._doctype

    def blocks(self, most: int | None = None) -> Iterator[None]:
        """Feed the parser; after each block the handlers have seen it."""
        read = 0
        with self.path.open("rb") as file:
            try:
                while block := file.read(BLOCK):
                    self.parser.Parse(block, False)  # noqa: FBT003 - expat takes it by position only
                    yield
                    read += len(block)
                    if most is not None and read >= most:
                        return
                self.parser.Parse(b"", True)  # noqa: FBT003
            except expat.ExpatError as error:
                raise self._malformed(error) from error
            except (LookupError, UnicodeError, ValueError) as error:
                self.refuse(f"the file's encoding cannot be read: {error}", HINTS["unknown encoding"])
        yield

    def place(self) -> Place:
        """Where the parser stands."""
        return Place(self.shown, self.parser.CurrentLineNumber, str(self.parser.CurrentColumnNumber + 1))

    def refuse(self, problem: str, hint: str) -> NoReturn:
        """End with a SourceError where the parser stands."""
        raise SourceError(self.place(), problem, hint)

    def _malformed(self, error: expat.ExpatError) -> SourceError:
        said = expat.errors.messages.get(error.code, str(error))
        hint = next((hint for part, hint in HINTS.items() if part in said), "correct the file, or export it again")
        if "invalid token" in said:
            said, hint = self._invalid(said, hint)
        place = Place(self.shown, error.lineno, str(error.offset + 1))
        return SourceError(place, f"this is no well-formed XML: {said}", hint)

    def _invalid(self, said: str, hint: str) -> tuple[str, str]:
        """What is wrong by the byte at which the parser stopped."""
        with self.path.open("rb") as file:
            file.seek(max(self.parser.ErrorByteIndex, 0))
            byte = (file.read(1) or b" ")[0]
        if byte < ord(" "):
            return f"the character 0x{byte:02X} stands here, which XML does not allow", "take it out of the text"
        if byte > ASCII:
            return f"the byte 0x{byte:02X} is not UTF-8", "declare the encoding of the file in its first line"
        return said, hint

    def _entity(self, name: str, *_: Any) -> None:
        self.refuse(f"the file declares an entity of its own, {name!r}", "write the text itself in place of &name;")

    def _doctype(self, name: str, system: str | None, *_: Any) -> None:
        if name.lower() == "html":
            self.refuse(*NO_PAGE)
        if system is not None:
            # The parser passes over names that the other file may declare, and would leave a hole in the text.
            self.parser.DefaultHandlerExpand = self._unexpanded

    def _unexpanded(self, text: str) -> None:
        if text.startswith("&"):
            self.refuse(f"{text} is not one of the entities that XML knows", AMPERSAND)


def xml_records(path: Path, item: str | None, encoding: str | None, shown: str, usual: str = "") -> Iterator[Record]:
    """The items of an XML file.

    Args:
        path: the file.
        item: the path of the items below the root, such as `products/product`; without it, it is found.
        encoding: what to read it with, in place of what the file itself says.
        shown: the file's name for messages.
        usual: the path at which they are looked for first, where it is to be found.

    Raises:
        SourceError: the file is not well-formed, too deep, or has no items there; with line and column.
    """
    way, head = (tuple(item.strip("/").split("/")), ()) if item else _item_path(path, encoding, shown, usual)
    reader = _Items(_Source(path, shown, encoding), way, head)
    for _ in reader.source.blocks():
        reader.check_size()
        done, reader.done = reader.done, []
        yield from done
    if not reader.count:
        raise SourceError(
            Place(shown), f"the file has no items at {'/'.join(way)}",
            "check the export, or name the path of the items: `item: …` in the source, or --item",
        )  # fmt: skip


class _Items:
    """Collects the elements of one path; `done` holds what is finished, `count` how many there were."""

    def __init__(self, source: _Source, way: Way, head: Way = ()) -> None:
        self.source, self.way, self.head = source, list(way), list(head)
        self._header: dict[str, str] = {}
        self._in_header = False
        self.done: list[Record] = []
        self.count = 0
        self._path: list[str] = []
        self._open: list[Element] = []
        self._line = self._at = 0
        self._root = ""
        source.parser.StartElementHandler = self._start
        source.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._open:
            element = Element(name, attributes)
            self._open[-1].parts.append(element)
            self._open.append(element)
            if len(self._open) > MAX_DEPTH:
                self.source.refuse(f"the item is more than {MAX_DEPTH} levels deep", "check the export that writes it")
            return
        self._path.append(_local(name))
        if len(self._path) == 1:
            self._root = self._path[0].lower()
        if len(self._path) > MAX_DEPTH:
            self.source.refuse(f"the file is more than {MAX_DEPTH} levels deep", "check the export that writes it")
        self._in_header = bool(self.head) and self._path[1:] == self.head
        if self._in_header or self._path[1:] == self.way:
            self._line, self._at = self.source.parser.CurrentLineNumber, self.source.parser.CurrentByteIndex
            self._open = [Element(name, attributes)]
            self.source.parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def check_size(self) -> None:
        """Refuse an item that goes on and on; asked after each block, so that little is held."""
        if self._open and self.source.parser.CurrentByteIndex - self._at > MAX_RECORD:
            raise SourceError(
                Place(self.source.shown, self._line), f"the item that starts here is longer than {MAX_RECORD} bytes",
                "check that each item is an element of its own",
            )  # fmt: skip

    def _end(self, _: str) -> None:
        if not self._open:
            self._path.pop()
            return
        element = self._open.pop()
        if not self._open:
            self._path.pop()
            self.source.parser.CharacterDataHandler = None
            self._take(_values(element, self._root))

    def _take(self, values: dict[str, str]) -> None:
        """Keep an item, with what its header says; or the header."""
        if self._in_header:
            self._header = {f"{HEADER}{'' if name[0] == '@' else '/'}{name}": text for name, text in values.items()}
            return
        self.count += 1
        self.done.append(Record(self._line, {**self._header, **values}))


def _item_path(path: Path, encoding: str | None, shown: str, usual: str) -> tuple[Way, Way]:
    """The path of the items, and of headers: by the root's name, else the usual one, else the shortest of several."""
    scan = _Scan(_Source(path, shown, encoding))
    with suppress(_EnoughError):
        for _ in scan.source.blocks(LOOKED_AT):
            pass
    if scan.headed is not None:
        return scan.headed
    if scan.known:
        return KNOWN_ROOTS[scan.root.lower()], ()
    if (expected := tuple(usual.split("/"))) in scan.counts:
        return expected, ()
    filled = [way for way in scan.counts if way in scan.filled]
    several = [way for way in filled if scan.counts[way] > 1]
    found = min(several, key=lambda way: (len(way), -scan.counts[way]), default=None)
    if found is None and len([way for way in scan.counts if len(way) == 1]) == 1 and filled:
        found = filled[0]
    if found is None:
        raise SourceError(
            Place(shown), f"it cannot be told which elements of <{scan.root}> are the items",
            "name their path below the root, such as products/product: `item: …` in the source, or --item",
        )  # fmt: skip
    return found, ()


def _headed(name: str) -> tuple[Way, Way] | None:
    """The paths of items and headers in a file whose root has this name."""
    space, local, _ = _split(name)
    return next((roots.get(local) for part, roots in HEADED.items() if part in space), None)


class _Scan:
    """Counts the paths below the root that hold anything."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.root = ""
        self.known = False
        self.headed: tuple[Way, Way] | None = None
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.filled: set[tuple[str, ...]] = set()
        self._path: list[str] = []
        source.parser.StartElementHandler = self._start
        source.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(_local(name))
        if len(self._path) == 1:
            self.root = self._path[0]
            if self.root.lower() == "html":
                self.source.refuse(*NO_PAGE)
            if (told := refusal(name)) is not None:
                self.source.refuse(*told)
            self.headed = _headed(name)
            if self.headed is not None:
                raise _EnoughError
            if self.root.lower() in KNOWN_ROOTS:
                self.known = self.root.lower() != "feed" or _split(name)[0] in ATOM
                if self.known:
                    raise _EnoughError
            return
        if len(self._path) > MAX_DEPTH:
            self.source.refuse(f"the file is more than {MAX_DEPTH} levels deep", "check the export that writes it")
        way = tuple(self._path[1:])
        self.counts[way] += 1
        self.filled.add(way[:-1])
        if attributes:
            self.filled.add(way)

    def _end(self, _: str) -> None:
        self._path.pop()


def _split(name: str) -> tuple[str, str, str]:
    """Namespace, local name and prefix of a name as the parser gives it."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", parts[0], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - with a prefix


@lru_cache(maxsize=4096)
def _local(name: str) -> str:
    return _split(name)[1]


@lru_cache(maxsize=4096)
def _label(name: str) -> tuple[str, bool]:
    """What an element is called in the row, and whether it is one of Google's."""
    space, local, prefix = _split(name)
    if space in GOOGLE or prefix == "g":
        return local, True
    return (local if space in PLAIN or not prefix else f"{prefix}:{local}"), False


def _values(item: Element, root: str) -> dict[str, str]:
    """The texts of an item by name. Google's elements take the name; plain ones that say the same are left out."""
    found: dict[str, str] = {f"@{_local(name)}": value for name, value in item.attributes.items()}
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
        found[f"{name}@{_local(attribute)}"] = texts if len(texts) > 1 else texts[0]
    return found


def _value(element: Element) -> Any:
    """A text, or a group of the elements in it; the address of an Atom link."""
    parts = element.parts
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0].strip()
    children, text = element.elements, element.text
    if not children:
        return text or (element.attributes.get("href", "") if _local(element.name) == "link" else "")
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
    name = _local(part.name)
    attributes = "".join(f" {_local(key)}={quoteattr(value)}" for key, value in part.attributes.items())
    inner = "".join(map(_markup, part.parts))
    return f"<{name}{attributes}>{inner}</{name}>" if part.parts else f"<{name}{attributes}/>"
