"""How many workers a run is worth."""

import glob
from pathlib import Path

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
    """The bytes of the catalog's files, before any is opened; what cannot be found counts for nothing."""
    catalog = project.definition.catalog
    named = [catalog.source, *catalog.sources.values()]
    found = [project.folder / name for one in named if one for path in one.path for name in _names(path, project)]
    return sum(path.stat().st_size for path in _given(request) or found if path.is_file())


def _given(request: Request) -> list[Path]:
    return [request.here / path for path in request.catalog]


def _names(pattern: str, project: Project) -> list[str]:
    return glob.glob(pattern, root_dir=project.folder)  # noqa: PTH207 - Path.glob refuses absolute patterns
