"""The zip file of a workbook: its members read under guard, its sheets, texts and number formats."""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import NoReturn
from xml.parsers import expat

from feedsmith.errors import SourceError
from feedsmith.issues import Place

MAX_MEMBERS = 10_000
MAX_BYTES = 4 << 30
"""Bytes of one member, unpacked."""
MAX_RATIO = 300
"""Unpacked bytes for each packed one, above `FREE_BYTES`. Real sheets stay below 100."""
FREE_BYTES = 64 << 20
MAX_TEXT_BYTES = 512 << 20
"""Bytes of all shared texts, which are held in memory."""
BLOCK = 1 << 18
SAVE_AGAIN = "open the workbook in the spreadsheet program and save it again"

DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Built-in number formats that show dates and times. Source: ECMA-376 part 1, 18.8.30."""
NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
"""What a number format shows as it is: quoted and escaped text, fillers, colours and conditions."""
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook writes a character that XML does not allow. Source: ECMA-376 part 1, 22.9.2.19."""

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet by its name on the tab; `member` is its XML in the zip file."""

    name: str
    member: str
    hidden: bool


class Package:
    """An open workbook. Whatever is wrong with a member is a SourceError."""

    def __init__(self, archive: zipfile.ZipFile, shown: str) -> None:
        self.archive, self.place = archive, Place(shown)
        self.names = {name.lower(): name for name in archive.namelist()}
        if len(self.names) > MAX_MEMBERS:
            self.refuse(f"the workbook has more than {MAX_MEMBERS} parts")

    def refuse(self, problem: str, hint: str = SAVE_AGAIN) -> NoReturn:
        """End with a SourceError at this workbook."""
        raise SourceError(self.place, problem, hint)

    def blocks(self, member: str) -> Iterator[bytes]:
        """The unpacked bytes of a member, counted while they are read: what the zip file declares may be false."""
        name = self.names.get(member.lower())
        if name is None:
            self.refuse(f"the workbook is damaged: `{member}` is missing")
        limit = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * self.archive.getinfo(name).compress_size))
        count = 0
        with self.archive.open(name) as file:
            while block := file.read(BLOCK):
                count += len(block)
                if count > limit:
                    self.refuse(f"`{member}` unpacks to more than {limit} bytes, as only a harmful file does")
                yield block

    def parse(self, member: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed a member to `parser`, block by block; a document type declaration is refused."""
        return self.feed(member, parser, self.blocks(member))

    def feed(self, member: str, parser: expat.XMLParserType, pieces: Iterable[str | bytes]) -> Iterator[None]:
        """The same with the member in pieces, of which some may be left out."""

        def refuse_doctype(*_: object) -> None:
            self.refuse(f"`{member}` has a document type declaration, as only a harmful file does")

        parser.StartDoctypeDeclHandler = refuse_doctype
        parser.buffer_text = True
        try:
            for piece in pieces:
                parser.Parse(piece)
                yield
            parser.Parse(b"", True)  # noqa: FBT003 - expat takes it by position only
        except (expat.ExpatError, LookupError) as error:  # an encoding that nobody knows is a LookupError
            self.refuse(f"the workbook is damaged: `{member}`: {error}")
        yield

    def elements(self, member: str) -> list[tuple[str, dict[str, str]]]:
        """The elements of a small member, by name without prefix, with their attributes, in order."""
        found: list[tuple[str, dict[str, str]]] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: found.append((local(name), attributes))
        for _ in self.parse(member, parser):
            if len(found) > MAX_MEMBERS * 100:
                self.refuse(f"`{member}` is far larger than in any real workbook")
        return found


def local(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Workbook:
    """What a sheet needs to be read. `dates` holds the cell styles that show a date or time."""

    sheets: tuple[SheetEntry, ...]
    texts: list[str]
    dates: frozenset[int]
    elapsed: frozenset[int]
    since_1904: bool


def read_workbook(package: Package) -> Workbook:
    """The parts of a workbook that all its sheets share."""
    root = _targets(package, "_rels/.rels", "", by_type=True).get("officeDocument", "xl/workbook.xml")
    folder = dirname(root)
    relations = f"{folder}/_rels/{root.rpartition('/')[2]}.rels"
    by_id, by_type = (_targets(package, relations, folder, by_type=flag) for flag in (False, True))
    elements = package.elements(root)
    dates, elapsed = _date_styles(package, by_type.get("styles"))
    sheets = tuple(_sheet(attributes, by_id) for name, attributes in elements if name == "sheet")
    settings = dict(next((attributes for name, attributes in elements if name == "workbookPr"), {}))
    texts = _shared_texts(package, by_type.get("sharedStrings"))
    return Workbook(sheets, texts, dates, elapsed, settings.get("date1904") in ("1", "true"))


def _targets(package: Package, member: str, folder: str, *, by_type: bool) -> dict[str, str]:
    """Members that `member` relates to, by id or by the last word of the relation's type."""
    found: dict[str, str] = {}
    for name, attributes in package.elements(member):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            key = attributes.get("Type", "").rpartition("/")[2] if by_type else attributes.get("Id", "")
            found.setdefault(key, normpath(join("/", folder, attributes.get("Target", ""))).lstrip("/"))
    return found


def _sheet(attributes: dict[str, str], members: dict[str, str]) -> SheetEntry:
    relation = next((value for key, value in attributes.items() if local(key) == "id" and ":" in key), "")
    hidden = attributes.get("state", "visible") != "visible"
    return SheetEntry(attributes.get("name", ""), members.get(relation, ""), hidden)


def _date_styles(package: Package, member: str | None) -> tuple[frozenset[int], frozenset[int]]:
    """The cell styles that show a date or time, and those among them that show elapsed time (`[h]:mm`)."""
    if member is None:
        return frozenset(), frozenset()
    dates, elapsed = set(DATE_FORMATS), {46}
    styles: list[int] = []
    section = ""
    for name, attributes in package.elements(member):
        if name in ("cellStyleXfs", "cellXfs", "dxfs", "cellStyles"):
            section = name
        elif name == "numFmt":
            number, code = int(attributes.get("numFmtId", 0)), NOT_FORMAT.sub("", attributes.get("formatCode", ""))
            if re.search("[dmyhs]", code.partition(";")[0], re.IGNORECASE) and code.lower() != "general":
                dates.add(number)
                elapsed.update({number} if "[" in code else ())
        elif name == "xf" and section == "cellXfs":
            styles.append(int(attributes.get("numFmtId", 0)))
    return _positions(styles, dates), _positions(styles, elapsed)


def _positions(styles: list[int], formats: set[int]) -> frozenset[int]:
    return frozenset(at for at, style in enumerate(styles) if style in formats)


def _shared_texts(package: Package, member: str | None) -> list[str]:
    """The texts that cells refer to by number."""
    reader = _TextReader()
    for _ in package.parse(member, reader.parser) if member else ():
        if reader.total > MAX_TEXT_BYTES:
            package.refuse("the texts of the workbook take too much memory", "save the sheet as CSV UTF-8")
    return reader.texts


class _TextReader:
    """Collects the texts of the member `sharedStrings`; phonetic readings (`rPh`) are no part of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.total = 0
        self._parts: list[str] = []
        self._silent = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, _: dict[str, str]) -> None:
        tag = local(name)
        if tag == "si":
            self._parts.clear()
        elif tag == "rPh":
            self._silent = True
        elif tag == "t" and not self._silent:
            self.parser.CharacterDataHandler = self._parts.append

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "t":
            self.parser.CharacterDataHandler = None
        elif tag == "rPh":
            self._silent = False
        elif tag == "si":
            text = unescape("".join(self._parts))
            self.total += len(text)
            self.texts.append(text)


def unescape(text: str) -> str:
    """`_x000D_` and the like as the character they stand for."""
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
