"""What a channel's field means in the catalog's words, for comparing the feeds of one market with each other."""

from collections.abc import Iterable, Mapping

from feedsmith.definitions.field import FieldDefinition

PRICE, SALE, STOCK, QUANTITY, ID = "price", "sale_price", "availability", "quantity", "id"
SALE_DATES = ("sale_price_start", "sale_price_end")
MEANINGS = frozenset({PRICE, SALE, STOCK, QUANTITY, ID, "brand", "image_link", "promotion_id", "return_policy_label"})
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
SOME, NONE = frozenset({"now", "later"}), frozenset({"not", "later"})
"""What a quantity above 0 and a quantity of 0 can stand for."""


def meanings_of(fields: Iterable[tuple[str, FieldDefinition]]) -> dict[str, str]:
    """Meaning → key of the first field that has it: what its `means` says, else its own key."""
    found: dict[str, str] = {}
    for key, definition in fields:
        meaning = definition.means or key
        if meaning in MEANINGS:
            found.setdefault(meaning, key)
    return found


def states_of(definition: FieldDefinition) -> Mapping[str, frozenset[str]]:
    """The channel's word for the availability → what it can stand for; one word may stand for several of ours."""
    words = definition.values or {ours: ours for ours in STATES}
    found: dict[str, set[str]] = {}
    for ours, theirs in words.items():
        if theirs is not None and ours in STATES:
            found.setdefault(theirs, set()).add(STATES[ours])
    return {theirs: frozenset(states) for theirs, states in found.items()}
