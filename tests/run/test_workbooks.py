"""Feeds as workbooks: our own, cut into several files, and an owner's template of which all else stays as it was."""

import io
import re
import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from feedsmith.errors import DefinitionError
from feedsmith.issues import Severity
from tests.helpers import write_tree
from tests.run.helpers import CHANNEL, HEADINGS, catalog, export, feeds, part_size, rows, stamps

PROJECT = "catalog: catalog.csv\nmarket: {currency: EUR}\nfeeds:\n  one: {channel: one, MORE}\n"
SHEET = "xl/worksheets/sheet2.xml"


def shop(folder, more="", feed="title: t", number=25, products=None):
    channel = CHANNEL.format(format="xlsx", more=more, twice="keep_first").replace("nr: {}", "nr: {type: integer}")
    project = PROJECT.replace("MORE", feed)
    text = catalog(products or rows(number))
    return write_tree(folder, {"feedsmith.yaml": project, "catalog.csv": text, "channels/one.yaml": channel})


def read(path, sheet=None):
    """The rows of a sheet as openpyxl reads them."""
    book = openpyxl.load_workbook(path)
    found = book[sheet] if sheet else book.worksheets[0]
    return [list(row) for row in found.iter_rows(values_only=True)]


def parts(source):
    with zipfile.ZipFile(source) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


# Our own workbooks


def test_a_workbook_of_our_own(tmp_path):
    products = [row | {"id": f"00{row['nr']}"} for row in rows(25)]
    products[4]["id"] = products[3]["id"]
    folder = shop(tmp_path, "sheet: Products", products=products)
    with part_size(700):
        ran = export(folder)
    path = folder / "out" / "one.xlsx"
    head, *found = read(path, "Products")
    kept = [product for at, product in enumerate(products) if at != 4]
    assert head == list(HEADINGS)
    assert [row[0] for row in found] == [product["id"] for product in kept]
    assert [row[6] for row in found] == [int(product["nr"]) for product in kept]
    assert ran.feed("one").items == 24
    book = openpyxl.load_workbook(path)
    assert book.active.freeze_panes == "A2"
    assert (book.active["A1"].font.b, book.active["A2"].number_format, book.active["G2"].number_format) == (
        True, "@", "General",
    )  # fmt: skip


def test_an_unchanged_feed_is_an_unchanged_file(tmp_path):
    folder = shop(tmp_path)
    export(folder)
    before = stamps(folder)
    assert export(folder).states == ["unchanged"]
    assert stamps(folder) == before
    with part_size(500):
        assert export(folder, workers=2).states == ["unchanged"]
    (folder / "catalog.csv").write_text(catalog(rows(26)))
    assert export(folder).states == ["published"]


@pytest.mark.parametrize("envelope", ["{items: 7}", "{bytes: 9000}"])
def test_more_rows_make_numbered_workbooks(tmp_path, envelope):
    folder = shop(tmp_path, f"envelope: {envelope}")
    with part_size(700):
        ran = export(folder)
    files = sorted((folder / "out").iterdir(), key=lambda path: int(path.stem.partition("-")[2]))
    assert len(files) > 1
    sheets = [read(path) for path in files]
    assert all(sheet[0] == list(HEADINGS) for sheet in sheets)
    assert [row[6] for sheet in sheets for row in sheet[1:]] == list(range(1, 26))
    assert [file.items for file in ran.feed("one").files] == [len(sheet) - 1 for sheet in sheets]
    if "bytes" in envelope:
        assert all(path.stat().st_size <= 9000 for path in files)
    else:
        assert all(len(sheet) <= 8 for sheet in sheets)


def test_a_text_that_is_too_long_for_a_cell_is_cut_and_told(tmp_path):
    products = rows(2)
    products[1]["brand"] = "b" * 40_000
    folder = shop(tmp_path, products=products)
    ran = export(folder)
    assert [(issue.field, issue.product) for issue in ran.found("too-long")] == [("brand", "SKU-2")]
    assert read(folder / "out" / "one.xlsx")[2][5] == "b" * 32_767


def test_a_workbook_is_not_compressed_again(tmp_path):
    with pytest.raises(DefinitionError, match="compressed already"):
        export(shop(tmp_path, feed="output: one.xlsx.gz"))


# An owner's template


def template(change=None, headings=("nr", "id *", "id", "price", "title", "Nachricht", "color", "brand")):
    """A template as an owner might make it; the data sheet is the second of four."""
    book = openpyxl.Workbook()
    book.properties.modified = book.properties.created = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001
    book.active.title = "Uitleg"
    book.active["A1"] = "Fill in the second sheet"
    sheet = book.create_sheet("Gegevens")
    sheet["A1"] = "Version 3"
    for column, heading in enumerate(headings, 1):
        sheet.cell(2, column, heading).font = Font(b=True, color="FF0000")
        sheet.cell(3, column, f"what {heading} is")
        example = sheet.cell(4, column, "example")
        example.number_format = "@" if column % 2 else "General"
        example.fill = PatternFill("solid", fgColor="FFFF00")
    sheet["A5"] = "another example"
    sheet.column_dimensions["E"].width = 60
    sheet.conditional_formatting.add("A4:A99", CellIsRule(operator="equal", formula=["3"], font=Font(b=True)))
    sheet.freeze_panes = "A4"
    sheet["A2"].comment = Comment("the number", "owner")
    validation = DataValidation(type="list", formula1="Lijst", allow_blank=True)
    validation.add("G4:G1000")
    sheet.add_data_validation(validation)
    hidden = book.create_sheet("Lijsten")
    hidden.sheet_state = "hidden"
    for row, value in enumerate(("rood", "blauw"), 1):
        hidden.cell(row, 1, value)
    book.defined_names["Lijst"] = DefinedName("Lijst", attr_text="Lijsten!$A$1:$A$2")
    charts = book.create_sheet("Grafiek")
    chart = BarChart()
    chart.add_data(Reference(hidden, min_col=1, min_row=1, max_row=2))
    charts.add_chart(chart, "B2")
    if change:
        change(book, sheet)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


FILLED = "workbook: owner/template.xlsx, header_row: 2, first_row: 4"


def filled(folder, raw, feed=FILLED, **more):
    shop(folder, feed=feed, **more)
    write_tree(folder, {"owner/template.xlsx": raw})
    return export(folder)


def test_all_else_of_a_template_stays_as_it_was(tmp_path):
    raw = template()
    ran = filled(tmp_path, raw)
    path = tmp_path / "out" / "one.xlsx"
    before, after = parts(io.BytesIO(raw)), parts(path)
    assert list(after) != []
    assert {name: data for name, data in after.items() if name != SHEET} == {
        name: data for name, data in before.items() if name != SHEET
    }
    assert (tmp_path / "owner/template.xlsx").read_bytes() == raw
    assert ran.states == ["published"]
    book, old = openpyxl.load_workbook(path), openpyxl.load_workbook(io.BytesIO(raw))
    assert book.sheetnames == ["Uitleg", "Gegevens", "Lijsten", "Grafiek"]
    sheet, was = book["Gegevens"], old["Gegevens"]
    assert [[cell.value for cell in row] for row in sheet["A1:H3"]] == [
        [cell.value for cell in row] for row in was["A1:H3"]
    ]
    assert sheet.data_validations.dataValidation[0].sqref == was.data_validations.dataValidation[0].sqref
    assert sheet.data_validations.dataValidation[0].formula1 == "Lijst"
    assert [str(area.sqref) for area in sheet.conditional_formatting] == ["A4:A99"]
    assert (sheet.column_dimensions["E"].width, sheet.freeze_panes, sheet["A2"].comment.text) == (
        60,
        "A4",
        "the number",
    )
    assert (sheet["E2"].font.color.rgb, len(book["Grafiek"]._charts)) == ("00FF0000", 1)


def test_rows_stand_below_their_headings_in_the_examples_style(tmp_path):
    ran = filled(tmp_path, template(), number=3)
    sheet = openpyxl.load_workbook(tmp_path / "out" / "one.xlsx")["Gegevens"]
    found = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert found == [
        [nr, None, f"SKU-{nr}", f"{nr % 90 + 10}.95 EUR", f"Deken nummer {nr}", None, "rood", "Kaap"]
        for nr in (1, 2, 3)
    ]
    assert [sheet.cell(6, column).number_format for column in (1, 3, 4)] == ["@", "@", "General"]
    assert sheet.cell(6, 5).fill.fgColor.rgb == "00FFFF00"
    told = {(issue.severity, issue.message) for issue in ran.found("unknown-column")}
    assert told == {
        (Severity.WARNING, "the workbook has no heading for item_group_id; the values are not sent"),
        (Severity.INFO, "the heading 'id *' of the workbook is no field of the channel; its cells stay empty"),
        (Severity.INFO, "the heading 'Nachricht' of the workbook is no field of the channel; its cells stay empty"),
    }
    assert {str(issue.place) for issue in ran.found("unknown-column")} == {"owner/template.xlsx[Gegevens]:2"}


def test_a_template_can_be_filled_again_and_in_several_files(tmp_path):
    filled(tmp_path, template(), more="envelope: {items: 10}")
    assert list(feeds(tmp_path)) == ["one-1.xlsx", "one-2.xlsx", "one-3.xlsx"]
    assert [row[0] for row in read(tmp_path / "out" / "one-3.xlsx", "Gegevens")[3:]] == [21, 22, 23, 24, 25]
    assert export(tmp_path).states == ["unchanged"]


def test_formulas_and_merged_cells_among_the_examples_are_told(tmp_path):
    def change(book, sheet):
        sheet["C4"] = "=A4&1"
        sheet["D4"] = "=A4&2"
        sheet.merge_cells("A5:B6")
        sheet.merge_cells("A1:C1")

    ran = filled(tmp_path, template(change))
    told = [issue.message.partition(": ")[2] for issue in ran.issues if "loss" in issue.message]
    assert told == [
        "2 formulas in the rows that the items replace",
        "merged cells among the rows of items, which hide the values below them",
    ]


def test_an_item_without_any_heading_of_the_template_is_an_empty_row(tmp_path):
    products = [row | {"brand": "" if row["nr"] == "2" else "Kaap"} for row in rows(3)]
    optional = "id: {}\n  title: {}\n  price: {type: money}\n  old_id: "
    shop(tmp_path, feed=FILLED, products=products)
    write_tree(tmp_path, {"owner/template.xlsx": template(headings=("brand",))})
    path = tmp_path / "channels/one.yaml"
    path.write_text(re.sub(r"id: \{required.*\n.*\n.*\n", f"{optional}{{}}\n", path.read_text(), count=1))
    export(tmp_path)
    assert [row[0] for row in read(tmp_path / "out" / "one.xlsx", "Gegevens")[3:]] == ["Kaap", None, "Kaap"]


def test_the_chain_of_formulas_goes_with_them(tmp_path):
    raw = io.BytesIO()
    entry = b'<Override PartName="/xl/calcChain.xml" ContentType="x"/></Types>'
    before = parts(io.BytesIO(template(lambda book, sheet: sheet.__setitem__("C4", "=A4"))))
    with zipfile.ZipFile(raw, "w") as archive:
        for name, data in before.items():
            archive.writestr(name, data.replace(b"</Types>", entry) if name == "[Content_Types].xml" else data)
        archive.writestr("xl/calcChain.xml", "<calcChain/>")
    filled(tmp_path, raw.getvalue())
    after = parts(tmp_path / "out" / "one.xlsx")
    assert {name: data for name, data in after.items() if name != SHEET} == {
        name: data for name, data in before.items() if name != SHEET
    }


def test_macros_stay_and_name_the_file(tmp_path):
    raw = io.BytesIO(template())
    with zipfile.ZipFile(raw, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf macro")
    shop(tmp_path, feed="workbook: t.xlsm, header_row: 2, first_row: 4")
    write_tree(tmp_path, {"t.xlsm": raw.getvalue()})
    export(tmp_path)
    assert parts(tmp_path / "out" / "one.xlsm")["xl/vbaProject.bin"] == b"\xd0\xcf macro"


@pytest.mark.parametrize(
    ("feed", "raw", "says"),
    [
        (FILLED, template(headings=("id", "prijs", "title")), r"owner/template\.xlsx\[Gegevens\]:2: has no heading 'price'"),
        (FILLED, template(headings=("a", "b")), "row 2 of .* none of the channel's headings"),
        (FILLED + ", sheet: Data", template(), "there is no sheet `Data`\n  hint: the sheets are `Uitleg`, `Gegevens`"),
        ("workbook: owner/template.xlsx", template(), "row 1 of "),
        (FILLED, b"no workbook", "no workbook that can be filled"),
        ("workbook: none.xlsx", b"", "none.xlsx: cannot be read"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_filled(tmp_path, feed, raw, says):
    with pytest.raises(DefinitionError, match=says):
        filled(tmp_path, raw, feed)
    assert not (tmp_path / "out").exists()


def test_only_a_channel_of_workbooks_takes_one(tmp_path):
    folder = shop(tmp_path, feed="workbook: a.xlsx")
    path = folder / "channels/one.yaml"
    path.write_text(path.read_text().replace("format: xlsx", "format: csv"))
    with pytest.raises(DefinitionError, match="takes no workbook"):
        export(folder)
