"""Workbooks: read in a child process that may use so much memory and no more, and written to a spool.

The child reads the sheet's XML as a stream, so that its memory does not grow with the rows; only shared texts are held.
"""

import multiprocessing
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from feedsmith.errors import SourceError
from feedsmith.issues import Issue, Place, Severity, shown
from feedsmith.sources.records import NoItemsError
from feedsmith.sources.sections import SectionFinder, section_column, section_issue, with_sections
from feedsmith.sources.spool import new_spool, numbered_writer
from feedsmith.sources.xlsx_package import Package, SheetEntry, Workbook, read_workbook
from feedsmith.sources.xlsx_sheet import MAX_FAULTS, Row, SheetReader
from feedsmith.sources.xlsx_values import column_letters

if sys.platform != "win32":
    import resource

CHILD_MEMORY = 2 << 30
"""Bytes of address space of the child."""
LOOK_AHEAD = 20
"""Filled rows among which the headings are looked for."""

FAULTS = {
    "error": ("The cell holds the error {value}; it is read as empty.", "Correct the formula or its data."),
    "formula": (
        "The cell's formula has no stored result; it is read as empty.",
        "Open the workbook in the spreadsheet program and save it, so that results are stored.",
    ),
    "digits": (
        "The number {value} has more than 15 digits; a spreadsheet keeps only 15.",
        "Format the column as text before the numbers are entered.",
    ),
    "date": ("The cell is formatted as a date, but {value} is none; the number is kept.", "Check the cell's format."),
}
"""Kinds of fault: the message and the help."""


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """Which cells of a workbook are the table.

    Without `sheet` it is the first visible sheet with a filled cell. Without `header_row` the headings are the first
    filled row, or the first one below rows that are clearly a title. `skip_rows` counts the rows below the headings.
    """

    sheet: str | None = None
    header_row: int | None = None
    skip_rows: int = 0


@dataclass(frozen=True, slots=True)
class SpooledSheet:
    """A sheet written to `spool`: the row's number first, then its cells up to the last filled one.

    `sheets` are all visible ones of the workbook that hold anything, in their order.
    """

    name: str
    spool: Path
    cells: tuple[str, ...]
    heading_row: int
    issues: tuple[Issue, ...]
    sheets: tuple[str, ...] = ()


def spool_workbook(path: Path, shown: str, folder: Path, choice: SheetChoice) -> SpooledSheet:
    """The rows of a sheet as a spool in `folder`, by a child process.

    Raises:
        SourceError: the workbook is damaged, harmful or too large, or has no such sheet, no headings or no products.
    """
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(1, mp_context=context, initializer=_limit_memory, initargs=(CHILD_MEMORY,)) as pool:
            return pool.submit(_spool, path, shown, folder, choice).result()
    except (BrokenProcessPool, MemoryError) as error:
        raise SourceError(
            Place(shown), "the workbook takes too much memory to be read", "save the sheet as CSV UTF-8"
        ) from error


def _limit_memory(cap: int) -> None:
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (cap if hard == resource.RLIM_INFINITY else min(cap, hard), hard))


def _spool(path: Path, shown: str, folder: Path, choice: SheetChoice) -> SpooledSheet:
    damaged = "the workbook is damaged or cut off"
    try:
        with zipfile.ZipFile(path) as archive:
            package = Package(archive, shown)
            return _spool_sheet(package, folder, choice)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError(Place(shown), damaged, "copy or download it again") from error
    except ValueError as error:
        raise SourceError(Place(shown), f"{damaged}: {error}", "save it again in the spreadsheet program") from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise SourceError(Place(shown), "the workbook is password protected", "save it without a password") from error


def _spool_sheet(package: Package, folder: Path, choice: SheetChoice) -> SpooledSheet:
    workbook = read_workbook(package)
    entry = _choose(package, workbook, choice.sheet)
    place = Place(package.place.path, sheet=entry.name)
    reader = SheetReader(package, workbook, entry.member)
    above, (row, cells), rows = _find_headings(reader.rows(), choice.header_row, place)
    issues = _title_issues(above, row, place)
    start = row + choice.skip_rows
    with new_spool(folder) as (path, spool):
        writer = numbered_writer(spool)
        width, last = len(cells), start
        finder = SectionFinder(sum(map(bool, cells)))
        for number, texts in rows:
            if number > start:
                writer.writerow((number, *texts))
                finder.see(number, texts, below_blank=number > last + 1)
                issues += _blank_issues(last, number, place) if number > last + 1 and len(issues) < MAX_FAULTS else []
                width, last = max(width, len(texts)), number
        if last == start:
            raise NoItemsError(place, "the sheet has a heading row but no products", "name the right sheet: `sheet: …`")
    cells += [""] * (width - len(cells))
    issues += _fault_issues(reader, row, cells, place)
    sheets = tuple(one.name for one in _filled(package, workbook))
    if choice.sheet is None and len(sheets) > 1:
        issues.append(_other_sheets(sheets, place))
    if finder.titles:
        column = section_column(cells)
        path, cells = with_sections(path, finder.titles, folder), [column, *cells]
        issues.append(section_issue(finder.titles, place, column))
    return SpooledSheet(entry.name, path, tuple(cells), row, tuple(issues), sheets)


def _filled(package: Package, workbook: Workbook) -> Iterator[SheetEntry]:
    """The visible sheets that hold anything."""
    for entry in workbook.sheets:
        if not entry.hidden and entry.member and any(SheetReader(package, workbook, entry.member).rows()):
            yield entry


def _other_sheets(sheets: Sequence[str], place: Place) -> Issue:
    """That other sheets are not read."""
    others = ", ".join(f"`{name}`" for name in sheets if name != place.sheet)
    message = f"Only the sheet `{place.sheet}` is read; the workbook has {others} too."
    help_ = "Name the sheets of the products: `sheet: …`; `init` joins sheets of prices and stock to them."
    return Issue("other-sheets", Severity.INFO, message, place, help=help_)


def _choose(package: Package, workbook: Workbook, sheet: str | None) -> SheetEntry:
    names = ", ".join(f"`{entry.name}`" for entry in workbook.sheets)
    found = next((one for one in workbook.sheets if one.name == sheet), None)
    if sheet is None:
        found = next(_filled(package, workbook), None)
    if found is not None:
        return found
    if sheet is None:
        package.refuse("no visible sheet has a filled cell", f"name a sheet if another is meant; there are {names}")
    return package.refuse(f"there is no sheet `{sheet}`", f"the sheets are {names}")


def _find_headings(rows: Iterator[Row], header_row: int | None, place: Place) -> tuple[list[Row], Row, Iterator[Row]]:
    """The rows above the headings, the headings, and the rows below."""
    if header_row == 0 and (start := next(rows, None)):
        return [], (start[0] - 1, []), chain([start], rows)
    if header_row is not None:
        heading = next((row for row in rows if row[0] >= header_row), None)
        if heading is None or heading[0] != header_row:
            raise SourceError(place, f"row {header_row}, where the headings should be, is empty", "see `header_row`")
        return [], heading, rows
    first = list(islice(rows, LOOK_AHEAD))
    filled = [sum(map(bool, texts)) for _, texts in first]
    # A title has one filled cell, or half as many as the rows of the table below it. Where that is not certain the
    # first row is taken: a wrong guess would read a product as headings.
    at = next(
        (at for at, count in enumerate(filled) if count > 1 and 2 * count > max(filled[at + 1 : at + 4], default=0)), 0
    )
    return first[:at], first[at], chain(first[at + 1 :], rows)


def _title_issues(above: list[Row], row: int, place: Place) -> list[Issue]:
    if not above:
        return []
    message = f"The headings are taken from row {row}; {len(above)} filled row(s) above are skipped as a title."
    where = Place(place.path, above[0][0], sheet=place.sheet)
    value = shown(" ".join(filter(None, above[0][1])))
    return [Issue("title-row", Severity.INFO, message, where, value=value, help=f"Declare `header_row: {row}`.")]


def _blank_issues(last: int, number: int, place: Place) -> list[Issue]:
    """One issue for the blank rows between the rows `last` and `number`."""
    count = number - last - 1
    rows = "A blank row is" if count == 1 else f"{count} blank rows are"
    return [Issue("empty-row", Severity.INFO, f"{rows} skipped.", Place(place.path, last + 1, sheet=place.sheet))]


def _fault_issues(reader: SheetReader, row: int, cells: list[str], place: Place) -> Iterator[Issue]:
    """One issue per doubtful cell below the headings, and one that counts those above the limit."""
    for fault in reader.faults:
        message, help_ = FAULTS[fault.kind]
        heading = cells[fault.column - 1] if fault.column <= len(cells) else ""
        where = Place(place.path, fault.row, heading or column_letters(fault.column), place.sheet, fault.cell)
        if fault.row > row:
            yield Issue(
                "invalid-format",
                Severity.WARNING,
                message.format(value=fault.value),
                where,
                value=fault.value,
                help=help_,
            )
    if reader.more_faults:
        message = f"{reader.more_faults} more cells of the sheet hold errors or doubtful values."
        yield Issue("invalid-format", Severity.WARNING, message, place)
