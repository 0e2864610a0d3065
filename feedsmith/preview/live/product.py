"""One product of a state, followed into each feed: read again from its part, explained, with its cards."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT
from feedsmith.issues import Issue
from feedsmith.mapping.rows import Memo
from feedsmith.preview.cards.plain import item_values
from feedsmith.preview.index.state import State
from feedsmith.preview.shown import Showing, ShownFeed, ShownProduct, shopper_of
from feedsmith.reports.store import read_issues
from feedsmith.run.explain import ExplainedFeed
from feedsmith.run.explain_row import explain_row
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.grouped import GroupedFeed, group_keys, whole_groups
from feedsmith.run.in_places import chosen_places, in_places
from feedsmith.run.job import Job, PartTask, Stream
from feedsmith.run.siblings import one_row
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_part
from feedsmith.sources.inherit import inherited
from feedsmith.texts.catalogue import Texts
from feedsmith.values.column import Column

KEPT = 4
"""Parts whose rows are kept for the next product."""
VARIANTS = 30
"""Variants of a group that a card shows."""
Rows = list[dict[str, Any]]


class Reader:
    """Reads rows of a state's catalog again, part by part."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._kept: OrderedDict[int, list[Batch]] = OrderedDict()

    def row(self, part: int, at: int) -> tuple[Batch, int]:
        """The batch that a product is in, and its row there."""
        for batch in self._batches(part):
            if at < len(batch):
                return batch, at
            at -= len(batch)
        raise LookupError(f"part {part} has no such row")

    def _batches(self, part: int) -> list[Batch]:
        found = self._kept.get(part)
        if found is None:
            found = self._kept[part] = list(self._read(*self.state.tasks[part]))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _read(self, stream: Stream, task: PartTask) -> Iterator[Batch]:
        """As a run reads a part, with all its columns."""
        batches = read_part(stream.tables[task.table], task.part)
        if stream.inherit:
            batches = inherited(batches, stream.inherit)
        grouped = [feed for number in stream.feeds if isinstance(feed := self.state.feeds[number], GroupedFeed)]
        batches = stream.joiner()(batches)
        if not grouped:
            return iter(batches)
        conformer = stream.conformer()

        def keys(batch: Batch) -> Column:
            return group_keys(grouped[0], conformer.conform(batch))

        return whole_groups(batches, keys)


def shown(
    reader: Reader,
    job: Job,
    feeds: Sequence[CompiledFeed],
    found: Mapping[str, Any],
    variants: Rows,
    texts: Texts,
    places: Mapping[str, str] | None = None,
    more: Iterable[Issue] | None = None,
    most: int = 1,
) -> ShownProduct:
    """A product, or another record, in each of these feeds that it goes into, with its cards.

    Args:
        reader: of the state that the product is in.
        job: the state's job, or one with other rules over the same sources.
        feeds: feeds of that job.
        found: the product as the index has it.
        variants: the products of its group, as the index has them.
        texts: the words of the page.
        places: the code of the store or region that is asked for, by feed; else the page chooses one.
        most: stores or regions that are shown of one feed.
        more: what checks over the whole catalog said of it; None where that is still to be looked up.
    """
    batch, at = reader.row(found["part"], found["at"])
    record = found["record"]
    issues = list(_of_sets(reader.state, found["path"], found["row"]) if more is None else more)
    alone = job.stream_with(record).conformer().conform(one_row(batch, at))
    spread = {feed.spec.name: in_places(feed, alone, issues) for feed in feeds if feed.names.record is alone.record}
    chosen = {name: chosen_places(told, (places or {}).get(name, ""), most) for name, told in spread.items() if told}
    numbers = {name: [place.number for place in found] for name, found in chosen.items()}
    explained = explain_row(job, list(feeds), batch, at, record, numbers)
    showing = Showing(job, feeds, {feed.spec.name: shopper_of(feed, job.now) for feed in feeds}, texts)
    others = _values(reader, job, feeds, variants) if record == PRODUCT.name else {}

    def one_feed(told: ExplainedFeed) -> ShownFeed:
        name = showing.feed_of(told)
        place = next((one for one in chosen.get(name, ()) if told.name == f"{name} {one.code}"), None)
        of_sets = issues if place is None else place.issues
        return replace(showing.feed(told, others.get(told.name, ()), of_sets), place=place, places=spread[name])

    return ShownProduct(explained.row, explained.issues, tuple(map(one_feed, explained.feeds)))


def _values(reader: Reader, job: Job, feeds: Sequence[CompiledFeed], variants: Rows) -> dict[str, Rows]:
    """The values of all variants of a group, by feed."""
    if len(variants) < 2:  # noqa: PLR2004 - a product alone
        return {}
    products = products_of(reader, job, variants)
    singles = (feed for feed in feeds if feed.names.spread is None and feed.names.record is products.record)
    return {feed.spec.name: list(_items(feed, products)) for feed in singles}


def products_of(reader: Reader, job: Job, variants: Rows) -> Products:
    """The products of a group, as many as a card shows."""
    rows = [reader.row(one["part"], one["at"]) for one in variants[:VARIANTS]]
    single = [replace(batch.stretch(at, at + 1), issues=()) for batch, at in rows]
    return job.stream_with(PRODUCT.name).conformer().conform(reduce(Batch.followed, single))


def _items(feed: CompiledFeed, products: Products) -> Iterator[dict[str, Any]]:
    memo: dict[Hashable, Memo] = {}
    left, gone = feed.left_out(products, memo)
    rows, kept = feed.without(left, gone)
    items, _ = feed.items(products, rows)
    return (item_values(feed, items, row) for row in range(len(kept)))


def _of_sets(state: State, path: str, row: int) -> Iterator[Issue]:
    """What checks over the whole catalog said of a row."""
    files: list[Path] = [file for file in state.files if file.exists()]
    return (issue for issue in read_issues(files) if (issue.place.path, issue.place.row) == (path, row))
