"""What `feedsmith explain` says of a feed's deltas."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.run.delta.product import InDelta

SHOWN = 60
"""Code points of a value that are shown."""
SAID = {
    "no whole feed": "no whole feed is noted yet: the next delta holds everything",
    "no delta": "no delta was made since the whole feed of run {since}",
    "not in it": "not in the last one (run {run}): unchanged since run {since}",
    "unknown": "not in the last one (run {run}), and not in the whole feed",
    "new": "in the last one (run {run}): new since run {since}",
    "changed": "in the last one (run {run}): changed since run {since}",
    "sent again": "in the last one (run {run}), as it was in run {since}: "
    "a delta before sent another version, or others of its group changed",
    "deleted": "the last one (run {run}) deletes it: it has left the feed",
    "sent": "in the last one (run {run}); what changed cannot be told, as the files are kept no more or cannot be read",
    "everything": "in the last one (run {run}), which holds everything: no whole feed is noted",
    "not deleted": "not in the last one (run {run}): it has left the feed, and the file cannot delete it; {way}",
    "will be deleted": "not in the last one (run {run}), and in the whole feed of run {since}: the next one deletes it",
}
"""Text of each `DeltaState`, and of three cases of them."""


def delta_lines(delta: "InDelta", *, in_feed: bool) -> "Iterator[str]":
    """Whether the last delta has a product that is in the catalog, and why."""
    from feedsmith.texts.catalogue import Texts, chosen

    texts = Texts(chosen())
    yield f"\n  {texts('deltas')}: {_said(delta, in_feed=in_feed)}\n"
    for one in delta.changes:
        yield f"    {one.field}: {_value(one.old)} -> {_value(one.new)}\n"


def left_lines(feed: str, product: str, delta: "InDelta") -> "Iterator[str]":
    """The same of a product that is not in the catalog."""
    from feedsmith.reports.harmless import harmless
    from feedsmith.texts.catalogue import Texts, chosen

    texts = Texts(chosen())
    said = _said(delta, in_feed=False)
    yield harmless(texts("{product} left {feed}; deltas: {said}", product=product, feed=feed, said=said)) + "\n"


def _said(delta: "InDelta", *, in_feed: bool) -> str:
    from feedsmith.texts.catalogue import Texts, chosen

    kind: str = delta.state
    if kind == "not in it" and not in_feed:
        kind = "not deleted" if delta.way else "will be deleted"
    elif kind == "new" and not delta.since:
        kind = "everything"
    return Texts(chosen())(SAID[kind], run=delta.run, since=delta.since, way=delta.way)


def _value(text: str | None) -> str:
    from feedsmith.issues import shown
    from feedsmith.reports.harmless import harmless

    return harmless(shown(text, SHOWN)) if text else "(empty)"
