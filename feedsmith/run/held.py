"""Feeds that must not replace what is published, since a source that they use is missing, old or has not all stores."""

from collections.abc import Iterable, Iterator

from feedsmith.catalog.headings import split_key
from feedsmith.definitions.project import SourceDefinition
from feedsmith.issues import Issue, Severity
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job, Stream
from feedsmith.run.joining import Join, uses
from feedsmith.run.part import names_read, needed_headings
from feedsmith.run.spread import STOCK, Place, names_of


def why_held(job: Job, feed: CompiledFeed) -> dict[str, str]:
    """Why the feed is held, by guard code; none where nothing of its sources is missing."""
    stream = job.stream_of(feed.spec.name)
    found = [stream.held, *(join.problem for join in stream.joins if join.hold and _uses(join, feed, stream))]
    why = {"missing-source": next(filter(None, found), "")}
    if (without := list(_without_stock(stream, feed))) and not stock_may_lack(job):
        why["store-without-stock"] = f"no stock of {_named(without)}"
    return {code: text for code, text in why.items() if text}


def _uses(join: Join, feed: CompiledFeed, stream: Stream) -> bool:
    """A source of which nothing is known is used by all."""
    headings = needed_headings([feed], stream.conformer(), stream, names_read([feed]))
    return not join.columns or uses(join, headings, stream.claims)


def _without_stock(stream: Stream, feed: CompiledFeed) -> Iterator[Place]:
    """The stores of a feed that no stock column is for."""
    spread = feed.names.spread
    if spread is None or spread.kind != "store" or STOCK in stream.claims:
        return
    known = {(split_key(key)[1] or "").casefold() for key, claim in stream.claims.items() if claim.field == STOCK}
    yield from (place for place in spread.places if not names_of(place) & known)


def stock_may_lack(job: Job) -> bool:
    """Whether the project says that feeds go on without the stock of some stores: `if_missing: skip`."""
    catalog = job.project.definition.catalog
    sources = [catalog.source, *catalog.sources.values()]
    return any(isinstance(one, SourceDefinition) and one.if_missing == "skip" and _gives_stock(one) for one in sources)


def _gives_stock(source: SourceDefinition) -> bool:
    return source.per == "store" or not source.join


def stores_without_stock(job: Job, feeds: Iterable[CompiledFeed]) -> Iterator[Issue]:
    """That a store has no stock in any source, once for each feed."""
    for feed in feeds:
        without = list(_without_stock(job.stream_of(feed.spec.name), feed))
        if without:
            yield Issue(
                "store-without-stock", Severity.WARNING, f"no source has stock of {_named(without)}",
                feed.spec.channel_node.place, feed=feed.spec.name, channel=feed.spec.channel, field=STOCK,
                help="check the files of the stores, and that `till` is what the stock file calls them",
            )  # fmt: skip


def _named(places: list[Place]) -> str:
    return (
        "the store " + ", ".join(str(place["code"]) for place in places)
        if len(places) == 1
        else ("the stores " + ", ".join(str(place["code"]) for place in places))
    )
