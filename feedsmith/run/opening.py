"""From a request to a job: sources and tables opened. Apart from `request`, as it imports most of the rooms."""

from collections.abc import Mapping
from pathlib import Path

from feedsmith.catalog.records import PRODUCT, RECORDS, Record
from feedsmith.definitions.load import Project
from feedsmith.definitions.model import nearest
from feedsmith.definitions.resolve import MarketSettings
from feedsmith.errors import UsageError
from feedsmith.issues import Issue
from feedsmith.run.catalog import Catalog, load_lookups, load_taxonomies, open_catalog, open_records
from feedsmith.run.job import Job, Stream
from feedsmith.run.places import load_places
from feedsmith.run.request import COMMAND_LINE, Request, chosen_feeds
from feedsmith.run.spread import OWN_VALUES
from feedsmith.run.spread import Place as SpreadPlace


def _check_sources(request: Request, project: Project) -> None:
    known = project.definition.catalog.sources
    for name in request.sources:
        if name not in known:
            hint = nearest(name, known) or "write --catalog FILE"
            raise UsageError(COMMAND_LINE, f"--catalog {name}=…: the project has no source {name!r}", hint)


RECORD_OF: Mapping[str, str] = {"store": "product", "region": "product", "group": "product"}
"""What an item is made of, where that is not a record of its own name."""


def open_job(request: Request, project: Project, scratch: Path) -> tuple[Job, list[Issue]]:
    """Everything for a run: feeds resolved, sources and tables opened; and what was wrong with the sources.

    Raises:
        FeedsmithError: what is wrong with the project or a source.
    """
    specs, channels = chosen_feeds(request, project)
    _check_sources(request, project)
    items = [channels[spec.channel].definition.item for spec in specs]
    records = [RECORD_OF.get(item, item) for item in items]
    groups = [channels[spec.channel].definition.group for spec in specs]
    orders = [group.by if group is not None else "" for group in groups]
    streams: list[Stream] = []
    issues: list[Issue] = []
    for name, feeds in _streams(records, orders).items():
        opened = _opened(request, project, RECORDS[name[0]], [specs[number].market for number in feeds], scratch)
        streams.append(_stream(name[0], opened, feeds))
        issues += opened.issues
    places: dict[str, tuple[SpreadPlace, ...]] = {}
    for kind in OWN_VALUES:
        if kind in items:
            places[kind], found = load_places(project, kind, scratch)
            issues += found
    lookups = load_lookups(project, scratch)
    taxonomies = load_taxonomies(project)
    job = Job(project, channels, tuple(specs), tuple(streams), places, lookups, taxonomies, request.now, scratch)
    return job, issues


def _stream(record: str, opened: Catalog, feeds: tuple[int, ...]) -> Stream:
    """The stream of an opened source."""
    made = opened.gathered
    if made is None:
        return Stream(record, opened.tables, opened.claims, opened.options, opened.inherit, feeds, system=opened.system)
    return Stream(
        record, (made.table,), opened.claims, opened.options, None, feeds, made.parts, opened.tables, opened.system,
        made.rows,
    )  # fmt: skip


def _streams(records: list[str], orders: list[str]) -> dict[tuple[str, str], tuple[int, ...]]:
    """The numbers of the feeds of each stream: of one record, and in one order.

    Feeds of products go with those of groups, so that the catalog is read once; products are the first stream.
    """
    found: dict[tuple[str, str], list[int]] = {}
    for record in sorted(set(records), key=list(RECORDS).index):
        wanted = [order for one, order in zip(records, orders, strict=True) if one == record]
        first = next(filter(None, wanted), "")
        for number, (one, order) in enumerate(zip(records, orders, strict=True)):
            if one == record:
                found.setdefault((record, order or first), []).append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _opened(
    request: Request, project: Project, record: Record, markets: list[MarketSettings], scratch: Path
) -> Catalog:
    if record is not PRODUCT:
        return open_records(project, record, markets, scratch)
    return open_catalog(project, [request.here / path for path in request.catalog], markets, scratch)
