"""The values of an item as the preview shows and keeps them: texts, lists of texts, groups as mappings."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.types import CURRENCY
from feedsmith.run.feed import CompiledFeed
from feedsmith.values.money import format_amount

MONEY = "money"


def item_values(feed: CompiledFeed, items: Rows, row: int) -> dict[str, Any]:
    """Field → value of one item, of the fields that have one.

    Args:
        feed: the compiled feed.
        items: the columns of its fields after all checks (`MappedFeed.items`).
        row: the item's number in them.
    """
    found: dict[str, Any] = {}
    for one in feed.active:
        value = items.column(one.key)[row]
        if value is None:
            continue
        money = one.out.definition.type == MONEY
        found[one.key] = plain(value, items.column(one.key + CURRENCY)[row] if money else None)
    return found


def plain(value: Any, currency: str | None = None) -> Any:
    """A typed value as text, with the currency behind an amount; lists and groups keep their form."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {
            name: plain(one, value.get(name + CURRENCY)) for name, one in value.items() if not name.endswith(CURRENCY)
        }
    if currency and isinstance(value, (int, Decimal)):
        return f"{format_amount(Decimal(value), currency)} {currency}"
    return printed(value)
