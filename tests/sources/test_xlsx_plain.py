"""Plain rows are read by a pattern, all else by the parser: both must read the same."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsmith.errors import SourceError
from feedsmith.sources import xlsx_plain
from feedsmith.sources.xlsx_package import Package, Workbook
from feedsmith.sources.xlsx_plain import LONGEST, PlainRows, row_pieces
from feedsmith.sources.xlsx_sheet import SheetReader

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<worksheet><sheetData>'
TAIL = "</sheetData></worksheet>"
WORKBOOK = Workbook((), ["sku", "été & co", "", "a_x0041_"], frozenset({1, 2}), frozenset({2}), since_1904=False)

VALUES = [
    "0", "3", "9", "-1", "1.50", "1e3", "1e999", "20260101", "45000.5", "0.25", "1234567890123456", "nan", "x", " 1 ",
    "a&amp;b", "&#233;", "&#x1F600;", "&#13;", "&#0;", "&#xD800;", "&other;", "&", "_x000A_", "two\nlines", "cr\rlf",
    "]]>", "a > b", "\x0b", "\ufffe", "\u00a0", "2026-11-22T00:00:00", "true", "#N/A", "é€😀", "",
]  # fmt: skip
FORMS = [
    "", ' t="s"', ' s="1"', ' s="2"', ' s="7" t="n"', ' t="str"', ' t="inlineStr"', ' t="b"', ' t="e"', ' t="d"',
    ' t="s" s="1"', ' t="z"', ' s="x"', ' cm="1" t="str"', ' t="a>b"', " t='str'", ' t="str" t="s"',
]  # fmt: skip
CONTENTS = [
    "<v>{}</v>", "<is><t>{}</t></is>", '<is><t xml:space="preserve">{}</t></is>', "<f>A1+1</f><v>{}</v>", "<f>A1</f>",
    '<f t="shared" si="0"/><v>{}</v>', "<is><r><t>{}</t></r><r><t>more</t></r></is>", "<v><![CDATA[{}]]></v>", "<v/>",
    "<v>{}</v><!-- a note -->", "<is><t>{}</t><rPh><t>aloud</t></rPh></is>", '<v xml:space="preserve">{}</v>', "",
]  # fmt: skip
BETWEEN = ["", "\n ", "<!-- </row><row> -->", "<?note </row>?>", "text", "<extLst/>"]
ROWS = [' r="{}"', ' r="{}" spans="1:3" x14ac:dyDescent="0.3"', "", ' spans="1:2"', ' r="two"', ' r=" 5"']

cells = st.builds(
    lambda column, form, content, value, between: f'<c r="{column}1"{form}>{content.format(value)}</c>{between}',
    st.sampled_from(["A", "B", "C", "D", "AB", "XFE", "ZZZZ", "a"]),
    st.sampled_from(FORMS),
    st.sampled_from(CONTENTS),
    st.sampled_from(VALUES),
    st.sampled_from([""] * 20 + BETWEEN),
)
plain_cells = st.lists(st.sampled_from(["0", "1", "é", "a&lt;b"]), max_size=4).map(
    lambda texts: "".join(
        f'<c r="{"ABCD"[at]}1" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(texts)
    )
)
rows = st.builds(
    lambda head, number, inside, between: f"<row{head.format(number)}>{inside}</row>{between}",
    st.sampled_from(ROWS[:1] * 10 + ROWS),
    st.integers(1, 40),
    st.one_of(plain_cells, st.lists(cells, max_size=3).map("".join)),
    st.sampled_from([""] * 10 + BETWEEN + ['<row r="9"/>', '<!-- <row r="1"></row>', "-->"]),
)
sheets = st.lists(rows, max_size=6).map(lambda some: HEAD + "".join(some) + TAIL)


def read(xml, block=1 << 18):
    """The rows and faults of a sheet, or that it is refused."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("sheet.xml", xml if isinstance(xml, bytes) else xml.encode("utf-8", "surrogatepass"))
    with zipfile.ZipFile(buffer) as archive:
        reader = SheetReader(Package(archive, "a.xlsx"), WORKBOOK, "sheet.xml")
        try:
            return list(reader.rows()), reader.faults, reader.more_faults
        except (SourceError, ValueError):
            return "refused"


def by_parser(xml):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainRows, "row", lambda *_: None)
        return read(xml)


@given(sheets)
@example(f'{HEAD}<!-- <row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row> -->{TAIL}')
@example(f'{HEAD}<row r="1"><c r="A1" t="s"><v>1</v></c></row>\n  <row r="4"><c r="B4"><v>7</v></c></row>{TAIL}')
@example(HEAD.replace("worksheet", "x:worksheet") + '<row r="1"><c r="A1"><v>1</v></c></row></sheetData></x:worksheet>')
def test_both_ways_read_the_same(xml):
    assert read(xml) == by_parser(xml)


@given(sheets, st.integers(0, 400), st.sampled_from(["", "<", ">", "&", '"', "</row>", "\x00", "é"]))
def test_both_ways_refuse_the_same_damage(xml, at, sign):
    at = min(at, len(xml))
    damaged = xml[:at] + sign + xml[at + 1 :]
    assert read(damaged) == by_parser(damaged)


@given(sheets, st.integers(1, 60))
def test_pieces_are_the_sheet_wherever_blocks_end(xml, size):
    content = xml.encode()
    blocks = (content[at : at + size] for at in range(0, len(content), size))
    pieces = list(row_pieces(blocks))
    assert b"".join(one if isinstance(one, bytes) else one.encode() for one in pieces) == content
    assert sum(isinstance(one, str) and one.endswith("</row>") for one in pieces) == xml.count("</row>")


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig", "utf-8"])
def test_sheets_in_other_encodings(encoding):
    declared = encoding.removesuffix("-sig")
    xml = HEAD.replace("UTF-8", declared) + '<row r="1"><c r="A1" t="str"><v>café</v></c></row>' + TAIL
    assert read(xml.encode(encoding)) == ([(1, ["café"])], [], 0)


def test_a_row_without_end_goes_to_the_parser_piece_by_piece():
    content = (HEAD + "<row>" + 2 * LONGEST * " " + "</row>" + '<row r="2"></row>' * 3 + TAIL).encode()
    blocks = (content[at : at + 4096] for at in range(0, len(content), 4096))
    pieces = list(row_pieces(blocks))
    assert all(isinstance(one, bytes) for one in pieces)
    assert max(map(len, pieces)) < 2 * LONGEST
    assert b"".join(pieces) == content


def test_plain_rows_never_reach_the_parser(monkeypatch):
    """What programs write by the thousand is plain: the pattern reads it."""
    given = [
        '<row r="2" spans="1:3"><c r="A2" s="3" t="s"><v>1</v></c><c r="C2"><v>19.95</v></c></row>',
        '<row r="2"><c r="A2" t="inlineStr"><is><t>caf&#233;</t></is></c><c r="B2" s="1"/><c r="C2" t="b"><v>1</v></c></row>',
        '<row r="2"><c r="A2" s="1"><v>45000</v></c><c r="B2" t="str"><f>A1&amp;"x"</f><v>x</v></c></row>',
    ]
    plain = PlainRows(WORKBOOK)
    assert [plain.row(row) for row in given] == [
        (2, ["été & co", "", "19.95"]),
        (2, ["café", "", "true"]),
        (2, ["2023-03-15", "x"]),
    ]
    monkeypatch.setattr(xlsx_plain, "REMEMBERED", 0)
    assert plain.row(given[0].replace('"C2"', '"D2"')) == (2, ["été & co", "", "", "19.95"])
