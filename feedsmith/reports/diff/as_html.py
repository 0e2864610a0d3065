"""Differences as one HTML page that needs nothing else."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from feedsmith.reports.diff.found import Differences, FeedDiff, Kind
from feedsmith.reports.diff.words import Words
from feedsmith.reports.harmless import encodable
from feedsmith.texts.catalogue import spoken

TEMPLATE = Path(__file__).with_name("page.html.j2")


def html_of(found: Differences, limit: int) -> Iterator[str]:
    """The page in pieces; of each feed at most `limit` products of each kind."""
    from jinja2 import Environment  # noqa: PLC0415 (only this format needs it)

    page = Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    words = Words(spoken())
    texts = words.texts
    values: dict[str, Any] = {
        "texts": texts,
        "found": found,
        "verdict": words.last_line(found),
        "summary": words.summary,
        "notes": words.notes,
        "kinds": [Kind.CHANGED, Kind.REMOVED, Kind.ADDED],
        "changes": lambda feed: _changes(feed, limit),
        "limit": limit,
    }
    yield from map(encodable, page.generate(values))
    yield "\n"


def _changes(feed: FeedDiff, limit: int) -> Iterator[Any]:
    """The first products of each kind."""
    for kind in Kind:
        yield from islice((change for change in feed.changes() if change.kind == kind), limit)
