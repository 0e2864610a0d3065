"""Amounts and days as a shopper of the market reads them."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple

from feedsmith.preview.cards.face import Shopper

AMOUNT = re.compile(r"\s*(?P<value>[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(?P<currency>[A-Z]{3})?\s*")


class Amount(NamedTuple):
    """An amount; its currency is empty where none is known."""

    value: Decimal
    currency: str


def amount_of(text: str, currency: str) -> Amount | None:
    """The amount that a text such as `24.95 EUR` or `24.95` names; None for any other text."""
    found = AMOUNT.fullmatch(text)
    if found is None:
        return None
    try:
        return Amount(Decimal(found["value"]), found["currency"] or currency)
    except InvalidOperation:
        return None


def shown_amount(amount: Amount, shopper: Shopper) -> str:
    """An amount with its sign, as the market writes it: `€ 24,95`."""
    from babel.numbers import format_currency, format_decimal  # noqa: PLC0415 - only the preview needs it

    locale = _locale(shopper.language, shopper.country)
    if not amount.currency:
        return str(format_decimal(amount.value, locale=locale))
    return str(format_currency(amount.value, amount.currency, locale=locale)).replace("\xa0", " ")


def shown_day(day: datetime, shopper: Shopper) -> str:
    """A day as the market writes it, such as `12 dec 2026`."""
    from babel.dates import format_date  # noqa: PLC0415 - only the preview needs it

    return str(format_date(day.date(), "medium", locale=_locale(shopper.language, shopper.country)))


@cache
def _locale(language: str, country: str) -> str:
    """The locale of a market, as babel names it; English where it has none of that name."""
    from babel.core import Locale, UnknownLocaleError  # noqa: PLC0415 - only the preview needs it

    for name in (f"{language}_{country}", language):
        try:
            return str(Locale.parse(name))
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return "en"
