"""What a channel's field means in the catalog's words, for comparing the feeds of one market with each other."""

from collections.abc import Iterable, Mapping
from typing import Any

from feedsmith.definitions.field import FieldDefinition

PRICE, SALE, STOCK, QUANTITY, ID = "price", "sale_price", "availability", "quantity", "id"
SALE_DATES = ("sale_price_start", "sale_price_end")
RETURN_DAYS = "return_days"
"""How many days buyers have to send it back; channels have it as a field or in a group by country."""
MEANINGS = frozenset(
    {PRICE, SALE, STOCK, QUANTITY, ID, "brand", "image_link", "promotion_id", "return_policy_label", RETURN_DAYS}
)
"""The meanings whose values must be the same in all feeds of a market."""

STATES = {
    "in_stock": "now",
    "limited_stock": "now",
    "preorder": "later",
    "backorder": "later",
    "out_of_stock": "not",
    "discontinued": "not",
}
"""Our word for the availability → whether the product can be had."""
GONE = frozenset({"not"})
"""What a word stands for that only means that the product cannot be had."""
SOME, NONE = frozenset({"now", "later"}), frozenset({"not", "later"})
"""What a quantity above 0 and a quantity of 0 can stand for."""


def meanings_of(fields: Iterable[tuple[str, FieldDefinition]]) -> dict[str, str]:
    """Meaning → key of the first field that has it, by `means` or by its own key; `return.days` is an attribute."""
    found: dict[str, str] = {}
    for key, definition in fields:
        parts = {f"{key}.{part}": one.means for part, one in definition.group.items()}
        for place, meaning in {key: definition.means or key, **parts}.items():
            if meaning in MEANINGS:
                found.setdefault(meaning, place)
    return found


def meant(value: Any, attribute: str, country: str) -> Any:
    """The attribute of the group that holds in a country: of the one that names it, else of one that names none."""
    groups = [one for one in (value if isinstance(value, list) else [value]) if one]
    for named in (country, None):
        found = next((one.get(attribute) for one in groups if one.get("country") == named), None)
        if found is not None:
            return found
    return None


def states_of(definition: FieldDefinition) -> Mapping[str, frozenset[str]]:
    """The channel's word for the availability → what it can stand for; one word may stand for several of ours."""
    words = definition.values or {ours: ours for ours in STATES}
    found: dict[str, set[str]] = {}
    for ours, theirs in words.items():
        if theirs is not None and ours in STATES:
            found.setdefault(theirs, set()).add(STATES[ours])
    return {theirs: frozenset(states) for theirs, states in found.items()}
