"""Workbooks: rows of a sheet as XML. Texts stay texts, so that a GTIN keeps its zeros; numbers are numbers.

A row's number is known only when the files are put together. Until then `ROW` stands in its place, a character that no
text of a workbook holds, since it is written escaped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.field import FieldDefinition
from feedsmith.render.csv import CellTexts
from feedsmith.render.encoder import Cells, OutField, Piece, ReadBack, joined, piece
from feedsmith.render.leaves import leaves, spread
from feedsmith.render.xml import checking_parser, escaped
from feedsmith.sources.xlsx_values import column_letters

ROW = "\x01"
MOST_ROWS = 1_048_576
"""Rows of a sheet."""
ROW_END = "</row>\n"
NUMBERS = frozenset({"number", "integer"})
NUMBER_FORMS = frozenset({"number", "minor"})
"""The forms of money whose cells are numbers."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML forbids or changes, and what looks like such a character's escape. Source: ECMA-376 part 1, 22.9.2.19."""
TEXT_STYLE, NUMBER_STYLE, HEADING_STYLE = 1, 0, 2
"""The cell formats of `workbook_parts`."""
WIDTH = 18
"""Of a column, in characters."""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SOURCE = "{{ header }}{% for item in items %}\n{{ item }}\n{% endfor %}{{ footer }}"
"""The template of all workbooks: what stands around the rows is the encoder's."""
GROUP_SOURCE = (
    "{{{{ header }}}}{{% for item in items %}}\n{{% if raw.{row} is not none %}}\n{{{{ item }}}}\n\n{{% endif %}}\n"
    "{{% for variant in variants %}}\n{{{{ variant }}}}\n\n{{% endfor %}}\n{{% endfor %}}{{{{ footer }}}}"
)
"""The same of workbooks of groups: the group's own row, where its field `row` has a value, and its variants'."""


@dataclass(frozen=True)
class Slot:
    """Where a column of the feed stands in the sheet: the column's number, and its cells' style."""

    column: int
    style: int | None = None


@dataclass(frozen=True)
class Layout:
    """An owner's sheet: its XML before the first row of items and after the last, and the slots by heading."""

    head: str
    foot: str
    first_row: int
    slots: dict[str, list[Slot]]


@dataclass(frozen=True)
class XlsxEncoder:
    """Writes fields as cells of a row; the columns are those of `layout`, else one after the other."""

    dialect: Dialect
    layout: Layout | None = None

    @property
    def first_row(self) -> int:
        """The number of the first item's row."""
        return self.layout.first_row if self.layout else 2

    @cached_property
    def _cell_texts(self) -> CellTexts:
        return CellTexts(self.dialect)

    def bare(self, cells: Cells) -> list[str]:
        """The values as plain texts."""
        columns = [self._cell_texts.texts(one) for one in spread(cells)]
        return [" ".join(filter(None, values)) for values in zip(*columns, strict=True)]

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """A row for each item; empty cells are left out."""
        columns = [one for cell in cells for one in spread(cell)]
        slots = self.slots([one.field.name for one in columns])
        placed = sorted(
            ((slot, one) for slot, one in zip(slots, columns, strict=True) if slot and not one.column.blank),
            key=lambda pair: pair[0].column,
        )
        pieces: list[Piece] = [(f'<row r="{ROW}">', [""] * size, "")]
        pieces += [self._piece(one, slot) for slot, one in placed]
        pieces.append((ROW_END.rstrip(), [""] * size, ""))
        return joined(pieces, size)

    def slots(self, headings: Sequence[str]) -> list[Slot | None]:
        """Where each of the feed's columns stands; None for one that the owner's sheet does not have."""
        if self.layout is None:
            return [Slot(number) for number in range(1, len(headings) + 1)]
        free = {name: iter(slots) for name, slots in self.layout.slots.items()}
        return [next(free[name], None) if name in free else None for name in headings]

    def _piece(self, cells: Cells, slot: Slot) -> Piece:
        cell = f'<c r="{column_letters(slot.column)}{ROW}"'
        if is_number(cells.field.definition):  # its sign is the point, whatever the texts have
            return piece(CellTexts(Dialect()).texts(cells), f"{cell}{_style(slot.style)}><v>", "</v></c>")
        texts = self._cell_texts.texts(cells)
        style = TEXT_STYLE if self.layout is None else slot.style
        before = f'{cell}{_style(style)} t="inlineStr"><is><t xml:space="preserve">'
        return piece(written(texts), before, "</t></is></c>")

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:
        """`header` and `footer`: what stands before and after the rows of the items."""
        if self.layout is not None:
            return {"header": self.layout.head, "footer": self.layout.foot}
        columns = [leaf.field for field in fields for leaf in leaves(field)]
        return {"header": _sheet_head(columns), "footer": "</sheetData></worksheet>\n"}

    def fixed(self, text: str) -> str:
        """A text as character data."""
        return written([text])[0] or ""

    def read_back(self, head: str, items: list[str], foot: str, body: bytes | None = None) -> ReadBack:
        """Parse the sheet, and count the rows of the items."""
        body = (body if body is not None else "".join(items).encode()).replace(ROW.encode(), b"1")
        parser = checking_parser()
        try:
            for text in (head.encode(), body, foot.encode()):
                parser.feed(text)
            parser.close()
        except etree.XMLSyntaxError as error:
            raise ValueError(f"is not well-formed XML: {error}") from error
        return ReadBack(body.count(b"<row "))


def is_number(definition: FieldDefinition) -> bool:
    """Whether the field's cells are numbers."""
    if definition.repeat is not None:
        return False
    return definition.type in NUMBERS or (definition.type == "money" and definition.form in NUMBER_FORMS)


def written(values: list[str | None]) -> list[str | None]:
    """Texts as a workbook's XML holds them; the joined texts tell whether there is anything to do."""
    if UNWRITABLE.search("".join(filter(None, values))):
        values = [UNWRITABLE.sub(_escape, value) if value is not None else None for value in values]
    return escaped(values)


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _style(style: int | None) -> str:
    return f' s="{style}"' if style is not None else ""


def _sheet_head(columns: Sequence[OutField]) -> str:
    """The sheet up to its first row of items: a frozen row of headings, columns of texts formatted as such."""
    names = written([one.name for one in columns])
    cells = "".join(
        f'<c r="{column_letters(at)}1" s="{HEADING_STYLE}" t="inlineStr"><is><t>{name}</t></is></c>'
        for at, name in enumerate(names, 1)
    )
    kinds = [NUMBER_STYLE if is_number(one.definition) else TEXT_STYLE for one in columns]
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{WIDTH}" style="{kind}" customWidth="1"/>'
        for at, kind in enumerate(kinds, 1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    views = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    start = f'{DECLARATION}<worksheet xmlns="{MAIN}">{views}<sheetFormatPr defaultRowHeight="15"/>'
    return f'{start}{f"<cols>{widths}</cols>" if columns else ""}<sheetData><row r="1">{cells}{ROW_END}'


SHEET = "xl/worksheets/sheet1.xml"
"""The member of our own workbooks that holds the rows."""


def workbook_parts(sheet: str) -> dict[str, str]:
    """All members of a workbook of ours but the sheet. None holds a date, so equal rows make equal files."""
    office, package = (
        "application/vnd.openxmlformats-officedocument.spreadsheetml",
        "application/vnd.openxmlformats-package",
    )
    spaces = "http://schemas.openxmlformats.org/package/2006"
    name = written([sheet])[0] or ""
    name = name.replace('"', "&quot;")
    types = "".join(
        f'<Override PartName="/{part}" ContentType="{office}.{kind}+xml"/>'
        for part, kind in (("xl/workbook.xml", "sheet.main"), (SHEET, "worksheet"), ("xl/styles.xml", "styles"))
    )
    fonts = '<font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>'
    fills = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    formats = (
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{spaces}/content-types"><Default Extension="rels" '
        f'ContentType="{package}.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{types}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{spaces}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{spaces}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="2">{fonts}</fonts><fills count="2">{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="3">{formats}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }
