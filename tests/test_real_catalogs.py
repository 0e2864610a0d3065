"""Three catalogs of real shops: three feeds of each, read back by independent parsers, and no product lost."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree

from feedsmith.issues import Issue
from feedsmith.reports.report import Report
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from feedsmith.values.gtin import clean_gtin, gtin_problem
from tests.helpers import write_tree

CATALOGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "catalogs"
WHOLESALE = CATALOGS / "erp_pos" / "wholesale_de_cp1252_2026.csv"
GTIN = "{http://base.google.com/ns/1.0}gtin"
PROJECTS = {
    "garden": f"""\
catalog:
  source:
    path: {CATALOGS}/shopify/merchant_garden_za_2026.csv
    inherit:
      by: Handle
      columns: [Title, Body (HTML), Vendor, Product Category, Type, Tags, Published, Option1 Name, Option2 Name,
                Option3 Name, Gift Card, Status, Image Src]
  fields:
    id:
      value: "{{{{ handle }}}}-{{{{ option1_value }}}}-{{{{ option2_value }}}}-{{{{ option3_value }}}}"
      steps: [{{regex: {{"[^A-Za-z0-9]+": "-"}}}}]
    link: "{{{{ market.site }}}}/products/{{{{ handle }}}}"
    availability: in_stock
    quantity: {{calc: 1}}
market: {{country: ZA, language: en, site: https://shop.example}}
feeds: {{google: {{channel: google}}, mirakl: {{channel: mirakl}}, meta: {{channel: meta}}}}
""",
    "retail": f"""\
catalog:
  source: {CATALOGS}/generic/retail_nl_prices_2024.csv
  columns: {{id: EAN, gtin: EAN, title: Name, link: Link, image_link: image, price: Price}}
market: {{country: NL}}
fields: {{image_link: "https://{{{{ image_link }}}}", description: "{{{{ title }}}}", availability: in_stock}}
feeds:
  google: {{channel: google}}
  mirakl: {{channel: mirakl, fields: {{quantity: "1"}}}}
  meta: {{channel: meta}}
""",
    "wholesale": f"""\
catalog:
  source: {{path: {WHOLESALE}, encoding: windows-1252, decimal: ",", dates: "%d.%m.%Y"}}
market: {{country: DE, site: https://grosshandel.example}}
fields:
  description: "{{{{ title }}}}"
  link: "{{{{ market.site }}}}/{{{{ id }}}}"
  image_link: "{{{{ market.site }}}}/{{{{ id }}}}.jpg"
feeds: {{google: {{channel: google}}, mirakl: {{channel: mirakl}}, meta: {{channel: meta}}}}
""",
}

pytestmark = pytest.mark.skipif(not CATALOGS.exists(), reason="needs the catalogs beside the checkout")


@dataclass(frozen=True)
class Exported:
    """What an export came to: report, issues, and the bytes of each feed."""

    report: Report
    issues: list[Issue]
    feeds: dict[str, bytes]


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The exports, each made when it is first asked for."""
    made: dict[str, Exported] = {}

    def export(name: str) -> Exported:
        if name not in made:
            folder = write_tree(tmp_path_factory.mktemp(name), {"feedsmith.yaml": PROJECTS[name]})
            issues: list[Issue] = []
            request = Request(project=folder, workers=1, write=True)
            report = execute(request, lambda report: issues.extend(report.issues()))
            feeds = {path.stem: path.read_bytes() for path in (folder / "out").iterdir()}
            made[name] = Exported(report, issues, feeds)
        return made[name]

    return export


def xml_items(text: bytes) -> int:
    return len(etree.fromstring(text).findall("channel/item"))


def json_items(text: bytes) -> int:
    return len(json.loads(text)["requests"])


def csv_items(text: bytes) -> int:
    rows = list(csv.reader(io.StringIO(text.decode(), newline=""), delimiter=";", strict=True))
    assert len(set(map(len, rows))) == 1
    return len(rows) - 1


ITEMS = {"google": xml_items, "meta": json_items, "mirakl": csv_items}


@pytest.mark.parametrize("name", PROJECTS)
def test_feeds_are_well_formed_and_whole(exported, name):
    done = exported(name)
    feeds = {feed.name: feed for feed in done.report.feeds}
    assert set(feeds) == set(done.feeds) == set(ITEMS)
    for feed in feeds.values():
        assert ITEMS[feed.name](done.feeds[feed.name]) == feed.items > 0
        assert feed.items + feed.rejected + feed.filtered == feed.products_in == done.report.products


def wholesale_rows() -> list[dict[str, str]]:
    with WHOLESALE.open(encoding="windows-1252", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_broken_eans_are_found_and_none_is_repaired(exported):
    rows = wholesale_rows()
    broken = {row["Artikelnummer"]: code for row in rows if (code := broken_code(row["Barcode"]))}
    assert Counter(broken.values())["id-changed-type"] > 1000
    done = exported("wholesale")
    found = {i.product: i.code for i in done.issues if i.channel == "google" and i.code in {*broken.values()}}
    assert found == broken
    sent = {item.text or "" for item in etree.fromstring(done.feeds["google"]).iter(GTIN)}
    assert sent <= {clean_gtin(row["Barcode"]) for row in rows}
    assert not [text for text in sent if broken_code(text)]


def broken_code(text: str) -> str:
    """The code of what the rules for numbers refuse; "" for none, and where there is no number."""
    problem = gtin_problem(clean_gtin(text)) if text else None
    return problem.code if problem else ""
