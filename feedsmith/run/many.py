"""How many workers a run is worth."""

from feedsmith.definitions.load import Project
from feedsmith.run.engine import cores
from feedsmith.run.inputs import main_files
from feedsmith.run.request import Request

SMALL = 6_000_000
"""Bytes of sources below which workers would cost more than they save (about 10,000 products)."""


def workers_for(request: Request, size: int) -> int:
    """The workers of a run over sources of `size` bytes; with 1 it is done in this process."""
    if request.limit is not None or (size < SMALL and request.workers is None):
        return 1
    return request.workers or cores()


def feed_bytes(request: Request) -> int:
    """The bytes of the feed that the request only reads."""
    path = request.here / request.feed.path if request.feed is not None else None
    return path.stat().st_size if path is not None and path.is_file() else 0


def source_bytes(request: Request, project: Project) -> int:
    """The bytes of the files that are read row by row, before any is opened; what cannot be found counts for nothing.

    Joined sources do not count: they are read by one process.
    """
    return sum(path.stat().st_size for path in main_files(request, project))
