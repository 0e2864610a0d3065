"""An owner's workbook template: its sheet is cut where the items belong, and all else stays byte for byte.

The file is never opened by a program that would write it anew, so validations, styles, names, other sheets, pictures,
charts and macros are kept as they are. Of the sheet itself only the rows of items are replaced.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Place
from feedsmith.render.xlsx import Layout, Slot
from feedsmith.sources.xlsx_package import Package, SheetEntry, Workbook, local, read_workbook
from feedsmith.sources.xlsx_sheet import DIGITS, SheetReader
from feedsmith.sources.xlsx_values import column_number

DIMENSION = re.compile(r"<dimension\b[^>]*?(?:/>|>\s*</dimension>)")
"""The area of the sheet, which readers may believe; it is not needed, and no longer true."""
MERGED = re.compile(r'<mergeCell\b[^>]*ref="[A-Z]+(\d+)(?::[A-Z]+(\d+))?"')
CHAIN = "xl/calcChain.xml"
"""The order in which formulas are calculated; a program that finds none makes it anew."""
CHAIN_ENTRY = re.compile(rb"<(?:Override|Relationship)\b[^>]*calcChain[^>]*?/>")
SIGNED = "_xmlsignatures/"


@dataclass(frozen=True)
class OwnerWorkbook:
    """A template ready to be filled: the layout of its sheet, its headings by column, and what cannot be kept."""

    shown: str
    sheet: str
    member: str
    header_row: int
    headings: dict[int, str]
    layout: Layout
    lost: tuple[str, ...]
    raw: bytes = field(repr=False)
    formulas: bool = False

    @property
    def place(self) -> Place:
        """The row of headings, for messages."""
        return Place(self.shown, self.header_row, sheet=self.sheet)

    def parts(self) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
        """All members but the sheet, in order, as they are."""
        with zipfile.ZipFile(BytesIO(self.raw)) as archive:
            for info in archive.infolist():
                if info.filename == self.member or (self.formulas and info.filename == CHAIN):
                    continue
                data = archive.read(info)
                if self.formulas and info.filename in {"[Content_Types].xml", "xl/_rels/workbook.xml.rels"}:
                    data = CHAIN_ENTRY.sub(b"", data)
                yield info, data


@dataclass(frozen=True)
class Wanted:
    """Which sheet, and where its headings and the first row of items are, counted from 1."""

    sheet: str = ""
    header_row: int = 1
    first_row: int | None = None


def read_owner_workbook(path: Path, shown: str, wanted: Wanted, names: frozenset[str]) -> OwnerWorkbook:
    """Read a template; `names` are the headings that the channel knows, by which an unnamed sheet is found.

    Raises:
        DefinitionError: it cannot be read, or has no such sheet or headings.
    """
    try:
        raw = path.read_bytes()
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            package = Package(archive, shown)
            workbook = read_workbook(package)
            sheet, headings = _sheet(package, workbook, wanted, names)
            member = package.names[sheet.member.lower()]
            cut = _Cut(b"".join(package.blocks(member)), wanted.first_row or wanted.header_row + 1)
            signed = any(name.startswith(SIGNED) for name in archive.namelist())
    except OSError as error:
        raise DefinitionError(Place(shown), f"cannot be read: {error.strerror}", "see `workbook:`") from error
    except SourceError as error:
        raise DefinitionError(error.place, error.problem, error.hint) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, expat.ExpatError) as error:
        hint = "save it again as .xlsx or .xlsm, without a password"
        raise DefinitionError(Place(shown), f"is no workbook that can be filled: {error}", hint) from error
    lost = [*cut.lost(), *(["its digital signature, which no longer fits"] if signed else [])]
    layout = Layout(cut.head, cut.foot, cut.first_row, _slots(headings, cut.styles))
    return OwnerWorkbook(
        shown, sheet.name, member, wanted.header_row, headings, layout, tuple(lost), raw, formulas=cut.formulas > 0
    )


def _slots(headings: dict[int, str], styles: dict[int, int]) -> dict[str, list[Slot]]:
    slots: dict[str, list[Slot]] = {}
    for column, name in headings.items():
        slots.setdefault(name, []).append(Slot(column, styles.get(column)))
    return slots


def _sheet(
    package: Package, workbook: Workbook, wanted: Wanted, names: frozenset[str]
) -> tuple[SheetEntry, dict[int, str]]:
    """The named sheet, else the visible one with the most headings that the channel knows."""
    known = ", ".join(f"`{sheet.name}`" for sheet in workbook.sheets)
    sheets = [sheet for sheet in workbook.sheets if sheet.member and wanted.sheet in {"", sheet.name}]
    if not sheets:
        package.refuse(f"there is no sheet `{wanted.sheet}`", f"the sheets are {known}")
    if not wanted.sheet:
        sheets = [sheet for sheet in sheets if not sheet.hidden]
    found = [(sheet, _headings(package, workbook, sheet, wanted.header_row)) for sheet in sheets]
    best = max(found, key=lambda one: len(names & set(one[1].values())), default=None)
    if best is None or not best[1] or (not wanted.sheet and not names & set(best[1].values())):
        problem = f"row {wanted.header_row} of {known} holds none of the channel's headings"
        package.refuse(problem, "say which row and sheet: `header_row:`, `sheet:`")
    return best


def _headings(package: Package, workbook: Workbook, sheet: SheetEntry, row: int) -> dict[int, str]:
    for number, texts in SheetReader(package, workbook, sheet.member).rows():
        if number >= row:
            filled = enumerate(texts, 1) if number == row else ()
            return {column: text.strip() for column, text in filled if text.strip()}
    return {}


class _Cut:
    """A sheet's XML cut before the first row of items; the rows from there on are taken out."""

    def __init__(self, xml: bytes, first_row: int) -> None:
        self.first_row = first_row
        self.styles: dict[int, int] = {}
        self.formulas = 0
        self._row = 0
        self._start = self._end = -1
        self._column_styles: dict[int, int] = {}
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._open, self._close
        self._parser.Parse(xml, True)  # noqa: FBT003 - expat takes it by position only
        if self._end < 0 or b"<sheetData" not in xml:
            raise ValueError("its sheet has no rows in UTF-8")
        start = self._end if self._start < 0 else self._start
        self.head = DIMENSION.sub("", xml[:start].decode())
        self.foot = xml[self._end :].decode()
        self.styles = {**self._column_styles, **self.styles}

    def lost(self) -> Iterator[str]:
        """What of the sheet is not as it was, or gets in the way."""
        if self.formulas:
            yield f"{self.formulas} formulas in the rows that the items replace"
        last = [int(row) for found in MERGED.finditer(self.foot) for row in found.groups() if row]
        if any(row >= self.first_row for row in last):
            yield "merged cells among the rows of items, which hide the values below them"

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "worksheet" and name != tag:
            raise ValueError("its XML is not as spreadsheet programs write it")
        if tag == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            if self._row >= self.first_row and self._start < 0:
                self._start = self._parser.CurrentByteIndex
        elif tag == "c" and self._row == self.first_row and "r" in attributes and "s" in attributes:
            self.styles[column_number(attributes["r"].rstrip(DIGITS))] = int(attributes["s"])
        elif tag == "f" and self._row >= self.first_row and self._end < 0:
            self.formulas += 1
        elif tag == "col" and "style" in attributes:
            first, last = int(attributes["min"]), int(attributes["max"])
            self._column_styles |= dict.fromkeys(range(first, min(last, first + 500) + 1), int(attributes["style"]))

    def _close(self, name: str) -> None:
        if local(name) == "sheetData":
            self._end = self._parser.CurrentByteIndex
