"""What the cells of a workbook hold, as texts: columns, numbers, dates."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

MAX_COLUMNS = 16_384
MIDNIGHT = "T00:00:00"
SINCE_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
SINCE_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
LEAP_DAY = 60
"""29 February 1900, which is in the count and never was."""
DAY = 86_400_000
"""Milliseconds."""
SAFE_DIGITS = 10**15
"""From here on a spreadsheet has replaced a whole number's last digits by zeros."""
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}")
NUMBER = re.compile(r"[-+]?[0-9]*\.?[0-9]*([eE][-+]?[0-9]+)?")


def column_number(letters: str) -> int:
    """The number of a column, from 1; 0 for anything but letters.

    >>> column_number("A"), column_number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + ord(letter) - 64 if "A" <= letter <= "Z" else 0
    return number


def column_letters(number: int) -> str:
    """The letters of a column counted from 1.

    >>> column_letters(1), column_letters(16384)
    ('A', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def number_text(number: float) -> str:
    """A number as digits, never with an exponent; to 15 digits, as spreadsheets keep and show it.

    >>> number_text(4006381333931.0), number_text(0.1 + 0.2), number_text(1e-7)
    ('4006381333931', '0.3', '0.0000001')
    """
    if number == int(number):
        return str(int(number))
    return format(Decimal(f"{number:.15g}").normalize(), "f")


def serial_text(number: float, *, since_1904: bool) -> str:
    """A date that a spreadsheet counts in days, as ISO 8601; a number below 1 is a time of day.

    Days before `LEAP_DAY` are moved by one.
    Source: ECMA-376 part 1, 18.17.4.1.
    """
    count = timedelta(milliseconds=round(number * DAY))
    start = SINCE_1904 if since_1904 else SINCE_1900
    if timedelta() <= count < timedelta(days=1):
        return (start + count).time().isoformat()
    if not since_1904 and number < LEAP_DAY:
        start += timedelta(days=1)
    return date_text(start + count)


def date_text(moment: datetime) -> str:
    """ISO 8601, without the time at midnight."""
    return moment.isoformat().removesuffix(MIDNIGHT)


def elapsed_text(number: float) -> str:
    """Days as hours, minutes and seconds: 1.5 is 36:00:00."""
    minutes, seconds = divmod(round(number * 86_400), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def bool_text(raw: str) -> str:
    """`true` or `false`."""
    return "true" if raw.strip() in ("1", "true") else "false"


def day_text(raw: str) -> str:
    """A date that is written as ISO 8601, without the time at midnight."""
    return raw.removesuffix(MIDNIGHT)
