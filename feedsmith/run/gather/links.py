"""Which row belongs to which, where rows do not say it by themselves; kept on disk, as catalogs are large."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from feedsmith.catalog.system import ShapeDefinition
from feedsmith.run.gather.pieces import Cells, Columns, folded
from feedsmith.run.gather.values import listed_children

DEPTH = 8
"""Levels of parents that are followed; a row that is its own ancestor ends here."""
COLUMN = re.compile(r"\{([^{}]*)\}")
MOST_CLAIMS = 10_000
"""Variants with two parents that are told, at most."""
SCHEMA = """
CREATE TABLE names (name TEXT PRIMARY KEY, own TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ups (child TEXT PRIMARY KEY, parent TEXT NOT NULL, file INTEGER, line INTEGER) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: its line, its cells, its own key, its parent."""

    line: int
    cells: Cells
    own: str
    up: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A variant that two rows call theirs: the parent that counts with its place, and the place of the other."""

    child: str
    parent: str
    file: int
    line: int
    other_file: int
    other_line: int


class Links:
    """The names of rows and the parents of rows; of two parents that claim a row, the first counts."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path)
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        self._later: list[tuple[str, str, int, int]] = []

    def add(self, shape: ShapeDefinition, columns: Columns, file: int, rows: Iterable[Said]) -> None:
        """Keep what the rows of a file say."""
        names: list[tuple[str, str]] = []
        ups: list[tuple[str, str, int, int]] = []
        for row in rows:
            called = (filled_in(pattern, columns, row.cells) for pattern in shape.names)
            names += [(folded(name), folded(row.own)) for name in called if name]
            if row.up:
                ups.append((folded(row.own), folded(row.up), file, row.line))
            if shape.children is not None and (listed := columns.value(row.cells, shape.children.column)):
                children = {folded(child) for child, _ in listed_children(listed, shape.children)}
                ups += [(child, folded(row.own), file, row.line) for child in sorted(children)]
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", names)
            before = self._database.total_changes
            self._database.executemany("INSERT OR IGNORE INTO ups VALUES (?, ?, ?, ?)", ups)
        if self._database.total_changes - before < len(ups):
            self._later += ups[: MOST_CLAIMS - len(self._later)]

    def claims(self) -> Iterator[Claim]:
        """The variants that a second row calls its own too."""
        query = "SELECT parent, file, line FROM ups WHERE child = ?"
        for child, parent, file, line in self._later:
            first, at, row = self._database.execute(query, (child,)).fetchone()
            if self.named(first) != self.named(parent):
                yield Claim(child, first, at, row, file, line)

    def named(self, name: str) -> str:
        """The own key of the row that others call by this name."""
        return self._one("SELECT own FROM names WHERE name = ?", folded(name)) or folded(name)

    def up(self, own: str) -> str | None:
        """The own key of a row's parent."""
        found = self._one("SELECT parent FROM ups WHERE child = ?", folded(own))
        return None if found is None else self.named(found)

    def root(self, own: str) -> str:
        """The own key of the topmost row above, or the row's own."""
        key = folded(own)
        for _ in range(DEPTH):
            above = self.up(key)
            if above is None or above == key:
                return key
            key = above
        return key

    def _one(self, query: str, name: str) -> str | None:
        row = self._database.execute(query, (name,)).fetchone()
        return None if row is None else str(row[0])

    def close(self) -> None:
        """Let the file go."""
        self._database.close()


def filled_in(pattern: str, columns: Columns, cells: Cells) -> str | None:
    """A pattern such as `id:{id}` with the values of its columns; None where one of them is empty."""
    parts = _parted(pattern)
    text = parts[0]
    for name, after in zip(parts[1::2], parts[2::2], strict=True):
        value = columns.value(cells, name)
        if value is None:
            return None
        text += value + after
    return text


@lru_cache(maxsize=256)
def _parted(pattern: str) -> tuple[str, ...]:
    """The texts of a pattern, with the names of columns between them."""
    return tuple(COLUMN.split(pattern))
