"""Differences for people on a terminal: the summary of each feed, fields with examples, then what came and left."""

from collections.abc import Iterator
from itertools import islice

from feedsmith.reports.diff.found import Differences, FeedDiff, Kind, ProductChange
from feedsmith.reports.diff.words import counted, last_line, notes, plural, said, summary
from feedsmith.reports.harmless import harmless
from feedsmith.reports.style import PLAIN, Style

WIDE = 60
"""Signs of a value that are shown."""
VERBS = {Kind.REMOVED: ("leaves", "leave", "red"), Kind.ADDED: ("comes", "come", "green")}


def text_of(found: Differences, limit: int, style: Style = PLAIN) -> Iterator[str]:
    """The differences as lines; of each kind at most `limit` products."""
    for note in found.notes:
        yield f"note: {harmless(note)}\n"
    for feed in found.feeds:
        yield from _feed(feed, limit, style)
    if len(found.feeds) > 1 or not found.feeds:
        yield last_line(found) + "\n"


def _feed(feed: FeedDiff, limit: int, style: Style) -> Iterator[str]:
    colour = "yellow" if feed.differs else "green"
    yield f"{style.paint(harmless(feed.name), colour)}: {harmless(summary(feed))}\n"
    for note in notes(feed):
        yield f"  note: {harmless(note)}\n"
    if not feed.differs or feed.note or feed.old is None or feed.new is None:
        return
    for change in feed.frame:
        yield f"  {harmless(change.field)}: {_shown(change.old)} -> {_shown(change.new)}\n"
    for name, number in feed.fields.items():
        yield f"  {style.paint(harmless(name), 'bold')}: {counted(number, 'product')} of {feed.new.items:,}\n"
        for one in feed.examples.get(name, ()):
            yield f"    {harmless(one.product)}: {_shown(one.old)} -> {_shown(one.new)}\n"
    yield from _products(feed, limit, style)
    yield "\n"


def _products(feed: FeedDiff, limit: int, style: Style) -> Iterator[str]:
    """The products that come and leave."""
    for kind, (one, several, colour) in VERBS.items():
        number = feed.count(kind)
        if not number:
            continue
        title = f"{counted(number, 'product')} {one if number == 1 else several}"
        yield f"  {style.paint(title, colour)}\n"
        for change in islice(products(feed, kind), limit):
            yield f"    {_product(change)}\n"
        if number > limit:
            more = number - limit
            yield f"    ... and {more:,} more {'product' if more == 1 else plural('product')} (--limit)\n"


def products(feed: FeedDiff, kind: Kind) -> Iterator[ProductChange]:
    """The changes of one kind."""
    return (change for change in feed.changes() if change.kind == kind)


def _product(change: ProductChange) -> str:
    place = change.new_place or change.old_place
    parts = [change.name, said(change.title, WIDE) if change.title else "", f"({place})"]
    return "  ".join(harmless(part) for part in parts if part)


def _shown(text: str | None) -> str:
    return harmless(said(text, WIDE))
