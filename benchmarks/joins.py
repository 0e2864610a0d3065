"""Does a joined catalog fit in memory? `python benchmarks/joins.py [--products N] [--limit MEGABYTES]`; needs Linux.

Joins products with as many prices and with three rows of stock each, exports a feed of products and one of stores, and
prints time and peak memory of all processes together; ends with 1 above the limit.
"""

import argparse
import sys
import time
from pathlib import Path

from measure import SCRATCH, feedsmith, megabytes, peak_memory

STORES = ("amsterdam", "utrecht", "zwolle")
PROJECT = """\
catalog:
  sources:
    products: {path: products.csv}
    prices: {path: prices.csv, join: {id: sku}}
    stock: {path: stock.csv, join: {id: sku}, per: store, columns: {store_code: store, quantity: pieces}}
market: {country: NL, currency: EUR}
feeds:
  google: {channel: google}
  google_local: {channel: google_local}
"""
STEP = 7_919
"""Prices and stock come in another order than the products: this far apart, which is a prime."""


def write(folder: Path, count: int) -> int:
    """The project with catalogs of that size; gives the bytes of its files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "feedsmith.yaml").write_text(PROJECT)
    with (folder / "products.csv").open("w") as file:
        file.write("id,title,description,brand,link,image_link,condition\n")
        for n in range(count):
            link = f"https://www.shop.example/p/{n}"
            file.write(f"SKU-{n},Deken nummer {n},Een warme deken van wol met nummer {n}.,Kaap,{link},{link}.jpg,new\n")
    with (folder / "prices.csv").open("w") as prices, (folder / "stock.csv").open("w") as stock:
        prices.write("sku,price,sale_price\n")
        stock.write("sku,store,pieces\n")
        for at in range(count):
            n = at * STEP % count
            prices.write(f"SKU-{n},{n % 90 + 10}.95,{n % 90 + 9}.50\n")
            stock.writelines(f"SKU-{n},{store},{n % (7 + number)}\n" for number, store in enumerate(STORES))
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def main() -> int:
    """Measures one export; 1 when it took more memory than the limit."""
    parser = argparse.ArgumentParser(description="Time and peak memory of an export of joined sources.")
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int, default=500, help="megabytes that are still fine (default: 500)")
    options = parser.parse_args()
    if options.products % STEP == 0:
        parser.error(f"--products must be no multiple of {STEP}")
    folder = SCRATCH / f"joins-{options.products}"
    size = write(folder, options.products)
    start = time.perf_counter()
    words = (
        "export",
        "--project",
        folder,
        "--force",
        "--quiet",
        "--fail-on",
        "never",
        "--workers",
        str(options.workers),
    )
    peak = peak_memory([feedsmith(*words)])
    taken = time.perf_counter() - start
    print(f"{options.products:,} products, {3 * options.products:,} rows of stock, {megabytes(size)} of files")
    print(f"{taken:,.0f} s, at most {megabytes(peak)} of memory, limit {options.limit} MB")
    return 0 if peak <= options.limit * 1e6 else 1


if __name__ == "__main__":
    sys.exit(main())
