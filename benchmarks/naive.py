"""The three scripts a merchant would write: `python benchmarks/naive.py google|mirakl|meta CATALOG FOLDER`.

Each reads the catalog with `csv.DictReader`, does the plain field work (formats prices, splits pictures, fills
constants) and writes the same fields as feedsmith does for that channel. None of them checks a value; a price that is
no number ends them.
"""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

from lxml import etree

GOOGLE = "http://base.google.com/ns/1.0"
BATCH = 5_000
FIELDS = (
    "id title description link image_link availability price sale_price brand gtin mpn color size material gender "
    "age_group item_group_id product_type google_product_category condition shipping_weight custom_label_0"
).split()
META_FIELDS = [name for name in FIELDS if name not in {"availability", "image_link"}]
Row = dict[str, str]


def read(path: Path) -> Iterator[Row]:
    """The catalog's rows by heading."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def money(text: str) -> str:
    """A price with two decimals and its currency: "19.9 EUR" gives "19.90 EUR"."""
    amount, currency = text.split()
    return f"{Decimal(amount):.2f} {currency}"


def pictures(row: Row) -> list[str]:
    """The additional pictures of a row."""
    return [link.strip() for link in row["additional_image_link"].split(",") if link.strip()]


def google(rows: Iterable[Row], folder: Path) -> None:
    """An RSS feed for Google, element by element."""
    path = folder / "google.xml"
    with etree.xmlfile(str(path), encoding="utf-8") as file:
        file.write_declaration()
        with file.element("rss", {"version": "2.0"}, nsmap={"g": GOOGLE}), file.element("channel"):
            title = etree.Element("title")
            title.text = "catalog"
            file.write(title)
            for row in rows:
                file.write(google_item(row))


def google_item(row: Row) -> etree._Element:
    """One product of the RSS feed."""
    item = etree.Element("item", nsmap={"g": GOOGLE})
    for name in FIELDS:
        value = money(row[name]) if name in {"price", "sale_price"} and row[name] else row[name]
        if value:
            etree.SubElement(item, f"{{{GOOGLE}}}{name}").text = value
    for link in pictures(row):
        etree.SubElement(item, f"{{{GOOGLE}}}additional_image_link").text = link
    return item


def mirakl(rows: Iterable[Row], folder: Path) -> None:
    """An offer file for a Mirakl marketplace."""
    columns = ["sku", "product-id", "product-id-type", "price", "quantity", "state", "discount-price", "update-delete"]
    with (folder / "mirakl.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(mirakl_offer(row))


def mirakl_offer(row: Row) -> Row:
    """One offer by column."""
    return {
        "sku": row["id"],
        "product-id": row["gtin"],
        "product-id-type": "EAN",
        "price": money(row["price"]).split()[0],
        "quantity": str(int(row["quantity"])),
        "state": "11",
        "discount-price": money(row["sale_price"]).split()[0] if row["sale_price"] else "",
        "update-delete": "update",
    }


def meta(rows: Iterable[Row], folder: Path) -> None:
    """Files of 5,000 requests each for Meta's `items_batch`."""
    rows = iter(rows)
    number = 0
    while batch := list(islice(rows, BATCH)):
        number += 1
        requests = [{"method": "UPDATE", "data": meta_item(row)} for row in batch]
        body = {"item_type": "PRODUCT_ITEM", "allow_upsert": True, "requests": requests}
        with (folder / f"meta-{number:04d}.json").open("w", encoding="utf-8") as file:
            json.dump(body, file, ensure_ascii=False)


def meta_item(row: Row) -> dict[str, object]:
    """The data of one request."""
    data: dict[str, object] = {name: row[name] for name in META_FIELDS if row[name]}
    data["availability"] = row["availability"].replace("_", " ")
    data["price"] = money(row["price"])
    if row["sale_price"]:
        data["sale_price"] = money(row["sale_price"])
    data["image"] = [{"url": link} for link in (row["image_link"], *pictures(row))]
    return data


SCRIPTS: dict[str, Callable[[Iterable[Row], Path], None]] = {"google": google, "meta": meta, "mirakl": mirakl}

if __name__ == "__main__":
    SCRIPTS[sys.argv[1]](read(Path(sys.argv[2])), Path(sys.argv[3]))
