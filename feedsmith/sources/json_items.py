"""The items of a JSON file or of JSON lines, read as a stream.

A file is one value or several, one after the other: a list of objects, an object that holds such a list, or an object
that is an item itself. Numbers keep their digits, for they are never made floats.
"""

import codecs
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import BLOCK
from feedsmith.sources.encodings import find_encoding, undecodable
from feedsmith.sources.json_groups import GROUP, NUMBER, Variants, starts, variants_of
from feedsmith.sources.records import MAX_DEPTH, MAX_RECORD, NoItemsError, Record, as_text

CONTAINERS = frozenset({
    "requests", "products", "items", "entries", "data", "records", "results", "rows", "feed", "catalog", "offers",
    "listings", "messages", "MPItem",
})  # fmt: skip
"""Names of the list of items in an object around it."""
WRAPPED = ("data", "attributes")
"""Names of the object in a request that is the item, beside what is to be done with it."""
OF_AN_ITEM = frozenset({"id", "sku", "item_id", "product_id", "@type"})
"""Names by which an object is an item, whatever lists it holds."""
BLANK = " \t\n\r"
NO_OBJECT = 'an item is an object, such as {"id": "1"}'
WHERE = "name the path of the items: `item: …` in the source, or --item"


class _Refused(ValueError):  # noqa: N818 - a message on its way to its place
    """What the standard's grammar allows or Python takes, and a feed must not hold."""


class _Text:
    """The decoded file under a cursor: what lies behind it is let go, what lies ahead is read when it is asked for."""

    def __init__(self, file: BinaryIO, encoding: str, shown: str) -> None:
        self.file, self.shown, self.encoding = file, shown, encoding
        self.decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
        self.ended = False
        self.buffer = ""
        self.at = self.began = 0
        self._line, self._counted, self._line_start = 1, 0, 0

    def more(self) -> bool:
        """Read a block; False at the end of the file."""
        if self.ended:
            return False
        block = self.file.read(BLOCK)
        pending = self.decoder.getstate()[0]
        self._forget()
        try:
            self.buffer += self.decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = self._line + self.buffer.count("\n", self._counted)
            raise undecodable(pending + block, error, self.encoding, Place(self.shown, line)) from error
        self.ended = not block
        return not self.ended

    def _forget(self) -> None:
        self.line(self.at)
        self.buffer = self.buffer[self.at :]
        self._line_start -= self.at
        self._counted -= self.at
        self.at = 0

    def line(self, at: int) -> int:
        """The line of a position that is not before those that were asked for."""
        if at > self._counted:
            self._line += self.buffer.count("\n", self._counted, at)
            last = self.buffer.rfind("\n", self._counted, at)
            self._line_start = last + 1 if last >= 0 else self._line_start
            self._counted = at
        return self._line

    def peek(self) -> str:
        """The next character that is not blank, which stays; "" at the end."""
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in BLANK:
                self.at += 1
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over a sign."""
        if self.peek() != wanted:
            found = repr(self.peek()) if self.peek() else "the end of the file"
            self.refuse(self.at, f"{wanted!r} is expected here, not {found}")
        self.at += 1

    def value(self) -> Any:
        """The value at the cursor, decoded whole; it `began` where the cursor was."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                start = self.at
                if len(self.buffer) - start <= MAX_RECORD and self.more():
                    continue
                self._malformed(error, error.pos - start + self.at)
            except _Refused as error:
                self.refuse(self.at, f"in the value that starts here, {error}")
            except RecursionError:
                self.refuse(self.at, f"the value that starts here is more than {MAX_DEPTH} levels deep")
            if end == len(self.buffer) and self.more():  # a number may go on
                continue
            self.began, self.at = self.at, end
            return value

    def _malformed(self, error: json.JSONDecodeError, at: int) -> NoReturn:
        if len(self.buffer) - self.at > MAX_RECORD:
            self.refuse(self.at, f"the value that starts here is longer than {MAX_RECORD} characters", WHERE)
        if at >= len(self.buffer.rstrip()) or "Unterminated" in error.msg:
            self.refuse(at, "the file is cut off within a value", "copy or export it again")
        self.refuse(at, f"this is no correct JSON: {error.msg[0].lower()}{error.msg[1:].removesuffix(' at')}")

    def refuse(self, at: int, problem: str, hint: str = "correct the file, or export it again") -> NoReturn:
        """End with a SourceError at a position."""
        line = self.line(at)
        raise SourceError(Place(self.shown, line, str(at - self._line_start + 1)), problem, hint)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Refused(f"the name {twice!r} stands twice in one object")
    return found


def _constant(text: str) -> NoReturn:
    raise _Refused(f"{text} is no number that JSON knows")


DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=Decimal, parse_int=Decimal, parse_constant=_constant)


def json_records(
    path: Path,
    item: str | None,
    encoding: str | None,
    shown: str,
    *,
    variants: Variants | None = None,
    wrapped: tuple[str, ...] = WRAPPED,
) -> Iterator[Record]:
    """The items of a JSON file.

    Args:
        path: the file.
        item: the names that lead to the list of items, such as `data/products`; without it, the list is found.
        encoding: the declared encoding, if any.
        shown: the file's name for messages.
        variants: how groups are written, where items are groups; each variant is a record.
        wrapped: names of the object in a request that is the item.

    Raises:
        SourceError: the file is no correct JSON, or holds no objects there; with line and column.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
        file.seek(0)
        text = _Text(file, find_encoding(head, encoding, shown), shown)
        reader = _Reader(text, tuple(item.strip("/").split("/")) if item else (), variants, wrapped)
        yield from reader.records()
    if not reader.count:
        at = f" at {item}" if item else ""
        raise NoItemsError(Place(shown), f"the file holds no items{at}", f"check the export that writes it, or {WHERE}")


class _Reader:
    """Walks through the values of a file; `count` is the number of items it found."""

    def __init__(self, text: _Text, way: tuple[str, ...], variants: Variants | None, wrapped: tuple[str, ...]) -> None:
        self.text, self.way, self.variants, self.wrapped = text, way, variants, wrapped
        self.count = 0

    def records(self) -> Iterator[Record]:
        """All items."""
        first = True
        while sign := self.text.peek():
            if sign == "[":
                yield from self._elements(self.way)
            elif sign == "{" and (self.way or (first and self._is_container())):
                yield from self._members(self.way)
            else:
                yield from self._item()
            first = False

    def _elements(self, way: tuple[str, ...]) -> Iterator[Record]:
        """The items of the list at the cursor."""
        self.text.take("[")
        while self.text.peek() != "]":
            if way and self.text.peek() == "{":
                yield from self._members(way)
            else:
                yield from self._item()
            if self.text.peek() != "]":
                self.text.take(",")
                if self.text.peek() == "]":
                    self.text.refuse(self.text.at, "a comma stands after the last item", "take the comma away")
        self.text.take("]")

    def _members(self, way: tuple[str, ...]) -> Iterator[Record]:
        """The items within the object at the cursor: under the first name of `way`, or in its known list."""
        self.text.take("{")
        while self.text.peek() != "}":
            name = self._name()
            sign = self.text.peek()
            wanted = name == way[0] if way else name in CONTAINERS and sign == "["
            if wanted and sign == "[":
                yield from self._elements(way[1:])
            elif wanted and sign == "{" and len(way) > 1:
                yield from self._members(way[1:])
            elif wanted:
                yield from self._item()
            else:
                self.text.value()
            if self.text.peek() != "}":
                self.text.take(",")
        self.text.take("}")

    def _name(self) -> str:
        if self.text.peek() != '"':
            self.text.take('"')
        name = self.text.value()
        self.text.take(":")
        return str(name)

    def _is_container(self) -> bool:
        """Whether the object at the cursor holds a list of items under a known name; the cursor stays."""
        while len(self.text.buffer) - self.text.at < BLOCK and self.text.more():
            pass
        return has_list(self.text.buffer, self.text.at)

    def _item(self) -> Iterator[Record]:
        """The object at the cursor as an item, or as a group of several."""
        text = self.text
        if not text.peek():
            text.refuse(text.at, "the file is cut off within a list", "copy or export it again")
        self._check_object(text.at)
        line = text.line(text.at)
        value = text.value()
        if _is_deep(value):
            problem = f"the item is more than {MAX_DEPTH} levels deep"
            raise SourceError(Place(text.shown, line), problem, "check the export that writes it")
        self.count += 1
        several = variants_of(value, self.variants)
        if self.variants is None or several is None:
            yield Record(line, _cells(_unwrapped(value, self.wrapped)))
            return
        name = self.variants.name
        own = _cells({f"{GROUP}{key}": one for key, one in value.items() if key != name}) | {NUMBER: str(self.count)}
        if not several:
            yield Record(line, own)
        for one, at in zip(several, starts(text.buffer, text.began, name), strict=False):
            self._check_object(at)
            yield Record(text.line(at), own | _cells(one))

    def _check_object(self, at: int) -> None:
        sign = self.text.buffer[at]
        if sign != "{":
            what = {"[": "a list", '"': "a text"}.get(sign, "a number or word")
            self.text.refuse(at, f"{what} stands where an item should stand", NO_OBJECT)


def has_list(text: str, at: int) -> bool:
    """Whether the object that starts at `at` has a list of items under one of `CONTAINERS`, as far as `text` goes.

    An object that is an item may hold such a list too: it first says what it is, by a name of `OF_AN_ITEM`.
    """
    try:
        while True:
            name, at = DECODER.raw_decode(text, _next(text, at + 1))
            at = _next(text, _next(text, at) + 1)
            if name in OF_AN_ITEM:
                return False
            if name in CONTAINERS and text[at] == "[":
                return True
            at = _next(text, DECODER.raw_decode(text, at)[1])
            if text[at] != ",":
                return False
    except (ValueError, IndexError, TypeError, RecursionError):
        return False  # what is wrong is told when it is read


def _next(text: str, at: int) -> int:
    """The position of the next character that is not blank."""
    while text[at] in BLANK:
        at += 1
    return at


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [one for some in level for one in _inner(some)]
        if not level:
            return False
    return True


def _inner(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in inner if isinstance(one, dict | list)]


def _unwrapped(value: dict[str, Any], wrapped: tuple[str, ...]) -> dict[str, Any]:
    """The item of a request: `{"method": "UPDATE", "data": {…}}` says what is to be done with it beside it."""
    inside = next((name for name in wrapped if isinstance(value.get(name), dict)), None)
    if inside is None or any(isinstance(one, dict | list) for name, one in value.items() if name != inside):
        return value
    return {**value[inside], **{name: one for name, one in value.items() if name not in {inside, *value[inside]}}}


def _cells(values: dict[str, Any]) -> dict[str, str]:
    return {name: _scalar(one) for name, one in values.items()}


def _scalar(value: Any) -> str:
    """A value as its cell holds it; numbers digit for digit."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return str(value)
    return as_text(_plain(value)) if value is not None else ""


def _plain(value: Any) -> Any:
    """The same with numbers as texts, which hold their digits."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value
