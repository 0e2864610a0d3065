"""How large a value may become in a rule: each result is bounded, so that no chain of rules can ask for more."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from feedsmith.mapping.printed import printed

MOST_GROWTH = 100_000
"""Code points of the longest text that a rule may make; more is a failure of that row."""
MOST_VALUES = 10_000
"""Values of the longest list that a rule may make."""
MOST = Decimal(10) ** 28
LEAST = 1 / MOST
"""Between these two lies every number that a rule works out, apart from 0; what is beyond is a failure of that row."""
LEAST_EXPONENT = -40
"""A zero may be written with so many decimals."""


def bounded(length: int) -> None:
    """Raises ValueError when a text of that length must not be made."""
    if length > MOST_GROWTH:
        raise ValueError(f"the result is longer than {MOST_GROWTH} characters")


def bounded_text(text: str) -> str:
    """The text; ValueError when it is too long."""
    bounded(len(text))
    return text


def bounded_list(items: list[Any]) -> list[Any]:
    """The list; ValueError when it has too many values, or these are too long together."""
    if len(items) > MOST_VALUES:
        raise ValueError(f"the result has more than {MOST_VALUES} values")
    bounded(sum(len(item) for item in items if type(item) is str))
    return items


def bounded_number(number: Any) -> Any:
    """The number, or None for None; ValueError when it has too many digits before or behind the decimal point."""
    if number is None or LEAST < number < MOST or -MOST < number < -LEAST:
        return number
    if not number:
        return number if type(number) is int or number.as_tuple().exponent > LEAST_EXPONENT else Decimal(0)
    raise ValueError("the result has more than 28 digits before or behind the decimal point")


def replaced(text: str, old: str, new: str) -> str:
    """`text` with every `old` replaced; an empty `old` is found nowhere. ValueError when the result is too long."""
    if not old or old not in text:
        return text
    bounded(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def joined(items: Sequence[str], mark: str) -> str:
    """The items as one text. ValueError when it is too long."""
    bounded(sum(map(len, items)) + len(items) * len(mark))
    return mark.join(items)


def joined_values(*values: Any) -> str:
    """The values printed one after the other. ValueError when the text is too long."""
    return joined([printed(value) for value in values], "")
