"""The steps of rules for numbers, prices, stock and dates."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from feedsmith.mapping.bounds import bounded_number
from feedsmith.mapping.date_functions import date_form, date_text, to_date
from feedsmith.mapping.number_functions import ending, rounded, to_number
from feedsmith.mapping.printed import printed
from feedsmith.mapping.step import (
    Setting,
    StepKind,
    Value,
    number_of,
    options_of,
    prepared,
    rate_of,
    text_of,
    whole_of,
    with_number,
)
from feedsmith.mapping.types import Type

T = Type
MOST_DECIMALS = 10
WAYS = {"near": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}
"""Where a price goes to get its ending."""


def _round(argument: Any, setting: Setting) -> Value:  # noqa: ARG001 - every maker is called alike
    places = whole_of(argument or "0", 0, MOST_DECIMALS)
    return lambda number: rounded(number, places)


def _ending(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    options = options_of(
        argument if isinstance(argument, dict) else {"with": str(argument)}, {"with": "", "way": "near"}
    )
    end = number_of(options["with"])
    if options["way"] not in WAYS:
        raise ValueError(f"has no way {options['way']!r}; it has {', '.join(WAYS)}")
    if end < 0:
        raise ValueError("takes a number from 0 up, such as 0.95")
    rounding = WAYS[options["way"]]
    return lambda price: ending(price, end, rounding)


def _percent(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    factor = 1 + rate_of(argument)
    return lambda number: bounded_number(Decimal(number) * factor)


def _share(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    factor = rate_of(argument)
    if not 0 <= factor <= 1:
        raise ValueError("takes a rate from 0% to 100%")
    return lambda number: (Decimal(number) * factor).to_integral_value(ROUND_FLOOR)


def _divided(number: Decimal, divisor: Decimal) -> Decimal | None:
    return bounded_number(number / divisor) if divisor else None


def _to_number(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    mark = "." if argument is None else argument
    if mark not in (".", ","):
        raise ValueError("takes the decimal sign of the text, '.' or ','")
    return lambda text: to_number(printed(text), mark)


def _to_date(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    form = "" if argument is None else date_form(text_of(argument))
    return lambda text: to_date(text, form)


def _format_number(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    options = options_of(argument, {"decimals": "2", "decimal": ".", "thousands": ""})
    places = Decimal(1).scaleb(-whole_of(options["decimals"], 0, MOST_DECIMALS))

    def call(number: Any) -> str:
        text = f"{Decimal(number).quantize(places, ROUND_HALF_UP):,f}"
        return text.translate({ord(","): options["thousands"], ord("."): options["decimal"]})

    return call


def _format_money(argument: Any, setting: Setting) -> Value:
    options = options_of(argument, {"form": "{amount} {currency}", "decimals": "2", "decimal": ".", "thousands": ""})
    form = options.pop("form").replace("{currency}", setting.currency)
    number = _format_number(options, setting)
    return lambda amount: form.replace("{amount}", number(amount))


NUMBER_STEPS: Mapping[str, StepKind] = {
    "add": StepKind(
        T.NUMBER, T.NUMBER, with_number(lambda a, b: bounded_number(a + b)), "adds a number", "{add: 4.95}"
    ),
    "at_least": StepKind(
        T.NUMBER, T.NUMBER, with_number(max), "puts a least number in place of a lower one", "{at_least: 5}"
    ),
    "at_most": StepKind(
        T.NUMBER, T.NUMBER, with_number(min), "puts a greatest number in place of a higher one", "{at_most: 20}"
    ),
    "date": StepKind(
        T.DATE,
        T.TEXT,
        prepared(date_form, date_text),
        "writes a date; the codes are those of `date_text`",
        '{date: "%d-%m-%Y"}',
    ),
    "divide": StepKind(T.NUMBER, T.NUMBER, with_number(_divided), "divides", "{divide: 12}"),
    "ending": StepKind(
        T.NUMBER,
        T.NUMBER,
        _ending,
        "the nearest price that ends so; `way` is `near`, `up` or `down`",
        "{ending: {with: 0.95, way: up}}",
    ),
    "money": StepKind(
        T.NUMBER, T.TEXT, _format_money, "writes an amount", '{money: {form: "€ {amount}", decimal: ","}}'
    ),
    "multiply": StepKind(
        T.NUMBER, T.NUMBER, with_number(lambda a, b: bounded_number(a * b)), "multiplies", "{multiply: 1.21}"
    ),
    "number": StepKind(T.NUMBER, T.TEXT, _format_number, "writes a number", '{number: {decimals: 1, decimal: ","}}'),
    "percent": StepKind(T.NUMBER, T.NUMBER, _percent, "adds so many per cent, or takes them off", "{percent: -5}"),
    "reserve": StepKind(
        T.NUMBER,
        T.NUMBER,
        with_number(lambda number, kept: max(number - kept, Decimal(0))),
        "keeps so many pieces of a stock back; never below 0",
        "{reserve: 2}",
    ),
    "round": StepKind(T.NUMBER, T.NUMBER, _round, "rounds half up, to so many decimals", "{round: 2}"),
    "share": StepKind(
        T.NUMBER, T.NUMBER, _share, "so many per cent of a stock, in whole pieces, rounded down", "{share: 50%}"
    ),
    "to_date": StepKind(
        T.TEXT, T.DATE, _to_date, "reads a text as a date, in ISO's form or the one given", '{to_date: "%d.%m.%Y"}'
    ),
    "to_number": StepKind(T.ANY, T.NUMBER, _to_number, "reads a text as a number", '{to_number: ","}'),
}
"""The steps by name."""
