"""Decimal numbers in text: one strict grammar per decimal mark, no float, no guess."""

import re
from collections.abc import Iterable
from decimal import Decimal

from feedsmith.values.problem import Problem

DIGITS = 20
"""The most digits a number may have; longer ones are not prices, counts or measures."""

BLANKS = " \u00a0\u202f"
"""Blanks that group thousands: the plain one, the non-breaking one and the narrow one."""

_SHARED_GROUPS = BLANKS + "'\u2019"
_OTHER = {".": ",", ",": "."}


def _grammar(mark: str) -> re.Pattern[str]:
    """The whole number, with one kind of thousands sign throughout."""
    sign = f"[{re.escape(_OTHER[mark] + _SHARED_GROUPS)}]"
    grouped = rf"[0-9]{{1,3}}(?P<group>{sign})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    return re.compile(rf"[+-]?(?:{grouped}|[0-9]+)(?:{re.escape(mark)}[0-9]+)?")


_GRAMMARS = {mark: _grammar(mark) for mark in _OTHER}
_TO_PLAIN = {mark: str.maketrans(mark, ".", _OTHER[mark] + _SHARED_GROUPS) for mark in _OTHER}

_EXPLAINED = (
    (re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+"), "is in exponent notation", "format the column as a plain number"),
    (re.compile(r"(?i)[+-]?s?(?:nan|inf|infinity)"), "is not a finite number", "leave the value empty"),
    (re.compile(r".*(?![0-9])\d.*", re.DOTALL), "holds digits other than 0-9", "write 0-9"),
    (re.compile(r"[^0-9]*"), "holds no digit", "give a number or leave the value empty"),
    (re.compile(r"[+-]?[0-9]+[.,]"), "ends with its decimal mark", "write 5 or 5.0"),
    (re.compile(r"[+-]?[.,][0-9]+"), "starts with its decimal mark", "write a zero before it"),
    (re.compile(r".*_.*", re.DOTALL), "holds an underscore", "write the digits without it"),
)


def parse_decimal(text: str, mark: str = ".") -> Decimal | Problem:
    """The number that `text` holds, exactly as written; outer blanks do not count.

    Args:
        text: digits 0-9, perhaps a sign in front and thousands grouped by blanks, apostrophes or the other mark.
        mark: the decimal mark, "." or ",".

    Returns:
        The number, or a problem `invalid-number`: a wrong mark, a wrong group, an exponent, more than 20 digits.

    >>> parse_decimal("1.234,50", ",")
    Decimal('1234.50')
    """
    text = text.strip()
    if not _GRAMMARS[mark].fullmatch(text):
        return _explain(text, mark)
    plain = text.translate(_TO_PLAIN[mark])
    if len(plain) > DIGITS and sum(map(str.isdigit, plain)) > DIGITS:
        return Problem("invalid-number", f"has more than {DIGITS} digits", "check the column: is this a number?")
    return Decimal(plain)


def _explain(text: str, mark: str) -> Problem:
    """Why `text` is no number with this mark."""
    for pattern, message, advice in _EXPLAINED:
        if pattern.fullmatch(text):
            return Problem("invalid-number", message, advice)
    other = _OTHER[mark]
    if _GRAMMARS[other].fullmatch(text):
        message = f'reads as a number with the decimal mark "{other}", but "{mark}" is set'
        return Problem("invalid-number", message, f'set the decimal mark to "{other}", or correct the value')
    return Problem("invalid-number", "is not a number", f'write digits with "{mark}" as decimal mark')


_NUMBER = re.compile(rf"[0-9][0-9.,]*(?:[{BLANKS}'\u2019][0-9]{{3}}(?![0-9])[0-9.,]*)*")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


def decimal_style(values: Iterable[str]) -> str | None:
    """The decimal mark that a column's values agree on: "," or ".".

    Currency signs and words around the numbers do not count. None when nothing decides (whole numbers, `1.234`
    alone) and when the values contradict each other: then only a declared mark helps.
    """
    marks = {_mark(number) for text in values for number in _NUMBER.findall(text)} - {None}
    return marks.pop() if len(marks) == 1 else None


def _mark(number: str) -> str | None:
    """The decimal mark that one number shows, if it shows one."""
    if number.endswith((".", ",")):
        number = number[:-1]
    last = max(number, key=lambda sign: (sign in _OTHER, number.rfind(sign)), default="")
    if last not in _OTHER or _AMBIGUOUS.fullmatch(number):
        return None
    return last if number.count(last) == 1 else _OTHER[last]
