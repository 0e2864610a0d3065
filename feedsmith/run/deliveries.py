"""What was delivered where: a table in the project's history, written file by file as targets take them."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from feedsmith.run.history import moment
from feedsmith.run.history_file import NAME, look_at_database, open_database, told

TABLE = """
CREATE TABLE IF NOT EXISTS deliveries (
    feed TEXT NOT NULL, target TEXT NOT NULL, place TEXT NOT NULL, name TEXT NOT NULL,
    sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, version TEXT NOT NULL, at TEXT NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (feed, target, place, name)
)
"""


class Sent(msgspec.Struct, frozen=True):
    """A file that a target has from us. `version` is the target's word for it, `at` a time in UTC."""

    name: str
    sha256: str
    bytes: int
    version: str
    at: str
    run: int


class Deliveries:
    """What the targets of the project have. Without `write` it is only read, and may be missing.

    Raises:
        OutputError: the history cannot be read or written.
    """

    def __init__(self, state: Path, *, write: bool) -> None:
        self._state, self._write = state, write

    def __enter__(self) -> Self:
        with told(self._state / NAME):
            self._database = open_database(self._state)[0] if self._write else look_at_database(self._state)
            if self._write:
                self._database.execute(TABLE)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(sqlite3.Error):  # each file was committed when it was noted
            self._database.close()

    def known(self, feed: str, target: str, place: str) -> dict[str, Sent]:
        """The files of a feed at a target, by their names there."""
        query = "SELECT name, sha256, bytes, version, at, run FROM deliveries WHERE (feed, target, place) = (?, ?, ?)"
        with told(self._state / NAME):
            try:
                rows = self._database.execute(query, (feed, target, place)).fetchall()
            except sqlite3.OperationalError:
                if self._write:
                    raise
                return {}  # nothing was delivered yet
        return {row[0]: Sent(*row) for row in rows}

    def note(self, feed: str, target: str, place: str, sent: Sent) -> None:
        """Note that the target has a file."""
        row = (feed, target, place, *msgspec.structs.astuple(sent))
        with told(self._state / NAME):
            self._database.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def forget(self, feed: str, target: str, place: str, name: str) -> None:
        """Note that the target has a file no more, or that it is none of ours."""
        query = "DELETE FROM deliveries WHERE feed = ? AND target = ? AND place = ? AND name = ?"
        with told(self._state / NAME):
            self._database.execute(query, (feed, target, place, name))


def unsure(name: str, version: str, run: int) -> Sent:
    """A file that is on its way: from now on nobody knows which version is there, until the target says so.

    Without this a feed that is put back would count as delivered after a try whose answer was lost.
    """
    return Sent(name, "", 0, version, moment(), run)


def sent_now(name: str, sha256: str, size: int, version: str, run: int) -> Sent:
    """A file that a target just took."""
    return Sent(name, sha256, size, version, moment(), run)
