"""Money: an exact amount and its currency; read from what price cells hold, written per ISO 4217."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from feedsmith.values.column import Column
from feedsmith.values.currencies import CURRENCIES, EXPONENTS, PRICE_WORDS, SIGNS
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

__all__ = [
    "CURRENCIES",
    "Money",
    "amounts",
    "exponent",
    "fits",
    "format_amount",
    "minor_units",
    "money_column",
    "parse_money",
    "round_amount",
]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units and an ISO 4217 code."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """As `19.90 EUR`, with the currency's own number of places."""
        return f"{format_amount(self.amount, self.currency)} {self.currency}"


def exponent(currency: str) -> int:
    """The places after the mark that `currency` has: 2 unless ISO 4217 says 0, 3 or 4."""
    return EXPONENTS.get(currency, 2)


def fits(amount: Decimal, currency: str) -> bool:
    """Whether `amount` needs no more places than `currency` has; zeros at the end do not count."""
    return not _extra(amount, exponent(currency))


def _extra(amount: Decimal, places: int) -> str:
    """The digits after the first `places` places, without zeros at the end."""
    return f"{amount:f}".partition(".")[2][places:].rstrip("0")


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half up (away from zero) to the places of `currency`."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)


def minor_units(amount: Decimal, currency: str) -> int:
    """`amount` in the smallest unit of `currency`: cents for EUR, yen for JPY.

    Raises:
        ValueError: the amount has more places than the currency; see `fits` and `round_amount`.
    """
    if not fits(amount, currency):
        raise ValueError(f"{amount:f} has more places than {currency}")
    return int(amount.scaleb(exponent(currency)))


def format_amount(amount: Decimal, currency: str, mark: str = ".") -> str:
    """`amount` with at least the places of `currency`, no grouping, no exponent notation.

    Nothing is rounded: digits beyond those places stay, only zeros there go.

    >>> format_amount(Decimal("19.9"), "EUR"), format_amount(Decimal("19.990000"), "EUR")
    ('19.90', '19.99')
    """
    places = exponent(currency)
    whole, _, part = f"{amount:f}".partition(".")
    part = part[:places].ljust(places, "0") + part[places:].rstrip("0")
    if not amount:
        whole = whole.lstrip("-")
    return f"{whole}{mark}{part}" if part else whole


_FITTING = {
    0: re.compile(r"(?:[0-9]++\n)*+"),
    2: re.compile(r"(?:[0-9]++\.[0-9][0-9]\n)*+"),
    3: re.compile(r"(?:[0-9]++\.[0-9]{3}\n)*+"),
}


def amounts(column: Column, currency: str, mark: str = ".") -> list[str | None]:
    """`format_amount` for a column of Decimals; an empty row stays None."""
    texts = list(map(str, column.filled))
    fitting = _FITTING.get(exponent(currency))
    if fitting is None or not fitting.fullmatch("\n".join([*texts, ""])):
        texts = [format_amount(amount, currency) for amount in column.filled]
    if mark != ".":
        texts = "\n".join(texts).replace(".", mark).split("\n") if texts else []
    return _spread(column, texts)


def _spread(column: Column, filled: Iterable[Any]) -> list[Any]:
    """Values for the rows of `column` that are not empty, put at those rows."""
    if column.full:
        return list(filled)
    following = iter(filled)
    return [None if value is None else next(following) for value in column.values]


_TAX_RATE = re.compile(r"[0-9]{1,2}(?:[.,][0-9])? ?%")
_SHAPE = re.compile(
    r"(?P<before>[^0-9+\-]*+)(?:(?P<sign>[+-])(?P<between>[^0-9+\-.,]*+))?"
    r"(?:(?<![.,])|(?<=[^\W\d_]\.))"  # ".99" is not 99, but "Fr.99" is
    r"(?P<number>[0-9](?:[0-9.,_'\u2019 \u00a0\u202f]*[0-9])?)"
    r"(?:[.,][-\u2013\u2014]{1,2}|(?P<minus>-)|(?![.,]))(?P<after>[^0-9]*)"
)
_BETWEEN_WORDS = re.compile(r"[\s/()]+")


def parse_money(text: str, mark: str = ".", currency: str | None = None) -> tuple[Decimal, str | None] | Problem:
    """The amount that a price cell holds, and the currency if the cell names one.

    Currency signs and codes, tax notes such as `inkl. MwSt.` and an ending `,-` are taken off; any other word is a
    problem, since it may say that this is no price (`excl. btw`, `per kg`).

    Args:
        text: the cell.
        mark: the decimal mark, "." or ",".
        currency: the currency to expect; it decides what a sign of several currencies (`$`, `kr`) stands for.

    Returns:
        Amount and currency code (None: not named), or a problem `invalid-price` or `invalid-currency`.
    """
    found = _SHAPE.fullmatch(_TAX_RATE.sub("", text).strip()) if "%" in text else _SHAPE.fullmatch(text.strip())
    if not found:
        return _no_price(parse_decimal(text, mark))
    amount = parse_decimal(found["number"], mark)
    if isinstance(amount, Problem):
        return _no_price(amount)
    named = _named(f"{found['before']} {found['between'] or ''} {found['after']}", currency)
    if isinstance(named, Problem):
        return named
    negative = found["sign"] == "-" or found["minus"]
    return (-amount if negative else amount), named


def _no_price(problem: Decimal | Problem) -> Problem:
    """The problem of a number as the problem of a price."""
    if isinstance(problem, Problem):
        return Problem("invalid-price", problem.message, problem.help)
    return Problem("invalid-price", "is not a price", "write one number, such as 19.99")


def _named(words: str, expected: str | None) -> str | Problem | None:
    """The one currency that `words` name; None without any, a problem for two or for a word that is not known."""
    found: set[str | None] = set()
    for word in _BETWEEN_WORDS.split(words):
        token = word.strip(".,:;*")  # a star points to a footnote on tax and postage
        folded = token.casefold()
        if folded in PRICE_WORDS:
            continue
        if token.upper() in CURRENCIES:
            found.add(token.upper())
        elif folded in SIGNS:
            found.add(_meant(SIGNS[folded], expected))
        else:
            return _unknown_word(token)
    if len(found - {None}) > 1:
        both = " and ".join(sorted(code for code in found if code))
        return Problem("invalid-currency", f"names two currencies, {both}", "leave one of them")
    return max(found, key=lambda code: code is not None, default=None)


def _meant(candidates: tuple[str, ...], expected: str | None) -> str | None:
    """What a sign stands for: the expected currency if it may, else the usual one; "" at first says there is none."""
    if expected is None or expected in candidates:
        return expected or candidates[0] or None
    return next(filter(None, candidates))


def _unknown_word(token: str) -> Problem:
    """The problem of a word beside a price."""
    if len(token) == 3 and token.isascii() and token.isalpha() and token.isupper():  # noqa: PLR2004 the length of a code
        return Problem("invalid-currency", f"{token} is not a current ISO 4217 currency", "write a code such as EUR")
    return Problem("invalid-price", f'"{token}" is not known as part of a price', "leave the number and the currency")


_PLAIN = r"-?[0-9]{1,14}+(?:\.[0-9]{1,6}+)?"  # within the 20 digits of a number
_PLAIN_VALUE = {".": re.compile(_PLAIN), ",": re.compile(_PLAIN.replace(r"\.", ","))}
_PLAIN_COLUMN = {mark: re.compile(rf"(?:{one.pattern}\n)*+") for mark, one in _PLAIN_VALUE.items()}
_AFFIXES = re.compile(r"([^0-9+\-.,]*)[+-]?[0-9][0-9.,]*([^0-9+\-.,]*)")

MoneyColumn = tuple[Column, list[str | None] | None, dict[int, Problem]]
"""Amounts, the currency named in each row or None if no row names one, and the problems by row."""


class _Affixes(NamedTuple):
    """What stands before and after each number of a column, and the currency that it names."""

    head: str = ""
    tail: str = ""
    currency: str | None = None


def money_column(column: Column, mark: str, currency: str | None = None) -> MoneyColumn:
    """A text column as amounts.

    Args:
        column: cells with prices.
        mark: the decimal mark, "." or ",".
        currency: the currency to expect, as for `parse_money`.

    Returns:
        A column of Decimals; the currency named in each row, or None if no row names one; the problems by row, each of
        which is empty in the column.
    """
    if column.blank:
        return column, None, {}
    affixes = _affixes(column.filled[0], mark, currency)
    numbers = _plain_numbers(column, affixes, mark)
    if numbers is None:
        return _row_by_row(column, affixes, mark, currency)
    currencies = _spread(column, [affixes.currency] * len(numbers)) if affixes.currency else None
    return Column(_spread(column, map(Decimal, numbers))), currencies, {}


def _affixes(first: str, mark: str, currency: str | None) -> _Affixes:
    """The affixes of the first value, which its column probably shares."""
    found, parsed = _AFFIXES.fullmatch(first), parse_money(first, mark, currency)
    if not found or isinstance(parsed, Problem):
        return _Affixes()
    return _Affixes(found[1], found[2], parsed[1])


def _plain_numbers(column: Column, affixes: _Affixes, mark: str) -> list[str] | None:
    """The numbers as Decimal reads them, if all values are plain numbers within the same affixes."""
    text = "\n" + column.joined + "\n"
    if text.count("\n") > len(column.filled) + 1:  # a line break within a value
        return None
    for affix, bound in ((affixes.head, "\n" + affixes.head), (affixes.tail, affixes.tail + "\n")):
        if affix:
            if text.count(bound) != len(column.filled) or text.count(affix) != len(column.filled):
                return None
            text = text.replace(bound, "\n")
    if not _PLAIN_COLUMN[mark].fullmatch(text, 1):
        return None
    return text[1:-1].replace(",", ".").split("\n")


def _row_by_row(column: Column, affixes: _Affixes, mark: str, currency: str | None) -> MoneyColumn:
    """`money_column` for a column whose values differ in form."""
    values: list[Decimal | None] = [None] * len(column)
    currencies: list[str | None] = [None] * len(column)
    problems = {}
    head, tail, plain = affixes.head, affixes.tail, _PLAIN_VALUE[mark].fullmatch
    for row, text in column.rows():
        number = text[len(head) : len(text) - len(tail)] if text.startswith(head) and text.endswith(tail) else ""
        if plain(number):
            values[row], currencies[row] = Decimal(number.replace(",", ".")), affixes.currency
        elif number[:1].isdigit() and isinstance(amount := parse_decimal(number, mark), Decimal):
            values[row], currencies[row] = amount, affixes.currency
        elif isinstance(parsed := parse_money(text, mark, currency), Problem):
            problems[row] = parsed
        else:
            values[row], currencies[row] = parsed
    return Column(values), (currencies if any(currencies) else None), problems
