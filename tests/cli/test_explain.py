"""`explain`: one product's way into each feed."""

import json

import pytest

from tests.cli.conftest import PROJECT, catalog, product
from tests.helpers import write_tree


@pytest.fixture
def ask(run, shop):
    """Explains a product of `shop`, whose rows are given; gives the JSON."""

    def explained(asked, *rows, code=0, words=()):
        (shop / "catalog.csv").write_text(catalog(rows))
        ended = run("explain", asked, "--format", "json", *words, cwd=shop)
        assert ended.code == code, ended
        return json.loads(ended.out)

    return explained


def feed_of(record, number=0):
    return record["products"][number]["feeds"][0]


def field_of(record, name):
    return next(one for one in feed_of(record)["fields"] if one["field"] == name)


def test_a_value_from_the_cell_to_the_feed(ask):
    title = field_of(ask("SKU-2", product(1), product(2, title="Deken & <b>sprei</b>")), "title")
    assert title["read"] == [
        {"key": "brand", "source": {"path": "catalog.csv", "sheet": None, "row": 3, "column": "brand", "cell": None}, "value": "Kaap"},
        {"key": "title", "source": {"path": "catalog.csv", "sheet": None, "row": 3, "column": "title", "cell": None}, "value": "Deken & <b>sprei</b>"},
    ]  # fmt: skip
    (step,) = title["steps"]
    assert (step["does"], step["after"]) == ("parts brand, title", "Kaap Deken & <b>sprei</b>")
    assert (step["source"]["path"], step["source"]["row"]) == ("feedsmith.yaml", 5)
    assert title["feed_holds"] == "Kaap Deken &amp; &lt;b&gt;sprei&lt;/b&gt;"
    failed = {issue["code"] for check in title["checks"] for issue in check["issues"]}
    assert failed == {"html-in-text"}
    assert [check["passed"] for check in title["checks"] if check["asks"] == "at most 150 characters"] == [True]


def test_steps_have_before_and_after(ask, shop):
    (shop / "feedsmith.yaml").write_text(
        PROJECT.replace("{parts: [brand, title]}", "{from: title, steps: [upper, {cut: 5}]}")
    )
    steps = field_of(ask("SKU-1", product(1)), "title")["steps"]
    assert [(one["does"], one["before"], one["after"]) for one in steps] == [
        ("from title", None, "Deken nummer 1"),
        ("upper", "Deken nummer 1", "DEKEN NUMMER 1"),
        ("cut: 5", "DEKEN NUMMER 1", "DEKEN"),
    ]


def test_what_the_feed_holds_is_what_the_run_writes(ask, run, shop):
    feed = feed_of(ask("SKU-1", product(1)))
    assert run("export", cwd=shop).code == 0
    assert feed["item"] in (shop / "out/google_nl.xml").read_text()


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ("SKU-1", "id"),
        (" SKU-1 ", "id"),
        ("4006381333931", "gtin"),
        ("04006381333931", "gtin"),
        ("https://www.shop.example/p/1", "link"),
        ("https://www.shop.example/p/1?utm_source=google", "link"),
    ],
)
def test_ways_to_a_product(ask, asked, by):
    record = ask(asked, product(1, gtin="4006381333931"), product(2))
    assert (record["by"], [one["id"] for one in record["products"]]) == (by, ["SKU-1"])


def test_a_filtered_product_names_its_condition(ask):
    feed = feed_of(ask("SKU-1", product(1, price="3.00")))
    assert (feed["state"], feed["reason"], feed["condition"], feed["fields"]) == (
        "filtered",
        "too cheap",
        "price < 5",
        [],
    )
    assert (feed["rule"]["path"], feed["rule"]["row"]) == ("feedsmith.yaml", 6)
    assert [(one["key"], one["value"]) for one in feed["read"]] == [("price", "3.00")]


def test_a_rejected_product_names_the_check(ask):
    feed = feed_of(ask("SKU-1", product(1, price="")))
    assert feed["state"] == "rejected"
    assert feed["reason"].startswith("missing-required: price")
    assert feed["item"] == ""


def test_of_two_rows_with_one_id_the_kept_one_is_told(ask):
    record = ask("SKU-1", product(1), product(2), product(1, title="Nog een"))
    first, second = feed_of(record, 0), feed_of(record, 1)
    assert [one["source"]["row"] for one in record["products"]] == [2, 4]
    assert (first["state"], "this one is kept" in first["reason"]) == ("in the feed", True)
    assert second["state"] == "rejected"
    assert "also in row 2" in second["reason"]


def test_an_item_group_lists_its_products(run, shop):
    rows = catalog([product(1), product(2)]).splitlines()
    (shop / "catalog.csv").write_text(
        "\n".join(line + tail for line, tail in zip(rows, (",item_group_id", ",G", ",G"), strict=True))
    )
    ended = run("explain", "G", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert "G is an item group of 2 products" in ended.out
    assert "SKU-2  Deken nummer 2  catalog.csv:3" in ended.out


def test_an_unknown_product_gets_the_nearest_ids(run, shop):
    ended = run("explain", "SKU1", cwd=shop)
    assert (ended.code, ended.out) == (1, "")
    assert "nothing in the catalog has 'SKU1'" in ended.err
    assert "did you mean SKU-1" in ended.err


def test_a_row_that_was_left_out_is_told(run, shop):
    (shop / "catalog.csv").write_text(catalog([product(1)]) + "SKU-7,a,b,c,d,e,f,g,h,i,j,k\n")
    ended = run("explain", "SKU-7", cwd=shop)
    assert ended.code == 1
    assert "[ragged-row]" in ended.err
    assert "(catalog.csv:3)" in ended.err


def test_only_one_field(run, shop):
    ended = run("explain", "SKU-1", "--field", "price", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert '\n  price: 19.95 EUR\n    read    catalog.csv:2:price = "19.95"  [price]\n' in ended.out
    assert "title:" not in ended.out
    wrong = run("explain", "SKU-1", "--field", "prise", cwd=shop)
    assert (wrong.code, "did you mean price" in wrong.err) == (2, True)


GROUPED = """version: 1
catalog: catalog.csv
market: {country: NL, language: nl, currency: EUR}
feeds:
  etsy: {channel: etsy}
  channelengine: {channel: channelengine, exclude: {green: color == "green"}}
"""


@pytest.fixture
def grouped(run, shop):
    """Explains a product of a shop whose first three products are variants; gives the JSON, or the text."""
    (shop / "feedsmith.yaml").write_text(GROUPED)
    tails = (",item_group_id,color", ",G,red", ",,", ",G,blue", ",G,green", ",G,white")
    rows = catalog([product(1), product(9), product(2), product(3), product(4, price="")]).splitlines()
    (shop / "catalog.csv").write_text("\n".join(line + tail for line, tail in zip(rows, tails, strict=True)))

    def explained(*words, as_json=True):
        ended = run("explain", *words, *(["--format", "json"] if as_json else []), cwd=shop)
        assert (ended.code, ended.err) == (0, "")
        return json.loads(ended.out) if as_json else ended.out

    return explained


def test_a_variant_is_told_with_its_group(grouped):
    record = grouped("SKU-2")
    etsy, engine = record["products"][0]["feeds"]
    held = {one["field"]: one["feed_holds"] for one in etsy["group"]["fields"]}
    assert (etsy["group"]["key"], etsy["group"]["size"]) == ("G", 3), "the one without a price is rejected"
    assert held["variation_1_values"] == '"red,blue,green"'
    assert held["sku"] == '"SKU-1,SKU-2,SKU-3"'
    (step,) = next(one for one in etsy["group"]["fields"] if one["field"] == "price")["steps"]
    assert step["does"] == "from lowest.price"
    assert etsy["issues"] == [one for one in etsy["issues"] if one["source"]["row"] in {2, 4}], (
        "its own, and its group's"
    )
    fields = {one["field"]: one for one in engine["fields"]}
    assert fields["parent_merchant_product_no"]["feed_holds"] == '"G"'
    assert fields["merchant_product_no"]["read"][0]["source"]["row"] == 4
    assert fields["merchant_product_no"]["feed_holds"] == '"SKU-2"'
    assert engine["group"]["size"] == 3, "one is excluded, and the price may be empty here"
    text = grouped("SKU-2", "--feed", "channelengine", as_json=False)
    own, group = text.split("  the group G, with 3 in the feed:")
    assert 'merchant_product_no (MerchantProductNo): "SKU-2"' in own
    assert 'merchant_product_no (MerchantProductNo): "G"' in group
    assert 'brand (Brand): "Kaap"\n    taken   from its variants' in group


def test_an_excluded_variant_and_a_product_alone_have_no_group(grouped):
    excluded = grouped("SKU-3", "--feed", "channelengine")["products"][0]["feeds"][0]
    assert (excluded["state"], excluded["reason"], excluded["group"]) == ("filtered", "green", None)
    alone = grouped("SKU-9", "--feed", "channelengine")["products"][0]["feeds"][0]
    assert (alone["state"], alone["group"]) == ("in the feed", None)


def test_what_stands_on_the_row_of_the_group_is_told(grouped, shop):
    words = "{ebay_category: '1', location: Utrecht, quantity: '3'}"
    (shop / "feedsmith.yaml").write_text(GROUPED + f"  ebay: {{channel: ebay, fields: {words}}}\n")
    record = grouped("SKU-2", "--feed", "ebay", "--field", "ebay_category")["products"][0]["feeds"][0]
    (own,), (of_group,) = record["fields"], record["group"]["fields"]
    assert (own["on_group"], own["feed_holds"], of_group["feed_holds"]) == (True, "", "1")
    assert "    stands  on the row of its group" in grouped("SKU-2", "--feed", "ebay", as_json=False)


def test_what_the_last_delta_did(run, tmp_path):
    project = "catalog: catalog.csv\nfeeds:\n  stock: {channel: mirakl_stock, deltas: true}\n"
    write_tree(tmp_path, {"feedsmith.yaml": project, "catalog.csv": "id,quantity\nA,12\nB,4\nC,7\nD,1\n"})
    assert run("export", "--project", tmp_path).code == 0
    assert "deltas: no delta was made since the whole feed of run 1" in run("explain", "A", "--project", tmp_path).out
    (tmp_path / "catalog.csv").write_text("id,quantity\nA,11\nB,4\nD,x\n")
    assert run("export", "--delta", "--project", tmp_path).code == 0
    assert run("explain", "A", "--project", tmp_path).out.count("\n    quantity: 12 -> 11\n") == 1
    assert "deltas: not in the last one (run 2): unchanged" in run("explain", "B", "--project", tmp_path).out
    told = json.loads(run("explain", "D", "--project", tmp_path, "--format", "json").out)["products"][0]["feeds"][0]
    assert told["state"] == "rejected"
    assert told["delta"] == {"state": "deleted", "run": 2, "since": 1, "changes": []}
    gone = run("explain", "C", "--project", tmp_path)
    assert (gone.code, gone.out) == (1, "C left stock; deltas: the last one (run 2) deletes it: it has left the feed\n")
