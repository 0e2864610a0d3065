"""Handing out the parts of all source files in order; reading on in series where the borders were guessed wrong."""

from collections.abc import Iterator
from itertools import count

from feedsmith.run.engine import Engine
from feedsmith.run.job import Job, PartResult, PartTask, Stream
from feedsmith.run.worker import run_part
from feedsmith.sources.parts import BrokenPartError, Part, plan_parts, plan_parts_by_key, plan_parts_in_series


def run_parts(job: Job, engine: Engine, limit: int | None) -> Iterator[tuple[int, PartResult]]:
    """The number of the source file in its stream and the result of each part, in order; at most `limit` records each.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    numbers = count()
    for stream in range(len(job.streams)):
        yield from _stream(job, engine, stream, numbers, limit)


def _stream(
    job: Job, engine: Engine, stream: int, numbers: Iterator[int], left: int | None
) -> Iterator[tuple[int, PartResult]]:
    for table in range(len(job.streams[stream].tables)):
        for result in _table(job.streams[stream], engine, (stream, table), numbers, left):
            left = left - result.rows if left is not None else None
            yield table, result
            if left is not None and left <= 0:
                return


def _table(
    stream: Stream, engine: Engine, where: tuple[int, int], numbers: Iterator[int], left: int | None
) -> Iterator[PartResult]:
    """The parts of one file: by counted quotes; from the first part that this cut wrong, by reading each record.

    Results come in order, so all before the broken part were right; those after it are thrown away. No number is
    given twice: a worker may still be busy with a part that was cut wrong, and write its files.
    """
    opened = stream.tables[where[1]]
    plan = plan_parts_by_key(opened, stream.inherit.by) if stream.inherit else plan_parts(opened)
    try:
        for result in _run(engine, plan, where, numbers, left):
            left = left - result.rows if left is not None else None
            yield result
            if left is not None and left <= 0:
                return
    except BrokenPartError as error:
        rest = plan_parts_in_series(opened, begin=error.part)
        yield from _run(engine, rest, where, numbers, left)


def _run(
    engine: Engine, parts: Iterator[Part], where: tuple[int, int], numbers: Iterator[int], left: int | None
) -> Iterator[PartResult]:
    tasks = (PartTask(next(numbers), *where, part, left) for part in parts)
    yield from engine.map(run_part, tasks)
