"""Workbooks: rows as XML, read again by the reader of catalogs and by a second one."""

import io
import zipfile
from decimal import Decimal

import pytest
import python_calamine
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsmith.definitions.channel import Dialect
from feedsmith.render.xlsx import DECLARATION, ROW, SHEET, Layout, Slot, XlsxEncoder, workbook_parts
from feedsmith.sources.xlsx_package import Package, read_workbook
from feedsmith.sources.xlsx_sheet import SheetReader
from tests.render.helpers import cells
from tests.render.test_encoders import TEXT

ANY = TEXT | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
ENCODER = XlsxEncoder(Dialect())


def book(batch, size, encoder=ENCODER, sheet="Feed & more"):
    """A workbook of these rows as bytes."""
    context = encoder.context([cell.field for cell in batch])
    items = [f"{text}\n" for text in encoder.items(batch, size)]
    assert encoder.read_back(context["header"], items, context["footer"]).items == size
    rows = [text.replace(ROW, str(number)) for number, text in enumerate(items, encoder.first_row)]
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in workbook_parts(sheet).items():
            archive.writestr(name, DECLARATION + text)
        archive.writestr(SHEET, context["header"] + "".join(rows) + context["footer"])
    return raw


def read(raw):
    """The rows as our own reader of catalogs gives them, all as wide as the first."""
    with zipfile.ZipFile(raw) as archive:
        package = Package(archive, "book.xlsx")
        rows = [texts for _, texts in SheetReader(package, read_workbook(package), SHEET).rows()]
    return [row + [""] * (len(rows[0]) - len(row)) for row in rows]


def test_types_of_cells():
    batch = [
        cells("gtin", ["0036000291452", None], type="gtin"),
        cells("title", ["=1+1", "  a\nb\t<&>\"' "]),
        cells("stock", [12, None], type="integer"),
        cells("weight", [Decimal("1.50"), Decimal("0.30")], type="number"),
        cells("price", [Decimal(5), None], type="money"),
        cells("cents", [Decimal("19.99"), None], type="money", form="minor"),
        cells("amount", [Decimal("19.9"), None], type="money", form="number"),
        cells("img", [["a", "b"], ["c"]], name="img_{n}", repeat={"max": "2", "columns": "numbered"}),
        cells("tags", [["x", "y"], None], repeat={"max": "2"}),
        cells("sold", [True, False], type="flag"),
    ]
    raw = book(batch, 2, XlsxEncoder(Dialect(decimal=",")))
    heading = ["gtin", "title", "stock", "weight", "price", "cents", "amount", "img_1", "img_2", "tags", "sold"]
    assert read(raw) == [
        heading,
        ["0036000291452", "=1+1", "12", "1.5", "5,00 EUR", "1999", "19.9", "a", "b", "x,y", "yes"],
        ["", "  a\nb\t<&>\"' ", "", "0.3", "", "", "", "c", "", "", "no"],
    ]
    raw.seek(0)
    sheet = python_calamine.CalamineWorkbook.from_filelike(raw)
    assert sheet.sheet_names == ["Feed & more"]
    assert sheet.get_sheet_by_index(0).to_python() == [
        heading,
        ["0036000291452", "=1+1", 12, 1.5, "5,00 EUR", 1999, 19.9, "a", "b", "x,y", "yes"],
        ["", "  a\nb\t<&>\"' ", "", 0.3, "", "", "", "c", "", "", "no"],
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.none() | ANY, ANY), min_size=1, max_size=4))
@example([("_x0041_", "_x005F_x0041_"), ("\r\n", "\x00\x01\ufffe"), (None, "_x00"), ("]]>", "\x7f\u2028")])
def test_any_text_reads_back_equal(rows):
    batch = [cells("a", [one for one, _ in rows]), cells("b", [two for _, two in rows])]
    assert read(book(batch, len(rows))) == [["a", "b"], *([one or "", two] for one, two in rows)]


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=3, unique=True))
def test_any_heading_reads_back_equal(names):
    batch = [cells("k", ["1"], name=name) for name in names]
    assert read(book(batch, 1, sheet=names[0][:31])) == [names, ["1"] * len(names)]


def test_an_owners_columns_are_taken_in_their_order():
    slots = {"b": [Slot(1, 7)], "a": [Slot(28), Slot(2, 3)], "n": [Slot(3)]}
    encoder = XlsxEncoder(Dialect(), Layout("<head/>", "<foot/>", 9, slots))
    batch = [
        cells("x", ["1"], name="a"), cells("y", ["2"], name="b"), cells("z", ["3"], name="a"),
        cells("none", ["4"]), cells("n", [5], type="integer"), cells("b2", ["6"], name="b"),
    ]  # fmt: skip
    (row,) = encoder.items(batch, 1)
    assert row.replace(ROW, "9") == (
        '<row r="9"><c r="A9" s="7" t="inlineStr"><is><t xml:space="preserve">2</t></is></c>'
        '<c r="B9" s="3" t="inlineStr"><is><t xml:space="preserve">3</t></is></c>'
        '<c r="C9"><v>5</v></c>'
        '<c r="AB9" t="inlineStr"><is><t xml:space="preserve">1</t></is></c></row>'
    )
    assert encoder.context([]) == {"header": "<head/>", "footer": "<foot/>"}


def test_what_is_printed_alone_is_plain():
    batch = cells("img", [["a", "b"], ["c"]], name="img_{n}", repeat={"max": "2", "columns": "numbered"})
    assert ENCODER.bare(batch) == ["a b", "c"]
    assert ENCODER.bare(cells("t", ["<a>", None])) == ["<a>", ""]


def test_broken_rows_are_noticed():
    with pytest.raises(ValueError, match="well-formed"):
        ENCODER.read_back("<a>", ["<row></a>"], "</a>")
