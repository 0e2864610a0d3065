"""Explaining one row of a batch that is at hand, without a pass over the catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from feedsmith.catalog.conform import Conformer
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.run.explain import ExplainedProduct, explain_in
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.find import row_of
from feedsmith.run.grouped import GroupedFeed, group_keys
from feedsmith.run.job import Job
from feedsmith.run.siblings import Subject, each_alone
from feedsmith.sources.batch import Batch


def explain_row(
    job: Job,
    feeds: list[CompiledFeed],
    batch: Batch,
    at: int,
    record: str = PRODUCT.name,
    places: Mapping[str, Sequence[int]] | None = None,
) -> ExplainedProduct:
    """What became of one row of a batch in each feed of its kind of record; the batch holds all rows of its groups.

    `places` has, for a feed with an item for each place, the numbers of those that are asked for; else all are told.
    What checks over the whole feed say of it is not told. Ranks must be worked out already.
    """
    conformer = job.stream_with(record).conformer()
    products = conformer.conform(batch)
    row = row_of(batch, products, at)
    alone = conformer.conform(row.batch)
    own = [feed for feed in feeds if feed.names.record is alone.record]
    told = [
        explain_in(feed, subject_among(conformer, feed, products, alone, at))[0] for feed in each_alone(own, places)
    ]
    return ExplainedProduct(row, (*row.batch.issues, *alone.issues), tuple(told))


def subject_among(conformer: Conformer, feed: CompiledFeed, products: Products, alone: Products, at: int) -> Subject:
    """The product `alone`, or row `at` among those of its group, where the feed's items are groups."""
    if not isinstance(feed, GroupedFeed):
        return Subject(alone, alone)
    keys = group_keys(feed, products)
    start, end = at, at + 1
    while keys[at] is not None and start and keys[start - 1] == keys[at]:
        start -= 1
    while keys[at] is not None and end < len(keys) and keys[end] == keys[at]:
        end += 1
    return Subject(alone, conformer.conform(replace(products.batch.stretch(start, end), issues=())), at - start)
