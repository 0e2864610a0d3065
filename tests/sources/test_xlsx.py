import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
import python_calamine

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources import xlsx, xlsx_package
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.xlsx import SheetChoice, _spool


def saved(workbook):
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def workbook_of(rows, title="Sheet"):
    workbook = openpyxl.Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    return workbook


def edited(content, member, old, new):
    """A workbook with one member changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name).decode()
            assert name != member or re.search(old, text)
            after.writestr(name, re.sub(old, lambda _: new, text, count=1) if name == member else text)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><{} xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
RELATION = '<Relationship Id="r{0}" Type="http://x/relationships/{1}" Target="{2}"/>'


def shared(rows, texts):
    """A workbook as spreadsheet programs write it: cells refer to texts that stand in a list."""
    members = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f"<Relationships>{RELATION.format(1, 'officeDocument', '/xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": HEAD.format("workbook") + '<sheets><sheet name="Blad" sheetId="1" '
        'xmlns:r="http://x" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        + RELATION.format(1, "worksheet", "worksheets/sheet1.xml")
        + RELATION.format(2, "sharedStrings", "sharedStrings.xml")
        + "</Relationships>",
        SHEET: HEAD.format("worksheet") + f"<sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": HEAD.format("sst") + f"{texts}</sst>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def row(number, *texts):
    cells = zip("ABCD", texts, strict=False)
    return f'<row r="{number}">' + "".join(f'<c r="{c}{number}" t="s"><v>{t}</v></c>' for c, t in cells) + "</row>"


RICH = row(1, 0, 1) + row(2, 2, 3)
PLAIN = shared(RICH, "<si><t>sku</t></si><si><t>title</t></si><si><t>1</t></si><si><t>a</t></si>")

VALUES = [
    "text",
    "007",
    "4006381333931",
    " blank around ",
    "two\nlines",
    'a "quote", a comma',
    4006381333931,
    8710000000000.0,
    19.95,
    0.1 + 0.2,
    1e-7,
    -5,
    0,
    1.0,
    True,
    False,
    datetime(2026, 11, 22),  # noqa: DTZ001 - a spreadsheet has no zones
    datetime(2026, 11, 22, 13, 45, 10),  # noqa: DTZ001 - a spreadsheet has no zones
    date(2026, 2, 28),
    time(9, 30),
    None,
    "é€😀",
]


def plain(value):
    """What a value of another reader is as text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{Decimal(repr(round(value, 12))).normalize():f}"
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=400)).replace(microsecond=0).isoformat().removesuffix("T00:00:00")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def texts_by_openpyxl(content, sheet):
    rows = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[sheet].iter_rows(values_only=True)
    return [[plain(value) for value in row] for row in rows]


def texts_by_calamine(content, sheet):
    rows = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()
    return [[plain(value) for value in row] for row in rows]


@pytest.fixture
def spooled(tmp_path):
    """Rows of a workbook, headings first, read in this process."""

    def rows(content, **choice):
        path = tmp_path / "catalog.xlsx"
        path.write_bytes(content)
        sheet = _spool(path, "catalog.xlsx", tmp_path / "spool", SheetChoice(**choice))
        return sheet, sheet.spool.read_bytes().decode().splitlines()

    return rows


@pytest.mark.parametrize("other", [texts_by_openpyxl, texts_by_calamine])
def test_the_same_texts_as_other_readers(opened, rows_of, other):
    content = saved(workbook_of([["kind", "value", "last"], *([str(n), value, "."] for n, value in enumerate(VALUES))]))
    table = opened(content, "values.xlsx")
    assert (table.format, table.sheet, table.headings) == ("xlsx", "Sheet", ("kind", "value", "last"))
    read = rows_of(read_table(table))
    assert [line for line, _ in read] == list(range(2, len(VALUES) + 2))
    assert [row for _, row in read] == other(content, "Sheet")[1:]


def test_numbers_are_never_shown_with_an_exponent_or_noise(opened, rows_of):
    values = [8.71e12, 19.99 * 100, 1e-9, 2.5e300]
    read = rows_of(
        read_table(opened(saved(workbook_of([["sku", "v"], *(["x", value] for value in values)])), "n.xlsx"))
    )
    assert [row[1] for _, row in read] == ["8710000000000", "1999", "0.000000001", str(int(2.5e300))]


def test_inline_texts_prefixes_and_missing_references(spooled):
    """As other programs write it: an element prefix, texts in the cell, cells without `r`."""
    xml = (
        '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>sku</x:t></x:is></x:c><x:c t="str"><x:v>title</x:v></x:c></x:row>'
        '<x:row><x:c><x:v>7</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>rich </x:t></x:r><x:r><x:t>text_x000A_</x:t>'
        "</x:r><x:rPh><x:t>read aloud</x:t></x:rPh></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    sheet, lines = spooled(edited(PLAIN, SHEET, "(?s).*", xml))
    assert sheet.cells == ("sku", "title")
    assert lines == ['2,7,"rich text', '"']


def test_formats_of_dates_and_times(spooled):
    formats = [
        "yyyy-mm-dd",
        "dd/mm/yy hh:mm",
        "[h]:mm",
        '0.00" days"',
        "[Red]0.0",
        "General",
        "[$-407]d. mmm yy",
        "h:mm",
    ]
    workbook = workbook_of([["a"] * len(formats), [1.5] * len(formats), [0.25] * len(formats)])
    for column, code in enumerate(formats, 1):
        for row in (2, 3):
            workbook.active.cell(row, column).number_format = code
    _, lines = spooled(saved(workbook))
    first = "1900-01-01T12:00:00"
    assert lines == [
        f"2,{first},{first},36:00:00,1.5,1.5,1.5,{first},{first}",
        "3,06:00:00,06:00:00,6:00:00,0.25,0.25,0.25,06:00:00,06:00:00",
    ]


def test_days_counted_since_1904(spooled):
    workbook = workbook_of([["day", "x"], [date(2026, 11, 22), "x"]])
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert spooled(saved(workbook))[1] == ["2,2026-11-22,x"]


def test_faults_are_told_with_their_cell(opened, rows_of):
    content = edited(
        saved(workbook_of([["sku", "price"], ["1", "#N/A"], ["2", "=1+1"], ["3", 1234567890123456789]], "Prijs")),
        SHEET,
        "#N/A",
        "#N/A",
    )
    table = opened(content, "faults.xlsx")
    assert rows_of(read_table(table)) == [(2, ["1", None]), (3, ["2", None]), (4, ["3", "1234567890123457024"])]
    assert [(issue.code, issue.place, issue.value) for issue in table.issues] == [
        ("invalid-format", Place("faults.xlsx", 2, "price", "Prijs", "B2"), "#N/A"),
        ("invalid-format", Place("faults.xlsx", 3, "price", "Prijs", "B3"), ""),
        ("invalid-format", Place("faults.xlsx", 4, "price", "Prijs", "B4"), "1.234567890123457e+18"),
    ]
    assert [issue.message.split(";")[0] for issue in table.issues] == [
        "The cell holds the error #N/A",
        "The cell's formula has no stored result",
        "The number 1.234567890123457e+18 has more than 15 digits",
    ]


def test_many_faults_are_counted(spooled):
    sheet, _ = spooled(saved(workbook_of([["sku", "price"], *(["1", "#N/A"] for _ in range(1005))])))
    assert len(sheet.issues) == 1001
    assert sheet.issues[-1].message.startswith("5 more cells")


SHEETS = [("Empty", []), ("Notes", [["sku", "a"], ["1", "b"]]), ("Prices", [["sku", "c"], ["2", "d"]])]


def several(hidden=""):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in SHEETS:
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            sheet.append(row)
    return saved(workbook)


@pytest.mark.parametrize(
    ("hidden", "asked", "chosen"),
    [("", None, "Notes"), ("Notes", None, "Prices"), ("Notes", "Notes", "Notes"), ("", "Prices", "Prices")],
)
def test_choice_of_the_sheet(spooled, hidden, asked, chosen):
    assert spooled(several(hidden), sheet=asked)[0].name == chosen


def test_a_missing_sheet_is_told_with_the_names(spooled):
    with pytest.raises(SourceError) as raised:
        spooled(several(), sheet="Price")
    assert "`Empty`, `Notes`, `Prices`" in raised.value.hint


def test_shared_texts(spooled):
    rich = "<si><r><t>rich </t></r><r><rPr><b/></rPr><t>text_x000A_</t></r><rPh><t>read aloud</t></rPh></si>"
    sheet, lines = spooled(shared(RICH, f"<si><t>sku</t></si>{rich}<si><t>_1</t></si><si/>"))
    assert sheet.cells == ("sku", "rich text\n")
    assert lines == ["2,_1"]


T = [["sku", "title", "price"], ["1", "a", 2], ["2", "b", 3]]
HEADING_ROWS = {
    "first": (T, {}, 1, []),
    "below a title": ([["Price list"], [], *T], {}, 3, ["title-row"]),
    "below a title of two cells": ([["Prices", 2026], *[[*row, "x", "x"] for row in T]], {}, 2, ["title-row"]),
    "one column": ([["sku"], ["1"], ["2"]], {}, 1, []),
    "not certain": ([["sku", "title"], ["1", "a", "b"], ["2", "a", "b"]], {}, 1, []),
    "declared": ([["a", "b", "c"], *T], {"header_row": 2}, 2, []),
    "rows below skipped": ([T[0], ["code", "name", "in EUR"], *T[1:]], {"skip_rows": 1}, 1, []),
    "blank rows": ([T[0], [], T[1], [], [], T[2], [], []], {}, 1, ["empty-row", "empty-row"]),
}


@pytest.mark.parametrize(("rows", "choice", "heading", "codes"), HEADING_ROWS.values(), ids=HEADING_ROWS)
def test_heading_row(spooled, rows, choice, heading, codes):
    sheet, lines = spooled(saved(workbook_of(rows)), **choice)
    assert sheet.heading_row == heading
    assert [issue.code for issue in sheet.issues] == codes
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("rows", "choice", "problem"),
    [
        ([], {}, "no visible sheet has a filled cell"),
        ([["sku", "title"]], {}, "has a heading row but no products"),
        ([["sku", "title"], ["x", "y"]], {"skip_rows": 1}, "has a heading row but no products"),
        ([["sku", "title"], ["x", "y"]], {"header_row": 5}, "row 5, where the headings should be, is empty"),
    ],
)
def test_sheets_without_products(spooled, rows, choice, problem):
    with pytest.raises(SourceError, match=problem):
        spooled(saved(workbook_of(rows)), **choice)


def test_cells_beside_the_headings_get_a_column(opened, rows_of):
    table = opened(saved(workbook_of([["sku", "title"], ["1"], ["2", "b", None, "note"]])), "beside.xlsx")
    assert table.headings == ("sku", "title", "column 3", "column 4")
    assert rows_of(read_table(table)) == [(2, ["1", None, None, None]), (3, ["2", "b", None, "note"])]


HARMFUL = {
    "doctype": (SHEET, "<worksheet", '<!DOCTYPE w [<!ENTITY a "b">]><worksheet', "document type declaration"),
    "doctype in the texts": (
        "xl/sharedStrings.xml",
        "<sst",
        '<!DOCTYPE w SYSTEM "x"><sst',
        "document type declaration",
    ),
    "far cell": (
        SHEET,
        "</sheetData>",
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        "far outside",
    ),
    "cells backwards": (SHEET, 'r="B2"', 'r="A2"', "cell A2 stands where no cell can"),
    "column without end": (SHEET, 'r="B2"', 'r="XFE2"', "cell XFE2 stands where no cell can"),
    "missing text": (SHEET, "<v>3</v>", "<v>99</v>", "refers to a missing text"),
    "no number": (SHEET, 't="s"><v>3', "><v>abc", "cell B2 is no number"),
    "endless number": (SHEET, 't="s"><v>3', "><v>1e999", "cell B2 is no number"),
    "cut XML": (SHEET, "</sheetData></worksheet>", "", "is damaged: `xl/worksheets/sheet1.xml`"),
    "unknown encoding": (
        SHEET,
        'version="1.0"',
        'version="1.0" encoding="TF-8"',
        "is damaged: `xl/worksheets/sheet1.xml`",
    ),
    "no row number": (SHEET, '<row r="2"', '<row r="two"', "damaged"),
    "no sheet": ("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "worksheets/sheet7.xml", "is missing"),
}


@pytest.mark.parametrize(("member", "old", "new", "problem"), HARMFUL.values(), ids=HARMFUL)
def test_harmful_and_damaged_workbooks(spooled, member, old, new, problem):
    with pytest.raises(SourceError, match=re.escape(problem)):
        spooled(edited(PLAIN, member, old, new))


def test_a_zip_bomb_is_refused_while_it_is_unpacked(spooled):
    with pytest.raises(SourceError, match="as only a harmful file does"):
        spooled(edited(PLAIN, SHEET, "</sheetData>", "</sheetData>" + " " * (80 << 20)))


def test_too_many_members_are_refused(spooled, monkeypatch):
    monkeypatch.setattr(xlsx_package, "MAX_MEMBERS", 3)
    with pytest.raises(SourceError, match="more than 3 parts"):
        spooled(PLAIN)


def test_a_workbook_cut_anywhere_is_refused(opened):
    content = PLAIN
    for size in range(5, len(content), len(content) // 8):
        with pytest.raises(SourceError):
            opened(content[:size], "cut.xlsx")


def test_bytes_changed_inside_a_member_are_noticed(spooled):
    content = bytearray(PLAIN)
    at = content.index(b"xl/worksheets/sheet1.xml") + 60
    content[at : at + 20] = bytes(20)
    with pytest.raises(SourceError):
        spooled(bytes(content))


def test_a_child_without_enough_memory_is_told(opened, monkeypatch):
    monkeypatch.setattr(xlsx, "CHILD_MEMORY", 100 << 20)
    content = shared(RICH, "<si><t>" + "x" * (60 << 20) + "</t></si>")
    with pytest.raises(SourceError, match="takes too much memory"):
        opened(content, "large.xlsx")


def test_shared_texts_are_held_up_to_a_limit(spooled, monkeypatch):
    monkeypatch.setattr(xlsx_package, "MAX_TEXT_BYTES", 5)
    with pytest.raises(SourceError, match="texts of the workbook take too much memory"):
        spooled(PLAIN)
