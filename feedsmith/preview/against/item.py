"""One product in a feed as it was: found by its key, with its values, and what the feed of now has otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.definitions.extend import lineage
from feedsmith.errors import FeedsmithError
from feedsmith.preview.against.beside import Changes, changes, values_of
from feedsmith.preview.against.published import Published
from feedsmith.preview.against.store import OldFeed
from feedsmith.preview.against.written import keys_of, read_back, rows_by_key
from feedsmith.preview.cards.card import make_card
from feedsmith.preview.cards.face import Card
from feedsmith.preview.cards.looks import look_of
from feedsmith.preview.static.shown import shopper_of
from feedsmith.run.explain import each_alone
from feedsmith.run.explain_row import subject_among
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.siblings import Subject
from feedsmith.sources.batch import Batch
from feedsmith.texts.catalogue import Texts


@dataclass(frozen=True)
class Then:
    """A product in a feed as it was. `place` is where it stood, empty where it was not in the feed.

    `changes` has the fields that the feed of now has otherwise; nothing where it has not the product now.
    """

    place: str = ""
    card: Card | None = None
    changes: Changes = field(default_factory=dict)
    note: str = ""


class Beside:
    """Finds products of a job in feeds as they were."""

    def __init__(self, published: Published, job: Job, texts: Texts) -> None:
        self.published, self.job, self.texts = published, job, texts

    def feed(
        self, feed: CompiledFeed, batch: Batch, at: int, variants: Products | None, place: int | None
    ) -> dict[str, Then]:
        """A product in one feed, or in one of its places, by its number; `variants` are the products of its group."""
        old = self.published.feeds.get(feed.spec.name)
        note = self.published.picked.notes.get(feed.spec.name, "")
        conformer = self.job.stream_with(feed.names.record.name).conformer()
        products = conformer.conform(batch)
        alone = conformer.conform(batch.stretch(at, at + 1))
        found = {}
        for one in each_alone([feed], {feed.spec.name: place} if place is not None else None):
            subject = subject_among(conformer, one, products, alone, at)
            found[one.spec.name] = self._of(one, old, subject, variants) if old is not None else Then(note=note)
        return found

    def _of(self, feed: CompiledFeed, old: OldFeed, subject: Subject, variants: Products | None) -> Then:
        keys = keys_of(feed, subject.products, old.key)
        key = keys[subject.at] if subject.at < len(keys) else ""
        item = self.published.store.find(old, key)
        if item is None:
            return Then()
        card = self._card(feed, old, values_of(old, [item.cells])[0], variants)
        try:
            differ = self._changes(feed, old, subject, key, item.cells)
        except FeedsmithError as error:
            return Then(item.place(old), card, note=str(error))
        return Then(item.place(old), card, differ)

    def _changes(
        self, feed: CompiledFeed, old: OldFeed, subject: Subject, key: str, cells: Sequence[str | None]
    ) -> Changes:
        """What the feed of now has otherwise; nothing where it has no such item."""
        result = feed.run(subject.products, {})
        if subject.at not in result.rows:
            return {}
        channel = self.job.channels[feed.spec.channel]
        with read_back(feed, result.texts, channel, self.job.project.folder, self.published.folder) as side:
            now = rows_by_key(side, old.key).get(key)
            return next(changes(old, side, [(cells, now)])) if now is not None else {}

    def _card(self, feed: CompiledFeed, old: OldFeed, values: Mapping[str, Any], variants: Products | None) -> Card:
        keys = keys_of(feed, variants, old.key) if variants is not None and feed.names.spread is None else []
        others = values_of(old, [one.cells for one in self.published.store.several(old, keys)])
        return card_of(feed, old, values, self.job, self.texts, others)


def card_of(
    feed: CompiledFeed, old: OldFeed, values: Mapping[str, Any], job: Job, texts: Texts, others: Sequence[Any] = ()
) -> Card:
    """The card of an item as it was; `others` are the values of all items of its group."""
    definition = old.channel.definition
    names = lineage(old.channel.name, job.project.channels)
    look = look_of(names, definition.kind, definition.fields)
    return make_card(old.channel.name, values, look, shopper_of(feed, job.now), texts, others)
