"""Prices and weights that are written as what comes on top of the article's."""

import re
from decimal import Decimal

from feedsmith.values.numbers import parse_decimal

CHANGE = re.compile(r"\[(?P<how>ADD|REMOVE|FIXED|PERCENT(?:ADD|REMOVE)?)\]\s*(?P<amount>.+)", re.IGNORECASE)
"""How shops write a change of the article's number: `[ADD]2.50`, `[REMOVE]1`, `[FIXED]19.95`."""
SIGNS = {"add": 1, "remove": -1}


def adjusted(base: str | None, said: str) -> str:
    """What a change makes of the article's number; anything else as it is.

    >>> adjusted("10", "[ADD]2.50"), adjusted("10", "[FIXED]8"), adjusted("10", "7.95")
    ('12.50', '8', '7.95')
    """
    found = CHANGE.fullmatch(said.strip())
    if found is None:
        return said
    how, amount = found["how"].lower(), found["amount"].strip()
    numbers = [parse_decimal(text) for text in (base or "", amount)]
    first, change = numbers
    if how not in SIGNS or not isinstance(first, Decimal) or not isinstance(change, Decimal):
        return amount if how == "fixed" else said
    return f"{first + SIGNS[how] * change:f}"
