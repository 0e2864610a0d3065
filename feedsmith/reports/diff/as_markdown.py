"""Differences as Markdown for the comment of a pull request, which takes some 65,000 characters."""

import re
from collections.abc import Iterator
from itertools import islice

from feedsmith.reports.diff.as_text import products
from feedsmith.reports.diff.found import Differences, FeedDiff, Kind, ProductChange
from feedsmith.reports.diff.words import VERBS, Words
from feedsmith.reports.harmless import harmless
from feedsmith.texts.catalogue import spoken

MOST = 60_000
"""Characters of all; what is more is counted."""
ROOM = 400
"""Characters that are left for saying how much was left out."""
WIDE = 80
SIGNS = re.compile(r"([\\`*_{}\[\]()#+!|<>~&@$^:-])")
"""What Markdown, HTML within it, or the server (`@name`, `#12`, addresses) would take for orders."""


def markdown_of(found: Differences, limit: int) -> Iterator[str]:
    """The page in pieces, whole lines each; of each kind at most `limit` products."""
    left, out, words = MOST - ROOM, 0, Words(spoken())
    for piece in _pieces(found, limit, words):
        left -= len(piece)
        if left >= 0 and not out:
            yield piece
        else:
            out += piece.count("\n")
    if out:
        one = "1 line left out: a comment takes no more. `--format html` or `json` holds all."
        many = "{number} lines left out: a comment takes no more. `--format html` or `json` holds all."
        yield f"\n\n{words.texts.count(out, one, many)}\n"


def _pieces(found: Differences, limit: int, words: Words) -> Iterator[str]:
    yield f"### {words.texts('Feeds')}: {escaped(found.old)} → {escaped(found.new)}\n\n"
    for note in found.notes:
        yield f"{_note(words.texts.message(note), words)}\n\n"
    for feed in found.feeds:
        yield f"- **{escaped(feed.name)}**: {escaped(words.summary(feed))}\n"
    yield f"\n{words.last_line(found)}\n"
    for feed in found.feeds:
        if feed.differs and feed.old is not None and feed.new is not None:
            yield from _feed(feed, limit, words)


def _feed(feed: FeedDiff, limit: int, words: Words) -> Iterator[str]:
    yield f"\n#### {escaped(feed.name)}\n\n"
    for note in words.notes(feed):
        yield f"{_note(note, words)}\n\n"
    for change in feed.frame:
        yield f"- {escaped(change.field)}: {_value(change.old, words)} → {_value(change.new, words)}\n"
    if feed.fields:
        headings = words.texts.each("field", "products", "for example", "before", "after")
        yield f"\n| {' | '.join(headings)} |\n| --- | ---: | --- | --- | --- |\n"
    for name, number in feed.fields.items():
        for at, one in enumerate(feed.examples.get(name, ())):
            cells = ["" if at else escaped(name), "" if at else words.texts.number(number), escaped(one.product)]
            yield f"| {' | '.join(cells)} | {_value(one.old, words)} | {_value(one.new, words)} |\n"
    for kind in VERBS:
        yield from _products(feed, kind, limit, words)


def _products(feed: FeedDiff, kind: Kind, limit: int, words: Words) -> Iterator[str]:
    number = feed.count(kind)
    if not number:
        return
    yield f"\n**{words.moving(kind, number)}**\n\n"
    for change in islice(products(feed, kind), limit):
        yield f"- {_product(change, words)}\n"
    if number > limit:
        yield f"- … {words.texts('and {number} more', number=number - limit)}\n"


def _product(change: ProductChange, words: Words) -> str:
    title = f"  {escaped(words.said(change.title, WIDE))}" if change.title else ""
    return f"{escaped(change.name)}{title}"


def _value(text: str | None, words: Words) -> str:
    return escaped(words.said(text, WIDE)) if text is not None else f"*{words.texts('empty')}*"


def _note(note: str, words: Words) -> str:
    return f"{words.texts('Note')}: {escaped(note)}"


def escaped(text: str) -> str:
    """The text as Markdown that shows it as it is."""
    return SIGNS.sub(r"\\\1", harmless(text))
