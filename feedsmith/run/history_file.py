"""The file of the history, `runs.sqlite`: opened, begun, taken over from an earlier feedsmith, set aside if damaged."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec

from feedsmith.errors import OutputError, UsageError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.publish.folder import prepare_folder
from feedsmith.publish.refusals import refusals

NAME = "runs.sqlite"
FORMER = "published.json"
"""Where an earlier feedsmith kept which files are a feed's."""
VERSION = 1
"""Of the tables; kept in the file's `user_version`."""
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
TABLES = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, seconds REAL NOT NULL DEFAULT 0,
    command TEXT NOT NULL, version TEXT NOT NULL, as_of TEXT NOT NULL, exit_code INTEGER,
    problem TEXT NOT NULL DEFAULT '', manifest TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE feeds (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, out TEXT NOT NULL, feed TEXT NOT NULL,
    state TEXT NOT NULL, version TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (run, out, feed)
);
CREATE INDEX feeds_by_name ON feeds (feed, out, run);
CREATE TABLE owned (out TEXT NOT NULL, name TEXT NOT NULL, feed TEXT NOT NULL, PRIMARY KEY (out, name));
CREATE TABLE holds (
    out TEXT NOT NULL, feed TEXT NOT NULL, code TEXT NOT NULL, at TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (out, feed)
);
"""


class DamagedError(Exception):
    """What SQLite's own check found wrong."""


def out_name(state: Path, out: Path) -> str:
    """How the history calls an output folder: relative to the folder of the state where it lies there."""
    here, there = state.parent.resolve(), out.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else str(there)


def out_path(state: Path, name: str) -> Path:
    """The output folder that the history calls `name`."""
    return state.parent / name


def look_at_database(state: Path) -> sqlite3.Connection:
    """The history as it is, for reading; an empty one where it is missing or not begun.

    Raises:
        OutputError: it cannot be read.
        UsageError: a newer feedsmith wrote it.
    """
    path = state / NAME
    with told(path):
        if path.is_file():
            found = _read_only(path)
            if _version(found, path):
                return found
            found.close()
        return _made(sqlite3.connect(":memory:", isolation_level=None))


def open_database(state: Path) -> tuple[sqlite3.Connection, list[Issue]]:
    """The history, ready to be written by the holder of the lock, and what is to be told of it.

    A damaged one is set aside, and a new one begun.

    Raises:
        OutputError: it cannot be written.
        UsageError: a newer feedsmith wrote it.
    """
    path = state / NAME
    prepare_folder(state)
    with told(path):
        try:
            return _connected(state), []
        except DamagedError:
            pass
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in DAMAGED:
                raise
        issue = _set_aside(path)
        return _connected(state), [issue]


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell what SQLite refuses as the disk's refusal that it is."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in DAMAGED:
            hint = "the next export sets it aside and begins a new one"
            raise OutputError(Place(str(path)), "the history of runs is damaged", hint) from error
        hint = f"check the disk and the rights on {os.fspath(path.parent)}, then run again"
        raise OutputError(Place(str(path)), f"the history of runs cannot be used: {error}", hint) from error


def _read_only(path: Path) -> sqlite3.Connection:
    """A connection for reading; on a disk that cannot be written nobody else writes there either."""
    for how in ("mode=ro", "immutable=1"):
        found = sqlite3.connect(f"file:{quote(str(path.resolve()))}?{how}", uri=True, isolation_level=None)
        try:
            found.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            found.close()
            if how == "immutable=1":
                raise
        else:
            break
    return found


def _connected(state: Path) -> sqlite3.Connection:
    found = sqlite3.connect(state / NAME, isolation_level=None)
    try:
        version = _version(found, state / NAME)
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            found.execute(f"PRAGMA {setting}")
        if version == 0:
            _made(found, _former(state))
            (state / FORMER).unlink(missing_ok=True)
        else:
            _check(found)
    except BaseException:
        found.close()
        raise
    return found


def _check(database: sqlite3.Connection) -> None:
    answer = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise DamagedError(answer)


def _version(database: sqlite3.Connection, path: Path) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        database.close()
        hint = "use that feedsmith here, or move the file away: then nothing is known of earlier runs"
        raise UsageError(Place(str(path)), "a newer feedsmith wrote this history", hint)
    return version


def _set_aside(path: Path) -> Issue:
    aside = f"{NAME}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with refusals(path):
        for end in ("", "-wal", "-shm"):
            part = path.with_name(NAME + end)
            if part.exists():
                part.replace(path.with_name(aside + end))
    return Issue(
        "history-damaged", Severity.WARNING, f"the history of runs was damaged; it was set aside as {aside}",
        Place(str(path)),
        help="nothing is to be done: a new one was begun, and guards compare again from the next run on",
    )  # fmt: skip


def _made(database: sqlite3.Connection, owned: Iterable[tuple[str, str, str]] = ()) -> sqlite3.Connection:
    """A new file's tables."""
    database.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION};")
    database.executemany("INSERT OR REPLACE INTO owned VALUES (?, ?, ?)", owned)
    database.execute("COMMIT")
    return database


def _former(state: Path) -> Iterator[tuple[str, str, str]]:
    """Output folder, file and feed as an earlier feedsmith noted them; nothing where that is missing or damaged."""
    try:
        record = msgspec.json.decode((state / FORMER).read_bytes(), type=dict[str, dict[str, list[str]]])
    except (OSError, msgspec.DecodeError):
        return
    for out, feeds in record.items():
        for feed, names in feeds.items():
            yield from ((out_name(state, Path(out)), name, feed) for name in names)
