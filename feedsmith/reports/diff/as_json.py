"""Differences as one JSON object, with all changes; it is written product by product."""

from collections.abc import Iterator
from typing import Any

from feedsmith.reports.diff.found import Differences, FeedDiff, Kind, Version
from feedsmith.reports.diff.words import Words
from feedsmith.reports.encoded import to_json
from feedsmith.texts.catalogue import Texts

VERSION = 1


def json_of(found: Differences, limit: int) -> Iterator[str]:  # noqa: ARG001 - all formats are called alike
    """The object in pieces. `limit` does not count: programs get all."""
    ends = {"version": VERSION, "feedsmith": found.version, "old": found.old, "new": found.new, "notes": found.notes}
    yield to_json({**ends, "differ": found.differ})[:-1] + ', "feeds": ['
    for number, feed in enumerate(found.feeds):
        yield ("," if number else "") + "\n" + to_json(_record(feed))[:-1] + ', "changes": ['
        for at, change in enumerate(feed.changes()):
            yield ("," if at else "") + "\n" + to_json(change)
        yield "]}"
    yield "\n]}\n"


def _record(feed: FeedDiff) -> dict[str, Any]:
    return {
        "name": feed.name, "channel": feed.channel or None, "key": feed.key, "summary": Words(Texts()).summary(feed),
        "differs": feed.differs, "same_bytes": feed.same_bytes, "note": feed.note or None,
        "old": _version(feed.old), "new": _version(feed.new), **{kind.value: feed.count(kind) for kind in Kind},
        "moved": feed.moved, "respelled": feed.respelled, "fields": dict(feed.fields), "frame": feed.frame,
    }  # fmt: skip


def _version(version: Version | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {
        "files": version.files, "items": version.items, "duplicates": version.duplicates, "unread": version.unread,
        "deletes": version.deletes,
    }  # fmt: skip
