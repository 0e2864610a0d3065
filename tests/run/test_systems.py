"""The files of each system come out as complete products, whatever the order of their rows."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest
import yaml

from feedsmith.catalog.headings import Claim, Written, claim, normalise
from feedsmith.catalog.system import systems
from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Issue
from feedsmith.reports.report import Report
from feedsmith.run.execute import execute
from feedsmith.run.gather import engine
from feedsmith.run.gather.engine import Gathered, Settings, gathered
from feedsmith.run.request import Request
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import ReadOptions, open_table
from tests.helpers import ROOT, write_tree

CASES = yaml.safe_load((ROOT / "tests/run/systems_cases.yaml").read_text("utf-8"))
SITE = Settings({"": "https://shop.example"})


@dataclass(frozen=True)
class Found:
    """What a catalog came to: each product's texts by heading, its line, and what was told."""

    system: str
    made: Gathered
    claims: dict[str, Claim]
    rows: list[dict[str, str | None]]
    places: list[tuple[str, int | None]]
    issues: tuple[Issue, ...]

    def value(self, row: int, key: str) -> str | None:
        """What a product has for a key; `column NAME` is a column by its heading."""
        if key.startswith("column "):
            return self.rows[row].get(key.removeprefix("column "))
        found = self.claims.get(key)
        texts = [self.rows[row].get(heading) for heading in (found.heading, *found.more)] if found else []
        return next(filter(None, texts), None)


def gather(files: dict[str, str], folder: Path, settings: Settings = SITE) -> Found:
    write_tree(folder, files)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    tables = [open_table(folder / name, ReadOptions(), scratch, name) for name in files]
    names = [[normalise(heading) for heading in table.headings] for table in tables]
    known = systems()
    system = next(one for one in map(known.recognise, names) if one and all(map(one.kind_of, names)))
    made = gathered(system, tables, settings, scratch)
    assert made is not None
    claims, _ = claim(made.table.headings, {}, written=Written(system, made.made))
    rows, places = [], []
    for batch in read_table(made.table):
        columns = {name: column.values for name, column in batch.columns.items()}
        rows += [{name: values[row] for name, values in columns.items()} for row in range(len(batch))]
        places += [(batch.place(row).path, batch.place(row).row) for row in range(len(batch))]
    return Found(system.name, made, claims, rows, places, made.issues)


@pytest.mark.parametrize("name", CASES)
def test_products_of_a_system(tmp_path, name):
    case = CASES[name]
    settings = replace(SITE, languages=tuple(case.get("languages", ())), now=datetime(2026, 11, 22, tzinfo=UTC))
    found = gather(case["files"], tmp_path, settings)
    expected = [{key: value and " ".join(value.split()) for key, value in one.items()} for one in case["products"]]
    read = [
        {key: (text := found.value(row, key)) and " ".join(text.split()) for key in one}
        for row, one in enumerate(expected)
    ]
    assert found.system == case["system"]
    assert read == expected
    assert len(found.rows) == len(expected)
    assert sorted(issue.code for issue in found.issues) == sorted(case["issues"])
    if "lines" in case:
        assert [line for _, line in found.places] == case["lines"]


def test_every_system_with_a_shape_has_a_case():
    known = systems()
    shaped = {name for name in known if known[name].definition.shape is not None}
    assert shaped - {case["system"] for case in CASES.values()} == {"wisepim"}


def magento(seed: int, articles: int) -> dict[str, str]:
    """An export with its rows in any order."""
    rows = []
    for number in range(articles):
        sizes = "SML"[: 1 + number % 3]
        listed = "|".join(f"sku=A{number}-{size},size={size}" for size in sizes)
        rows += [f"A{number}-{size},Top,simple,base,,{number}," for size in sizes]
        rows.append(f'A{number},Top,configurable,base,Article {number},,"{listed}"')
    rows.sort(key=lambda row: crc32(f"{seed} {row}".encode()))
    head = "sku,attribute_set_code,product_type,product_websites,name,price,configurable_variations"
    return {"export.csv": "\n".join([head, *rows]) + "\n"}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_and_the_number_of_buckets_make_no_difference(tmp_path, monkeypatch, seed):
    plain = gather(magento(99, 40), tmp_path / "plain")
    monkeypatch.setattr(engine, "BUCKET", 300)
    mixed = gather(magento(seed, 40), tmp_path / "mixed")
    keys = ("id", "item_group_id", "title", "price", "size")

    def products(found: Found) -> set[tuple[str | None, ...]]:
        return {tuple(found.value(row, key) for key in keys) for row in range(len(found.rows))}

    assert products(mixed) == products(plain)
    assert len(mixed.rows) == 79
    groups = [mixed.value(row, "item_group_id") for row in range(len(mixed.rows))]
    assert len([group for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group]) == 40


def test_markets_with_sites_of_their_own_have_links_of_their_own(tmp_path):
    files = {
        "p.csv": "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\ncap,Cap,Title,Default Title,C,5\n"
    }
    sites = Settings({"nl": "https://shop.example/nl/", "de": "https://shop.example/de"})
    found = gather(files, tmp_path, sites)
    assert found.value(0, "link[nl]") == "https://shop.example/nl/products/cap"
    assert found.value(0, "link[de]") == "https://shop.example/de/products/cap"
    assert "link" not in found.claims


def test_pictures_lie_where_the_project_says(tmp_path):
    case = CASES["akeneo, three levels and keys in another case"]
    found = gather(case["files"], tmp_path, Settings({}, media="https://media.example/"))
    assert found.value(0, "image_link") == "https://media.example/files/jacket.jpg"
    assert [issue.code for issue in found.issues] == []


def test_a_row_that_is_its_own_ancestor_ends_somewhere(tmp_path):
    files = {
        "products.csv": "sku;family;parent;enabled\nA;f;m1;1\n",
        "models.csv": "code;family_variant;parent\nm1;v;m2\nm2;v;m1\n",
    }
    found = gather(files, tmp_path)
    assert [found.value(0, "id"), len(found.rows)] == ["A", 1]


def test_places_are_those_of_each_file(tmp_path):
    head = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
    found = gather({"one.csv": f"{head}a,A,Size,S,A1,1\n", "two.csv": f"{head}b,B,Size,S,B1,1\na,,,M,A2,1\n"}, tmp_path)
    assert found.places == [("one.csv", 2), ("two.csv", 3), ("two.csv", 2)]
    assert found.value(1, "title") == "A"


# In a run


OWN_SYSTEM = """\
title: Tills of Acme
files:
  products: {when: [[till_code, article]]}
columns: {code: [till_code]}
fields: {id: [till_code], title: [article_name], price: [amount]}
shape:
  own: article
  default: variant
  keep: [till_code, amount]
  id: {columns: code}
"""
TILLS = {"tills.csv": "till code,article,article name,amount\n1-S,1,Hat,5\n1-M,1,,6\n2-S,2,Cap,7\n"}
PROJECT = (
    "catalog: {source}\nmarket: {{country: NL, site: https://shop.example}}\nfeeds: {{google: {{channel: google}}}}\n"
)


def run(folder: Path, source: str, files: dict[str, str]) -> tuple[Report, list[Issue]]:
    write_tree(folder, {"feedsmith.yaml": PROJECT.format(source=source), **files})
    issues: list[Issue] = []
    report = execute(Request(project=folder, workers=1), lambda made: issues.extend(made.issues()))
    return report, issues


def test_a_run_tells_the_system_and_counts_products_and_rows(tmp_path):
    files = CASES["shopify, old names with continuation and image rows"]["files"]
    report, issues = run(tmp_path, "products_export.csv", files)
    assert [(one.system, one.rows) for one in report.sources] == [("shopify", 5)]
    assert (report.products, report.feeds[0].products_in) == (3, 3)
    assert {"made-id", "row-left-out"} <= {issue.code for issue in issues}


def test_issues_stand_at_the_row_and_column_of_the_users_file(tmp_path):
    _, issues = run(tmp_path, "p.csv", {"p.csv": "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\na,,,M,A2,x\na,A,Size,S,A1,1\n"})  # fmt: skip
    wrong = next(issue for issue in issues if issue.code == "invalid-price")
    assert (str(wrong.place), wrong.product) == ("p.csv:2:Variant Price", "A2")


def test_a_project_has_systems_of_its_own(tmp_path):
    report, _ = run(tmp_path, "tills.csv", {"systems/acme.yaml": OWN_SYSTEM, **TILLS})
    assert [(one.system, one.rows) for one in report.sources] == [("acme", 3)]
    assert report.products == 3


def test_a_source_names_its_system_or_none(tmp_path):
    files = {"p.csv": "sku,parent_sku,title,price\nA,,Hat,5\nA-1,A,,5\nA-2,A,,5\n"}
    report, _ = run(tmp_path / "named", "{source: {path: p.csv, system: wisepim}}", files)
    assert (report.sources[0].system, report.products) == ("wisepim", 2)
    shop = CASES["shopify, old names with continuation and image rows"]["files"]
    report, _ = run(tmp_path / "none", "{source: {path: products_export.csv, system: none}}", shop)
    assert (report.sources[0].system, report.products) == ("generic", 5)


@pytest.mark.parametrize(
    ("source", "system", "where", "said"),
    [
        ("{source: {path: tills.csv, system: shopfy}}", OWN_SYSTEM, "feedsmith.yaml:1", "there is no system 'shopfy'"),
        ("tills.csv", OWN_SYSTEM + "  optoins: {}\n", "systems/acme.yaml:11", "unknown key 'optoins'"),
        ("tills.csv", "title: A\nfiles: {p: {when: [[x]], part: dog}}\n", "systems/acme.yaml:2", "files.p.part"),
    ],
)
def test_mistakes_in_systems_are_told_with_their_place(tmp_path, source, system, where, said):
    with pytest.raises(DefinitionError) as found:
        run(tmp_path, source, {"systems/acme.yaml": system, **TILLS})
    assert str(found.value.place).startswith(where)
    assert said in str(found.value)


def test_files_of_one_system_that_do_not_go_together_are_refused(tmp_path):
    files = {"a.csv": "id,title\n1,Hat\n", "b.csv": "id,name\n1,Hat\n"}
    with pytest.raises(SourceError):
        run(tmp_path, "{source: {path: [a.csv, b.csv]}}", files)


def test_groups_of_a_gathered_catalog_are_written_whole(tmp_path):
    files = {"feedsmith.yaml": PROJECT.format(source="e.csv").replace("google", "acp"), "e.csv": magento(1, 4)["export.csv"]}  # fmt: skip
    write_tree(tmp_path, files)
    issues: list[Issue] = []
    report = execute(Request(project=tmp_path, workers=1), lambda made: issues.extend(made.issues()))
    assert report.products == sum(1 + number % 3 for number in range(4))
    assert {issue.place.path for issue in issues if issue.place.path.endswith(".csv")} <= {"e.csv"}
