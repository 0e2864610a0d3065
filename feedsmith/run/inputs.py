"""The files that a run reads, before any is opened."""

import glob
from collections.abc import Iterator
from pathlib import Path

from feedsmith.definitions.load import Project, project_file
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import SourceDefinition
from feedsmith.run.request import Request, open_project

OWN_NAMES = ("source", "stores", "regions", "promotions", "reviews")
"""Keys of `catalog:` that may hold a source."""


def main_files(request: Request, project: Project) -> list[Path]:
    """The files that are read row by row, as far as they are there; of an address nothing is known."""
    catalog = project.definition.catalog
    name, source = next(iter(catalog.sources.items()), ("", None))
    given = [*request.catalog, *(path for other, path in request.sources if other == name)]
    paths = [request.here / path for path in given] or _files(project, catalog.source or source)
    return [path for path in paths if path.is_file()]


def input_files(request: Request) -> list[Path]:
    """Every file that holds what the run reads: the project's own, all sources, or the feed that it only checks."""
    if request.feed is not None:
        return [request.here / request.feed.path]
    project = open_project(request)
    tables = [project.folder / path for path in project.definition.tables.values()]
    own = [path for path in [project_file(request.project, request.here)] if path is not None]
    return [*own, *source_files(request, project), *tables]


def source_files(request: Request, project: Project) -> list[Path]:
    """The files of all sources, as far as they are there."""
    sources = [one for _, one in sources_of(project) if one is not project.definition.catalog.source]
    named = [request.here / path for _, path in request.sources]
    return [*main_files(request, project), *named, *(path for one in sources for path in _files(project, one))]


def sources_of(project: Project) -> Iterator[tuple[Node, SourceDefinition]]:
    """All sources, each with what the project file says of it, or with the block around that."""
    catalog, node = project.definition.catalog, project.root.map.get("catalog", project.root)
    named = node.map.get("sources", node)
    yield from ((named.map.get(name, named), one) for name, one in catalog.sources.items())
    for name in OWN_NAMES:
        one = getattr(catalog, name)
        if isinstance(one, SourceDefinition):
            yield node.map.get(name, node), one


def _files(project: Project, source: SourceDefinition | None) -> list[Path]:
    patterns = source.path if source is not None else []
    names = [name for one in patterns for name in glob.glob(one, root_dir=project.folder)]  # noqa: PTH207 - Path.glob refuses absolute patterns
    return [project.folder / name for name in names]
