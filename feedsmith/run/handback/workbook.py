"""The `xlsx` report: the merchant's workbook or file handed back, with colours and comments on its faulty cells.

In front stand two sheets: all issues, filterable and linked to their cells, and how many there are of each kind. Of one
workbook all else stays as it was. Text files, and workbooks that cannot be filled, come back as sheets of texts.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from feedsmith.issues import Place
from feedsmith.render.xlsx import MOST_ROWS
from feedsmith.reports.report import ReadTable, Report
from feedsmith.run.handback.coloured import Faults, coloured_sheet, unselected
from feedsmith.run.handback.grid import Grid
from feedsmith.run.handback.handed import Handed, colours
from feedsmith.run.handback.listing import write_listing
from feedsmith.run.handback.marks import Mark, Marks
from feedsmith.run.handback.notes import taken
from feedsmith.run.handback.package import NOTES, Package
from feedsmith.sources.headings import name_columns
from feedsmith.sources.xlsx_package import Package as ReadPackage
from feedsmith.sources.xlsx_package import read_workbook
from feedsmith.sources.xlsx_sheet import SheetReader

GRIDS = frozenset({"csv", "xlsx"})
"""The formats of sources that have rows and columns to hand back."""
WIDTH = 18
"""Of a column, in characters."""


def xlsx_report(report: Report, file: BinaryIO) -> None:
    """Write the workbook to `file`, which need not be able to go back. Memory does not grow with rows or issues."""
    tables = [one for one in report.tables if one.format in GRIDS]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="feedsmith-")))
        marks = stack.enter_context(Marks(folder / "marks.sqlite", tables))
        marks.take(report.issues())
        archive = stack.enter_context(zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6))
        package, own = _package(archive, tables, stack)
        handed = [_own(package, marks, number, table) for number, table in enumerate(tables) if table in own]
        for sheet in package.sheets[:]:
            if sheet.member and all(sheet is not one.sheet for one in handed):
                package.write(sheet.member, unselected(package.blocks(sheet.member)))
        handed += [_copied(package, marks, number, table) for number, table in enumerate(tables) if table not in own]
        write_listing(package, report, marks, {one.number: one for one in handed})
        package.finish()


def _package(archive: zipfile.ZipFile, tables: list[ReadTable], stack: ExitStack) -> tuple[Package, list[ReadTable]]:
    """The first workbook that can be filled and its tables; else an empty one."""
    for table in tables:
        if table.format != "xlsx" or not zipfile.is_zipfile(table.file):
            continue
        try:
            package = Package(archive, stack.enter_context(zipfile.ZipFile(table.file)))
        except (ValueError, StopIteration, KeyError, SyntaxError, zipfile.BadZipFile):
            continue
        of_file = [one for one in tables if one.file == table.file]
        own = [one for one in of_file if package.fillable(one.sheet or "")]
        if own:
            return package, own
    return Package.empty(archive), []


def _own(package: Package, marks: Marks, number: int, table: ReadTable) -> Handed:
    """Colour and comment a sheet of the merchant's own."""
    sheet = next(one for one in package.sheets if one.name == table.sheet)
    handed = Handed(number, table, sheet, _columns(package.base, table), filled=True)
    but = taken(package.text(sheet.comments))
    for row, found in marks.of(number):
        for mark in found:
            handed.note(row, handed.column(mark), mark, but)
    drawing = package.comment(sheet, list(handed.notes.values()))
    blocks = package.blocks(sheet.member)
    package.write(sheet.member, coloured_sheet(blocks, _faults(handed, marks), package.styles.coloured, drawing))
    return handed


def _faults(handed: Handed, marks: Marks) -> Iterator[tuple[int, Faults]]:
    for row, found in marks.of(handed.number):
        yield row, colours(handed, found)


def _columns(base: zipfile.ZipFile, table: ReadTable) -> dict[str, int]:
    """The columns of a sheet's headings, as they stand in the sheet itself."""
    package = ReadPackage(base, table.path)
    workbook = read_workbook(package)
    member = next(one.member for one in workbook.sheets if one.name == table.sheet)
    texts: list[str] = []
    for number, cells in SheetReader(package, workbook, member).rows():
        if number >= table.header_row:
            texts = cells if number == table.header_row else []
            break
    texts += [""] * (len(table.headings) - len(texts))
    names = name_columns(texts, Place(table.path))[0]
    return {name: at for at, name in enumerate(names, 1)}


def _copied(package: Package, marks: Marks, number: int, table: ReadTable) -> Handed:
    """Hand a table back as a sheet of texts, as many rows as fit."""
    sheet = package.add(package.free_name(table.sheet or Path(table.path).name))
    columns = {name: at for at, name in enumerate(table.headings, 1)}
    handed = Handed(number, table, sheet, columns, filled=False)
    package.write(sheet.member, _copy(package, marks, handed))
    package.comment(sheet, list(handed.notes.values()))
    return handed


def _copy(package: Package, marks: Marks, handed: Handed) -> Iterator[bytes]:
    """The copy of a table, row by row."""
    table, styles = handed.table, package.styles
    grid = Grid([WIDTH] * len(table.headings), styles.text)
    yield grid.head().encode()
    bold = dict.fromkeys(range(1, len(table.headings) + 1), styles.heading)
    marked = _Marked(marks.of(handed.number))
    former = None
    for line, cells in chain([(table.header_row, table.headings)], table.rows()):
        if grid.at == MOST_ROWS:
            handed.cut = True
            break
        if line - grid.at != former:
            marks.stand(handed.number, line, grid.at + 1)
            former = line - grid.at
        found = marked.at(line)
        for mark in found:
            handed.note(grid.at + 1, handed.column(mark), mark)
        own = bold if grid.at == 0 else {}
        faults = {at: styles.coloured(styles.text, severity) for at, severity in colours(handed, found).items()}
        yield grid.row(cells, {**own, **faults}).encode()
    handed.cut_cells = grid.cut
    yield grid.foot(drawing=NOTES if handed.notes else "").encode()


class _Marked:
    """The marks of each row, asked for in order."""

    def __init__(self, marks: Iterator[tuple[int, list[Mark]]]) -> None:
        self._marks = marks
        self._next = next(marks, None)

    def at(self, row: int) -> list[Mark]:
        """The marks of a row; those of rows before it are passed over."""
        while self._next is not None and self._next[0] < row:
            self._next = next(self._marks, None)
        return self._next[1] if self._next is not None and self._next[0] == row else []
