"""Items that delete: the fields of what left a feed, written as the channel's definition says."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from feedsmith.definitions.channel import Deletes
from feedsmith.definitions.field import FieldDefinition
from feedsmith.errors import RenderError
from feedsmith.issues import Place
from feedsmith.render.encoder import Cells
from feedsmith.render.encoding import encode_all
from feedsmith.render.template import Loop
from feedsmith.run.feed import CompiledFeed
from feedsmith.values.column import Column

NUMBER = "{number}"
FIRST = 1_000_000_001
"""The first number of items that delete: behind those of all products, and within 31 bits."""
AT_ONCE = 5_000
ITEM = "{{ item }}"
NUMBERS = {"integer": int, "number": Decimal}


def delete_items(
    feed: CompiledFeed, deletes: Deletes, fields: Mapping[str, Sequence[str]], size: int
) -> Iterator[bytes]:
    """The items that delete, encoded, each without what separates it from the next.

    Args:
        feed: the feed.
        deletes: how its channel deletes.
        fields: columns of the fields of what left, by name.
        size: how many these are.

    Raises:
        RenderError: the template prints items in a form that is not known, or they cannot be read back.
    """
    before, after = _around(feed, deletes)
    for start in range(0, size, AT_ONCE):
        rows = range(start, min(size, start + AT_ONCE))
        cells = [_cells(feed, one.key, deletes, fields, rows) for one in feed.active]
        texts = [f"{before}{text}{after}" for text in feed.encoder.items(cells, len(rows))]
        encoded = encode_all(texts, feed.channel.dialect)
        _read_back(feed, texts, encoded)
        yield from encoded


def _cells(feed: CompiledFeed, key: str, deletes: Deletes, fields: Mapping[str, Sequence[str]], rows: range) -> Cells:
    out = next(one.out for one in feed.fields if one.key == key)
    fixed = deletes.values.get(key)
    if fixed is not None:
        texts = [fixed.replace(NUMBER, str(FIRST + row)) for row in rows]
    elif key in fields:
        texts = list(fields[key][rows.start : rows.stop])
    else:
        texts = [""] * len(rows)
    return Cells(out, Column([_typed(text, out.definition) for text in texts]))


def _typed(text: str, definition: FieldDefinition) -> Any:
    """The value that a text says; None for no value."""
    return NUMBERS.get(definition.type, str)(text) if text else None


def _around(feed: CompiledFeed, deletes: Deletes) -> tuple[str, str]:
    """What stands around the fields of an item that deletes."""
    if deletes.text:
        before, _, after = deletes.text.partition(ITEM)
        return before, after + ("\r\n" if feed.channel.dialect.newline == "crlf" else "\n")
    loop: Loop = feed.template.variants or feed.template.items
    if loop.around is None:
        hint = "say in the channel's definition how such an item stands in the file: `deletes: {text: …}`"
        raise RenderError(Place(feed.template.path), "it is not plain how an item that deletes is printed", hint)
    return loop.around


def _read_back(feed: CompiledFeed, texts: list[str], encoded: Sequence[bytes]) -> None:
    template, channel = feed.template, feed.channel
    head, foot = template.head_text(feed.context), template.foot_text(feed.context)
    separator = encode_all([channel.separator], channel.dialect)[0]
    try:
        found = feed.encoder.read_back(head, texts, foot, separator.join(encoded)).items
    except ValueError as error:
        raise RenderError(Place(template.path), f"an item that deletes {error}") from error
    if found != len(texts):
        problem = f"{len(texts)} items that delete are read back as {found}"
        raise RenderError(Place(template.path), problem, "look at `deletes:` in the channel's definition")
