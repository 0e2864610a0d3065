"""The texts around the items of a feed file."""

import gzip
import json

import pytest

from feedsmith.sources.frame import NEAR, texts_around

RSS = "<rss><channel><title>{}</title><image><url>u</url></image>{}<ttl>5</ttl></channel></rss>"
ITEM = "<item><title>of the item</title></item>"
FOUND = {"channel/title": "Shop & Co", "channel/image/url": "u", "ttl (behind the items)": "5"}


@pytest.mark.parametrize("items", [1, 2, 20_000])
@pytest.mark.parametrize("packed", [False, True])
def test_rss(tmp_path, items, packed):
    text = RSS.format(" Shop &amp;\n Co ", ITEM * items).encode()
    assert items < 20_000 or len(text) > 2 * NEAR
    path = tmp_path / "feed"
    path.write_bytes(gzip.compress(text) if packed else text)
    assert texts_around(path, "feed", "") == FOUND


def test_other_xml(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text("<shop><made>today</made><products><product><id>1</id></product></products></shop>")
    assert texts_around(path, "feed.xml", "products/product") == {"made": "today"}
    assert texts_around(path, "feed.xml", "") == {}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"type": "PRODUCT", "requests": [{"id": 1}], "upsert": True}, {"type": "PRODUCT", "upsert": "true"}),
        ({"header": {"seller": "S", "issue": 2}, "messages": []}, {"header.seller": "S", "header.issue": "2"}),
        ([{"id": 1, "offers": []}], {}),
        ({"id": "1", "title": "an item", "offers": [{"price": 1}]}, {}),
        ({"version": 1}, {}),
    ],
)
def test_json(tmp_path, value, found):
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(value))
    assert texts_around(path, "feed.json", "") == found


def test_a_table_has_none(tmp_path):
    path = tmp_path / "feed.csv"
    path.write_text("id,title\n1,a\n")
    assert texts_around(path, "feed.csv", "") == {}
