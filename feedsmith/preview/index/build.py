"""Carrying a whole catalog as a run would, in the background, and writing the preview's index as its parts come."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from feedsmith.issues import Issue
from feedsmith.preview.index.look import IndexRunner, LookedAt, kind_of, look_at_part, start_here, start_worker
from feedsmith.preview.index.store import IndexWriter
from feedsmith.reports.store import read_issues, write_issues
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.decide import decide
from feedsmith.run.engine import Engine, HereEngine, LocalEngine, running
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.finish import decide_task
from feedsmith.run.grouped import GroupedFeed
from feedsmith.run.held import stores_without_stock
from feedsmith.run.job import Job, PartResult, PartTask
from feedsmith.run.many import workers_for
from feedsmith.run.opening import open_job
from feedsmith.run.parts import run_parts
from feedsmith.run.ranking import work_out_ranks
from feedsmith.run.regroup import in_groups
from feedsmith.run.request import Request, open_project
from feedsmith.run.scratch import issues_file
from feedsmith.run.unmatched import JoinTally
from feedsmith.run.worker import leave_job
from feedsmith.sources.table import check_unchanged

FIRST = 200
"""Products that are shown before the first part is done."""
INDEX = "index.sqlite"


class Given(Exception):  # noqa: N818 - no error: nobody wants the result any more
    """The work was given up, as newer work waits."""


@dataclass
class Progress:
    """How far the work is. `total` and `done` are bytes; `whole` once all is known."""

    total: int = 0
    done: int = 0
    products: int = 0
    whole: bool = False
    seconds: float = 0.0


@dataclass
class State:
    """A project as it was at one moment: opened, compiled, with its index growing.

    `tasks` are the parts by their number; `early` are the files of issues that are no part's.
    """

    request: Request
    folder: Path
    job: Job
    feeds: list[CompiledFeed]
    writer: IndexWriter
    progress: Progress = field(default_factory=Progress)
    tasks: dict[int, PartTask] = field(default_factory=dict)
    results: list[tuple[int, PartResult]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    unplaced: list[Issue] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def index(self) -> Path:
        """The index's file."""
        return self.folder / INDEX

    @property
    def spread(self) -> list[int]:
        """The numbers of the feeds with an item for each product in each place."""
        return [number for number, feed in enumerate(self.feeds) if feed.names.spread is not None]

    def lists(self, stream: int) -> bool:
        """Whether this stream is the first of its records: others have the same in another order."""
        streams = self.job.streams
        return all(one.record != streams[stream].record for one in streams[:stream])

    def issues(self) -> Iterator[Issue]:
        """All issues so far, as the report of a run has them."""
        parts = [issues_file(self.job.scratch, result.task.number) for _, result in self.results]
        return read_issues(path for path in [*self.files, *parts] if path.exists())

    def close(self) -> None:
        """Remove all that was kept."""
        self.writer.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def open_state(request: Request) -> State:
    """The project opened and compiled, with an empty index.

    Raises:
        FeedsmithError: the project, a channel, a rule, a template or a source is wrong.
    """
    folder = Path(tempfile.mkdtemp(prefix="feedsmith-preview-"))
    try:
        scratch = folder / "run"
        scratch.mkdir()
        job, issues = open_job(request, open_project(request), scratch)
        feeds = compile_feeds(job)
        issues += stores_without_stock(job, feeds)
        state = State(request, folder, job, feeds, IndexWriter(folder / INDEX, len(feeds)), unplaced=issues)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return state


def build(state: State, stop: Event, tell: Callable[[], None]) -> None:
    """Fill the index of a state.

    Args:
        state: what `open_state` gave.
        stop: asked after each part; when it is set, the work ends.
        tell: called when there is more to show.

    Raises:
        FeedsmithError: a source cannot be read to its end, or changed while it was read.
        Given: the work was given up.
    """
    started = time.monotonic()
    numbers = dict(enumerate(state.feeds))
    if not _must_sort(state):
        _first(state, tell)
    state.job, issues = in_groups(state.job, numbers, None)
    _early(state, [*state.unplaced, *issues, *(note for feed in state.feeds for note in feed.notes)])
    state.progress.total = state.job.bytes
    with _engine(state) as engine:
        work_out_ranks(state.job, numbers)
        for table, looked in _parts(state, engine, stop):
            _take(state, table, looked)
            tell()
    for stream in state.job.streams:
        for opened in (*stream.sources, *(table for join in stream.joins for table in join.tables)):
            check_unchanged(opened)
    _tell_joins(state)
    for number, feed in numbers.items():
        _decide(state, number, feed)
    state.progress.whole, state.progress.seconds = True, time.monotonic() - started
    tell()


def _must_sort(state: State) -> bool:
    """Whether the whole catalog is read before the first product can be shown."""
    return any(isinstance(feed, GroupedFeed) or feed.names.ranks for feed in state.feeds)


def _first(state: State, tell: Callable[[], None]) -> None:
    """The first few products at once, so that there is something to see."""
    scratch = state.folder / "first"
    scratch.mkdir()
    job = replace(state.job, scratch=scratch)
    engine = HereEngine(start_here, (IndexRunner(job, state.feeds),))
    for _, looked in run_parts(job, engine, look_at_part, FIRST):
        state.tasks[looked.result.task.number] = looked.result.task
        if not looked.result.task.stream:
            state.writer.take(looked)
            state.progress.products += len(looked.listed)
    tell()


def _parts(state: State, engine: Engine, stop: Event) -> Iterator[tuple[int, LookedAt]]:
    parts = run_parts(state.job, engine, look_at_part, None)
    state.progress.products = 0
    for found in parts:
        if stop.is_set():
            parts.close()  # type: ignore[attr-defined] # a generator
            raise Given
        yield found


def _take(state: State, table: int, looked: LookedAt) -> None:
    result = looked.result
    if state.lists(result.task.stream):
        state.writer.take(looked, anew=not state.results)
    else:
        state.writer.add(looked)
    if not state.results:
        _tell(state, state.files)
    state.tasks[result.task.number] = result.task
    state.results.append((table, result))
    state.progress.done += result.bytes
    if state.lists(result.task.stream) and looked.record == state.job.records[0]:
        state.progress.products += len(looked.listed)


@contextmanager
def _engine(state: State) -> Iterator[Engine]:
    workers = workers_for(state.request, state.job.bytes)
    if workers == 1:
        yield HereEngine(start_here, (IndexRunner(state.job, state.feeds),))
        return
    with running(LocalEngine(workers, start_worker, (leave_job(state.job),))) as engine:
        yield engine


# --- after the last part -----------------------------------------------------------------------------------------


def _early(state: State, issues: list[Issue]) -> None:
    """Issues that no part tells."""
    path = state.job.scratch / f"more-{len(state.files)}.issues"
    write_issues(path, issues)
    state.files.append(path)
    if state.results:
        _tell(state, [path])


def _tell(state: State, files: list[Path]) -> None:
    """Count the issues of these files."""
    state.writer.tell((kind_of(issue), issue.place.path, issue.place.row or 0) for issue in read_issues(files))


def _tell_joins(state: State) -> None:
    """What was found in the joined sources."""
    for number, stream in enumerate(state.job.streams):
        tallies = [JoinTally(join) for join in stream.joins]
        for _, result in state.results:
            if result.task.stream == number:
                for tally, part in zip(tallies, result.joined, strict=True):
                    tally.take(part)
        _early(state, [issue for tally in tallies for issue in tally.issues()])


def _decide(state: State, number: int, feed: CompiledFeed) -> None:
    """The checks over all products of one feed: what they tell, and which products leave it."""
    name = feed.spec.name
    stream, position = state.job.position_of(name)
    results = [result for _, result in state.results if result.task.stream == stream]
    failure = next((one.feeds[position].failure for one in results if one.feeds[position].failure), "")
    if failure:
        state.failures[name] = failure
    if failure or not feed.sets:
        return
    sections = [result.sections[position] for result in results]
    task = decide_task(state.job, feed, sections, state.job.scratch / f"sets-{name}.issues")
    decided = decide(task)
    state.files.append(task.issues)
    _tell(state, [task.issues])
    places = []
    for spot in decided.removed:
        names = task.sections[spot.part].names()
        place = task.tables[names.table].place(names.lines[spot.item])
        places.append((place.path, place.row or 0))
    state.writer.reject(places, number)
