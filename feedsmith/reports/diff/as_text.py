"""Differences for people on a terminal: the summary of each feed, fields with examples, then what came and left."""

from collections.abc import Iterator
from itertools import islice

from feedsmith.reports.diff.found import Differences, FeedDiff, Kind, ProductChange
from feedsmith.reports.diff.words import NOTE, VERBS, Words
from feedsmith.reports.harmless import harmless
from feedsmith.reports.style import PLAIN, Style

WIDE = 60
"""Signs of a value that are shown."""
COLOURS = {Kind.REMOVED: "red", Kind.ADDED: "green"}


def text_of(found: Differences, limit: int, style: Style = PLAIN) -> Iterator[str]:
    """The differences as lines; of each kind at most `limit` products."""
    words = Words(style.texts)
    for note in found.notes:
        yield f"{harmless(words.note(note))}\n"
    for feed in found.feeds:
        yield from _feed(feed, limit, style, words)
    if len(found.feeds) > 1 or not found.feeds:
        yield words.last_line(found) + "\n"


def _feed(feed: FeedDiff, limit: int, style: Style, words: Words) -> Iterator[str]:
    colour = "yellow" if feed.differs else "green"
    yield f"{style.paint(harmless(feed.name), colour)}: {harmless(words.summary(feed))}\n"
    for note in words.notes(feed):
        yield f"  {words.texts(NOTE)}: {harmless(note)}\n"
    if not feed.differs or feed.note or feed.old is None or feed.new is None:
        return
    for change in feed.frame:
        yield f"  {harmless(change.field)}: {_shown(change.old, words)} -> {_shown(change.new, words)}\n"
    for name, number in feed.fields.items():
        of = words.texts("{products} of {all}", products=words.products(number), all=feed.new.items)
        yield f"  {style.paint(harmless(name), 'bold')}: {of}\n"
        for one in feed.examples.get(name, ()):
            yield f"    {harmless(one.product)}: {_shown(one.old, words)} -> {_shown(one.new, words)}\n"
    yield from _products(feed, limit, style, words)
    yield "\n"


def _products(feed: FeedDiff, limit: int, style: Style, words: Words) -> Iterator[str]:
    """The products that come and leave."""
    for kind in VERBS:
        number = feed.count(kind)
        if not number:
            continue
        yield f"  {style.paint(words.moving(kind, number), COLOURS[kind])}\n"
        for change in islice(products(feed, kind), limit):
            yield f"    {_product(change, words)}\n"
        if number > limit:
            more = number - limit
            told = words.texts.count(more, "and 1 more product (--limit)", "and {number} more products (--limit)")
            yield f"    ... {told}\n"


def products(feed: FeedDiff, kind: Kind) -> Iterator[ProductChange]:
    """The changes of one kind."""
    return (change for change in feed.changes() if change.kind == kind)


def _product(change: ProductChange, words: Words) -> str:
    place = change.new_place or change.old_place
    parts = [change.name, words.said(change.title, WIDE) if change.title else "", f"({place})"]
    return "  ".join(harmless(part) for part in parts if part)


def _shown(text: str | None, words: Words) -> str:
    return harmless(words.said(text, WIDE))
