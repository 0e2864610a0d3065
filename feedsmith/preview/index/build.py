"""Carrying a catalog as a run would, in the background, and writing the preview's index as its parts come.

A state is built anew, or goes on with the one before it: then only the feeds that changed are carried again, and the
figures of all others stay.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TypeVar

from feedsmith.issues import Issue
from feedsmith.preview.index.changed import Inputs, inputs_of
from feedsmith.preview.index.left import CATALOG, COMPARED
from feedsmith.preview.index.look import (
    Again,
    IndexRunner,
    LookedAt,
    end_here,
    kind_of,
    look_at_part,
    start_here,
    start_worker,
)
from feedsmith.preview.index.state import Carried, Home, Progress, State
from feedsmith.reports.store import read_issues, write_issues
from feedsmith.run.catalog import load_lookups
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.consistency import CODE
from feedsmith.run.decide import decide
from feedsmith.run.engine import Engine, HereEngine, LocalEngine, running, start_server
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.finish import decide_task
from feedsmith.run.grouped import GroupedFeed
from feedsmith.run.held import stores_without_stock
from feedsmith.run.in_process import leave
from feedsmith.run.job import Job, PartResult, PartTask
from feedsmith.run.many import workers_for
from feedsmith.run.opening import open_job
from feedsmith.run.parts import first_part, run_parts
from feedsmith.run.ranking import ranks_used, work_out_ranks
from feedsmith.run.regroup import in_groups
from feedsmith.run.request import Request, open_project
from feedsmith.run.unmatched import JoinTally
from feedsmith.sources.parts import BrokenPartError
from feedsmith.sources.table import check_unchanged

FIRST = 200
"""Products that are shown before the first part is done."""
FIRST_PART = -1
"""The number of the part that these are of."""
Feeds = Mapping[int, CompiledFeed]
Part = TypeVar("Part")


class Given(Exception):  # noqa: N818 - no error: nobody wants the result any more
    """The work was given up, as newer work waits."""


def open_state(request: Request, before: State | None = None) -> State:
    """The project opened and compiled: with an empty index, or with that of a whole state before it.

    Raises:
        FeedsmithError: the project, a channel, a rule, a template or a source is wrong.
    """
    inputs = inputs_of(request)
    if before is not None and inputs.same_products(before.inputs):
        state = _continued(inputs, before)
        if state is not None:
            return state
    home = Home()
    try:
        job, issues = open_job(request, open_project(request), home.new_pass())
        feeds = compile_feeds(job)
        home.begin(len(feeds))
        return State(request, home, job, feeds, inputs, unplaced=issues, ranking=_ranking(feeds))
    except BaseException:
        home.remove()
        raise


def _continued(inputs: Inputs, before: State) -> State | None:
    """A state of the same products with other rules; None where the products may have to be put in another order."""
    home, old = before.home, before.job
    scratch = home.new_pass()
    try:
        tables = inputs.tables != before.inputs.tables
        lookups = load_lookups(inputs.project, scratch) if tables else old.lookups
        job = replace(
            old, project=inputs.project, channels=inputs.channels, specs=inputs.specs, lookups=lookups, scratch=scratch
        )
        feeds = compile_feeds(job)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    failed = {at for at, feed in enumerate(before.feeds) if feed.spec.name in before.failures}
    changed = inputs.changed_feeds(before.inputs, feeds, failed, _fixed(before, job, feeds))
    if changed is None:
        return None
    _keep_ranks(before.feeds, feeds, changed)
    progress = Progress(before.progress.total, products=before.progress.products, whole=not changed)
    state = State(
        inputs.request, home, job, feeds, inputs, changed, progress, before.tasks, before.unplaced,
        before.carried.copy(), ranking=_ranking([feeds[at] for at in changed]),
    )  # fmt: skip
    if not changed:
        _write_early(state, state.carried)  # what is told of a feed as a whole names its place in the project
    return state


def _fixed(before: State, job: Job, feeds: list[CompiledFeed]) -> frozenset[int]:
    """The feeds of which something that was told names the place of a rule, so that it matters where rules stand."""
    old, new = (
        [[kind_of(issue) for issue in _of_feed(one, feed)] for feed in all_feeds]
        for one, all_feeds in ((before.job, before.feeds), (job, feeds))
    )
    return before.carried.naming | {at for at, told in enumerate(new) if told != old[at]}


def _of_feed(job: Job, feed: CompiledFeed) -> list[Issue]:
    """What is told of a feed as a whole."""
    return [*stores_without_stock(job, [feed]), *feed.notes]


def _ranking(feeds: Iterable[CompiledFeed]) -> frozenset[str]:
    """The feeds with rules that ask for ranks."""
    return frozenset(feed.spec.name for feed in feeds if ranks_used(feed))


def _keep_ranks(before: list[CompiledFeed], feeds: list[CompiledFeed], changed: frozenset[int]) -> None:
    """The ranks of feeds that did not change, where their rules look for them."""
    for number, (old, new) in enumerate(zip(before, feeds, strict=True)):
        known, wanted = ([rank.cuts.path for rank in feed.names.ranks.values()][:1] for feed in (old, new))
        if number not in changed and known and known[0].exists():
            os.link(known[0], wanted[0])


def build(state: State, stop: Event, tell: Callable[[], None]) -> None:
    """Fill the index of a state, or mend it where only some feeds changed; then the old figures stay until the end.

    Args:
        state: what `open_state` gave.
        stop: asked after each part; when it is set, the work ends.
        tell: called when there is more to show.

    Raises:
        FeedsmithError: a source cannot be read to its end, or changed while it was read.
        Given: the work was given up.
    """
    started = time.monotonic()
    if state.changed is None:
        _fill(state, stop, tell)
    elif state.changed:
        _mend(state, state.changed, stop, tell)
    state.progress.whole, state.progress.seconds = True, time.monotonic() - started
    tell()


# --- the whole catalog -------------------------------------------------------------------------------------------


def _fill(state: State, stop: Event, tell: Callable[[], None]) -> None:
    numbers = dict(enumerate(state.feeds))
    if workers_for(state.request, state.job.bytes) > 1:
        start_server(look_at_part.__module__)
    _first(state, tell)
    job, issues = in_groups(state.job, numbers, None)
    _go_on(stop)
    state.unplaced += issues
    state.progress.total = job.bytes
    state.carried.folders = dict.fromkeys([CATALOG, COMPARED, *numbers], job.scratch)
    results: list[tuple[int, PartResult]] = []
    with _engine(state, job, None) as engine:
        work_out_ranks(job, numbers)
        state.ranking = frozenset()
        for table, looked in _until(stop, run_parts(job, engine, look_at_part, None)):
            _take(state, job, table, looked)
            results.append((table, looked.result))
            tell()
    if not results:
        state.job, state.waiting = job, frozenset()
    _check(job)
    _finish(state, numbers, results, state.carried)


def _first(state: State, tell: Callable[[], None]) -> None:
    """The first few products at once, so that there is something to see; feeds that need all products wait."""
    groups = {feed.spec.name for feed in state.feeds if isinstance(feed, GroupedFeed)}
    state.waiting = state.ranking | groups
    able = {at for at, feed in enumerate(state.feeds) if feed.spec.name not in state.waiting}
    scratch = state.job.scratch / "first"
    scratch.mkdir()
    streams = [replace(one, feeds=tuple(at for at in one.feeds if at in able)) for one in state.job.streams]
    part = first_part(streams[0])
    if part is None:
        return
    runner = IndexRunner(replace(state.job, scratch=scratch, streams=tuple(streams)), state.feeds)
    task = PartTask(FIRST_PART, 0, 0, part, FIRST)
    try:
        looked = runner.look(task)
    except BrokenPartError:  # it is cut otherwise when the file is read from its beginning
        return
    state.tasks[FIRST_PART] = state.job.streams[0], task
    state.writer.take(looked)
    state.progress.products = len(looked.listed)
    tell()


def _take(state: State, job: Job, table: int, looked: LookedAt) -> None:
    """Add a part to the index; the first one in place of the products that were shown before it."""
    task, begins = looked.result.task, not state.carried.parts
    state.tasks[task.number] = job.streams[task.stream], task
    if state.lists(task.stream):
        state.writer.take(looked, anew=begins)
    else:
        state.writer.add(looked, looked.feeds)
    if begins:
        state.job, state.waiting, state.progress.products = job, frozenset(), 0
    state.carried.parts.append((table, task))
    state.carried.naming |= looked.naming
    state.progress.done += looked.result.bytes
    if state.lists(task.stream) and looked.record == job.records[0]:
        state.progress.products += len(looked.listed)


# --- feeds that changed ------------------------------------------------------------------------------------------


def _mend(state: State, changed: frozenset[int], stop: Event, tell: Callable[[], None]) -> None:
    """Carry some feeds again, in the parts that are known; readers of the index see all of it at the end."""
    job, writer, carried = state.job, state.writer, state.carried.copy()
    feeds = {at: feed for at, feed in enumerate(state.feeds) if at in changed}
    names = {at: feed.spec.name for at, feed in feeds.items()}
    again = Again(changed, {at: folder for at, folder in carried.folders.items() if at not in changed})
    results: list[tuple[int, PartResult]] = []
    naming = set(carried.naming - changed)
    with writer.together(), _engine(state, job, again) as engine:
        work_out_ranks(job, feeds)
        state.ranking = frozenset()
        writer.forget(names, [CODE])
        parts = engine.map(look_at_part, [task for _, task in carried.parts])
        for (table, task), looked in zip(carried.parts, _until(stop, parts), strict=True):
            (writer.mend if state.lists(task.stream) else writer.add)(looked, changed)
            results.append((table, looked.result))
            naming |= looked.naming
            state.progress.done += looked.result.bytes
            tell()
        _check(job)
        carried.naming = frozenset(naming)
        carried.folders |= dict.fromkeys([CATALOG, COMPARED, *changed], job.scratch)
        carried.failures = {name: why for name, why in carried.failures.items() if name not in names.values()}
        carried.sets = {at: path for at, path in carried.sets.items() if at not in changed}
        _finish(state, feeds, results, carried)
        writer.recount()
    state.carried = carried


# --- after the last part -----------------------------------------------------------------------------------------


def _finish(state: State, feeds: Feeds, results: list[tuple[int, PartResult]], carried: Carried) -> None:
    """What is told once, and the checks over all products of these feeds."""
    job = state.job
    carried.joined = list(_of_joins(job, results))
    early = _write_early(state, carried)
    known = {feed.spec.name for at, feed in enumerate(state.feeds) if at not in feeds}
    _tell(state, (issue for issue in early if issue.feed not in known))
    for number, feed in feeds.items():
        _decide(state, number, feed, results, carried)
    for path in job.scratch.glob("*.part"):  # only checks over all products read them
        path.unlink()


def _write_early(state: State, carried: Carried) -> list[Issue]:
    """Keep the issues of no part."""
    of_feeds = [issue for feed in state.feeds for issue in _of_feed(state.job, feed)]
    early = [*state.unplaced, *of_feeds, *carried.joined]
    carried.early = state.job.scratch / "early.issues"
    write_issues(carried.early, early)
    return early


def _tell(state: State, issues: Iterable[Issue]) -> None:
    """Count issues."""
    state.writer.tell((kind_of(issue), issue.place.path, issue.place.row or 0) for issue in issues)


def _of_joins(job: Job, results: list[tuple[int, PartResult]]) -> Iterator[Issue]:
    """What was found in the joined sources."""
    for number, stream in enumerate(job.streams):
        tallies = [JoinTally(join) for join in stream.joins]
        for _, result in results:
            if result.task.stream == number:
                for tally, part in zip(tallies, result.joined, strict=True):
                    tally.take(part)
        yield from (issue for tally in tallies for issue in tally.issues())


def _decide(
    state: State, number: int, feed: CompiledFeed, results: list[tuple[int, PartResult]], carried: Carried
) -> None:
    """The checks over all products of one feed: what they tell, and which products leave it."""
    name = feed.spec.name
    stream, position = state.job.position_of(name)
    own = [result for _, result in results if result.task.stream == stream]
    failure = next((one.feeds[position].failure for one in own if one.feeds[position].failure), "")
    if failure:
        carried.failures[name] = failure
    if failure or not feed.sets:
        return
    sections = [result.sections[position] for result in own]
    path = carried.sets[number] = state.job.scratch / f"sets-{number}.issues"
    task = decide_task(state.job, feed, sections, path)
    decided = decide(task)
    _tell(state, read_issues([path]))
    places = []
    for spot in decided.removed:
        names = task.sections[spot.part].names()
        place = task.tables[names.table].place(names.lines[spot.item])
        places.append((place.path, place.row or 0))
    state.writer.reject(places, number)


def _check(job: Job) -> None:
    """Refuse what changed while it was read."""
    for stream in job.streams:
        for opened in (*stream.sources, *(table for join in stream.joins for table in join.tables)):
            check_unchanged(opened)


def _until(stop: Event, parts: Iterator[Part]) -> Iterator[Part]:
    """The parts, as long as somebody wants them."""
    for found in parts:
        _go_on(stop)
        yield found


def _go_on(stop: Event) -> None:
    if stop.is_set():
        raise Given


@contextmanager
def _engine(state: State, job: Job, again: Again | None) -> Iterator[Engine]:
    workers = workers_for(state.request, job.bytes)
    if workers == 1:
        try:
            yield HereEngine(start_here, (IndexRunner(job, state.feeds, again),))
        finally:
            end_here()
        return
    left: Path = leave((job, again), job.scratch / "looking")
    with running(LocalEngine(workers, start_worker, (left,))) as engine:
        yield engine
