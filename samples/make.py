"""Writes the sample catalogs again, always the same: `python samples/make.py [FOLDER]`.

`shop/catalog.csv` and `shop/catalog.xlsx` hold the same products; `mistakes/catalog.csv` holds one mistake a row;
`joined/` holds what a shop, an ERP and the tills of two stores say of the same articles. The
numbers are GTINs of the 952 range, which GS1 keeps for examples; shops, brands and pictures are invented.
"""

import csv
import datetime as dt
import random
import re
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

HERE = Path(__file__).resolve().parent
SITE = "https://www.veerhuis.example"
MEDIA = "https://media.veerhuis.example"
LONG_AGO = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - openpyxl takes naive times only
SALE = ("2026-11-20T00:00:00+01:00", "2027-01-17T23:59:59+01:00")
NUMBERS = {"stock_amsterdam", "stock_utrecht"}
PRICES = {"price", "sale_price", "cost_of_goods_sold", "Verkoopprijs", "Actieprijs"}
POTTERY = "https://www.kleiwerk.example"
TILLS = ("amsterdam", "utrecht")

Row = dict[str, str]
Article = dict[str, Any]
"""A block of `shop/articles.yaml`: texts, and the lists `colors` and `sizes`."""


def gtin(number: int) -> str:
    """The 13-digit GTIN of the example range with that running number."""
    digits = f"952{number:09d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, (1, 3) * 6, strict=True))
    return f"{digits}{-total % 10}"


def variants(article: Article, start: int, chance: random.Random) -> Iterator[Row]:
    """One row for each color and size of an article; GTINs are numbered from `start`."""
    colors, sizes = article["colors"], article["sizes"]
    for number, (color, size) in enumerate((color, size) for color in colors for size in sizes):
        amsterdam, utrecht = (chance.choice((0, 1, 2, 3, 5, 8, 12, 20)) for _ in range(2))
        yield variant(article, color, size, gtin(start + number), (amsterdam, utrecht))


def variant(article: Article, color: str, size: str, number: str, stock: tuple[int, int]) -> Row:
    """One product of the shop as a row of the catalog."""
    code, slug = article["code"], article["slug"]
    shade, measure = (re.sub(r"[^A-Za-z0-9]+", "-", text) for text in (color, size))
    picture = f"{MEDIA}/{slug}-{shade}"
    waits = article.get("availability_date", "")
    return {
        "id": f"{code}-{shade}-{measure}".upper(),
        "item_group_id": code,
        "title_nl": article["title_nl"],
        "title_en": article["title_en"],
        "description_nl": article["description_nl"],
        "description_en": article["description_en"],
        "brand": article["brand"],
        "gtin": number,
        "mpn": f"{code}.{shade}.{measure}".lower(),
        "price": article["price"],
        **sale(article),
        "cost_of_goods_sold": article["cost"],
        "availability": "preorder" if waits else "in_stock" if sum(stock) else "out_of_stock",
        "availability_date": waits,
        "stock_amsterdam": "0" if waits else str(stock[0]),
        "stock_utrecht": "0" if waits else str(stock[1]),
        "condition": "new",
        "color": color,
        "size": size,
        "gender": article["gender"],
        "age_group": article.get("age_group", "adult"),
        "material": article["material"],
        "product_type": article["product_type"],
        "google_product_category": article["google"],
        "link": f"{SITE}/p/{slug}?kleur={shade}&maat={measure}",
        "image_link": f"{picture}-1.jpg",
        "additional_image_link": f"{picture}-2.jpg,{picture}-3.jpg",
        "shipping_weight": article["weight"],
        "country_of_origin": article["origin"],
        "season": article["season"],
        "margin group": article["margin"],
    }


def sale(article: Article) -> Row:
    """The sale price with its two dates, or three empty cells."""
    price = article.get("sale", "")
    start, end = SALE if price else ("", "")
    return {"sale_price": price, "sale_price_start": start, "sale_price_end": end}


def shop_rows() -> list[Row]:
    """Every product of the sample shop, in the order of `shop/articles.yaml`."""
    chance = random.Random("veerhuis")
    articles = yaml.safe_load((HERE / "shop" / "articles.yaml").read_text("utf-8"))
    rows: list[Row] = []
    for article in articles:
        rows.extend(variants(article, 100 + len(rows), chance))
    return rows


def mistake_rows() -> list[Row]:
    """A good product a row, each changed as `mistakes/mistakes.yaml` says; what it leaves out stays good."""
    rows: list[Row] = []
    cases = yaml.safe_load((HERE / "mistakes" / "mistakes.yaml").read_text("utf-8"))
    base = cases.pop("good")
    for number, (name, case) in enumerate(cases.items()):
        row = {"mistake": case["mistake"], "expected_code": case["code"]}
        own = {"id": f"M-{name}", "gtin": gtin(900 + number), "mpn": f"mg-{number:03d}", "link": f"{SITE}/p/{name}"}
        own["image_link"] = f"{MEDIA}/{name}.jpg"
        rows.append({**row, **{key: own.get(key, value) for key, value in base.items()}, **case.get("cells", {})})
    return rows


def write_joined(folder: Path) -> int:
    """The articles of `joined/articles.yaml` as its four files below `folder`; gives their number."""
    articles = yaml.safe_load((HERE / "joined" / "articles.yaml").read_text("utf-8"))
    numbers = {article["code"]: gtin(600 + at) for at, article in enumerate(articles)}
    for name in ("shop", "erp", "kassa"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_csv(folder / "shop" / "artikelen.csv", [pottery(article, numbers) for article in articles], delimiter=";")
    priced = [article for article in articles if "price" in article]
    prices = [
        {"Artikel": article["code"].lower(), "Verkoopprijs": article["price"], "Actieprijs": article.get("sale", "")}
        for article in [*priced, {"code": "KW-199", "price": "9.95"}]  # no longer in the shop
    ]
    write_workbook(folder / "erp" / "prijzen.xlsx", prices)
    for till in TILLS:
        stock = [
            {"EAN": numbers[article["code"]], "Filiaal": till, "Aantal": str(article["stock"][till])}
            for article in articles
            if till in article["stock"]
        ]
        write_csv(folder / "kassa" / f"voorraad-{till}.csv", stock)
    return len(articles)


def pottery(article: Article, numbers: Row) -> Row:
    """One article as the shop exports it."""
    return {
        "Artikelnummer": article["code"],
        "Naam": article["title"],
        "Omschrijving": article["text"],
        "Prijs": article["old"],
        "Merk": "Kleiwerk",
        "EAN": numbers[article["code"]],
        "Link": f"{POTTERY}/p/{article['slug']}",
        "Foto": f"{POTTERY}/foto/{article['slug']}.jpg",
    }


def write_csv(path: Path, rows: list[Row], extra: str = "extra_cell", delimiter: str = ",") -> None:
    """The rows as separated UTF-8; a value under `extra` follows the last column without a heading."""
    headings = [heading for heading in rows[0] if heading != extra]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", delimiter=delimiter)
        writer.writerow(headings)
        for row in rows:
            writer.writerow([row[heading] for heading in headings] + [row[extra] for _ in range(extra in row)])


def typed(heading: str, text: str) -> object:
    """A cell as a merchant's workbook has it: prices and stock are numbers, everything else is text."""
    if not text:
        return None
    if heading in NUMBERS:
        return int(text)
    return Decimal(text) if heading in PRICES else text


def write_workbook(path: Path, rows: list[Row]) -> None:
    """The rows as an XLSX workbook, the same bytes every time on one platform."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    sheet.freeze_panes = "B2"
    titles = [WriteOnlyCell(sheet, heading) for heading in rows[0]]
    for cell in titles:
        cell.font = Font(bold=True)
    sheet.append(titles)
    for row in rows:
        sheet.append([typed(heading, text) for heading, text in row.items()])
    book.properties.creator = "feedsmith samples"
    book.properties.created = LONG_AGO
    book.save(path)
    without_clock(path)


def without_clock(path: Path) -> None:
    """Writes the workbook again with one fixed date in place of the moment it was saved."""
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in sorted(book.namelist())}
    stamp = LONG_AGO.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    core = "docProps/core.xml"
    members[core] = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, members[core])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in members.items():
            book.writestr(zipfile.ZipInfo(name, LONG_AGO.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


def main(folder: Path) -> None:
    """Writes the sample catalogs below `folder`."""
    for name in ("shop", "mistakes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shop, mistakes = shop_rows(), mistake_rows()
    write_csv(folder / "shop" / "catalog.csv", shop)
    write_workbook(folder / "shop" / "catalog.xlsx", shop)
    write_csv(folder / "mistakes" / "catalog.csv", mistakes)
    joined = write_joined(folder / "joined")
    print(f"{len(shop)} products in the shop, {len(mistakes)} mistakes, {joined} articles of several sources")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
