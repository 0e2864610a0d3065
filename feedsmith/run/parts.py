"""Handing out the parts of all source files in order; reading on in series where the borders were guessed wrong."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Protocol, TypeVar

from feedsmith.run.engine import Engine
from feedsmith.run.job import Job, PartTask, Stream
from feedsmith.sources.parts import BrokenPartError, Part, plan_parts, plan_parts_by_key, plan_parts_in_series
from feedsmith.sources.table import Table


class Rows(Protocol):
    """What a part came to, whatever was done with it: `rows` is how many records it read."""

    @property
    def rows(self) -> int:
        """Records read."""


Result = TypeVar("Result", bound=Rows)
Work = Callable[[PartTask], Result]


def run_parts(job: Job, engine: Engine, work: Work[Result], limit: int | None) -> Iterator[tuple[int, Result]]:
    """The number of the source file in its stream and the result of each part, in order; at most `limit` records each.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    numbers = count()
    for stream in range(len(job.streams)):
        if job.streams[stream].feeds:
            yield from _stream(job, engine, work, stream, numbers, limit)


def _stream(
    job: Job, engine: Engine, work: Work[Result], stream: int, numbers: Iterator[int], left: int | None
) -> Iterator[tuple[int, Result]]:
    for table in range(len(job.streams[stream].tables)):
        for result in _table(job.streams[stream], engine, work, (stream, table), numbers, left):
            left = left - result.rows if left is not None else None
            yield table, result
            if left is not None and left <= 0:
                return


def _table(
    stream: Stream,
    engine: Engine,
    work: Work[Result],
    where: tuple[int, int],
    numbers: Iterator[int],
    left: int | None,
) -> Iterator[Result]:
    """The parts of one file: by counted quotes; from the first part that this cut wrong, by reading each record.

    Results come in order, so all before the broken part were right; those after it are thrown away. No number is
    given twice: a worker may still be busy with a part that was cut wrong, and write its files.
    """
    opened = stream.tables[where[1]]
    plan = _planned(stream, opened)
    try:
        for result in _run(engine, work, plan, where, numbers, left):
            left = left - result.rows if left is not None else None
            yield result
            if left is not None and left <= 0:
                return
    except BrokenPartError as error:
        rest = plan_parts_in_series(opened, begin=error.part)
        yield from _run(engine, work, rest, where, numbers, left)


def _planned(stream: Stream, opened: Table) -> Iterator[Part]:
    """The parts of one of its files, as they are guessed at first."""
    if stream.parts:
        return iter(stream.parts)
    return plan_parts_by_key(opened, stream.inherit.by) if stream.inherit else plan_parts(opened)


def first_part(stream: Stream) -> Part | None:
    """The first part of the stream's first file; None where it has none, or cannot be cut before it is read."""
    try:
        return next(_planned(stream, stream.tables[0]), None)
    except BrokenPartError:
        return None


def _run(
    engine: Engine,
    work: Work[Result],
    parts: Iterator[Part],
    where: tuple[int, int],
    numbers: Iterator[int],
    left: int | None,
) -> Iterator[Result]:
    tasks = (PartTask(next(numbers), *where, part, left) for part in parts)
    yield from engine.map(work, tasks)
