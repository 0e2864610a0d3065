"""Sources joined by key: whose value counts, where it comes from, and what becomes of keys without a counterpart."""

import csv
import json
import os
import time
from pathlib import Path

import openpyxl
import pytest

from feedsmith.errors import DefinitionError, SourceError, UsageError
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.execute import execute
from feedsmith.run.explain import explain
from feedsmith.run.find import find
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project
from tests.helpers import write_tree
from tests.run.helpers import Ran, export

CHANNEL = """
title: T
owner: Example
reference: https://www.example.com
read: 2026-11-22
format: csv
template: mirakl.csv.j2
item: {item}
fields:
{fields}
"""
PRODUCTS = """  id: {required: true}
  title: {}
  price: {type: money, form: "{amount} {currency}"}
  quantity: {type: integer}
  marge: {from: prices_marge}"""
LOCAL = """  store_code: {from: store.code, required: true}
  id: {required: true}
  quantity: {type: integer, from: store.quantity}
  price: {type: money, form: "{amount} {currency}", from: store.price}"""
PROJECT = """
catalog:
  sources:
    products: {path: products.csv}
    prices: {path: prices.csv, join: {id: sku}}
    stock:
      path: pos/stock-*.csv
      join: {gtin: ean}
      per: store
      columns: {store_code: winkel, quantity: aantal, price: prijs}
  stores:
    Amsterdam: {code: AMS, country: NL}
    Utrecht: {code: UTR, country: NL}
market: {country: NL, currency: EUR}
feeds:
  online: {channel: online}
  local: {channel: local}
  plain: {channel: plain}
"""
FILES = {
    "products.csv": (
        "id,title,price,gtin\nA,Deken,10.00,9520000005009\nB,Trui,20.00,9520000005016\nC,Sok,5.00,9520000005023\n"
    ),
    "prices.csv": "sku;prijs;marge\nA;8,95;12\nB;duur;15\nX;1,00;1\n",
    "pos/stock-1.csv": "ean,winkel,aantal,prijs\n9520000005009,Amsterdam,3,9.99\n9520000005016,AMSTERDAM,1,\n",
    "pos/stock-2.csv": "ean,winkel,aantal,prijs\n9520000005009,Utrecht,4,\n9520000005023,Utrecht,veel,\n",
    "channels/online.yaml": CHANNEL.replace("{item}", "product").replace("{fields}", PRODUCTS),
    "channels/plain.yaml": CHANNEL.replace("{item}", "product").replace("{fields}", "  id: {}\n  title: {}"),
    "channels/local.yaml": CHANNEL.replace("{item}", "store").replace("{fields}", LOCAL),
}


def write(folder: Path, project: str = PROJECT, **files: str) -> Path:
    changed = {name.replace("__", "/").replace("_", "-") + ".csv": text for name, text in files.items()}
    return write_tree(folder, {**FILES, **changed, "feedsmith.yaml": project})


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "out" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def online(folder: Path, project: str = PROJECT, **files: str) -> tuple[Ran, dict[str, dict[str, str]]]:
    """An export of the feed of products, and its items by id."""
    ran = export(write(folder, project, **files), feeds=("online",))
    return ran, {item["id"]: item for item in read(folder, "online")}


def test_a_joined_value_counts_and_an_empty_one_is_filled(tmp_path):
    _, items = online(tmp_path)
    assert items["A"] == {"id": "A", "title": "Deken", "price": "8.95 EUR", "quantity": "7", "marge": "12"}
    assert items["C"]["price"] == "5.00 EUR"


def test_a_value_that_cannot_be_read_is_told_with_its_own_place_and_not_covered_up(tmp_path):
    ran, items = online(tmp_path)
    assert items["B"]["price"] == ""
    told = ran.found("invalid-price")[0]
    assert (str(told.place), told.product, told.message.split(":")[0]) == ("prices.csv:3:prijs", "B", 'prijs "duur"')
    assert str(ran.found("invalid-number")[0].place) == "pos/stock-2.csv:3:aantal"


def test_keys_without_a_counterpart_are_told_once_for_a_source(tmp_path):
    ran, _ = online(tmp_path)
    missing, unused = ran.found("join-unmatched"), ran.found("join-unused")
    assert [issue.message for issue in missing] == ["1 product has no row in prices: C in products.csv:4"]
    assert [issue.message for issue in unused] == ["1 row of prices belongs to no product: X in prices.csv:4"]
    assert [str(issue.severity) for issue in (*missing, *unused)] == ["warning", "info"]


def test_two_sources_of_a_field_are_told(tmp_path):
    ran, _ = online(tmp_path)
    assert [issue.message.split(";")[1].strip() for issue in ran.found("two-sources")] == ["prices counts"]


def test_all_files_are_in_the_report_with_their_rows(tmp_path):
    ran, _ = online(tmp_path)
    assert {source.path: source.rows for source in ran.report.sources} == {
        "products.csv": 3, "prices.csv": 3, "pos/stock-1.csv": 2, "pos/stock-2.csv": 2,
    }  # fmt: skip


def test_rows_for_each_store_make_local_items(tmp_path):
    export(write(tmp_path))
    assert read(tmp_path, "local") == [
        {"store_code": "AMS", "id": "A", "quantity": "3", "price": "9.99 EUR"},
        {"store_code": "UTR", "id": "A", "quantity": "4", "price": ""},
        {"store_code": "AMS", "id": "B", "quantity": "1", "price": ""},
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("join: {id: sku}, wins: main", {"A": "10.00 EUR", "B": "20.00 EUR", "C": "5.00 EUR"}),
        ("join: {id: sku}, wins: joined", {"A": "8.95 EUR", "B": "", "C": "5.00 EUR"}),
        ("join: sku, columns: {price: }", {"A": "10.00 EUR", "B": "20.00 EUR", "C": "5.00 EUR"}),
        ("join: sku, missing: skip", {"A": "8.95 EUR", "B": ""}),
        ("join: sku, missing: error", {"A": "8.95 EUR", "B": ""}),
    ],
)
def test_policies_of_whose_value_counts(tmp_path, change, expected):
    _, items = online(tmp_path, PROJECT.replace("join: {id: sku}", change))
    assert {name: item["price"] for name, item in items.items()} == expected


def test_a_product_without_a_row_can_be_rejected_or_left_out(tmp_path):
    ran, _ = online(tmp_path, PROJECT.replace("join: {id: sku}", "join: sku, missing: error"))
    assert [(str(issue.place), str(issue.severity)) for issue in ran.found("join-unmatched", "online")] == [
        ("products.csv:4", "error")
    ]
    assert ran.feed("online").rejected == 1
    ran, _ = online(tmp_path, PROJECT.replace("join: {id: sku}", "join: sku, missing: skip"))
    assert [issue.message for issue in ran.found("filtered")] == ["not in prices"]
    assert ran.feed("online").filtered == 1


@pytest.mark.parametrize(("policy", "price"), [("first", "1.00"), ("last", "2.00"), ("warn", "1.00")])
def test_a_key_that_stands_twice(tmp_path, policy, price):
    project = PROJECT.replace("join: {id: sku}", f"join: sku, duplicates: {policy}")
    ran, items = online(tmp_path, project, prices="sku;prijs;marge\nA;1,00;\nA;2,00;\n")
    assert items["A"]["price"] == f"{price} EUR"
    told = ran.found("join-duplicate")
    assert [str(issue.severity) for issue in told] == ["warning" if policy == "warn" else "info"]
    assert "'A' in prices.csv:" in told[0].message
    assert {"prices.csv:2", "prices.csv:3"} == {part.rstrip(";") for part in told[0].message.split() if "csv:" in part}


def test_a_key_that_stands_twice_can_end_the_run(tmp_path):
    project = PROJECT.replace("join: {id: sku}", "join: sku, duplicates: error")
    with pytest.raises(SourceError, match=r"prices\.csv:3: 1 row of prices repeats a key"):
        online(tmp_path, project, prices="sku;prijs;marge\nA;1,00;\nA;2,00;\n")


def test_rows_without_a_key_are_told(tmp_path):
    ran, _ = online(tmp_path, prices="sku;prijs;marge\nA;1,00;\n;2,00;\n4,26E+12;3,00;\n")
    told = ran.found("join-without-key")
    assert [issue.message for issue in told] == [
        "2 rows of prices have no key and are not used: prices.csv:3, prices.csv:4"
    ]


@pytest.mark.parametrize(("case", "price"), [("", "10.00 EUR"), (", case: ignore", "1.00 EUR")])
def test_case_of_keys(tmp_path, case, price):
    project = PROJECT.replace("join: {id: sku}", f"join: sku{case}")
    _, items = online(tmp_path, project, prices="sku;prijs;marge\na;1,00;\n")
    assert items["A"]["price"] == price


def test_gtins_of_different_lengths_are_one_key(tmp_path):
    project = PROJECT.replace("join: {id: sku}", "join: {gtin: ean}")
    _, items = online(tmp_path, project, prices="ean;prijs;marge\n09520000005009;1,00;\n952-0000005016;2,00;\n")
    assert [items[name]["price"] for name in "AB"] == ["1.00 EUR", "2.00 EUR"]


def test_a_key_of_two_columns_and_one_of_a_source_before(tmp_path):
    project = PROJECT.replace("join: {id: sku}", "join: {title: naam, price: oud}").replace(
        "{gtin: ean}", "{prices.code: ean}"
    )
    _, items = online(
        tmp_path, project,
        prices="naam;oud;prijs;marge;code\nDeken;10.00;9,00;;77\nTrui;10.00;1,00;;88\n",
        pos__stock_1="ean,winkel,aantal,prijs\n77,Utrecht,6,\n",
    )  # fmt: skip
    assert (items["A"]["price"], items["B"]["price"]) == ("9.00 EUR", "20.00 EUR")
    assert (items["A"]["quantity"], items["B"]["quantity"]) == ("6", "")


def test_prices_keep_the_currency_of_their_source(tmp_path):
    ran, items = online(tmp_path, prices="sku;prijs;marge;valuta\nA;8,95;;GBP\nB;;;GBP\n")
    assert (items["A"]["price"], items["B"]["price"]) == ("8.95 GBP", "20.00 EUR")
    assert ran.found("invalid-currency") == []


def test_a_workbook_is_joined_by_its_cells(tmp_path):
    write(tmp_path, PROJECT.replace("path: prices.csv", "path: erp.xlsx"))
    book = openpyxl.Workbook()
    for row in (["sku", "prijs", "marge"], ["A", 8.95, "12"], ["B", "duur", ""]):
        book.active.append(row)
    book.save(tmp_path / "erp.xlsx")
    ran = export(tmp_path, feeds=("online",))
    assert read(tmp_path, "online")[0]["price"] == "8.95 EUR"
    assert str(ran.found("invalid-price")[0].place) == "erp.xlsx[Sheet]:3:prijs"


def test_texts_by_language(tmp_path):
    project = PROJECT.replace(
        "    stock:", "    texts: {path: texts.csv, join: sku, per: language, columns: {title: naam}}\n    stock:"
    ).replace("country: NL, currency: EUR}", "country: DE, language: de, currency: EUR}")
    _, items = online(tmp_path, project, texts="sku,taal,naam\nA,de_DE,Decke\nA,fr,Couverture\n")
    assert [item["title"] for item in items.values()] == ["Decke", "Trui", "Sok"]


def test_explain_names_the_joined_cell(tmp_path):
    project = open_project(Request(project=write(tmp_path), here=tmp_path))
    (tmp_path / "scratch").mkdir()
    job, _ = open_job(Request(project=tmp_path, here=tmp_path), project, tmp_path / "scratch")
    feeds = [compile_feed(job, spec) for spec in job.specs]
    told = explain(job, feeds, find(job, "A").rows)[0].feeds
    price = next(one for one in told[0].fields if one.key == "price")
    assert [(str(origin.place), origin.text) for origin in price.origins] == [
        ("prices.csv:2:prijs", "8,95"), ("products.csv:2:price", "10.00"),
    ]  # fmt: skip
    quantity = next(one for one in told[2].fields if one.key == "quantity")
    assert "pos/stock-2.csv:2:aantal" in {str(origin.place) for origin in quantity.origins}


def test_a_file_of_the_command_line_replaces_a_source(tmp_path):
    write(tmp_path, other="sku;prijs;marge\nA;7,77;\n")
    export(tmp_path, feeds=("online",), sources=(("prices", Path("other.csv")),))
    assert read(tmp_path, "online")[0]["price"] == "7.77 EUR"
    with pytest.raises(UsageError, match="no source 'price'"):
        export(tmp_path, sources=(("price", Path("other.csv")),))


def test_a_store_that_is_called_as_a_market_has_no_price_of_its_own(tmp_path):
    with pytest.raises(DefinitionError, match="a store is called 'nl' as a market is, and has a price of its own"):
        online(tmp_path, pos__stock_1="ean,winkel,aantal,prijs\n9520000005009,NL,1,2.00\n")


def test_workers_write_the_same_bytes(tmp_path):
    export(write(tmp_path))
    one = [(tmp_path / "out" / name).read_bytes() for name in ("online.csv", "local.csv")]
    ran = export(tmp_path, workers=2)
    assert ran.states == ["unchanged", "unchanged", "unchanged"]
    assert [(tmp_path / "out" / name).read_bytes() for name in ("online.csv", "local.csv")] == one


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ("join: {id: sku}", "decimal: ','", "prices is a second source, without a key"),
        ("join: {id: sku}", "join: {id: skuu}", "prices.csv has no column 'skuu'"),
        ("join: {id: sku}", "join: {idd: sku}", "have no field or column 'idd'"),
        ("join: {id: sku}", "join: sku, columns: {id: marge}", "products have their id from the main source"),
        ("products.csv}", "products.csv, join: sku}", "is the first source"),
        ("store_code: winkel, ", "store_code: filiaal, ", "has no column 'filiaal'"),
        ("{store_code: winkel, quantity: aantal, price: prijs}", "{quantity: , price: }", "differ by store"),
        ("per: store", "per: region", "which column says the region"),
    ],
)
def test_mistakes_of_the_project_have_their_line(tmp_path, change, to, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        export(write(tmp_path, PROJECT.replace(change, to)))
    assert caught.value.place.row > 1


# --- files that are missing or old -------------------------------------------------------------------------------


def missing(policy: str) -> str:
    return PROJECT.replace("join: {id: sku}", f"join: sku, if_missing: {policy}")


def test_a_missing_source_stops_the_run(tmp_path):
    write(tmp_path)
    (tmp_path / "prices.csv").unlink()
    with pytest.raises(SourceError, match="cannot be read") as caught:
        export(tmp_path)
    assert caught.value.exit_code == 5


def test_a_missing_source_holds_the_feeds_that_use_it(tmp_path):
    export(write(tmp_path, missing("hold")))
    before = (tmp_path / "out" / "online.csv").read_bytes()
    (tmp_path / "prices.csv").unlink()
    ran = export(tmp_path)
    assert ran.states == ["held", "held", "unchanged"]
    assert ran.feed("online").reason == "prices.csv is not there"
    assert (tmp_path / "out" / "online.csv").read_bytes() == before
    assert [issue.message for issue in ran.found("source-missing")] == [
        "prices.csv is not there; feeds that use it are held"
    ]


def test_a_missing_source_can_be_left_out(tmp_path):
    export(write(tmp_path, missing("skip")))
    (tmp_path / "prices.csv").unlink()
    ran = export(tmp_path)
    assert [item["price"] for item in read(tmp_path, "online")] == ["10.00 EUR", "20.00 EUR", "5.00 EUR"]
    assert ran.found("source-missing")[0].message == "prices.csv is not there; it is left out"
    assert ran.found("join-unmatched") == []


@pytest.mark.parametrize(
    ("policy", "price", "states"), [("hold", "8.95 EUR", ["held"]), ("skip", "10.00 EUR", ["published"])]
)
def test_an_old_source(tmp_path, policy, price, states):
    export(write(tmp_path), feeds=("online",))
    write(tmp_path, PROJECT.replace("join: {id: sku}", f"join: sku, max_age: 26h, if_missing: {policy}"))
    old = time.time() - 3 * 86400
    os.utime(tmp_path / "prices.csv", (old, old))
    ran = export(tmp_path, feeds=("online",))
    assert ran.states == states
    assert read(tmp_path, "online")[0]["price"] == price
    assert ran.found("source-old")[0].message.startswith("prices.csv is 3 days old, and max_age is 26h")


@pytest.mark.parametrize(("days", "told"), [(3, ["prices.csv is 3 days old, and max_age_warn is 26h"]), (1, [])])
def test_a_source_that_is_getting_old_is_warned_of_and_read(tmp_path, days, told):
    write(tmp_path, PROJECT.replace("join: {id: sku}", "join: sku, max_age_warn: 26h, max_age: 9d"))
    old = time.time() - days * 86400
    os.utime(tmp_path / "prices.csv", (old, old))
    ran = export(tmp_path, feeds=("online",))
    assert ran.states == ["published"]
    assert [issue.message for issue in ran.found("stale-source")] == told
    assert read(tmp_path, "online")[0]["price"] == "8.95 EUR"


def test_an_old_main_source_stops_the_run(tmp_path):
    write(tmp_path, PROJECT.replace("{path: products.csv}", "{path: products.csv, max_age: 90m}"))
    os.utime(tmp_path / "products.csv", (0, 0))
    with pytest.raises(SourceError, match=r"products\.csv is \d+ days old") as caught:
        export(tmp_path)
    assert caught.value.place.path == "feedsmith.yaml"


def test_a_missing_main_source_can_hold_its_feeds(tmp_path):
    export(write(tmp_path, PROJECT.replace("{path: products.csv}", "{path: products.csv, if_missing: hold}")))
    (tmp_path / "products.csv").unlink()
    assert export(tmp_path).states == ["held", "held", "held"]


def test_a_store_without_stock_holds_only_the_feeds_of_stores(tmp_path):
    export(write(tmp_path))
    (tmp_path / "pos" / "stock-2.csv").unlink()
    ran = export(tmp_path)
    assert ran.states == ["published", "held", "unchanged"]
    assert ran.feed("local").reason == "no stock of the store UTR"
    assert [issue.message for issue in ran.found("store-without-stock")] == ["no stock of the store UTR"]


def test_validate_writes_no_state(tmp_path):
    write(tmp_path)
    request = Request(project=tmp_path, here=tmp_path, workers=1)
    execute(request, lambda report: None)
    assert not (tmp_path / ".feedsmith").exists()


# --- groups ------------------------------------------------------------------------------------------------------

GROUPED = """
title: T
owner: Example
reference: https://www.example.com
read: 2026-11-22
format: json
separator: ","
item: group
group:
  separator: ", "
  fields: {id: {from: group.id}}
fields: {id: {}, price: {type: money, form: "{amount}"}}
"""
TEMPLATE = """[
{% for item in items %}
{ {{ item }}, "variants": [{% for variant in variants %}{ {{ variant }} }{% endfor %}] }
{% endfor %}
]
"""


def test_products_that_only_a_joined_source_puts_into_groups_come_out_together(tmp_path):
    project = PROJECT.partition("feeds:")[0] + "feeds:\n  grouped: {channel: grouped}\n"
    write_tree(tmp_path, {"channels/grouped.yaml": GROUPED, "templates/grouped.json.j2": TEMPLATE})
    ran = export(write(tmp_path, project, prices="sku;prijs;item_group_id\nA;1,00;G1\nB;2,00;G2\nC;3,00;G1\n"))
    assert ran.states == ["published"]
    groups = json.loads((tmp_path / "out" / "grouped.json").read_text())
    assert [(one["id"], [variant["price"] for variant in one["variants"]]) for one in groups] == [
        ("G1", ["1.00", "3.00"]), ("G2", ["2.00"]),
    ]  # fmt: skip
