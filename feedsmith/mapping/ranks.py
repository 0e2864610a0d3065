"""Ranks: the first products of a catalog by a number or a date, over all of it or in each group.

A rank is worked out in two steps. A pass over the catalog leaves an entry for each product: its group, its value as a
whole number (lower is better) and its row, which decides between equal values. Of these the last entry that still
belongs to a group's first is kept, its cut; each product is then compared with the cut of its group. Entries and cuts
are in an SQLite file, so that memory does not grow with the catalog.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from feedsmith.issues import Place
from feedsmith.mapping.expression import Compiled
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column

MILLION = 1_000_000
"""Values are compared to six decimals, shares are kept in millionths."""
MOST = 2**63 - 1
"""The largest whole number of SQLite; values beyond are all alike."""
ASKED = 500
"""Groups of one question; SQLite's oldest limit is 999 parameters."""

Cut = tuple[int, int]
"""Value and row of the last product that belongs to a group's first."""


class Entry(NamedTuple):
    """A product that takes part: `row` is its number in the batch, `line` its row in the catalog."""

    row: int
    group: str
    value: int
    line: int


class Cuts:
    """Asks for the cuts of the ranks of one feed; each process opens the file for itself, with the first question."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._base: sqlite3.Connection | None = None

    def of(self, rank: str, groups: Collection[str]) -> dict[str, Cut]:
        """The cut of each of these groups that has one."""
        if self._base is None:
            address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            self._base = sqlite3.connect(address, uri=True, check_same_thread=False)  # the preview asks from several
        asked, found = sorted(groups), dict[str, Cut]()
        for start in range(0, len(asked), ASKED):
            some = asked[start : start + ASKED]
            marks = ",".join("?" * len(some))
            question = f"SELECT grp, value, line FROM cuts WHERE name = ? AND grp IN ({marks})"  # noqa: S608 - marks only
            found |= {group: (value, line) for group, value, line in self._base.execute(question, (rank, *some))}
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._base is not None:
            self._base.close()
            self._base = None

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True)
class Ranked:
    """A rank as a rule: whether a product is among the first of its group.

    `by` gives the value, `per` the group, `when` says which products take part. `top` of each group are the first, or
    `share` millionths of it, rounded up. `line` names the column that tells the rows of the catalog apart.
    """

    name: str
    by: Compiled
    highest: bool
    per: Compiled | None
    when: Compiled | None
    top: int | None
    share: int | None
    cuts: Cuts
    line: str
    place: Place
    type: Type = Type.FLAG

    @property
    def reads(self) -> frozenset[str]:
        """The names in its expressions."""
        names = [compiled.names for compiled in (self.by, self.per, self.when) if compiled is not None]
        return frozenset(name for some in names for name in some) | {self.line}

    def entries(self, rows: Rows) -> Iterator[Entry]:
        """The products of a batch that take part."""
        values = rows.run(self.by)
        groups: Iterable[Any] = rows.run(self.per) if self.per is not None else [""] * rows.size
        asked: Iterable[Any] = rows.run(self.when) if self.when is not None else [True] * rows.size
        lines = rows.column(self.line)
        for row, (value, group, wanted, line) in enumerate(zip(values, groups, asked, lines, strict=True)):
            if value is not None and group is not None and wanted:
                yield Entry(row, printed(group), _sortable(value, highest=self.highest), line)

    def apply(self, rows: Rows, field: str) -> Column:
        """Yes for each product among the first of its group."""
        entries = list(self.entries(rows))
        cuts = self.cuts.of(self.name, {entry.group for entry in entries})
        values = [False] * rows.size
        for entry in entries:
            cut = cuts.get(entry.group)
            values[entry.row] = cut is not None and (entry.value, entry.line) <= cut
        column = Column(values)
        rows.record(field, f"rank {self.by.text.strip()}", self.place, rows.run(self.by), column)
        return column


def _sortable(value: Any, *, highest: bool) -> int:
    """A number or a date as a whole number; the lowest one is the best."""
    number = Decimal(str(value.timestamp())) if isinstance(value, datetime) else Decimal(value)
    whole = int((number * MILLION).to_integral_value(ROUND_HALF_UP))
    return max(-MOST, min(MOST, -whole if highest else whole))


TABLES = """
CREATE TABLE entries (name TEXT, grp TEXT, value INTEGER, line INTEGER);
CREATE TABLE ranks (name TEXT PRIMARY KEY, top INTEGER, share INTEGER) WITHOUT ROWID;
CREATE TABLE cuts (name TEXT, grp TEXT, value INTEGER, line INTEGER, PRIMARY KEY (name, grp)) WITHOUT ROWID;
"""
CUT = f"""
INSERT INTO cuts SELECT name, grp, value, line FROM (
  SELECT name, grp, value, line,
    row_number() OVER (PARTITION BY name, grp ORDER BY value, line) AS place,
    count(*) OVER (PARTITION BY name, grp) AS size
  FROM entries
) JOIN ranks USING (name)
WHERE place = CASE WHEN top IS NULL THEN (size * share + {MILLION - 1}) / {MILLION} ELSE min(top, size) END
"""  # noqa: S608 - only our own numbers
EntryRow = tuple[str, str, int, int]
"""Name of the rank, group, value, line."""


def write_cuts(path: Path, ranks: Sequence[Ranked], entries: Iterable[EntryRow]) -> None:
    """Work out the cuts of a feed's ranks from the entries of the whole catalog, in any order.

    Raises:
        sqlite3.OperationalError: the file cannot be written.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        for pragma in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA temp_store = FILE"):
            base.execute(pragma)
        base.executescript(TABLES)
        base.execute("BEGIN")
        base.executemany("INSERT INTO ranks VALUES (?, ?, ?)", [(one.name, one.top, one.share) for one in ranks])
        base.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", entries)
        base.execute(CUT)
        base.execute("DROP TABLE entries")
        base.execute("COMMIT")
