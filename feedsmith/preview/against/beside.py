"""An item as it was beside the same item now: which fields differ, as `feedsmith diff` sees it, and its values."""

from collections.abc import Iterator, Sequence
from typing import Any

from feedsmith.preview.against.store import Cells, OldFeed
from feedsmith.preview.cards.plain import plain
from feedsmith.run.diff.compare import FieldComparer, Options, shown_text
from feedsmith.run.diff.side import Side
from feedsmith.sources.json_groups import GROUP
from feedsmith.values.column import Column

Changes = dict[str, tuple[str, str]]
"""Field → its text then and now; empty for no value."""
Pair = tuple[Cells, Cells]


def differing(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[int]:
    """The numbers of the pairs of items in which something differs."""
    same = old.headings == new.headings
    rest = [at for at, (one, other) in enumerate(pairs) if not same or list(one) != list(other)]
    found = changes(old, new, [pairs[at] for at in rest])
    return (at for at, differ in zip(rest, found, strict=True) if differ)


def changes(old: Side, new: Side, pairs: Sequence[Pair]) -> Iterator[Changes]:
    """What differs of each pair of items; a value that is only spelt otherwise does not."""
    headings = tuple(dict.fromkeys((*old.headings, *new.headings)))
    comparer = FieldComparer(old.fields, new.fields, headings, Options())
    before = _columns(headings, old.headings, [one for one, _ in pairs])
    after = _columns(headings, new.headings, [other for _, other in pairs])
    for found in comparer.of_columns(before, after, len(pairs)):
        yield {one.field: (one.old or "", one.new or "") for one in found}


def _columns(headings: Sequence[str], own: Sequence[str], rows: Sequence[Cells]) -> dict[str, Column]:
    """Rows of one side under the headings of both."""
    blank = Column([None] * len(rows))
    known = {name: Column([row[at] for row in rows]) for at, name in enumerate(own)}
    return {name: known.get(name, blank) for name in headings}


def values_of(feed: OldFeed, rows: Sequence[Cells]) -> list[dict[str, Any]]:
    """Field → value of each item, as cards take them."""
    columns = feed.columns(rows)
    found: list[dict[str, Any]] = [{} for _ in rows]
    for name, field in feed.side.fields.items():
        if field.definition is None or name.startswith(GROUP):
            continue
        texts = field.texts(columns, len(rows))
        for one, text, value in zip(found, texts, field.values(texts), strict=True):
            shown = _plain(value, text)
            if shown is not None:
                one[name] = shown
    return found


def texts_of(feed: OldFeed, cells: Cells) -> dict[str, str]:
    """Field → what the feed had of an item, of the fields that had a value."""
    columns = feed.columns([cells])
    found = {name: shown_text(field.texts(columns, 1)[0]) for name, field in feed.side.fields.items()}
    return {name: text for name, text in found.items() if text}


def _plain(value: Any, text: Any) -> Any:
    """A value as cards take it; one that the channel's type cannot read as it stands in the feed."""
    typed, currency = value
    if typed == "unread":
        return plain(text)
    return None if typed is None else plain(typed, currency)
