"""The items of an XML file, read as a stream: RSS, Atom, or any file whose items are elements of one path.

An item's children become texts by name. Names of Google's namespaces lose their prefix, those of others keep it.
An attribute is `name@attribute`. Children of one name become a list, an element with children a group. Where text and
elements stand mixed, the value is the markup between the tags.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import BLOCK
from feedsmith.sources.records import MAX_DEPTH, MAX_RECORD, NoItemsError, Record
from feedsmith.sources.xml_roots import refusal
from feedsmith.sources.xml_values import ATOM, Element, local_name, split_name, values_of

KNOWN_ROOTS: Mapping[str, tuple[str, ...]] = {
    "rss": ("channel", "item"),
    "rdf": ("item",),
    "feed": ("entry",),
}
"""Local name of the root, in lower case → path of the items below it."""
Way = tuple[str, ...]
HEADED: Mapping[str, Mapping[str, tuple[tuple[Way, ...], Way]]] = {
    "demandware.com/xml/impex/": {
        "catalog": (
            (
                ("product",), ("category",), ("category-assignment",),
                ("variation-attribute", "variation-attribute-values", "variation-attribute-value"),
            ),
            (),
        ),
        "pricebooks": ((("pricebook", "price-tables", "price-table"),), ("pricebook", "header")),
        "inventory": ((("inventory-list", "records", "record"),), ("inventory-list", "header")),
    },
}  # fmt: skip
"""Part of the root's namespace → its local name → the paths where it may have its items, the first that has any
counts, and the path of what holds for the items below it."""
HEADER = "header"
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
    ways, head = ((_way(item),), ()) if item else _item_path(path, encoding, shown, usual)
    for way in ways:
        reader = _Items(_Source(path, shown, encoding), way, head, outer=bool(head) or len(ways) > 1)
        yield from reader.records()
        if reader.count:
            return
    raise _without_items(ways, shown)


def inner_records(path: Path, items: Iterable[str], encoding: str | None, shown: str) -> Iterator[Record]:
    """The elements at several paths, one after the other, each with the attributes of those around it.

    Raises:
        NoItemsError: there are none.
        SourceError: the file is not well-formed or too deep.
    """
    ways, count = tuple(map(_way, items)), 0
    for way in ways:
        reader = _Items(_Source(path, shown, encoding), way, outer=True)
        yield from reader.records()
        count += reader.count
    if not count:
        raise _without_items(ways, shown)


def _way(item: str) -> Way:
    return tuple(item.strip("/").split("/"))


def _without_items(ways: Sequence[Way], shown: str) -> NoItemsError:
    return NoItemsError(
        Place(shown), f"the file has no items at {' or '.join(map('/'.join, ways))}",
        "check the export, or name the path of the items: `item: …` in the source, or --item",
    )  # fmt: skip


class _Items:
    """Collects the elements of one path; `done` holds what is finished, `count` how many there were.

    With `outer` they get the attributes of the elements around them too, as `name@attribute`.
    """

    def __init__(self, source: _Source, way: Way, head: Way = (), *, outer: bool = False) -> None:
        self.source, self.way, self.head = source, list(way), list(head)
        self.outer: dict[str, str] | None = {} if outer else None
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

    def records(self) -> Iterator[Record]:
        """The items, as the file is read."""
        for _ in self.source.blocks():
            self.check_size()
            done, self.done = self.done, []
            yield from done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._open:
            element = Element(name, attributes)
            self._open[-1].parts.append(element)
            self._open.append(element)
            if len(self._open) > MAX_DEPTH:
                self.source.refuse(f"the item is more than {MAX_DEPTH} levels deep", "check the export that writes it")
            return
        self._path.append(local_name(name))
        if len(self._path) == 1:
            self._root = self._path[0].lower()
        if len(self._path) > MAX_DEPTH:
            self.source.refuse(f"the file is more than {MAX_DEPTH} levels deep", "check the export that writes it")
        self._in_header = bool(self.head) and self._path[1:] == self.head
        if self._in_header or self._path[1:] == self.way:
            self._line, self._at = self.source.parser.CurrentLineNumber, self.source.parser.CurrentByteIndex
            self._open = [Element(name, attributes)]
            self.source.parser.CharacterDataHandler = self._text
        elif self.outer is not None and attributes and 1 < len(self._path) <= len(self.way) and self._encloses():
            self.outer.update({f"{local_name(name)}@{local_name(key)}": value for key, value in attributes.items()})

    def _encloses(self) -> bool:
        """Whether items may stand in the element that begins."""
        return self._path[1:] == self.way[: len(self._path) - 1]

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
            self._take(values_of(element, self._root))

    def _take(self, values: dict[str, str]) -> None:
        """Keep an item, with what its header says; or the header."""
        if self._in_header:
            self._header = {f"{HEADER}{'' if name[0] == '@' else '/'}{name}": text for name, text in values.items()}
            return
        self.count += 1
        self.done.append(Record(self._line, {**self._header, **(self.outer or {}), **values}))


def _item_path(path: Path, encoding: str | None, shown: str, usual: str) -> tuple[tuple[Way, ...], Way]:
    """The paths at which items may be, and that of headers: by the root's name, else the usual one.

    Where neither helps, it is the shortest path of several elements.
    """
    scan = _Scan(_Source(path, shown, encoding))
    with suppress(_EnoughError):
        for _ in scan.source.blocks(LOOKED_AT):
            pass
    if scan.headed is not None:
        return scan.headed
    if scan.known:
        return (KNOWN_ROOTS[scan.root.lower()],), ()
    if (expected := tuple(usual.split("/"))) in scan.counts:
        return (expected,), ()
    filled = [way for way in scan.counts if way in scan.filled]
    several = [way for way in filled if scan.counts[way] > 1]
    found = min(several, key=lambda way: (len(way), -scan.counts[way]), default=None)
    if found is None and len([way for way in scan.counts if len(way) == 1]) == 1 and filled:
        found = filled[0]
    if found is None and usual:
        found = expected
    if found is None:
        raise SourceError(
            Place(shown), f"it cannot be told which elements of <{scan.root}> are the items",
            "name their path below the root, such as products/product: `item: …` in the source, or --item",
        )  # fmt: skip
    return (found,), ()


def _headed(name: str) -> tuple[tuple[Way, ...], Way] | None:
    """The paths of items and headers in a file whose root has this name."""
    space, local, _ = split_name(name)
    return next((roots.get(local) for part, roots in HEADED.items() if part in space), None)


class _Scan:
    """Counts the paths below the root that hold anything."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.root = ""
        self.known = False
        self.headed: tuple[tuple[Way, ...], Way] | None = None
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.filled: set[tuple[str, ...]] = set()
        self._path: list[str] = []
        source.parser.StartElementHandler = self._start
        source.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(local_name(name))
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
                self.known = self.root.lower() != "feed" or split_name(name)[0] in ATOM
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
