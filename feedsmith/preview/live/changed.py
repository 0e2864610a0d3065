"""The list by what changed: products of the catalog, and items of feeds as they were that the catalog has no more."""

import sqlite3
from collections.abc import Collection
from typing import Any

from feedsmith.preview.against.beside import texts_of, values_of
from feedsmith.preview.against.comparison import GONE, KINDS, Comparison, lost, lost_page
from feedsmith.preview.against.item import card_of
from feedsmith.preview.index import read
from feedsmith.preview.index.state import State
from feedsmith.preview.live.before import NOT_IN_FEED, Before, OtherFeeds, feed_of_then
from feedsmith.preview.live.told import cut
from feedsmith.run.in_places import IN_FEED
from feedsmith.texts.catalogue import Texts

NOBODY = read.Page([], 0, 0)
LOST = "was-"
"""What stands before the number of an item that the catalog has no more, where a product has its number."""
MOST_DIGITS = 12


def listed(state: State, before: Before | None, asked: read.Filter, start: int, size: int) -> read.Page:
    """A page of the list; by a change only as soon as all changes are known."""
    if asked.change not in KINDS:
        with read.reading(state.index) as database:
            return read.page(database, asked, start, size)
    comparison = before.follower.comparison if before is not None else None
    if comparison is None or not comparison.ready or comparison.state is not state:
        return NOBODY
    try:
        return _changed(state, comparison, asked, start, size)
    except sqlite3.OperationalError:  # the comparison has just ended
        return NOBODY


def _changed(state: State, comparison: Comparison, asked: read.Filter, start: int, size: int) -> read.Page:
    with read.reading(state.index) as database:
        database.execute("ATTACH ? AS compared", (f"{comparison.path.as_uri()}?mode=ro",))
        found = read.page(database, asked, start, size)
    if asked.change != GONE or asked.state or asked.severity or asked.code or asked.category:
        return found
    known = [number for number, _ in asked.feeds] or range(len(state.feeds))
    feeds = [number for number in known if asked.record in {"", state.feeds[number].names.record.name}]
    size = min(size, read.MOST_PAGE) - len(found.rows)
    rest, count = lost_page(comparison.path, feeds, asked.text, max(0, start - found.count), size)
    return read.Page([*found.rows, *map(_row, rest)], found.count + count, start)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    """A row of the list for an item that no product of the catalog has."""
    blank = dict.fromkeys(("brand", "price", "image_link", "item_group_id"), "")
    found = {"number": f"{LOST}{one['item']}", "id": one["id"], "title": one["title"]}
    return {**found, **blank, "errors": 0, "warnings": 0, "infos": 0, "change": GONE}


def lost_item(number: str) -> int | None:
    """The item that the catalog has no more, by the number that the list gives it; None for any other number."""
    digits = number.removeprefix(LOST)
    return int(digits) if digits != number and digits.isdecimal() and len(digits) < MOST_DIGITS else None


def lost_told(state: State, before: Before | None, item: int, names: Collection[str], texts: Texts) -> dict[str, Any]:
    """An item that the catalog has no more, in each feed of these names that it was in, as a product is told.

    Without names it is told in all feeds that it was in, as where it was in none of them.

    Raises:
        LookupError: there is no such item (any more).
    """
    comparison = before.follower.comparison if before is not None else None
    if not isinstance(before, OtherFeeds) or comparison is None or not comparison.ready:
        raise LookupError(texts("This product is not in the catalog (any more)."))
    told: list[dict[str, Any]] = []
    was: dict[str, Any] = {}
    key = title = record = ""
    was_in = lost(comparison.path, item)
    asked_for = [one for one in was_in if state.feeds[one[0]].spec.name in names]
    for number, place in asked_for or was_in:
        feed, found = state.feeds[number], before.published.store.numbered(place)
        old = before.published.feeds.get(feed.spec.name)
        if old is None or found is None:
            continue
        key, title = found.key, title or found.title
        told.append(_feed(feed.spec.name, feed.spec.channel))
        record = feed.names.record.name
        card = card_of(feed, old, values_of(old, [found.cells])[0], state.job, texts)
        fields = {name: (cut(text), "") for name, text in texts_of(old, found.cells).items()}
        was[feed.spec.name] = feed_of_then(IN_FEED, card, texts, fields, found.place(old))
    if not told:
        raise LookupError(texts("This product is not in the catalog (any more)."))
    return {
        "number": f"{LOST}{item}", "id": key, "title": title, "place": "", "issues": [], "feeds": told,
        "record": record, "variants": [], "before": {"name": before.name(texts), "problem": "", "feeds": was},
    }  # fmt: skip


def _feed(name: str, channel: str) -> dict[str, Any]:
    """A feed that has nothing of it now."""
    blank: dict[str, Any] = dict.fromkeys(("reason", "rule", "condition", "card", "item"), "")
    lists: dict[str, Any] = {"read": [], "issues": [], "fields": [], "group": []}
    nowhere = {"feed": name, "place": "", "places": [], "there": 0, "all": 0}
    return {"name": name, **nowhere, "channel": channel, "state": NOT_IN_FEED, **blank, **lists}
