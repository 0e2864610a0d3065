"""What deltas cost: `python benchmarks/delta.py [--products N]`; needs Linux.

Exports offers for a marketplace without deltas and with them, then a delta after one price in a hundred changed and one
product in a thousand left. Prints time and peak memory of each, and ends with 1 above `--limit` MB.
"""

import argparse
import csv
import shutil
import sys
from pathlib import Path

from measure import SCRATCH, catalog, feedsmith, megabytes, peak_memory, seconds

FOLDER = SCRATCH / "delta"
PROJECT = """\
version: 1
catalog: catalog.csv
markets:
  nl: {country: NL, language: en, currency: EUR, vat: 21, site: https://www.veerhuis.example}
feeds:
  mirakl: {channel: mirakl, markets: [nl], deltas: DELTAS}
"""
CHANGED, LEFT = 100, 1000


def project(*, deltas: bool) -> None:
    """The project, with deltas or without."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "feedsmith.yaml").write_text(PROJECT.replace("DELTAS", "true" if deltas else "false"))


def an_hour_later(source: Path) -> None:
    """The project's catalog, in which some prices changed and some products left."""
    with source.open(newline="") as old, (FOLDER / "catalog.csv").open("w", newline="") as new:
        reader = csv.DictReader(old)
        writer = csv.DictWriter(new, reader.fieldnames or ())
        writer.writeheader()
        for number, row in enumerate(reader):
            if number % LEFT == 1:
                continue
            if number % CHANGED == 0:
                row["price"] = "77.77"
            writer.writerow(row)


def measured(name: str, *options: str) -> int:
    """Times an export, and then takes the peak memory of the same; prints a line."""
    command = feedsmith("export", "--project", FOLDER, "--force", "--quiet", *options)
    took = seconds([command])
    size = peak_memory([command])
    print(f"{name:<24} {took:6.1f} s  {megabytes(size)}")
    return size


def main() -> int:
    """Measures all three; 1 when memory is above the limit."""
    parser = argparse.ArgumentParser(description="Time and peak memory of a whole export with deltas, and of a delta.")
    parser.add_argument("--products", type=int, default=500_000)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--limit", type=float, default=400, help="MB that are still fine (default: 400)")
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    workers = ("--workers", options.workers)
    source = catalog(options.products)
    project(deltas=False)
    shutil.copyfile(source, FOLDER / "catalog.csv")
    sizes = [measured("whole, without deltas", *workers)]
    project(deltas=True)
    sizes.append(measured("whole, deltas noted", *workers))
    an_hour_later(source)
    sizes.append(measured("delta", "--delta", *workers))
    return 0 if max(sizes) <= options.limit * 1e6 else 1


if __name__ == "__main__":
    sys.exit(main())
