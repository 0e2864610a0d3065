"""Dates as people write them: `31.12.2026`, `31-12-26`, `12/31/2026`, `31 dec 2026`, `December 31, 2026`.

Whether the day or the month stands first is seen from a whole column: a number above 12 is a day.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from feedsmith.values.problem import Problem

Order = Literal["day", "month", ""]
"""What stands first in dates of numbers; "" where nothing shows it."""

MONTHS = (
    "jan january januari januar janner janvier janv",
    "feb february februari februar feber fevrier fevr fev",
    "mar march mrt maart mrz marz maerz mars",
    "apr april avril avr",
    "may mei mai",
    "jun june juni juin",
    "jul july juli juillet juil",
    "aug august augustus aout",
    "sep sept september septembre",
    "oct october okt oktober octobre",
    "nov november novembre",
    "dec december dez dezember decembre",
)
"""Names of months and their usual short forms in English, Dutch, German and French, without accents and points."""
NUMBERS = {name: number for number, names in enumerate(MONTHS, 1) for name in names.split()}
_ACCENTS = str.maketrans("äàâéèêëöôûüù", "aaaeeeeoouuu")
_TIME = r"(?:,?[ T](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?(?: uhr)?)?"
_NUMBERS = re.compile(
    r"(?P<first>[0-9]{1,2})(?P<sign>[./-])(?P<second_part>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})" + _TIME,
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    r"(?P<day>[0-9]{1,2})(?:\.|er|st|nd|rd|th|e)?[ -](?:of )?(?P<month>[a-z]+)\.?,?[ -](?P<year>[0-9]{4}|[0-9]{2})"
    + _TIME,
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[a-z]+)\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<year>[0-9]{4})" + _TIME, re.IGNORECASE
)
_CENTURY = 2000
_MONTHS_OF_A_YEAR = 12
_SHORT = 100
_HELP = "say the form in the source, such as `dates: '%d/%m/%Y'` or `dates: '%m/%d/%Y'`"


def order_of(texts: Iterable[str]) -> Order:
    """Whether day or month stands first in the dates of a column; "" where none shows it, or they contradict.

    >>> order_of(["01/02/2026", "12/31/2026"]), order_of(["31-12-2026"]), order_of(["01/02/2026"])
    ('month', 'day', '')
    """
    seen: set[Order] = set()
    for text in texts:
        found = _NUMBERS.fullmatch(text.strip())
        if found and found["sign"] != ".":
            first, second = int(found["first"]), int(found["second_part"])
            if (first > _MONTHS_OF_A_YEAR) != (second > _MONTHS_OF_A_YEAR):
                seen.add("day" if first > _MONTHS_OF_A_YEAR else "month")
    return seen.pop() if len(seen) == 1 else ""


def local_moment(text: str, order: Order) -> tuple[datetime, bool] | Problem | None:
    """The moment and whether it has a time of day; a problem where it has two meanings; None for all other texts.

    Raises:
        ValueError: there is no such day or time.
    """
    found = _NUMBERS.fullmatch(text)
    if found:
        return _of_numbers(found, order)
    plain = text.casefold().translate(_ACCENTS)
    named = _DAY_FIRST.fullmatch(plain) or _MONTH_FIRST.fullmatch(plain)
    if named is None or named["month"] not in NUMBERS:
        return None
    return _moment(named, NUMBERS[named["month"]], int(named["day"]))


def _of_numbers(found: re.Match[str], order: Order) -> tuple[datetime, bool] | Problem:
    """Points stand between day and month in this order only; of other signs the column tells, or the date itself."""
    first, second = int(found["first"]), int(found["second_part"])
    by_itself: Order = "month" if second > _MONTHS_OF_A_YEAR >= first else "day"
    clear = found["sign"] == "." or first == second or max(first, second) > _MONTHS_OF_A_YEAR
    if not clear and not order:
        problem = "may be two dates, as nothing in its column shows whether the day or the month stands first"
        return Problem("invalid-date", problem, _HELP)
    if found["sign"] != "." and (order if not clear else by_itself) == "month":
        first, second = second, first
    return _moment(found, second, first)


def _moment(found: re.Match[str], month: int, day: int) -> tuple[datetime, bool]:
    year = int(found["year"])
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    year += _CENTURY if year < _SHORT else 0
    return datetime(year, month, day, hour, minute, second), found["hour"] is not None  # noqa: DTZ001 the caller adds it
