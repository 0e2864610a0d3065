"""The preview's index: an SQLite file in a temporary folder, written part by part and read by the page meanwhile."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import compress, islice
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
AT_ONCE = 200_000
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

    def __init__(self, path: Path, feeds: int) -> None:
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + SCHEMA + FOUND)
        for number in range(feeds):
            self.database.execute(f"ALTER TABLE products ADD COLUMN {STATE.format(number)} INTEGER DEFAULT 0")
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
            rows = [(first + at, task, at, *_row(one, severities), part.record) for at, one in enumerate(part.listed)]
            self._insert_products(part, rows)
            words = ((row[0], *(_named(row, name) for name in WORDS)) for row in rows)
            self._insert("words (rowid, " + ", ".join(WORDS) + ")", 1 + len(WORDS), words)
            self._insert("places", 5, self._places(enumerate(part.listed, first)))
            self._told(part, first)

    def add(self, part: LookedAt, feeds: Collection[int]) -> None:
        """Add what feeds of another order made of records that are there already; of the part's feeds only these."""
        states = ", ".join(f"{STATE.format(feed)} = ?" for feed in part.feeds if feed in feeds)
        picked = [feed in feeds for feed in part.feeds]
        with self.together():
            if states:
                self.database.executemany(
                    f"UPDATE products SET {states} WHERE path = ? AND row = ?",  # noqa: S608 - our own names
                    ((*compress(one.states, picked), encodable(one.path), one.row) for one in part.listed),
                )
            known = ((self._at(one.path, one.row), one) for one in part.listed if one.places)
            self._insert("places", 5, self._places(known, feeds))
            self._add_up({self._kind(part.kinds[kind]): issues for kind, issues in part.loose.items()})
            self.tell(
                (part.kinds[kind], one.path, one.row)
                for one in part.listed
                for kind, issues in one.told.items()
                if part.kinds[kind].feed  # what is wrong with the catalog itself is told already
                for _ in range(issues)
            )

    def reject(self, places: Iterable[tuple[str, int]], feed: int) -> None:
        """These items leave a feed by a check over all of them; a product in several places comes once for each."""
        state, run = STATE.format(feed), self.database.execute
        left = "(SELECT total(there) > 0 FROM places WHERE product = number AND feed = ?1)"
        with self.together():
            self._place((0, encodable(path), row, items) for (path, row), items in Counter(places).items())
            run(
                "UPDATE places SET there = there - placed.issues, rejected = rejected + placed.issues FROM placed"
                " WHERE placed.product = places.product AND places.feed = ?",
                (feed,),
            )
            run(
                f"UPDATE products SET {state} = {state} & ~{IN} | {REJECTED} | {left} * {IN}"  # noqa: S608 - our own names
                " WHERE number IN (SELECT product FROM placed)",
                (feed,),
            )

    def tell(self, issues: Iterable[tuple[Kind, str, int]]) -> None:
        """Add issues found over all products: each with the path and row of its product, row 0 for none."""
        stream = iter(issues)
        with self.together():
            while some := Counter(islice(stream, AT_ONCE)):
                self._tell(some)

    # --- a part that is carried again --------------------------------------------------------------------------

    def forget(self, feeds: Mapping[int, str], codes: Collection[str]) -> None:
        """Forget what these feeds told, what the catalog itself did, and all of these codes; then `mend` and `recount`.

        `feeds` are their names by number.
        """
        names = ["", *feeds.values()]
        of_feeds, of_codes = (", ".join("?" * len(values)) for values in (names, codes))
        where = f"feed IN ({of_feeds}) OR code IN ({of_codes})"
        given = [*encodable(names), *codes]
        with self.together():
            self.database.execute(f"DELETE FROM told WHERE kind IN (SELECT number FROM kinds WHERE {where})", given)  # noqa: S608 - marks only
            self.database.execute(f"DELETE FROM kinds WHERE {where}", given)  # noqa: S608 - the same
            self.database.executemany("DELETE FROM places WHERE feed = ?", ((number,) for number in feeds))
            self.kinds = {
                kind: at for kind, at in self.kinds.items() if kind.feed not in names and kind.code not in codes
            }

    def mend(self, part: LookedAt, feeds: Collection[int]) -> None:
        """Put what these feeds make of a part's records now in place of what they made of them; see `forget`."""
        first = self.first[part.result.task.number]
        with self.together():
            for at, feed in enumerate(part.feeds):
                if feed in feeds:
                    self._mend_states(first, STATE.format(feed), [one.states[at] for one in part.listed])
            self._insert("places", 5, self._places(enumerate(part.listed, first), feeds))
            self._told(part, first)

    def _mend_states(self, first: int, column: str, states: list[int]) -> None:
        """Write the states that are others now; most are not."""
        asked = f"SELECT {column} FROM products WHERE number >= ? AND number < ? ORDER BY number"  # noqa: S608 - our own names
        before = self.database.execute(asked, (first, first + len(states))).fetchall()
        changed = (
            (state, number) for number, ((old,), state) in enumerate(zip(before, states, strict=True), first)
            if old != state
        )  # fmt: skip
        self.database.executemany(f"UPDATE products SET {column} = ? WHERE number = ?", changed)  # noqa: S608 - the same

    def recount(self) -> None:
        """Count the issues of each product anew."""
        sums = f"SELECT product, {_counts('told')} FROM told JOIN kinds ON kinds.number = told.kind GROUP BY product"  # noqa: S608 - our own names
        own = ", ".join(f"coalesce(sums.{name}, 0) AS {name}" for name in COUNTED.values())
        self._recount(
            f"SELECT number, {own} FROM products LEFT JOIN ({sums}) AS sums ON sums.product = products.number"  # noqa: S608
        )

    def close(self) -> None:
        """Let the file go."""
        self.database.close()

    # --- its tables --------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        for table in ("told", "places", "kinds", "products"):
            self.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self.database.execute("INSERT INTO words (words) VALUES ('rebuild')")
        self.kinds.clear()
        self.first.clear()
        self.next = 0

    def _insert(self, table: str, columns: int, rows: Iterable[tuple[Any, ...]]) -> None:
        self.database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})", rows)  # noqa: S608

    def _insert_products(self, part: LookedAt, rows: list[tuple[Any, ...]]) -> None:
        """The records with what became of them in each feed of the part."""
        columns = [*COLUMNS, *(STATE.format(feed) for feed in part.feeds)]
        given = ((*row, *one.states) for row, one in zip(rows, part.listed, strict=True))
        self._insert(f"products ({', '.join(columns)})", len(columns), given)

    def _at(self, path: str, row: int) -> int | None:
        """The number of the record that stands there."""
        where = (encodable(path), row)
        found = self.database.execute("SELECT number FROM products WHERE path = ? AND row = ?", where).fetchone()
        return None if found is None else int(found[0])

    def _places(
        self, rows: Iterable[tuple[int | None, Listed]], feeds: Collection[int] | None = None
    ) -> Iterator[tuple[int, ...]]:
        """The figures of products in places; of these feeds only, or of all."""
        for number, one in rows:
            if number is not None:
                wanted = (feed for feed in sorted(one.places) if feeds is None or feed in feeds)
                yield from ((number, feed, *one.places[feed]) for feed in wanted)

    def _kind(self, kind: Kind, record: int = 0) -> int:
        """The number of a kind; `record` is the bit of the records that issues of it were found in."""
        known = self.kinds.get(kind)
        if known is None:
            known = self.kinds[kind] = max(self.kinds.values(), default=-1) + 1
            self.database.execute(
                'INSERT INTO kinds (number, severity, feed, code, field, "column") VALUES (?, ?, ?, ?, ?, ?)',
                (known, *encodable(kind)),
            )
        if record:
            self.database.execute("UPDATE kinds SET records = records | ? WHERE number = ?", (record, known))
        return known

    def _told(self, part: LookedAt, first: int) -> None:
        """Add what was told of the records of a part, whose first one has that number."""
        numbers = [self._kind(kind, BITS[part.record]) for kind in part.kinds]
        told = sorted(
            (numbers[kind], first + at, issues)
            for at, one in enumerate(part.listed)
            for kind, issues in one.told.items()
        )
        self._insert("told", 3, told)
        sums = Counter({numbers[kind]: issues for kind, issues in part.loose.items()})
        for kind, _, issues in told:
            sums[kind] += issues
        self._add_up(sums)

    def _add_up(self, sums: Mapping[int, int]) -> None:
        self.database.executemany(
            "UPDATE kinds SET issues = issues + ? WHERE number = ?", ((issues, kind) for kind, issues in sums.items())
        )

    def _place(self, rows: Iterable[tuple[int, str, int, int]]) -> None:
        """Find the records that stand at places, for `placed`: of kind, path, row and number of issues."""
        self.database.execute("DELETE FROM found")
        self.database.execute("DELETE FROM placed")
        self.database.executemany("INSERT INTO found VALUES (?, ?, ?, ?)", rows)
        self.database.execute(PLACED)

    def _tell(self, counted: Mapping[tuple[Kind, str, int], int]) -> None:
        """Add issues, counted by kind and place."""
        rows = [(self._kind(kind), encodable(path), row, issues) for (kind, path, row), issues in counted.items()]
        sums: Counter[int] = Counter()
        for kind, _, _, issues in rows:
            sums[kind] += issues
        self._add_up(sums)
        self._place(rows)
        run = self.database.execute
        run(
            "INSERT INTO told SELECT kind, product, issues FROM placed WHERE true"
            " ON CONFLICT (kind, product) DO UPDATE SET issues = issues + excluded.issues"
        )
        own = ", ".join(f"products.{name} + more.{name} AS {name}" for name in COUNTED.values())
        more = (
            f"SELECT product, {_counts('placed')} FROM placed JOIN kinds ON kinds.number = placed.kind GROUP BY product"  # noqa: S608 - our own names
        )
        self._recount(f"SELECT number, {own} FROM products JOIN ({more}) AS more ON more.product = products.number")  # noqa: S608

    def _recount(self, new: str) -> None:
        """Write the counts that a question gives, by number."""
        self.database.execute(
            "UPDATE products SET errors = new.errors, warnings = new.warnings, infos = new.infos,"  # noqa: S608
            f" score = {_score('new')} FROM ({new}) AS new WHERE new.number = products.number"
            " AND (products.errors, products.warnings, products.infos) IS NOT (new.errors, new.warnings, new.infos)"
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
    """A record's columns from `id` to `score`."""
    counts = dict.fromkeys(WEIGHTS, 0)
    for kind, issues in one.told.items():
        counts[severities[kind]] += issues
    score = sum(min(MOST, number) * WEIGHTS[severity] for severity, number in counts.items())
    values = tuple(value[:SHORT] for value in encodable(one.values))
    return (*values, encodable(one.path), one.row, *counts.values(), score)


def _named(row: tuple[Any, ...], name: str) -> str:
    return str(row[COLUMNS.index(name)])
