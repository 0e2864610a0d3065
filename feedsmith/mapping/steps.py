"""The steps of rules: what can be done with a value on its way. `STEPS` is the list; docs are made from it.

A step is made once, from its argument, and gives a function of one value. Empty values pass through untouched, and
an empty result is an empty value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from feedsmith.definitions.model import nearest
from feedsmith.mapping.functions import MOST_GROWTH, bounded, joined, pattern, replaced, to_number
from feedsmith.mapping.printed import printed
from feedsmith.mapping.scope import Table
from feedsmith.mapping.types import Type
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem
from feedsmith.values.text import cut_at_word, strip_html

MOST_DECIMALS = 10

Value = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a step knows besides its argument: the channel's limit for the field, and the project's tables."""

    limit: int | None
    tables: Mapping[str, Table]
    currency: str


@dataclass(frozen=True, slots=True)
class StepKind:
    """A step: what it takes and gives, how it is made, and what the docs say.

    `make` gets the argument as written (text, list, mapping or None) and the setting, and raises ValueError, whose
    text says what is wrong with the argument.
    """

    takes: Type
    gives: Type
    make: Callable[[Any, Setting], Value]
    does: str
    example: str


def _none(call: Value) -> Callable[[Any, Setting], Value]:
    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001 - every maker is called alike
        if argument is not None:
            raise ValueError("takes no argument")
        return call

    return make


def _text(argument: Any) -> str:
    if not isinstance(argument, str):
        raise ValueError("takes a text")  # noqa: TRY004 - a wrong argument of any kind is one mistake
    return argument


def _number(argument: Any) -> Decimal:
    number = parse_decimal(str(argument))
    if isinstance(number, Problem):
        raise ValueError(f"takes a number, found {argument!r}")  # noqa: TRY004
    return number


def _pairs(argument: Any) -> dict[str, str]:
    if not isinstance(argument, dict) or not all(isinstance(value, str | None) for value in argument.values()):
        raise ValueError("takes a mapping of texts, such as {old: new}")
    return {key: value or "" for key, value in argument.items()}


def _whole(argument: Any, least: int, most: int) -> int:
    number = _number(argument)
    if number != int(number) or not least <= number <= most:
        raise ValueError(f"takes a whole number from {least} to {most}, found {argument!r}")
    return int(number)


def _cut(argument: Any, setting: Setting) -> Value:
    length = setting.limit if argument is None else _whole(argument, 1, MOST_GROWTH)
    if length is None:  # a rule that many channels share also meets those without a limit
        return lambda text: text
    return lambda text: text if len(text) <= length else cut_at_word(text, length)


def _replace(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    pairs = list(_pairs(argument).items())
    if any(not old for old, _ in pairs):
        raise ValueError("cannot replace an empty text")

    def call(text: str) -> str:
        for old, new in pairs:
            text = replaced(text, old, new)
        return text

    return call


def _regex(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    pairs = [(_pattern(old, new), new) for old, new in _pairs(argument).items()]

    def call(text: str) -> str:
        for expression, new in pairs:
            text = expression.sub(new, text)
            bounded(len(text))
        return text

    return call


def _pattern(text: str, replacement: str) -> Any:
    """The pattern, if it has the numbered groups that its replacement names."""
    compiled = pattern(text)
    numbers = re.findall(r"\\(.?)", replacement)
    if not all(number.isdecimal() and int(number) <= compiled.groups for number in numbers):
        raise ValueError(f"the replacement {replacement!r} names a group that the pattern {text!r} has not")
    return compiled


def _prefix(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    prefix = _text(argument)
    return lambda text: prefix + text


def _suffix(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    suffix = _text(argument)
    return lambda text: text + suffix


def _split(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    mark = _text(argument)
    if not mark:
        raise ValueError("cannot split at an empty text")
    return lambda text: [part.strip() for part in text.split(mark) if part.strip()] or None


def _join(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    mark = _text(argument)
    return lambda items: joined(items, mark)


def _map(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    pairs = _pairs(argument)
    otherwise = pairs.pop("*", None)
    folded = {key.casefold(): value for key, value in pairs.items()}

    def call(text: Any) -> str | None:
        word = printed(text)
        return folded.get(word.strip().casefold(), word if otherwise is None else otherwise) or None

    return call


def _table(argument: Any, setting: Setting) -> Value:
    name, column = argument, None
    if isinstance(argument, dict):
        name, column = argument.get("name"), argument.get("value")
    if not isinstance(name, str) or name not in setting.tables:
        raise ValueError(f"finds no table {name!r}; {nearest(str(name), setting.tables) or 'there is none'}")
    table = setting.tables[name]
    column = str(column or table.columns[min(1, len(table.columns) - 1)])
    if column not in table.columns:
        raise ValueError(f"finds no column {column!r} in the table {name}; {nearest(column, table.columns)}")
    return lambda text: (table.rows.get(printed(text)) or {}).get(column) or None


def _round(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    places = _whole(argument or "0", 0, MOST_DECIMALS)
    return lambda number: Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _calculation(work: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, Setting], Value]:
    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
        number = _number(argument)
        return lambda value: work(Decimal(value), number)

    return make


def _to_number(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    mark = "." if argument is None else argument
    if mark not in (".", ","):
        raise ValueError("takes the decimal sign of the text, '.' or ','")
    return lambda text: to_number(printed(text), mark)


def _options(argument: Any, known: Mapping[str, str]) -> dict[str, str]:
    options = dict(known)
    for name, value in ({} if argument is None else _pairs(argument)).items():
        if name not in known:
            raise ValueError(f"has no option {name!r}; it has {', '.join(known)}")
        options[name] = value
    return options


def _format_number(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    options = _options(argument, {"decimals": "2", "decimal": ".", "thousands": ""})
    places = Decimal(1).scaleb(-_whole(options["decimals"], 0, MOST_DECIMALS))

    def call(number: Any) -> str:
        text = f"{Decimal(number).quantize(places, ROUND_HALF_UP):,f}"
        return text.translate({ord(","): options["thousands"], ord("."): options["decimal"]})

    return call


def _format_money(argument: Any, setting: Setting) -> Value:
    options = _options(argument, {"form": "{amount} {currency}", "decimals": "2", "decimal": ".", "thousands": ""})
    form = options.pop("form").replace("{currency}", setting.currency)
    number = _format_number(options, setting)
    return lambda amount: form.replace("{amount}", number(amount))


def _first(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    most = _whole(argument, 1, MOST_GROWTH)
    return lambda items: items[:most]


def _sentence_case(text: str) -> str:
    lowered = text.lower()
    return lowered[:1].upper() + lowered[1:]


def _title_case(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))


STEPS: dict[str, StepKind] = {
    "add": StepKind(Type.NUMBER, Type.NUMBER, _calculation(lambda a, b: a + b), "adds a number", "{add: 4.95}"),
    "collapse": StepKind(
        Type.TEXT, Type.TEXT, _none(lambda text: " ".join(text.split())), "makes runs of blanks one", "collapse"
    ),
    "cut": StepKind(
        Type.TEXT,
        Type.TEXT,
        _cut,
        "cuts at a word; without a number at the channel's limit",
        "{cut: 70}",
    ),
    "first": StepKind(Type.LIST, Type.LIST, _first, "keeps the first so many values", "{first: 3}"),
    "join": StepKind(Type.LIST, Type.TEXT, _join, "joins the values of a list", '{join: ", "}'),
    "lower": StepKind(Type.TEXT, Type.TEXT, _none(str.lower), "small letters", "lower"),
    "map": StepKind(
        Type.ANY, Type.TEXT, _map, "puts one value in another's place; `*` is for all others", "{map: {rood: red}}"
    ),
    "money": StepKind(
        Type.NUMBER, Type.TEXT, _format_money, "writes an amount", '{money: {form: "€ {amount}", decimal: ","}}'
    ),
    "multiply": StepKind(Type.NUMBER, Type.NUMBER, _calculation(lambda a, b: a * b), "multiplies", "{multiply: 1.21}"),
    "number": StepKind(
        Type.NUMBER, Type.TEXT, _format_number, "writes a number", '{number: {decimals: 1, decimal: ","}}'
    ),
    "prefix": StepKind(Type.TEXT, Type.TEXT, _prefix, "puts a text in front", "{prefix: SKU-}"),
    "regex": StepKind(
        Type.TEXT, Type.TEXT, _regex, "replaces what a regular expression (RE2) finds", '{regex: {"[0-9]+ cm": ""}}'
    ),
    "replace": StepKind(Type.TEXT, Type.TEXT, _replace, "replaces texts", '{replace: {" inch": " Zoll"}}'),
    "round": StepKind(Type.NUMBER, Type.NUMBER, _round, "rounds half up, to so many decimals", "{round: 2}"),
    "sentence_case": StepKind(Type.TEXT, Type.TEXT, _none(_sentence_case), "one capital in front", "sentence_case"),
    "split": StepKind(Type.TEXT, Type.LIST, _split, "makes a list", '{split: "|"}'),
    "strip_html": StepKind(Type.TEXT, Type.TEXT, _none(strip_html), "makes HTML plain text", "strip_html"),
    "suffix": StepKind(Type.TEXT, Type.TEXT, _suffix, "puts a text behind", '{suffix: " cm"}'),
    "table": StepKind(
        Type.ANY, Type.TEXT, _table, "looks the value up in a table", "{table: {name: colors, value: english}}"
    ),
    "title_case": StepKind(Type.TEXT, Type.TEXT, _none(_title_case), "a capital at each word", "title_case"),
    "to_number": StepKind(Type.ANY, Type.NUMBER, _to_number, "reads a text as a number", '{to_number: ","}'),
    "trim": StepKind(Type.TEXT, Type.TEXT, _none(str.strip), "takes outer blanks away", "trim"),
    "unique": StepKind(
        Type.LIST, Type.LIST, _none(lambda items: list(dict.fromkeys(items))), "keeps each value once", "unique"
    ),
    "upper": StepKind(Type.TEXT, Type.TEXT, _none(str.upper), "capitals", "upper"),
}
"""All steps by name. What stands in for an empty value is no step, but the key `default` beside them."""
