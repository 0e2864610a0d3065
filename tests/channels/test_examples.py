"""The channels against examples and schemas of their owners, which lie beside the checkout and are not part of it."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from feedsmith.issues import Issue, Severity
from feedsmith.render.leaves import leaves
from feedsmith.run.execute import execute
from feedsmith.run.request import FeedFile, Request
from tests.channels.engine import HERE, NOW, Bench
from tests.conftest import GOLDEN

DATA = HERE.resolve().parents[2] / "shared" / "data" / "marketplace"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the examples beside the checkout")

ATTRIBUTES = {
    "amazon_flat": {"attributes": ["country_of_origin"]},
    "digitec": {"languages": ["fr"]},
    "ebay": {"specifics": ["Kleur", "Inhoud"]},
    "kaufland_products": {"attributes": []},
    "mirakl_products": {"attributes": ["capacity"]},
}
HEADINGS = [
    # channel, example, the number of its heading line, headings that other rows need and ours do not
    ("amazon_flat", "amazon-legacy-category-full.txt", 2, set()),
    ("amazon_stock", "amazon-unified-price-quantity-full.txt", 4, set()),
    ("bol_supplier", "bol-supplier-offerfeed-minimal.txt", 0, set()),
    ("digitec", "digitec-galaxus-product-data-full.csv", 0, set()),
    ("ebay", "ebay-category-template-full.csv", 1, {"*C:Merk"}),  # the star is the category's
    ("ebay_revise", "ebay-revise-price-quantity.csv", 1, set()),
    ("etsy", "etsy-download-layout.csv", 0, set()),
    ("kaufland", "kaufland-inventory-feed-full.csv", 0, set()),
    ("kaufland_products", "kaufland-product-data-full.csv", 0, set()),
    ("mirakl_prices", "mirakl-prices-pri01.csv", 0, set()),
    ("mirakl_products", "mirakl-products-full.csv", 0, set()),
    ("mirakl_stock", "mirakl-stock-sto01.csv", 0, set()),
    ("zalando", "zalando-connected-retail-stock-full.csv", 0, set()),
]


def headings(channel: str, folder: Path) -> list[str]:
    """Every heading that the channel knows, in its order."""
    feed = Bench(channel, {"vars": ATTRIBUTES.get(channel, {})}, ["id"], folder).feed
    return [leaf.field.name for one in feed.fields for leaf in leaves(one.out)]


@pytest.mark.parametrize(("channel", "example", "line", "other"), HEADINGS, ids=[one[0] for one in HEADINGS])
def test_headings_of_an_example_are_known(tmp_path, channel, example, line, other):
    text = (DATA / "examples" / example).read_text("utf-8-sig")
    mark = next(sign for sign in ("\t", ";", ",") if sign in text.splitlines()[line])
    theirs = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))[line]
    ours = headings(channel, tmp_path)
    assert set(theirs) - set(ours) == other
    if channel == "amazon_stock":  # the only file whose columns stand in a fixed order
        assert ours == theirs


def golden(channel: str) -> str:
    (path,) = (GOLDEN / channel).iterdir()
    return path.read_text("utf-8")


def schema(name: str) -> Any:
    return json.loads((DATA / "schemas" / name).read_text("utf-8"))


def test_amazon_keeps_to_the_schema_of_its_envelope():
    jsonschema.validate(json.loads(golden("amazon")), schema("amazon-listings-feed-schema-v2.json"))


def test_bol_keeps_to_the_schema_of_offers():
    document = schema("bol-offers-v11.openapi.json")
    parts = document["components"]["schemas"]
    parts["Condition"] = {"$ref": "#/components/schemas/NewCondition"}  # its members overlap
    whole = {"$ref": "#/components/schemas/CreateOfferRequest", "components": {"schemas": parts}}
    for line in golden("bol").splitlines():
        jsonschema.validate(json.loads(line), whole)


def test_bol_keeps_to_the_schema_of_content():
    parts = schema("bol-retailer-v10.subset.json")["components"]["schemas"]
    whole = {"$ref": "#/components/schemas/CreateProductContentSingleRequest", "components": {"schemas": parts}}
    validator = jsonschema.Draft202012Validator(whole)
    for line in golden("bol_content").splitlines():
        # The schema asks for a unit on every value, which the owner's own samples leave out of texts.
        found = [error.message for error in validator.iter_errors(json.loads(line))]
        assert [message for message in found if "'unitId' is a required property" not in message] == []


MIRAKL = {"OF01": "mirakl", "PRI01": "mirakl_prices"}
"""Imports of whose files the owner's description has samples, and the channel that makes them."""


def mirakl_samples() -> Iterator[Any]:
    """The files in the description of the imports; placeholders are none."""
    if not DATA.exists():
        return
    for ways in schema("mirakl-seller-imports.subset.json")["paths"].values():
        for one in (way for way in ways.values() if isinstance(way, dict) and way.get("operationId") in MIRAKL):
            for example in one["requestBody"]["content"]["multipart/form-data"]["examples"].values():
                text = example["value"]["file"]
                if "\n" in text:
                    yield pytest.param(
                        MIRAKL[one["operationId"]], text, id=f"{one['operationId']} {example['summary']}"
                    )


@pytest.mark.parametrize(("channel", "text"), list(mirakl_samples()))
def test_samples_of_mirakl_have_no_error(tmp_path, channel, text):
    path = tmp_path / "import.csv"
    path.write_text(text, "utf-8")
    issues: list[Issue] = []
    request = Request(here=HERE, as_of=NOW, workers=1, feed=FeedFile(path, channel))
    report = execute(request, lambda report: issues.extend(report.issues()))
    assert [issue for issue in issues if issue.severity is Severity.ERROR] == []
    assert [issue.value for issue in issues if issue.code == "unknown-column"] == []
    assert report.feeds[0].items == report.feeds[0].products_in > 0


def keys(document: Any, way: str = "") -> set[str]:
    """Every member's way in a document, without the positions in lists."""
    if isinstance(document, dict):
        return set().union(*({f"{way}.{name}"} | keys(value, f"{way}.{name}") for name, value in document.items()))
    return set().union(*(keys(value, way) for value in document)) if isinstance(document, list) else set()


@pytest.mark.parametrize(
    ("channel", "example"),
    [
        ("allegro", "allegro-product-offer-minimal.json"),
        ("bol", "bol-offers-v11-minimal.jsonl"),
        ("bol_content", "bol-content-v10-minimal.json"),
        ("channelengine", "channelengine-products-minimal.json"),
        ("otto", "otto-products-v5-minimal.json"),
    ],
)
def test_members_of_a_small_example_are_ours(channel, example):
    text = golden(channel)
    ours = keys(json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()])
    theirs = keys(json.loads((DATA / "examples" / example).read_text("utf-8")))
    named = {".productSet.responsibleProducer.id", ".productSet.safetyInformation.description"}  # the sample has others
    assert theirs - ours - named - {".productDescription.bulletPoints"} == set()
