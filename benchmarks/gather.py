"""How long the rows of a shop's export take to become products: `python benchmarks/gather.py [ROWS]`.

Writes an export of Shopify's form with articles of one to five variants, gathers it in this process, and prints the
seconds of processor time and the rows per second.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from feedsmith.catalog.headings import written_by
from feedsmith.run.gather.engine import Settings, gathered
from feedsmith.sources.table import ReadOptions, open_table

ROWS = 100_000
HEADINGS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Published", "Option1 Name", "Option1 Value", "Option2 Name",
    "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty",
    "Variant Inventory Policy", "Variant Price", "Variant Compare At Price", "Variant Barcode", "Image Src",
    "Image Position", "Gift Card", "Variant Image", "Status",
)  # fmt: skip
SIZES = (1, 1, 3, 5)
"""Variants of one article after the other."""


def rows(number: int) -> Iterator[tuple[object, ...]]:
    """The rows of an export; what belongs to the article stands on its first row."""
    article = written = 0
    while written < number:
        article += 1
        for variant in range(SIZES[article % len(SIZES)]):
            first = ("Noord", "Hats", "true") if variant == 0 else ("", "", "")
            texts = (f"Article {article}", "<p>A text of some length about it.</p>" * 4) if variant == 0 else ("", "")
            names = ("Colour", "Size") if variant == 0 else ("", "")
            picture = f"https://cdn.example/{article}-{variant}.jpg"
            yield (
                f"article-{article}", *texts, *first, names[0], f"Red {variant}", names[1], "S",
                f"SKU-{article}-{variant}", 120, "shopify", variant, "deny", "19.95", "24.95" if variant else "", "",
                picture, variant + 1, "false" if variant == 0 else "", picture, "active" if variant == 0 else "",
            )  # fmt: skip
            written += 1


def main(number: int) -> None:
    """Write, gather and tell."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        path = folder / "products.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows(rows(number))
        table = open_table(path, ReadOptions(), folder, path.name)
        system = written_by(table.headings).system
        if system is None:
            sys.exit("the export is not recognised")
        began, began_cpu = time.perf_counter(), time.process_time()
        made = gathered(system, [table], Settings({"": "https://shop.example"}), folder)
        spent = time.process_time() - began_cpu
    count, whole = sum(made.rows) if made else 0, time.perf_counter() - began
    print(f"{count:,} rows: {spent:.1f} s of processor time, {whole:.1f} s in all")
    print(f"{number / spent:,.0f} rows a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
