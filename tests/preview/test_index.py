"""The preview's index: what a run would say of a catalog, product by product, and quick to ask."""

from collections import Counter
from pathlib import Path

import pytest

from feedsmith.preview.index import read
from feedsmith.preview.index.read import Filter
from feedsmith.reports.report import Report
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.channels.engine import NOW
from tests.helpers import ROOT, write_tree
from tests.preview.serving import opened

SAMPLES = ROOT / "samples"


def counted(project: Path) -> tuple[Counter[tuple[str, str, str]], dict[str, tuple[int, int, int]]]:
    """What `validate` says: issues by severity, feed and code, and each feed's figures."""
    found: list[Report] = []
    execute(Request(project=project, here=project, as_of=NOW, workers=1), found.append)
    counts = Counter({(str(key[0]), *key[1:]): number for key, number in found[0].counts.items()})
    return counts, {one.name: (one.items, one.rejected, one.filtered) for one in found[0].feeds}


@pytest.mark.parametrize("sample", ["mistakes", "shop", "joined", "five-lines", "library"])
def test_it_says_what_a_run_says(sample: str):
    counts, figures = counted(SAMPLES / sample)
    with opened(SAMPLES / sample) as session, read.reading(session.state.index) as database:
        names = [feed.spec.name for feed in session.state.feeds]
        feeds = read.feeds(database, len(names), session.state.spread)
        told = Counter({})
        for kind in read.kinds(database):
            told[kind["severity"], kind["feed"], kind["code"]] += kind["issues"]
        listed = Counter((str(one.severity), one.feed, one.code) for one in session.state.issues())
    for name, one in zip(names, feeds, strict=True):
        assert tuple(one.values()) == figures[name], name
    # a run also says which rules are never used, which asks the whole catalog once more, and what has no product
    for key in {*told, *counts} - {key for key in counts if key[2] == "filtered"}:
        if key[2] not in {"unused-rule", "unused-table"}:
            assert told[key] == counts[key], key
    assert told == +Counter({key: number for key, number in listed.items() if key[2] != "filtered"})


@pytest.fixture(scope="module")
def mistakes():
    with opened(SAMPLES / "mistakes") as session, read.reading(session.state.index) as database:
        yield database


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (Filter(), 38),
        (Filter(state="rejected"), 13),
        (Filter(state="filtered", feeds=((0, "google_nl"),)), 1),
        (Filter(state="in", feeds=((0, "google_nl"),)), 24),
        (Filter(code="invalid-gtin"), 2),
        (Filter(code="invalid-gtin", feeds=((0, "google_nl"),)), 2),
        (Filter(code="invalid-gtin", feeds=((0, "another"),)), 0),
        (Filter(text="theedoek molenw"), 37),
        (Filter(text="M-price-neg"), 1),
        (Filter(text="price-negative"), 0),
        (Filter(text='"( * OR'), 0),
        (Filter(category="Keuken"), 38),
        (Filter(category="Keuken > Theedoeken"), 38),
        (Filter(category="Keuken%"), 0),
    ],
)
def test_filters(mistakes, asked: Filter, count: int):
    page = read.page(mistakes, asked)
    assert (page.count, len(page.rows)) == (count, min(count, read.PAGE))


def test_the_ones_with_most_wrong_are_first(mistakes):
    rows = read.page(mistakes, Filter()).rows
    ranks = [(row["errors"], row["warnings"], row["infos"]) for row in rows]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0][0] > 0
    assert read.page(mistakes, Filter(), start=36).rows == rows[36:]


def test_what_to_mend_first(mistakes):
    fixes = read.fixes(mistakes, ["google_nl"])
    assert fixes[0] == {
        "code": "invalid-gtin", "field": "gtin", "column": "gtin", "held": 2, "freed": 2, "feeds": ["google_nl"],
    }  # fmt: skip
    assert len(fixes) == read.FIXES


def test_products_that_two_errors_keep_out_are_freed_by_neither(tmp_path: Path):
    write_tree(tmp_path, {
        "feedsmith.yaml": "catalog: {source: p.csv}\nfeeds: {google: {channel: google}}\n",
        "p.csv": "id,title,description,link,image_link,availability,price,brand\n"
        "A,T,D,not a link,https://x.example/1.jpg,in_stock,gratis,B\n"
        "B,T2,D,https://x.example/2,https://x.example/2.jpg,in_stock,gratis,B\n",
    })  # fmt: skip
    with opened(tmp_path) as session, read.reading(session.state.index) as database:
        found = {(one["code"], one["field"]): (one["held"], one["freed"]) for one in read.fixes(database, ["google"])}
    assert found["invalid-price", "price"] == (2, 1)
    assert found["invalid-url", "link"] == (1, 0)


def test_groups_and_places_of_products(tmp_path: Path):
    """A feed whose items are groups sorts the catalog; its products are read again from where they went."""
    with opened(SAMPLES / "shop", channels=("google",)) as session, read.reading(session.state.index) as database:
        one = read.by_id(database, "VH-TS01-WIT-M")
        assert one is not None
        batch, at = session.readers()[0].row(one["part"], one["at"])
        group = {row["id"] for row in read.variants(database, one, 50)}
    assert batch.columns["id"][at] == "VH-TS01-WIT-M"
    assert "VH-TS01-WIT-S" in group
