"""From a rule's values to values of the channel's type: text that should be a date becomes one, or is a problem.

A column that has the right type already passes as it is. Anything else is looked at once per different value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any

from feedsmith.catalog.groups import parse_groups
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.node import Node
from feedsmith.issues import Place
from feedsmith.mapping.expression import Compiled, compile_expression
from feedsmith.mapping.printed import printed
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import CURRENCY, KIND_TYPES, Type
from feedsmith.values.codes import LANGUAGES, country_problem
from feedsmith.values.column import Column
from feedsmith.values.dates import parse_moment, parse_range
from feedsmith.values.gtin import clean_gtin
from feedsmith.values.measure import UNITS, Measure, convert, kind, parse_measure
from feedsmith.values.money import parse_money
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

YES = frozenset({"yes", "true", "1", "ja", "oui", "y", "x", "on"})
NO = frozenset({"no", "false", "0", "nee", "nein", "non", "n", "off"})
JSON = ("[", "{")
"""How the text of a group begins that is written as JSON."""
SHOWN = 12
"""Accepted values that a message lists."""
UNMAPPED = "unmapped"
"""The code of a problem that becomes `not-in-list`: the value is one of ours, and the channel has no word for it."""


@dataclass(frozen=True, slots=True)
class Locale:
    """What a text is read with: the zone of a time without one, and the currency of a price without one."""

    zone: tzinfo = UTC
    currency: str = ""


@dataclass(slots=True)
class Shaped:
    """A column of the channel's type. `problems` tells by row why a value is missing; `currencies` go with money."""

    column: Column
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    currencies: Column | None = None


def shape(column: Column, given: Type, definition: FieldDefinition, locale: Locale) -> Shaped:
    """`column`, whose values are of type `given`, as the field's definition wants it."""
    if definition.repeat is not None:
        return _repeated(column, given, definition, locale)
    if definition.type == "group":
        return _by_row(column, lambda value: _group(value, definition, locale))
    if definition.type in PLAIN_TEXTS and given is Type.TEXT:
        return Shaped(_tidy(column) if definition.type == "text" else column)
    if definition.type == "money" and given is Type.TEXT:
        return _money_texts(column, locale)
    same = definition.type in AS_IT_IS and given is KIND_TYPES[definition.type]
    if same and (given is Type.TEXT or not column.fact(_holds_texts)):
        return Shaped(column)
    convert_one = ONE[definition.type]
    return _by_value(column, lambda value: convert_one(value, definition, locale))


def _holds_texts(column: Column) -> bool:
    """Whether a text stands among values of another type: a rule's `default` is one."""
    return str in set(map(type, column))


def _tidy(column: Column) -> Column:
    """Texts without the blanks that an empty part of a template leaves."""
    return (
        column if column.fact(_is_tidy) else Column([_tidied(value) if value is not None else None for value in column])
    )


def _is_tidy(column: Column) -> bool:
    text = f"\n{column.joined}\n"
    return "  " not in text and "\n " not in text and " \n" not in text


def _tidied(text: str) -> str | None:
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip() or None


def _by_value(column: Column, convert_one: Callable[[Any], Any]) -> Shaped:
    """Each different value is converted once."""
    try:
        answers = {value: convert_one(value) for value in column.distinct}
    except TypeError:  # values that cannot be keys: lists, dicts
        return _by_row(column, convert_one)
    if all(answer is value for value, answer in answers.items()):
        return Shaped(column)
    if not any(isinstance(answer, Problem) for answer in answers.values()):
        answers[None] = None
        return Shaped(Column([answers[value] for value in column]))
    return _by_row(column, lambda value: answers[value])


def _by_row(column: Column, convert_one: Callable[[Any], Any]) -> Shaped:
    shaped = Shaped(column)
    values = [None if value is None else convert_one(value) for value in column]
    for row, value in enumerate(values):
        if isinstance(value, Problem):
            shaped.problems[row] = [value]
            values[row] = None
        elif isinstance(value, _Partly):
            shaped.problems[row] = value.problems
            values[row] = value.value or None
    shaped.column = Column(values)
    return shaped


@dataclass(slots=True)
class _Partly:
    """A list or group of which some values could not be used."""

    value: Any
    problems: list[Problem]


def _money_texts(column: Column, locale: Locale) -> Shaped:
    amounts: list[Decimal | None] = []
    currencies: list[str | None] = []
    shaped = Shaped(column)
    for row, text in enumerate(column):
        parsed = parse_money(text, currency=locale.currency or None) if text is not None else (None, None)
        if isinstance(parsed, Problem):
            shaped.problems[row] = [parsed]
            parsed = (None, None)
        amounts.append(parsed[0])
        currencies.append(parsed[1])
    shaped.column = Column(amounts)
    shaped.currencies = Column(currencies)
    return shaped


def _repeated(column: Column, given: Type, definition: FieldDefinition, locale: Locale) -> Shaped:
    single = definition.model_copy(update={"repeat": None})
    if definition.type in PLAIN_TEXTS and given is Type.LIST:
        return Shaped(column)
    if given is Type.TEXT and (definition.type in PLAIN_TEXTS or _all_digits(column, definition)):
        return Shaped(Column([[value] if value is not None else None for value in column]))

    def convert_list(value: Any) -> Any:
        items = value if isinstance(value, list) else _texts(value, definition)
        if isinstance(items, Problem):
            return items
        made = [_one(item, single, locale) for item in items]
        problems = [problem for answer in made for problem in _problems(answer)]
        values = [_value(answer) for answer in made]
        values = [answer for answer in values if answer is not None]
        return _Partly(values, problems) if problems else values or None

    return _by_row(column, convert_list)


def _all_digits(column: Column, definition: FieldDefinition) -> bool:
    """GTINs that are digits and nothing else need no cleaning."""
    return definition.type == "gtin" and column.joined.replace("\n", "").isdigit()


def _texts(value: Any, definition: FieldDefinition) -> list[Any] | Problem:
    """A text for a repeated group may hold several: `NL::Standard:4.95 EUR,BE::…`, or a list of objects as JSON."""
    if definition.type == "group" and isinstance(value, str):
        if value.startswith(JSON):
            return parse_groups(value, ())
        return [part.strip() for part in value.split(",") if part.strip()]
    return [value]


def _one(value: Any, definition: FieldDefinition, locale: Locale) -> Any:
    if definition.type == "group":
        return _group(value, definition, locale)
    if definition.type == "money" and isinstance(value, str):
        return _money(value, definition, locale)
    return ONE[definition.type](value, definition, locale)


def _problems(answer: Any) -> list[Problem]:
    return [answer] if isinstance(answer, Problem) else answer.problems if isinstance(answer, _Partly) else []


def _value(answer: Any) -> Any:
    return None if isinstance(answer, Problem) else answer.value if isinstance(answer, _Partly) else answer


def _group(value: Any, definition: FieldDefinition, locale: Locale) -> Any:
    """A group's attributes, each of its own type."""
    value = _one_group(value, definition)
    if isinstance(value, Problem):
        return value
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for name, attribute in definition.group.items():
        given = value.get(name) if attribute.from_ is None else _beside(attribute.from_, definition, found)
        if given is None or given == "":
            continue
        shaped = shape(Column([given]), _type_of(given), attribute, locale)
        problems += [
            Problem(problem.code, f"{name}: {problem.message}", problem.help) for problem in shaped.problems.get(0, [])
        ]
        if shaped.column[0] is not None:
            found[name] = shaped.column[0]
            if attribute.type == "money":
                named = shaped.currencies[0] if shaped.currencies else value.get(name + CURRENCY)
                found[name + CURRENCY] = named or locale.currency
    return _Partly(found, problems) if problems else found or None


def _one_group(value: Any, definition: FieldDefinition) -> dict[str, Any] | Problem:
    """The attributes of a value as they are: a text is JSON, or taken apart at colons by the definition's `order`."""
    if isinstance(value, str) and value.startswith(JSON):
        value = parse_groups(value, ())
    if isinstance(value, list):
        if len(value) > 1:
            return Problem("too-many", f"has {len(value)} groups, and only one is taken")
        value = value[0] if value else {}
    return value if isinstance(value, dict | Problem) else _taken_apart(printed(value), definition)


def _beside(text: str, definition: FieldDefinition, group: dict[str, Any]) -> Any:
    """An attribute that follows from those before it, such as `currency(row.price)`, or a fixed one."""
    types = {name: KIND_TYPES[part.type] for name, part in definition.group.items()}
    types |= {name + CURRENCY: Type.TEXT for name, part in definition.group.items() if part.type == "money"}
    compiled = _compiled_beside(text, tuple(types.items()))
    return compiled.call(*([group] for _ in compiled.names))[0]


@cache
def _compiled_beside(text: str, types: tuple[tuple[str, Type], ...]) -> Compiled:
    place = Place("channel definition")
    return compile_expression(Node(text, place, place), Scope({"row": Type.GROUP}, row=dict(types)))


def _type_of(value: Any) -> Type:
    kinds: dict[type, Type] = {
        str: Type.TEXT, bool: Type.FLAG, int: Type.NUMBER, Decimal: Type.NUMBER, datetime: Type.DATE,
        tuple: Type.PERIOD, Measure: Type.MEASURE, list: Type.LIST, dict: Type.GROUP,
    }  # fmt: skip
    return kinds.get(type(value), Type.TEXT)


def _taken_apart(text: str, definition: FieldDefinition) -> dict[str, str] | Problem:
    order = definition.order or list(definition.group)
    parts = text.split(":", len(order) - 1)
    if len(parts) == 1 < len(order):
        example = ":".join(order)
        return Problem(
            "invalid-format", f"{text!r} has not the form {example}", "or give the group's attributes in a rule"
        )
    return dict(zip(order, (part.strip() for part in parts), strict=False))


def _text(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001 - all converters are called alike
    return printed(value) or None


def _gtin(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    return clean_gtin(printed(value)) or None


def _money(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    parsed = parse_money(printed(value), currency=locale.currency or None)
    return parsed if isinstance(parsed, Problem) else parsed[0]


def _number(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    return parse_decimal(printed(value).strip())


def _integer(value: Any, definition: FieldDefinition, locale: Locale) -> Any:
    number = _number(value, definition, locale)
    if isinstance(number, Decimal):
        return (
            int(number)
            if number == number.to_integral_value()
            else Problem("invalid-number", f"{printed(value)} is not a whole number")
        )
    return number


def _choice(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    text = printed(value)
    known = definition.values or {}
    ours = text if text in known else _folded(known).get(_fold(text))
    if ours is None:
        theirs = next((word for word in known.values() if word and _fold(word) == _fold(text)), None)
        shown = ", ".join(list(known)[:SHOWN]) + (" …" if len(known) > SHOWN else "")
        return theirs or Problem("not-in-list", f"{text!r} is not accepted here", f"accepted: {shown}")
    return known[ours] or Problem(UNMAPPED, f"the channel has no word for {text!r}")


def _fold(text: str) -> str:
    return text.casefold().replace("_", " ").strip()


def _folded(known: Mapping[str, Any]) -> dict[str, str]:
    return {_fold(word): word for word in known}


def _flag(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    if isinstance(value, bool):
        return value
    word = printed(value).strip().casefold()
    if word in YES | NO:
        return word in YES
    return Problem("not-in-list", f"{printed(value)!r} is neither yes nor no", "write yes or no")


def _moment(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    return value if isinstance(value, datetime) else parse_moment(printed(value), locale.zone)


def _period(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    if not isinstance(value, tuple):
        return parse_range(printed(value), locale.zone)
    start, end = value
    if start is None or end is None:
        return Problem("invalid-date-range", f"has no {'start' if start is None else 'end'}", "give both dates")
    if end <= start:
        message = f"ends {printed(end)}, not after its start {printed(start)}"
        return Problem("invalid-date-range", message, "correct one of the two dates")
    return value


def _measure(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    measure = value if isinstance(value, Measure) else parse_measure(printed(value))
    if isinstance(measure, Problem) or not definition.units or measure.unit in definition.units:
        return measure
    target = next((unit for unit in definition.units if unit in UNITS and kind(unit) == kind(measure.unit)), None)
    if target is None:
        return Problem(
            "invalid-unit", f"{measure.unit} is not accepted here", f"accepted: {', '.join(definition.units)}"
        )
    return convert(measure, target)


def _country(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    text = printed(value).strip().upper()
    return country_problem(text) or text


def _language(value: Any, definition: FieldDefinition, locale: Locale) -> Any:  # noqa: ARG001
    text = printed(value).strip().lower()
    return text if text in LANGUAGES else Problem("not-in-list", f"{text!r} is no ISO 639-1 language code")


PLAIN_TEXTS = frozenset({"text", "html", "url", "category"})
"""Types whose values are texts as they are; checks look at them later."""

AS_IT_IS = frozenset({"money", "number", "moment", "date", "gtin", "flag"})
"""Types for which a column of the same type passes as it is."""

ONE: dict[str, Callable[[Any, FieldDefinition, Locale], Any]] = {
    "category": _text,
    "choice": _choice,
    "country": _country,
    "date": _moment,
    "flag": _flag,
    "gtin": _gtin,
    "html": _text,
    "integer": _integer,
    "language": _language,
    "measure": _measure,
    "moment": _moment,
    "money": _money,
    "number": _number,
    "period": _period,
    "text": _text,
    "url": _text,
}
"""How one value becomes a value of the type, or a problem."""
