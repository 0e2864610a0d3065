"""Asking the preview's index: pages of products, counts, what costs most."""

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedsmith.issues import Severity
from feedsmith.preview.index.listed import FILTERED, IN, REJECTED
from feedsmith.preview.index.store import STATE
from feedsmith.reports.harmless import encodable

STATES: Mapping[str, int] = {"in": IN, "rejected": REJECTED, "filtered": FILTERED}
"""What became of a record in a feed, and its bit."""
PAGE = 50
MOST_PAGE = 500
FIXES = 10
WORD = re.compile(r"[\w-]+")
CATEGORIES = 200
"""Categories that a filter offers."""


@dataclass(frozen=True)
class Filter:
    """Which records are asked for; empty means all.

    `feeds` are numbers and names of feeds: any of them may fit. `all` is how many feeds there are.
    For `change` the table `changes` of a comparison must be there: its kind, the feed, the product.
    """

    text: str = ""
    feeds: tuple[tuple[int, str], ...] = ()
    state: str = ""
    severity: str = ""
    code: str = ""
    category: str = ""
    record: str = ""
    all: int = 1
    change: str = ""


@dataclass(frozen=True)
class Page:
    """Records of a list, from `start` on, and how many fit in all."""

    rows: list[dict[str, Any]]
    count: int
    start: int


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The index, to read only."""
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        yield database
    finally:
        database.close()


def page(database: sqlite3.Connection, asked: Filter, start: int = 0, size: int = PAGE) -> Page:
    """The records that fit, the ones with most wrong first."""
    where, values = _where(asked)
    count = database.execute(f"SELECT count(*) FROM products {where}", values).fetchone()[0]  # noqa: S608 - values are bound
    rows = database.execute(
        "SELECT number, id, title, brand, price, image_link, item_group_id,"  # noqa: S608
        f" errors, warnings, infos FROM products {where} ORDER BY score DESC, number LIMIT ? OFFSET ?",
        (*values, min(size, MOST_PAGE), start),
    )
    return Page([dict(row) for row in rows], count, start)


def _where(asked: Filter) -> tuple[str, list[Any]]:
    """The condition of a filter as SQL, with its values."""
    parts: list[str] = []
    values: list[Any] = []
    if asked.record:
        parts.append("record = ?")
        values.append(asked.record)
    if asked.text.strip():
        parts.append("number IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(_match(asked.text))
    if asked.feeds or asked.state in STATES:
        wanted = [number for number, _ in asked.feeds] or range(asked.all)
        parts.append(f"({' | '.join(map(STATE.format, wanted))}) & ? != 0")
        values.append(STATES.get(asked.state, sum(STATES.values())))
    if asked.change:
        of_feeds = f" AND feed IN ({', '.join(str(number) for number, _ in asked.feeds)})" if asked.feeds else ""
        parts.append(f"number IN (SELECT product FROM changes WHERE kind = ?{of_feeds})")  # noqa: S608 - numbers
        values.append(asked.change)
    kinds, of_kinds = _kinds(asked)
    if kinds:
        asked_kinds = f"SELECT number FROM kinds WHERE {kinds}"  # noqa: S608 - values are bound
        parts.append(f"number IN (SELECT product FROM told WHERE kind IN ({asked_kinds}))")  # noqa: S608 - the same
        values += of_kinds
    if asked.category:
        parts.append("(product_type = ? OR product_type LIKE ? ESCAPE '\\')")
        values += [asked.category, _like(asked.category) + " > %"]
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def _kinds(asked: Filter) -> tuple[str, list[Any]]:
    said = {"severity": asked.severity, "code": asked.code}
    found = [(name, value) for name, value in said.items() if value]
    if not found:
        return "", []
    parts, values = [f"{name} = ?" for name, _ in found], [value for _, value in found]
    if asked.feeds:
        parts.append(f"feed IN ('', {_marks(asked.feeds)})")
        values += [name for _, name in asked.feeds]
    return " AND ".join(parts), values


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _match(text: str) -> str:
    """What a reader typed as a query: every word begins a word of the product."""
    words = WORD.findall(text)
    return " ".join(f'"{word}"*' for word in words) if words else '""'


def _like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def one(database: sqlite3.Connection, number: int) -> dict[str, Any] | None:
    """The product of that number."""
    row = database.execute("SELECT * FROM products WHERE number = ?", (number,)).fetchone()
    return dict(row) if row is not None else None


def at(database: sqlite3.Connection, places: Iterable[tuple[str, int]], record: str) -> list[int]:
    """The numbers of the records of a kind at these places (path and row); where none stands there is no number."""
    asked = "SELECT number FROM products WHERE path = ? AND row = ? AND record = ?"
    rows = (database.execute(asked, (encodable(path), row, record)).fetchone() for path, row in places)
    return [row[0] for row in rows if row is not None]


def firsts(database: sqlite3.Connection, record: str, most: int) -> list[int]:
    """The numbers of the first records of a kind."""
    asked = "SELECT number FROM products WHERE record = ? ORDER BY number LIMIT ?"
    return [row[0] for row in database.execute(asked, (record, most))]


def by_id(database: sqlite3.Connection, wanted: str, record: str = "") -> dict[str, Any] | None:
    """The first record of that id: of the named kind, else of any."""
    row = database.execute(
        "SELECT * FROM products WHERE id = ? ORDER BY record != ?, number LIMIT 1", (wanted, record)
    ).fetchone()
    return dict(row) if row is not None else None


def variants(database: sqlite3.Connection, found: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    """The records of the group that this one belongs to, at most so many: variants, or reviews of one product."""
    if not found["item_group_id"]:
        return []
    rows = database.execute(
        "SELECT number, id, title, price, part, at FROM products WHERE item_group_id = ? AND record = ?"
        " ORDER BY number LIMIT ?",
        (found["item_group_id"], found["record"], most),
    )
    return [dict(row) for row in rows]


def records(database: sqlite3.Connection) -> dict[str, int]:
    """How many records of each kind there are."""
    return dict(tuple(row) for row in database.execute("SELECT record, count(*) FROM products GROUP BY record"))


def categories(database: sqlite3.Connection) -> list[tuple[str, int]]:
    """The catalog's categories with the number of their products, the larger ones first."""
    rows = database.execute(
        "SELECT product_type, count(*) AS number FROM products WHERE product_type != '' GROUP BY product_type"
        " ORDER BY number DESC, product_type LIMIT ?",
        (CATEGORIES,),
    )
    return [(row[0], row[1]) for row in rows]


def feeds(database: sqlite3.Connection, count: int, places: Collection[int] = ()) -> list[dict[str, int]]:
    """For each feed how many items are in it, rejected and filtered; `places` are those of products in places."""
    sums = ", ".join(
        f"total({STATE.format(number)} & {bit} != 0)" for number in range(count) for bit in STATES.values()
    )
    row = database.execute(f"SELECT {sums} FROM products").fetchone() if sums else ()  # noqa: S608 - our own names
    found = [int(value) for value in row]
    told = [dict(zip(STATES, found[3 * number : 3 * number + 3], strict=True)) for number in range(count)]
    for number in places:
        totals = "SELECT total(there), total(rejected), total(filtered) FROM places WHERE feed = ?"
        told[number] = dict(zip(STATES, map(int, database.execute(totals, (number,)).fetchone()), strict=True))
    return told


def kinds(database: sqlite3.Connection) -> list[dict[str, Any]]:
    """All kinds of issues with their numbers, the graver and more numerous first.

    `records` has the bits of the records that they were found in, 0 where that is not known.
    """
    rows = database.execute('SELECT severity, feed, code, field, "column", issues, records FROM kinds WHERE issues > 0')
    order = {str(severity): number for number, severity in enumerate(Severity)}
    return sorted(map(dict, rows), key=lambda kind: (order[kind["severity"]], -kind["issues"], kind["code"]))


def fixes(database: sqlite3.Connection, names: Sequence[str]) -> list[dict[str, Any]]:
    """What frees most products: errors of one code, field and column, by products for which nothing else is wrong.

    `names` are the feeds that count, in their order. `held` counts the products that such an error keeps out of any of
    them, `freed` those that no other error keeps out of that feed.
    """
    rows = database.execute(
        f"""
        WITH wrong AS (
            SELECT told.product, kinds.feed, kinds.code, kinds.field, kinds."column",
                kinds.code || char(31) || kinds.field || char(31) || kinds."column" AS fix
            FROM told JOIN kinds ON kinds.number = told.kind
            WHERE kinds.severity = 'error' AND kinds.feed IN ('', {_marks(names)})
        ), alone AS (
            SELECT product, min(fix) AS fix FROM wrong GROUP BY product, feed HAVING min(fix) = max(fix)
        ), freed AS (
            SELECT fix, count(DISTINCT product) AS products FROM alone GROUP BY fix
        )
        SELECT code, field, "column", count(DISTINCT product) AS held, coalesce(freed.products, 0) AS freed,
            group_concat(DISTINCT feed) AS feeds
        FROM wrong LEFT JOIN freed ON freed.fix = wrong.fix
        GROUP BY wrong.fix ORDER BY freed DESC, held DESC, code LIMIT ?
        """,  # noqa: S608 - values are bound
        (*names, FIXES),
    )
    order = {name: number for number, name in enumerate(names)}

    def told(row: sqlite3.Row) -> dict[str, Any]:
        listed = sorted(filter(None, (row["feeds"] or "").split(",")), key=lambda name: order.get(name, len(order)))
        return {**dict(row), "feeds": listed}

    return [told(row) for row in rows]
