"""What a list shows of a record, of whatever kind: the same few texts for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.catalog.records import RECORDS
from feedsmith.mapping.printed import printed
from feedsmith.values.money import format_amount

LISTED = ("id", "title", "brand", "gtin", "item_group_id", "product_type", "price", "image_link")
"""The columns of a list, named after the fields of a product that stand there."""
LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "product": {name: (name,) for name in LISTED},
    "promotion": {
        "id": ("id",), "title": ("title", "description"), "brand": ("code",),
        "price": ("percent_off", "money_off_amount", "free_gift_description", "coupon_value_type"),
        "image_link": ("image_link",),
    },
    "review": {
        "id": ("id",), "title": ("title", "content"), "brand": ("product_name", "brand"), "gtin": ("gtin",),
        "item_group_id": ("product_id",), "price": ("rating",), "image_link": ("images",),
    },
}  # fmt: skip
"""Kind of record → column of a list → the record's fields for it; the first that has a value counts."""
SIGNS: Mapping[str, str] = {"percent_off": "{} %", "rating": "{} ★"}
"""How a number is shown that would say nothing alone."""
BITS: Mapping[str, int] = {name: 1 << number for number, name in enumerate(RECORDS)}
"""Kind of record → its bit, where several are named at once."""


IN, REJECTED, FILTERED = 1, 2, 4
"""What became of a record in a feed, as bits: one of them, or several where the feed has it in several places."""


@dataclass(slots=True)
class Listed:
    """A record as a list shows it.

    `states` says what became of it in each feed of its part. `told` counts its issues by the number of their kind in
    the part. `places` has, by the number of a feed with an item for each store or region, in how many it is there,
    rejected and filtered.
    """

    values: tuple[str, ...]
    path: str
    row: int
    states: list[int]
    told: dict[int, int] = field(default_factory=dict)
    places: dict[int, tuple[int, int, int]] = field(default_factory=dict)


def fields_listed(record: str) -> set[str]:
    """The fields that a list of such records reads."""
    return {name for names in LISTS[record].values() for name in names}


def listed(products: Products, feeds: int) -> Iterator[Listed]:
    """The rows of a batch that goes into so many feeds."""
    wanted = LISTS[products.record.name]
    texts = [_first(products, wanted.get(name, ())) for name in LISTED]
    for number, values in enumerate(zip(*texts, strict=True)):
        place = products.batch.place(number)
        yield Listed(values, place.path, place.row or 0, [0] * feeds)


def _first(products: Products, names: tuple[str, ...]) -> list[str]:
    """The texts of the first of these fields that has a value, row by row."""
    columns = [_texts(products, name) for name in names]
    if len(columns) == 1:
        return columns[0]
    if not columns:
        return [""] * len(products)
    return [next(filter(None, texts), "") for texts in zip(*columns, strict=True)]


def _texts(products: Products, name: str) -> list[str]:
    known = products.record.fields[name]
    column = products.text(name) if known.varies == "language" else products.value(name)
    if known.kind == "money":
        return _prices(products, name, column.values)
    if known.kind == "urls":
        return [value[0] if value else "" for value in column]
    sign = SIGNS.get(name)
    if sign:
        return ["" if value is None else sign.format(printed(value)) for value in column]
    return [printed(value) for value in column]


def _prices(products: Products, name: str, amounts: list[Any]) -> list[str]:
    key = products.value_key(name)
    known = key in products.claims or products.record.derives
    currencies = products.currency_of(key) if known else None
    named = currencies.values if currencies is not None else [None] * len(products)
    return [_price(amount, currency) for amount, currency in zip(amounts, named, strict=True)]


def _price(amount: Any, currency: str | None) -> str:
    if not isinstance(amount, Decimal):
        return ""
    return f"{format_amount(amount, currency)} {currency}" if currency else printed(amount)
