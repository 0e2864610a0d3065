"""What a delta is made by: of each product its key, the fields by which it can be deleted, and its item's digest."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, repeat
from typing import Protocol, Self

import msgspec

from feedsmith.definitions.channel import ChannelDefinition, SetCheck
from feedsmith.run.ledger import BETWEEN, column_texts
from feedsmith.values.column import Column

DIGEST = 16
"""Bytes of the digest of an item's text."""


class Columns(Protocol):
    """The columns of a batch's items."""

    def column(self, name: str) -> Column:
        """The column of a field."""


class Sending(Protocol):
    """What is asked of a feed."""

    @property
    def channel(self) -> ChannelDefinition:
        """Its channel."""

    @property
    def id_fields(self) -> tuple[str, ...]:
        """The fields that make an item's id."""

    @property
    def sets(self) -> Mapping[str, SetCheck]:
        """Its set checks."""


class Packed(msgspec.Struct, array_like=True):
    """The products of a part on disk."""

    keys: list[str]
    fields: list[list[str]]
    sizes: list[int]
    digests: bytes


@dataclass
class ToSend:
    """Products in the order of the feed.

    `fields` are columns, in the order of `delete_fields`; `sizes` say of groups how many products each item holds, and
    are empty where each is an item. `digests` are those of the items, one behind the other.
    """

    keys: list[str] = field(default_factory=list)
    fields: list[list[str]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    digests: bytes = b""

    def add(self, other: Self) -> None:
        """Put further products behind these."""
        self.keys += other.keys
        self.fields = self.fields or [[] for _ in other.fields]
        for column, more in zip(self.fields, other.fields, strict=True):
            column.extend(more)
        self.sizes += other.sizes

    def packed(self) -> bytes:
        """As a part keeps them."""
        return msgspec.msgpack.encode(Packed(self.keys, self.fields, self.sizes, self.digests))

    @classmethod
    def unpacked(cls, raw: bytes) -> Self:
        """Those that a part kept."""
        if not raw:
            return cls()
        found = msgspec.msgpack.decode(raw, type=Packed)
        return cls(found.keys, found.fields, found.sizes, found.digests)

    def items(self) -> Iterator[int]:
        """Of each product the number of its item."""
        if not self.sizes:
            return iter(range(len(self.keys)))
        return chain.from_iterable(map(repeat, range(len(self.sizes)), self.sizes))

    def digest(self, item: int) -> bytes:
        """The digest of an item."""
        return self.digests[item * DIGEST : (item + 1) * DIGEST]


def delete_fields(channel: ChannelDefinition) -> tuple[str, ...]:
    """The fields of the channel that an item which deletes has of the one that it deletes."""
    return tuple(channel.deletes.fields) if channel.deletes is not None else ()


def key_fields(feed: Sending) -> tuple[str, ...]:
    """The fields by which an item is known: those of its id, else what else no two items may share."""
    others = (one.key for one in feed.sets.values() if one.check == "unique" and one.key and not one.fold)
    return feed.id_fields or tuple(next(others, ()))


def to_send(feed: Sending, items: Columns, alive: Sequence[bool], sizes: Sequence[int]) -> ToSend:
    """The products of a batch that are left, without the digests, which are of the encoded texts."""
    keys = list(compress(product_keys(feed, items), alive))
    fields = [_texts(items.column(name), alive) for name in delete_fields(feed.channel)]
    return ToSend(keys, fields, list(sizes))


def product_keys(feed: Sending, items: Columns) -> Sequence[str]:
    """What each product of a batch is known by."""
    keys = [items.column(name).fact(column_texts) for name in key_fields(feed)]
    return keys[0] if len(keys) == 1 else [BETWEEN.join(one) for one in zip(*keys, strict=True)]


def _texts(column: Column, alive: Sequence[bool]) -> list[str]:
    return list(compress(column.fact(column_texts), alive))


def text_digests(texts: Iterable[bytes]) -> bytes:
    """The digests of these texts, one behind the other."""
    return b"".join(hashlib.blake2b(text, digest_size=DIGEST).digest() for text in texts)
