"""Values in a channel's own forms, read from a feed: what they are, or what is wrong with them."""

from decimal import Decimal

import pytest

from feedsmith.definitions.field import FieldDefinition
from feedsmith.mapping.from_feed import FieldColumns, match
from feedsmith.mapping.several import parted
from feedsmith.mapping.shape import Locale
from feedsmith.mapping.wire import Wire, read, read_from
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure

CELLS, COMMA, ELEMENTS = Wire(), Wire(mark=","), Wire(cells=False)
AVAILABILITY = {
    "type": "choice",
    "values": {"in_stock": "in stock", "preorder": "available for order", "discontinued": None},
}
SHIPPING = {
    "type": "group", "repeat": {}, "order": ["country", "service", "price"],
    "group": {"country": {"type": "country"}, "service": {}, "price": {"type": "money"}},
}  # fmt: skip
APART = {
    "type": "group", "repeat": {}, "order": ["country", "price"],
    "group": {
        "country": {"name": "ship_country"},
        "price": {"name": "ship_value", "type": "money", "form": "{amount}"},
        "currency": {"name": "ship_currency", "from": "currency(row.price)"},
    },
}  # fmt: skip
EUR = {"price": Decimal("4.95"), "price@currency": "EUR"}
STANDARD = [{"country": "NL", "service": "Standard", **EUR}]

VALUES = [
    ({"type": "money"}, "19.99 EUR", CELLS, Decimal("19.99")),
    ({"type": "money"}, "19.99EUR", CELLS, Decimal("19.99")),
    ({"type": "money"}, "19.99", CELLS, {"invalid-currency"}),
    ({"type": "money"}, "$19.99", CELLS, {"invalid-price"}),
    ({"type": "money"}, "1,299.00 EUR", CELLS, {"invalid-price"}),
    ({"type": "money"}, "19,99 EUR", CELLS, {"invalid-price"}),
    ({"type": "money"}, "19.99 ABC", CELLS, {"invalid-currency"}),
    ({"type": "money"}, "on request", CELLS, {"invalid-price"}),
    ({"type": "money", "form": "{amount}"}, "19,99", COMMA, Decimal("19.99")),
    ({"type": "money", "form": "{amount}"}, "19.99", COMMA, {"invalid-price"}),
    ({"type": "money", "form": "{amount}"}, "19.99 EUR", CELLS, {"invalid-price"}),
    ({"type": "money", "form": "minor"}, "1999", ELEMENTS, Decimal("19.99")),
    ({"type": "money", "form": "minor"}, "19.99", ELEMENTS, {"invalid-price"}),
    ({"type": "money", "form": "object"}, '{"amount":"19.99","currency":"EUR"}', ELEMENTS, Decimal("19.99")),
    ({"type": "money", "form": "minor object"}, '{"amount":"1999","currency":"JPY"}', ELEMENTS, Decimal(1999)),
    ({"type": "money", "form": "object"}, '{"currency":"EUR"}', ELEMENTS, {"invalid-price"}),
    ({"type": "money", "form": "object"}, "19.99", ELEMENTS, {"invalid-price"}),
    ({"type": "flag"}, "yes", CELLS, True),
    ({"type": "flag", "form": "J/N"}, "n", CELLS, False),
    ({"type": "flag"}, "false", CELLS, False),
    ({"type": "flag"}, "ja", CELLS, {"not-in-list"}),
    (AVAILABILITY, "in stock", CELLS, "in stock"),
    (AVAILABILITY, "In_Stock", CELLS, "in stock"),
    (AVAILABILITY, "preorder", CELLS, {"not-in-list"}),
    (AVAILABILITY, "discontinued", CELLS, {"not-in-list"}),
    ({"type": "measure", "form": "{amount}", "units": ["g"]}, "220", CELLS, Measure(Decimal(220), "g")),
    ({"type": "measure", "units": ["kg"]}, "0,22 kg", COMMA, Measure(Decimal("0.22"), "kg")),
    ({"type": "measure", "units": ["kg"]}, "220 g", CELLS, {"invalid-unit"}),
    ({"type": "number"}, "1,5", COMMA, Decimal("1.5")),
    ({"type": "integer"}, "5", CELLS, 5),
    ({"type": "date"}, "tomorrow", CELLS, {"invalid-date"}),
    ({}, "a, b", CELLS, "a, b"),
    ({}, '["a"]', ELEMENTS, "a"),
    ({}, '["a","b"]', ELEMENTS, {"too-many"}),
    ({}, "[a]", ELEMENTS, "[a]"),
    ({"repeat": {}}, "a, b", CELLS, ["a", "b"]),
    ({"repeat": {}}, 'a,"b, c"', CELLS, ["a", "b, c"]),
    ({"repeat": {}, "join": "|"}, "a, b|c", CELLS, ["a, b", "c"]),
    ({"repeat": {}}, "a, b", ELEMENTS, ["a, b"]),
    ({"repeat": {}}, '["a","b, c",""]', ELEMENTS, ["a", "b, c"]),
    ({"repeat": {}}, "['a','b']", CELLS, ["a", "b"]),
    ({"repeat": {}, "type": "integer"}, '["1","x"]', ELEMENTS, {"invalid-number"}),
    (SHIPPING, "NL:Standard:4.95 EUR", CELLS, STANDARD),
    (SHIPPING, "NL:Standard:4.95 EUR,BE:Standard:4.95 EUR", CELLS, [*STANDARD, {**STANDARD[0], "country": "BE"}]),
    (SHIPPING, '{"country":"NL","service":"Standard","price":"4.95 EUR"}', ELEMENTS, STANDARD),
    (SHIPPING, 'NL:"Standard: slow":4.95 EUR', CELLS, [{**STANDARD[0], "service": "Standard: slow"}]),
    (SHIPPING, "NL", CELLS, {"invalid-format"}),
    (SHIPPING, "NL:Standard:5", CELLS, {"invalid-currency"}),
    (SHIPPING, '{"country":"XX","price":"4.95 EUR"}', ELEMENTS, {"not-in-list"}),
    (APART, '[{"ship_country":"NL","ship_value":"4.95","ship_currency":"USD"}]', ELEMENTS,
     [{"country": "NL", "price": Decimal("4.95"), "price@currency": "USD", "currency": "USD"}]),
    (APART, "NL:4.95 USD", CELLS, [{"country": "NL", "price": Decimal("4.95"), "price@currency": "USD", "currency": "USD"}]),
    ({"wrap": '[{"value": {value}, "language": {language}}]'}, '[{"value":"Mug","language":"nl_NL"}]', ELEMENTS, "Mug"),
    ({"wrap_each": '{"media": {value}}', "repeat": {}}, '[{"media":"a"},{"media":"b"}]', ELEMENTS, ["a", "b"]),
]  # fmt: skip


@pytest.mark.parametrize(("written", "text", "wire", "expected"), VALUES)
def test_value_in_the_channels_form(written, text, wire, expected):
    definition = read_from(FieldDefinition.model_validate(written))
    shaped = read(Column([None, text, text]), definition, Locale(currency="EUR"), wire)
    codes = {problem.code for problem in shaped.problems.get(1, [])}
    if isinstance(expected, set):
        assert codes == expected
        assert set(shaped.problems) == {1, 2}
    else:
        assert codes == set()
        assert shaped.column.values == [None, expected, expected]


FIELDS = {
    "id": {},
    "image_link": {"type": "url"},
    "product_id": {"name": "product-id"},
    "picture": {"repeat": {"max": 3}, "name": "image_{n}"},
    "label": {"repeat": {}},
    "custom_label_0": {},
    "price": {"name": "pricing.price"},
    "shipping": SHIPPING,
    "apart": {**APART, "columns": "flat", "repeat": {"columns": "repeated", "max": 2}},
}
C = FieldColumns
HEADINGS = [
    (["g:ID", "Image Link"], {"id": C(("g:ID",)), "image_link": C(("Image Link",))}, []),
    (["product_id"], {"product_id": C(("product_id",))}, []),
    (["image_1", "image_3"], {"picture": C(("image_1", "image_3"))}, []),
    (["label", "label#2", "label_3", "label[4]"], {"label": C(("label", "label#2", "label_3", "label[4]"))}, []),
    (["custom_label_0", "id_2"], {"custom_label_0": C(("custom_label_0",))}, ["id_2"]),
    (["pricing"], {"price": C(("pricing",), way=("price",))}, []),
    (["shipping(country:price)"], {"shipping": C(("shipping(country:price)",), order=("country", "price"))}, []),
    (["shipping(land)"], {}, ["shipping(land)"]),
    (["shipping_price", "shipping.country"],
     {"shipping": C(parts=((0, "price", "shipping_price"), (0, "country", "shipping.country")))}, []),
    (["shipping[1].price"], {"shipping": C(parts=((1, "price", "shipping[1].price"),))}, []),
    (["ship_value"], {"apart": C(parts=((0, "price", "ship_value"),))}, []),
    (["id", "ID"], {"id": C(("id",))}, ["ID"]),
    (["colour"], {}, ["colour"]),
]  # fmt: skip


@pytest.mark.parametrize(("headings", "fields", "unknown"), HEADINGS)
def test_columns_of_fields(headings, fields, unknown):
    found = match(headings, {key: FieldDefinition.model_validate(one) for key, one in FIELDS.items()})
    assert found.fields == fields
    assert found.unknown == unknown


@pytest.mark.parametrize(
    ("text", "within", "expected"),
    [
        ("a,b", "", ["a", "b"]),
        ('"a, b", c', "", ["a, b", "c"]),
        ('5" x,3" y', "", ['5" x', '3" y']),
        ('"say ""no""",b', "", ['say "no"', "b"]),
        ('"Q, one?":"A, b.","Q2?":"A2."', ":", ['"Q, one?":"A, b."', '"Q2?":"A2."']),
        ('"open,b', "", ['"open', "b"]),
    ],
)
def test_pieces(text, within, expected):
    assert parted(text, ",", within) == expected
