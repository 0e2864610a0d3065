"""From a request to a job: sources and tables opened. Apart from `request`, as it imports most of the rooms."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from feedsmith.catalog.headings import Claim
from feedsmith.catalog.records import PRODUCT, RECORDS, Record
from feedsmith.definitions.load import Project
from feedsmith.definitions.model import nearest
from feedsmith.definitions.project import SourceDefinition
from feedsmith.errors import UsageError
from feedsmith.issues import Issue
from feedsmith.run.catalog import Catalog, Opening, load_lookups, load_taxonomies, open_catalog, open_records
from feedsmith.run.delta.choose import check_deltas, left_out, with_deltas
from feedsmith.run.job import Job, Stream
from feedsmith.run.joins import Joined, open_joins
from feedsmith.run.places import load_places
from feedsmith.run.prices import load_rates
from feedsmith.run.remembered import remembered
from feedsmith.run.request import COMMAND_LINE, File, Request, chosen_feeds, state_folder
from feedsmith.run.spread import OWN_VALUES
from feedsmith.run.spread import Place as SpreadPlace
from feedsmith.run.unknown_names import check_names


def _given(request: Request, project: Project) -> dict[str, tuple[File, ...]]:
    """What `--catalog` names, by source, "" being the main one; promotions and the like go by what they are."""
    catalog = project.definition.catalog
    titles = [record.title for record in RECORDS.values() if record is not PRODUCT]
    known = [*catalog.sources, *(one for one in titles if isinstance(getattr(catalog, one), SourceDefinition))]
    found = {"": tuple(_from_here(request, path) for path in request.catalog)} if request.catalog else {}
    for name, path in request.sources:
        if name not in known:
            hint = nearest(name, known) or "write --catalog FILE"
            raise UsageError(COMMAND_LINE, f"--catalog {name}=…: the project has no source {name!r}", hint)
        found[name] = (*found.get(name, ()), _from_here(request, path))
    return found


def _from_here(request: Request, path: File) -> File:
    return path if isinstance(path, str) else request.here / path


RECORD_OF: Mapping[str, str] = {"store": "product", "region": "product", "group": "product"}
"""What an item is made of, where that is not a record of its own name."""


def open_job(request: Request, project: Project, scratch: Path) -> tuple[Job, list[Issue]]:
    """Everything for a run: feeds resolved, sources and tables opened; and what was wrong with the sources.

    Raises:
        FeedsmithError: what is wrong with the project or a source.
    """
    specs, channels = chosen_feeds(request, project)
    issues: list[Issue] = []
    for spec in specs:
        check_deltas(spec, channels[spec.channel], project.definition.feeds)
    check_names(project, specs, channels)
    if request.delta:
        specs, others = with_deltas(specs, channels, limited=request.limit is not None)
        issues += left_out(others, channels)
    items = [channels[spec.channel].definition.item for spec in specs]
    records = [RECORD_OF.get(item, item) for item in items]
    groups = [channels[spec.channel].definition.group for spec in specs]
    orders = [group.by if group is not None else "" for group in groups]
    streams: list[Stream] = []
    known = remembered(state_folder(request, project))
    opening = Opening(project, _given(request, project), [spec.market for spec in specs], scratch, known, request.now)
    for (record, _), feeds in _streams(records, orders).items():
        own = replace(opening, markets=[specs[number].market for number in feeds])
        stream, found = _opened(own, RECORDS[record])
        streams.append(replace(stream, feeds=feeds))
        issues += found
    places: dict[str, tuple[SpreadPlace, ...]] = {}
    for kind in OWN_VALUES:
        if kind in items:
            places[kind], told = load_places(replace(opening, markets=[]), kind)
            issues += told
    lookups = load_lookups(project, scratch)
    taxonomies = load_taxonomies(project)
    rates = load_rates(project, scratch, request.now.date())
    job = Job(
        project, channels, tuple(specs), tuple(streams), places, lookups, taxonomies, rates, request.now, scratch
    )  # fmt: skip
    return job, issues


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


def _opened(opening: Opening, record: Record) -> tuple[Stream, list[Issue]]:
    """The stream of a record, without its feeds, and what was wrong with its sources."""
    if record is not PRODUCT:
        opened = open_records(opening, record)
        return _stream(opened, opened.claims), list(opened.issues)
    opened = open_catalog(opening)
    joined = open_joins(opening, opened)
    return _stream(opened, joined.claims, joined), [*opened.issues, *joined.issues]


def _stream(opened: Catalog, claims: Mapping[str, Claim], joined: Joined | None = None) -> Stream:
    """The stream of an opened source; where its rows were put together, it reads what came of that."""
    made = opened.gathered
    stream = Stream(
        opened.record.name, opened.tables, claims, opened.options, opened.inherit, (), name=opened.name,
        held=opened.held, joins=joined.joins if joined else (), known=joined.headings if joined else {},
        system=opened.system,
    )  # fmt: skip
    if made is None:
        return stream
    return replace(
        stream, tables=(made.table,), inherit=None, parts=made.parts, put_in_order=opened.tables, read=made.rows
    )
