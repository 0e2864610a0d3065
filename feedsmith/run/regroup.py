"""Putting products of one group next to each other, for feeds whose items are groups.

An export may have a group's products anywhere: children before parents, later additions at the end. They are put into
a spool in the order of each group's first product. Rows go to buckets on disk by their key, each bucket is put in
order by itself, and the buckets are merged: memory does not grow with the catalog.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

from feedsmith.issues import Issue
from feedsmith.run.buckets import BUCKET, Records, Row, spooled_parts
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.grouped import GroupedFeed, group_keys
from feedsmith.run.job import Job, Stream
from feedsmith.run.joining import uses
from feedsmith.run.worker import leave_job
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.files import FileLines
from feedsmith.sources.inherit import inherited
from feedsmith.sources.parts import PART_BYTES, Part
from feedsmith.sources.spool import SPOOL, new_spool
from feedsmith.sources.table import Table

_ROWS = Records(Row)


def in_groups(job: Job, feeds: Mapping[int, CompiledFeed], limit: int | None) -> tuple[Job, list[Issue]]:
    """The job with the products of each group next to each other, where a feed's items are groups.

    `feeds` are the compiled feeds by their number in the job. Workers take the job anew with their first part.

    Raises:
        SourceError: a file cannot be read to its end.
        OutputError: the scratch folder is full.
    """
    streams = list(job.streams)
    issues: list[Issue] = []
    for number, stream in enumerate(streams):
        grouped = [feed for one in stream.feeds if isinstance(feed := feeds[one], GroupedFeed)]
        if grouped:
            streams[number], found = regrouped(job, stream, grouped[0], limit)
            issues += found
    if tuple(streams) != job.streams:
        job = replace(job, streams=tuple(streams))
        leave_job(job)
    return job, issues


def regrouped(job: Job, stream: Stream, feed: GroupedFeed, limit: int | None) -> tuple[Stream, list[Issue]]:
    """The stream with its products in the order of their groups, at most `limit`; what was wrong with the files.

    Raises:
        SourceError: a file cannot be read to its end.
        OutputError: the scratch folder is full.
    """
    reader = _Reader(stream, feed, limit)
    size = sum(table.path.stat().st_size for table in stream.tables)
    number = size // BUCKET + 1
    with ExitStack() as stack:
        paths = [job.scratch / f"group-{bucket}" for bucket in range(number)]
        buckets = [stack.enter_context(path.open("wb")) for path in paths]
        for row in reader.rows():
            _ROWS.write(buckets[hash(row.key if row.key is not None else row.number) % number], row)
    for path in paths:
        _put_in_order(path)
    with ExitStack() as stack:
        runs = [_ROWS.read(stack.enter_context(path.open("rb"))) for path in paths]
        merged = heapq.merge(*runs, key=attrgetter("first", "number"))
        spool, parts = _spooled(merged, job.scratch)
    for path in paths:
        path.unlink()
    table = replace(
        stream.tables[0], path=spool, dialect=SPOOL, line_end=b"\n", data_offset=0, first_line=1, numbered=True,
        open_ended=False, files=_files(stream, reader.files),
    )  # fmt: skip
    read = stream.read or tuple(reader.counts)
    ordered = replace(stream, tables=(table,), inherit=None, parts=parts, put_in_order=stream.sources, read=read)
    return ordered, reader.issues


def _files(stream: Stream, read: list[FileLines]) -> tuple[FileLines, ...]:
    """Which file the rows come from: as the one table knows already, or as the files were read."""
    if len(stream.tables) > 1:
        return tuple(read)
    return stream.tables[0].files


class _Reader:
    """Reads a stream's rows with their keys; counts the rows of each file and keeps its issues."""

    def __init__(self, stream: Stream, feed: GroupedFeed, limit: int | None) -> None:
        self.stream, self.feed, self.left = stream, feed, limit
        self.conformer = stream.conformer()
        headings = self.conformer.headings(feed.names.keys(feed.by))
        joined = any(uses(join, headings, stream.claims) for join in stream.joins)
        self.joiner = stream.joiner(headings) if joined else None
        """A group's key may come from a joined source; all else is joined later, by the workers."""
        self.counts: list[int] = []
        self.files: list[FileLines] = []
        self.issues: list[Issue] = []

    def rows(self) -> Iterator[Row]:
        """Every row, table after table."""
        number = line = 0
        for table in self.stream.tables:
            self.files.append(FileLines(line, table.shown, table.sheet))
            self.counts.append(0)
            before = line
            for batch in self._batches(table):
                self.issues += batch.issues
                columns = [batch.columns[heading].values for heading in table.headings]
                cells = zip(*columns, strict=True)
                whole = self.joiner.joined(batch) if self.joiner else batch
                keys = group_keys(self.feed, self.conformer.conform(whole))
                for at, key, values in zip(batch.lines, keys, cells, strict=True):
                    if self.left is not None and sum(self.counts) >= self.left:
                        return
                    line = before + at
                    yield Row(0, number, key, line, list(values))
                    number += 1
                    self.counts[-1] += 1

    def _batches(self, table: Table) -> Iterator[Batch]:
        batches = read_table(table)
        return inherited(batches, self.stream.inherit) if self.stream.inherit else batches


def _put_in_order(path: Path) -> None:
    """Give each row of a bucket the number of its group's first row, and write them in that order."""
    rows = _ROWS.read_all(path)
    first: dict[str, int] = {}
    for row in rows:
        row.first = row.number if row.key is None else first.setdefault(row.key, row.number)
    rows.sort(key=attrgetter("first", "number"))
    with path.open("wb") as file:
        for row in rows:
            _ROWS.write(file, row)


def _spooled(rows: Iterable[Row], folder: Path) -> tuple[Path, tuple[Part, ...]]:
    """The spool, and its parts, each of whole groups."""
    with new_spool(folder) as (path, spool):
        return path, tuple(spooled_parts(rows, spool, PART_BYTES))
