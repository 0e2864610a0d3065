"""A review that has everything: the document keeps to the published schema, of which the newest that is at hand is 2.2."""

from pathlib import Path

import pytest
from lxml import etree

from tests.channels.engine import HERE, Bench, cell

SCHEMA = Path(__file__).resolve().parents[3] / "shared/data/google/product_reviews-2.2.xsd"
XS = "{http://www.w3.org/2001/XMLSchema}"
FULL = {
    "id": "R-1", "product_id": "TS-RED-M", "gtin": ["8712345678906", "3234567890126"], "mpn": ["EW-TS"],
    "brand": "Example Wear", "product_name": "T-shirt <red> & white", "product_link": "https://www.example.com/p/ts?c=red&s=m",
    "reviewer": "Marijke & Joost", "reviewer_id": "88", "created": "2026-10-03T14:12:05+02:00", "title": "Fits",
    "content": 'Small & <light>; stays "white".', "pros": ["Soft", "Fits"], "cons": ["Short"],
    "link": "https://www.example.com/r/1?a=1&b=2", "link_scope": "singleton",
    "images": "https://www.example.com/1.jpg,https://www.example.com/2.jpg", "rating": "4.5", "rating_max": "10",
    "spam": "no", "verified_purchase": "yes", "incentivised": "no", "collection_method": "post_fulfillment",
    "transaction_id": "T-1",
}  # fmt: skip
LEAST = ("id", "created", "content", "rating", "product_link")


def schema() -> etree.XMLSchema:
    """The schema of 2.2 with what 2.4 changes: the version, two more elements, no deleted reviews."""
    tree = etree.parse(SCHEMA)
    named = {one.get("name"): one for one in tree.iter(f"{XS}element")}
    version, deleted, spam = named["version"], named["deleted_reviews"], named["is_spam"]
    version.set("fixed", "2.4")
    deleted.getparent().remove(deleted)
    for name in ("is_incentivized_review", "is_verified_purchase"):
        spam.addnext(etree.Element(f"{XS}element", name=name, type="xs:boolean", minOccurs="0"))
    return etree.XMLSchema(tree)


def document(folder: Path, reviews: list[dict[str, object]], variables: dict[str, str]) -> etree._Element:
    """The feed of these reviews."""
    bench = Bench("google_reviews", {"vars": variables}, list(FULL), folder)
    rows = [{name: cell(name, value) for name, value in one.items()} for one in reviews]
    feed = bench.feed
    made = feed.run(bench.conformed(rows), {})
    text = feed.template.head_text(feed.context) + "".join(made.texts) + feed.template.foot_text(feed.context)
    return etree.fromstring(text.encode())


CASES = {
    "everything": ([FULL], {"aggregator": "Stars & Co", "favicon": "https://www.example.com/f.png"}),
    "nothing besides the least": ([{name: FULL[name] for name in LEAST}], {}),
    "both": ([FULL, {**{name: FULL[name] for name in LEAST}, "id": "R-2"}], {"aggregator": "Stars"}),
}


@pytest.mark.skipif(not SCHEMA.exists(), reason="needs the schema beside the checkout")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_document_keeps_to_the_schema(case, tmp_path):
    reviews, variables = case
    root = document(tmp_path, reviews, variables)
    assert len(root.findall("reviews/review")) == len(reviews)
    schema().assertValid(root)


def test_order_of_a_review(tmp_path):
    """The order counts; it is that of the owner's page."""
    (review,) = document(tmp_path, [FULL], {}).iter("review")
    assert [child.tag for child in review] == [
        "review_id", "reviewer", "review_timestamp", "title", "content", "pros", "cons", "review_url", "reviewer_images",
        "ratings", "products", "is_spam", "is_verified_purchase", "is_incentivized_review", "collection_method",
        "transaction_id",
    ]  # fmt: skip
    assert [one.tag for one in review.find("products/product/product_ids")] == ["gtins", "mpns", "skus", "brands"]
    assert [one.text for one in review.iter("gtin")] == FULL["gtin"]
    assert [one.text for one in review.iter("url")] == FULL["images"].split(",")


@pytest.mark.skipif(not SCHEMA.exists(), reason="needs the schema beside the checkout")
def test_sample_keeps_to_the_schema():
    (file,) = (HERE.parent / "golden/google_reviews").iterdir()
    schema().assertValid(etree.parse(file))
