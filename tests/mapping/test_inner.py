"""Values within the objects of a cell: lists, numbers, fixed JSON, attributes of XML."""

import pytest

from feedsmith.mapping.inner import Inner

EAN = '{"type": "ean", "value": {value}, "store": "' + "\\u0000" + '"}'
LABELS = '{"url": {value}, "labels": ["FRONT"]}'
FLAG = '{"name": {value}, "additional": false}'
A, B = '{"type":"ean","value":"1"}', '{"type":"upc","value":"2"}'


@pytest.mark.parametrize(
    ("inner", "cell", "expected"),
    [
        (Inner(("a[]", "b")), '[{"b":"1"},{"b":"2"}]', "1"),
        (Inner(("a[]", "b")), '{"b":1.50}', "1.50"),
        (Inner(("a[]", "b"), several=True), '[{"b":"1"},{"b":"2"}]', '["1", "2"]'),
        (Inner(("a", "b[]", "c[]", "d")), '{"b":[{"c":[{"d":true}]}]}', "true"),
        (Inner(("a", "b")), '{"c":1}', None),
        (Inner(("a", "b")), "text", None),
        (Inner(("a[]",), EAN), f"[{B},{A}]", "1"),
        (Inner(("a[]",), EAN), f"[{A},{A}]", '["1", "1"]'),
        (Inner(("a[]",), EAN), f"[{B}]", None),
        (Inner(("a[]",), EAN, stop=1), f"[{A},{A}]", "1"),
        (Inner(("a[]",), EAN, several=True, start=1), f"[{A},{A}]", '["1"]'),
        (Inner(("a[]",), LABELS), '[{"url":"x","labels":["BACK"]},{"url":"y","labels":["BACK","front"]}]', "y"),
        (Inner(("a[]",), FLAG), '[{"name":"x","additional":true},{"name":"y"}]', "y"),
        (Inner(("a", "b_{n}"), several=True), '{"b_10":"z","b_2":["y"],"b":"x"}', '["y", "z"]'),
        (Inner(("a", "*", "b")), '{"Clothing":{"b":"x"}}', "x"),
        (Inner(("a", "b@c")), '{"b":"x","b@c":"5"}', "5"),
        (Inner(("a", "b"), several=True, group=True, path=True), '{"b":"","b@c":["1","2"],"b@d":["","3"]}',
         '[{"c": "1"}, {"c": "2", "d": "3"}]'),
        (Inner(("a", "b"), several=True, group=True, path=True), '{"b":{"url":"x"}}', '[{"url": "x"}]'),
    ],
)  # fmt: skip
def test_what_is_picked(inner, cell, expected):
    assert inner.text(cell) == expected


def test_what_a_project_fills_in_may_be_anything():
    assert Inner(("a[]",), EAN).values('[{"type":"EAN","value":"1","store":"NL"}]') == ["1"]
