"""Which products of whole feeds changed, came or went: found in the background, kept in an SQLite file for the list.

What became of a product in the feed now is the index's to say: checks over the whole feed count there.
"""

import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feedsmith.errors import FeedsmithError
from feedsmith.preview.against.looking import Looker, Marks, Task, look_at_part, start_worker
from feedsmith.preview.against.published import Note, told
from feedsmith.preview.against.store import Shelf
from feedsmith.preview.index.listed import IN
from feedsmith.preview.index.read import reading
from feedsmith.preview.index.state import State
from feedsmith.preview.index.store import STATE
from feedsmith.reports.harmless import encodable
from feedsmith.run.engine import LocalEngine, running
from feedsmith.run.in_process import leave
from feedsmith.run.job import PartTask
from feedsmith.run.many import workers_for
from feedsmith.texts.catalogue import Texts

CHANGED, NEW, GONE = "changed", "new", "gone"
KINDS = (CHANGED, NEW, GONE)
SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=OFF;
CREATE TABLE marks (
    feed INTEGER, product INTEGER, item INTEGER, differs INTEGER, PRIMARY KEY (feed, product)
) WITHOUT ROWID;
CREATE INDEX marks_item ON marks (item);
CREATE TABLE seen (item INTEGER PRIMARY KEY);
CREATE TABLE changes (kind TEXT, feed INTEGER, product INTEGER, PRIMARY KEY (kind, feed, product)) WITHOUT ROWID;
CREATE TABLE gone (feed INTEGER, item INTEGER, key TEXT, title TEXT);
CREATE INDEX gone_key ON gone (key);
"""
TaskOf = Callable[[State, Path], Task]
"""Says what is compared of a state; the folder is for files on the way."""


class Comparison:
    """The changes of one state. It is made with the state, and begins at once; `ready` says when all is found.

    `done` is the share of the parts that are compared. `problem` says why it cannot be done.
    """

    def __init__(self, state: State, task_of: TaskOf, tell: Callable[[], None]) -> None:
        self.state, self._task_of, self._tell = state, task_of, tell
        self._folder = tempfile.TemporaryDirectory(prefix="feedsmith-preview-")
        self.folder = Path(self._folder.name)
        self.path = self.folder / "changes.sqlite"
        self.ready, self.done = False, 0.0
        self.problem: Note = ""
        self.figures: dict[str, dict[str, int]] = {}
        self._stop = threading.Event()
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def close(self) -> None:
        """End the work, and remove what was found."""
        self._stop.set()
        self._worker.join()
        self._folder.cleanup()

    def _work(self) -> None:
        try:
            self._compare()
        except (FeedsmithError, OSError, LookupError, sqlite3.Error) as error:  # also of a state that has just ended
            if not self._stop.is_set():
                self.problem = error if isinstance(error, FeedsmithError) else str(error)
        self._tell()

    def _compare(self) -> None:
        task = self._task_of(self.state, self.folder)
        database = sqlite3.connect(self.path, isolation_level=None)
        try:
            database.executescript(SCHEMA)
            parts = [part for _, part in self.state.carried.parts]
            with _looking(self.state, task, parts) as found:
                for number, marks in enumerate(found, 1):
                    if self._stop.is_set():
                        return
                    self._take(database, marks)
                    self.done = number / len(parts)
                    self._tell()
            compared = sorted(task.shelf.feeds) if task.shelf is not None else _named(self.state, task)
            self._settle(database, compared)
            if task.shelf is not None:
                _lost(database, task.shelf)
            self.figures = self._figures(database, compared)
            self.ready = True
        finally:
            database.close()

    # --- marks -----------------------------------------------------------------------------------------------------

    def _take(self, database: sqlite3.Connection, marks: Marks) -> None:
        """Keep what was found in a part."""
        numbers = self._numbers(marks)
        database.execute("BEGIN")
        for feed, was in marks.was.items():
            rows = ((feed, numbers[at], item, differs) for at, item, differs in was if numbers[at] is not None)
            database.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", rows)
        database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((item,) for item in marks.seen))
        database.execute("COMMIT")

    def _numbers(self, marks: Marks) -> "list[int | None] | range":
        """The numbers in the index of a part's products: those of a stream in another order stand in other parts."""
        state, task = self.state, marks.task
        if state.lists(task.stream):
            first = state.writer.first[task.number]
            return range(first, first + len(marks.places))
        with reading(state.index) as index:
            query = "SELECT min(number) FROM products WHERE path = ? AND row = ?"
            return [index.execute(query, (encodable(path), row)).fetchone()[0] for path, row in marks.places]

    def _settle(self, database: sqlite3.Connection, compared: list[int]) -> None:
        """What each mark comes to, with what became of the product now."""
        database.execute("ATTACH ? AS now", (str(self.state.index),))
        for feed in compared:
            there = f"(products.{STATE.format(feed)} & {IN})"
            database.execute(
                f"INSERT INTO changes SELECT CASE WHEN marks.product IS NULL THEN '{NEW}' WHEN {there} THEN '{CHANGED}'"  # noqa: S608 - our own names
                f" ELSE '{GONE}' END, ?1, number FROM now.products LEFT JOIN marks ON marks.feed = ?1"
                f" AND marks.product = number WHERE CASE WHEN {there} THEN ifnull(marks.differs, 1)"
                " ELSE marks.product IS NOT NULL END",
                (feed,),
            )
            database.execute(  # a key that several products have now is that of one item
                "DELETE FROM changes WHERE kind = ?2 AND feed = ?1 AND product IN (SELECT one.product FROM marks AS one"  # noqa: S608 - the same
                " JOIN marks AS other ON other.item = one.item AND other.feed = ?1 AND other.product != one.product"
                " JOIN now.products ON number = other.product"
                f" WHERE one.feed = ?1 AND ({there} OR other.product < one.product))",
                (feed, GONE),
            )
        database.execute("DETACH now")

    def _figures(self, database: sqlite3.Connection, compared: list[int]) -> dict[str, dict[str, int]]:
        """How many products of each feed changed, came and went."""
        found: dict[int, dict[str, int]] = {feed: dict.fromkeys(KINDS, 0) for feed in compared}
        for kind, feed, number in database.execute("SELECT kind, feed, count(*) FROM changes GROUP BY kind, feed"):
            found[feed][kind] += number
        for feed, number in database.execute("SELECT feed, count(*) FROM gone GROUP BY feed"):
            found[feed][GONE] += number
        return {self.state.feeds[feed].spec.name: figures for feed, figures in found.items()}


class Follower:
    """The comparison of the state that is shown; another state that is whole gets one of its own."""

    def __init__(self, task_of: TaskOf) -> None:
        self._task_of = task_of
        self._lock = threading.Lock()
        self._ended = False
        self.comparison: Comparison | None = None

    def follow(self, state: State, tell: Callable[[], None]) -> None:
        """Compare this state, as soon as it is whole."""
        with self._lock:
            old = self.comparison
            if self._ended or (old is not None and old.state is state):
                return
            self.comparison = Comparison(state, self._task_of, tell) if state.progress.whole else None
        if old is not None:  # nobody has to wait for its end
            threading.Thread(target=old.close).start()

    def progress(self, texts: Texts) -> dict[str, Any]:
        """Whether all is `ready`, what share is `done`, the `figures` by feed, and what is wrong as `problem`."""
        one = self.comparison
        if one is None:
            return {"ready": False, "done": 0.0, "figures": {}, "problem": ""}
        return {"ready": one.ready, "done": one.done, "figures": one.figures, "problem": told(one.problem, texts)}

    def close(self) -> None:
        """End the work, and remove what was found."""
        with self._lock:
            self._ended, one, self.comparison = True, self.comparison, None
        if one is not None:
            one.close()


def _lost(database: sqlite3.Connection, shelf: Shelf) -> None:
    """Keep the items that the catalog has no more."""
    database.execute("ATTACH ? AS store", (str(shelf.path),))
    for number, feed in shelf.feeds.items():
        database.execute(
            "INSERT INTO gone SELECT ?, min(number), key, title FROM store.items WHERE feed = ? AND key != ''"
            " GROUP BY key HAVING max(number IN (SELECT item FROM seen)) = 0",
            (number, feed.number),
        )
    database.execute("DETACH store")


def _named(state: State, task: Task) -> list[int]:
    """The numbers of the feeds that the other rules make too."""
    known = {spec.name for spec in task.rules.specs} if task.rules is not None else set()
    return [number for number, spec in enumerate(state.job.specs) if spec.name in known]


@contextmanager
def _looking(state: State, task: Task, parts: list[PartTask]) -> Iterator[Iterator[Marks]]:
    """What is found in each part, in order."""
    workers = workers_for(state.request, state.job.bytes)
    if workers == 1:
        yield map(Looker(task).look, parts)
        return
    left = leave(task, task.scratch / "comparing")
    with running(LocalEngine(workers, start_worker, (left,))) as engine:
        yield engine.map(look_at_part, parts)


def lost_page(path: Path, feeds: Sequence[int], text: str, start: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """Items that the catalog has no more, of these feeds: a stretch of them, and how many there are.

    `text` stands in their key or title; `item` is the number of the first with that key.
    """
    like = "%" + text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    of_feeds = ", ".join(map(str, feeds))
    where = f"WHERE feed IN ({of_feeds}) AND (key LIKE ?1 ESCAPE '\\' OR title LIKE ?1 ESCAPE '\\')"
    with reading(path) as database:
        count = database.execute(f"SELECT count(DISTINCT key) FROM gone {where}", (like,)).fetchone()[0]  # noqa: S608 - our own words
        rows = database.execute(
            f"SELECT min(item) AS item, key AS id, max(title) AS title FROM gone {where}"  # noqa: S608 - the same
            " GROUP BY key ORDER BY min(item) LIMIT ?2 OFFSET ?3",
            (like, size, start),
        )
        return [dict(row) for row in rows], count


def lost(path: Path, item: int) -> list[tuple[int, int]]:
    """The items that have the key of this one and that the catalog has no more: the feed's number, the item's own."""
    query = "SELECT feed, item FROM gone WHERE key = (SELECT key FROM gone WHERE item = ?) ORDER BY feed"
    with reading(path) as database:
        return [(row["feed"], row["item"]) for row in database.execute(query, (item,))]
