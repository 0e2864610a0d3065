"""One product in a feed as it was: found by its key, with its values, and what the feed of now has otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.errors import FeedsmithError
from feedsmith.preview.against.beside import Changes, changes, values_of
from feedsmith.preview.against.published import Note, Published
from feedsmith.preview.against.store import OldFeed
from feedsmith.preview.against.written import Held, held, wanted_of
from feedsmith.preview.cards.card import make_card
from feedsmith.preview.cards.face import Card
from feedsmith.preview.cards.looks import look_of
from feedsmith.preview.shown import shopper_of
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
    note: Note = ""


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
        for one in each_alone([feed], {feed.spec.name: [place]} if place is not None else None):
            subject = subject_among(conformer, one, products, alone, at)
            found[one.spec.name] = self._of(one, old, subject, variants) if old is not None else Then(note=note)
        return found

    def _of(self, feed: CompiledFeed, old: OldFeed, subject: Subject, variants: Products | None) -> Then:
        note: Note = ""
        now = Held([])
        try:
            now = self._held(feed, old, subject.products)
        except FeedsmithError as error:  # its template fails: what it was can be shown all the same
            note = error
        keys = [key for row, key in now.wanted if row == subject.at]
        item = next((item for key in keys if (item := self.published.store.find(old, key)) is not None), None)
        if item is None:
            return Then(note=note)
        card = self._card(feed, old, values_of(old, [item.cells])[0], variants)
        cells = now.items.get((subject.at, item.key))
        differ = next(changes(old.side, now.side, [(item.cells, cells)])) if cells and now.side else {}
        return Then(item.place(old), card, differ, note)

    def _held(self, feed: CompiledFeed, old: OldFeed, products: Products) -> Held:
        channel, folder = self.job.channels[feed.spec.channel], self.job.project.folder
        return held(feed, products, channel, folder, self.published.folder, old.key)

    def _card(self, feed: CompiledFeed, old: OldFeed, values: Mapping[str, Any], variants: Products | None) -> Card:
        wanted = wanted_of(feed, variants, old.key) if variants is not None and feed.names.spread is None else []
        found = self.published.store.found(
            self.published.store.path, old, list(dict.fromkeys(key for _, key in wanted))
        )
        others = values_of(old, [one.cells for one in found.values()])
        return card_of(feed, old, values, self.job, self.texts, others)


def card_of(
    feed: CompiledFeed, old: OldFeed, values: Mapping[str, Any], job: Job, texts: Texts, others: Sequence[Any] = ()
) -> Card:
    """The card of an item as it was; `others` are the values of all items of its group."""
    definition = old.channel.definition
    look = look_of(old.channel.lineage, definition.kind, definition.fields)
    return make_card(old.channel.name, values, look, shopper_of(feed, job.now), texts, others)
