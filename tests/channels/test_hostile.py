"""Hostile rows: a whole export from a file where each row has one defect, and what becomes of it in each feed."""

import csv
import io
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree

from feedsmith.issues import Issue, Severity
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.channels.engine import GOOGLE, NOW
from tests.helpers import write_tree

PROJECT = """\
catalog: catalog.csv
market: {country: NL, language: nl, currency: EUR}
feeds: {google: {channel: google}, meta: {channel: meta}, mirakl: {channel: mirakl}}
"""
TITLE = "Wollen deken, groen"
TEXT = "Een warme deken van zuivere wol, 150 bij 200 centimeter."
ALL = ("google", "meta", "mirakl")
NO_TEXT = ("google", "meta")
"""The offers of mirakl hold no text of the product."""


@dataclass(frozen=True)
class Hostile:
    """A defect: the cells that differ, what is told, and what a reader of the feeds gets, by channel."""

    name: str
    cells: dict[str, str]
    told: dict[str, str | None]
    out: dict[str, dict[str, Any]]


def hostile(name: str, cells: dict[str, str], told: dict[str, str | None] | None = None, **out: Any) -> Hostile:
    """`told`: channel → code, None for nothing; `catalog` stands for the reading. An `out` of None: it is rejected."""
    return Hostile(name, cells, told or {}, out)


def texts(**fields: str) -> dict[str, dict[str, str]]:
    """The same texts in the feeds that have texts."""
    return dict.fromkeys(NO_TEXT, fields)


CLEANED = {"catalog": "control-character"}
TABLE = [
    hostile("U+0003 in the title", {"title": "Wollen\x03 deken"}, CLEANED, **texts(title="Wollen deken")),
    hostile("U+000B in the text", {"description": f"{TEXT}\x0bZacht."}, CLEANED, **texts(description=f"{TEXT}\nZacht.")),
    hostile("private use", {"title": "Wollen \ue001 deken"}, CLEANED, **texts(title="Wollen deken")),
    hostile("]]>", {"title": "Deken ]]> groen"}, **texts(title="Deken ]]> groen")),
    hostile("markup", {"title": "Deken <groen> & 'rood' \"wit\""}, **texts(title="Deken <groen> & 'rood' \"wit\"")),
    hostile("&nbsp;", {"description": f"{TEXT}&nbsp;Zacht."}, **texts(description=f"{TEXT} Zacht.")),
    hostile("$&", {"description": f"{TEXT} $& $1 $$"}, **texts(description=f"{TEXT} $& $1 $$")),
    hostile("escaped twice", {"title": "Deken &amp;amp; kussen"}, dict.fromkeys(NO_TEXT, "html-in-text"), **texts(title="Deken &amp;amp; kussen")),
    hostile("template in the data", {"title": "Deken {{ price }} {% x %}"}, **texts(title="Deken {{ price }} {% x %}")),
    hostile("formula", {"title": "=SUM(A1) deken"}, **texts(title="=SUM(A1) deken")),
    hostile("line ends in the text", {"description": f"{TEXT}\nZacht.\r\nFijn."}, None, google={"title": TITLE}, meta={"title": TITLE}, mirakl={"price": "19.95"}),
    hostile("U+2028", {"title": "Deken\u2028groen"}, None, **texts(brand="Kaap")),
    hostile("emoji", {"title": "Deken 🧶 groen"}, **texts(title="Deken 🧶 groen")),
    hostile("200 characters", {"title": "wol deken " * 20}, dict.fromkeys(NO_TEXT, "too-long"), google={"title": ("wol deken " * 15).strip()}),
    hostile("no image", {"image_link": ""}, {"google": "missing-required", "meta": "missing-conditional", "mirakl": None}, google=None, meta=None, mirakl={"price": "19.95"}),
    hostile("wrong check digit", {"gtin": "8712345678901"}, dict.fromkeys(ALL, "invalid-gtin"), google=None, mirakl=None, meta={"gtin": None}),
    hostile("another decimal mark than the file's", {"price": "12,50"}, dict.fromkeys(ALL, "invalid-price"), google=None, meta=None, mirakl=None),
    hostile("price 0.00", {"price": "0.00"}, dict.fromkeys(ALL, "price-zero"), google=None, meta=None, mirakl=None),
    hostile("sale price above price", {"sale_price": "29.95"}, dict.fromkeys(ALL, "sale-price-not-lower"), google={"sale_price": None}, meta={"sale_price": None}, mirakl={"discount-price": None}),
    hostile("price 85.10", {"price": "85.10"}, dict.fromkeys(ALL), google={"price": "85.10 EUR"}, meta={"price": "85.10 EUR"}, mirakl={"price": "85.10"}),
    hostile("price 85.1", {"price": "85.1"}, dict.fromkeys(ALL), google={"price": "85.10 EUR"}, mirakl={"price": "85.10"}),
    hostile("three decimals", {"price": "19.955"}, dict.fromkeys(ALL, "too-many-decimals")),
    hostile("price in yen", {"price": "1500 JPY"}, dict.fromkeys(ALL, "invalid-currency"), google=None, meta=None, mirakl=None),
    hostile("price in words", {"price": "op aanvraag"}, dict.fromkeys(ALL, "invalid-price"), google=None, meta=None, mirakl=None),
    hostile("brand and mpn are identifiers", {"gtin": ""}, {"google": None}, google={"identifier_exists": None, "brand": "Kaap"}),
    hostile("several pictures", {"additional_image_link": "https://www.shop.example/2.jpg,https://www.shop.example/3.jpg"}, None,
            google={"additional_image_link": ["https://www.shop.example/2.jpg", "https://www.shop.example/3.jpg"]},
            meta={"additional_image_link": ["https://www.shop.example/2.jpg", "https://www.shop.example/3.jpg"]}),
    hostile("no sale, no dates", {"sale_price": ""}, dict.fromkeys(ALL), google={"sale_price_effective_date": None}, mirakl={"discount-start-date": None}),
]  # fmt: skip


def row(name: str, number: int, cells: dict[str, str]) -> dict[str, str]:
    """A good product with some cells of its own."""
    digits = f"87100000{number:04d}"
    check = -sum(int(digit) * weight for digit, weight in zip(digits, (1, 3) * 6, strict=True)) % 10
    good = {
        "id": name, "title": TITLE, "description": TEXT, "link": f"https://www.shop.example/p/{number}",
        "image_link": f"https://www.shop.example/i/{number}.jpg", "additional_image_link": "", "availability": "in_stock",
        "quantity": "3", "price": "19.95", "sale_price": "", "brand": "Kaap", "gtin": f"{digits}{check}",
        "mpn": f"K-{number}", "condition": "new",
    }  # fmt: skip
    return {**good, **cells}


def google(text: bytes) -> dict[str, dict[str, Any]]:
    found = {}
    for item in etree.fromstring(text).iter("item"):
        values: dict[str, Any] = defaultdict(list)
        for child in item:
            values[str(child.tag).removeprefix(GOOGLE)].append(child.text)
        found[values["id"][0]] = {name: one if len(one) > 1 else one[0] for name, one in values.items()}
    return found


def meta(text: bytes) -> dict[str, dict[str, Any]]:
    return {request["data"]["id"]: request["data"] for request in json.loads(text)["requests"]}


def mirakl(text: bytes) -> dict[str, dict[str, Any]]:
    rows = csv.DictReader(io.StringIO(text.decode(), newline=""), delimiter=";")
    return {row["sku"]: {name: value for name, value in row.items() if value} for row in rows}


READ = {"google": (google, "xml"), "meta": (meta, "json"), "mirakl": (mirakl, "csv")}


@pytest.fixture(scope="session")
def export(tmp_path_factory):
    """Exports a catalog of these rows; gives report, issues and the items of each feed by id."""

    def make(rows: list[dict[str, str]]) -> tuple[Any, list[Issue], dict[str, dict[str, dict[str, Any]]]]:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        folder = tmp_path_factory.mktemp("hostile")
        write_tree(folder, {"feedsmith.yaml": PROJECT, "catalog.csv": text.getvalue()})
        issues: list[Issue] = []
        request = Request(project=folder, as_of=NOW, workers=1, write=True)
        report = execute(request, lambda report: issues.extend(report.issues()))
        feeds = {
            name: read((folder / "out" / f"{name}.{ending}").read_bytes()) for name, (read, ending) in READ.items()
        }
        return report, issues, feeds

    return make


@pytest.fixture(scope="session")
def made(export):
    return export([row(f"ROW-{number}", number, one.cells) for number, one in enumerate(TABLE)])


@pytest.mark.parametrize("number", range(len(TABLE)), ids=[one.name for one in TABLE])
def test_row(made, number):
    _, issues, feeds = made
    one, key = TABLE[number], f"ROW-{number}"
    own = [issue for issue in issues if issue.product == key]
    for place, code in one.told.items():
        of_place = [issue for issue in own if (issue.channel or "catalog") == place]
        if code is None:
            assert not [issue.message for issue in of_place if issue.severity is not Severity.INFO]
        else:
            assert code in {issue.code for issue in of_place}
    for channel, fields in one.out.items():
        if fields is None:
            assert key not in feeds[channel]
            assert any(issue.severity is Severity.ERROR and issue.channel == channel for issue in own)
        else:
            assert {name: feeds[channel][key].get(name) for name in fields} == fields


def test_every_product_is_somewhere(made):
    report, _, feeds = made
    for feed in report.feeds:
        assert feed.items + feed.rejected + feed.filtered == feed.products_in == len(TABLE)
        assert len(feeds[feed.name]) == feed.items


def test_same_id_twice(export):
    rows = [row("A", 1, {}), row("B", 2, {}), row("A", 3, {"title": "Another"})]
    _, issues, feeds = export(rows)
    told = {issue.channel: issue for issue in issues if issue.code == "duplicate-id"}
    assert {channel: issue.severity for channel, issue in told.items()} == dict.fromkeys(ALL, Severity.ERROR)
    assert set(feeds["google"]) == set(feeds["mirakl"]) == {"A", "B"}
    assert feeds["google"]["A"]["title"] == TITLE
    assert set(feeds["meta"]) == {"B"}
