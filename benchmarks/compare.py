"""feedsmith against three hand-written scripts: the same three feeds of the same products.

`python benchmarks/compare.py [--products N] [--rounds N] [--workers N]` times both sides in turn, each in processes of
its own, then measures the memory in one more run of each, and ends with 1 when the two sides' feeds hold different
products.
"""

import argparse
import csv
import json
import re
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree
from measure import HERE, SCRATCH, Command, catalog, export, megabytes, peak_memory, seconds

GOOGLE_ID = "{http://base.google.com/ns/1.0}id"


def number_in(path: Path) -> int:
    """The number of a numbered file: 2 of `meta_nl-2.json`, which comes before `meta_nl-10.json`."""
    found = re.search(r"(\d+)\.json$", path.name)
    return int(found[1]) if found else 0


def google_ids(folder: Path) -> Iterator[str]:
    """The ids of the RSS feeds in a folder."""
    for path in sorted(folder.glob("google*.xml")):
        for _, element in etree.iterparse(path, tag="item"):
            yield element.findtext(GOOGLE_ID, "")
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def mirakl_ids(folder: Path) -> Iterator[str]:
    """The ids of the offer files in a folder."""
    for path in sorted(folder.glob("mirakl*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from (row["sku"] for row in csv.DictReader(file, delimiter=";"))


def meta_ids(folder: Path) -> Iterator[str]:
    """The ids of the request files in a folder."""
    for path in sorted(folder.glob("meta*.json"), key=number_in):
        body = json.loads(path.read_bytes())
        requests = body["requests"] if isinstance(body, dict) else body
        yield from (request["data"]["id"] for request in requests)


FEEDS: dict[str, Callable[[Path], Iterator[str]]] = {"google": google_ids, "meta": meta_ids, "mirakl": mirakl_ids}


def same_products(ours: Path, theirs: Path) -> bool:
    """Whether each feed holds the same ids in the same order on both sides; prints a line a feed."""
    same = True
    for name, ids in FEEDS.items():
        left, right = list(ids(ours)), list(ids(theirs))
        equal = bool(left) and left == right
        same = same and equal
        missing, more = len(set(right) - set(left)), len(set(left) - set(right))
        verdict = "the same" if equal else f"DIFFERENT: {missing:,} missing, {more:,} more, or another order"
        print(f"{name:8}  {len(left):>10,} products with feedsmith, {len(right):>10,} with the scripts: {verdict}")
    return same


def emptied(folder: Path) -> Path:
    """The folder, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def table(ours: list[float], theirs: list[float], products: int) -> None:
    """Prints the rounds, the medians and the ratio."""
    ratios = [left / right for left, right in zip(ours, theirs, strict=True)]
    print(f"{'round':8}{'feedsmith':>12}{'scripts':>12}{'ratio':>8}")
    for number, row in enumerate(zip(ours, theirs, ratios, strict=True), 1):
        print(f"{number:<8}{row[0]:>10.2f} s{row[1]:>10.2f} s{row[2]:>8.2f}")
    middle = statistics.median(ours), statistics.median(theirs), statistics.median(ratios)
    print(f"{'median':8}{middle[0]:>10.2f} s{middle[1]:>10.2f} s{middle[2]:>8.2f}")
    each = [f"{value / products * 1e6:.0f}" for value in middle[:2]]
    print(f"{'each':8}{each[0]:>9} µs{each[1]:>9} µs   (wall time a product)")
    print(f"ratio {middle[2]:.2f} median, {min(ratios):.2f} to {max(ratios):.2f}")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="feedsmith against three hand-written scripts.")
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def main() -> int:
    """Runs the rounds; 1 when the feeds differ."""
    options = arguments()
    source = catalog(options.products)
    ours, theirs = SCRATCH / "feedsmith", SCRATCH / "scripts"
    program: list[Command] = [export(source, ours, "--workers", str(options.workers))]
    scripts: list[Command] = [[sys.executable, HERE / "naive.py", name, source, theirs] for name in FEEDS]
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(options.rounds):
        sides = [(program, ours, times[0]), (scripts, theirs, times[1])]
        for commands, folder, taken in sides if number % 2 == 0 else sides[::-1]:
            emptied(folder)
            taken.append(seconds(commands))
    print(
        f"{options.products:,} products, three feeds, {options.workers} workers, {source.stat().st_size / 1e6:,.0f} MB"
    )
    table(*times, options.products)
    if sys.platform == "linux":
        emptied(ours)
        emptied(theirs)
        print(f"memory  {megabytes(peak_memory(program)):>12}{megabytes(peak_memory(scripts)):>12}")
    return 0 if same_products(ours, theirs) else 1


if __name__ == "__main__":
    sys.exit(main())
