"""What the encoders write, read again by independent readers."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import joined, piece
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure
from tests.render.helpers import cells, delimited, jsons, read_csv, read_json, read_xml, xml

# Laws: any text reads back equal

NASTY = ["]]>", "&nbsp; & <b>", '"', "a\nb\r\nc", "\u2028", "😀", "\ue001", "100 %s %%", "{} {0} {{ x }}", "$& $1 \\1", "a;b,c\td",
         "&amp;", "=1+1", "\x7f", "'", "\\", "</g:title>", " a "]  # fmt: skip
XML_TEXT = st.characters(
    exclude_categories=["Cs"], exclude_characters=[*map(chr, [*range(9), 11, 12, *range(14, 32)]), "\ufffe", "\uffff"]
)
TEXT = (
    st.text(XML_TEXT, min_size=1, max_size=8)
    | st.sampled_from(NASTY)
    | st.tuples(*[st.sampled_from(NASTY)] * 3).map("".join)
)
COLUMN = st.lists(st.none() | TEXT, min_size=1, max_size=5)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | TEXT, TEXT, st.none() | st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=5
    )
)
@example([(text, text, [text, text]) for text in NASTY])
def test_any_text_reads_back_equal(rows):
    title, brand, images = (list(column) for column in zip(*rows, strict=True))
    batch = [
        cells("title", title),
        cells("brand", brand),
        cells("image", images, repeat={"max": "9"}),
        cells("none", [None] * len(rows)),
    ]
    expected = [
        {name: value for name, value in (("title", one), ("brand", two), ("image", more)) if value is not None}
        for one, two, more in rows
    ]
    assert read_json(jsons().items(batch, len(rows))) == expected
    plain = [{name: value if name == "image" else [value] for name, value in row.items()} for row in expected]
    assert read_xml(xml().items(batch, len(rows))) == plain
    single = [[row.get("title", ""), row["brand"], ""] for row in expected]
    assert read_csv(delimited().items([batch[0], batch[1], batch[3]], len(rows))) == single


@settings(max_examples=60, deadline=None)
@given(COLUMN, st.sampled_from([";", "\t", "|", ","]), st.sampled_from(["needed", "all"]))
def test_any_dialect_reads_back_equal(values, delimiter, quote):
    encoder = delimited(delimiter=delimiter, quote=quote)
    texts = encoder.items([cells("a", values), cells("b", values)], len(values))
    assert read_csv(texts, delimiter) == [[value or ""] * 2 for value in values]
    alone = encoder.items([cells("a", values)], len(values))
    assert read_csv(alone, delimiter) == [[value or ""] for value in values]


@settings(max_examples=60, deadline=None)
@given(COLUMN)
def test_a_group_with_any_text_reads_back_equal(values):
    groups = [{"name": value, "more": "x"} if value is not None else None for value in values]
    lists = [[group, group] if group else None for group in groups]
    one = {"type": "group", "group": {"name": {}, "more": {}}}
    batch = [cells("one", groups, **one), cells("many", lists, **one, repeat={"max": "9"})]
    assert read_json(jsons().items(batch, len(values))) == [
        {"one": group, "many": [group, group]} if group else {} for group in groups
    ]
    assert read_xml(xml().items(batch, len(values))) == [
        {"one": [{"name": [group["name"]], "more": ["x"]}], "many": [{"name": [group["name"]], "more": ["x"]}] * 2}
        if group
        else {}
        for group in groups
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.none() | TEXT, TEXT), min_size=1, max_size=4))
def test_items_are_the_bare_values_with_what_stands_around_them(rows):
    columns = [cells("a", [one for one, _ in rows]), cells("b", [two for _, two in rows])]
    for encoder, form in (
        (xml(), lambda name, bare: f"<g:{name}>{bare}</g:{name}>"),
        (jsons(), lambda name, bare: f'"{name}": {bare}'),
    ):
        bare = [encoder.bare(column) for column in columns]
        mark = "\n    " if encoder == xml() else ", "
        by_hand = [
            mark.join(
                form(column.field.name, texts[row])
                for column, texts in zip(columns, bare, strict=True)
                if column.column[row] is not None
            )
            for row in range(len(rows))
        ]
        assert encoder.items(columns, len(rows)) == by_hand
    encoder = delimited(delimiter=";")
    assert encoder.items(columns, len(rows)) == list(map(";".join, zip(*map(encoder.bare, columns), strict=True)))


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3)), max_size=4))
def test_pieces_are_joined_in_order(rows):
    pieces = [piece([value, value], before, after) for before, value, after in rows]
    assert joined(pieces, 2) == ["".join(before + value + after for before, value, after in rows)] * 2


@settings(max_examples=40, deadline=None)
@given(COLUMN, st.integers(1, 4))
def test_an_item_is_the_same_in_any_batch(values, size):
    when = [datetime(2026, 11, 27, 0, 0, tzinfo=timezone(timedelta(hours=len(value or "") % 3))) for value in values]
    for encoder in (xml(), jsons(), delimited()):

        def write(start, end, encoder=encoder):
            batch = [cells("a", values[start:end]), cells("d", when[start:end], type="moment")]
            return encoder.items(batch, end - start)

        ends = [min(start + size, len(values)) for start in range(0, len(values), size)]
        pieces = [
            text for start, end in zip(range(0, len(values), size), ends, strict=True) for text in write(start, end)
        ]
        assert pieces == write(0, len(values))


# Types

D = Decimal
START = datetime(2026, 11, 27, tzinfo=timezone(timedelta(hours=1)))
END = datetime(2026, 11, 30, 23, 59, 59, tzinfo=timezone(timedelta(hours=1)))
FORMS = [
    ("money", {}, D("85.10"), "85.10 EUR"),
    ("money", {}, D("85.1"), "85.10 EUR"),
    ("money", {"form": "{amount}"}, D(12), "12.00"),
    ("money", {"form": "{currency}{amount}"}, D("0.5"), "EUR0.50"),
    ("moment", {}, START, "2026-11-27T00:00+0100"),
    ("moment", {"form": "colon"}, START, "2026-11-27T00:00+01:00"),
    ("moment", {"form": "seconds"}, START, "2026-11-27T00:00:00+01:00"),
    ("date", {"form": "day"}, START, "2026-11-27"),
    ("period", {}, (START, END), "2026-11-27T00:00+0100/2026-11-30T23:59:59+0100"),
    ("flag", {"form": "yes/no"}, True, "yes"),
    ("flag", {"form": "yes/no"}, False, "no"),
    ("flag", {"form": "TRUE/FALSE"}, False, "FALSE"),
    ("measure", {}, Measure(D("1.50"), "kg"), "1.50 kg"),
    ("measure", {"form": "{amount}{unit}"}, Measure(D(20), "in"), "20in"),
    ("measure", {"form": "{amount}"}, Measure(D("1E+3"), "g"), "1000"),
    ("gtin", {}, "0036000291452", "0036000291452"),
    ("choice", {"values": {"a": "a"}}, "a", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "more", "value", "text"), FORMS)
def test_a_type_in_its_form(kind, more, value, text):
    one, many = {"type": kind, **more}, {"type": kind, "repeat": {"max": "9"}, **more}
    assert read_xml(xml().items([cells("a", [value, None], **one)], 2)) == [{"a": [text]}, {}]
    assert read_json(jsons().items([cells("a", [value, None], **one)], 2)) == [{"a": text}, {}]
    assert read_csv(delimited().items([cells("a", [value, None], **one), cells("b", ["x", "x"])], 2)) == [
        [text, "x"],
        ["", "x"],
    ]
    assert read_xml(xml().items([cells("a", [[value, value], None], **many)], 2)) == [{"a": [text, text]}, {}]
    assert read_csv(delimited().items([cells("a", [[value, value]], **many)], 1)) == [[f"{text},{text}"]]
    assert read_json(jsons().items([cells("a", [[value, value]], **many)], 1)) == [{"a": [text, text]}]


@pytest.mark.parametrize(
    ("kind", "value", "text"), [("number", D("1.50"), "1.50"), ("integer", 12, "12"), ("number", D("1E+2"), "100")]
)
def test_numbers_are_numbers_in_json_and_plain_elsewhere(kind, value, text):
    assert read_xml(xml().items([cells("a", [value], type=kind)], 1)) == [{"a": [text]}]
    assert read_csv(delimited().items([cells("a", [value], type=kind)], 1)) == [[text]]
    (written,) = read_json(jsons().items([cells("a", [value], type=kind)], 1))
    assert written["a"] == value
    assert not isinstance(written["a"], str)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("85.10", "EUR", "85.10"),
        ("1500", "JPY", "1500"),
        ("1.5", "KWD", "1.500"),
        ("1234567.5", "EUR", "1234567.50"),
        ("0", "EUR", "0.00"),
    ],
)
def test_money_has_the_places_of_its_currency(amount, currency, text):
    for currencies in (currency, Column([currency, None])):
        batch = [cells("price", [Decimal(amount), None], currencies, type="money")]
        assert read_xml(xml().items(batch, 2)) == [{"price": [f"{text} {currency}"]}, {}]
        assert read_csv(delimited(delimiter=";", decimal=",").items(batch, 2), ";") == [
            [f"{text.replace('.', ',')} {currency}"],
            [""],
        ]
        assert read_json(jsons().items(batch, 2)) == [{"price": f"{text} {currency}"}, {}]


def test_money_of_several_currencies_in_one_batch():
    currencies = Column(["EUR", "JPY", "KWD"])
    batch = [cells("price", [D("85.10"), D(85), D("8.5")], currencies, type="money")]
    expected = ["85.10 EUR", "85 JPY", "8.500 KWD"]
    assert [item["price"] for item in read_json(jsons().items(batch, 3))] == expected
    assert [item["price"] for item in read_xml(xml().items(batch, 3))] == [[text] for text in expected]


def test_money_as_number_and_as_object_in_json():
    (written,) = jsons().items([cells("price", [D("85.10")], type="money", form="number")], 1)
    assert written == '"price": 85.10'
    (written,) = jsons().items([cells("price", [D("85.1")], Column(["EUR"]), type="money", form="object")], 1)
    assert written == '"price": {"amount":85.10,"currency":"EUR"}'


def test_flags_are_flags_in_json_unless_they_have_a_form():
    assert read_json(jsons().items([cells("a", [True, False, None], type="flag")], 3)) == [
        {"a": True},
        {"a": False},
        {},
    ]


def test_decimal_comma_in_numbers_and_measures():
    batch = [cells("n", [D("1.5")], type="number"), cells("m", [Measure(D("2.5"), "kg")], type="measure")]
    assert read_csv(delimited(delimiter=";", decimal=",").items(batch, 1), ";") == [["1,5", "2,5 kg"]]


def test_the_same_instant_in_two_zones_is_written_in_each():
    london = START.astimezone(UTC)
    batch = [cells("d", [START, london, START], type="date", form="day")]
    assert delimited().bare(batch[0]) == ["2026-11-27", "2026-11-26", "2026-11-27"]
    both = cells("p", [(START, END), (london, END)], type="period")
    assert [text[:22] for text in xml().bare(both)] == ["2026-11-27T00:00+0100/", "2026-11-26T23:00+0000/"]


# Groups and repeats

SHIPPING = {
    "type": "group",
    "group": {"country": {}, "service": {}, "price": {"type": "money"}, "sorts": {"repeat": {"max": "3"}}},
    "order": ["country", "service", "price"],
}
ROWS = [
    {"country": "NL", "price": D("4.9"), "price" + CURRENCY: "EUR"},
    {"country": "DE", "service": "DHL & co", "price": D(500), "price" + CURRENCY: "JPY", "sorts": ["a", "b"]},
]


def test_groups_in_each_format():
    batch = [cells("shipping", [ROWS, None], **SHIPPING, repeat={"max": "9"})]
    assert read_xml(xml().items(batch, 2)) == [
        {"shipping": [
            {"country": ["NL"], "price": ["4.90 EUR"]},
            {"country": ["DE"], "service": ["DHL & co"], "price": ["500 JPY"], "sorts": ["a", "b"]},
        ]},
        {},
    ]  # fmt: skip
    assert read_json(jsons().items(batch, 2)) == [
        {"shipping": [
            {"country": "NL", "price": "4.90 EUR"},
            {"country": "DE", "service": "DHL & co", "price": "500 JPY", "sorts": ["a", "b"]},
        ]},
        {},
    ]  # fmt: skip
    assert read_csv(delimited().items(batch, 2)) == [["NL::4.90 EUR,DE:DHL & co:500 JPY"], [""]]


def test_an_attribute_has_its_own_name():
    batch = [cells("shipping", [{"price": D(5), "price" + CURRENCY: "EUR"}], type="group",
                   group={"price": {"type": "money", "form": "{amount}", "name": "shipping_price"}})]  # fmt: skip
    assert read_json(jsons().items(batch, 1)) == [{"shipping": {"shipping_price": "5.00"}}]
    assert read_xml(xml().items(batch, 1)) == [{"shipping": [{"shipping_price": ["5.00"]}]}]


def test_an_address_with_the_joining_sign_stays_one_address():
    urls = ["https://a.example/1,2.jpg", "https://a.example/3.jpg"]
    assert read_csv(delimited().items([cells("i", [urls], type="url", repeat={"max": "9"})], 1)) == [
        ["https://a.example/1%2C2.jpg,https://a.example/3.jpg"]
    ]
    assert read_csv(delimited().items([cells("i", [urls], type="url", repeat={"max": "9"}, join="|")], 1)) == [
        ["|".join(urls)]
    ]


def test_items_without_any_value():
    batch = [cells("a", [None, None]), cells("b", [None, None], repeat={"max": "9"})]
    assert xml().items(batch, 2) == ["", ""]
    assert jsons().items(batch, 2) == ["", ""]
    assert delimited(delimiter=";").items(batch, 2) == [";", ";"]


def test_bare_values():
    text, empty = cells("a", ['x & "y"', None]), cells("b", [["p", "<q>"], None], repeat={"max": "9"})
    assert xml().bare(text) == ['x &amp; "y"', ""]
    assert xml().bare(empty) == ["<g:b>p</g:b>\n    <g:b>&lt;q&gt;</g:b>", ""]
    assert jsons().bare(text) == ['"x & \\"y\\""', "null"]
    assert jsons().bare(empty) == ['["p","<q>"]', "null"]
    assert delimited().bare(text) == ['"x & ""y"""', ""]


def test_fixed_texts_and_the_heading_line():
    fields = [cells("a,b", []).field, cells("c", [], name="price").field]
    assert delimited().context(fields) == {"header": '"a,b",price'}
    assert delimited(quote="all").context(fields) == {"header": '"a,b","price"'}
    assert xml().context(fields) == jsons().context(fields) == {}
    assert xml().fixed('<"&') == "&lt;&quot;&amp;"
    assert json.loads(jsons().fixed('"\n')) == '"\n'
    assert delimited().fixed("a,b") == '"a,b"'
