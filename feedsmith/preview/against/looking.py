"""What runs in a worker to compare whole feeds: the products of a part, as they were and as they are, feed by feed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from feedsmith.catalog.products import Products
from feedsmith.definitions.load import Channel
from feedsmith.preview.against.beside import differing
from feedsmith.preview.against.store import Cells, ItemStore, Shelf
from feedsmith.preview.against.written import Held, Item, held
from feedsmith.run.compile_feed import compile_feed, compile_feeds
from feedsmith.run.diff.side import Side
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.in_process import InProcess
from feedsmith.run.job import Job, PartTask
from feedsmith.run.part import StreamRunner

Place = tuple[str, int]
"""File and row of a product."""


@dataclass(frozen=True)
class Task:
    """What is compared. `job` says how the feeds are now; `shelf` has those of then, or `rules` how they were made.

    `scratch` is for files on the way.
    """

    job: Job
    scratch: Path
    shelf: Shelf | None = None
    rules: Job | None = None


@dataclass
class Marks:
    """What was found in a part, by the number of the feed.

    `was` are the products that were in the feed: their number in the part, the number of an item of theirs in the
    store, None without one, and whether the feed has them otherwise now. `seen` are the items of the feeds of then
    whose product the catalog has. `places` are those of the part's products.
    """

    task: PartTask
    was: dict[int, list[tuple[int, int | None, bool]]] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class Was:
    """What a feed held of some products: cells of each item, the side that they are of, their numbers in the store."""

    items: Mapping[Item, Cells]
    side: Side | None
    numbers: Mapping[Item, int] = field(default_factory=dict)


class Then(Protocol):
    """The feeds as they were."""

    def numbers(self) -> frozenset[int]:
        """Those of the feeds that can be compared."""

    def key(self, number: int) -> tuple[str, ...]:
        """By which fields items of a feed are known; empty for what the channel wants unique."""

    def held(self, number: int, products: Products, now: Held) -> Was:
        """What a feed held of these products; `now` is what it holds now."""


class OnShelf:
    """Feeds of then that are in a store."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def numbers(self) -> frozenset[int]:
        """Those that the store has."""
        return frozenset(self.shelf.feeds)

    def key(self, number: int) -> tuple[str, ...]:
        """As the store has them."""
        return self.shelf.feeds[number].key

    def held(self, number: int, products: Products, now: Held) -> Was:  # noqa: ARG002
        """Looked up by the keys that the products have now."""
        old = self.shelf.feeds[number]
        found = ItemStore.found(self.shelf.path, old, {key for _, key in now.wanted})
        items = {one: found[one[1]].cells for one in now.wanted if one[1] in found}
        return Was(items, old.side, {one: found[one[1]].number for one in items})


class ByRules:
    """Feeds of then that other rules make of the products of now."""

    def __init__(self, then: Job, now: Job, scratch: Path) -> None:
        self.job, self.scratch = then, scratch
        known = {spec.name: number for number, spec in enumerate(now.specs)}
        self.feeds = {known[spec.name]: compile_feed(then, spec) for spec in then.specs if spec.name in known}

    def numbers(self) -> frozenset[int]:
        """Those that both states have."""
        return frozenset(self.feeds)

    def key(self, number: int) -> tuple[str, ...]:  # noqa: ARG002
        """As the channel has it."""
        return ()

    def held(self, number: int, products: Products, now: Held) -> Was:  # noqa: ARG002
        """Made anew."""
        feed = self.feeds[number]
        then = held(feed, products, self.job.channels[feed.spec.channel], self.job.project.folder, self.scratch)
        return Was(then.items, then.side)


class Looker:
    """Compares parts."""

    def __init__(self, task: Task) -> None:
        self.job, self.scratch = task.job, task.scratch
        self.feeds = compile_feeds(task.job)
        self.then: Then = ByRules(task.rules, task.job, task.scratch) if task.rules else OnShelf(task.shelf or Shelf())
        self._runners: dict[int, StreamRunner] = {}

    def look(self, task: PartTask) -> Marks:
        """Compare a part."""
        stream = self.job.streams[task.stream]
        marks = Marks(task)
        wanted = [number for number in stream.feeds if number in self.then.numbers()]
        runner = self._runners.get(task.stream) or self._runner(task.stream)
        for batch in runner.batches(task) if wanted else ():
            products = runner.conformer.conform(batch)
            for number in wanted:
                self._compare(number, products, marks)
            marks.places += _places(products)
        return marks

    def _runner(self, number: int) -> StreamRunner:
        """What reads the parts of a stream, with all their columns: other rules may read others than those of now."""
        stream = self.job.streams[number]
        runner = self._runners[number] = StreamRunner(stream, dict(enumerate(self.feeds)))
        runner.headings, runner.joiner = stream.tables[0].headings, stream.joiner()
        return runner

    def _compare(self, number: int, products: Products, marks: Marks) -> None:
        first = len(marks.places)
        feed, channel = self.feeds[number], self._channel(self.feeds[number])
        now = held(feed, products, channel, self.job.project.folder, self.scratch, self.then.key(number))
        was = self.then.held(number, products, now)
        differing = set(_differing(was, now))
        numbers = {one[0]: was.numbers.get(one) for one in was.items}
        found = ((first + row, item, row in differing) for row, item in numbers.items())
        marks.was.setdefault(number, []).extend(found)
        marks.seen += was.numbers.values()

    def _channel(self, feed: CompiledFeed) -> Channel:
        return self.job.channels[feed.spec.channel]


def _differing(was: Was, now: Held) -> Iterator[int]:
    """The numbers of products that were in the feed, and are not there with the same items and values."""
    rows = {row for row, _ in was.items}
    yield from (row for row, key in now.items.keys() - was.items.keys() if row in rows)
    yield from (row for row, key in was.items.keys() - now.items.keys())
    both = [one for one in was.items if one in now.items]
    if both and was.side is not None and now.side is not None:
        pairs = [(was.items[one], now.items[one]) for one in both]
        yield from (both[at][0] for at in differing(was.side, now.side, pairs))


def _places(products: Products) -> Iterator[Place]:
    for row in range(len(products)):
        place = products.batch.place(row)
        yield place.path, place.row or 0


# --- in a worker -------------------------------------------------------------------------------------------------

_LOOKER = InProcess(Looker)


def start_worker(left: Path) -> None:
    """Make it with the first part."""
    _LOOKER.take_later(left)


def look_at_part(task: PartTask) -> Marks:
    """Compare a part."""
    return _LOOKER.get().look(task)
