import io
import os
import pickle
import zipfile

import pytest

from feedsmith.errors import DefinitionError, OutputError, SourceError
from feedsmith.issues import Place, Severity
from feedsmith.sources import kinds
from feedsmith.sources.csv_part import read_part, read_table
from feedsmith.sources.parts import BrokenPartError, Part, plan_parts
from feedsmith.sources.table import ReadOptions, check_unchanged, open_table


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


OLE = kinds.OLE + bytes(600)
REFUSED = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\n \r\n\t\n", "the file is empty"),
    "blank after the mark": (b"\xef\xbb\xbf\n\n", "no heading row"),
    "one endless line": (b"x" * (1 << 20) + b"\xc3\xa9", "the first line is longer than"),
    "headings only": (b"sku,title\r\n", "has a heading row but no products"),
    "headings and blank lines": (b"sku,title\n\n  \n", "has a heading row but no products"),
    "pdf": (b"%PDF-1.7\n", "this is a PDF file"),
    "html": (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "this is an HTML page"),
    "zip": (zipped(**{"catalog.csv": "sku\n1\n"}), "this is a zip archive"),
    "ods": (zipped(**{"content.xml": "", "mimetype": ""}), "this is an OpenDocument file"),
    "xlsb": (zipped(**{"xl/workbook.bin": ""}), "this is a binary workbook (.xlsb)"),
    "docx": (zipped(**{"word/document.xml": ""}), "this is a Word document"),
    "zip cut off": (zipped(**{"xl/workbook.xml": "x" * 500})[:200], "damaged or cut off"),
    "xls": (OLE + "Workbook".encode("utf-16-le"), "this is an old .xls workbook"),
    "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "password protected"),
    "doc": (OLE, "this is an old Office document"),
    "bare utf-16": ("sku,title\n1,a\n".encode("utf-16-le"), "probably utf-16-le"),
    "bare utf-16, big end first": ("sku,title\n1,a\n".encode("utf-16-be"), "probably utf-16-be"),
    "utf-16 cut off": ("sku,title\n1,a\n".encode("utf-16")[:-1], "not utf-16"),
}


@pytest.mark.parametrize(("content", "problem"), REFUSED.values(), ids=REFUSED)
def test_refused(opened, content, problem):
    with pytest.raises(SourceError) as raised:
        opened(content)
    assert problem in raised.value.problem
    assert raised.value.exit_code == 5
    assert raised.value.place.path == "catalog.csv"
    assert raised.value.hint


def test_special_files_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, problem in {"missing.csv": "cannot be read", ".": "this is a folder", "pipe": "no ordinary file"}.items():
        with pytest.raises(SourceError, match=problem):
            open_table(tmp_path / name, ReadOptions(), tmp_path, name)


def test_windows_1252_is_named_with_the_way_to_declare_it(opened):
    text = "sku;naam;prijs\n1;Stoel;5,00\n2;Café-tafel;€ 12,00\n"
    with pytest.raises(SourceError) as raised:
        opened(text.encode("cp1252"))
    assert raised.value.place == Place("catalog.csv", 3)
    assert raised.value.problem == "byte 6 of the line is 0xE9, which is not utf-8; the file is probably windows-1252"
    assert "`encoding: windows-1252`" in raised.value.hint
    table = opened(text.encode("cp1252"), encoding="windows-1252")
    assert table.encoding == "cp1252"
    assert [list(batch.columns["naam"]) for batch in read_table(table)] == [["Stoel", "Café-tafel"]]


PROBABLE = {
    "windows-1252": "Größe;Müller Straße\n",
    "macintosh": "Größe;Müller Straße\n",
    "windows-1250": "Żółta koszula męska łódź;ścieżka\n",
    "windows-1251": "Синяя рубашка мужская;Красная\n",
    "shift_jis": "商品名;青いシャツ\n",
}


@pytest.mark.parametrize(("encoding", "text"), PROBABLE.items(), ids=PROBABLE)
def test_probable_encoding(opened, encoding, text):
    with pytest.raises(SourceError, match=f"probably {encoding}"):
        opened(("sku;name\n" + text).encode(encoding))


def test_a_bad_byte_far_from_the_start_is_told_with_its_line(opened):
    rows = b"".join(b'%d,"two\nlines"\n' % number for number in range(100_000))
    table = opened(b"sku,title\n" + rows + b"x,caf\xe9\n")
    with pytest.raises(SourceError) as raised:
        list(read_table(table))
    assert raised.value.place.row == 200_002
    assert raised.value.problem.startswith("byte 6 of the line is 0xE9")


def test_a_bad_byte_in_a_declared_encoding(opened):
    with pytest.raises(SourceError) as raised:
        opened(b"sku,title\n1,a\n2,\x81\n", encoding="windows-1252")
    assert raised.value.place.row == 3


DELIMITERS = {
    "comma": ("a,b,c\n1,2,3\n", ","),
    "decimal commas": ("a;b,c\n1,5;2\n1,6;3\n", ";"),
    "tab": ("a\tb, c\n1\t2\n", "\t"),
    "pipe": ("a|b\n1|2,5\n", "|"),
    "one column": ("title\nred, blue\ngreen; white\n", "\t"),
    "in quotes": ('"a;b;c",d\n"1;2;3",4\n', ","),
    "told": ("sep=|\na|b;c\n1|2;3\n", "|"),
    "told in quotes": ('"sep=;"\r\na;b\r\n1;2\r\n', ";"),
}


@pytest.mark.parametrize(("text", "delimiter"), DELIMITERS.values(), ids=DELIMITERS)
def test_delimiter(opened, text, delimiter):
    assert opened(text).dialect.delimiter == delimiter


HEADINGS = {
    "stripped": ('\ufeff\n" sku\t",\ufefftitle\u00a0\n1,2\n', ("sku", "title"), []),
    "blank": ("sku,,\n1,2,3\n", ("sku", "column 2", "column 3"), [Severity.INFO]),
    "blank and taken": ("column 2,\n1,2\n", ("column 2", "column 2#2"), [Severity.INFO]),
    "repeated": ("a,b,a,a\n1,2,3,4\n", ("a", "b", "a#2", "a#3"), [Severity.WARNING] * 2),
    "repeated and taken": ("a,a#2,a\n1,2,3\n", ("a", "a#2", "a#3"), [Severity.WARNING]),
    "by case": ("a,A\n1,2\n", ("a", "A"), []),
    "over lines": ('"a\nb",c\n1,2\n', ("a\nb", "c"), []),
}


@pytest.mark.parametrize(("text", "headings", "severities"), HEADINGS.values(), ids=HEADINGS)
def test_headings(opened, text, headings, severities):
    table = opened(text)
    assert table.headings == headings
    assert [issue.severity for issue in table.issues] == severities
    assert {issue.code for issue in table.issues} <= {"unknown-column"}


TITLES = {
    "a title": ("Price list 2026\n\nsku;title;price\n1;Chair;5,00\n", 3),
    "a title with empty cells": ("Price list;;;\nsku;title;brand;price\n1;Chair;Oak;5\n", 2),
    "two lines of title": ("Shop\nwww.shop.example;;;;\nsku;title;brand;price;stock\n1;Chair;Oak;5;2\n", 3),
    "headings half blank": ("sku;;;\n1;2;3;4\n5;6;7;8\n", 1),
    "none": ("sku;title;price\n1;Chair;5,00\n", 1),
}


@pytest.mark.parametrize(("text", "line"), TITLES.values(), ids=TITLES)
def test_titles_above_the_headings(opened, text, line):
    table = opened(text)
    assert (table.header_row, table.dialect.delimiter, table.headings[0]) == (line, ";", "sku")
    assert [issue.code for issue in table.issues if issue.code == "title-row"] == ["title-row"] * (line > 1)


def test_a_first_row_with_a_gtin_is_no_heading(opened, rows_of):
    table = opened("9520000005009;Chair;5,00\n9520000005016;Table;7,50\n")
    assert table.headings == ("column 1", "column 2", "column 3")
    assert [row[1] for _, row in rows_of(read_table(table))] == ["Chair", "Table"]
    assert [line for line, _ in rows_of(read_table(table))] == [1, 2]
    assert "holds the GTIN 9520000005009" in table.issues[0].message


SECTIONED = "name;size;price\nCHAIRS;;\nOak;M;5\n;;\nTABLES;;\nSmall\nPine;S;7\nElm;;9\nAsh;;\n"


def test_titles_of_sections_become_a_column(opened, rows_of):
    table = opened(SECTIONED.replace("Small\n", "\n\nOLD ONES;;\n"))
    assert table.headings == ("section", "name", "size", "price")
    assert [row[:2] for _, row in rows_of(read_table(table))] == [
        ["CHAIRS", "Oak"], ["OLD ONES", "Pine"], ["OLD ONES", "Elm"], ["OLD ONES", "Ash"],
    ]  # fmt: skip
    assert [(issue.code, issue.place.row) for issue in table.issues] == [("section-row", 2)]


def test_a_row_with_one_cell_that_may_be_a_product_stays(opened, rows_of):
    table = opened("name;size;price\nOak;M;5\nPine\n\n4711;;\nElm;;9\n\nAsh;;\n")
    assert [row[0] for _, row in rows_of(read_table(table))] == ["Oak", "Pine", "4711", "Elm", "Ash"]


def test_declared_that_there_are_no_headings(opened, rows_of):
    table = opened("A1;Chair\nA2;Table\n", header_row=0)
    assert rows_of(read_table(table)) == [(1, ["A1", "Chair"]), (2, ["A2", "Table"])]


def test_header_row_and_skipped_rows(opened, rows_of):
    table = opened('Price list "2026\n\nsku,title\nyour code,"the\nname"\n1,a\n', header_row=3, skip_rows=1)
    assert (table.headings, table.header_row) == (("sku", "title"), 3)
    assert rows_of(read_table(table)) == [(6, ["1", "a"])]


def test_quotes_that_mean_nothing(opened, rows_of):
    table = opened('sku;size\n1;5" wide\n2;"x\n', quote="")
    assert rows_of(read_table(table)) == [(2, ["1", '5" wide']), (3, ["2", '"x'])]


def test_another_quote(opened, rows_of):
    for quote in ("'", "«"):
        table = opened(f"sku,title\n1,{quote}a,\nb{quote}\n2,c\n", quote=quote)
        assert rows_of(read_table(table)) == [(2, ["1", "a,\nb"]), (4, ["2", "c"])]


@pytest.mark.parametrize(
    "options",
    [
        {"encoding": "windows-9999"},
        {"encoding": "base64"},
        {"delimiter": "||"},
        {"quote": "\n"},
        {"escape": '"', "quote": '"'},
        {"header_row": -1},
        {"skip_rows": -1},
    ],
    ids=str,
)
def test_options_that_cannot_be_used(opened, options):
    with pytest.raises(DefinitionError):
        opened("sku,title\n1,a\n", **options)


def test_a_changed_file_is_noticed(opened):
    table = opened("sku,title\n1,a\n", "changing.csv")
    check_unchanged(table)
    table.source.write_text("sku,title\n1,b and more\n")
    with pytest.raises(SourceError, match="changed while it was read"):
        check_unchanged(table)
    table.source.unlink()
    with pytest.raises(SourceError, match="changed while it was read"):
        check_unchanged(table)


def test_a_file_that_became_shorter_is_noticed(opened):
    table = opened("sku,title\n" + "1,a\n" * 100, "shorter.csv")
    part = next(plan_parts(table))
    table.source.write_text("sku,title\n1,a\n")
    with pytest.raises(SourceError, match="became shorter"):
        next(read_part(table, part))
    table.source.unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        next(read_part(table, part))


def test_a_spool_that_cannot_be_written(tmp_path):
    path = tmp_path / "catalog.csv"
    path.write_text("sku,title\n1,a\n", encoding="utf-16")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutputError):
        open_table(path, ReadOptions(), blocked / "spool", "catalog.csv")


def test_a_failed_spool_is_removed(tmp_path):
    path = tmp_path / "catalog.csv"
    path.write_bytes(b"sku,title\n1,\x81\n")
    with pytest.raises(SourceError):
        open_table(path, ReadOptions(encoding="windows-1252"), tmp_path / "spool", "catalog.csv")
    assert list((tmp_path / "spool").iterdir()) == []


def test_tables_and_errors_travel_between_processes(opened):
    table = opened("sku,title\n1,a\n")
    assert pickle.loads(pickle.dumps(table)) == table  # noqa: S301 - our own bytes
    error = BrokenPartError(Place("a.csv", 3), "problem", "hint", Part(1, 2, 3, 4))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(copy), copy.part, copy.exit_code) == (str(error), error.part, 5)
