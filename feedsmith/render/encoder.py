"""What an encoder is: columns of typed values in, the texts of items out, safe for the format they stand in.

An item's text is put together by one join: what stands between the values of two fields that every item has is the
same for all, so only a field that some items lack costs work per item.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Protocol

from feedsmith.definitions.field import FieldDefinition
from feedsmith.values.column import Column


@dataclass(frozen=True)
class OutField:
    """A field as it is written: its key, its name in the feed, its definition."""

    key: str
    name: str
    definition: FieldDefinition


@dataclass(frozen=True)
class Cells:
    """One field of a batch: typed values, and with money its currency or currencies."""

    field: OutField
    column: Column
    currencies: Column | str = ""


@dataclass(frozen=True)
class ReadBack:
    """What an independent reader found in a rendered text: well-formed, with so many items."""

    items: int


class Encoder(Protocol):
    """A format."""

    def bare(self, cells: Cells) -> list[str]:
        """What `{{ item.title }}` prints: the value alone, encoded; empty for no value."""

    def items(self, cells: Sequence[Cells], size: int) -> list[str]:
        """What `{{ item }}` prints: all fields of each item."""

    def context(self, fields: Sequence[OutField]) -> dict[str, str]:
        """What the template gets besides the items, such as the heading line of a delimited file."""

    def fixed(self, text: str) -> str:
        """A fixed text, such as the feed's title, encoded."""

    def read_back(self, head: str, items: list[str], foot: str, body: bytes | None = None) -> ReadBack:
        """Read a rendered stretch again.

        Args:
            head: what stands before the items.
            items: the texts of the items, with what separates them; without it where there is a body.
            foot: what stands after the items.
            body: the items' texts and separators as one piece of UTF-8, where the caller has it already.

        Raises:
            ValueError: it is not well-formed; the text says why.
        """


Piece = tuple[str, Sequence[str], str]
"""A field of a batch on its way into the items' texts: what stands before each value, the values, what stands after."""


def piece(values: Sequence[str | None], before: str, after: str) -> Piece:
    """A field that is left out, with what stands around it, where it has no value."""
    if not all(values) and None in values:
        return "", [f"{before}{value}{after}" if value is not None else "" for value in values], ""
    return before, values, after  # type: ignore[return-value] # None is not among them


def joined(pieces: Sequence[Piece], size: int) -> list[str]:
    """Texts of `size` items from the pieces of their fields."""
    columns: list[Iterable[str]] = []
    between = ""
    for before, values, after in pieces:
        columns += [repeat(between + before, size), values]
        between = after
    return list(map("".join, zip(*columns, repeat(between, size), strict=True)))
