"""A product as one item of a feed, to explain it: in one place alone, and with those that its rules may ask for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.grouped import GroupedFeed, group_keys
from feedsmith.run.job import Job
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.inherit import inherited


@dataclass(frozen=True, slots=True)
class Subject:
    """A product to explain: `alone`, and as the row `at` of all products of its group."""

    alone: Products
    products: Products
    at: int = 0


def each_alone(feeds: list[CompiledFeed], places: Mapping[str, Sequence[int]] | None = None) -> Iterator[CompiledFeed]:
    """The feeds; one of products in places as a feed for each place, so that a product is one item.

    `places` has by feed the numbers of the places that are asked for; where it names none, all are.
    """
    for feed in feeds:
        spread = feed.names.spread
        if spread is None:
            yield feed
        else:
            yield from map(feed.at, (places or {}).get(feed.spec.name, range(len(spread.places))))


def catalog_batches(job: Job, record: str = PRODUCT.name) -> Iterator[tuple[Batch, Products]]:
    """All records of a kind, batch by batch, as read and as canonical columns."""
    stream = job.stream_with(record)
    conformer, joiner = stream.conformer(), stream.joiner()
    for table in stream.tables:
        batches = read_table(table)
        for batch in joiner(inherited(batches, stream.inherit) if stream.inherit else batches):
            yield batch, conformer.conform(batch)


def one_row(batch: Batch, row: int) -> Batch:
    """A row as a batch of its own."""
    line = batch.lines[row]
    issues = tuple(issue for issue in batch.issues if issue.place.row == line)
    return replace(batch.stretch(row, row + 1), issues=issues)


def subjects(job: Job, feed: CompiledFeed, alone: list[Products]) -> list[Subject]:
    """The products of the catalog as this feed sees them: where its items are groups, each among its siblings.

    Raises:
        SourceError: a file cannot be read to its end.
    """
    keys = [group_keys(feed, one)[0] if isinstance(feed, GroupedFeed) else None for one in alone]
    wanted = frozenset(key for key in keys if key is not None)
    groups = _members(job, feed, wanted) if isinstance(feed, GroupedFeed) and wanted else {}
    return [_subject(job, one, groups.get(key or "", [])) for one, key in zip(alone, keys, strict=True)]


def _members(job: Job, feed: GroupedFeed, wanted: frozenset[str]) -> dict[str, list[Batch]]:
    """The rows of these groups, in the order of the catalog."""
    found: dict[str, list[Batch]] = {key: [] for key in wanted}
    for batch, products in catalog_batches(job):
        for row, key in enumerate(group_keys(feed, products)):
            if key in wanted:
                found[key].append(one_row(batch, row))
    return found


def _subject(job: Job, alone: Products, members: list[Batch]) -> Subject:
    own = alone.batch
    if len(members) < 2:  # noqa: PLR2004 - the product itself
        return Subject(alone, alone)
    at = next(row for row, one in enumerate(members) if (one.path, one.lines[0]) == (own.path, own.lines[0]))
    whole = replace(reduce(Batch.followed, members), path=own.path, issues=())
    return Subject(alone, job.stream_with(PRODUCT.name).conformer().conform(whole), at)
