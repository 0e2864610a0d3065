"""Writing a feed as a workbook: its rows get their numbers, the other members of the file stand around the sheet."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from feedsmith.errors import OutputError
from feedsmith.publish.refusals import refusals
from feedsmith.render.xlsx import ROW, ROW_END
from feedsmith.run.assemble import FilePlan, FileTask, Stretch, WrittenFile, write_file
from feedsmith.run.book import Book, new_member
from feedsmith.sources.xlsx_package import Package, read_workbook
from feedsmith.sources.xlsx_sheet import SheetReader

LARGE = 1 << 31
"""Bytes of a sheet from which on the zip file needs its large form."""
LEVEL = 6


def write_task(task: FileTask) -> WrittenFile | OutputError:
    """Write one file of a feed of any format; gives why it cannot be written, as other feeds' files may be.

    Raises:
        RuntimeError: it is not what was planned; a bug.
    """
    try:
        return write_file(task) if task.book is None else write_workbook(task, task.book)
    except OutputError as error:
        return error


def write_workbook(task: FileTask, book: Book) -> WrittenFile:
    """Write a planned workbook to its temporary path, and count its rows with the reader of workbooks.

    Raises:
        OutputError: it cannot be written.
        RuntimeError: it holds other rows than were planned; a bug.
    """
    sheet = _Sheet(task.plan, book.first_row)
    with refusals(Path(task.label)):
        with zipfile.ZipFile(task.path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            for info, data in book.parts():
                archive.writestr(info, data)
            with archive.open(new_member(book.member), "w", force_zip64=task.plan.bytes > LARGE) as file:
                file.writelines(sheet.blocks())
        with task.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    found = _filled_rows(task.path, book)
    if found != sheet.filled:
        message = f"{task.label}: {found} rows were read back where {sheet.filled} were written"
        raise RuntimeError(message)
    size = task.path.stat().st_size
    return WrittenFile(task.plan.items, size, digest, size)


class _Sheet:
    """A sheet on its way into the file; `filled` counts the rows that have a cell."""

    def __init__(self, plan: FilePlan, first_row: int) -> None:
        self.plan, self.number = plan, first_row
        self.filled = 0

    def blocks(self) -> Iterator[bytes]:
        """The sheet, a stretch of rows at a time; each row gets its number."""
        mark, end = ROW.encode(), ROW_END.encode()
        yield self.plan.frame.head
        for stretch in self.plan.stretches:
            rows = _texts(stretch).split(end)[:-1]
            yield b"".join(row.replace(mark, b"%d" % at) + end for at, row in enumerate(rows, self.number))
            self.number += len(rows)
            self.filled += sum(b"<c " in row for row in rows)
        yield self.plan.frame.foot


def _texts(stretch: Stretch) -> bytes:
    with stretch.section.path.open("rb") as file:
        file.seek(stretch.section.start + stretch.start)
        return file.read(stretch.bytes)


def _filled_rows(path: Path, book: Book) -> int:
    """How many rows of items the file holds, as the reader of workbooks finds them."""
    with zipfile.ZipFile(path) as archive:
        package = Package(archive, path.name)
        rows = SheetReader(package, read_workbook(package), book.member).rows()
        return sum(number >= book.first_row for number, _ in rows)
