"""The encoders' own reading back: what is broken is noticed, and items are counted once."""

import pytest

from tests.render.helpers import XML_FOOT, XML_HEAD, delimited, jsons, xml

ITEM = "  <item>\n<g:title>a</g:title>\n</item>\n"


@pytest.mark.parametrize(
    ("head", "items", "foot", "number"),
    [
        (XML_HEAD, [ITEM] * 3, XML_FOOT, 3),
        (XML_HEAD, [], XML_FOOT, 0),
        (XML_HEAD, ["<item><item>inner</item></item>\n", "<item/>"], XML_FOOT, 2),
        (XML_HEAD, ["<item><a/><item n='1'/></item>"], XML_FOOT, 1),
        (XML_HEAD, ['<item id="1">a</item>', '<item id="2">b</item>'], XML_FOOT, 2),
        (XML_HEAD, ["<item>a</item><item>b</item>"], XML_FOOT, 2),
        (XML_HEAD, ["<!-- <item> --><item>a</item>", "<item><![CDATA[</item>]]></item>"], XML_FOOT, 2),
        (XML_HEAD + "<item>first</item>", [ITEM, ITEM], "<item>last</item>" + XML_FOOT, 2),
        (XML_HEAD, ["<title>a</title>"], XML_FOOT, 1),
        (XML_HEAD, ["<entry>a</entry><more/>", "<entry>b</entry><more/>"], XML_FOOT, 2),
        (XML_HEAD, ["text only\n"], XML_FOOT, 0),
        ("<a><b/><c><d>", ["<e/>", "<e/>"], "</d></c><b/></a>", 2),
        ("", ["<item>a</item>"], "", 1),
        (
            '<html xmlns="http://www.w3.org/1999/xhtml"><main>',
            ['<p class="a"/>', '<p class="b"/>'],
            "</main></html>",
            2,
        ),
    ],
)
def test_xml_items_are_counted_at_their_parent(head, items, foot, number):
    assert xml().read_back(head, items, foot).items == number


@pytest.mark.parametrize(
    ("head", "items", "foot"),
    [
        (XML_HEAD, ["<item>"], XML_FOOT),
        (XML_HEAD, ["<item>a & b</item>"], XML_FOOT),
        (XML_HEAD, ["<item>\x03</item>"], XML_FOOT),
        (XML_HEAD, ["<item><h:title/></item>"], XML_FOOT),
        (XML_HEAD, ["<item>\ud800</item>"], XML_FOOT),
        (XML_HEAD, [ITEM], "</rss>"),
        (XML_HEAD, ["</channel></rss>"], XML_FOOT),
        (XML_HEAD, ["<item>&nbsp;</item>"], XML_FOOT),
        ("", ["<a/>", "<a/>"], ""),
    ],
)
def test_broken_xml_is_noticed(head, items, foot):
    with pytest.raises(ValueError, match=r"well-formed|surrogates"):
        xml().read_back(head, items, foot)


def test_items_that_close_their_parent_are_not_taken_for_items():
    found = xml().read_back("<a><b>", ["</b><b>"], "</b></a>")
    assert found.items == 0


@pytest.mark.parametrize(
    ("head", "items", "foot", "number"),
    [
        ('{"requests": [', ['{"a": 1},', '{"a": [1, 2]}'], "]}", 2),
        ('{"tags": ["x", "y"], "data": {"items": [', ["{},", "{},", "{}"], '], "more": [1]}}', 3),
        ("[", ["{}"], "]", 1),
        ("[", [], "]", 0),
        ('["first", ', ["{}"], ', "last"]', 1),
        ("", ['{"a": 1}\n', '{"a": 2}\n'], "", 2),
    ],
)
def test_json_items_are_counted_in_their_list(head, items, foot, number):
    assert jsons().read_back(head, items, foot).items == number


@pytest.mark.parametrize(
    ("head", "items", "foot"),
    [
        ('{"requests": [', ['{"a": 1}'], "]"),
        ("[", ['{"a": 1'], "]"),
        ("[", ["{},"], "]"),
        ("[", ['{"a": NaN}'], "]"),
        ("[", ['{"a": "\n"}'], "]"),
        ("", ["{}\n", "{\n"], ""),
        ('{"a": ', ["{}"], "}"),
        ('{"a": [', ['1], "a": [2'], "]"),
    ],
)
def test_broken_json_is_noticed(head, items, foot):
    with pytest.raises(ValueError, match=r"is not valid JSON|in a list"):
        jsons().read_back(head, items, foot)


@pytest.mark.parametrize(
    ("head", "items", "number"),
    [
        ("a,b\n", ["1,2\n", '"x\ny",2\n'], 2),
        ("", ["1,2\n"], 1),
        ('"preamble"\na,b\n', ["1,2\n", ",\n"], 2),
        ("a,b\n", [], 0),
        ("a,b\n", ["x" * 200_000 + ",2\n"], 1),
    ],
)
def test_csv_rows_are_counted_after_the_heading(head, items, number):
    assert delimited().read_back(head, items, "").items == number


@pytest.mark.parametrize(
    ("items", "says"),
    [
        (["1,2,3\n"], "widths"),
        (["1\n"], "widths"),
        (["1,2\n", "\n"], "widths"),
        (['"1,2\n'], "delimited"),
        (['"1"x,2\n'], "delimited"),
    ],
)
def test_broken_csv_is_noticed(items, says):
    with pytest.raises(ValueError, match=says):
        delimited().read_back("a,b\n", items, "")
