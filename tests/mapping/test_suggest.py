"""Proposals of categories: a table of merchants' categories, measured; and the parts that make them."""

import csv
import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.mapping.suggest import Entry, Suggester, nearby, parts_of
from feedsmith.mapping.taxonomy import SEPARATOR, paths
from tests.helpers import ROOT

CASES = ROOT / "tests/mapping/category_cases.tsv"
SHOPIFY = ROOT.parent / "shared/data/google/shopify-to-google-categories.tsv"
GOOGLE = {number: path for number, path in paths().items() if number.isdigit()}
FIRST, THREE = 0.85, 0.92
"""Least share of the cases that the first proposal hits, and one of the first three."""


@cache
def suggester():
    return Suggester(Entry(number, path) for number, path in GOOGLE.items())


def cases():
    """Merchant's category and the id that a person would choose; it is written as the end of its path."""
    for line in CASES.read_text("utf-8").splitlines():
        category, _, end = line.partition("\t")
        wanted = tuple(end.split(SEPARATOR))
        (number,) = [number for number, path in GOOGLE.items() if path[-len(wanted) :] == wanted]
        yield category, number


def shares(table):
    """Share of hits of the first proposal, and of the first three."""
    found = [([one.id for one in suggester().propose(category)], wanted) for category, wanted in table]
    first = sum(ids[:1] == [wanted] for ids, wanted in found) / len(found)
    return first, sum(wanted in ids for ids, wanted in found) / len(found)


def test_most_cases_are_hit():
    table = list(cases())
    assert len(table) > 200
    first, three = shares(table)
    assert (first >= FIRST, three >= THREE) == (True, True), (first, three)


@pytest.mark.skipif(not SHOPIFY.exists(), reason="the shared data is not here")
def test_categories_of_another_taxonomy_are_hit():
    """Names that were not looked at while the words were chosen: Shopify's, with the ids that Shopify gives them."""
    with SHOPIFY.open(encoding="utf-8") as file:
        rows = [(row["shopify_full_name"], row["google_id"]) for row in csv.DictReader(file, delimiter="\t")]
    picked = random.Random(7).sample([row for row in rows if row[1]], 400)  # noqa: S311 - a sample, always the same
    first, three = shares(picked)
    assert (first > 0.8, three > 0.9) == (True, True), (first, three)


@pytest.mark.parametrize(
    ("category", "end"),
    [
        ("Regenjassen", "Coats & Jackets"),
        ("Möbel > Kleiderschränke", "Armoires & Wardrobes"),
        ("Maison > Housses de couette", "Duvet Covers"),
        ("HANDTASSEN", "Handbags"),
        ("Apparel & Accessories > Clothing > Skirts", "Skirts"),
    ],
)
def test_compounds_accents_phrases_and_capitals(category, end):
    assert suggester().propose(category)[0].path[-1] == end


def test_every_category_of_the_list_proposes_itself():
    for number, path in list(GOOGLE.items())[::97]:
        assert number in [one.id for one in suggester().propose(SEPARATOR.join(path))], path


def test_titles_help_where_the_category_says_nothing():
    titles = ["Espresso machine X1", "Espresso machine X2 with grinder", "Espresso machine small"]
    assert suggester().propose("Xyzzy 2027") == []
    assert "Espresso" in suggester().propose("Xyzzy 2027", titles)[0].path[-1]


def test_what_is_mapped_nearby_counts():
    entries = [Entry("1", ("Toys", "Robots")), Entry("2", ("Machines", "Robots"))]
    mapped = {("Kids", "Cars"): ("Toys", "Cars")}
    near = nearby(("Kids", "Robots"), mapped, entries)
    assert near == {"1": 0.25}
    assert [one.id for one in Suggester(entries).propose("Kids > Robots", near=near)] == ["1", "2"]
    assert nearby(("Other", "Robots"), mapped, entries) == {}


def test_names_in_the_shops_own_language_count():
    entries = [
        Entry("1", ("Signage", "Road Signs"), ("Borden", "Verkeersborden")),
        Entry("2", ("Dinnerware", "Plates")),
    ]
    assert Suggester(entries).propose("Verkeersborden")[0].id == "1"


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_gives_scores_in_order(category, titles):
    scores = [one.score for one in suggester().propose(category, titles)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


@given(
    st.lists(st.sampled_from(["Kleding", "Jassen", "Home & Garden"]), min_size=1),
    st.sampled_from([" > ", "/", "|", " » "]),
)
def test_paths_are_taken_apart(parts, mark):
    assert parts_of(mark.join(parts)) == tuple(parts)
