"""The package of the workbook: the merchant's own with a few parts more, or a new one."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import basename, dirname, join, normpath, relpath
from typing import Self

from lxml import etree

from feedsmith.render.xlsx import DECLARATION, MAIN, RELATIONS, workbook_parts
from feedsmith.run.book import new_member
from feedsmith.run.handback.notes import Note, comments_part, drawing_part
from feedsmith.run.handback.styles import Styles

TYPES = "[Content_Types].xml"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OWN_SHEET = re.compile(
    r'<sheet name[^>]*>|<Relationship [^>]*?/worksheet"[^>]*>|<Override PartName="/xl/worksheets[^>]*>'
)
"""What speaks of the one sheet in the parts of a workbook of ours."""
MACROS = "vbaProject"
NOTES = "feedsmithNotes"
"""The id of the relation between a sheet and the drawing of its comments."""
ENCODED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
HEAD = 4_096
"""Bytes of a sheet in which its root stands."""
TITLE = 31
"""Characters of a sheet's name."""
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")
"""What the name of a sheet may not hold. Source: the message of Excel."""


def relations_of(member: str) -> str:
    """The member that holds the relations of a member."""
    return f"{dirname(member)}/_rels/{basename(member)}.rels".lstrip("/")


@dataclass
class Sheet:
    """A sheet of the workbook: its name, its member, and the member of its comments if it has any."""

    name: str
    member: str
    comments: str = ""
    drawing: str = ""


@dataclass
class Package:
    """A workbook that is being put together in `archive`; `base` is the merchant's own or an empty one.

    Members of the base are written by `finish`, as they were, unless `change` was told of them before.
    """

    archive: zipfile.ZipFile
    base: zipfile.ZipFile
    sheets: list[Sheet] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read the parts that say what there is."""
        self._done: set[str] = {TYPES}
        self._types = self._xml(TYPES)
        root = self._targets("")
        self.workbook = next((target for kind, _, target in root if kind == "officeDocument"), "xl/workbook.xml")
        self._book, self._relations = self._xml(self.workbook), self._xml(relations_of(self.workbook))
        self._space = etree.QName(self._book).namespace
        targets = self._targets(self.workbook)
        styles = next(target for kind, _, target in targets if kind == "styles")
        self.styles, self._styles = Styles(self.base.read(styles)), styles
        members = {name: target for _, name, target in targets}
        self._own: list[etree._Element] = []
        for one in self._listed():
            member = members.get(one.get(f"{{{RELATIONS}}}id", ""), "")
            self.sheets.append(self._known(Sheet(one.get("name", ""), member)))
        self._done |= {self.workbook, relations_of(self.workbook), styles}

    @classmethod
    def empty(cls, archive: zipfile.ZipFile) -> Self:
        """A workbook without a sheet."""
        made = BytesIO()
        with zipfile.ZipFile(made, "w") as base:
            for name, text in workbook_parts("x").items():
                base.writestr(name, OWN_SHEET.sub("", text))
        return cls(archive, zipfile.ZipFile(made))

    def fillable(self, name: str) -> bool:
        """Whether the sheet is written as spreadsheet programs do, so that its cells can be found."""
        member = next((sheet.member for sheet in self.sheets if sheet.name == name), "")
        if not member or self._space != MAIN:
            return False
        with self.base.open(member) as file:
            head = file.read(HEAD)
        return b"<worksheet" in head and not ENCODED.search(head) and not head.startswith((b"\xff\xfe", b"\xfe\xff"))

    def free_name(self, wanted: str) -> str:
        """A name for a sheet that no other has."""
        taken = {sheet.name.casefold() for sheet in self.sheets}
        wanted = FORBIDDEN.sub("_", wanted)[:TITLE] or "sheet"
        name, number = wanted, 2
        while name.casefold() in taken:
            name, number = f"{wanted[: TITLE - 4]} {number}", number + 1
        return name

    def write(self, member: str, blocks: Iterable[bytes]) -> None:
        """Write a member."""
        self._done.add(member)
        with self.archive.open(new_member(member), "w", force_zip64=True) as file:
            file.writelines(blocks)

    def add(self, name: str, *, first: int | None = None) -> Sheet:
        """A new sheet at the end, or at the position `first`; its member is still to be written."""
        number = len(self.sheets) + 1
        sheet = Sheet(name, f"{dirname(self.workbook)}/worksheets/feedsmith{number}.xml")
        ids = [int(one.get("sheetId", "0")) for one in self._listed()]
        key = f"feedsmith{number}"
        self._relate(self._relations, self.workbook, "worksheet", sheet.member, key)
        element = etree.Element(f"{{{self._space}}}sheet", {"name": name, "sheetId": str(max(ids, default=0) + 1)})
        element.set(f"{{{RELATIONS}}}id", key)
        listed = self._book.find(f"{{{self._space}}}sheets")
        assert listed is not None  # noqa: S101 - `_listed` has looked
        listed.insert(len(listed) if first is None else first, element)
        self.sheets.insert(len(self.sheets) if first is None else first, sheet)
        self._override(sheet.member, f"{OFFICE}.worksheet+xml")
        if first is not None:
            self._shift(first)
        return sheet

    def blocks(self, member: str) -> Iterator[bytes]:
        """A member of the base."""
        with self.base.open(member) as file:
            while block := file.read(1 << 18):
                yield block

    def text(self, member: str) -> str:
        """A small member of the base; empty without one."""
        return self.base.read(member).decode("utf-8-sig") if member else ""

    def comment(self, sheet: Sheet, notes: Sequence[Note]) -> str:
        """Write the comments of a sheet; gives the id of a new drawing, empty where the sheet has one already."""
        if not notes:
            return ""
        known = bool(sheet.comments and sheet.drawing)
        folder, number = dirname(self.workbook), self.sheets.index(sheet) + 1
        comments = sheet.comments if known else f"{folder}/feedsmithComments{number}.xml"
        drawing = sheet.drawing if known else f"{folder}/drawings/feedsmithNotes{number}.vml"
        self.write(comments, [comments_part(notes, self.text(sheet.comments if known else "")).encode()])
        self.write(drawing, [drawing_part(notes, self.text(sheet.drawing if known else "")).encode()])
        if known:
            return ""
        relations = self._xml(relations_of(sheet.member))
        self._relate(relations, sheet.member, "comments", comments, "feedsmithComments")
        self._relate(relations, sheet.member, "vmlDrawing", drawing, NOTES)
        self.write(relations_of(sheet.member), [_bytes(relations)])
        self._override(comments, f"{OFFICE}.comments+xml")
        self._override(drawing, DRAWING)
        return NOTES

    def finish(self) -> None:
        """Write all that is left."""
        if any(kind == MACROS for kind, _, _ in self._targets(self.workbook)):
            self._without_macros()
        for view in self._book.iter(f"{{{self._space}}}workbookView"):
            view.set("activeTab", "0")
            view.set("firstSheet", "0")
        self.write(self.workbook, [_bytes(self._book)])
        self.write(relations_of(self.workbook), [_bytes(self._relations)])
        self.write(self._styles, [self.styles.xml()])
        for name in self.base.namelist():
            if name not in self._done and not name.endswith("/"):
                self.write(name, self.blocks(name))
        self.write(TYPES, [_bytes(self._types)])

    def _without_macros(self) -> None:
        """A file named .xlsx may not hold any."""
        for one in list(self._relations):
            if one.get("Type", "").endswith(MACROS):
                member = normpath(join("/", dirname(self.workbook), one.get("Target", ""))).lstrip("/")
                self._done |= {member, relations_of(member)}
                self._relations.remove(one)
        for one in self._types:
            if one.get("PartName") == f"/{self.workbook}":
                one.set("ContentType", f"{OFFICE}.sheet.main+xml")

    def _known(self, sheet: Sheet) -> Sheet:
        if sheet.member:
            kinds = {kind: target for kind, _, target in self._targets(sheet.member)}
            sheet.comments, sheet.drawing = kinds.get("comments", ""), kinds.get("vmlDrawing", "")
        return sheet

    def _listed(self) -> list[etree._Element]:
        listed = self._book.find(f"{{{self._space}}}sheets")
        if listed is None:
            raise ValueError("it has no list of sheets")
        return list(listed)

    def _shift(self, first: int) -> None:
        """Names that belong to a sheet know it by its position."""
        for one in self._book.iter(f"{{{self._space}}}definedName"):
            place = one.get("localSheetId")
            if place is not None and int(place) >= first:
                one.set("localSheetId", str(int(place) + 1))

    def _xml(self, member: str) -> etree._Element:
        if member not in self.base.namelist():
            return etree.fromstring(f'<Relationships xmlns="{PACKAGE}/relationships"/>')
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(self.base.read(member), parser)

    def _targets(self, member: str) -> list[tuple[str, str, str]]:
        """The last word of the type, the id and the member of each relation of a member."""
        relations = self._xml(relations_of(member) if member else "_rels/.rels")
        return [
            (one.get("Type", "").rpartition("/")[2], one.get("Id", ""),
             normpath(join("/", dirname(member), one.get("Target", ""))).lstrip("/"))
            for one in relations if one.get("TargetMode") != "External"
        ]  # fmt: skip

    def _relate(self, relations: etree._Element, member: str, kind: str, target: str, key: str) -> None:
        etree.SubElement(
            relations, f"{{{PACKAGE}/relationships}}Relationship",
            {"Id": key, "Type": f"{RELATIONS}/{kind}", "Target": relpath(target, dirname(member))},
        )  # fmt: skip

    def _override(self, member: str, kind: str) -> None:
        name = f"{{{PACKAGE}/content-types}}Override"
        etree.SubElement(self._types, name, {"PartName": f"/{member}", "ContentType": kind})


def _bytes(element: etree._Element) -> bytes:
    return DECLARATION.encode() + etree.tostring(element, encoding="UTF-8", xml_declaration=False)
