"""`feedsmith sample`: few products that stand for all, in files of every format that still belong together."""

import contextlib
import gzip
import io
import json
import sqlite3

import pytest
import yaml
from lxml import etree
from openpyxl import Workbook, load_workbook

from tests.helpers import ROOT, write_tree

HEADINGS = ("id", "title", "price", "product_type", "item_group_id", "season", "availability")
NUMBER = 400
PROJECT = """\
catalog: {path}
market: {{country: NL, language: nl, currency: EUR, site: https://www.kaap.example}}
fields:
  link: "{{{{ market.site }}}}/{{{{ id }}}}"
  image_link: "{{{{ market.site }}}}/{{{{ id }}}}.jpg"
  description: "{{{{ title }}}}"
  custom_label_0:
    - {{when: price > 390, value: dear}}
    - {{when: season == "rare", value: rare}}
    - {{value: usual}}
exclude:
  sold out: availability == "out_of_stock"
feeds: {{google: {{channel: google}}}}
"""


def row(number):
    changes = {37: {"price": "abc"}, 111: {"title": ""}, 222: {"season": "rare"}, 333: {"availability": "out_of_stock"}}
    return {
        "id": f"A{number}",
        "title": f"Deken nummer {number}",
        "price": f"{number}.00",
        "product_type": f"Wonen > Soort {number // 50}",
        "item_group_id": f"G{number // 5}",
        "season": "NOS",
        "availability": "in_stock",
    } | changes.get(number, {})


ROWS = [row(number) for number in range(1, NUMBER + 1)]
ROWS[251]["id"] = "A17"


def as_csv(sign=";"):
    return "\n".join([sign.join(HEADINGS), *(sign.join(one[name] for name in HEADINGS) for one in ROWS)]) + "\n"


def as_xlsx():
    book, file = Workbook(), io.BytesIO()
    book.active.append(HEADINGS)
    for one in ROWS:
        book.active.append([one[name] for name in HEADINGS])
    book.save(file)
    return file.getvalue()


def as_xml():
    root = etree.Element("shop")
    for one in ROWS:
        item = etree.SubElement(root, "product")
        for name in HEADINGS:
            etree.SubElement(item, name).text = one[name]
    return etree.tostring(root)


FILES = {
    "catalog.csv": as_csv().encode(),
    "catalog.tsv.gz": gzip.compress(as_csv("\t").encode(), mtime=0),
    "western.csv": ("\ufeff" + as_csv().replace("Deken", "Größe")).encode("utf-16"),
    "catalog.xlsx": as_xlsx(),
    "catalog.xml": as_xml(),
    "catalog.json": json.dumps({"products": ROWS}).encode(),
    "catalog.jsonl": "".join(json.dumps(one) + "\n" for one in ROWS).encode(),
}


def validated(run, folder):
    return json.loads(run("validate", "--project", folder, "--format", "json", "--workers", "1").out)


def met(report):
    return {(one["feed"], one["code"]) for one in report["issues"]}


@pytest.mark.parametrize("name", FILES)
def test_every_issue_and_category_is_met(run, tmp_path, name):
    folder = write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT.format(path=name), name: FILES[name]})
    ended = run("sample", "--project", folder, "--out", tmp_path / "small")
    assert ended.code == 0, ended.err
    assert "not met" not in ended.out
    whole, small = validated(run, folder), validated(run, tmp_path / "small")
    assert whole["catalog"]["products"] == NUMBER
    assert 10 < small["catalog"]["products"] < NUMBER / 3
    assert met(small) == met(whole) >= {("google", "duplicate-id"), ("google", "invalid-price"), ("google", "filtered")}
    assert sorted(path.name for path in (tmp_path / "small").iterdir()) == sorted(["feedsmith.yaml", name])


def test_the_bytes_of_rows_stay(run, tmp_path):
    text = "\ufeffid;title;price\r\n" + "".join(
        f'A{nr};"Pan ""{nr}""\r\nvan staal";{nr},50 \r\n' for nr in range(1, 90)
    )
    folder = write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT.format(path="c.csv"), "c.csv": text})
    write_tree(
        folder, {"feedsmith.yaml": "catalog: c.csv\nmarket: {country: NL}\nfeeds: {google: {channel: google}}\n"}
    )
    assert run("sample", "--project", folder, "--out", tmp_path / "small").code == 0
    small = (tmp_path / "small" / "c.csv").read_bytes().decode()
    assert small.startswith("\ufeffid;title;price\r\nA1;")
    assert small in text or all(one + "A" in text for one in small.split("A")[1:-1])


def test_every_case_of_a_rule_is_met(run, tmp_path):
    folder = write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT.format(path="c.csv"), "c.csv": as_csv()})
    assert run("sample", "--project", folder, "--out", tmp_path / "small").code == 0
    run("export", "--project", tmp_path / "small", "--workers", "1")
    feed = etree.parse(tmp_path / "small" / "out" / "google.xml")
    labels = {one.text for one in feed.iter("{http://base.google.com/ns/1.0}custom_label_0")}
    assert labels == {"dear", "rare", "usual"}


def test_files_from_elsewhere_come_along(run, tmp_path):
    folder = write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT.format(path="../data/c.csv")})
    write_tree(tmp_path, {"data/c.csv": as_csv()})
    assert run("sample", "--project", folder, "--out", tmp_path / "small").code == 0
    assert yaml.safe_load((tmp_path / "small" / "feedsmith.yaml").read_text())["catalog"] == "sources/c.csv"
    assert (tmp_path / "data" / "c.csv").read_text() == as_csv()


@pytest.mark.parametrize("name", ["shop", "mistakes", "joined"])
def test_the_samples_of_the_house(run, tmp_path, name):
    ended = run("sample", "--project", ROOT / "samples" / name, "--out", tmp_path / "small")
    assert ended.code == 0
    assert met(validated(run, tmp_path / "small")) >= met(validated(run, ROOT / "samples" / name)) - {
        ("", "ragged-row")
    }


def test_a_folder_with_files_is_refused(run, tmp_path):
    write_tree(tmp_path, {"small/mine.txt": "mine"})
    ended = run("sample", "--project", ROOT / "samples" / "shop", "--out", tmp_path / "small")
    assert ended.code == 2
    assert "the folder is not empty" in ended.err


def test_without_a_project(run, tmp_path):
    write_tree(tmp_path, {"c.csv": as_csv()})
    ended = run("sample", "--catalog", "c.csv", "--channel", "google", "--out", "small", cwd=tmp_path)
    assert ended.code == 2
    assert "feedsmith init" in ended.err


def test_records_of_other_files_stay_joined(run, tmp_path):
    reviews = ["review_id,product_id,rating,content,timestamp,product_url,reviewer_name,overall_rating,sku"]
    reviews += [f"R{nr},A{nr},5,Goed,2026-01-01,https://www.kaap.example/{nr},An,5,A{nr}" for nr in range(1, NUMBER)]
    project = PROJECT.format(path="{sources: {products: c.csv}, reviews: reviews.csv}")
    folder = write_tree(
        tmp_path / "shop", {"feedsmith.yaml": project, "c.csv": as_csv(), "reviews.csv": "\n".join(reviews)}
    )
    assert run("sample", "--project", folder, "--out", tmp_path / "small").code == 0
    kept = (tmp_path / "small" / "reviews.csv").read_text().splitlines()[1:]
    products = (tmp_path / "small" / "c.csv").read_text()
    assert 5 < len(kept) < NUMBER / 3
    assert all(f"\n{line.split(',')[1]};" in products for line in kept[5:])


def test_joined_files_are_cut_to_the_same_products(run, tmp_path):
    prices = "artikel,verkoopprijs\n" + "".join(f"a{nr},{nr}.50\n" for nr in range(1, NUMBER + 1))
    stock = "winkel,artikel,aantal\n" + "".join(
        f"W{shop},A{nr},{nr}\n" for nr in range(1, NUMBER + 1) for shop in range(12)
    )
    sources = """{sources: {
      products: c.csv,
      prices: {path: prijzen.csv, join: {id: artikel}, case: ignore, columns: {price: verkoopprijs}},
      stock: {path: stock.csv, join: {id: artikel}, per: store, columns: {store_code: winkel, quantity: aantal}}}}"""
    files = {
        "feedsmith.yaml": PROJECT.format(path=sources),
        "c.csv": as_csv(),
        "prijzen.csv": prices,
        "stock.csv": stock,
    }
    folder = write_tree(tmp_path / "shop", files)
    ended = run("sample", "--project", folder, "--out", tmp_path / "small")
    assert ended.code == 0, ended.err
    kept = {name: (tmp_path / "small" / name).read_text().splitlines()[1:] for name in files if name.endswith(".csv")}
    ids = {line.partition(";")[0] for line in kept["c.csv"]}
    assert 10 < len(ids) < NUMBER / 3
    prices = {line.partition(",")[0].upper() for line in kept["prijzen.csv"]}
    assert prices - {"A252"} == ids  # A252 has a price and no product: that is told, and met in the sample
    assert {line.split(",")[1] for line in kept["stock.csv"]} - {"A252"} == ids
    assert 12 * len(ids) <= len(kept["stock.csv"]) <= 12 * len(ids) + 12
    assert met(validated(run, tmp_path / "small")) >= {("google", "duplicate-id"), ("google", "filtered")}


def test_a_workbook_keeps_texts_as_texts(run, tmp_path):
    book = Workbook()
    book.active.append(["id", "title", "gtin"])
    for number in range(20):
        book.active.append([f"00{number}", "Mok", "09520000005009"])
    book.save(tmp_path / "c.xlsx")
    write_tree(tmp_path, {"feedsmith.yaml": "catalog: c.xlsx\nfeeds: {google: {channel: google}}\n"})
    assert run("sample", "--project", tmp_path, "--out", tmp_path / "small").code == 0
    rows = list(load_workbook(tmp_path / "small" / "c.xlsx").active.iter_rows(values_only=True))
    assert rows[1] == ("000", "Mok", "09520000005009")


def database(folder):
    with contextlib.closing(sqlite3.connect(folder / "shop.db")) as connection, connection:
        connection.execute(
            "CREATE TABLE products (id, title, price, product_type, item_group_id, season, availability)"
        )
        rows = [tuple(row(number).values()) for number in range(1, NUMBER)]
        connection.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return f"sqlite:///{folder / 'shop.db'}"


QUERY = "SELECT * FROM products"


@pytest.mark.parametrize(
    "source",
    [
        '{{path: "{address}", query: "{query}"}}',
        '{{query: "{query}", path: ["{address}"], decimal: "."}}',
        "\n  source:\n    query: >-\n      {query}\n    path: {address}\n    decimal: '.'",
    ],
)
def test_the_rows_of_a_query_become_a_file(tmp_path, run, source):
    folder = tmp_path / "project"
    folder.mkdir()
    written = source.format(address=database(tmp_path), query=QUERY)
    path = written if written.startswith("\n") else f"{{source: {written}}}"
    write_tree(folder, {"feedsmith.yaml": PROJECT.format(path=path)})
    ended = run("sample", "--out", "small", cwd=folder)
    assert ended.code == 0, ended.err
    text = (folder / "small" / "feedsmith.yaml").read_text("utf-8")
    assert "sqlite" not in text
    assert "query" not in text
    cut_file = folder / "small" / "sources" / "1-shop.csv"
    assert 1 < len(cut_file.read_text("utf-8").splitlines()) < NUMBER // 2
    assert run("export", cwd=folder / "small").code == run("export", cwd=folder).code


def test_a_database_is_looked_at_and_given_on_the_command_line(tmp_path, run):
    address = database(tmp_path)
    ended = run("inspect", address, "--query", QUERY, "--format", "json", cwd=tmp_path)
    found = json.loads(ended.out)
    assert (found["format"], found["rows"], found["propose"]["query"]) == ("sql", NUMBER - 1, QUERY)
    folder = tmp_path / "project"
    folder.mkdir()
    source = f'{{source: {{path: none.csv, query: "{QUERY}"}}}}'
    write_tree(folder, {"feedsmith.yaml": PROJECT.format(path=source)})
    assert run("validate", cwd=folder).code == 5
    assert run("validate", "--catalog", address, cwd=folder).code in {0, 1, 3}
