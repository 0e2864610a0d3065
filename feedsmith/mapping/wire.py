"""From the texts of a feed that something else wrote to values of the channel's types.

A feed's values are in the channel's own forms: its words for choices, its form of money, lists joined in a cell,
groups as `a:b:c` or as JSON. They are brought into the forms that `shape` reads; what is not in the channel's form is
a problem, and nothing is repaired.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.wrap import NAME, filled_wrap
from feedsmith.mapping.inner import WILD, way_in
from feedsmith.mapping.several import json_list, parsed_json, parted
from feedsmith.mapping.shape import SHOWN, Locale, Shaped, shape
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure, parse_measure
from feedsmith.values.money import CURRENCIES, exponent, parse_money
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

MONEY = "{amount} {currency}"
OBJECTS = frozenset({"object", "minor object"})
MINOR = frozenset({"minor", "minor object"})
BARE = frozenset({"number", "string", "minor"})
"""Named forms of money: as a JSON object, in the smallest unit, without a currency."""
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
"""Words that every channel takes, beside those of the field's form."""
BARE_MEASURES = frozenset({"{amount}", "number"})
"""Forms of a measure without its unit."""
EITHER = "{amount} or {amount} {currency}"
"""The form of money in a group that has an attribute for its currency: in the group's text form it stands beside."""
OWN_COLUMNS = frozenset({"numbered", "repeated"})
"""Where each of several values has a column of its own, a cell is not parted."""
OTHER_MARK = {".": ",", ",": "."}
CURRENCY_KEYS = ("currency", "currency_code", "currencyCode")
OF_ANOTHER = re.compile(r"currency\(row\.(?P<money>\w+)\)")
"""The rule of an attribute that holds the currency of another one."""
GAP = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class Wire:
    """How the feed is written: in cells of a delimited file, or in elements that repeat and nest; its decimal mark."""

    cells: bool = True
    mark: str = "."


def plain(name: str) -> str:
    """A name of a field or column without prefix, case, blanks, hyphens: `g:Image Link` gives `image_link`.

    An attribute of the item itself (`@id`) is called as an element would be; the star that marks columns which must be
    there (`*Title`) does not count.
    """
    label = name.strip().casefold().removeprefix("g:").removeprefix("@")
    return GAP.sub("_", label.removeprefix("*") or label)


def read_from(definition: FieldDefinition) -> FieldDefinition:
    """The definition of a field that is read and not made: no rule, and the channel's words for values."""
    values = definition.values
    changes: dict[str, Any] = {"value": None, "steps": [], "default": None}
    if values is not None:
        changes["values"] = {theirs: theirs for theirs in values.values() if theirs is not None}
    if definition.from_ is not None and not OF_ANOTHER.fullmatch(definition.from_):
        changes["from_"] = None
    for name in ("wrap", "wrap_each"):
        wrap = getattr(definition, name)
        changes[name] = filled_wrap(wrap, dict.fromkeys(set(NAME.findall(wrap)) - {"value"}, WILD)) if wrap else None
    changes["group"] = {name: read_from(part) for name, part in definition.group.items()}
    return definition.model_copy(update=changes)


def read(column: Column, definition: FieldDefinition, locale: Locale, wire: Wire) -> Shaped:
    """The values of a field from the feed's texts, with a problem where one is not in the channel's form.

    Args:
        column: texts, or lists of texts and groups, as `FromFeed` gives them.
        definition: from `read_from`.
        locale: the zone and the currency of values that name none.
        wire: how the feed is written.
    """
    if definition.repeat is None and definition.type != "group" and definition.wrap is None and column.is_text:
        return _texts(column, definition, locale, wire)
    problems: dict[int, list[Problem]] = {}
    values = [_row(row, value, definition, locale, wire, problems) for row, value in enumerate(column)]
    given = Type.GROUPS if definition.type == "group" else Type.LIST if definition.repeat else Type.TEXT
    return _with(shape(Column(values), given, definition, locale), problems)


def _texts(column: Column, definition: FieldDefinition, locale: Locale, wire: Wire) -> Shaped:
    """A column of single texts: each different one is looked at once."""
    several = {text: found for text in column.distinct if not wire.cells and (found := json_list(text)) is not None}
    read_one = READERS.get(definition.type)
    if read_one is None and not several:
        return shape(column, Type.TEXT, definition, locale)
    answers: dict[str | None, Any] = {None: None}
    for text in column.distinct:
        only = _only(several[text]) if text in several else text
        answers[text] = (
            only if isinstance(only, Problem) or read_one is None else read_one(only, definition, locale, wire)
        )
    problems = {row: [answers[text]] for row, text in column.rows() if isinstance(answers[text], Problem)}
    values = [None if isinstance(answers[text], Problem) else answers[text] for text in column]
    given = Type.FLAG if definition.type == "flag" else Type.TEXT
    return _with(shape(Column(values), given, definition, locale), problems)


def _with(shaped: Shaped, problems: Mapping[int, list[Problem]]) -> Shaped:
    for row, found in problems.items():
        shaped.problems[row] = [*found, *shaped.problems.get(row, ())]
    return shaped


def _only(values: list[Any]) -> Any:
    """The one value of a field that takes one; several elements of that name are too many."""
    if len(values) == 1:
        only = values[0]
        return json.dumps(only, ensure_ascii=False) if isinstance(only, dict | list) else only
    return Problem("too-many", f"stands {len(values)} times, and only one is taken", "send it once")


def _row(
    row: int,
    value: Any,
    definition: FieldDefinition,
    locale: Locale,
    wire: Wire,
    problems: dict[int, list[Problem]],
) -> Any:
    """The value of one row for `shape`; what cannot be read is noted."""
    if value is None:
        return None
    value = _inside(value, definition.wrap)
    items = [item for one in (value if isinstance(value, list) else [value]) for item in _split(one, definition, wire)]
    found = []
    for item in items:
        answer = _item(_inside(item, definition.wrap_each), definition, locale, wire)
        bad = [answer] if isinstance(answer, Problem) else answer.problems if isinstance(answer, _Part) else []
        if bad:
            problems.setdefault(row, []).extend(bad)
        kept = None if isinstance(answer, Problem) else answer.value if isinstance(answer, _Part) else answer
        if kept is not None:
            found.append(kept)
    if definition.repeat is None and definition.type != "group":
        only = _only(found) if found else None
        if isinstance(only, Problem):
            problems.setdefault(row, []).append(only)
            return None
        return only
    return found or None


@dataclass(frozen=True, slots=True)
class _Part:
    """A group of which some attributes cannot be read."""

    value: Any
    problems: list[Problem]


def _item(item: Any, definition: FieldDefinition, locale: Locale, wire: Wire) -> Any:
    if definition.type == "group":
        return _group(item, definition, locale, wire)
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
    read_one = READERS.get(definition.type)
    return read_one(text, definition, locale, wire) if read_one else text


# --- several values ----------------------------------------------------------------------------------------------


def _split(value: Any, definition: FieldDefinition, wire: Wire) -> list[Any]:
    """The single values of a cell."""
    if not isinstance(value, str):
        return [value]
    if (listed := json_list(value)) is not None:
        return listed
    if definition.repeat is None or not wire.cells or value.startswith("{"):
        return [value]
    if definition.repeat.columns in OWN_COLUMNS:
        return [value]
    within = ":" if definition.type == "group" else ""
    return [piece for piece in parted(value, definition.join.strip() or definition.join, within) if piece]


def _inside(value: Any, wrap: str | None) -> Any:
    """What stands at the place of the value in the channel's fixed JSON; anything else stays as it is."""
    if wrap is None:
        return value
    found = parsed_json(value) if isinstance(value, str) else value
    for step in way_in(wrap):
        try:
            found = found[step]
        except (LookupError, TypeError):
            return value
    return found


# --- groups ------------------------------------------------------------------------------------------------------


def _group(item: Any, definition: FieldDefinition, locale: Locale, wire: Wire) -> Any:
    """A group's attributes by their keys, each in the form that `shape` reads."""
    if isinstance(item, str):
        item = parsed_json(item) if item.startswith("{") else _taken_apart(item, definition)
    if isinstance(item, Problem):
        return item
    if not isinstance(item, dict):
        return Problem("invalid-format", "is no group of attributes", "write them as the channel's page shows")
    given = dict(_nested(item))
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, part in definition.group.items():
        value = given.get(plain(part.name or name), given.get(plain(name)))
        if value in (None, "", []):
            continue
        row: dict[int, list[Problem]] = {}
        currency = _currency_of(name, definition)
        form = part if currency is None else part.model_copy(update={"form": EITHER})
        answer = _row(0, value, form, locale, wire, row)
        problems += [Problem(one.code, f"{name}: {one.message}", one.help) for one in row.get(0, [])]
        if answer is not None:
            code = given.get(plain(definition.group[currency].name or currency)) if currency is not None else None
            found[name] = f"{answer} {code}" if code else answer
    return _Part(found or None, problems) if problems else found or None


def _nested(item: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The members of an object, and those of the objects in it by both names: `reference.unit`."""
    for name, value in item.items():
        yield plain(f"{before}{name}"), value
        if isinstance(value, dict):
            yield from _nested(value, f"{before}{name}.")


def _taken_apart(text: str, definition: FieldDefinition) -> dict[str, str] | Problem:
    order = definition.order or list(definition.group)
    parts = parted(text, ":")
    parts = [*parts[: len(order) - 1], ":".join(parts[len(order) - 1 :])] if len(parts) > len(order) else parts
    if len(parts) == 1 < len(order):
        return Problem("invalid-format", f"{text!r} has not the form {':'.join(order)}")
    return {definition.group[name].name or name: part.strip() for name, part in zip(order, parts, strict=False) if part}


def _currency_of(name: str, definition: FieldDefinition) -> str | None:
    """The attribute that holds the currency of an amount."""
    rules = {key: OF_ANOTHER.fullmatch(part.from_ or "") for key, part in definition.group.items()}
    return next((key for key, match in rules.items() if match and match["money"] == name), None)


# --- single values -----------------------------------------------------------------------------------------------


def _money(text: str, definition: FieldDefinition, locale: Locale, wire: Wire) -> str | Problem:
    """An amount in the field's form, as `19.99 EUR` or `19.99`."""
    form = definition.form or MONEY
    if form in OBJECTS:
        return _money_object(text, form, locale)
    found = re.fullmatch(
        rf"(?P<amount>[+-]?[0-9]+(?:{re.escape(wire.mark)}[0-9]+)?)(?:\s*(?P<code>[A-Za-z]{{3}}))?", text
    )
    if found is None:
        parsed = parse_money(text, wire.mark, locale.currency or None)
        other = parse_money(text, OTHER_MARK[wire.mark], locale.currency or None)
        return parsed if isinstance(parsed, Problem) and isinstance(other, Problem) else _not_in_form(form)
    amount, code = found["amount"].replace(wire.mark, "."), (found["code"] or "").upper()
    return _of_minor(amount, code or locale.currency) if form in MINOR else _with_code(amount, code, form)


def _with_code(amount: str, code: str, form: str) -> str | Problem:
    """An amount with its currency, which is there where the form says so, and nowhere else."""
    if code and form != EITHER and (form in BARE or "{currency}" not in form):
        return _not_in_form(form)
    if form not in BARE and form != EITHER and "{currency}" in form and not code:
        return Problem("invalid-currency", "names no currency", f"write it as {_example(form)}")
    if code and code not in CURRENCIES:
        return Problem("invalid-currency", f"{code} is no current ISO 4217 currency", f"write it as {_example(form)}")
    return f"{amount} {code}".strip()


def _money_object(text: str, form: str, locale: Locale) -> str | Problem:
    found = parsed_json(text)
    if not isinstance(found, dict):
        return Problem("invalid-price", "is no object of an amount and a currency", "write both")
    amount = found.get("amount", found.get("value"))
    code = next((str(found[key]) for key in CURRENCY_KEYS if found.get(key)), "")
    if amount is None:
        return Problem("invalid-price", "has no amount", "write the amount and the currency")
    if form in MINOR:
        return _of_minor(str(amount), code or locale.currency)
    return f"{amount} {code}".strip()


def _of_minor(amount: str, currency: str) -> str | Problem:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", amount):
        return Problem("invalid-price", "is no whole number of the smallest unit", "write 1999 for 19.99")
    return f"{Decimal(amount).scaleb(-exponent(currency)):f} {currency}".strip()


def _not_in_form(form: str) -> Problem:
    return Problem("invalid-price", f"is not written as {_example(form)}", f"write it as {_example(form)}")


def _example(form: str) -> str:
    return form.replace("{amount}", "19.99").replace("{currency}", "EUR") if "{amount}" in form else "19.99"


def _flag(text: str, definition: FieldDefinition, locale: Locale, wire: Wire) -> bool | Problem:  # noqa: ARG001
    yes, _, no = (definition.form or "yes/no").partition("/")
    word = text.casefold()
    if word in {yes.casefold(), no.casefold()}:
        return word == yes.casefold()
    if word in YES or word in NO:
        return word in YES
    return Problem("not-in-list", f"{text!r} is neither {yes} nor {no}", f"write {yes} or {no}")


def _number(text: str, definition: FieldDefinition, locale: Locale, wire: Wire) -> str:  # noqa: ARG001
    return text.replace(wire.mark, ".") if wire.mark != "." else text


def _measure(text: str, definition: FieldDefinition, locale: Locale, wire: Wire) -> Any:  # noqa: ARG001
    bare = definition.form in BARE_MEASURES
    if bare and not definition.units:  # the unit is a field of its own
        amount = parse_decimal(text, wire.mark)
        return amount if isinstance(amount, Problem) else Measure(amount, "")
    measure = parse_measure(text, definition.units[0] if bare else None, wire.mark)
    if isinstance(measure, Problem) or not definition.units or measure.unit in definition.units:
        return measure
    accepted = ", ".join(definition.units[:SHOWN])
    return Problem("invalid-unit", f"{measure.unit} is not accepted here", f"accepted: {accepted}")


READERS: dict[str, Callable[[str, FieldDefinition, Locale, Wire], Any]] = {
    "flag": _flag,
    "integer": _number,
    "measure": _measure,
    "money": _money,
    "number": _number,
}
"""Type → how a text in the channel's form becomes what `shape` reads; it reads texts of other types as they are."""
