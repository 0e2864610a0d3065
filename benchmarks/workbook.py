"""How fast is a workbook read? `python benchmarks/workbook.py [--products N] [--rounds N]`.

Reads all rows of the same sheet with feedsmith and with openpyxl's read-only mode, in turns in one process, and prints
the processor time of each and the median ratio; ends with 1 when both read different rows.
"""

import argparse
import csv
import statistics
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from measure import SCRATCH, catalog

from feedsmith.sources.xlsx_package import Package, read_workbook
from feedsmith.sources.xlsx_sheet import SheetReader

Rows = list[list[str]]


def workbook(count: int) -> Path:
    """The catalog of that size as a workbook, made when it is not there yet."""
    path = SCRATCH / f"{catalog(count).stem}.xlsx"
    if not path.exists():
        written = openpyxl.Workbook(write_only=True)
        sheet = written.create_sheet("products")
        with catalog(count).open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                sheet.append(row)
        written.save(path)
    return path


def by_feedsmith(path: Path) -> Rows:
    """All rows, as feedsmith reads them."""
    with zipfile.ZipFile(path) as archive:
        package = Package(archive, path.name)
        book = read_workbook(package)
        return [texts for _, texts in SheetReader(package, book, book.sheets[0].member).rows()]


def by_openpyxl(path: Path) -> Rows:
    """All rows, each up to its last filled cell, as openpyxl reads them."""
    rows: Rows = []
    for row in openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True):
        texts = ["" if value is None else str(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        rows.append(texts)
    return rows


def timed(read: Callable[[Path], Rows], path: Path) -> tuple[float, Rows]:
    """Seconds of processor time, and the rows."""
    start = time.process_time()
    rows = read(path)
    return time.process_time() - start, rows


def main() -> int:
    """Measures; 1 when both read different rows."""
    parser = argparse.ArgumentParser(description="Processor time of reading a workbook.")
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    path = workbook(options.products)
    ratios: list[float] = []
    for _ in range(options.rounds):
        ours, found = timed(by_feedsmith, path)
        theirs, wanted = timed(by_openpyxl, path)
        ratios.append(ours / theirs)
        a_row = 1e6 / options.products
        print(f"feedsmith {ours * a_row:.0f} µs, openpyxl {theirs * a_row:.0f} µs a row: ratio {ratios[-1]:.2f}")
        if found != wanted:
            print("the rows differ")
            return 1
    print(f"ratio, median of {options.rounds}: {statistics.median(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
