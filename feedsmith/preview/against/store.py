"""The items of feeds as they were, in an SQLite file: one of a hundred thousand is found at once, by its key."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import msgspec

from feedsmith.definitions.load import Channel
from feedsmith.preview.index.read import reading
from feedsmith.reports.harmless import encodable
from feedsmith.run.diff.compare import TITLES, shown_text
from feedsmith.run.diff.rows import CELLS, keyed_rows
from feedsmith.run.diff.side import Side
from feedsmith.run.ledger import BETWEEN
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.values.column import Column

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=OFF;
CREATE TABLE items (
    number INTEGER PRIMARY KEY, feed INTEGER, key TEXT, title TEXT, file INTEGER, line INTEGER, cells BLOB
);
CREATE INDEX items_key ON items (feed, key);
"""
COLUMNS = "number, key, title, file, line, cells"
Cells = Sequence[str | None]
Keyed = tuple[tuple[str, ...], Cells]
Whole = Callable[[Sequence[Keyed]], Iterable[Keyed]]
"""Completes rows of a feed: those of variants get what the row of their group holds in their place."""


@dataclass(frozen=True)
class OldFeed:
    """A feed as it was: its files, opened, and the fields by which its items are known."""

    number: int
    channel: Channel
    side: Side
    key: tuple[str, ...]

    def columns(self, items: Iterable[Cells]) -> dict[str, Column]:
        """Items of the store as columns by heading."""
        rows = list(items)
        return {name: Column([row[at] for row in rows]) for at, name in enumerate(self.side.headings)}


@dataclass(frozen=True)
class Shelf:
    """A store to look into from elsewhere: its file, and its feeds by the numbers of the feeds of now."""

    path: Path = Path()
    feeds: Mapping[int, OldFeed] = field(default_factory=dict)


@dataclass(frozen=True)
class OldItem:
    """An item of a feed as it was: its number in the store, and its cells under the headings of its feed."""

    number: int
    key: str
    title: str
    file: int
    line: int
    cells: Cells

    def place(self, feed: OldFeed) -> str:
        """Where it stands, as messages say it."""
        return str(feed.side.tables[self.file].place(self.line))


class ItemStore:
    """The store's file. One thread fills it, any may look into it meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(SCHEMA)

    def fill(self, feed: OldFeed, whole: Whole, stop: Event, tell: Callable[[int], None]) -> None:
        """Take in all items of a feed, and tell how many after each batch; `whole` completes their rows.

        Raises:
            SourceError: a file cannot be read to its end.
        """
        for file, table in enumerate(feed.side.tables):
            for batch in read_table(table):
                if stop.is_set():
                    return
                self._database.execute("BEGIN")
                self._database.executemany(
                    "INSERT INTO items (feed, key, title, file, line, cells) VALUES (?, ?, ?, ?, ?, ?)",
                    _entries(feed, file, batch, whole),
                )
                self._database.execute("COMMIT")
                tell(len(batch))

    def find(self, feed: OldFeed, key: str) -> OldItem | None:
        """The first item of that key."""
        return self.found(self.path, feed, [key]).get(key)

    @staticmethod
    def found(path: Path, feed: OldFeed, keys: Collection[str]) -> dict[str, OldItem]:
        """The first item of each of these keys that has one, in a store's file."""
        query = f"SELECT {COLUMNS} FROM items WHERE feed = ? AND key = ? ORDER BY number LIMIT 1"  # noqa: S608 - our own names
        with reading(path) as database:
            rows = {key: database.execute(query, (feed.number, encodable(key))).fetchone() for key in keys if key}
        return {key: _item(row) for key, row in rows.items() if row is not None}

    def numbered(self, number: int) -> OldItem | None:
        """The item of that number."""
        with reading(self.path) as database:
            row = database.execute(f"SELECT {COLUMNS} FROM items WHERE number = ?", (number,)).fetchone()  # noqa: S608 - the same
        return _item(row) if row is not None else None

    def close(self) -> None:
        """Let the file go."""
        self._database.close()


def key_text(values: Iterable[str]) -> str:
    """The values of a key as one text, as ledgers have it; empty where none has a value."""
    parts = [value.strip() for value in values]
    return BETWEEN.join(parts) if any(parts) else ""


def _item(row: sqlite3.Row) -> OldItem:
    return OldItem(row["number"], row["key"], row["title"], row["file"], row["line"], CELLS.decode(row["cells"]))


def _entries(feed: OldFeed, file: int, batch: Batch, whole: Whole) -> Iterator[tuple[object, ...]]:
    encode = msgspec.msgpack.Encoder().encode
    rows = whole(list(keyed_rows(batch, feed.side, feed.side.headings, feed.key)))
    for line, title, (key, cells) in zip(batch.lines, _titles(feed.side, batch), rows, strict=True):
        yield feed.number, encodable(key_text(key)), encodable(title), file, line, encode(cells)


def _titles(side: Side, batch: Batch) -> list[str]:
    """What people call each item; empty where the feed does not tell."""
    name = next((one for one in TITLES if one in side.fields), None)
    if name is None:
        return [""] * len(batch)
    blank = Column([None] * len(batch))
    columns = {heading: batch.columns.get(heading, blank) for heading in side.headings}
    return [shown_text(text) or "" for text in side.fields[name].texts(columns, len(batch))]
