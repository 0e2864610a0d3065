"""What is wrong with which cell, kept on disk, so that memory does not grow with the issues."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self

from feedsmith.issues import Issue, Severity
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import ReadTable
from feedsmith.texts.catalogue import spoken

GRAVE = {Severity.ERROR: 0, Severity.WARNING: 1}
"""The severities that colour a cell, the gravest first."""
NOTE_LENGTH = 1_000
"""Characters of the comment on one cell."""
TABLES = """
CREATE TABLE mark (
    source INT, row INT, place TEXT, cell TEXT, grave INT, code TEXT, message TEXT, help TEXT, feed TEXT
);
CREATE TABLE spot (source INT, row INT, at INT, PRIMARY KEY (source, row)) WITHOUT ROWID;
"""


@dataclass(slots=True)
class Mark:
    """What is wrong with one cell.

    `heading` is empty for the row as a whole; `cell` is the cell's own name, where it is known.
    """

    heading: str
    cell: str
    severity: Severity
    note: str


class Marks:
    """The faulty cells of all tables, by the number of the table and the row of its file."""

    def __init__(self, path: Path, tables: Sequence[ReadTable]) -> None:
        self._path = path
        self._numbers = {(table.path, table.sheet): number for number, table in enumerate(tables)}

    def __enter__(self) -> Self:
        """Make the file; what is in it need not outlive the run."""
        self._file = sqlite3.connect(self._path, isolation_level=None)
        self._file.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {TABLES} BEGIN;")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self._file.close()

    def number(self, issue: Issue) -> int | None:
        """The number of the table that the issue is about."""
        return self._numbers.get((issue.place.path, issue.place.sheet))

    def take(self, issues: Iterable[Issue]) -> None:
        """Keep what colours a cell."""
        self._file.executemany("INSERT INTO mark VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._rows(issues))
        self._file.execute("CREATE INDEX mark_row ON mark (source, row)")

    def _rows(self, issues: Iterable[Issue]) -> Iterator[tuple[object, ...]]:
        for issue in issues:
            number = self.number(issue)
            if number is not None and issue.place.row and issue.severity in GRAVE:
                place, cell = encodable(issue.place.column or ""), issue.place.cell or ""
                texts = map(encodable, (issue.code, issue.message, issue.help, issue.feed))
                yield number, issue.place.row, place, cell, GRAVE[issue.severity], *texts

    def of(self, number: int) -> Iterator[tuple[int, list[Mark]]]:
        """The rows of a table with faulty cells, in order, each with its marks."""
        columns = "row, place, cell, grave, code, message, help, feed"
        wanted = f"SELECT {columns} FROM mark WHERE source = ? ORDER BY row, place"  # noqa: S608 - names of ours

        with closing(self._file.execute(wanted, (number,))) as found:
            for row, some in groupby(found, itemgetter(0)):
                yield row, [_mark(list(one)) for _, one in groupby(some, itemgetter(1))]

    def stand(self, number: int, row: int, at: int) -> None:
        """Remember that from a row of the file on, rows stand in the sheet from the row `at` on."""
        self._file.execute("INSERT OR IGNORE INTO spot VALUES (?, ?, ?)", (number, row, at))

    def spot(self, number: int, row: int) -> int | None:
        """The row of the sheet in which a row of the file stands."""
        wanted = "SELECT row, at FROM spot WHERE source = ? AND row <= ? ORDER BY row DESC LIMIT 1"
        found = self._file.execute(wanted, (number, row)).fetchone()
        return row - found[0] + found[1] if found else None


def _mark(found: list[tuple[int, str, str, int, str, str, str, str]]) -> Mark:
    """The marks of one cell as one; what several feeds say alike is said once."""
    feeds: dict[tuple[int, str, str, str], list[str]] = {}
    for _, _, _, grave, code, message, help_, feed in sorted(found, key=itemgetter(3)):
        feeds.setdefault((grave, code, message, help_), []).append(feed)
    texts = spoken()
    names = {grave: severity for severity, grave in GRAVE.items()}
    lines: list[str] = []
    for (grave, code, message, help_), some in feeds.items():
        whose = ", ".join(dict.fromkeys(filter(None, some)))
        told = f"{code}{f' ({whose})' if whose else ''}: {texts.message(message)}"
        lines.append(f"{texts(names[grave])} {told}")
        lines += [f"{texts('Fix')}: {texts.remedy(code, help_)}"] if help_ else []
    note = "\n".join(lines)
    cell = next((one[2] for one in found if one[2]), "")
    note = note if len(note) <= NOTE_LENGTH else note[: NOTE_LENGTH - 1] + "…"
    return Mark(found[0][1], cell, names[min(one[3] for one in found)], note)
