"""XML, JSON and JSON lines as rows; the same packed by gzip."""

import gzip
import json
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.errors import DefinitionError, SourceError
from feedsmith.sources.csv_part import read_table

G = 'xmlns:g="http://base.google.com/ns/1.0"'
RSS = f'<rss version="2.0" {G}><channel><title>Shop</title>\n%s\n</channel></rss>'
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" {G}><title>Shop</title><entry><g:id>1</g:id><title>Mug</title>\
<link rel="alternate" href="https://a.example/1"/></entry></feed>"""
ITEM = RSS % "<item><g:id>1</g:id><title>%s</title></item>"


def rows(table):
    """Line and values of each item, without what is empty."""
    found = []
    for batch in read_table(table):
        for line, *values in zip(batch.lines, *batch.columns.values(), strict=True):
            found.append(
                (line, {name: one for name, one in zip(batch.columns, values, strict=True) if one is not None})
            )
    return found


READ = {
    "rss": (ITEM % "Mug", [(2, {"id": "1", "title": "Mug"})]),
    "after empty lines": (RSS % "\n\n<item>\n<g:id>1</g:id></item>", [(4, {"id": "1"})]),
    "atom": (
        ATOM,
        [
            (
                1,
                {
                    "id": "1",
                    "title": "Mug",
                    "link": "https://a.example/1",
                    "link@rel": "alternate",
                    "link@href": "https://a.example/1",
                },
            )
        ],
    ),
    "any root": (
        "<shop><p nr='7'><name>Mug</name></p><p nr='8'/></shop>",
        [(1, {"@nr": "7", "name": "Mug"}), (1, {"@nr": "8"})],
    ),
    "one product": ("<products><product><id>1</id></product></products>", [(1, {"id": "1"})]),
    "google and plain name, the same": (
        RSS % "<item><title>Mug</title><g:title>Mug</g:title></item>",
        [(2, {"title": "Mug"})],
    ),
    "google and plain name": (
        RSS % "<item><title>A</title><g:title>B</g:title></item>",
        [(2, {"title": "B", "rss:title": "A"})],
    ),
    "other namespace": (
        RSS % '<item xmlns:x="urn:x"><x:id>5</x:id><g:id>1</g:id></item>',
        [(2, {"x:id": "5", "id": "1"})],
    ),
    "several": (RSS % "<item><g:size>S</g:size><g:size>M, L</g:size></item>", [(2, {"size": '["S","M, L"]'})]),
    "several, empty": (RSS % "<item><g:id>1</g:id><g:size/><g:size/></item>", [(2, {"id": "1"})]),
    "group": (
        RSS % "<item><g:shipping><g:country>NL</g:country><g:price>4.95 EUR</g:price></g:shipping></item>",
        [(2, {"shipping": '{"country":"NL","price":"4.95 EUR"}'})],
    ),
    "groups": (
        RSS % ("<item>" + "<g:tax><g:rate>1</g:rate></g:tax>" * 2 + "</item>"),
        [(2, {"tax": '[{"rate":"1"},{"rate":"1"}]'})],
    ),
    "attributes of several": (
        RSS % "<item><img w='1'>a</img><img>b</img></item>",
        [(2, {"img": '["a","b"]', "img@w": '["1",""]'})],
    ),
    "mixed": (
        RSS % "<item><description>A <b>red</b> &amp; blue mug</description></item>",
        [(2, {"description": "A <b>red</b> &amp; blue mug"})],
    ),
    "character data": (ITEM % "<![CDATA[Mug & <b>more</b>]]>", [(2, {"id": "1", "title": "Mug & <b>more</b>"})]),
    "utf-16": (ITEM % "Größe", [(2, {"id": "1", "title": "Größe"})]),
    "windows-1252": ('<?xml version="1.0" encoding="windows-1252"?>' + ITEM % "€", [(2, {"id": "1", "title": "€"})]),
    "shift_jis": ('<?xml version="1.0" encoding="shift_jis"?>' + ITEM % "本", [(2, {"id": "1", "title": "本"})]),
    "list": ('[{"id": 1},\n\n{"id": 2, "title": "Mug"}]', [(1, {"id": "1"}), (3, {"id": "2", "title": "Mug"})]),
    "lines": ('{"id": 1}\n\n{"id": 2}\n', [(1, {"id": "1"}), (3, {"id": "2"})]),
    "digits": (
        '{"id":1,"a":19.90,"b":12345678901234567890123,"c":0.10000000000000000000001}',
        [(1, {"id": "1", "a": "19.90", "b": "12345678901234567890123", "c": "0.10000000000000000000001"})],
    ),
    "scalars": ('[{"id":"1","a":true,"b":false,"c":null,"d":""}]', [(1, {"id": "1", "a": "true", "b": "false"})]),
    "nested": (
        '[{"id":"1","a":["x","y"],"b":{"c":1.50,"d":null},"e":[],"f":{}}]',
        [(1, {"id": "1", "a": '["x","y"]', "b": '{"c":"1.50"}'})],
    ),
    "requests": (
        '{"item_type":"X",\n"requests":[{"method":"UPDATE","data":{"id":"1","x":2}}]}',
        [(2, {"id": "1", "x": "2", "method": "UPDATE"})],
    ),
    "one object": ('{"id":"1","variants":[{"id":"2"}]}', [(1, {"id": "1", "variants": '[{"id":"2"}]'})]),
    "object with a list of another name": (
        '{"id":"1","products":[{"id":"2"}]}',
        [(1, {"id": "1", "products": '[{"id":"2"}]'})],
    ),
    "utf-8 with mark": ('\ufeff[{"id":"ä"}]', [(1, {"id": "ä"})]),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_items(opened, request, text, expected, packed):
    name = request.node.callspec.id.partition("-")[2]
    encoding = {"utf-16": "utf-16", "windows-1252": "cp1252", "shift_jis": "shift_jis"}.get(name, "utf-8")
    content = text.encode(encoding)
    assert rows(opened(gzip.compress(content) if packed else content)) == expected


PATHS = {
    "xml": ("<a><b><c><id>1</id></c></b><b><d/></b></a>", "b/c", [{"id": "1"}]),
    "json": ('{"x": {"y": [{"id": "1"}], "items": [{"id": "2"}]}}', "x/y", [{"id": "1"}]),
    "within each": ('[{"v": [{"id": "1"}]}, {"v": [{"id": "2"}]}]', "v", [{"id": "1"}, {"id": "2"}]),
    "one object": ('{"x": {"y": {"id": "1"}}}', "x/y", [{"id": "1"}]),
}


@pytest.mark.parametrize(("text", "item", "expected"), PATHS.values(), ids=PATHS)
def test_path_of_the_items(opened, text, item, expected):
    assert [values for _, values in rows(opened(text, item=item))] == expected


REFUSED = {
    "xml cut off": (RSS[:60], "unclosed token", 1, "60"),
    "xml without its end": ((ITEM % "Mug")[:-20], "unclosed token", 2, "39"),
    "ampersand": (ITEM % "a & b", "invalid token", 2, "31"),
    "unknown entity": (ITEM % "a&nbsp;b", "undefined entity", 2, "29"),
    "unknown entity, with a DTD": ('<!DOCTYPE rss SYSTEM "x">' + ITEM % "a&nbsp;b", "&nbsp; is not one of the entities", 2, "29"),
    "entity bomb": ('<!DOCTYPE rss [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + ITEM % "&b;", "declares an entity of its own, 'a'", 1, "27"),
    "foreign file": ('<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///x">]>' + ITEM % "&a;", "declares an entity", 1, "45"),
    "two roots": (ITEM % "Mug" + "<rss/>", "junk after document element", 3, "17"),
    "encoding unknown": ('<?xml version="1.0" encoding="klingon"?>' + ITEM % "Mug", "no known encoding", 1, None),
    "not its encoding": ((ITEM % "Mug").encode().replace(b"Mug", b"M\xfcg"), "the byte 0xFC is not UTF-8", 2, "29"),
    "NUL": (ITEM % "a\0b", "the character 0x00", 2, "29"),
    "deep": (RSS % ("<item>" + "<a>" * 70 + "</a>" * 70 + "</item>"), "more than 64 levels deep", 2, None),
    "deep, no items": ("<a>" * 100, "more than 64 levels deep", 1, None),
    "prefix": ("<rss><channel><item><g:id>1</g:id></item></channel></rss>", "unbound prefix", 1, "21"),
    "blank line first": ("\n<?xml version='1.0'?><rss/>", "declaration not at start", 2, "1"),
    "no items": ("<rss><channel/></rss>", "no items at channel/item", None, None),
    "no document": ("<?xml version='1.0'?>", "no element found", 1, "22"),
    "which items": ("<a><b><c/></b><d><e/></d></a>", "cannot be told which elements", None, None),
    "html": ("<!doctype HTML><p>Log in", "this is an HTML page", None, None),
    "xhtml": ('<?xml version="1.0"?><html><body/></html>', "this is an HTML page", 1, "22"),
    "xhtml by its doctype": ('<?xml version="1.0"?><!DOCTYPE html><html/>', "this is an HTML page", 1, None),
    "long value": (ITEM % ("a" * (1 << 20) + "b"), "is longer than 1048576 characters", 2, "title"),
    "long item": (RSS % ("<item>" + f"<a>{'a' * (1 << 20)}</a>" * 5 + "</item>"), "is longer than 4194304 bytes", 2, None),
    "json cut off": ('[{"id":"1"},\n{"id":"2', "cut off within a value", 2, "7"),
    "json cut off after a comma": ('[{"id":"1"},\n', "cut off within a list", 2, "1"),
    "json cut off in an object": ('{"products": [{"id":"1"}]', "not the end of the file", 1, "26"),
    "key twice": ('[{"id":"1"},\n{"id":"2","id":"3"}]', "'id' stands twice", 2, "1"),
    "NaN": ('[{"id":"1","price":NaN}]', "NaN is no number", 1, "2"),
    "list of lists": ('[["id"],["1"]]', "a list stands where an item should stand", 1, "2"),
    "texts": ('{"items": ["a"]}', "a text stands where an item should stand", 1, "12"),
    "number among the items": ('[{"id":"1"}, 5]', "a number or word stands where", 1, "14"),
    "empty list": ("[]", "no items", None, None),
    "empty object": ("{}", "no items", None, None),
    "comma at the end": ('[{"id":"1"},]', "a comma stands after the last item", 1, "13"),
    "two values in a line": ('[{"id":"1"}] x', "a number or word stands where", 1, "14"),
    "deep value": ('[{"id":' + "[" * 100 + "1" + "]" * 100 + "}]", "more than 64 levels deep", 1, None),
    "very deep value": ('[{"id":' + "[" * 100_000 + "]" * 100_000 + "}]", "more than 64 levels deep", 1, "2"),
    "control character": ('[{"id":"a\0"}]', "invalid control character", 1, "10"),
    "half a character": ('[{"id":"\\ud83d"}]', "half of a character", 1, None),
    "json in another encoding": (b'[{"id":"M\xfcg"}]', "which is not utf-8", 1, None),
    "long json value": ('[{"id":"' + "a" * (5 << 20) + '"}]', "longer than 4194304 characters", 1, "2"),
    "no such path": ('{"a": [{"id": "1"}]}', "no items at b", None, None),
    "gzip cut off": (gzip.compress((ITEM % "Mug").encode() * 50)[:60], "damaged or cut off", None, None),
    "gzip in gzip": (gzip.compress(gzip.compress(b"id\n1\n")), "not utf-8", 1, None),
}  # fmt: skip


@pytest.mark.parametrize(("content", "problem", "row", "column"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_place(opened, request, content, problem, row, column):
    item = "b" if request.node.callspec.id == "no such path" else None
    with pytest.raises(SourceError) as raised:
        opened(content, "feed", item=item)
    assert problem in raised.value.problem
    assert raised.value.exit_code == 5
    assert raised.value.hint
    assert raised.value.place.path == "feed"
    assert raised.value.place.row == row
    if column is not None:
        assert raised.value.place.column == column


def test_a_declared_encoding_wins(opened):
    content = ('<?xml version="1.0" encoding="utf-8"?>' + ITEM % "Größe").encode("cp1252")
    assert rows(opened(content, encoding="windows-1252"))[0][1]["title"] == "Größe"
    with pytest.raises(DefinitionError):
        opened(content, encoding="klingon")


def test_lines_of_a_long_file(opened):
    items = "".join(f"<item>\n<g:id>{number}</g:id>\n</item>\n" for number in range(30_000))
    lines = [line for line, _ in rows(opened(RSS % items))]
    assert lines == list(range(2, 2 + 90_000, 3))


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=20
)
RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["id", "title", "price", "größe"]), TEXTS, min_size=1), min_size=1, max_size=8
).filter(lambda items: any(value.strip() for item in items for value in item.values()))


@settings(deadline=None, max_examples=60)
@given(RECORDS)
def test_texts_come_out_of_xml_as_they_went_in(opened, items):
    text = "".join(
        "<item>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in item.items()) + "</item>\n"
        for item in items
    )
    read = dict(rows(opened(RSS % text)))
    expected = [{name: value.strip() for name, value in item.items() if value.strip()} for item in items]
    assert {line: read.get(line, {}) for line in range(2, 2 + len(items))} == dict(enumerate(expected, 2))


@settings(deadline=None, max_examples=60)
@given(RECORDS, st.sampled_from(["list", "lines", "requests"]))
def test_texts_come_out_of_json_as_they_went_in(opened, items, form):
    objects = [json.dumps(item) for item in items]
    text = {
        "list": "[" + ",\n".join(objects) + "]",
        "lines": "\n".join(objects),
        "requests": '{"n": [1], "products": [' + ",\n".join(objects) + "]}",
    }[form]
    read = dict(rows(opened(text)))
    expected = [{name: value for name, value in item.items() if value} for item in items]
    assert {line: read.get(line, {}) for line in range(1, 1 + len(items))} == dict(enumerate(expected, 1))


@settings(deadline=None, max_examples=60)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_numbers_keep_their_digits(opened, number):
    text = format(number, "f")
    ((_, values),) = rows(opened('[{"id":"1","price":' + text + "}]"))
    assert Decimal(values["price"]) == number
    assert values["price"] == text
