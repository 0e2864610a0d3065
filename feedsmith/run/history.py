"""What was exported when: the project's history in `runs.sqlite`.

The holder of the project's lock writes, anybody reads at any time. A run is noted when it begins; its feeds are noted
as `publishing` before the first file is put in place, and as they ended afterwards: a run that is killed in between
leaves no file that nobody knows, and the next run finds out which version is there.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from feedsmith.definitions.model import nearest
from feedsmith.errors import UsageError
from feedsmith.issues import Issue, Place
from feedsmith.reports.report import FeedState
from feedsmith.run.history_file import NAME, look_at_database, open_database, told

PUBLISHING = "publishing"
"""The state of a feed whose files are being put in place."""
GOOD = (FeedState.PUBLISHED.value, FeedState.UNCHANGED.value)
"""The states of a feed that stands as its run made it."""
LAST = "last"
RUNS = "SELECT number, started, seconds, command, version, as_of, exit_code, problem, manifest FROM runs"


class KeptFile(msgspec.Struct, frozen=True):
    """A file of a feed: `name` is the published one, `sha256` has hexadecimal digits."""

    name: str
    items: int
    bytes: int
    sha256: str


class PastFeed(msgspec.Struct, frozen=True):
    """What became of a feed in a run.

    `out` is the output folder: relative to the project where it lies inside, else absolute. `state` is one of
    `FeedState`, or `publishing`. `fill` is the share of items with a value by field. `guards` are the codes of those
    that warned or held; `holding` those that held. `at` is the time at which it ended, in UTC. `ledger` names the
    file with its items' prices, `sent` the one with what a delta is made against; `passed` says who let it pass a
    guard, and why. `origin` is the run that made its bytes, where that was another one. `partial`
    says that it was made of a part of the catalog only.
    """

    run: int
    feed: str
    channel: str
    out: str
    state: str
    reason: str = ""
    items: int = 0
    rejected: int = 0
    filtered: int = 0
    products_in: int = 0
    seconds: float = 0.0
    fill: dict[str, float] = {}
    files: tuple[KeptFile, ...] = ()
    guards: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    at: str = ""
    ledger: str = ""
    passed: str = ""
    origin: int = 0
    sent: str = ""
    partial: bool = False

    @property
    def version(self) -> str:
        """The names and hashes of its files: records with the same stand for the same published bytes."""
        return " ".join(f"{file.name}={file.sha256}" for file in self.files)


class PastRun(msgspec.Struct, frozen=True):
    """A run. `started` is in UTC; `exit_code` is None for one under way and for one that ended without a word.

    `problem` says what ended a run that could not be done.
    """

    number: int
    started: str
    seconds: float
    command: str
    version: str
    as_of: str
    exit_code: int | None
    feeds: tuple[PastFeed, ...]
    manifest: dict[str, Any]
    problem: str = ""


class Hold(msgspec.Struct, frozen=True):
    """A feed that nothing replaces until somebody says so: its code, since when, and why."""

    out: str
    feed: str
    code: str
    at: str
    message: str


def moment(time: datetime | None = None) -> str:
    """A time, or now, as the history writes it: `2026-11-22T08:15:00Z`."""
    return (time or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """The history of the project whose state lies in `state`. Without `write` it is only read, and may be missing.

    `issues` tell that a damaged history was set aside.

    Raises:
        OutputError: it cannot be read or written.
        UsageError: a newer feedsmith wrote it.
    """

    def __init__(self, state: Path, *, write: bool = False) -> None:
        self.state, self.path, self.writes = state, state / NAME, write
        self.issues: list[Issue] = []

    def __enter__(self) -> Self:
        if self.writes:
            self._database, self.issues = open_database(self.state)
        else:
            self._database = look_at_database(self.state)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(sqlite3.Error):  # what was committed is on the disk already
            self._database.close()

    # --- reading -----------------------------------------------------------------------------------------------

    def runs(self, most: int | None = None) -> list[PastRun]:
        """The runs, newest first."""
        rows = self._all(RUNS + " ORDER BY number DESC LIMIT ?", (-1 if most is None else most,))
        return [self._run(row) for row in rows]

    def run(self, number: int) -> PastRun:
        """A run by its number.

        Raises:
            UsageError: there is none.
        """
        rows = self._all(RUNS + " WHERE number = ?", (number,))
        if not rows:
            raise UsageError(Place("command line"), f"there is no run {number}", self._known_runs())
        return self._run(rows[0])

    def named(self, text: str) -> PastRun:
        """The run that a user names: `17`, or `last`.

        Raises:
            UsageError: there is none.
        """
        if text == LAST and (newest := self.runs(1)):
            return newest[0]
        if not text.isdecimal():
            problem = "there are no runs" if text == LAST else f"{text!r} is no run"
            raise UsageError(Place("command line"), problem, self._known_runs())
        return self.run(int(text))

    def manifests(self) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Number, start and manifest of each run, newest first; empty for one that exported nothing."""
        with told(self.path):
            rows = self._database.execute("SELECT number, started, manifest FROM runs ORDER BY number DESC")
            for number, started, manifest in rows:
                yield number, started, msgspec.json.decode(manifest)

    def last_good(self, feed: str, out: str) -> PastFeed | None:
        """What was published last under that output folder; None before the first time."""
        return next(iter(self.good(feed, out, 1)), None)

    def good(self, feed: str, out: str, most: int | None = None) -> list[PastFeed]:
        """What stood as its run made it, newest first."""
        query = "SELECT record FROM feeds WHERE feed = ? AND out = ? AND state IN (?, ?) ORDER BY run DESC LIMIT ?"
        return self._records(query, (feed, out, *GOOD, -1 if most is None else most))

    def ended(self, feed: str, out: str, most: int) -> list[PastFeed]:
        """What became of a feed in the last runs that made it, held and failed ones too, newest first."""
        query = "SELECT record FROM feeds WHERE feed = ? AND out = ? AND state != ? ORDER BY run DESC LIMIT ?"
        return self._records(query, (feed, out, PUBLISHING, most))

    def published(self, feed: str, out: str, most: int) -> list[PastFeed]:
        """The last times that other bytes than before were published, newest first."""
        query = "SELECT record FROM feeds WHERE feed = ? AND out = ? AND state = ? ORDER BY run DESC LIMIT ?"
        return self._records(query, (feed, out, FeedState.PUBLISHED.value, most))

    def good_at(self, feed: str, out: str, time: str) -> PastFeed | None:
        """What was published at that time, as `moment` writes it; None before the first time."""
        query = (
            "SELECT record FROM feeds JOIN runs ON run = number WHERE feed = ? AND out = ? AND state IN (?, ?) "
            "AND started <= ? ORDER BY run DESC LIMIT 1"
        )
        return next(iter(self._records(query, (feed, out, *GOOD, time))), None)

    def latest(self, feed: str) -> list[PastFeed]:
        """The last record of a feed in each output folder that it was made for, newest first.

        Raises:
            UsageError: no run made a feed of that name.
        """
        query = (
            "SELECT record FROM feeds AS one WHERE feed = ? AND run = "
            "(SELECT max(run) FROM feeds WHERE feed = one.feed AND out = one.out) ORDER BY run DESC"
        )
        found = self._records(query, (feed,))
        if not found:
            known = [name for (name,) in self._all("SELECT DISTINCT feed FROM feeds", ())]
            raise UsageError(Place("command line"), f"no run made a feed {feed!r}", nearest(feed, known))
        return found

    def versions(self, most: int) -> list[PastFeed]:
        """The different versions of all feeds, newest first, `most` of each: the last record of each version."""
        query = (
            "SELECT record FROM (SELECT record, max(run) AS run, row_number() OVER "
            "(PARTITION BY feed, out ORDER BY max(run) DESC) AS nr FROM feeds WHERE state IN (?, ?) "
            "GROUP BY feed, out, version) WHERE nr <= ? ORDER BY run DESC"
        )
        return self._records(query, (*GOOD, most))

    def candidates(self) -> list[PastFeed]:
        """The feeds that are held, and of which nothing newer was published since, newest first."""
        query = (
            "SELECT record FROM feeds AS one WHERE state = ? AND run = (SELECT max(run) FROM feeds WHERE "
            "feed = one.feed AND out = one.out AND state IN (?, ?, ?)) ORDER BY run DESC"
        )
        held = FeedState.HELD.value
        return self._records(query, (held, held, *GOOD))

    def unfinished(self) -> list[PastFeed]:
        """The feeds that runs were putting in place when they were killed."""
        return self._records("SELECT record FROM feeds WHERE state = ? ORDER BY run", (PUBLISHING,))

    def owned(self, feed: str, out: str) -> list[str]:
        """The files that are the feed's, as far as runs noted them."""
        rows = self._all("SELECT name FROM owned WHERE feed = ? AND out = ? ORDER BY name", (feed, out))
        return [name for (name,) in rows]

    def hold_of(self, feed: str, out: str) -> Hold | None:
        """The hold that lies on a feed."""
        rows = self._all("SELECT out, feed, code, at, message FROM holds WHERE feed = ? AND out = ?", (feed, out))
        return Hold(*rows[0]) if rows else None

    # --- writing, by the holder of the lock ----------------------------------------------------------------------

    def begin(self, command: str, version: str, as_of: str) -> int:
        """Note that a run began; gives its number."""
        with self._change() as change:
            made = change.execute(
                "INSERT INTO runs (started, command, version, as_of) VALUES (?, ?, ?, ?)",
                (moment(), command, version, as_of),
            )
        return int(made.lastrowid or 0)

    def note(
        self, feeds: Iterable[PastFeed], holds: Iterable[Hold] = (), lifted: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Note feeds as they stand now; those of a run that were noted before are replaced.

        Files of a feed that is published, or about to be, are that feed's, and no other one's any more.
        """
        with self._change() as change:
            for feed in feeds:
                record = msgspec.json.encode(feed).decode()
                change.execute(
                    "INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?, ?)",
                    (feed.run, feed.out, feed.feed, feed.state, feed.version, record),
                )
                if feed.state in {*GOOD, PUBLISHING}:
                    names = [(feed.out, file.name, feed.feed) for file in feed.files]
                    change.executemany("INSERT OR REPLACE INTO owned VALUES (?, ?, ?)", names)
                if feed.state in GOOD:
                    self._let_go(change, feed)
            change.executemany(
                "INSERT OR REPLACE INTO holds VALUES (?, ?, ?, ?, ?)", map(msgspec.structs.astuple, holds)
            )
            change.executemany("DELETE FROM holds WHERE feed = ? AND out = ?", lifted)

    def end(self, number: int, exit_code: int, seconds: float, problem: str = "") -> None:
        """Note how a run ended."""
        with self._change() as change:
            change.execute(
                "UPDATE runs SET exit_code = ?, seconds = ?, problem = ? WHERE number = ?",
                (exit_code, round(seconds, 3), problem, number),
            )

    def keep_manifest(self, number: int, manifest: dict[str, Any]) -> None:
        """Keep what a run was made from: hashes of sources, definitions and feeds."""
        with self._change() as change:
            text = msgspec.json.encode(manifest).decode()
            change.execute("UPDATE runs SET manifest = ? WHERE number = ?", (text, number))

    def forget(self, most: int) -> None:
        """Forget the oldest runs until `most` are left; a run with what is published now stays."""
        with self._change() as change:
            change.execute(
                "DELETE FROM runs WHERE number <= (SELECT max(number) FROM runs) - ? AND number NOT IN "
                "(SELECT max(run) FROM feeds WHERE state IN (?, ?) GROUP BY feed, out)",
                (most, *GOOD),
            )

    def _let_go(self, change: sqlite3.Connection, feed: PastFeed) -> None:
        names = [file.name for file in feed.files]
        marks = ", ".join("?" * len(names))
        query = f"DELETE FROM owned WHERE out = ? AND feed = ? AND name NOT IN ({marks})"  # noqa: S608 - question marks
        change.execute(query, (feed.out, feed.feed, *names))

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with told(self.path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                with suppress(sqlite3.Error):  # the disk may refuse that as well; the journal undoes it
                    self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    # --- rows ----------------------------------------------------------------------------------------------------

    def _all(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with told(self.path):
            return self._database.execute(query, values).fetchall()

    def _records(self, query: str, values: Sequence[Any]) -> list[PastFeed]:
        return [msgspec.json.decode(record, type=PastFeed) for (record,) in self._all(query, values)]

    def _run(self, row: tuple[Any, ...]) -> PastRun:
        feeds = self._records("SELECT record FROM feeds WHERE run = ? ORDER BY rowid", (row[0],))
        number, started, seconds, command, version, as_of, exit_code, problem, manifest = row
        made_from = msgspec.json.decode(manifest)
        return PastRun(number, started, seconds, command, version, as_of, exit_code, tuple(feeds), made_from, problem)

    def _known_runs(self) -> str:
        rows = self._all("SELECT min(number), max(number) FROM runs", ())
        first, last = rows[0]
        return f"runs {first} to {last} are known; `feedsmith runs list` lists them" if last else "nothing was exported"
