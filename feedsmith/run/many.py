"""How many workers a run is worth."""

import glob

from feedsmith.definitions.load import Project
from feedsmith.run.engine import cores
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
    catalog = project.definition.catalog
    name, source = next(iter(catalog.sources.items()), ("", None))
    source = catalog.source or source
    given = [*request.catalog, *(path for other, path in request.sources if other == name)]
    paths = [request.here / path for path in given]  # of an address nothing is known
    if not paths and source is not None:
        paths = [project.folder / one for pattern in source.path for one in _names(pattern, project)]
    return sum(path.stat().st_size for path in paths if path.is_file())


def _names(pattern: str, project: Project) -> list[str]:
    return glob.glob(pattern, root_dir=project.folder)  # noqa: PTH207 - Path.glob refuses absolute patterns
