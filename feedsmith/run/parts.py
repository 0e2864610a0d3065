"""Handing out the parts of all source files in order; reading on in series where the borders were guessed wrong."""

from collections.abc import Iterator
from itertools import count

from feedsmith.run.engine import Engine
from feedsmith.run.job import Job, PartResult, PartTask
from feedsmith.run.worker import run_part
from feedsmith.sources.parts import BrokenPartError, Part, plan_parts, plan_parts_by_key, plan_parts_in_series


def run_parts(job: Job, engine: Engine, limit: int | None) -> Iterator[tuple[int, PartResult]]:
    """The number of the source file and the result of each part, in order; at most `limit` products.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    numbers, left = count(), limit
    for table in range(len(job.tables)):
        for result in _table(job, engine, table, numbers, left):
            left = left - result.rows if left is not None else None
            yield table, result
            if left is not None and left <= 0:
                return


def _table(job: Job, engine: Engine, table: int, numbers: Iterator[int], left: int | None) -> Iterator[PartResult]:
    """The parts of one file: by counted quotes; from the first part that this cut wrong, by reading each record.

    Results come in order, so all before the broken part were right; those after it are thrown away. No number is
    given twice: a worker may still be busy with a part that was cut wrong, and write its files.
    """
    opened = job.tables[table]
    plan = plan_parts_by_key(opened, job.inherit.by) if job.inherit else plan_parts(opened)
    try:
        for result in _run(engine, plan, table, numbers, left):
            left = left - result.rows if left is not None else None
            yield result
            if left is not None and left <= 0:
                return
    except BrokenPartError as error:
        rest = plan_parts_in_series(opened, begin=error.part)
        yield from _run(engine, rest, table, numbers, left)


def _run(
    engine: Engine, parts: Iterator[Part], table: int, numbers: Iterator[int], left: int | None
) -> Iterator[PartResult]:
    tasks = (PartTask(next(numbers), table, part, left) for part in parts)
    yield from engine.map(run_part, tasks)
