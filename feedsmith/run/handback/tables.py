"""The sources of a run as reports read them again: record by record, as they stand in the user's files."""

from collections.abc import Iterator, Sequence
from functools import partial

from feedsmith.reports.report import ReadTable
from feedsmith.run.job import Job
from feedsmith.sources.dialect import read_lines
from feedsmith.sources.parts import Meter, record_ends
from feedsmith.sources.table import Table


def read_tables(job: Job) -> tuple[ReadTable, ...]:
    """All files that the run reads, once each."""
    found: dict[tuple[str, str | None], Table] = {}
    for stream in job.streams:
        for table in (*stream.sources, *(one for join in stream.joins for one in join.tables)):
            found.setdefault((table.shown, table.sheet), table)
    return tuple(
        ReadTable(one.shown, one.sheet, one.format, one.source, one.header_row, one.headings, partial(_rows, one))
        for one in found.values()
    )


def _rows(table: Table) -> Iterator[tuple[int, Sequence[str]]]:
    with table.path.open("rb") as file:
        file.seek(table.data_offset)
        line = table.first_line
        for _, after, row in record_ends(table, Meter(read_lines(file, table.shown, line), table.data_offset, line)):
            yield (int(row[0]), row[1:]) if table.numbered else (line, row)
            line = after
