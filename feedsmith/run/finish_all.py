"""Finishing all feeds of a run: set checks, guards, all files, and then one feed after the other is put in place."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import Protocol

from feedsmith.errors import FeedsmithError
from feedsmith.reports.report import FeedState
from feedsmith.run.eager import EagerFeed
from feedsmith.run.engine import Engine
from feedsmith.run.finish import FeedFinisher
from feedsmith.run.grouped import GroupedFeed
from feedsmith.run.job import PartResult, RedoTask
from feedsmith.run.recording import Recording
from feedsmith.run.scratch import again_file
from feedsmith.run.workbook import write_task
from feedsmith.run.worker import decide_feed, delta_of, redo_part

DONE = frozenset({FeedState.PUBLISHED, FeedState.UNCHANGED})
"""How a feed ended that stands as this run made it."""


class Parts(Protocol):
    """The parts of a run: since when it runs, and what each part of a stream came to."""

    started: float

    def of_stream(self, stream: int) -> list[PartResult]:
        """The parts of one stream, in order."""


def finish_all(
    finishers: list[FeedFinisher],
    engine: Engine,
    eager: list[EagerFeed | None],
    recording: Recording | None,
    parts: Parts,
) -> None:
    """Finish all feeds. Without a recording they are only checked."""
    going = [one for one in finishers if one.goes_on]
    for one, decision in zip(going, engine.map(decide_feed, [one.task() for one in going]), strict=True):
        one.decide(decision)
    if recording is None:
        return
    for one in going:
        one.judge(recording)
    for one in going:
        written = recording.begun is not None or one.feed.sends
        if isinstance(one.feed, GroupedFeed) and one.removed and written:
            again = _redo(one, parts)
            one.take_again(dict(zip(again, engine.map(redo_part, list(again.values())), strict=True)))
    _deltas([one for one in going if one.feed.sends], engine, recording)
    if recording.begun is None:
        return
    going = [one for one in going if one.goes_on]
    with ExitStack() as stack:
        _write(going, engine, dict(zip(finishers, eager, strict=True)), stack)
        _publish(going, recording, parts.started)
    records = [one.record(recording) for one in finishers]
    recording.note(records, lifted=[one.feed for one in records if one.state in DONE])
    recording.keep(records, engine)


def _deltas(going: list[FeedFinisher], engine: Engine, recording: Recording) -> None:
    """Find out what changed in feeds since their channels were sent them."""
    tasks = [one.delta_task(recording) for one in going]
    for one, found in zip(going, engine.map(delta_of, tasks) if tasks else (), strict=True):
        if isinstance(found, FeedsmithError):
            one.fail(found)
        else:
            one.take_delta(found)


def _write(
    going: list[FeedFinisher], engine: Engine, eager: Mapping[FeedFinisher, EagerFeed | None], stack: ExitStack
) -> None:
    """Write all temporary files, those of feeds that are held too, and bring them to the disk itself."""
    tasks = [one.stage(stack, eager[one]) for one in going]
    written = engine.map(write_task, [task for one in tasks for task in one])
    results = [list(islice(written, len(own))) for own in tasks]
    with ThreadPoolExecutor() as threads:  # a disk takes several files at once faster
        list(threads.map(FeedFinisher.take_written, going, results))


def _publish(going: list[FeedFinisher], recording: Recording, started: float) -> None:
    """Note what is about to be published, so that a run that is killed leaves no file that nobody knows; then do it."""
    going = [one for one in going if one.goes_on]
    for one in going:
        one.keep_ledger(recording)
    changing = [one for one in going if not one.held and one.changes]
    if changing:
        recording.note([one.record(recording) for one in changing], lifted=[])
    for one in going:
        one.publish(time.monotonic() - started, recording, changes=one in changing)


def _redo(finisher: FeedFinisher, parts: Parts) -> dict[int, RedoTask]:
    """The parts, by position, of a feed of groups that products must leave: a group is written anew without them."""
    number, position = finisher.job.position_of(finisher.feed.spec.name)
    results = parts.of_stream(number)
    gone: dict[int, set[int]] = {}
    for spot in finisher.removed:
        gone.setdefault(spot.part, set()).add(spot.item)
    tasks = {part: results[part].task for part in sorted(gone)}
    return {
        part: RedoTask(task, position, frozenset(gone[part]), again_file(finisher.job.scratch, task.number, position))
        for part, task in tasks.items()
    }
