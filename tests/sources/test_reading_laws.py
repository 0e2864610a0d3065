"""Laws: what csv.writer wrote is read back, whatever the dialect, the encoding and the size of the parts."""

import csv
import io

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from feedsmith.errors import SourceError
from feedsmith.sources.csv_part import read_part
from feedsmith.sources.dialect import count_lines
from feedsmith.sources.parts import BrokenPartError, plan_parts, plan_parts_in_series

NASTY = ['"', '""', ",", ";", "\t", "|", "\n", "\r", "\r\n", "\\", " ", "a", "é", "€", "0", "'", "=", "sep=;"]
WIDE = [*NASTY, "\u2028", "\x85", "\x0b", "\0", "\ufeff", "😀", "ł"]
ENCODINGS = {"utf-8": None, "utf-8-sig": None, "utf-16": None, "utf-32": None, "windows-1252": "windows-1252"}


def tables(parts):
    cell = st.lists(st.sampled_from(parts), max_size=4).map("".join)
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=12)
    )


def has_sections(table):
    """A lone word below a blank row is a title, not a row; the laws of rows leave such tables out."""
    return any(issue.code == "section-row" for issue in table.issues)


def written(rows, delimiter, end, escape, quoting):
    """The text of a file and the line at which each row starts."""
    texts, lines, line = [], [], 1
    for row in rows:
        spool = io.StringIO(newline="")
        options = {"escapechar": "\\", "doublequote": False} if escape else {}
        csv.writer(spool, delimiter=delimiter, lineterminator=end, quoting=quoting, **options).writerow(row)
        texts.append(spool.getvalue())
        lines.append(line)
        line += count_lines(texts[-1].encode())
    return "".join(texts), lines


def expected(rows, lines):
    return [(line, [cell or None for cell in row]) for line, row in zip(lines[1:], rows[1:], strict=True) if any(row)]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_written_rows_are_read_back(opened, read_in_parts, rows_of, data):
    encoding = data.draw(st.sampled_from(sorted(ENCODINGS)))
    rows = data.draw(tables(NASTY if encoding == "windows-1252" else WIDE))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    escape = data.draw(st.booleans())
    # The writer quotes a line end alone in a cell only if it is part of its own.
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])) if end == "\r\n" else csv.QUOTE_ALL
    size = data.draw(st.sampled_from([1, 7, 40, 10_000]))
    rows.insert(0, [f"heading {number}" for number in range(len(rows[0]))])
    text, lines = written(rows, delimiter, end, escape, quoting)
    options = {"delimiter": delimiter, "encoding": ENCODINGS[encoding], "escape": "\\" if escape else None}
    if not text.partition(end)[2].strip():
        return
    table = opened(text.encode(encoding), **options)
    assume(not has_sections(table))
    assert table.headings == tuple(rows[0])
    assert rows_of(read_in_parts(table, size)) == expected(rows, lines)


@settings(max_examples=100, deadline=None)
@given(rows=tables(WIDE), size=st.sampled_from([1, 7, 40]), delimiter=st.sampled_from(",;"))
def test_parts_join_and_cover_the_file_in_both_ways(opened, rows, size, delimiter):
    text, _ = written([["h"] * len(rows[0]), *rows, ["x"]], delimiter, "\r\n", False, csv.QUOTE_MINIMAL)
    table = opened(text, delimiter=delimiter)
    assume(not has_sections(table))
    for parts in (list(plan_parts(table, size)), list(plan_parts_in_series(table, size=size))):
        assert [part.index for part in parts] == list(range(len(parts)))
        borders = [table.data_offset, *(part.end for part in parts)]
        assert [part.start for part in parts] == borders[:-1]
        assert borders[-1] == len(text.encode())
        assert all(part.start < part.end for part in parts)


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(['"', 'a"', "b", ",", '"c"', '5" x', "\n", "\n", "\r\n", "\r", '"x\ny"', "é"]), max_size=40
    ),
    size=st.sampled_from([1, 5, 20]),
)
def test_a_wrong_border_is_never_unnoticed(opened, read_in_parts, rows_of, pieces, size):
    """Quotes may stand anywhere: parts give the rows of one strict reader, or both find a fault (a last row that is cut off too)."""
    text = "h,i,j\nfirst,second,third\n" + "".join(pieces)
    rows = one_reader(text)
    table = opened(text, delimiter=",")
    if rows is None:
        with pytest.raises(SourceError) as raised:
            list(read_in_parts(table, size))
        assert not isinstance(raised.value, BrokenPartError)
    else:
        assume(not has_sections(table))
        assert rows_of(read_in_parts(table, size)) == rows


def one_reader(text):
    """The rows of a strict reader over the whole text, with their lines, even in width; None for a fault."""
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, line = [], 1
    try:
        for cells in records:
            if any(cells) and not any(cells[3:]):
                rows.append((line, [cell or None for cell in [*cells, "", "", ""][:3]]))
            line = records.line_num + 1
    except csv.Error:
        return None
    cut_off = any(cells) and len(cells) < 3 and not text.endswith(("\n", "\r"))
    return None if cut_off else rows[1:]


@settings(max_examples=60, deadline=None)
@given(rows=tables(WIDE), batch_rows=st.integers(1, 5))
def test_only_the_asked_columns_are_built(opened, rows, batch_rows):
    width = len(rows[0])
    text, _ = written([[f"h{n}" for n in range(width)], *rows, ["x"] * width], ",", "\r\n", False, csv.QUOTE_MINIMAL)
    table = opened(text, delimiter=",")
    part = next(plan_parts(table))
    everything = list(read_part(table, part, batch_rows=batch_rows))
    some = list(read_part(table, part, ["h0", "other"], batch_rows))
    assert [list(batch.columns) for batch in some] == [["h0"]] * len(some)
    assert [list(batch.columns["h0"]) for batch in some] == [list(batch.columns["h0"]) for batch in everything]
    assert [batch.issues for batch in some] == [batch.issues for batch in everything]
