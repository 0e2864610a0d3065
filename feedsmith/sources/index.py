"""Rows of a source by key, in an SQLite file: for sources that other ones look up, and that may not fit in memory.

A row has a number, a key, a qualifier (a store, a language; mostly empty), its line and its cells. After the index is
made no key stands in it twice with the same qualifier.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from feedsmith.errors import OutputError
from feedsmith.issues import Place

CACHE = "PRAGMA cache_size = -16000"
"""Memory of a connection: kibibytes, as SQLite writes it."""
ASKED = 500
"""Keys of one question; SQLite's oldest limit is 999 parameters."""
EXAMPLES = 3
"""Duplicate keys and unused rows that are told."""

Cells = Sequence[str | None]
IndexRow = tuple[str, str, int, Cells]
"""Key, qualifier, line, cells."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found; `key` as it was asked for."""

    key: str
    qualifier: str
    number: int
    line: int
    cells: list[str | None]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A key that stands in a source more than once: the line that counts, and one that does not."""

    key: str
    qualifier: str
    kept: int
    other: int


@dataclass(frozen=True, slots=True)
class Index:
    """What an index holds: its rows' highest number, how many rows went because their key was there, and the first."""

    path: Path
    highest: int
    removed: int
    repeated: tuple[Repeated, ...]


def write_index(path: Path, rows: Iterable[IndexRow], *, keep_last: bool = False) -> Index:
    """Write the rows; of rows with one key and qualifier the first stays, or the last.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        with _temporary_files_in(path.parent), closing(_connect(path)) as base:
            highest = _fill(base, rows)
            repeated = _repeated(base, keep_last=keep_last)
            removed = base.execute(REMOVE).rowcount if repeated else 0
            base.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise OutputError(Place(str(path.parent)), f"cannot write here: {error}", "free disk space") from error
    return Index(path, highest, removed, repeated)


REPEATED = """
CREATE TEMP TABLE repeated AS
SELECT key, qualifier, {which}(number) AS kept FROM rows GROUP BY key, qualifier HAVING count(*) > 1
"""
OTHERS = "FROM repeated JOIN rows USING (key, qualifier) WHERE rows.number <> kept"
REMOVE = f"DELETE FROM rows WHERE number IN (SELECT rows.number {OTHERS})"  # noqa: S608 - only our own words


def _connect(path: Path) -> sqlite3.Connection:
    """A new file that nobody reads before it is done: no journal, and nothing waits for the disk."""
    base = sqlite3.connect(path, isolation_level=None)
    for pragma in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA temp_store = FILE", CACHE):
        base.execute(pragma)
    base.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, key TEXT, qualifier TEXT, line INTEGER, cells BLOB)")
    return base


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """SQLite sorts in files of its own; they belong into the run's folder, not on a small `/tmp`."""
    before = os.environ.get("SQLITE_TMPDIR")
    os.environ["SQLITE_TMPDIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SQLITE_TMPDIR"]
        else:
            os.environ["SQLITE_TMPDIR"] = before


def _fill(base: sqlite3.Connection, rows: Iterable[IndexRow]) -> int:
    encode = msgspec.msgpack.Encoder().encode
    base.execute("BEGIN")
    packed = ((key, qualifier, line, encode(cells)) for key, qualifier, line, cells in rows)
    base.executemany("INSERT INTO rows (key, qualifier, line, cells) VALUES (?, ?, ?, ?)", packed)
    base.execute("CREATE INDEX by_key ON rows (key, qualifier)")
    highest = base.execute("SELECT max(number) FROM rows").fetchone()[0]
    return int(highest or 0)


def _repeated(base: sqlite3.Connection, *, keep_last: bool) -> tuple[Repeated, ...]:
    base.execute(REPEATED.format(which="max" if keep_last else "min"))
    found = base.execute(
        f"SELECT key, qualifier, (SELECT line FROM rows WHERE number = kept), rows.line {OTHERS} "  # noqa: S608
        f"ORDER BY rows.number LIMIT {EXAMPLES}"
    )
    return tuple(Repeated(*row) for row in found)


class IndexReader:
    """Asks an index that is done. Each process opens it for itself, with the first question."""

    def __init__(self, path: Path) -> None:
        self._base: sqlite3.Connection | None = None
        self.path = path
        self._decode = msgspec.msgpack.Decoder(list[str | None]).decode

    def find(self, keys: Iterable[str]) -> Iterator[Hit]:
        """The rows of these keys, in no order."""
        asked = list(keys)
        for start in range(0, len(asked), ASKED):
            some = asked[start : start + ASKED]
            marks = ",".join("?" * len(some))
            question = f"SELECT key, qualifier, number, line, cells FROM rows WHERE key IN ({marks})"  # noqa: S608
            for key, qualifier, number, line, cells in self._open().execute(question, some):
                yield Hit(key, qualifier, number, line, self._decode(cells))

    def unused(self, used: bytearray) -> tuple[int, list[tuple[str, int]]]:
        """How many rows have a number at which `used` is 0; key and line of the first of them."""
        count, first = 0, list[tuple[str, int]]()
        for (number,) in self._open().execute("SELECT number FROM rows ORDER BY number"):
            if not used[number]:
                count += 1
                if len(first) < EXAMPLES:
                    row = self._open().execute("SELECT key, line FROM rows WHERE number = ?", (number,)).fetchone()
                    first.append(row)
        return count, first

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the next question opens it again."""
        if self._base is not None:
            self._base.close()
            self._base = None

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            self._base = sqlite3.connect(address, uri=True, check_same_thread=False)  # the preview asks from several
            self._base.execute(CACHE)
        return self._base
