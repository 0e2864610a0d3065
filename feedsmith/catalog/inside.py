"""Values inside objects, as the JSON of shops nests them: `{"amount": "12.95", "currency": "EUR"}`, `[{"src": …}]`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from feedsmith.values.column import Column

OBJECT = '{"'
LISTED = '[{"'
ADDRESS: Sequence[str] = ("src", "url", "href", "link", "original", "image", "file", "path")
"""Names of an address in an object, the best first."""
AMOUNT: Sequence[str] = ("amount", "value", "gross", "price", "current")
PIECES: Sequence[str] = ("quantity", "qty", "available", "stock", "amount", "on_hand", "value", "level")
NAME: Sequence[str] = ("name", "title", "label", "value", "text", "plain", "code")
CURRENCY: Sequence[str] = ("currency", "currency_code", "currencyCode", "currency_id", "iso", "@currency")
NAMES: Mapping[str, Sequence[str]] = {
    "money": AMOUNT, "number": PIECES, "quantity": PIECES, "text": NAME, "choice": NAME, "category": NAME,
    "identifier": ("value", "id", "code", "sku"), "gtin": ("value", "gtin", "ean", "code"), "url": ADDRESS,
}  # fmt: skip
"""Kind of field → the names by which an object holds its value."""


def inside(column: Column, kind: str) -> Column:
    """The column with the values that objects hold in their place; an object without one stays as it is."""
    names = NAMES.get(kind)
    if names is None:
        return column
    return Column([_value(text, kind, names) if text and text.startswith(OBJECT) else text for text in column.values])


def _value(text: str, kind: str, names: Sequence[str]) -> str:
    found = _loaded(text)
    if not isinstance(found, dict):
        return text
    name = next((name for name in names if isinstance(found.get(name), str) and found[name]), None)
    if name is None:
        return text
    if kind != "money":
        return str(found[name])
    currency = next((found[one] for one in CURRENCY if isinstance(found.get(one), str)), "")
    return f"{found[name]} {currency}".strip()


def addresses(text: str) -> list[str] | None:
    """The addresses in objects, or in a list of them, in their order; None for any other text.

    >>> addresses('[{"id": "1", "src": "https://x.example/1.jpg"}, {"src": "https://x.example/2.jpg"}]')
    ['https://x.example/1.jpg', 'https://x.example/2.jpg']
    """
    if not text.startswith((OBJECT, LISTED)):
        return None
    found = _loaded(text)
    return list(_addresses(found)) if isinstance(found, dict | list) else None


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(("http://", "https://", "//")):
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from _addresses(one)
    elif isinstance(value, dict):
        name = next((name for name in ADDRESS if isinstance(value.get(name), str) and value[name]), None)
        if name is not None:
            yield value[name]
        else:
            yield from (address for one in value.values() for address in _addresses(one))


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
