"""Differences as Markdown for the comment of a pull request, which takes some 65,000 characters."""

import re
from collections.abc import Iterator
from itertools import islice

from feedsmith.reports.diff.as_text import products
from feedsmith.reports.diff.found import Differences, FeedDiff, Kind, ProductChange
from feedsmith.reports.diff.words import counted, last_line, notes, said, summary
from feedsmith.reports.harmless import harmless

MOST = 60_000
"""Characters of all; what is more is counted."""
ROOM = 400
"""Characters that are left for saying how much was left out."""
WIDE = 80
SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|<>~&@$^:-])")
"""What Markdown, HTML within it, or the server (`@name`, `#12`, addresses) would take for orders."""


def markdown_of(found: Differences, limit: int) -> Iterator[str]:
    """The page in pieces, whole lines each; of each kind at most `limit` products."""
    left, out = MOST - ROOM, 0
    for piece in _pieces(found, limit):
        left -= len(piece)
        if left >= 0 and not out:
            yield piece
        else:
            out += piece.count("\n")
    if out:
        yield f"\n\n{counted(out, 'line')} left out: a comment takes no more. `--format html` or `json` holds all.\n"


def _pieces(found: Differences, limit: int) -> Iterator[str]:
    yield f"### Feeds: {escaped(found.old)} → {escaped(found.new)}\n\n"
    for note in found.notes:
        yield f"Note: {escaped(note)}\n\n"
    for feed in found.feeds:
        yield f"- **{escaped(feed.name)}**: {escaped(summary(feed))}\n"
    yield f"\n{last_line(found)}\n"
    for feed in found.feeds:
        if feed.differs and feed.old is not None and feed.new is not None:
            yield from _feed(feed, limit)


def _feed(feed: FeedDiff, limit: int) -> Iterator[str]:
    yield f"\n#### {escaped(feed.name)}\n\n"
    for note in notes(feed):
        yield f"Note: {escaped(note)}\n\n"
    for change in feed.frame:
        yield f"- {escaped(change.field)}: {_value(change.old)} → {_value(change.new)}\n"
    if feed.fields:
        yield "\n| field | products | for example | before | after |\n| --- | ---: | --- | --- | --- |\n"
    for name, number in feed.fields.items():
        for at, one in enumerate(feed.examples.get(name, ())):
            cells = ["" if at else escaped(name), "" if at else f"{number:,}", escaped(one.product)]
            yield f"| {' | '.join(cells)} | {_value(one.old)} | {_value(one.new)} |\n"
    for kind, title in ((Kind.REMOVED, "leave"), (Kind.ADDED, "come")):
        yield from _products(feed, kind, title, limit)


def _products(feed: FeedDiff, kind: Kind, verb: str, limit: int) -> Iterator[str]:
    number = feed.count(kind)
    if not number:
        return
    verb = f"{verb}s" if number == 1 else verb
    yield f"\n**{counted(number, 'product')} {verb}**\n\n"
    for change in islice(products(feed, kind), limit):
        yield f"- {_product(change)}\n"
    if number > limit:
        yield f"- … and {number - limit:,} more\n"


def _product(change: ProductChange) -> str:
    title = f"  {escaped(said(change.title, WIDE))}" if change.title else ""
    return f"{escaped(change.name)}{title}"


def _value(text: str | None) -> str:
    return escaped(said(text, WIDE)) if text is not None else "*empty*"


def escaped(text: str) -> str:
    """The text as Markdown that shows it as it is."""
    return SIGNS.sub(r"\\\1", harmless(text))
