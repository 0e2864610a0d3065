"""Amounts in a market's currency by a table of rates, and with VAT where a source's prices are without."""

import csv
from pathlib import Path

import pytest

from feedsmith.errors import DefinitionError
from feedsmith.run.request import clock
from tests.helpers import write_tree
from tests.run.helpers import Ran, export

CHANNEL = """
title: T
owner: Example
reference: https://www.example.com
read: 2026-11-22
format: csv
template: mirakl.csv.j2
fields:
  id: {required: true}
  price: {type: money, form: "{amount} {currency}"}
  sale_price: {type: money, form: "{amount} {currency}"}
  cost: {type: money, form: "{amount} {currency}", from: cost_of_goods_sold}
"""
PROJECT = """
catalog: {source: {path: c.csv, currency: EUR}}
rates: rates.csv
markets:
  nl: {country: NL, vat: 21}
  us: {country: US}
feeds:
  f: {channel: own, markets: [nl, us]}
"""
NET = """
catalog:
  sources:
    products: {path: c.csv}
    erp: {path: erp.csv, join: sku, vat: excluded}
market: {country: NL, vat: 21}
feeds:
  f: {channel: own}
"""
FILES = {
    "channels/own.yaml": CHANNEL,
    "c.csv": "id,price,sale_price,cost_of_goods_sold\nA,10.00,8.00,3.00\nB,20.00,,\nC,5.00 CHF,,\n",
    "rates.csv": "date,from,to,rate\n2026-01-01,EUR,USD,1.10\n2026-11-01,EUR,USD,1.0833\n2027-01-01,EUR,USD,9\n",
}


def run(folder: Path, project: str = PROJECT, day: str = "2026-11-22", **files: str) -> Ran:
    changed = {f"{name}.csv": text for name, text in files.items()}
    return export(write_tree(folder, {**FILES, **changed, "feedsmith.yaml": project}), as_of=clock(day))


def read(folder: Path, name: str, field: str = "price") -> list[str]:
    with (folder / "out" / f"{name}.csv").open(newline="") as file:
        return [row[field] for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("day", "dollars"), [("2026-10-31", "11.00 USD"), ("2026-11-22", "10.83 USD"), ("2027-01-01", "90.00 USD")]
)
def test_the_rate_of_the_day_counts(tmp_path, day, dollars):
    run(tmp_path, day=day)
    assert read(tmp_path, "f_us")[0] == dollars
    assert read(tmp_path, "f_nl")[:2] == ["10.00 EUR", "20.00 EUR"]


def test_all_amounts_are_converted_and_keep_their_order(tmp_path):
    run(tmp_path)
    assert (read(tmp_path, "f_us", "sale_price")[0], read(tmp_path, "f_us", "cost")[0]) == ("8.67 USD", "3.25 USD")


def test_an_amount_without_a_rate_stays_and_is_told(tmp_path):
    ran = run(tmp_path)
    assert read(tmp_path, "f_us")[2] == "5.00 CHF"
    told = {(issue.message, str(issue.place), issue.product) for issue in ran.found("no-rate")}
    assert ("there is no rate from CHF to USD; the amount stays as it is", "c.csv:4:price", "C") in told


def test_a_price_of_the_catalog_wins_over_a_rate(tmp_path):
    run(tmp_path, c="id,price,price_usd\nA,10.00,12.49\n")
    assert read(tmp_path, "f_us") == ["12.49 USD"]


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ("date,from,rate\n2026-01-01,EUR,1\n", "has no column 'to'"),
        ("date,from,to,rate\nsoon,EUR,USD,1\n", "no date or no rate"),
        ("date,from,to,rate\n2026-01-01,EUR,USD,0\n", "no date or no rate"),
        ("date,from,to,rate\n2026-01-01,EUR,dollar,1\n", "names no currencies"),
    ],
)
def test_mistakes_of_the_table_have_a_place(tmp_path, rates, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        run(tmp_path, rates=rates)
    assert caught.value.place.row is not None


def test_prices_without_vat_get_that_of_the_market_or_of_the_product(tmp_path):
    run(
        tmp_path, NET,
        c="id,price,vat_rate\nA,10.00,\nB,20.00,9\nC,5.00,\n",
        erp="sku,price,sale_price,cost_of_goods_sold\nA,100.00,50.00,30.00\nB,100.00,,\n",
    )  # fmt: skip
    assert read(tmp_path, "f") == ["121.00 EUR", "109.00 EUR", "5.00 EUR"]
    assert (read(tmp_path, "f", "sale_price")[0], read(tmp_path, "f", "cost")[0]) == ("60.50 EUR", "30.00 EUR")


def test_prices_without_vat_need_a_rate(tmp_path):
    with pytest.raises(DefinitionError, match="the prices of erp are without VAT"):
        run(tmp_path, NET.replace(", vat: 21", ""), erp="sku,price\nA,100.00\n")
