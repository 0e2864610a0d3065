"""`feedsmith lint`: any format, the feed's own lines and columns, exit codes; feeds of real shops."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.helpers import ROOT

GOLDEN = ROOT / "tests/golden/google/google_nl.xml"
HEADER = (
    "id\tTitle\tg:description\tlink\timage link\tavailability\tprice\tbrand\tgtin\tshipping(country:price)\tcolour\n"
)
ROW = (
    "{id}\tMok Duin\tMok van steengoed, 300 ml.\thttps://www.a.example/p/{id}\thttps://www.a.example/p/{id}.jpg\tin stock"
    "\t{price}\tKleiwerk\t9520000005009\tNL:4.95 EUR,BE:6.95 EUR\twit\n"
)
SHARED = ROOT.parent / "shared" / "data"


def feed(folder, *prices):
    path = folder / "feed.txt"
    path.write_text(HEADER + "".join(ROW.format(id=f"A{number}", price=price) for number, price in enumerate(prices)))
    return path


def issues_of(run, *words):
    ended = run("lint", *words, "--format", "json", "--as-of", "2026-11-22")
    return ended, json.loads(ended.out)["issues"] if ended.out else []


def test_a_tab_separated_feed(run, tmp_path):
    ended, issues = issues_of(run, feed(tmp_path, "12.95 EUR", "12,95", "9.95 EUR"), "--channel", "google")
    assert ended.code == 1
    found = {(one["code"], one["source"]["row"], one["source"]["column"]): one for one in issues}
    assert found["invalid-price", 3, "price"]["value"] == "12,95"
    assert found["invalid-price", 3, "price"]["severity"] == "error"
    assert found["invalid-price", 3, "price"]["product"] == "A1"
    assert found["unknown-column", 1, "colour"]["help"].startswith("did you mean color")
    assert ("duplicate-gtin", 4, None) in {(code, row, None) for code, row, _ in found}
    assert not {column for _, _, column in found} & {"shipping(country:price)", "image link", "Title"}
    assert list(tmp_path.iterdir()) == [tmp_path / "feed.txt"]


@pytest.mark.parametrize("how", ["plain", "gzip"])
def test_a_whole_feed_is_0(run, tmp_path, how):
    path = tmp_path / "feed"
    path.write_bytes(GOLDEN.read_bytes() if how == "plain" else gzip.compress(GOLDEN.read_bytes()))
    ended, issues = issues_of(run, path, "--channel", "google", "--country", "NL")
    assert ended.code == 0
    assert Counter(one["code"] for one in issues if one["severity"] == "error") == {}


def test_remedies_speak_of_the_feed(run, tmp_path):
    path = tmp_path / "feed.json"
    path.write_text(json.dumps([{"id": "1", "title": "Mok", "description": "<p>Mok", "price": "1.00 EUR"}]))
    _, issues = issues_of(run, path, "--channel", "google")
    assert {one["code"] for one in issues} >= {"missing-required", "html-in-text"}
    assert not [one["help"] for one in issues if "rule" in one["help"] or "catalog" in one["help"]]
    assert not [one["message"] for one in issues if "is left out" in one["message"] or "is cut" in one["message"]]


def test_a_text_is_told_as_it_stands(run, tmp_path):
    path = tmp_path / "feed.json"
    path.write_text(json.dumps([{"id": "1", "title": "mok " * 50}]))
    _, issues = issues_of(run, path, "--channel", "google")
    assert [one["message"] for one in issues if one["code"] == "too-long"] == ["has 199 characters, at most 150"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "taken from the feed's values: currency EUR"),
        (["--country", "NL"], "taken from the feed's values: currency EUR"),
        (["--country", "NL", "--currency", "EUR"], None),
    ],
)
def test_what_was_taken_from_the_values_is_told(run, tmp_path, more, told):
    _, issues = issues_of(run, feed(tmp_path, "12.95 EUR"), "--channel", "google", *more)
    found = [one["message"] for one in issues if one["code"] == "assumed-market"]
    assert found[0].startswith(told) if told else not found


def test_requests_to_delete_are_no_items(run, tmp_path):
    path = tmp_path / "batch.json"
    path.write_text('{"requests": [{"method": "DELETE", "data": {"id": "1"}}]}')
    ended, issues = issues_of(run, path, "--channel", "meta")
    assert (ended.code, [one["code"] for one in issues if one["severity"] == "error"]) == (0, [])
    assert [one["product"] for one in issues if one["code"] == "filtered"] == ["1"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["{feed}", "--channel", "gogle"], 2, "there is no channel 'gogle'"),
        (["{feed}"], 2, "Missing option '--channel'"),
        (["{feed}", "--channel", "google", "--country", "XX"], 2, "'XX' is no ISO country code"),
        (["{feed}", "--channel", "google", "--as-of", "soon"], 2, "is no date"),
        (["missing.xml", "--channel", "google"], 5, "missing.xml: cannot be read"),
        (["{folder}/cut.xml", "--channel", "google"], 5, "cut.xml:1:1: this is no well-formed XML: unclosed token"),
        (["{folder}/login.xml", "--channel", "google"], 5, "login.xml: this is an HTML page"),
        (["{feed}", "--channel", "google", "--fail-on", "never"], 0, ""),
    ],
)
def test_exit_codes(run, tmp_path, words, code, said):
    path = feed(tmp_path, "12,95")
    (tmp_path / "cut.xml").write_text("<rss")
    (tmp_path / "login.xml").write_text("<!doctype html><title>Log in</title>")
    ended = run("lint", *(word.format(feed=path, folder=tmp_path) for word in words))
    assert ended.code == code
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_a_channel_of_the_project(run, shop):
    (shop / "channels").mkdir()
    (shop / "channels/own.yaml").write_text(
        "title: Own\nowner: we\nreference: https://a.example\nread: 2026-01-01\nformat: csv\n"
        "fields: {sku: {required: true}, name: {required: true, from: title, max: {length: 5, else: reject}}}\n"
    )
    (shop / "feed.csv").write_text("SKU;Name\n1;Mok\n2;Mok Duin\n")
    ended = run("lint", "feed.csv", "--channel", "own", cwd=shop)
    assert ended.code == 1
    assert 'feed.csv:3:Name  2  "Mok Duin"' in ended.out


# --- feeds of real shops -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("google_rss_filters.xml", 5), ("klaviyo_food.json", 1)])
def test_a_real_feed_that_is_broken_or_of_another_kind(run, name, code):
    if not SHARED.is_dir():
        pytest.skip("no real feeds here")
    ended = run("lint", Path(SHARED, "catalogs/feeds", name), "--channel", "google")
    assert ended.code == code
    assert "Traceback" not in ended.err
    assert ("google_rss_filters.xml:13:92" in ended.err) == (code == 5)


GROUP = {
    "id": "G1", "title": "Trui Oever", "description": {"plain": "Trui van wol."}, "colour": "wit",
    "variants": [
        {"id": f"G1-{size}", "title": f"Trui Oever {size}", "description": {"plain": "Trui van wol."},
         "price": {"amount": 7900, "currency": "EUR"}, "options": [{"name": "Size", "label": size}]}
        for size in "SML"
    ],
}  # fmt: skip


def groups(folder, *changes, **own):
    """A file of two groups, of which the second one differs."""
    variants = [variant | dict(changes).get(number, {}) for number, variant in enumerate(GROUP["variants"])]
    changed = {**GROUP, "id": "G2", **own, "variants": [{**one, "id": f"G2{one['id']}"} for one in variants]}
    path = folder / "groups.json"
    path.write_text(json.dumps([GROUP, {name: one for name, one in changed.items() if one is not None}], indent=1))
    lines = path.read_text().splitlines()
    return path, [number - 1 for number, line in enumerate(lines, 1) if '"id": "G' in line and "-" in line]


def told(issues, *codes):
    return [(one["code"], one["source"]["row"], one["field"]) for one in issues if one["code"] in codes]


def test_each_variant_has_its_own_line(run, tmp_path):
    path, lines = groups(tmp_path, (1, {"price": {"amount": "x", "currency": "EUR"}}), (2, {"title": ""}))
    ended, issues = issues_of(run, path, "--channel", "ucp")
    assert ended.code == 1
    assert told(issues, "invalid-price", "missing-required") == [
        ("invalid-price", lines[4], "price"), ("missing-required", lines[5], "title"),
    ]  # fmt: skip
    assert [one["value"] for one in issues if one["code"] == "unknown-column"] == ["group:colour"]


def test_a_group_is_checked_at_its_first_variant(run, tmp_path):
    path, lines = groups(tmp_path, title=None)
    _, issues = issues_of(run, path, "--channel", "ucp")
    assert told(issues, "missing-required") == [("missing-required", lines[3], "title")]


def test_variants_without_a_difference(run, tmp_path):
    path, lines = groups(tmp_path, (1, {"options": GROUP["variants"][0]["options"]}))
    _, issues = issues_of(run, path, "--channel", "ucp")
    assert [(row, code) for code, row, _ in told(issues, "variant-without-difference")] == [
        (lines[4], "variant-without-difference")
    ]


@pytest.mark.parametrize(
    ("items", "code", "said"),
    [
        ([{**GROUP, "variants": []}], 1, "groups.json:1"),
        ([{**GROUP, "variants": [1]}], 5, "a number or word stands where an item should stand"),
    ],
)
def test_groups_without_variants(run, tmp_path, items, code, said):
    path = tmp_path / "groups.json"
    path.write_text(json.dumps(items))
    ended = run("lint", path, "--channel", "ucp", "--as-of", "2026-11-22")
    assert ended.code == code
    assert said in ended.out + ended.err


def test_a_product_of_no_group_needs_nothing_of_one(run, tmp_path):
    path = tmp_path / "one.jsonl"
    offer = {"@type": "Offer", "price": 10, "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}
    one = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": "1",
        "name": "Mok",
        "image": ["https://a.example/1.jpg"],
    }
    path.write_text(json.dumps({**one, "offers": offer}))
    ended, issues = issues_of(run, path, "--channel", "jsonld")
    assert ended.code == 0
    assert not told(issues, "unknown-column")


@pytest.mark.parametrize(
    ("channel", "more", "unknown"),
    [
        ("google", {"shipping": [{"country": "NL", "price": "4.95 EUR", "carrier": "x"}]}, {"shipping.carrier"}),
        ("otto", {"pricing": {"standardPrice": {"amount": "1", "currency": "EUR"}, "colour": "x"}}, {"pricing.colour"}),
        ("amazon", {"attributes": {"item_name": [{"value": "Mok", "colour": "x"}]}}, {"attributes.item_name.colour"}),
        ("bol_content", {"attributes": [{"id": "Name", "colour": "x", "values": []}]}, {"attributes.colour"}),
    ],
)
def test_unknown_members_of_objects_are_told_once(run, tmp_path, channel, more, unknown):
    path = tmp_path / "feed.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in ({"sku": "1"}, {"sku": "2"} | more, {"sku": "3"} | more)))
    _, issues = issues_of(run, path, "--channel", channel)
    found = [(one["value"], one["source"]["row"]) for one in issues if one["code"] == "unknown-column"]
    assert {value for value, _ in found} - {"sku", "attributes"} == unknown
    assert [row for value, row in found if value in unknown] == [2]


def test_one_item_is_found_where_the_channel_has_items(run, tmp_path):
    head = '<OfferPackage><OfferPackage.Offers><OfferCollection Capacity="1">'
    offer = '<Offer SellerProductId="A1" Price="x"><Offer.ShippingInformationList><ShippingInformationList>'
    modes = '<ShippingInformation DeliveryMode="Standard" ShippingCharges="4.95"/>' * 2
    foot = "</ShippingInformationList></Offer.ShippingInformationList></Offer>"
    path = tmp_path / "Offers.xml"
    path.write_text(f"{head}\n{offer}{modes}{foot}\n</OfferCollection></OfferPackage.Offers></OfferPackage>")
    _, issues = issues_of(run, path, "--channel", "octopia")
    assert told(issues, "invalid-price") == [("invalid-price", 2, "price")]
    assert {one["field"] for one in issues if one["code"] == "missing-required"} >= {"ean", "vat"}
    assert not told(issues, "unknown-column")
    assert not [one for one in issues if one["field"] == "delivery_modes"]
