"""What the static page is made of: the figures of the whole catalog, and a few products followed into each feed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from feedsmith.issues import Issue
from feedsmith.preview.index import read
from feedsmith.preview.index.build import build, open_state
from feedsmith.preview.index.state import State
from feedsmith.preview.live.board import board, codes_told
from feedsmith.preview.live.product import Reader, shown
from feedsmith.preview.shown import ShownProduct
from feedsmith.preview.static.chosen import chosen
from feedsmith.reports.store import read_issues
from feedsmith.run.execute import Progress
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts

MOST = 200
"""Products on the page, where no other number is asked for; as many of every other kind of record."""
MOST_PLACES = 8
"""Stores or regions of a product that a feed shows."""

Row = dict[str, Any]
"""A product as the index has it."""


@dataclass(frozen=True)
class Chosen:
    """A product of the page: as the list shows it, in each feed, and the others of its group."""

    row: Row
    shown: ShownProduct
    variants: list[Row]


@dataclass(frozen=True)
class Collected:
    """All that the page shows. `name` is the project's folder, `all` the number of products in the catalog.

    `board` is the dashboard, `fixes` what to mend first in each feed alone. `feeds` has channel and kind of record of
    each feed, `records` how many of each kind are on the page.
    """

    name: str
    now: str
    all: int
    products: tuple[Chosen, ...]
    board: dict[str, Any]
    fixes: dict[str, list[dict[str, Any]]]
    feeds: dict[str, dict[str, str]]
    records: list[tuple[str, int]]
    categories: list[tuple[str, int]]
    codes: list[list[Any]]

    @property
    def shown(self) -> int:
        """How many products are on the page; of a project without products, of its first kind of record."""
        return self.records[0][1]


def collect(request: Request, texts: Texts, most: int = MOST, progress: Progress | None = None) -> Collected:
    """Carry the whole catalog through all feeds, choose products that stand for all, and follow each into each feed.

    Raises:
        FeedsmithError: the project or its catalog is wrong.
    """
    with _built(replace(request, write=False), progress) as state:
        feeds = {
            feed.spec.name: {"channel": feed.spec.channel, "record": feed.names.record.name} for feed in state.feeds
        }
        with read.reading(state.index) as database:
            categories = read.categories(database)
            kinds = read.kinds(database)
        products = sorted(_products(state, texts, most), key=lambda one: (-one.row["score"], one.row["number"]))
        return Collected(
            state.job.project.folder.resolve().name,
            state.job.now.isoformat(timespec="minutes"),
            state.progress.products,
            tuple(products),
            board(state, texts),
            {name: board(state, texts, [name])["fixes"] for name in feeds},
            feeds,
            [(name, sum(one.row["record"] == name for one in products)) for name in state.job.records],
            categories,
            codes_told(kinds, texts),
        )


@contextmanager
def _built(request: Request, progress: Progress | None) -> Iterator[State]:
    """The project with a whole index."""
    state = open_state(request)

    def tell() -> None:
        if progress is not None:
            progress(state.progress.done, state.progress.total, state.progress.products)

    try:
        build(state, Event(), tell)
        yield state
    finally:
        state.close()


def _products(state: State, texts: Texts, most: int) -> Iterator[Chosen]:
    reader = Reader(state)
    found = []
    with read.reading(state.index) as database:
        for number in chosen(state, most):
            row = read.one(database, number)
            if row is not None:
                found.append((row, read.variants(database, row, read.PAGE)))
    issues = _of_sets(state, {_place(row) for row, _ in found})
    for row, variants in found:
        one = shown(
            reader, state.job, state.feeds, row, variants, texts, more=issues.get(_place(row), ()), most=MOST_PLACES
        )
        yield Chosen(row, one, variants)


def _place(row: Row) -> tuple[str, int]:
    return row["path"], row["row"]


def _of_sets(state: State, places: set[tuple[str, int]]) -> dict[tuple[str, int], list[Issue]]:
    """What checks over the whole catalog said of the products at these places."""
    found: dict[tuple[str, int], list[Issue]] = {}
    for issue in read_issues(file for file in state.files if file.exists()):
        place = issue.place.path, issue.place.row or 0
        if place in places:
            found.setdefault(place, []).append(issue)
    return found
