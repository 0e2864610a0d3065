"""Fields that take several columns of a delimited file, and the dialects: what is written reads back equal."""

import csv
import io
import json
import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.field import FieldDefinition
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoding import encode, encode_all
from feedsmith.values.column import Column
from tests.render.helpers import cells, delimited, jsons, read_csv, read_json, read_xml, xml
from tests.render.test_encoders import TEXT

D = Decimal

LISTS = st.lists(st.none() | st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=4)
SIZE = {
    "type": "group",
    "group": {"width": {"type": "measure"}, "price": {"type": "money"}, "note": {"name": "remark"}},
}
GROUPS = [{"price": D("4.9"), "price" + CURRENCY: "EUR", "note": "a;b"}, {"price": D(5), "price" + CURRENCY: "JPY"}]


def whole(encoder, batch, size, delimiter=","):
    """The heading and the rows as the standard library reads them; the encoder's own reader counts the same."""
    head = encoder.context([cell.field for cell in batch])["header"] + "\n"
    items = [f"{text}\n" for text in encoder.items(batch, size)]
    assert encoder.read_back(head, items, "").items == size
    return read_csv([head[:-1], *(text[:-1] for text in items)], delimiter)


# Headings and cells


@pytest.mark.parametrize(
    ("definition", "values", "headings", "rows"),
    [
        ({"name": "image_{n}", "repeat": {"max": "3", "columns": "numbered"}}, [["a", "b"], None, ["a", "b", "c"]],
         ["image_1", "image_2", "image_3"], [["a", "b", ""], ["", "", ""], ["a", "b", "c"]]),
        ({"name": "img[{n}].url", "repeat": {"max": "2", "columns": "numbered", "first": "0"}}, [["a"]],
         ["img[0].url", "img[1].url"], [["a", ""]]),
        ({"name": "label", "repeat": {"max": "2", "columns": "repeated"}}, [["a"], ["a", "b"]],
         ["label", "label"], [["a", ""], ["a", "b"]]),
        ({"repeat": {"max": "9", "columns": "json"}}, [["a", 'b"'], None], ["x"], [['["a","b\\""]'], [""]]),
        ({"repeat": {"max": "9", "columns": "json"}, "type": "number"}, [[D("1.50"), 2]], ["x"], [["[1.50,2]"]]),
        ({"name": "p_{n}", "repeat": {"max": "2", "columns": "numbered"}, "type": "money"}, [[D(1), D("2.5")]],
         ["p_1", "p_2"], [["1.00 EUR", "2.50 EUR"]]),
        ({**SIZE, "columns": "flat"}, [GROUPS[0], None, GROUPS[1]],
         ["x_width", "x_price", "remark"], [["", "4.90 EUR", "a;b"], ["", "", ""], ["", "5 JPY", ""]]),
        ({**SIZE, "columns": "json"}, [GROUPS[0], None], ["x"], [['{"price":"4.90 EUR","remark":"a;b"}'], [""]]),
        ({**SIZE, "columns": "json", "repeat": {"max": "9"}}, [GROUPS], ["x"],
         [['[{"price":"4.90 EUR","remark":"a;b"},{"price":"5 JPY"}]']]),
        ({**SIZE, "columns": "flat", "name": "offer_{n}", "repeat": {"max": "2", "columns": "numbered"}}, [GROUPS],
         ["offer_1_width", "offer_1_price", "remark", "offer_2_width", "offer_2_price", "remark"],
         [["", "4.90 EUR", "a;b", "", "5 JPY", ""]]),
        ({"type": "group", "columns": "flat", "repeat": {"max": "2", "columns": "numbered", "first": "0"},
          "group": {"url": {"name": "video[{n}].url"},
                    "tag": {"name": "video[{n}].tag[{n}]", "repeat": {"max": "2", "columns": "numbered", "first": "0"}}}},
         [[{"url": "u", "tag": ["a", "b"]}, {"url": "v"}]],
         ["video[0].url", "video[0].tag[0]", "video[0].tag[1]", "video[1].url", "video[1].tag[0]", "video[1].tag[1]"],
         [["u", "a", "b", "v", "", ""]]),
        ({**SIZE, "order": ["note", "price"], "repeat": {"max": "2", "columns": "repeated"}}, [GROUPS],
         ["x", "x"], [["a;b:4.90 EUR", ":5 JPY"]]),
    ],
)  # fmt: skip
def test_columns_of_a_field(definition, values, headings, rows):
    batch = [cells("sku", ["s"] * len(values)), cells("x", values, **definition)]
    read = whole(delimited(), batch, len(values))
    assert read == [["sku", *headings], *(["s", *row] for row in rows)]
    printed = delimited().bare(batch[1])
    assert read_csv(printed) == [row if len(row) > 1 or row[0] else [] for row in rows]


def test_currencies_of_numbered_money_go_with_the_row():
    field = {"type": "money", "name": "p{n}", "repeat": {"max": "2", "columns": "numbered"}}
    batch = [cells("x", [[D(1)], [D(2), D(3)]], Column(["EUR", "JPY"]), **field)]
    assert read_csv(delimited().items(batch, 2)) == [["1.00 EUR", ""], ["2 JPY", "3 JPY"]]


def test_numbered_names_are_members_and_elements_elsewhere():
    batch = [cells("x", [["a", "b"], None], name="img_{n}", repeat={"max": "3", "columns": "numbered"})]
    assert read_json(jsons().items(batch, 2)) == [{"img_1": "a", "img_2": "b"}, {}]
    assert read_xml(xml().items(batch, 2)) == [{"img_1": ["a"], "img_2": ["b"]}, {}]
    flat = [cells("x", [GROUPS[0]], **SIZE, columns="flat")]
    assert read_json(jsons().items(flat, 1)) == [{"x_price": "4.90 EUR", "remark": "a;b"}]


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({"repeat": {"columns": "numbered"}, "name": "a_{n}"}, "needs `max`"),
        ({"repeat": {"columns": "repeated"}}, "needs `max`"),
        ({"repeat": {"columns": "repeated", "max": "3", "else": "warn"}}, "no place for more"),
        ({"repeat": {"columns": "numbered", "max": "3"}, "name": "a"}, "name with `{n}`"),
        ({"repeat": {"columns": "numbered", "max": "3"}}, "name with `{n}`"),
        ({"columns": "flat"}, "only a field of type group"),
        ({**SIZE, "columns": "flat", "repeat": {"max": "3"}}, "several groups as columns"),
        ({"type": "money", "form": "nubmer"}, "minor object"),
        ({"wrap": '{"a": {value}'}, "wrap is not valid JSON"),
        ({"wrap": '{"a": "{value}"}'}, "in quotes"),
        ({"wrap": '{"a": 1}'}, "once"),
        ({"wrap": "[{value}, {value}]"}, "once"),
        ({"wrap_each": "[{value}]"}, "repeated"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(definition, says):
    with pytest.raises(ValueError, match=says.replace("{", r"\{")):
        FieldDefinition.model_validate(definition)


# Laws


@settings(max_examples=60, deadline=None)
@given(LISTS, st.sampled_from(["needed", "all"]))
def test_any_list_reads_back_from_its_columns(values, quote):
    encoder = delimited(quote=quote)
    many = {"max": "4", "columns": "numbered"}
    batch = [
        cells("a", values, name="a{n}", repeat=many),
        cells("b", values, repeat={**many, "columns": "repeated"}),
        cells("c", values, repeat={**many, "columns": "json"}),
    ]
    _, *rows = whole(encoder, batch, len(values))
    for row, value in zip(rows, values, strict=True):
        padded = [*(value or []), *[""] * (4 - len(value or []))]
        assert row[:8] == [*padded, *padded]
        assert json.loads(row[8] or "null") == value


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | TEXT, min_size=1, max_size=4))
def test_any_group_reads_back_from_its_columns(values):
    groups = [{"name": value, "more": "x"} if value is not None else None for value in values]
    one = {"type": "group", "group": {"name": {}, "more": {}}}
    batch = [cells("a", groups, **one, columns="flat"), cells("b", groups, **one, columns="json")]
    _, *rows = whole(delimited(delimiter="\t"), batch, len(values), "\t")
    for (name, more, written), group in zip(rows, groups, strict=True):
        assert (name, more) == ((group["name"], "x") if group else ("", ""))
        assert json.loads(written or "null") == group


def unquoted(text, delimiter):
    """A text of a list or group taken apart at a sign, as the channel reads it: parts may stand in quotes."""
    return re.findall(rf'(?:^|{delimiter})((?:[^{delimiter}"]|"(?:[^"]|"")*")*)', text)


def plain(text):
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


@settings(max_examples=60, deadline=None)
@given(LISTS)
@example([["a,b", 'c"d', "e\tf", "g\nh"]])
def test_any_list_reads_back_from_a_quoted_cell(values):
    encoder = delimited(delimiter="\t", lists="quoted")
    batch = [cells("id", ["1"] * len(values)), cells("a", values, repeat={"max": "9"})]
    _, *rows = whole(encoder, batch, len(values), "\t")
    for (_, cell), value in zip(rows, values, strict=True):
        read = next(csv.reader(io.StringIO(cell, newline=""), strict=True), None) if value else None
        assert read == value
        assert [plain(part) for part in unquoted(cell, ",")] == (value or [""])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3), min_size=1, max_size=3))
@example([[("a:b", "c,d"), ('"', "\n")]])
def test_any_groups_read_back_from_a_quoted_cell(values):
    groups = [[{"name": one, "value": two} for one, two in row] for row in values]
    field = {"type": "group", "group": {"name": {}, "value": {}}, "repeat": {"max": "9"}}
    batch = [cells("id", ["1"] * len(values)), cells("a", groups, **field)]
    _, *rows = whole(delimited(delimiter="\t", lists="quoted"), batch, len(values), "\t")
    for (_, cell), row in zip(rows, values, strict=True):
        assert [tuple(map(plain, unquoted(group, ":"))) for group in unquoted(cell, ",")] == row


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | TEXT, min_size=1, max_size=4), st.sampled_from(["\t", ";", ","]), st.integers(1, 2))
def test_a_file_without_quotes_has_one_line_an_item(values, delimiter, columns):
    encoder = delimited(delimiter=delimiter, quote="never")
    batch = [cells(f"a{number}", values) for number in range(columns)]
    items = encoder.items(batch, len(values))
    head = encoder.context([cell.field for cell in batch])["header"]
    assert encoder.read_back(head + "\n", [f"{text}\n" for text in items], "").items == len(values)
    for text, value in zip(items, values, strict=True):
        fixed = re.sub(rf"\r\n|\n|\r|{delimiter}", " ", value or "")
        assert text.split(delimiter) == [fixed] * columns


ENCODINGS = ["utf-8", "utf-16", "ascii", "cp1250", "cp1252", "iso-8859-1", "iso-8859-2", "iso-8859-15"]


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, max_size=4), st.sampled_from(ENCODINGS))
@example(["😀", "é"], "utf-16")
def test_sizes_are_those_of_the_bytes(texts, encoding):
    dialect = Dialect(encoding=encoding)
    fitting = [text.encode(dialect.codec, "ignore").decode(dialect.codec) for text in texts]
    pieces = [encode(text, dialect) for text in fitting]
    assert encode_all(fitting, dialect) == pieces
    whole = encode(dialect.mark, dialect) + b"".join(pieces)
    assert whole.decode(encoding) == "".join(fitting)


def test_what_an_encoding_lacks_is_named():
    with pytest.raises(ValueError, match="'ł', which cp1252 lacks"):
        encode("Miłość", Dialect(encoding="cp1252"))


def test_the_bytes_are_read_back():
    encoder = delimited(encoding="cp1252")
    assert encoder.read_back("a,b\n", ["é,x\n"], "", "é,x\n".encode("cp1252")).items == 1
    with pytest.raises(ValueError, match="widths"):
        encoder.read_back("a,b\n", ["é,x\n"], "", "é;x\n".encode("cp1252"))
