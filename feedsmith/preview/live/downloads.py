"""The list of issues as a file: CSV and XLSX, one issue a row."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from feedsmith.issues import Issue
from feedsmith.preview.index.state import State
from feedsmith.reports.harmless import encodable, harmless
from feedsmith.texts.catalogue import Texts

HEADINGS = (
    "severity",
    "code",
    "title",
    "feed",
    "product",
    "field",
    "message",
    "value",
    "remedy",
    "file",
    "row",
    "column",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would take for a formula."""
MOST_ROWS = 1_048_575
"""Rows below the headings that a sheet holds."""
PIECE = 200
"""Rows that are sent at a time."""
MARK = "\ufeff"


def rows(state: State, texts: Texts) -> Iterator[tuple[str, ...]]:
    """Each issue as a row of texts."""
    for issue in state.issues():
        yield _row(issue, texts)


def _row(issue: Issue, texts: Texts) -> tuple[str, ...]:
    place = issue.place
    return (
        str(issue.severity), issue.code, texts.title(issue.code), issue.feed, issue.product, issue.field,
        texts.message(issue.message), issue.value, texts.remedy(issue.code, issue.help),
        place.path, str(place.row or ""), place.column or "",
    )  # fmt: skip


def csv_file(state: State, texts: Texts) -> Iterator[bytes]:
    """The list as CSV that a spreadsheet opens as text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(MARK)
    writer.writerow(HEADINGS)
    for number, row in enumerate(rows(state, texts)):
        writer.writerow([_plain(value) for value in row])
        if number % PIECE == 0:
            yield buffer.getvalue().encode("utf-8", "backslashreplace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8", "backslashreplace")


def _plain(value: str) -> str:
    """A cell that no spreadsheet works out."""
    return f"'{value}" if value.startswith(FORMULA) else value


def xlsx_file(state: State, texts: Texts) -> Iterator[bytes]:
    """The list as a workbook; its cells are texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("issues")
    sheet.freeze_panes = "A2"
    sheet.append(HEADINGS)
    for number, row in enumerate(rows(state, texts)):
        if number >= MOST_ROWS:
            break
        sheet.append([_cell(sheet, value) for value in row])
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as folder:
        path = Path(folder, "issues.xlsx")
        book.save(path)
        yield path.read_bytes()


def _cell(sheet: WriteOnlyWorksheet, value: str) -> WriteOnlyCell:
    try:
        cell = WriteOnlyCell(sheet, encodable(value))
    except IllegalCharacterError:
        cell = WriteOnlyCell(sheet, harmless(value))
    cell.data_type = "s"
    return cell


DOWNLOADS: dict[str, tuple[str, Callable[[State, Texts], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", csv_file),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file),
}
"""The formats of the list: media type, and what makes it."""
