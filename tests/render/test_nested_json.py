"""JSON: dotted names as nested objects, fixed JSON around values, money in each of its forms."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.wrap import around, check_wrap, filled_wrap
from feedsmith.mapping.types import CURRENCY
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure
from tests.render.helpers import cells, delimited, jsons, read_csv, read_json, xml
from tests.render.test_encoders import COLUMN, TEXT

D = Decimal


def test_dotted_names_are_members_of_objects():
    batch = [
        cells("id", ["1", "2", "3"]),
        cells("p", ["9", None, None], name="pricing.price"),
        cells("t", ["x", "y", "z"], name="text.title"),
        cells("l", ["8", "7", None], name="pricing.list"),
        cells("d", ["deep", None, None], name="text.more.deep"),
        cells("none", [None] * 3, name="gone.entirely"),
    ]
    texts = jsons().items(batch, 3)
    assert read_json(texts) == [
        {"id": "1", "pricing": {"price": "9", "list": "8"}, "text": {"title": "x", "more": {"deep": "deep"}}},
        {"id": "2", "pricing": {"list": "7"}, "text": {"title": "y"}},
        {"id": "3", "text": {"title": "z"}},
    ]
    assert list(json.loads("{" + texts[0] + "}")) == ["id", "pricing", "text"]


def test_an_object_can_be_the_only_one_of_a_list():
    batch = [
        cells("c", ["EUR", "EUR"], name="a.offer[].currency"),
        cells("p", [D("19.99"), None], type="money", form="number", name="a.offer[].our_price[].schedule[].value"),
        cells("x", ["one", None], name="last[]"),
    ]
    assert read_json(jsons().items(batch, 2)) == [
        {"a": {"offer": [{"currency": "EUR", "our_price": [{"schedule": [{"value": D("19.99")}]}]}]}, "last": ["one"]},
        {"a": {"offer": [{"currency": "EUR"}]}},
    ]


def test_fields_of_one_name_are_elements_of_one_list():
    batch = [
        cells("a", ["1", None, None], name="p.all[]"),
        cells("b", [["2", "3"], None, ["4"]], repeat={"max": "9"}, name="p.all[]"),
        cells("c", ["5", "6", None], name="p.all[]", wrap='{"v": {value}}'),
        cells("d", ["x"] * 3),
    ]
    assert read_json(jsons().items(batch, 3)) == [
        {"p": {"all": ["1", "2", "3", {"v": "5"}]}, "d": "x"},
        {"p": {"all": [{"v": "6"}]}, "d": "x"},
        {"p": {"all": ["4"]}, "d": "x"},
    ]


def test_a_measure_as_a_number():
    amounts = ["0.22", "2.2E+2", "0.485016976806730677590542363"]
    batch = [cells("w", [Measure(D(amount), "kg") for amount in amounts], type="measure", form="number")]
    assert jsons().items(batch, 3) == ['"w": 0.22', '"w": 220', '"w": 0.485017']


NAMES = ["a", "b.c", "b.d", "e.f.g", "e.f.h", "e.i", "b.j[].k", "l[]"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.none() | TEXT, min_size=len(NAMES), max_size=len(NAMES)), min_size=1, max_size=3))
def test_any_text_stands_where_its_name_says(rows):
    batch = [cells(f"f{at}", [row[at] for row in rows], name=name) for at, name in enumerate(NAMES)]
    for item, row in zip(read_json(jsons().items(batch, len(rows))), rows, strict=True):
        expected: dict = {}
        for name, value in zip(NAMES, row, strict=True):
            if value is None:
                continue
            owner = expected
            *steps, last = name.split(".")
            for step in steps:
                found = owner.setdefault(step.removesuffix("[]"), [{}] if step.endswith("[]") else {})
                owner = found[0] if isinstance(found, list) else found
            owner[last.removesuffix("[]")] = [value] if last.endswith("[]") else value
        assert item == expected


def test_a_group_has_nested_attributes_and_fixed_json_of_its_own():
    field = {
        "type": "group",
        "group": {
            "price": {"type": "money", "form": "number", "name": "now.value", "wrap": "[{value}]"},
            "currency": {"name": "now.currency"},
            "tags": {"repeat": {"max": "9"}, "wrap_each": '{"tag": {value}}'},
        },
    }
    group = {"price": D("1.5"), "price" + CURRENCY: "EUR", "currency": "EUR", "tags": ["a", "b"]}
    batch = [cells("x", [group, None], **field), cells("y", [[group]] * 2, **field, repeat={"max": "9"})]
    expected = {"now": {"value": [D("1.50")], "currency": "EUR"}, "tags": [{"tag": "a"}, {"tag": "b"}]}
    assert read_json(jsons().items(batch, 2)) == [{"x": expected, "y": [expected]}, {"y": [expected]}]


@settings(max_examples=40, deadline=None)
@given(COLUMN)
def test_any_text_reads_back_from_fixed_json(values):
    wrap = '[{"value": {value}, "language_tag": "nl_NL"}]'
    lists = [[value, value] if value is not None else None for value in values]
    batch = [
        cells("a", values, wrap=wrap),
        cells("b", lists, repeat={"max": "9"}, wrap_each='{"v": {value}}', wrap='{"all": {value}}'),
        cells("c", ["1"] * len(values), type="text", wrap='{"n": {value}, "m": [1, {"k": "é"}]}'),
    ]
    for item, value in zip(read_json(jsons().items(batch, len(values))), values, strict=True):
        assert item.pop("c") == {"n": "1", "m": [D(1), {"k": "é"}]}
        if value is None:
            assert item == {}
            continue
        assert item == {"a": [{"value": value, "language_tag": "nl_NL"}], "b": {"all": [{"v": value}] * 2}}
        assert jsons().bare(batch[0])[values.index(value)].startswith('[{"value": ')


# What fixed JSON can name

WORDS = {"language": "nl", "country": "NL", "currency": "EUR", "vars.shop": 'Kaap "A" {value}\n'}


@pytest.mark.parametrize(
    ("wrap", "document"),
    [
        ('{"a": {value}, "b": {language}}', {"a": 1, "b": "nl"}),
        ('{"a": {value}, "b": "{language}_{country}"}', {"a": 1, "b": "nl_NL"}),
        ('[{value}, {vars.shop}, "<{vars.shop}>"]', [1, 'Kaap "A" {value}\n', '<Kaap "A" {value}\n>']),
        ('{"{currency}": {value}, "x": {"y": {}}, "z": "\\"{"}', {"EUR": 1, "x": {"y": {}}, "z": '"{'}),
        ("{value}", 1),
    ],
)
def test_words_are_filled_in_encoded(wrap, document):
    check_wrap(wrap)
    filled = filled_wrap(wrap, WORDS)
    before, after = around(filled)
    assert json.loads(f"{before}1{after}") == document


@pytest.mark.parametrize(
    ("wrap", "says"), [("[{value}, {vars.x}]", r"no \{vars.x\}"), ('[{value}, "{x}"]', r"no \{x\}")]
)
def test_a_word_that_the_feed_lacks_is_told(wrap, says):
    with pytest.raises(ValueError, match=says):
        filled_wrap(wrap, WORDS)


# Money

MONEY = [
    ("minor", "19.99", "EUR", 1999, "1999"),
    ("minor", "85", "JPY", 85, "85"),
    ("minor", "8.5", "KWD", 8500, "8500"),
    ("minor", "1.005", "EUR", 101, "101"),
    ("number", "19.9", "EUR", D("19.90"), "19.90"),
    ("number", "1.005", "EUR", D("1.005"), "1.005"),
    ("string", "19.9", "EUR", "19.90", "19.90"),
    ("object", "19.9", "EUR", {"amount": D("19.90"), "currency": "EUR"}, '{"amount":19.90,"currency":"EUR"}'),
    ("minor object", "19.9", "EUR", {"amount": 1990, "currency": "EUR"}, '{"amount":1990,"currency":"EUR"}'),
    (None, "19.9", "EUR", "19.90 EUR", "19.90 EUR"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "amount", "currency", "value", "text"), MONEY)
def test_money_in_each_form(form, amount, currency, value, text):
    more = {"form": form} if form else {}
    for currencies in (currency, Column([currency, currency])):
        batch = [cells("p", [D(amount), None], currencies, type="money", **more), cells("q", ["x", "x"])]
        (first, second) = read_json(jsons().items(batch, 2))
        assert (first["p"], type(first["p"])) == (value, type(value))
        assert second == {"q": "x"}
        assert read_csv(delimited().items(batch, 2)) == [[text, "x"], ["", "x"]]
    group = {"price": D(amount), "price" + CURRENCY: currency}
    batch = [cells("g", [group], type="group", group={"price": {"type": "money", **more}})]
    assert read_json(jsons().items(batch, 1)) == [{"g": {"price": value}}]
    assert f"<g:price>{text}</g:price>" in xml().items(batch, 1)[0]


# Definitions


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"fields": {"price": {}, "amount": {"name": "price.amount"}}}, "a value of its own"),
        ({"fields": {"a": {}}, "dialect": {"encoding": "cp1252"}}, "always written as UTF-8"),
        ({"format": "csv", "fields": {"a": {}}, "dialect": {"encoding": "cp1252", "bom": True}}, "byte order mark"),
        ({"format": "csv", "fields": {"a": {}}, "dialect": {"quote": "never", "delimiter": ",", "decimal": ","}}, "decimal"),
        ({"format": "csv", "fields": {"a": {"repeat": "3"}}, "dialect": {"quote": "never"}}, "cannot be quoted"),
        ({"format": "csv", "dialect": {"quote": "never"}, "fields": {"a": {"repeat": {"columns": "json"}, "join": ";"}}},
         "cannot be quoted"),
    ],
)  # fmt: skip
def test_definitions_that_cannot_be_written(more, says):
    base = {"title": "t", "owner": "o", "reference": "r", "read": "2026-11-22", "format": "json"}
    with pytest.raises(ValueError, match=says):
        ChannelDefinition.model_validate({**base, **more})


def test_a_group_can_be_a_text():
    group = {"country": {}, "region": {}, "price": {"type": "money"}}
    rows = [[{"country": "DE", "price": D("4.9"), "price" + CURRENCY: "EUR"}, {"country": "AT", "region": "9"}], None]
    one = {"type": "group", "form": "text", "group": group, "order": ["country", "region", "price"]}
    several = cells("shipping", rows, **one, repeat={}, join=";")
    assert read_json(jsons().items([several], 2)) == [{"shipping": "DE::4.90 EUR;AT:9:"}, {}]
    single = cells("shipping", [row[0] if row else None for row in rows], **one)
    assert read_json(jsons().items([single], 2)) == [{"shipping": "DE::4.90 EUR"}, {}]
