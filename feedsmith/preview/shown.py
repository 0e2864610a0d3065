"""The chosen products as the page shows them: each explained in each feed, with its issues and its card."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feedsmith.catalog.records import PRODUCT
from feedsmith.issues import Issue, Severity
from feedsmith.preview.cards.card import make_card
from feedsmith.preview.cards.face import Card, Shopper
from feedsmith.preview.cards.looks import Look, look_of
from feedsmith.preview.cards.plain import plain
from feedsmith.run.explain import ExplainedFeed, ExplainedField, ExplainedProduct
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.find import Row
from feedsmith.run.in_places import IN_FEED, REJECTED, InPlace
from feedsmith.run.job import Job
from feedsmith.texts.catalogue import Texts

GROUP = "item_group_id"


@dataclass(frozen=True)
class ShownFeed:
    """One product in one feed: how it is explained, what became of it, all its issues.

    `card` is None where the feed has no item of it to show. Of a feed with an item for each store or region, `place` is
    the one that is shown, among all `places`.
    """

    told: ExplainedFeed
    state: str
    issues: tuple[Issue, ...]
    card: Card | None
    place: InPlace | None = None
    places: tuple[InPlace, ...] = ()

    @property
    def name(self) -> str:
        """The feed's own name, without the code of a place."""
        return self.told.name.removesuffix(f" {self.place.code}") if self.place is not None else self.told.name


@dataclass(frozen=True)
class ShownProduct:
    """One product of the page. `issues` are those of the catalog itself."""

    row: Row
    issues: tuple[Issue, ...]
    feeds: tuple[ShownFeed, ...]

    @property
    def places(self) -> dict[str, InPlace]:
        """The store or region that is shown, by the name of the feed that has an item for each."""
        return {feed.name: feed.place for feed in self.feeds if feed.place is not None}


class Showing:
    """Makes the cards of explained products."""

    def __init__(self, job: Job, feeds: Sequence[CompiledFeed], shoppers: Mapping[str, Shopper], texts: Texts) -> None:
        self.job, self.shoppers, self.texts = job, shoppers, texts
        self.looks = {feed.spec.channel: _look(job, feed) for feed in feeds}

    def products(
        self, explained: Sequence[ExplainedProduct], issues: Mapping[tuple[str, int], list[Issue]]
    ) -> list[ShownProduct]:
        """Each product with its cards; `issues` are those that the whole run told of its row."""
        groups = self._groups(explained)
        found = []
        for one, key in zip(explained, self._keys(explained), strict=True):
            own = issues.get((one.row.place.path, one.row.place.row or 0), [])
            feeds = [self.feed(told, groups.get((told.name, key), ()), own) for told in one.feeds]
            found.append(ShownProduct(one.row, one.issues, tuple(feeds)))
        return found

    def feed(self, told: ExplainedFeed, variants: Sequence[Mapping[str, Any]], issues: Iterable[Issue]) -> ShownFeed:
        """A feed with what checks over all products found besides, which may cost the product its place."""
        known = {(one.code, one.field) for one in told.issues}
        feed = self.feed_of(told)
        more = [one for one in issues if one.feed == feed and (one.code, one.field) not in known]
        lost = told.state == IN_FEED and any(one.severity is Severity.ERROR for one in more)
        values = values_of(told.fields)
        card = None
        if values:
            look, shopper = self.looks[told.channel], self.shoppers[feed]
            card = make_card(told.channel, values, look, shopper, self.texts, variants)
        return ShownFeed(told, REJECTED if lost else told.state, (*told.issues, *more), card)

    def feed_of(self, told: ExplainedFeed) -> str:
        """The feed's own name; one of products in places is told of for each place, whose code stands behind it."""
        return next(name for name in self.shoppers if told.name == name or told.name.startswith(f"{name} "))

    def _groups(self, explained: Sequence[ExplainedProduct]) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """The values of all variants that the page has, by feed and group."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for one, key in zip(explained, self._keys(explained), strict=True):
            for told in one.feeds if key else ():
                found.setdefault((told.name, key), []).append(values_of(told.fields))
        return found

    def _keys(self, explained: Sequence[ExplainedProduct]) -> list[str]:
        """The group that each product belongs to; empty for one alone."""
        conformer = self.job.stream_with(PRODUCT.name).conformer()
        return [
            str(conformer.conform(one.row.batch).value(GROUP)[0] or "") if one.row.record == PRODUCT.name else ""
            for one in explained
        ]


def values_of(fields: Iterable[ExplainedField]) -> dict[str, Any]:
    """The values that the channel gets, as cards take them."""
    return {one.key: plain(one.value, one.currency) for one in fields if one.value is not None}


def _look(job: Job, feed: CompiledFeed) -> Look:
    return look_of(job.channels[feed.spec.channel].lineage, feed.channel.kind, feed.channel.fields)


def shopper_of(feed: CompiledFeed, now: datetime) -> Shopper:
    """Who looks at the feed's items: someone of its market, at the run's clock."""
    market = feed.spec.market
    return Shopper(market.language, market.country, market.currency, now)
