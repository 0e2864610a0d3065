"""Items of a feed that take a product away from the channel: they are read, and they are no products."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.mapping.from_feed import match
from feedsmith.sources.batch import Batch

ITEM = "{{ item }}"
NUMBER = "{number}"


def deleting_words(definition: ChannelDefinition, headings: Collection[str]) -> dict[str, str]:
    """The words by which such an item is known, by heading: all of them stand in its row, in whatever capitals.

    Empty where the channel's files know no delete, or where this feed has none: it lacks the columns.
    """
    deletes = definition.deletes
    if deletes is None:
        return {}
    found = match(headings, definition.fields).fields
    words = {name: word for name, word in _around(deletes.text).items() if isinstance(word, str)}
    for key, word in deletes.values.items():
        if NUMBER in word:
            continue
        columns = found.get(key)
        words[columns.whole[0] if columns is not None and columns.whole and not columns.way else ""] = word
    return words if words.keys() <= set(headings) else {}


def _around(text: str) -> dict[str, Any]:
    """The members of the object in which an item that deletes stands."""
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text.replace(", " + ITEM, "").replace(ITEM, ""))
    except ValueError:  # the template makes an object of it
        return {}
    return found if isinstance(found, dict) else {}


def deletes_in(batch: Batch, words: Mapping[str, str]) -> list[bool]:
    """Which rows of a batch are items that delete."""
    marks = [bool(words)] * len(batch)
    for heading, word in words.items():
        cells = batch.columns.get(heading)
        if cells is None:
            return [False] * len(batch)
        wanted = word.casefold()
        marks = [
            mark and cell is not None and cell.strip().casefold() == wanted
            for mark, cell in zip(marks, cells, strict=True)
        ]
    return marks
