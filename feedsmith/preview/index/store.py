"""The preview's index: an SQLite file in a temporary folder, written part by part and read by the page meanwhile."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from feedsmith.issues import Severity
from feedsmith.preview.index.listed import BITS, IN, LISTED, REJECTED, Listed
from feedsmith.preview.index.look import Kind, LookedAt
from feedsmith.reports.harmless import encodable

SCHEMA = """
CREATE TABLE products (
    number INTEGER PRIMARY KEY, part INTEGER, at INTEGER,
    id TEXT, title TEXT, brand TEXT, gtin TEXT, item_group_id TEXT, product_type TEXT, price TEXT, image_link TEXT,
    path TEXT, row INTEGER, errors INTEGER, warnings INTEGER, infos INTEGER, score INTEGER, record TEXT
);
CREATE TABLE kinds (
    number INTEGER PRIMARY KEY, severity TEXT, feed TEXT, code TEXT, field TEXT, "column" TEXT,
    issues INTEGER DEFAULT 0, records INTEGER DEFAULT 0, UNIQUE (severity, feed, code, field, "column")
);
CREATE TABLE told (kind INTEGER, product INTEGER, issues INTEGER, PRIMARY KEY (kind, product)) WITHOUT ROWID;
CREATE TABLE places (
    product INTEGER, feed INTEGER, there INTEGER, rejected INTEGER, filtered INTEGER, PRIMARY KEY (product, feed)
) WITHOUT ROWID;
CREATE INDEX told_product ON told (product);
CREATE INDEX products_score ON products (record, score DESC, number);
CREATE INDEX products_id ON products (id);
CREATE INDEX products_place ON products (path, row);
CREATE INDEX products_group ON products (item_group_id);
CREATE INDEX products_type ON products (product_type);
CREATE VIRTUAL TABLE words USING fts5 (
    id, title, brand, gtin, item_group_id, product_type, content='products', content_rowid='number',
    tokenize="unicode61 remove_diacritics 2 tokenchars '-_'", prefix='2 3'
);
"""
STATE = "feed{}"
"""The column of what became of a record in the feed of that number in the job: bits, 0 where it does not go there."""
WORDS = ("id", "title", "brand", "gtin", "item_group_id", "product_type")
WEIGHTS: Mapping[str, int] = {Severity.ERROR: 1_000_000, Severity.WARNING: 1_000, Severity.INFO: 1}
"""How much an issue counts where products are sorted by how much is wrong."""
MOST = 999
"""Issues of one severity that count in the order."""
SHORT = 200
"""Characters of a text that the index keeps."""
COLUMNS = (
    "number", "part", "at", *LISTED, "path", "row", "errors", "warnings", "infos", "score", "record",
)  # fmt: skip
"""The columns of a record but those of the feeds."""


class IndexWriter:
    """Writes the index, one part after the other."""

    def __init__(self, path: Path, feeds: int) -> None:
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + SCHEMA)
        for number in range(feeds):
            self.database.execute(f"ALTER TABLE products ADD COLUMN {STATE.format(number)} INTEGER DEFAULT 0")
        self.kinds: dict[Kind, int] = {}
        self.next = 0

    def take(self, part: LookedAt, *, anew: bool = False) -> None:
        """Add a part; `anew`: all that was there before is forgotten."""
        with self._whole():
            if anew:
                self._clear()
            first = self.next
            self.next += len(part.listed)
            numbers = [self._kind(kind, BITS[part.record]) for kind in part.kinds]
            severities = [kind.severity for kind in part.kinds]
            task = part.result.task.number
            rows = [(first + at, task, at, *_row(one, severities), part.record) for at, one in enumerate(part.listed)]
            self._insert_products(part, rows)
            words = ((row[0], *(_named(row, name) for name in WORDS)) for row in rows)
            marks = ", ".join("?" * (1 + len(WORDS)))
            self.database.executemany(f"INSERT INTO words (rowid, {', '.join(WORDS)}) VALUES ({marks})", words)  # noqa: S608
            told = sorted(
                (numbers[kind], first + at, issues)
                for at, one in enumerate(part.listed)
                for kind, issues in one.told.items()
            )
            self._insert("told", 3, told)
            self._insert("places", 5, self._places((first + at, one) for at, one in enumerate(part.listed)))
            self._sum(told, {numbers[kind]: issues for kind, issues in part.loose.items()})

    def add(self, part: LookedAt) -> None:
        """Add what feeds of another order made of products that are there already."""
        with self._whole():
            numbers = [self._kind(kind) for kind in part.kinds]
            states = ", ".join(f"{STATE.format(feed)} = ?" for feed in part.feeds)
            for one in part.listed:
                self.database.execute(
                    f"UPDATE products SET {states} WHERE path = ? AND row = ?",  # noqa: S608 - our own names
                    (*one.states, encodable(one.path), one.row),
                )
            known = ((self._at(one.path, one.row), one) for one in part.listed if one.places)
            self._insert("places", 5, self._places(known))
            loose = {numbers[kind]: issues for kind, issues in part.loose.items()}
            self._sum([], loose)
        self.tell(
            (part.kinds[kind], one.path, one.row)
            for one in part.listed
            for kind, issues in one.told.items()
            if part.kinds[kind].feed  # what is wrong with the catalog itself is told already
            for _ in range(issues)
        )

    def reject(self, places: Iterable[tuple[str, int]], feed: int) -> None:
        """These items leave a feed by a check over all of them; a product in several places comes once for each."""
        state = STATE.format(feed)
        with self._whole():
            for place, items in Counter(places).items():
                number = self._at(*place)
                self.database.execute(
                    "UPDATE places SET there = there - ?1, rejected = rejected + ?1 WHERE product = ?2 AND feed = ?3",
                    (items, number, feed),
                )
                left = "(SELECT total(there) > 0 FROM places WHERE product = ?1 AND feed = ?2)"
                self.database.execute(
                    f"UPDATE products SET {state} = {state} & ~{IN} | {REJECTED} | {left} * {IN} WHERE number = ?1",  # noqa: S608
                    (number, feed),
                )

    def tell(self, issues: Iterable[tuple[Kind, str, int]]) -> None:
        """Add issues found over all products: each with the path and row of its product, row 0 for none."""
        with self._whole():
            for kind, path, row in issues:
                number = self._kind(kind)
                self.database.execute("UPDATE kinds SET issues = issues + 1 WHERE number = ?", (number,))
                found = self._at(path, row)
                if found is None:
                    continue
                self.database.execute(
                    "INSERT INTO told VALUES (?, ?, 1) ON CONFLICT (kind, product) DO UPDATE SET issues = issues + 1",
                    (number, found),
                )
                counted = COUNTED[kind.severity]
                self.database.execute(
                    f"UPDATE products SET {counted} = {counted} + 1, score = score + ? WHERE number = ?",  # noqa: S608
                    (WEIGHTS[kind.severity], found),
                )

    def close(self) -> None:
        """Let the file go."""
        self.database.close()

    def _clear(self) -> None:
        for table in ("told", "places", "kinds", "products"):
            self.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self.database.execute("INSERT INTO words (words) VALUES ('rebuild')")
        self.kinds.clear()
        self.next = 0

    def _whole(self) -> "_Transaction":
        return _Transaction(self.database)

    def _insert(self, table: str, columns: int, rows: Iterable[tuple[Any, ...]]) -> None:
        self.database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows)  # noqa: S608

    def _at(self, path: str, row: int) -> int | None:
        """The number of the record that stands there."""
        where = (encodable(path), row)
        found = self.database.execute("SELECT number FROM products WHERE path = ? AND row = ?", where).fetchone()
        return None if found is None else int(found[0])

    def _places(self, rows: Iterable[tuple[int | None, Listed]]) -> Iterator[tuple[int, ...]]:
        """The figures of products in places."""
        for number, one in rows:
            if number is not None:
                yield from ((number, feed, *counts) for feed, counts in sorted(one.places.items()))

    def _insert_products(self, part: LookedAt, rows: list[tuple[Any, ...]]) -> None:
        """The records with what became of them in each feed of the part."""
        columns = [*COLUMNS, *(STATE.format(feed) for feed in part.feeds)]
        given = ((*row, *one.states) for row, one in zip(rows, part.listed, strict=True))
        marks = ", ".join("?" * len(columns))
        self.database.executemany(f"INSERT INTO products ({', '.join(columns)}) VALUES ({marks})", given)  # noqa: S608

    def _kind(self, kind: Kind, record: int = 0) -> int:
        """The number of a kind; `record` is the bit of the records that issues of it were found in."""
        known = self.kinds.get(kind)
        if known is None:
            known = self.kinds[kind] = len(self.kinds)
            self.database.execute(
                'INSERT INTO kinds (number, severity, feed, code, field, "column") VALUES (?, ?, ?, ?, ?, ?)',
                (known, *encodable(kind)),
            )
        if record:
            self.database.execute("UPDATE kinds SET records = records | ? WHERE number = ?", (record, known))
        return known

    def _sum(self, told: list[tuple[int, int, int]], loose: Mapping[int, int]) -> None:
        sums = dict(loose)
        for kind, _, issues in told:
            sums[kind] = sums.get(kind, 0) + issues
        self.database.executemany(
            "UPDATE kinds SET issues = issues + ? WHERE number = ?", ((issues, kind) for kind, issues in sums.items())
        )


COUNTED: Mapping[str, str] = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "infos"}


class _Transaction:
    """All or nothing: begins with the block, and ends with it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def __enter__(self) -> None:
        self.database.execute("BEGIN")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.database.execute("COMMIT" if kind is None else "ROLLBACK")


def _row(one: Listed, severities: list[str]) -> tuple[Any, ...]:
    """A record's columns from `id` to `score`."""
    counts = dict.fromkeys(WEIGHTS, 0)
    for kind, issues in one.told.items():
        counts[severities[kind]] += issues
    score = sum(min(MOST, number) * WEIGHTS[severity] for severity, number in counts.items())
    values = tuple(value[:SHORT] for value in encodable(one.values))
    return (*values, encodable(one.path), one.row, *counts.values(), score)


def _named(row: tuple[Any, ...], name: str) -> str:
    return str(row[COLUMNS.index(name)])
