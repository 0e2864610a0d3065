import pytest

from feedsmith.errors import SourceError
from feedsmith.issues import Severity
from feedsmith.sources import dialect, parts
from feedsmith.sources.csv_part import read_part, read_table
from feedsmith.sources.parts import PART_BYTES, BrokenPartError, plan_parts, plan_parts_in_series


def test_a_quote_in_an_unquoted_cell_is_read_in_series(opened, rows_of):
    rows = [(f"{number}", f'{number}" wide' if number == 5 else '"a\nb"') for number in range(200)]
    table = opened("sku,size\n" + "".join(f"{sku},{size}\n" for sku, size in rows))
    with pytest.raises(BrokenPartError):
        [list(read_part(table, part)) for part in plan_parts(table, 100)]
    read = rows_of(read_table(table))
    assert [row for _, row in read] == [[sku, size.strip('"') if "\n" in size else size] for sku, size in rows]
    assert read[-1][0] == 2 + 2 * 199 - 1


def test_no_border_for_long_is_a_broken_part(opened, monkeypatch, rows_of):
    monkeypatch.setattr(parts, "MAX_LINE", 1000)
    table = opened('sku,size\n1,5" wide\n' + "2,a\n" * 2000)
    with pytest.raises(BrokenPartError) as raised:
        list(plan_parts(table, 100))
    series = list(plan_parts_in_series(table, raised.value.part, 100))
    assert sum(len(batch) for part in series for batch in read_part(table, part)) == 2001
    assert rows_of(read_table(table))[-1] == (2002, ["2", "a"])


def test_an_unclosed_quote_names_the_line_of_its_record(opened):
    table = opened('sku,title\n1,"a\nb"\n2,"never closed\n' + "3,c\n" * 50)
    with pytest.raises(SourceError) as raised:
        list(read_table(table))
    assert raised.value.place.row == 4
    assert "a quote is opened and never closed" in raised.value.problem


def test_text_after_a_closing_quote_names_its_line(opened):
    table = opened('sku,title\n1,a\n2,"b"c\n')
    with pytest.raises(SourceError, match="text follows a closing quote") as raised:
        list(read_table(table))
    assert raised.value.place.row == 3


def test_an_unclosed_quote_in_the_headings(opened):
    with pytest.raises(SourceError, match="a quote is opened and never closed") as raised:
        opened('sku,"title\n1,a\n', delimiter=",")
    assert raised.value.place.row == 1


def test_a_cell_above_the_cap(opened):
    table = opened("sku,title\n1,a\n2," + "x" * (dialect.MAX_CELL + 1) + "\n")
    with pytest.raises(SourceError, match="longer than 1048576 characters") as raised:
        list(read_table(table))
    assert raised.value.place.row == 3


def test_a_line_above_the_cap(opened):
    table = opened("sku,title\n1,a\n2," + "x," * (dialect.MAX_LINE) + "\n3,b\n")
    with pytest.raises(SourceError, match="line is longer than") as raised:
        list(plan_parts_in_series(table))
    assert raised.value.place.row == 3


def test_parts_are_of_a_fixed_size_and_hold_whole_records(opened, rows_of):
    table = opened("sku,title\r\n" + "".join(f'{number},"a\r\nb"\r\n' for number in range(200_000)))
    planned = list(plan_parts(table))
    assert len(planned) == 2
    assert all(abs(part.end - part.start - PART_BYTES) < 100 for part in planned[:-1])
    last = rows_of(read_part(table, planned[-1]))
    assert last[0][0] == planned[-1].first_line
    assert last[-1] == (2 * 200_000, ["199999", "a\r\nb"])


def test_a_file_cut_at_any_byte_is_noticed_unless_cut_at_a_row(opened, rows_of):
    """A cut behind the last cell's first character, or at the end of a row, leaves a file that looks whole."""
    text = "sku,title,size\n" + "".join(f'{number},"title, of\n{number}",L{number}\n' for number in range(5))
    rows = rows_of(read_table(opened(text)))
    for size in range(len("sku,title,size\n") + 1, len(text)):
        table = opened(text[:size])
        try:
            read = rows_of(read_table(table))
        except SourceError:
            continue
        assert [row[:2] for _, row in read] == [row[:2] for _, row in rows[: len(read)]]
        assert text[:size].endswith("\n") or "," in text[:size].rpartition('"')[2]


RAGGED = {
    "too long": ("1,2,3\n", [], [("ragged-row", Severity.ERROR, 2)]),
    "delimiter at the end": ("1,2,,\n", [["1", "2"]], []),
    "too short": ("1\n", [["1", None]], [("ragged-row", Severity.WARNING, 2)]),
    "blank lines": ("\n\n1,2\n\n", [["1", "2"]], [("empty-row", Severity.INFO, 2), ("empty-row", Severity.INFO, 5)]),
    "only delimiters": (",,,,\n1,2\n", [["1", "2"]], [("empty-row", Severity.INFO, 2)]),
    "blanks are a value": (" , \n", [[" ", " "]], []),
    "NUL is kept": ("a\0,2\n", [["a\0", "2"]], []),
}


@pytest.mark.parametrize(("text", "rows", "issues"), RAGGED.values(), ids=RAGGED)
@pytest.mark.parametrize("escape", [None, "\\"])
def test_rows_that_differ_from_the_headings(opened, rows_of, text, rows, issues, escape):
    batches = list(read_table(opened("sku,title\n" + text, delimiter=",", escape=escape)))
    assert [row for _, row in rows_of(batches)] == rows
    assert [(i.code, i.severity, i.place.row) for batch in batches for i in batch.issues] == issues


def test_blank_rows_are_told_once_per_stretch(opened):
    batches = list(read_table(opened("sku\n" + "1\n" + "\n" * 5 + "2\n")))
    assert [issue.message for batch in batches for issue in batch.issues] == ["5 blank rows are skipped."]


def test_batches_have_two_thousand_rows(opened):
    assert [len(batch) for batch in read_table(opened("sku\n" + "1\n" * 5000))] == [2000, 2000, 1000]
