"""The ledger of a feed: id, price and stock of each item, for comparing it with the feed's next version.

Workers leave it with each part as joined texts; the ledger of what was published lies in the state folder, compressed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress, repeat
from pathlib import Path
from typing import Any, Self

import msgspec

from feedsmith.errors import OutputError
from feedsmith.issues import Place
from feedsmith.mapping.expression import printed
from feedsmith.mapping.types import CURRENCY
from feedsmith.publish.refusals import refusals
from feedsmith.run.buckets import SIZE, Records
from feedsmith.run.candidates import file_name
from feedsmith.run.meanings import PRICE, QUANTITY, STOCK
from feedsmith.run.packed import packed_reader, packed_writer
from feedsmith.values.column import Column

LEDGERS = "ledgers"
IN, OUT, UNKNOWN = "i", "o", "?"
"""Whether an item can be had."""
BETWEEN = " / "
"""Between the values of an id of several fields."""
LINE = "\n"


class Entries(msgspec.Struct, array_like=True):
    """A stretch of items: their ids, amounts and currencies, a line each, and a sign each for the stock.

    A column that the feed has not is empty.
    """

    ids: str
    amounts: str
    currencies: str
    stock: str


@dataclass
class Tracked:
    """Items with what is compared of each; an amount or a currency that is not there is an empty text."""

    ids: list[str] = field(default_factory=list)
    amounts: list[str] = field(default_factory=list)
    currencies: list[str] = field(default_factory=list)
    stock: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, other: "Tracked") -> None:
        """Put further items behind these."""
        self.ids += other.ids
        self.amounts += other.amounts
        self.currencies += other.currencies
        self.stock += other.stock

    def stretch(self, start: int, end: int | None = None) -> "Tracked":
        """Items `start` up to before `end`."""
        return Tracked(*(column[start:end] for column in self.columns))

    def pick(self, numbers: Iterable[int]) -> "Tracked":
        """The items of these numbers, in that order."""
        numbers = list(numbers)
        return Tracked(*([column[number] for number in numbers] for column in self.columns))

    def keep(self, mask: Sequence[bool]) -> "Tracked":
        """The items for which `mask` is true."""
        return Tracked(*(list(compress(column, mask)) for column in self.columns))

    @property
    def columns(self) -> tuple[list[str], ...]:
        """Ids, amounts, currencies, stock."""
        return self.ids, self.amounts, self.currencies, self.stock

    def packed(self) -> bytes:
        """As a part keeps them."""
        ids, amounts, currencies = map(_joined, (self.ids, self.amounts, self.currencies))
        return msgspec.msgpack.encode(Entries(ids, amounts, currencies, "".join(self.stock)))

    @classmethod
    def of(cls, entries: Entries) -> Self:
        """The items of a stretch."""
        if not entries.stock:
            return cls()
        return cls(
            entries.ids.split(LINE), entries.amounts.split(LINE), entries.currencies.split(LINE), list(entries.stock)
        )


def _joined(texts: list[str]) -> str:
    text = LINE.join(texts)
    if text.count(LINE) == len(texts) - 1:
        return text
    return LINE.join(one.replace(LINE, " ") for one in texts)


# --- from a batch --------------------------------------------------------------------------------------------------


def tracked(
    ids: Sequence[Column], meant: Mapping[str, Column], words: Mapping[Any, str], alive: Sequence[bool]
) -> Tracked:
    """What is tracked of a batch.

    Args:
        ids: the columns that make the items' id.
        meant: the columns by their meaning, as feeds of one market are compared.
        words: the channel's word for the availability → whether the item can be had.
        alive: which rows are items.
    """
    size = len(alive)
    blank = [""] * size
    amounts = meant[PRICE].fact(column_texts) if PRICE in meant else blank
    currencies = meant[PRICE + CURRENCY].fact(column_texts) if PRICE + CURRENCY in meant else blank
    found = Tracked(_ids(ids), amounts, currencies, _stock(meant, words, size))
    return found.keep(alive) if not all(alive) else found


def _ids(columns: Sequence[Column]) -> list[str]:
    first, *others = (column.fact(column_texts) for column in columns)
    return list(map(BETWEEN.join, zip(first, *others, strict=True))) if others else first


def column_texts(column: Column) -> list[str]:
    """The values as texts; empty for no value."""
    if column.is_text:
        return column.values if column.full else [value or "" for value in column]
    if isinstance(column.filled[0], Decimal):  # then all are: a column of amounts
        return list(map(str, column)) if column.full else ["" if value is None else str(value) for value in column]
    return ["" if value is None else printed(value) for value in column]


def _stock(meant: Mapping[str, Column], words: Mapping[Any, str], size: int) -> list[str]:
    if words and STOCK in meant and meant[STOCK].is_text:
        return list(map(words.get, meant[STOCK].values, repeat(UNKNOWN)))
    if QUANTITY in meant and not meant[QUANTITY].is_text:
        return [UNKNOWN if value is None else IN if value > 0 else OUT for value in meant[QUANTITY]]
    return [UNKNOWN] * size


# --- files ---------------------------------------------------------------------------------------------------------


def ledger_name(feed: str, run: int) -> str:
    """The file name of a version's ledger."""
    return f"{file_name(feed)}-{run}.zst"


def write_ledger(path: Path, stretches: Iterable[bytes]) -> None:
    """Write a ledger of packed stretches.

    Raises:
        OutputError: the disk refuses.
    """
    with refusals(path), packed_writer(path) as file:
        for raw in stretches:
            file.write(len(raw).to_bytes(SIZE) + raw)


def read_ledger(path: Path) -> Iterator[Tracked]:
    """The items of a ledger, stretch by stretch.

    Raises:
        OutputError: it is missing or damaged.
    """
    with refusals(path), packed_reader(path) as file:
        try:
            yield from map(Tracked.of, Records(Entries).read(file))
        except msgspec.MsgspecError as error:
            raise OutputError(Place(str(path)), "this file is damaged", "something else wrote to it") from error


def remove_ledgers(state: Path, wanted: Iterable[str]) -> None:
    """Remove the ledgers that are not `wanted` any more."""
    keeping = set(wanted)
    for path in (state / LEDGERS).glob("*.zst"):
        if path.name not in keeping:
            path.unlink(missing_ok=True)
