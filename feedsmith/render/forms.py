"""How a value of each type is written as text. A field's `form` in the definition says how; these are the forms.

- money: a text with `{amount}` and `{currency}`; default `{amount} {currency}`. Or `string` (`"19.99"`), `number`
  (`19.99`), `minor` (`1999`, in the smallest unit of the currency), `object` (`{"amount": 19.99, "currency": "EUR"}`)
  and `minor object` (the same with 1999)
- moment, date: `offset` (`2026-11-27T00:00+0100`, default), `colon` (`2026-11-27T00:00+01:00`), `seconds`
  (`2026-11-27T00:00:00+01:00`), `utc` (`2026-11-26T23:00:00Z`), `day` (`2026-11-27`)
- period: the same, start and end joined by `/`
- flag: `yes/no` (default), `true/false`, `TRUE/FALSE`, `1/0`, any two words around a slash
- measure: `{amount} {unit}` (default), `{amount}{unit}`, `{amount}`; in JSON also `number`, its number alone
- number, integer: plain
- group in JSON: an object (default), or `text`: its attributes as `a:b:c`, as in a cell
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from feedsmith.definitions.channel import Dialect
from feedsmith.definitions.field import MONEY_FORMS, FieldDefinition
from feedsmith.mapping.expression import printed
from feedsmith.mapping.types import CURRENCY
from feedsmith.values.column import Column
from feedsmith.values.dates import iso
from feedsmith.values.money import amounts, format_amount, minor_units, round_amount

TEXTS = frozenset({"text", "html", "url", "gtin", "country", "language", "category", "choice"})
"""Types whose values are texts already."""
MONEY = "{amount} {currency}"
AMOUNT = "{amount}"
OBJECTS = frozenset({"object", "minor object"})
NO_TEXTS = MONEY_FORMS - {"string"}
"""The forms of money that are no texts in JSON."""
JSON = msgspec.json.Encoder(decimal_format="number")
MEASURE = "{amount} {unit}"

Writer = Callable[[Any], str]


def _moment(form: str) -> Callable[[datetime], str]:
    if form == "day":
        return lambda moment: moment.date().isoformat()
    if form == "seconds":
        return lambda moment: moment.replace(microsecond=0).isoformat()
    if form == "utc":
        return lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    colon = form == "colon"
    return lambda moment: iso(moment, colon=colon)


def _number(mark: str) -> Writer:
    def write(number: Any) -> str:
        text = format(number, "f") if isinstance(number, Decimal) else str(number)
        return text.replace(".", mark) if mark != "." else text

    return write


def writer(definition: FieldDefinition, dialect: Dialect) -> Writer:
    """A function that writes one value of the field's type; money is written with its currency by `money_texts`."""
    form = definition.form or ""
    match definition.type:
        case "moment" | "date":
            return _moment(form)
        case "period":
            one = _moment(form)
            return lambda period: f"{one(period[0])}/{one(period[1])}"
        case "flag":
            yes, no = (form or "yes/no").split("/")
            return lambda flag: yes if flag else no
        case "measure":
            number = _number(dialect.decimal)
            before, _, after = (form or MEASURE).partition("{amount}")
            return lambda measure: f"{before}{number(measure.amount)}{after}".replace("{unit}", measure.unit)
        case "number" | "integer":
            return _number(dialect.decimal)
        case _:
            return printed


def texts(definition: FieldDefinition, dialect: Dialect, column: Column, currencies: Column | str) -> list[str | None]:
    """A column of single values as texts, not yet encoded; an empty row stays None."""
    if definition.type == "money":
        return money_texts(column, currencies, definition.form or MONEY, dialect.decimal)
    if definition.type in TEXTS:
        return column.values
    write = writer(definition, dialect)
    if definition.type in {"moment", "date", "period"}:
        return _zoned(column, write)
    if definition.type in {"integer", "flag"}:
        known = {value: write(value) for value in column.distinct}
        return [known[value] if value is not None else None for value in column]
    return [write(value) if value is not None else None for value in column]


def _zoned(column: Column, write: Writer) -> list[str | None]:
    """Moments or periods, each different one written once.

    Two moments are equal when they are the same instant; written in their own zones they still differ.
    """
    known: dict[Any, str] = {}
    written: list[str | None] = []
    for value in column:
        if value is None:
            written.append(None)
            continue
        zones = tuple(one.utcoffset() for one in value) if isinstance(value, tuple) else value.utcoffset()
        key = value, zones
        if key not in known:
            known[key] = write(value)
        written.append(known[key])
    return written


def several_texts(
    definition: FieldDefinition, dialect: Dialect, column: Column, currencies: Column | str
) -> tuple[list[str | None], list[int]]:
    """A column of lists: all their values as texts, one after the other, and how many of them each row has."""
    sizes = [len(values) if values else 0 for values in column]
    if not isinstance(currencies, str):
        currencies = Column([one for one, size in zip(currencies, sizes, strict=True) for _ in range(size)])
    flat = Column([value for values in column.filled for value in values])
    return texts(definition, dialect, flat, currencies), sizes


def money_texts(column: Column, currencies: Column | str, form: str, mark: str) -> list[str | None]:
    """Amounts in their form. `currencies` is the feed's one currency, or one per row."""
    form = AMOUNT if form in {"number", "string"} else form
    if isinstance(currencies, str) and form not in MONEY_FORMS:
        written = column.fact(_amounts(currencies, mark))
        if form == AMOUNT:
            return written
        before, _, after = form.replace("{currency}", currencies).partition(AMOUNT)
        return [f"{before}{amount}{after}" if amount is not None else None for amount in written]
    names = [currencies] * len(column) if isinstance(currencies, str) else currencies.values
    pairs = zip(column, names, strict=True)
    return [
        money_text(amount, currency or "", form, mark) if amount is not None else None for amount, currency in pairs
    ]


@cache
def _amounts(currency: str, mark: str) -> Callable[[Column], list[str | None]]:
    """The amounts of a column in that currency, as a fact that feeds can share."""
    return lambda column: amounts(column, currency, mark)


def money_text(amount: Decimal, currency: str, form: str, mark: str) -> str:
    """One amount in its form."""
    if form == "minor" or form in OBJECTS:
        return JSON.encode(money_value(amount, currency, form)).decode()
    form = AMOUNT if form in MONEY_FORMS else form
    return form.replace("{amount}", format_amount(amount, currency, mark)).replace("{currency}", currency)


def money_value(amount: Decimal, currency: str, form: str) -> Any:
    """One amount as JSON has it: a number, an object or a text. Only whole numbers of the smallest unit are rounded."""
    if form not in NO_TEXTS:
        return money_text(amount, currency, form, ".")
    if form.startswith("minor"):
        number: int | Decimal = minor_units(round_amount(amount, currency), currency)
    else:
        number = Decimal(format_amount(amount, currency))
    return {"amount": number, "currency": currency} if form in OBJECTS else number


def attribute_text(name: str, group: dict[str, Any], definition: FieldDefinition, dialect: Dialect) -> str | None:
    """An attribute of a group as text, several values joined; None where it is empty."""
    value = group.get(name)
    if value is None:
        return None
    if definition.type == "money":
        return money_text(value, group.get(name + CURRENCY, ""), definition.form or MONEY, dialect.decimal)
    write = writer(definition, dialect)
    return definition.join.join(map(write, value)) if isinstance(value, list) else write(value)


def group_text(value: object, definition: FieldDefinition, dialect: Dialect) -> str:
    """A group, or several, in the text form: attributes joined by colons, groups by the definition's sign."""
    order = definition.order or list(definition.group)
    groups = value if isinstance(value, list) else [value]
    return definition.join.join(
        ":".join(_attribute(name, group, definition, dialect) for name in order)
        if isinstance(group, dict)
        else printed(group)
        for group in groups
    )


def _attribute(name: str, group: dict[str, Any], definition: FieldDefinition, dialect: Dialect) -> str:
    text = attribute_text(name, group, definition.group[name], dialect) or ""
    return quoted(text, ":", definition.join) if dialect.lists == "quoted" else text


def quoted(text: str, *signs: str) -> str:
    """A value of a list or group in quotes where it holds one of the signs that part values."""
    if any(sign in text for sign in (*signs, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text
