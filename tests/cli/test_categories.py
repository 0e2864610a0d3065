"""`categories suggest`: the report, and the table that people edit."""

import csv
import json

import pytest

from tests.helpers import write_tree

CATALOG = """\
id,title,product_type,price
1,Regenjas Wad,Kleding > Jassen,9.00
2,Winterjas Wad,Kleding > Jassen,9.00
3,Jurk Duin,Kleding > Jurken,9.00
4,Iets,Xyzzy,9.00
5,Kom,,9.00
6,Trui,Kleding > Truien,9.00
"""
PROJECT = """\
catalog: catalog.csv
tables: {own: own.csv}
feeds: {google: {channel: google, market: {country: NL}, fields: {google_product_category: {table: own, key: product_type, missing: ignore}}}}
"""
OWN = "product_type,google_id,bol_id\nKleding > Truien,212,b1\n"


@pytest.fixture
def shop(tmp_path):
    return write_tree(tmp_path, {"feedsmith.yaml": PROJECT, "catalog.csv": CATALOG, "own.csv": OWN})


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_report_has_what_is_unmapped_by_number_of_products(run, shop):
    report = json.loads(run("categories", "suggest", "--format", "json", cwd=shop).out)
    found = [(one["category"], one["products"], one["mapped"]) for one in report["categories"]]
    assert found == [
        ("Kleding > Jassen", 2, None),
        ("Kleding > Jurken", 1, None),
        ("Kleding > Truien", 1, "212"),
        ("Xyzzy", 1, None),
    ]
    assert [one["proposals"][0]["id"] for one in report["categories"][:2]] == ["5598", "2271"]
    assert (report["unmapped"], report["without_category"]) == ({"categories": 3, "products": 4}, 1)


def test_the_text_says_the_same(run, shop):
    ended = run("categories", "suggest", "--limit", "2", cwd=shop)
    lines = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert lines[0] == "4 categories with 5 products; 3 of them, with 4 products, are mapped by no table"
    assert lines[1] == "1 product has no category"
    assert lines[4].split()[:4] == ["2", "Kleding", ">", "Jassen"]
    assert lines[-1] == "and 1 more; --limit N shows as many"


def test_a_new_table_has_all_with_scores(run, shop):
    ended = run("categories", "suggest", "--out", "tables/new.csv", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    table = {row["product_type"]: row for row in rows(shop / "tables/new.csv")}
    assert list(table["Xyzzy"].values()) == ["Xyzzy", "", "", ""]
    assert table["Kleding > Jassen"]["google_id"] == "5598"
    assert table["Kleding > Jassen"]["path"].endswith("Outerwear > Coats & Jackets")
    assert float(table["Kleding > Jassen"]["score"]) > 0.4
    assert (table["Kleding > Truien"]["google_id"], table["Kleding > Truien"]["score"]) == ("212", "")


def test_what_someone_filled_in_stays(run, shop):
    text = "product_type;google_id;who\nKleding > Jassen;1604;Jo\nGone;5;Jo\nKleding > Jurken;;Jo\n"
    (shop / "mine.csv").write_text(text)
    for _ in range(2):
        assert run("categories", "suggest", "--out", "mine.csv", cwd=shop).code == 0
    lines = (shop / "mine.csv").read_text().splitlines()
    assert lines[0] == "product_type;google_id;who;path;score"
    assert lines[1:3] == ["Kleding > Jassen;1604;Jo;;", "Gone;5;Jo;;"]
    assert lines[3].startswith("Kleding > Jurken;2271;Jo;Apparel & Accessories > Clothing > Dresses;0.")
    assert len(lines) == 6


def test_the_table_can_be_used_by_rules(run, shop):
    run("categories", "suggest", "--out", "own.csv", cwd=shop)
    assert run("validate", "--limit", "0", cwd=shop).code == 0
    assert json.loads(run("categories", "suggest", "--format", "json", cwd=shop).out)["unmapped"]["categories"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "b1 - Kleding > Jassen en mantels\nb2 - Kleding > Jurken\n",
        "id;naam\nb1;Kleding > Jassen en mantels\nb2;Kleding > Jurken\n",
    ],
)
def test_a_marketplaces_own_list(run, shop, text):
    (shop / "list.txt").write_text(text)
    words = ["--list", "list.txt", "--column", "bol_id", "--format", "json"]
    report = json.loads(run("categories", "suggest", *words, cwd=shop).out)
    proposed = {one["category"]: [other["id"] for other in one["proposals"][:1]] for one in report["categories"]}
    assert proposed["Kleding > Jassen"] == ["b1"]
    assert proposed["Kleding > Jurken"] == ["b2"]
    assert proposed["Kleding > Truien"] == []


WRONG = {
    ("--list", "none.csv"): "none.csv: cannot be read",
    ("--list", "empty.csv"): "empty.csv: the list holds no categories",
    ("--out", "own.csv", "--column", "gogle_id"): "has no column 'gogle_id'\n  hint: did you mean google_id",
}


@pytest.mark.parametrize("words", WRONG)
def test_wrong_files_are_told(run, shop, words):
    (shop / "empty.csv").write_text("id,path\n")
    ended = run("categories", "suggest", *words, cwd=shop)
    assert (ended.code, ended.out, WRONG[words] in ended.err) == (2, "", True)
    assert (shop / "own.csv").read_text() == OWN
