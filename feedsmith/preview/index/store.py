"""The preview's index: an SQLite file in a temporary folder, written part by part and read by the page meanwhile."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from feedsmith.issues import Severity
from feedsmith.preview.index.look import LISTED, Kind, Listed, LookedAt
from feedsmith.reports.harmless import encodable

SCHEMA = """
CREATE TABLE products (
    number INTEGER PRIMARY KEY, part INTEGER, at INTEGER,
    id TEXT, title TEXT, brand TEXT, gtin TEXT, item_group_id TEXT, product_type TEXT, price TEXT, image_link TEXT,
    path TEXT, row INTEGER, there INTEGER, rejected INTEGER, filtered INTEGER,
    errors INTEGER, warnings INTEGER, infos INTEGER, score INTEGER
);
CREATE TABLE kinds (
    number INTEGER PRIMARY KEY, severity TEXT, feed TEXT, code TEXT, field TEXT, "column" TEXT,
    issues INTEGER DEFAULT 0, UNIQUE (severity, feed, code, field, "column")
);
CREATE TABLE told (kind INTEGER, product INTEGER, issues INTEGER, PRIMARY KEY (kind, product)) WITHOUT ROWID;
CREATE INDEX told_product ON told (product);
CREATE INDEX products_score ON products (score DESC, number);
CREATE INDEX products_id ON products (id);
CREATE INDEX products_place ON products (path, row);
CREATE INDEX products_group ON products (item_group_id);
CREATE INDEX products_type ON products (product_type);
CREATE VIRTUAL TABLE words USING fts5 (
    id, title, brand, gtin, item_group_id, product_type, content='products', content_rowid='number',
    tokenize="unicode61 remove_diacritics 2 tokenchars '-_'", prefix='2 3'
);
"""
WORDS = ("id", "title", "brand", "gtin", "item_group_id", "product_type")
WEIGHTS: Mapping[str, int] = {Severity.ERROR: 1_000_000, Severity.WARNING: 1_000, Severity.INFO: 1}
"""How much an issue counts where products are sorted by how much is wrong."""
MOST = 999
"""Issues of one severity that count in the order."""
SHORT = 200
"""Characters of a text that the index keeps."""
PRODUCT_COLUMNS = 20
AT_ONCE = 50_000
"""Issues that are counted together."""
FOUND = """
CREATE TEMP TABLE found (kind INTEGER, path TEXT, row INTEGER, issues INTEGER);
CREATE TEMP TABLE placed (kind INTEGER, product INTEGER, issues INTEGER);
"""
PLACED = """
INSERT INTO placed
SELECT kind, product, sum(issues) FROM (
    SELECT kind, issues, (SELECT min(number) FROM products WHERE path = found.path AND row = found.row) AS product
    FROM found
) WHERE product IS NOT NULL GROUP BY kind, product
"""
"""The products at the places of issues; the first one where several stand there."""


class IndexWriter:
    """Writes the index, one part after the other.

    `first` has the number of each part's first product. With `together` readers see all that is written in it at its
    end, or nothing of it where it fails.
    """

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + SCHEMA + FOUND)
        self.kinds: dict[Kind, int] = {}
        self.first: dict[int, int] = {}
        self.next = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """All or nothing; what is nested in it belongs to it."""
        if self.database.in_transaction:
            yield
            return
        kinds, first, following = self.kinds.copy(), self.first.copy(), self.next
        self.database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            self.kinds, self.first, self.next = kinds, first, following
            raise
        self.database.execute("COMMIT")

    def take(self, part: LookedAt, *, anew: bool = False) -> None:
        """Add a part; `anew`: all that was there before is forgotten."""
        with self.together():
            if anew:
                self._clear()
            task = part.result.task.number
            first = self.first[task] = self.next
            self.next += len(part.listed)
            severities = [kind.severity for kind in part.kinds]
            rows = [(first + at, task, at, *_row(one, severities)) for at, one in enumerate(part.listed)]
            self._insert("products", PRODUCT_COLUMNS, rows)
            words = ((row[0], *(_named(row, name) for name in WORDS)) for row in rows)
            marks = ", ".join("?" * (1 + len(WORDS)))
            self.database.executemany(f"INSERT INTO words (rowid, {', '.join(WORDS)}) VALUES ({marks})", words)  # noqa: S608
            self._told(part, first)

    def add(self, part: LookedAt, mask: int = 0) -> None:
        """Add what feeds of another order made of products that are there already.

        `mask` has the bits of feeds whose figures are there, and are replaced.
        """
        with self.together():
            self.database.executemany(
                "UPDATE products SET there = there & ~?1 | ?2, rejected = rejected & ~?1 | ?3,"
                " filtered = filtered & ~?1 | ?4 WHERE path = ?5 AND row = ?6",
                sorted(
                    (mask, one.there, one.rejected, one.filtered, encodable(one.path), one.row) for one in part.listed
                ),
            )
            self._sum([], {self._kind(part.kinds[kind]): issues for kind, issues in part.loose.items()})
            self.tell(
                (part.kinds[kind], one.path, one.row)
                for one in part.listed
                for kind, issues in one.told.items()
                if part.kinds[kind].feed  # what is wrong with the catalog itself is told already
                for _ in range(issues)
            )

    def reject(self, places: Iterable[tuple[str, int]], mask: int) -> None:
        """These products leave a feed by a check over all products."""
        with self.together():
            self.database.executemany(
                "UPDATE products SET there = there & ~?1, rejected = rejected | ?1 WHERE path = ?2 AND row = ?3",
                ((mask, encodable(path), row) for path, row in sorted(places)),
            )

    def tell(self, issues: Iterable[tuple[Kind, str, int]]) -> None:
        """Add issues found over all products: each with the path and row of its product, row 0 for none."""
        stream = iter(issues)
        with self.together():
            while some := Counter(islice(stream, AT_ONCE)):
                self._tell(some)

    # --- a part that is carried again --------------------------------------------------------------------------

    def forget(self, feeds: Collection[str], codes: Collection[str]) -> None:
        """Forget all issues of these feeds, of the catalog itself, and of these codes; `recount` comes at the end."""
        names = ["", *feeds]
        of_feeds, of_codes = (", ".join("?" * len(values)) for values in (names, codes))
        where = f"feed IN ({of_feeds}) OR code IN ({of_codes})"
        given = [*encodable(names), *codes]
        with self.together():
            self.database.execute(f"DELETE FROM told WHERE kind IN (SELECT number FROM kinds WHERE {where})", given)  # noqa: S608 - marks only
            self.database.execute(f"DELETE FROM kinds WHERE {where}", given)  # noqa: S608 - the same
            self.kinds = {
                kind: at for kind, at in self.kinds.items() if kind.feed not in names and kind.code not in codes
            }

    def mend(self, part: LookedAt, mask: int) -> None:
        """Put what some feeds make of a part's products now in place of what they made of them.

        `mask` has a bit for each of these feeds; what they told was forgotten.
        """
        first = self.first[part.result.task.number]
        with self.together():
            asked = "SELECT there, rejected, filtered FROM products WHERE number >= ? AND number < ? ORDER BY number"
            before = self.database.execute(asked, (first, first + len(part.listed))).fetchall()
            changed = []
            for number, (known, one) in enumerate(zip(before, part.listed, strict=True), first):
                own = (one.there & mask, one.rejected & mask, one.filtered & mask)
                after = tuple(old & ~mask | new for old, new in zip(known, own, strict=True))
                if after != known:
                    changed.append((*after, number))
            change = "UPDATE products SET there = ?, rejected = ?, filtered = ? WHERE number = ?"
            self.database.executemany(change, changed)
            self._told(part, first)

    def recount(self) -> None:
        """Count the issues of each product anew."""
        sums = f"SELECT product, {_counts('told')} FROM told JOIN kinds ON kinds.number = told.kind GROUP BY product"  # noqa: S608 - our own names
        own = ", ".join(f"coalesce(sums.{name}, 0) AS {name}" for name in COUNTED.values())
        new = f"SELECT number, {own} FROM products LEFT JOIN ({sums}) AS sums ON sums.product = products.number"  # noqa: S608
        self.database.execute(
            "UPDATE products SET errors = new.errors, warnings = new.warnings, infos = new.infos,"  # noqa: S608
            f" score = {_score('new')} FROM ({new}) AS new WHERE new.number = products.number"
            " AND (products.errors, products.warnings, products.infos) IS NOT (new.errors, new.warnings, new.infos)"
        )

    def close(self) -> None:
        """Let the file go."""
        self.database.close()

    # --- its tables --------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        for table in ("told", "kinds", "products"):
            self.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self.database.execute("INSERT INTO words (words) VALUES ('rebuild')")
        self.kinds.clear()
        self.first.clear()
        self.next = 0

    def _insert(self, table: str, columns: int, rows: Iterable[tuple[Any, ...]]) -> None:
        self.database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows)  # noqa: S608

    def _kind(self, kind: Kind) -> int:
        known = self.kinds.get(kind)
        if known is None:
            known = self.kinds[kind] = max(self.kinds.values(), default=-1) + 1
            self.database.execute(
                'INSERT INTO kinds (number, severity, feed, code, field, "column") VALUES (?, ?, ?, ?, ?, ?)',
                (known, *encodable(kind)),
            )
        return known

    def _told(self, part: LookedAt, first: int) -> None:
        """Add what was told of the products of a part, whose first one has that number."""
        numbers = [self._kind(kind) for kind in part.kinds]
        told = sorted(
            (numbers[kind], first + at, issues)
            for at, one in enumerate(part.listed)
            for kind, issues in one.told.items()
        )
        self._insert("told", 3, told)
        self._sum(told, {numbers[kind]: issues for kind, issues in part.loose.items()})

    def _sum(self, told: list[tuple[int, int, int]], loose: Mapping[int, int]) -> None:
        sums = Counter(loose)
        for kind, _, issues in told:
            sums[kind] += issues
        self._add_up(sums)

    def _add_up(self, sums: Mapping[int, int]) -> None:
        self.database.executemany(
            "UPDATE kinds SET issues = issues + ? WHERE number = ?", ((issues, kind) for kind, issues in sums.items())
        )

    def _tell(self, counted: Mapping[tuple[Kind, str, int], int]) -> None:
        """Add issues, counted by kind and place."""
        rows = [(self._kind(kind), encodable(path), row, issues) for (kind, path, row), issues in counted.items()]
        sums: Counter[int] = Counter()
        for kind, _, _, issues in rows:
            sums[kind] += issues
        self._add_up(sums)
        run = self.database.execute
        run("DELETE FROM found")
        run("DELETE FROM placed")
        self.database.executemany("INSERT INTO found VALUES (?, ?, ?, ?)", rows)
        run(PLACED)
        run(
            "INSERT INTO told SELECT kind, product, issues FROM placed WHERE true"
            " ON CONFLICT (kind, product) DO UPDATE SET issues = issues + excluded.issues"
        )
        run(
            "UPDATE products SET errors = products.errors + new.errors, warnings = products.warnings + new.warnings,"  # noqa: S608 - our own names
            f" infos = products.infos + new.infos FROM (SELECT product, {_counts('placed')} FROM placed"
            " JOIN kinds ON kinds.number = placed.kind GROUP BY product) AS new WHERE new.product = products.number"
        )
        run(
            f"UPDATE products SET score = {_score('products')} WHERE number IN (SELECT product FROM placed)"  # noqa: S608 - the same
        )


COUNTED: Mapping[str, str] = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "infos"}
"""Severity → the column of a product that counts its issues."""


def _counts(table: str) -> str:
    """SQL: a product's issues by severity, of the rows of a table that are joined with their kinds."""
    return ", ".join(f"sum({table}.issues * (severity = '{one}')) AS {name}" for one, name in COUNTED.items())


def _score(table: str) -> str:
    """SQL: by what products are sorted."""
    return " + ".join(f"min({MOST}, {table}.{name}) * {WEIGHTS[one]}" for one, name in COUNTED.items())


def _row(one: Listed, severities: list[str]) -> tuple[Any, ...]:
    """A product's columns from `id` on."""
    counts = dict.fromkeys(WEIGHTS, 0)
    for kind, issues in one.told.items():
        counts[severities[kind]] += issues
    score = sum(min(MOST, number) * WEIGHTS[severity] for severity, number in counts.items())
    values = tuple(value[:SHORT] for value in encodable(one.values))
    return (*values, encodable(one.path), one.row, one.there, one.rejected, one.filtered, *counts.values(), score)


def _named(row: tuple[Any, ...], name: str) -> str:
    return str(row[3 + LISTED.index(name)])
