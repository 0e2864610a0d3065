"""The `xlsx` report: the merchant's own file comes back, with colours and comments on its faulty cells."""

import io
import tracemalloc
import zipfile
from collections import Counter

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.report import ReadTable, Report
from feedsmith.run.execute import execute
from feedsmith.run.handback import grid, notes
from feedsmith.run.handback.coloured import coloured_sheet
from feedsmith.run.handback.workbook import xlsx_report
from feedsmith.run.request import Request
from tests.helpers import write_tree
from tests.run.helpers import CHANNEL, HEADINGS

RED, YELLOW = "FFFFC7CE", "FFFFEB9C"
ROWS = [
    {"id": "007", "title": "Blauwe deken", "price": "19.95", "nr": "=1+1"},
    {"id": "8", "title": "Een titel die echt veel te lang is om te passen", "price": "12.50"},
    {"id": "9", "title": 'Mok\nmet "oor"', "price": "op aanvraag"},
    {"id": "10", "title": "", "price": "1.00"},
]
PROJECT = "catalog: {catalog}\nmarket: {{currency: EUR}}\nfeeds:\n  one: {{channel: one}}\n"
TEMPLATE = "<items>\n{% for item in items %}\n<item>{{ item }}</item>\n{% endfor %}\n</items>\n"


def project(folder, name, content):
    catalog = "{source: {path: catalog.xlsx, sheet: Prijzen & co}}" if name.endswith("xlsx") else name
    files = {"feedsmith.yaml": PROJECT.format(catalog=catalog), name: content, "templates/one.xml.j2": TEMPLATE}
    return write_tree(folder, {**files, "channels/one.yaml": CHANNEL.format(format="xml", more="", twice="warn")})


def as_csv(delimiter=";"):
    lines = [delimiter.join(HEADINGS)]
    for row in ROWS:
        cells = [row.get(name, "") for name in HEADINGS]
        lines.append(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells))
    return "\n".join(lines) + "\n"


def as_workbook():
    """A workbook of the merchant's: a title sheet, formats, a comment, a name of its own, links, a merged cell."""
    book = openpyxl.Workbook()
    book.active.title = "Info"
    book["Info"]["A1"] = "about"
    sheet = book.create_sheet("Prijzen & co")
    sheet.append(HEADINGS)
    for row in ROWS:
        sheet.append([row.get(name) or None for name in HEADINGS])
    sheet["C2"].number_format, sheet["C2"].value = "0.00", 19.95
    sheet["C4"].font = Font(bold=True)
    sheet["C4"].comment = Comment("mine", "me")
    sheet["H1"] = "extra"
    sheet.merge_cells("I1:J1")
    sheet["A2"].hyperlink = "https://www.shop.example"
    sheet.auto_filter.ref = "A1:G5"
    sheet.defined_names["area"] = DefinedName("area", attr_text="'Prijzen & co'!$A$1:$G$5")
    book.active = 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def handed_back(folder, **more):
    """The report of a run as a file that cannot go back, opened by two readers; and the run's issues."""
    found = []
    out = io.BytesIO()

    def tell(report):
        xlsx_report(report, out)
        found.extend(report.issues())

    execute(Request(project=folder, workers=1, **more), tell)
    names = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue())).sheet_names
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
    assert book.sheetnames == names
    return book, found


def marks(sheet):
    """Colour and first words of the comment of each coloured cell."""
    cells = (cell for row in sheet for cell in row if cell.fill.fgColor.rgb in {RED, YELLOW})
    return {cell.coordinate: (cell.fill.fgColor.rgb, (cell.comment.text if cell.comment else "")) for cell in cells}


def listed(sheet):
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def test_a_text_file_comes_back_as_a_sheet_of_texts(tmp_path):
    book, issues = handed_back(project(tmp_path, "catalog.csv", as_csv()))
    assert book.sheetnames == ["Issues", "Counts", "catalog.csv"]
    sheet = book["catalog.csv"]
    assert [sheet.cell(1, at).value for at in range(1, 8)] == list(HEADINGS)
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].number_format) == ("007", "s", "@")
    assert (sheet["G2"].value, sheet["G2"].data_type) == ("=1+1", "s")  # a text, never a live formula
    assert sheet["B4"].value == 'Mok\nmet "oor"'
    found = marks(sheet)
    assert {ref: colour for ref, (colour, _) in found.items()} == {"B3": YELLOW, "C4": RED, "B5": RED}
    assert "too-long (one)" in found["B3"][1]
    assert found["B5"][1].startswith("error missing-required (one): title is empty\nFix: ")
    assert len(listed(book["Issues"])) == len(issues)


def test_the_list_holds_every_issue_and_leads_to_its_cell(tmp_path):
    book, issues = handed_back(project(tmp_path, "catalog.csv", as_csv()))
    sheet = book["Issues"]
    rows = listed(sheet)
    expected = [(str(one.severity), one.code, one.product or None, one.message, one.place.row) for one in issues]
    assert [
        (row["Severity"], row["Code"], row["Product"], row["What is wrong"], int(row["Row"])) for row in rows
    ] == expected
    long = next(number for number, row in enumerate(rows, 2) if row["Code"] == "invalid-price")
    # the record stands in line 4 and, as the one before it has one line, in row 4 of the sheet
    assert sheet.cell(long, 9).hyperlink.location == "'catalog.csv'!C4"
    after = next(number for number, row in enumerate(rows, 2) if row["Product"] == "10")
    assert rows[after - 2]["Row"] == "6"
    assert sheet.cell(after, 9).hyperlink.location == "'catalog.csv'!B5"
    assert sheet.auto_filter.ref == f"A1:N{len(rows) + 1}"
    assert sheet.freeze_panes == "A2"


def test_the_counts_are_those_of_the_issues(tmp_path):
    book, issues = handed_back(project(tmp_path, "catalog.csv", as_csv()))
    rows = [row for row in listed(book["Counts"]) if row["Code"]]
    found = {(row["Severity"], row["Feed"], row["Code"]): row["Issues"] for row in rows}
    assert found == dict(Counter((str(one.severity), one.feed or "catalog", one.code) for one in issues))


def test_a_workbook_comes_back_with_all_that_was_in_it(tmp_path):
    whole = as_workbook()
    folder = project(tmp_path, "catalog.xlsx", whole)
    book, _ = handed_back(folder)
    assert book.sheetnames == ["Issues", "Counts", "Info", "Prijzen & co"]
    before, sheet = openpyxl.load_workbook(io.BytesIO(whole))["Prijzen & co"], book["Prijzen & co"]
    assert [[cell.value for cell in row] for row in sheet] == [[cell.value for cell in row] for row in before]
    assert [[cell.number_format for cell in row] for row in sheet] == [
        [cell.number_format for cell in row] for row in before
    ]
    found = marks(sheet)
    assert {ref: colour for ref, (colour, _) in found.items()} == {"G2": YELLOW, "B3": YELLOW, "C4": RED, "B5": RED}
    assert found["C4"][1] == "mine"  # a comment of the merchant's stays; the list has what is wrong
    assert sheet["C4"].font.bold
    assert found["B5"][1].startswith("error missing-required (one)")
    assert sheet["A2"].hyperlink.target == "https://www.shop.example"
    assert (str(sheet.merged_cells), sheet.auto_filter.ref) == ("I1:J1", "A1:G5")
    assert sheet.defined_names["area"].attr_text == "'Prijzen & co'!$A$1:$G$5"
    assert [bool(one.sheet_view.tabSelected) for one in book] == [True, False, False, False]
    assert book.active.title == "Issues"


def test_parts_that_nothing_is_wrong_with_are_the_same_bytes(tmp_path):
    whole = as_workbook()
    out = io.BytesIO()
    execute(
        Request(project=project(tmp_path, "catalog.xlsx", whole), workers=1), lambda report: xlsx_report(report, out)
    )
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(out) as after:
        assert after.testzip() is None
        kept = {"xl/theme/theme1.xml", "docProps/app.xml", "docProps/core.xml"}
        assert kept <= set(before.namelist())
        assert all(before.read(name) == after.read(name) for name in kept)
        assert set(before.namelist()) <= set(after.namelist())
        assert len(after.namelist()) == len(set(after.namelist()))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("catalog.json", '[{"id": "1", "title": "", "price": "1.00"}]'),
        (
            "catalog.xml",
            "<items><item><id>1</id><title/><price>1.00</price></item><item><id>2</id><title>a</title><price>1</price></item></items>",
        ),
    ],
)
def test_of_other_sources_there_is_the_list(tmp_path, name, content):
    book, issues = handed_back(project(tmp_path, name, content))
    assert book.sheetnames == ["Issues", "Counts"]
    assert len(listed(book["Issues"])) == len(issues) > 0


def test_two_runs_make_the_same_bytes(tmp_path):
    folder = project(tmp_path, "catalog.xlsx", as_workbook())
    outs = [io.BytesIO(), io.BytesIO()]
    for out in outs:
        execute(Request(project=folder, workers=1), lambda report, out=out: xlsx_report(report, out))
    assert outs[0].getvalue() == outs[1].getvalue()


def table_of(rows, headings=("id", "title")):
    return ReadTable("c.csv", None, "csv", None, 1, headings, lambda: iter(rows))


def report_of(issues, *tables):
    counts = Counter((one.severity, one.feed, one.code) for one in issues)
    return Report("0", (), 0, (), counts, lambda: iter(issues), tables=tables)


TEXTS = st.text(st.characters(blacklist_categories=()), max_size=20)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), st.lists(TEXTS, max_size=3))
def test_any_text_comes_back_as_it_was(rows, messages):
    """Law: whatever stands in a cell or a message, both readers open the workbook, and texts of XML are unchanged."""
    issues = [Issue("code", Severity.ERROR, text, Place("c.csv", 2, "title"), value=text) for text in messages]
    clean = [tuple(cell.encode("utf-8", "ignore").decode() for cell in row) for row in rows]
    out = io.BytesIO()
    xlsx_report(report_of(issues, table_of(enumerate(clean, 2))), out)
    sheet = openpyxl.load_workbook(out)["c.csv"]
    for number, row in enumerate(clean, 2):
        for column, text in enumerate(row, 1):
            value = sheet.cell(number, column).value
            if text.isprintable():
                assert (value or "") == text.replace("_x", "_x005F_x") or (value or "") == text
    assert python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(out.getvalue())).sheet_names == [
        "Issues",
        "Counts",
        "c.csv",
    ]


def test_more_than_fits_is_told(monkeypatch):
    monkeypatch.setattr(grid, "MOST_LINKS", 3)
    monkeypatch.setattr("feedsmith.run.handback.handed.MOST_NOTES", 4)
    monkeypatch.setattr("feedsmith.run.handback.workbook.MOST_ROWS", 10)
    monkeypatch.setattr("feedsmith.run.handback.listing.MOST_ROWS", 8)
    issues = [Issue("code", Severity.ERROR, "wrong", Place("c.csv", row, "title")) for row in range(2, 22)]
    out = io.BytesIO()
    xlsx_report(report_of(issues, table_of([(row, (str(row), "x")) for row in range(2, 22)])), out)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Issues", "Issues 2", "Issues 3", "Counts", "c.csv"]
    assert sum(len(listed(book[name])) for name in book.sheetnames[:3]) == 20
    told = [row[4] for row in book["Counts"].iter_rows(values_only=True) if row[4]]
    assert any("5 faulty cells have a colour and no comment" in note for note in told)
    assert any("more rows than a sheet" in note for note in told)
    assert len(marks(book["c.csv"])) == 9


def test_a_cell_that_does_not_fit_is_told():
    out = io.BytesIO()
    xlsx_report(report_of([], table_of([(2, ("1", "x" * 40_000))])), out)
    book = openpyxl.load_workbook(out)
    assert len(book["c.csv"]["B2"].value) == 32_767
    told = [row[4] for row in book["Counts"].iter_rows(values_only=True) if row[4]]
    assert "c.csv: 1 cells hold more than 32,767 characters; here they are cut." in told


def test_memory_does_not_grow_with_rows_and_issues(tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "MOST_LINKS", 100)
    monkeypatch.setattr("feedsmith.run.handback.handed.MOST_NOTES", 100)

    def peak(rows):
        def issues():
            return (
                Issue("code", Severity.ERROR, f"wrong {row}", Place("c.csv", row, "title")) for row in range(2, rows)
            )

        counts = Counter({(Severity.ERROR, "", "code"): rows})
        table = ReadTable(
            "c.csv", None, "csv", None, 1, ("id", "title"), lambda: ((row, (str(row), "x")) for row in range(2, rows))
        )
        report = Report("0", (), 0, (), counts, issues, tables=(table,))
        with (tmp_path / "report.xlsx").open("wb") as file:
            tracemalloc.start()
            xlsx_report(report, file)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    assert peak(8_000) < peak(2_000) + 500_000


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_sheet_is_coloured_whatever_the_blocks(size):
    xml = (
        b'<worksheet xmlns="m"><sheetViews><sheetView tabSelected="1"/></sheetViews><sheetData>'
        b'<row r="1"><c r="A1" s="2"/></row><row r="3" spans="1:3"><c r="B3"><v>1</v></c></row><row r="4"/>'
        b"<row><c><v>5</v></c></row></sheetData><conditionalFormatting><extLst/></conditionalFormatting>"
        b"<pageMargins/><tableParts/><extLst/></worksheet>"
    )
    blocks = [xml[at : at + size] for at in range(0, len(xml), size)]
    error = Severity.ERROR
    faults = [
        (1, {1: error, 2: error}),
        (2, {1: error}),
        (3, {1: error, 2: error, 3: error}),
        (4, {2: error}),
        (5, {1: error}),
    ]
    made = b"".join(coloured_sheet(blocks, faults, lambda style, _: style + 10, "d"))
    assert b"tabSelected" not in made
    assert b'<row r="1"><c r="A1" s="12"/><c r="B1" s="10"/></row>' in made
    assert b'<row r="3" spans="1:3"><c r="A3" s="10"/><c s="10" r="B3"><v>1</v></c><c r="C3" s="10"/></row>' in made
    assert b'<row r="4"><c r="B4" s="10"/></row><row><c s="10"><v>5</v></c></row></sheetData>' in made
    assert made.index(b"<pageMargins/>") < made.index(b"<legacyDrawing") < made.index(b"<tableParts/>")


def test_comments_join_those_of_the_sheet():
    before = '<x:comments xmlns:x="m"><x:authors><x:author>me</x:author></x:authors><x:commentList><x:comment ref="B2"/></x:commentList></x:comments>'
    made = notes.comments_part([notes.Note("A1", 1, 1, "a & b")], before)
    assert notes.taken(made) == {"A1", "B2"}
    assert '<x:comment ref="A1" authorId="1"><x:text><x:t xml:space="preserve">a &amp; b</x:t>' in made
