"""Titles of sections among the rows of a sheet: a word alone below a blank row, for the products under it."""

import csv
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from feedsmith.issues import Issue, Place, Severity
from feedsmith.sources.dialect import Dialect
from feedsmith.sources.spool import SPOOL, new_spool, numbered_writer

SECTION = "section"
"""The column that holds each product's section."""
MIN_COLUMNS = 3
"""In a narrower table a row with one cell is nothing special."""
LETTERS = re.compile(r"[^\W\d_]{2}")


class SectionFinder:
    """Sees the rows below the headings in order and notes the numbers of those that are titles of sections.

    A title has a word in its first cell and nothing else. Above it is a blank row, another title or the headings; below
    it, a row with at least half of the cells.
    """

    def __init__(self, columns: int) -> None:
        self.titles: list[int] = []
        self._columns = columns
        self._waiting: list[int] = []
        self._any = False

    def see(self, number: int, cells: Sequence[str], *, below_blank: bool) -> None:
        """A filled row; `cells` end with the last filled one."""
        alone = len(cells) == 1 and self._columns >= MIN_COLUMNS and bool(LETTERS.search(cells[0]))
        if alone and (below_blank or self._waiting or not self._any):
            self._waiting.append(number)
        elif self._waiting:
            if 2 * sum(map(bool, cells)) >= self._columns:
                self.titles += self._waiting
            self._waiting = []
        self._any = True


def looks_sectioned(text: str, dialect: Dialect, columns: int) -> bool:
    """Whether the start of a text file has a row with its first cell only below a row without any."""
    gap = re.escape(dialect.delimiter)
    line_end = r"(?:\r\n|\r(?!\n)|\n)"
    pattern = rf"{line_end}{gap}*{line_end}(?!{gap})[^{gap}\r\n]+{gap}+{line_end}"
    return columns >= MIN_COLUMNS and re.search(pattern, text) is not None


def sections_in(spool: Path, columns: int) -> list[int]:
    """The numbers of the titles in a numbered spool, which holds blank rows too."""
    finder, blank = SectionFinder(columns), False
    with spool.open(encoding="utf-8", newline="") as file:
        for number, *cells in SPOOL.records(file):
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                finder.see(int(number), cells, below_blank=blank)
            blank = not cells
    return finder.titles


def with_sections(spool: Path, titles: Collection[int], folder: Path) -> Path:
    """A new spool without the titles; each row has its section in its first cell."""
    left_out, section = frozenset(titles), ""
    with spool.open(encoding="utf-8", newline="") as file, new_spool(folder) as (path, target):
        writer = numbered_writer(target)
        for number, *cells in csv.reader(file):
            if int(number) in left_out:
                section = cells[0].strip()
            else:
                writer.writerow((number, section, *cells) if any(cells) else (number,))
    spool.unlink()
    return path


def section_issue(titles: Sequence[int], place: Place, column: str) -> Issue:
    """What is told of the titles; `place` is that of the table."""
    message = (
        f"{len(titles)} row(s) are read as titles of sections, no products; the products below have them as `{column}`."
    )
    where = Place(place.path, titles[0], sheet=place.sheet)
    return Issue("section-row", Severity.INFO, message, where, help="Give the products a column for the section.")


def section_column(headings: Sequence[str]) -> str:
    """A name for the column that no other has."""
    taken, name, number = {heading.casefold() for heading in headings}, SECTION, 2
    while name in taken:
        name, number = f"{SECTION}#{number}", number + 1
    return name
