"""What a project has and nothing uses: entries of its file, and columns of its catalog."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedsmith.definitions.unused import UnusedEntry, unused_entries
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.part import names_read, needed_headings
from feedsmith.run.request import Request


@dataclass(frozen=True)
class Unused:
    """Entries that nothing names, and the catalog's columns that no feed reads; empty where feeds were picked."""

    entries: tuple[UnusedEntry, ...] = ()
    columns: tuple[str, ...] = ()


def unused(request: Request, job: Job, feeds: Mapping[int, CompiledFeed]) -> Unused:
    """What nothing uses, where the request is for all feeds of the project."""
    if picks_feeds(request):
        return Unused()
    channels = [channel.node for channel in job.channels.values()]
    return Unused(tuple(unused_entries(job.project.root, channels)), _columns(job, feeds))


def picks_feeds(request: Request) -> bool:
    """Whether the request is for some of the project's feeds: of the others nothing is known then."""
    return bool(request.feeds or request.channels or request.markets)


def _columns(job: Job, feeds: Mapping[int, CompiledFeed]) -> tuple[str, ...]:
    """The columns of the products' sources that no feed reads, in the order of the file."""
    stream = job.streams[0]
    own = [feeds[number] for number in stream.feeds]
    read = needed_headings(own, stream.conformer(), stream, names_read(own))
    joined = [column.name for join in stream.joins for column in join.columns]
    headings = stream.tables[0].headings if stream.tables else ()
    return tuple(heading for heading in (*headings, *joined) if heading not in read)
