"""A source file with some of its rows: in its own format, and with the bytes that it had where that can be."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from feedsmith.errors import SourceError
from feedsmith.run.sample.choose import Chosen
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.dialect import read_lines
from feedsmith.sources.encodings import BYTE_ORDER_MARKS
from feedsmith.sources.parts import Meter, record_ends
from feedsmith.sources.table import Table

MOST_OF_A_VALUE = 8
"""Rows of one value, such as the variants of a group; more say nothing new."""
LEAST = 5
"""Rows that stay of a file that speaks of no product."""
GZIP = b"\x1f\x8b"


class Keep:
    """Which rows of a file stay: those that were chosen, and those that speak of a chosen product."""

    def __init__(
        self, chosen: Chosen, shown: str, headings: Collection[str] | None, most: int = MOST_OF_A_VALUE
    ) -> None:
        """`headings` are the columns that speak of products, None for all; `most` rows stay for one value."""
        self.rows = {row for path, row in chosen.spots if path == shown}
        self.values, self.most = chosen.values, most
        self.headings = headings
        self.seen: Counter[str] = Counter()
        self.number = 0
        self.met: set[str] = set()
        """What the rows that stay call their products, for the files that are joined to them."""

    def __call__(self, line: int, row: dict[str, str | None]) -> bool:
        """Whether the row in that line stays."""
        self.number += 1
        cells = (cell for heading, cell in row.items() if self.headings is None or heading in self.headings)
        said = {cell.strip().casefold() for cell in cells if cell}
        stays = line in self.rows or (self.headings is None and self.number <= LEAST)
        for value in () if stays else said & self.values:
            self.seen[value] += 1
            stays = stays or self.seen[value] <= self.most
        if stays:
            self.met |= said
        return stays


def cut(table: Table, keep: Keep, target: Path) -> tuple[int, int]:
    """Write the rows of a file that stay, and give their number and that of all rows.

    Raises:
        SourceError: the file cannot be cut.
    """
    shared = {line for line, number in Counter(_lines(table)).items() if number > 1}
    keep.rows -= shared  # a line with several items says nothing of one of them
    kept, lines = [], []
    for batch in read_table(table):
        columns = [batch.columns[heading] for heading in table.headings]
        for line, cells in zip(batch.lines, zip(*columns, strict=True), strict=True):
            lines.append(line)
            kept.append(keep(line, dict(zip(table.headings, cells, strict=True))))
    target.parent.mkdir(parents=True, exist_ok=True)
    staying = {line for line, stays in zip(lines, kept, strict=True) if stays} | keep.rows
    CUTTERS[table.format](table, kept, staying, target)
    return sum(kept), len(kept)


def _lines(table: Table) -> Iterator[int]:
    """The line of each row, of files in which several may stand in one."""
    if table.format in {"xml", "json"}:
        for batch in read_table(table, ()):
            yield from batch.lines


def _cut_text(table: Table, kept: list[bool], lines: set[int], target: Path) -> None:
    """The bytes above the first record, and those of each record that stays."""
    del kept
    if table.numbered:
        raise SourceError(table.place(), "a file with escape characters cannot be cut", "cut it by hand")
    raw = table.path.read_bytes()[: table.data_offset]
    pieces = [raw]
    with table.path.open("rb") as file:
        file.seek(table.data_offset)
        meter = Meter(read_lines(file, table.shown, table.first_line), table.data_offset, table.first_line)
        start, line = table.data_offset, table.first_line
        with table.path.open("rb") as again:
            for end, next_line, _ in record_ends(table, meter):
                if line in lines:
                    again.seek(start)
                    pieces.append(again.read(end - start))
                start, line = end, next_line
    _write(table, _as_it_was(table, b"".join(pieces)), target)


def _as_it_was(table: Table, text: bytes) -> bytes:
    """UTF-8 text in the encoding of the user's file, with its byte order mark."""
    if table.path == table.source or table.encoding == "utf-8":
        return text
    mark = next((mark for mark, _ in BYTE_ORDER_MARKS if _unpacked(table).startswith(mark)), b"")
    plain = text.decode("utf-8-sig")
    return (b"" if table.encoding == "utf-16" else mark) + plain.encode(table.encoding)


def _unpacked(table: Table) -> bytes:
    """The bytes of the user's file."""
    raw = table.source.read_bytes()
    return gzip.decompress(raw) if raw.startswith(GZIP) else raw


def _write(table: Table, text: bytes, target: Path) -> None:
    """Write a file, packed where the user's is."""
    with table.source.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    target.write_bytes(gzip.compress(text, mtime=0) if packed else text)


def _cut_workbook(table: Table, kept: list[bool], lines: set[int], target: Path) -> None:
    """The one sheet, beside others that are there already: the rows down to the headings, and those that stay."""
    from openpyxl import Workbook, load_workbook  # noqa: PLC0415 - only workbooks pay for it

    del kept
    old = load_workbook(table.source, read_only=True)
    new = load_workbook(target) if target.exists() else Workbook()
    for name in {*(() if target.exists() else new.sheetnames), table.sheet} & set(new.sheetnames):
        del new[name]
    sheet = new.create_sheet(table.sheet)
    for number, row in enumerate(old[table.sheet].iter_rows(values_only=True), 1):
        if number <= table.header_row or number in lines:
            sheet.append(row)
    new.save(target)
    old.close()


def _cut_xml(table: Table, kept: list[bool], lines: set[int], target: Path) -> None:
    from lxml import etree  # noqa: PLC0415 - only XML pays for it

    del lines
    root = etree.fromstring(_unpacked(table), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    ways: dict[str, list[Any]] = {}
    for element in root.iter(etree.Element):
        way = "/".join([*(str(one.tag) for one in element.iterancestors()), str(element.tag)])
        ways.setdefault(way, []).append(element)
    items = next((found for found in ways.values() if len(found) == len(kept)), None)
    if items is None:
        raise SourceError(table.place(), "the items of this file cannot be told apart", "cut it by hand")
    for element, stays in zip(items, kept, strict=True):
        if not stays:
            element.getparent().remove(element)
    _write(table, etree.tostring(root, xml_declaration=True, encoding="utf-8"), target)


def _cut_json(table: Table, kept: list[bool], lines: set[int], target: Path) -> None:
    raw = _unpacked(table)
    text = raw.decode(json.detect_encoding(raw))
    try:
        value = json.loads(text)
    except json.JSONDecodeError:  # JSON lines: one value after the other
        written = [line for number, line in enumerate(text.splitlines(keepends=True), 1) if number in lines]
        _write(table, "".join(written).encode(), target)
        return
    found = next((one for one in _lists(value) if len(one) == len(kept)), None)
    if found is None:
        raise SourceError(table.place(), "the items of this file cannot be told apart", "cut it by hand")
    found[:] = [item for item, stays in zip(found, kept, strict=True) if stays]
    _write(table, json.dumps(value, ensure_ascii=False, indent=1).encode(), target)


def _lists(value: Any) -> Iterator[list[Any]]:
    """The lists in a value, the outer ones first."""
    if isinstance(value, list):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(inner)


def _cut_rows(table: Table, kept: list[bool], lines: set[int], target: Path) -> None:
    """Rows with types of their own, of a query or a Parquet file, as CSV."""
    del lines
    staying = iter(kept)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.headings)
        for batch in read_table(table):
            columns = (batch.columns[heading] for heading in table.headings)
            writer.writerows(row for row in zip(*columns, strict=True) if next(staying))


CUTTERS: dict[str, Callable[[Table, list[bool], set[int], Path], None]] = {
    "csv": _cut_text,
    "xlsx": _cut_workbook,
    "xml": _cut_xml,
    "json": _cut_json,
    "sql": _cut_rows,
    "parquet": _cut_rows,
}
"""What cuts a file of each format."""
