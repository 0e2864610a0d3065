"""Which row belongs to which, where rows do not say it by themselves; kept on disk, as catalogs are large."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from feedsmith.catalog.system import ShapeDefinition
from feedsmith.run.gather.pieces import Cells, Columns, folded
from feedsmith.run.gather.values import listed_children

DEPTH = 8
"""Levels of parents that are followed; a row that is its own ancestor ends here."""
SCHEMA = """
CREATE TABLE names (name TEXT PRIMARY KEY, own TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ups (child TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID;
"""


class Links:
    """The names of rows and the parents of rows; of two parents that claim a row, the first counts."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)

    def add(self, shape: ShapeDefinition, columns: Columns, rows: Iterable[tuple[Cells, str, str | None]]) -> None:
        """Keep what rows say: each row's cells, own key, and parent."""
        names: list[tuple[str, str]] = []
        ups: list[tuple[str, str]] = []
        for cells, own, up in rows:
            called = (filled_in(pattern, columns, cells) for pattern in shape.names)
            names += [(folded(name), folded(own)) for name in called if name]
            if up:
                ups.append((folded(own), folded(up)))
            if shape.children is not None and (listed := columns.value(cells, shape.children.column)):
                ups += [(folded(child), folded(own)) for child, _ in listed_children(listed, shape.children)]
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", names)
            self._database.executemany("INSERT OR IGNORE INTO ups VALUES (?, ?)", ups)

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
    text = pattern
    while "{" in text:
        before, _, rest = text.partition("{")
        name, _, after = rest.partition("}")
        value = columns.value(cells, name)
        if value is None:
            return None
        text = before + value.replace("{", "%7B") + after
    return text
