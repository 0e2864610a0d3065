"""GTIN: the numbers under the bars (EAN, UPC, ISBN-13, GTIN-14). Wrong ones are told, never repaired."""

import re

from feedsmith.values.column import Column
from feedsmith.values.problem import Problem

LENGTHS = frozenset((8, 12, 13, 14))

_WEIGHTS = (3, 1) * 7  # of a GTIN-14, from the left, with 1 for the check digit
_TAKE_FROM_PACKAGE = "take the number from the package or leave the field empty"


def check_digit(digits: str) -> int:
    """The last digit that makes `digits` a valid GTIN.

    Args:
        digits: 7, 11, 12 or 13 ASCII digits, without the check digit.

    Raises:
        ValueError: any other length, or a character outside 0-9.

    Source: GS1 General Specifications, "check digit calculation" (weights 3, 1 from the right).

    >>> check_digit("400638133393")
    1
    """
    if len(digits) + 1 not in LENGTHS or not _is_number(digits):
        raise ValueError(f"{digits!r} is not 7, 11, 12 or 13 digits")
    return -sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits.zfill(13), strict=False)) % 10


def _is_number(text: str) -> bool:
    """Whether all characters are 0-9, and there are some."""
    return text.isascii() and text.isdigit()


def _placeholders() -> frozenset[str]:
    """Codes whose digits before the check digit are all the same or count up or down."""
    up = "0123456789" * 3
    rows = [up[start:] for start in range(10)] + [up[::-1][start:] for start in range(10)]
    rows += [digit * 13 for digit in "0123456789"]
    bodies = {row[: length - 1] for row in rows for length in LENGTHS}
    return frozenset(body + digit for body in bodies for digit in "0123456789")


_PLACEHOLDERS = _placeholders()
_DAMAGED = (
    (re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+"), "was turned into exponent notation, its digits are lost"),
    (re.compile(r"[0-9]{7,14}[.,]0+"), "was turned into a number with decimals"),
)


def gtin_problem(text: str) -> Problem | None:
    """Why `text` is no GTIN, or None if it is one.

    Codes: `invalid-gtin` for characters, length, check digit and placeholders; `id-changed-type` for a number that a
    spreadsheet changed (`4,26E+12`). Blanks and dashes are wrong characters here; see `clean_gtin`.
    """
    if _is_number(text) and len(text) in LENGTHS and text not in _PLACEHOLDERS:
        code = text.zfill(14).encode()  # the codes of the digits are 48 too large each, 28 * 48 = 1344 in all
        if (3 * sum(code[::2]) + sum(code[1::2]) - 1344) % 10 == 0:
            return None
    for pattern, message in _DAMAGED:
        if pattern.fullmatch(text):
            return Problem("id-changed-type", message, "format the column as text and enter the code again")
    if not _is_number(text):
        return _other_characters(text)
    if len(text) not in LENGTHS:
        return _length_problem(text)
    if text in _PLACEHOLDERS:
        return Problem("invalid-gtin", "is a placeholder, not a registered number", _TAKE_FROM_PACKAGE)
    expected = check_digit(text[:-1])
    return Problem("invalid-gtin", f"check digit is {text[-1]}, should be {expected}", _TAKE_FROM_PACKAGE)


_CODE = re.compile(r"(?<![0-9])[0-9]{8,14}(?![0-9])")


def _other_characters(text: str) -> Problem:
    """The problem of a text that is no number; several codes in it are counted."""
    codes = _CODE.findall(text)
    if len(codes) > 1:
        return Problem("invalid-gtin", f"holds {len(codes)} codes in one cell; which one is meant?", "give one code")
    return Problem("invalid-gtin", "holds characters other than 0-9", _TAKE_FROM_PACKAGE)


def _length_problem(text: str) -> Problem:
    """The problem of a number with a wrong count of digits."""
    message = f"has {len(text)} digits, should have 8, 12, 13 or 14"
    padded = text.zfill(12)
    if len(text) in (10, 11) and gtin_problem(padded) is None:
        return Problem(
            "invalid-gtin",
            f"{message}; with its leading zeros, probably lost in a spreadsheet, it would be {padded}",
            "format the column as text and enter the code again",
        )
    if len(text) > 2 * min(LENGTHS):
        return Problem("invalid-gtin", f"{message}; it may be several codes in one cell", "give one code")
    return Problem("invalid-gtin", message, _TAKE_FROM_PACKAGE)


_DIGIT_VALUES = bytes.maketrans(b"0123456789", bytes(range(10)))
_REMAINDERS = bytes(number % 10 for number in range(256))


def gtin_problems(column: Column) -> dict[int, Problem]:
    """`gtin_problem` for a text column: the problems by row."""
    values = column.filled
    if not values:
        return {}
    regular = _is_number("".join(values)) and LENGTHS.issuperset(map(len, values))
    if regular and _PLACEHOLDERS.isdisjoint(values) and _sums_are_right(values):
        return {}
    return {row: problem for row, text in column.rows() if (problem := gtin_problem(text))}


def _sums_are_right(values: list[str]) -> bool:
    """Whether all check digits are right; `values` are digits of the right lengths.

    All rows are added at once: the digits of one place, a byte a row, are one large whole number. No byte carries into
    the next, as the largest sum of a row is 9 * 28 = 252.
    """
    digits = "".join([text.zfill(14) for text in values]).encode().translate(_DIGIT_VALUES)
    total = sum(weight * int.from_bytes(digits[place::14]) for place, weight in enumerate(_WEIGHTS))
    return not total.to_bytes(len(values)).translate(_REMAINDERS).strip(b"\0")


_RESTRICTED = "is from a range for use inside one company or shop"
_RESERVED = (
    dict.fromkeys([f"2{digit}" for digit in range(10)] + ["02", "04"], _RESTRICTED)
    | dict.fromkeys(["05", "98", "99"], "is from a range for coupons")
)  # fmt: skip


def reserved_problem(text: str) -> Problem | None:
    """Why a valid GTIN is not for sale to consumers, or None.

    Code `reserved-gtin`: restricted distribution (02, 04, 2), coupons (05, 98, 99), variable measure (GTIN-14 with 9
    in front), GTIN-8 that starts with 0 or 2. The prefixes are those of the 13-digit form.
    """
    reason = _RESERVED.get(text.zfill(14)[1:3])
    if len(text) == 8 and text[0] in "02":  # noqa: PLR2004 GTIN-8
        reason = _RESTRICTED
    elif len(text) == 14 and text[0] == "9":  # noqa: PLR2004 GTIN-14
        reason = "is for bulk goods of variable measure"
    return Problem("reserved-gtin", reason, _TAKE_FROM_PACKAGE) if reason else None


_RESERVED_START = re.compile(r"^(?:2[0-9]{11,12}$|0[245][0-9]{11}$|[45][0-9]{11}$|9[89][0-9]{11}$|9[0-9]{13}$"
                             r"|[0-9](?:2|0[245]|9[89])[0-9]{11,12}$|[02][0-9]{7}$)", re.MULTILINE)  # fmt: skip


def reserved_problems(column: Column) -> dict[int, Problem]:
    """`reserved_problem` for a column of valid GTINs: the problems by row."""
    if not _RESERVED_START.search(column.joined):
        return {}
    return {row: problem for row, text in column.rows() if (problem := reserved_problem(text))}


_WRAPPED = re.compile(r'="(.*)"|=?\'?(.*?)\'?')
_LABEL = re.compile(r"(?i)(?:EAN|GTIN|UPC|ISBN)(?:-?(?:8|1[0-4]))?(?:-?Code)?\s*[:#]?\s*(?=[0-9])")
_SEPARATORS = dict.fromkeys(map(ord, " \t\u00a0\u202f\u200b-\u00ad\u2010\u2011\u2012\u2013"))


def clean_gtin(text: str) -> str:
    """`text` without blanks, dashes, its label and a spreadsheet's text guards; a valid ISBN-10 becomes its ISBN-13.

    A text that holds other characters as well comes back as it is, so that a message can show it.
    """
    if _is_number(text) and len(text) in LENGTHS:
        return text
    wrapped = _WRAPPED.fullmatch(_LABEL.sub("", text.strip(), count=1) if text[:1].isalpha() else text.strip())
    digits = (wrapped[1] or wrapped[2] or "").translate(_SEPARATORS) if wrapped else text
    if len(digits) == 10 and _is_isbn10(digits.upper()):  # noqa: PLR2004 ISBN-10
        body = "978" + digits[:9]
        return body + str(check_digit(body))
    return digits if _is_number(digits) else text


def _is_isbn10(text: str) -> bool:
    """Whether `text` is an ISBN-10, and not as well a UPC that lost two zeros."""
    if not _is_number(text[:9]) or not (_is_number(text[9]) or text[9] == "X"):
        return False
    values = [*map(int, text[:9]), 10 if text[9] == "X" else int(text[9])]
    if sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11:
        return False
    return text[9] == "X" or gtin_problem(text.zfill(12)) is not None


def gtin14(text: str) -> str:
    """A valid GTIN in its 14-digit form, in which all lengths compare."""
    return text.zfill(14)
