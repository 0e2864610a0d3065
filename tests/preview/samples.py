"""Items of the sample shops in every bundled channel, as the preview gets them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from feedsmith.preview.cards.card import make_card
from feedsmith.preview.cards.face import Card, Shopper
from feedsmith.preview.cards.looks import look_of
from feedsmith.preview.cards.plain import item_values
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job, Stream
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project
from feedsmith.sources.csv_part import read_table
from feedsmith.texts.catalogue import Texts
from tests.channels.engine import NOW
from tests.helpers import ROOT


@dataclass(frozen=True)
class Sample:
    """One item of a feed."""

    feed: CompiledFeed
    lineage: tuple[str, ...]
    values: dict[str, Any]

    def card(self, texts: Texts | None = None, **more: Any) -> Card:
        channel, market = self.feed.channel, self.feed.spec.market
        look = look_of(self.lineage, channel.kind, channel.fields)
        shopper = Shopper(market.language, market.country, market.currency, NOW)
        return make_card(self.lineage[0], {**self.values, **more}, look, shopper, texts or Texts())


@cache
def samples() -> dict[str, Sample]:
    """Channel → the first item of its feed in `samples/library` or `samples/shop`."""
    found: dict[str, Sample] = {}
    for shop in ("library", "shop"):
        with TemporaryDirectory() as scratch:
            request = Request(project=ROOT / "samples" / shop, as_of=NOW, workers=1)
            job, _ = open_job(request, open_project(request), Path(scratch))
            feeds = compile_feeds(job)
            for stream in job.streams:
                for number in stream.feeds:
                    one = _first(job, stream, feeds[number])
                    found.setdefault(one.lineage[0], one)
    return found


def _first(job: Job, stream: Stream, feed: CompiledFeed) -> Sample:
    name = feed.spec.channel
    for products in _batches(stream):
        whole, gone = feed.left_out(products, {})
        rows, _ = feed.without(whole, gone)
        items, ledger = feed.items(products, rows)
        for row in range(rows.size):
            if row not in ledger.rejected:
                return Sample(feed, job.channels[name].lineage, item_values(feed, items, row))
    raise AssertionError(f"{feed.spec.name} has no item")


def _batches(stream: Stream) -> Iterator[Any]:
    conformer, joiner = stream.conformer(), stream.joiner()
    for table in stream.tables:
        for batch in joiner(read_table(table)):
            yield conformer.conform(batch)
