"""Feeds of other items than products: products in stores and regions, promotions, reviews."""

import csv
from pathlib import Path

import pytest

from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue
from feedsmith.reports.report import FeedReport
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.execute import execute
from feedsmith.run.explain import explain
from feedsmith.run.find import find
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project

CHANNEL = """
title: {name}
owner: Example
reference: https://www.example.com
read: 2026-11-22
format: csv
template: mirakl.csv.j2
item: {item}
fields:
{fields}
"""
LOCAL = """  store_code: {from: store.code, required: true}
  id: {required: true}
  quantity: {type: integer, from: store.quantity}
  price: {type: money, form: "{amount}", from: store.price}
  pickup: {from: store.pickup_method}
checks:
  none: {code: availability-mismatch, when: "quantity < 1 and store.code == 'AMS-01'", else: reject, field: quantity,
    message: "none left in {{ store.code }}"}
sets:
  twice: {check: unique, key: [store_code, id], code: duplicate-id, message: twice, else: keep_first}"""
REGIONAL = """  id: {required: true}
  region: {from: region.code}
  price: {type: money, form: "{amount}", from: region.price}
  availability: {from: region.availability}"""
PROMOTIONS = """  promotion_id: {from: id, required: true}
  title: {required: true}
  percent_off: {type: integer}
  dates: {type: period, from: "period(start, end)"}"""
REVIEWS = """  id: {required: true}
  product: {from: product_id}
  rating: {type: number}
  reviewer: {from: "reviewer if reviewer else 'Anonymous'"}"""
PROJECT = """
catalog:
  source: catalog.csv
  columns:
    stock: {amsterdam: stock_ams, utrecht: stock_utr}
    price: {NL: prijs, utrecht: prijs_utr, noord: prijs_noord}
    availability: {noord: leverbaar_noord}
  stores:
    amsterdam: {code: AMS-01, country: NL, pickup_method: reserve, buffer: "1"}
    utrecht: {code: UTR-01, country: NL}
    berlin: {code: BER-01, country: DE}
  regions: {noord: {code: R1}}
  promotions: promotions.csv
  reviews: {path: reviews.csv, columns: {rating: sterren}}
market: {country: NL, currency: EUR}
feeds:
  local: {channel: local, exclude: {no socks: product_type == "sokken"}}
  regional: {channel: regional}
  promotions: {channel: promotions}
  reviews: {channel: reviews}
  products: {channel: products}
"""
FILES = {
    "catalog.csv": """id,title,prijs,prijs_utr,stock_ams,stock_utr,product_type,prijs_noord,leverbaar_noord
A,Deken,10.00,9.50,3,0,dekens,11.00,
B,Trui,20.00,,1,,truien,,nee
C,Sok,5,,1,1,sokken,,
""",
    "promotions.csv": """promotion_id,long_title,start_date,end_date,percent_off
P1,10% korting,2026-11-01,2026-11-30,10
P2,20% korting,2026-12-01,2026-12-24,twintig
""",
    "reviews.csv": """review_id,sku,sterren,author
R1,A,4.5,Anna
R2,A,3,
""",
    "channels/local.yaml": CHANNEL.replace("{name}", "local").replace("{item}", "store").replace("{fields}", LOCAL),
    "channels/regional.yaml": CHANNEL.replace("{name}", "r").replace("{item}", "region").replace("{fields}", REGIONAL),
    "channels/promotions.yaml": CHANNEL.replace("{name}", "p").replace("{item}", "promotion").replace("{fields}", PROMOTIONS),
    "channels/reviews.yaml": CHANNEL.replace("{name}", "v").replace("{item}", "review").replace("{fields}", REVIEWS),
    "channels/products.yaml": CHANNEL.replace("{name}", "o").replace("{item}", "product").replace("{fields}", "  id: {}"),
}  # fmt: skip
EXPECTED = {
    "local": [
        {"store_code": "AMS-01", "id": "A", "quantity": "2", "price": "", "pickup": "reserve"},
        {"store_code": "UTR-01", "id": "A", "quantity": "0", "price": "9.50", "pickup": ""},
    ],
    "regional": [
        {"id": "A", "region": "R1", "price": "11.00", "availability": ""},
        {"id": "B", "region": "R1", "price": "", "availability": "out_of_stock"},
    ],
    "promotions": [
        {"promotion_id": "P1", "title": "10% korting", "percent_off": "10", "dates": "2026-11-01T00:00+0000/2026-11-30T23:59:59+0000"},
        {"promotion_id": "P2", "title": "20% korting", "percent_off": "", "dates": "2026-12-01T00:00+0000/2026-12-24T23:59:59+0000"},
    ],
    "reviews": [
        {"id": "R1", "product": "A", "rating": "4.5", "reviewer": "Anna"},
        {"id": "R2", "product": "A", "rating": "3", "reviewer": "Anonymous"},
    ],
    "products": [{"id": "A"}, {"id": "B"}, {"id": "C"}],
}  # fmt: skip


def test_the_command_line_names_a_file_of_promotions(project, tmp_path):
    (tmp_path / "other.csv").write_text("promotion_id,long_title\nP9,Kassakorting\n")
    request = Request(
        project=project, here=project, write=True, workers=1, feeds=("promotions",),
        sources=(("promotions", tmp_path / "other.csv"),),
    )  # fmt: skip
    execute(request, lambda report: None)
    with (project / "out" / "promotions.csv").open(newline="") as file:
        assert [row["promotion_id"] for row in csv.DictReader(file)] == ["P9"]


@pytest.fixture
def project(tmp_path) -> Path:
    """A project with all kinds of items."""
    for name, text in {**FILES, "feedsmith.yaml": PROJECT}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path


def run(project: Path, **options: object) -> tuple[dict[str, FeedReport], list[Issue]]:
    """The reports by feed, and all issues."""
    issues: list[Issue] = []
    request = Request(project=project, write=True, **options)
    report = execute(request, lambda told: issues.extend(told.issues()))
    return {feed.name: feed for feed in report.feeds}, issues


@pytest.mark.parametrize("workers", [1, 2])
def test_each_feed_holds_its_own_items(project, workers):
    run(project, workers=workers)
    for name, expected in EXPECTED.items():
        with (project / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert list(csv.DictReader(file)) == expected, name


def test_items_are_counted_by_place(project):
    feeds, issues = run(project)
    local = feeds["local"]
    assert (local.items, local.rejected, local.filtered, local.products_in) == (2, 1, 2, 5)
    assert (feeds["promotions"].products_in, feeds["products"].products_in) == (2, 3)
    told = {(one.code, one.feed, one.product, one.place.row) for one in issues}
    assert ("availability-mismatch", "local", "B", 3) in told
    assert ("filtered", "local", "C", 4) in told
    assert any(
        one.code == "invalid-number" and one.place.path == "promotions.csv" and one.place.row == 3 for one in issues
    )


def test_a_product_is_explained_in_each_store(project, tmp_path):
    request = Request(project=project, feeds=("local",))
    job, _ = open_job(request, open_project(request), tmp_path)
    told = explain(job, [compile_feed(job, spec) for spec in job.specs], find(job, "B").rows)[0].feeds
    assert [(one.name, one.state) for one in told] == [("local AMS-01", "rejected"), ("local UTR-01", "filtered")]
    quantity = next(one for one in told[0].fields if one.key == "quantity")
    assert [origin.place.column for origin in quantity.origins] == ["stock_ams"]


@pytest.mark.parametrize(
    ("asked", "feed", "state", "place", "field", "text"),
    [
        ("P2", "promotions", "in the feed", "promotions.csv:3", "percent_off", ""),
        ("P1", "promotions", "in the feed", "promotions.csv:2", "title", "10% korting"),
        ("R2", "reviews", "in the feed", "reviews.csv:3", "reviewer", "Anonymous"),
    ],
)
def test_other_records_are_explained_by_their_id(project, tmp_path, asked, feed, state, place, field, text):
    job, _ = open_job(Request(project=project), open_project(Request(project=project)), tmp_path)
    (one,) = explain(job, [compile_feed(job, spec) for spec in job.specs], find(job, asked).rows)
    assert [(told.name, told.state) for told in one.feeds] == [(feed, state)]
    assert str(one.row.place) == place
    assert [told.text for told in one.feeds[0].fields if told.key == field] == [text]


def test_an_id_that_several_records_have_finds_them_all(project, tmp_path):
    (project / "reviews.csv").write_text("review_id,sku,sterren,author\nP1,A,5,Anna\nA,A,4,\n")
    job, _ = open_job(Request(project=project), open_project(Request(project=project)), tmp_path)
    feeds = [compile_feed(job, spec) for spec in job.specs]

    def found(asked: str) -> list[tuple[str, list[str]]]:
        told = explain(job, feeds, find(job, asked).rows)
        return [(one.row.record, sorted({feed.name.split()[0] for feed in one.feeds})) for one in told]

    assert found("P1") == [("promotion", ["promotions"]), ("review", ["reviews"])]
    assert found("A") == [("product", ["local", "products", "regional"]), ("review", ["reviews"])]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("  promotions: promotions.csv\n", ""), "names no promotions"),
        (("{code: UTR-01, country: NL}", "{code: AMS-01}"), "'AMS-01' stands there twice"),
        (("buffer:", "bufer:"), "a store has no 'bufer'"),
        (("country: NL, currency: EUR}", "country: FR, currency: EUR}"), "needs stores in FR"),
        (("regions: {noord: {code: R1}}", "regions: {}"), "needs regions"),
        (("rating: sterren", "rating: punten"), 'no column "punten"'),
        (("rating: sterren", "raiting: sterren"), "is not a field"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(project, change, said):
    assert change[0] in PROJECT
    (project / "feedsmith.yaml").write_text(PROJECT.replace(*change), "utf-8")
    with pytest.raises(DefinitionError) as caught:
        run(project)
    assert said in str(caught.value)
    assert "feedsmith.yaml:" in str(caught.value) or caught.value.place.path == "feedsmith.yaml"


def test_stores_are_those_of_the_stock_columns_where_nothing_is_said(project):
    start, end = PROJECT.index("  stores:"), PROJECT.index("  regions:")
    (project / "feedsmith.yaml").write_text(PROJECT[:start] + PROJECT[end:], "utf-8")
    run(project, feeds=("local",))
    with (project / "out" / "local.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["store_code"], row["quantity"]) for row in csv.DictReader(file)] == [
            ("amsterdam", "3"), ("utrecht", "0"), ("amsterdam", "1"),
        ]  # fmt: skip
