"""The functions of rules and conditions: each is a row of `FUNCTIONS`, called as `upper(title)` or `title | upper`.

A function is called only when its arguments have values; else its result is empty. An empty text is an empty result.
Every function's result is bounded by the size of its arguments, so that no rule can ask for more memory than its
product's texts.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import re2

from feedsmith.mapping.taxonomy import Taxonomy
from feedsmith.mapping.types import Type
from feedsmith.values.gtin import clean_gtin, gtin_problem
from feedsmith.values.measure import Measure, convert, kind
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem
from feedsmith.values.url import registered_domain

T = Type


@dataclass(frozen=True, slots=True)
class Function:
    """`arguments` are types in order; `more` says that the last one may repeat, `least` how many must be given.

    `prepare` turns the last argument, which must then be a fixed text, into what `call` gets (a compiled pattern).
    A method of `Taxonomy` is called on that of the feed's language.
    """

    call: Callable[..., Any]
    arguments: tuple[Type, ...]
    result: Type
    does: str
    least: int | None = None
    more: bool = False
    prepare: Callable[[str], Any] | None = None
    takes_empty: bool = False


REPEATS = re.compile(r"[*+?{]")
SPECIAL = re.compile(r"\\[a-zA-Z]|\(\?|\$|\)[*+?{]|\[\[|--|&&|~~|\|\|")
"""What RE2 and Python's patterns read differently, and the repeated group, which Python may try in endless ways."""


def searcher(text: str) -> Any:
    """A compiled pattern for `matches`, checked by RE2.

    A pattern that both read alike and that repeats one character at most cannot run away, so it may use Python's own
    engine, which asks a value in a tenth of the time.

    Raises:
        ValueError: RE2 refuses the pattern.
    """
    safe = pattern(text)
    plain = len(REPEATS.findall(text)) <= 1 and not SPECIAL.search(text)
    return re.compile(text, re.ASCII) if plain else safe


def pattern(text: str) -> Any:
    """A compiled RE2 pattern: linear time, without look-around and back references.

    Raises:
        ValueError: RE2 refuses the pattern.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error.args[0]
        raise ValueError(f"the pattern {text!r} is not accepted: {reason}") from error


MOST_GROWTH = 100_000
"""Code points of the longest text that a replacement or a join may give; more is a failure of that row."""


def bounded(length: int) -> None:
    """Raises ValueError when a text of that length must not be made."""
    if length > MOST_GROWTH:
        raise ValueError(f"the result is longer than {MOST_GROWTH} characters")


def replaced(text: str, old: str, new: str) -> str:
    """`text` with every `old` replaced; an empty `old` is found nowhere. ValueError when the result is too long."""
    if not old or old not in text:
        return text
    bounded(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def joined(items: list[str], mark: str) -> str:
    """The items as one text. ValueError when it is too long."""
    bounded(sum(map(len, items)) + len(items) * len(mark))
    return mark.join(items)


def to_number(text: str, mark: str = ".") -> Decimal:
    """A text as a number, `mark` being the decimal sign; ValueError when it is none."""
    number = parse_decimal(text.strip(), mark)
    if isinstance(number, Problem):
        raise ValueError(f"{text!r} {number.message}")  # noqa: TRY004 - the value is wrong, not its type
    return number


def _net(gross: Decimal | int, rate: Decimal | int) -> Decimal | None:
    factor = 1 + Decimal(rate) / 100
    return Decimal(gross) / factor if factor else None


def _words(text: str) -> int:
    return len(text.split())


def _round(number: Decimal | int, places: int = 0) -> Decimal:
    return Decimal(number).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


def _decimals(number: Decimal | int) -> int:
    return len(format(number, "f").partition(".")[2])


def _title_case(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _same_unit(*measures: Measure) -> bool:
    return len({measure.unit for measure in measures}) <= 1


def _extension(url: str) -> str:
    if "?" in url or "#" in url:
        url = url.partition("?")[0].partition("#")[0]
    dot = url.rfind(".")
    return url[dot + 1 :].lower() if dot > url.rfind("/") else ""


def _path(url: str) -> str:
    rest = url.partition("//")[2]
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _sum_length(rows: list[Mapping[str, Any]], *attributes: str) -> int:
    return sum(len(str(row[name])) for row in rows for name in attributes if row.get(name) is not None)


def _any_duplicate(rows: list[Mapping[str, Any]], *attributes: str) -> bool:
    keys = [tuple(row.get(name) for name in attributes) for row in rows]
    return len(set(keys)) < len(keys)


def _any_missing(rows: list[Mapping[str, Any]], *attributes: str) -> bool:
    return any(row.get(name) is None for row in rows for name in attributes)


def _values(rows: list[Mapping[str, Any]], attribute: str) -> list[str]:
    return [str(row[attribute]) for row in rows if row.get(attribute) is not None]


def _values_where(rows: list[Mapping[str, Any]], attribute: str, name: str, wanted: str) -> list[str]:
    return _values([row for row in rows if row.get(name) == wanted], attribute)


def _period(start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None] | None:
    return (start, end) if start is not None or end is not None else None


def _add_query(url: str, query: str) -> str:
    """The address with the parameters of `query` that it does not have, before its fragment."""
    rest, mark, fragment = url.partition("#")
    has = {name for name, _ in parse_qsl(rest.partition("?")[2], keep_blank_values=True)}
    added = "&".join(part for part in query.split("&") if part.partition("=")[0] not in has)
    if not added:
        return url
    sign = "" if rest.endswith(("?", "&")) else "&" if "?" in rest else "?"
    return f"{rest}{sign}{added}{mark}{fragment}"


def current_price(
    price: Decimal | None,
    sale_price: Decimal | None,
    start: datetime | None,
    end: datetime | None,
    now: datetime,
) -> Decimal | None:
    """The sale price while the sale lasts and where it is lower, else the price."""
    if price is None or sale_price is None or sale_price >= price:
        return price
    lasts = (start is None or start <= now) and (end is None or now <= end)
    return sale_price if lasts else price


def _entries(numbers: Mapping[str, Any], name: str, value: str) -> list[dict[str, Any]]:
    return [{name: key, value: number} for key, number in numbers.items()]


def _gather(texts: list[str], pairs: str, equals: str, values: str) -> str | None:
    found: dict[str, dict[str, None]] = {}
    for pair in (pair for text in texts for pair in text.split(pairs)):
        name, sign, value = pair.partition(equals)
        if sign:
            found.setdefault(name, {})[value] = None
    return pairs.join(f"{name}{equals}{values.join(own)}" for name, own in found.items()) or None


def _pick(rows: list[Mapping[str, Any]], wanted: str, attribute: str, text: str) -> str | None:
    found = (row[wanted] for row in rows if row.get(wanted) is not None and str(row.get(attribute)) == text)
    value = next(found, None)
    return None if value is None else str(value)


UNIT_PRICE_BASE: Mapping[str, Measure] = {
    "mass": Measure(Decimal(1), "kg"),
    "volume": Measure(Decimal(1), "l"),
    "length": Measure(Decimal(1), "m"),
    "area": Measure(Decimal(1), "sqm"),
    "count": Measure(Decimal(1), "ct"),
}
"""What a price per unit is for where nothing else is said. Source: Directive 98/6/EC, article 2 (b)."""


def _unit_base(measure: Measure | None, base: Measure | None = None) -> Measure | None:
    """`base` where it measures the same as `measure`, else the unit of the law."""
    if measure is None:
        return None
    if base is not None and base.amount > 0 and kind(base.unit) == kind(measure.unit):
        return base
    return UNIT_PRICE_BASE[kind(measure.unit)]


def _unit_price(price: Decimal | int | None, measure: Measure | None, base: Measure | None = None) -> Decimal | None:
    """What `base` of the product costs; not rounded."""
    base = _unit_base(measure, base)
    if price is None or measure is None or base is None or measure.amount <= 0:
        return None
    return Decimal(price) * base.amount / convert(measure, base.unit).amount


def _prepend(text: str | None, items: list[str] | None) -> list[str]:
    rest = [item for item in items or () if item != text]
    return [text, *rest] if text is not None else rest


FAR = datetime.max.replace(tzinfo=UTC)

FUNCTIONS: dict[str, Function] = {
    "abs": Function(abs, (T.NUMBER,), T.NUMBER, "the number without its sign"),
    "add_query": Function(
        _add_query, (T.TEXT, T.TEXT), T.TEXT, "an address with these parameters, where it does not have them yet"
    ),
    "amount": Function(lambda m: m.amount, (T.MEASURE,), T.NUMBER, "a measure's number"),
    "any_duplicate": Function(
        _any_duplicate, (T.GROUPS, T.TEXT), T.FLAG, "two groups share the values of these attributes", more=True
    ),
    "any_missing": Function(
        _any_missing, (T.GROUPS, T.TEXT), T.FLAG, "a group lacks one of these attributes", more=True
    ),
    "category_id": Function(Taxonomy.number, (T.TEXT,), T.TEXT, "the id of a Google category that is given as a path"),
    "category_level": Function(Taxonomy.level, (T.TEXT,), T.NUMBER, "how deep a Google category lies; 1 is the top"),
    "category_problem": Function(
        Taxonomy.problem,
        (T.TEXT,),
        T.TEXT,
        "what is wrong with a Google category: `unknown`, `language` (English in a feed of another language) or "
        "`unchecked` (no English name, and no list of the feed's language); empty when it is right",
    ),
    "contains": Function(lambda text, part: part in text, (T.TEXT, T.TEXT), T.FLAG, "the text holds the part"),
    "count": Function(len, (T.ANY,), T.NUMBER, "how many values a list, a repeated group or a set of numbers has"),
    "current_price": Function(
        current_price,
        (T.NUMBER, T.NUMBER, T.DATE, T.DATE, T.DATE),
        T.NUMBER,
        "what is paid now: the sale price from its start to its end, else the price",
        takes_empty=True,
    ),
    "days_until": Function(lambda moment, now: (moment - now).days, (T.DATE, T.DATE), T.NUMBER, "whole days from now"),
    "decimals": Function(_decimals, (T.NUMBER,), T.NUMBER, "digits behind the decimal sign"),
    "domain": Function(registered_domain, (T.TEXT,), T.TEXT, "the registered domain of an address"),
    "end": Function(lambda period: period[1], (T.PERIOD,), T.DATE, "the end of a period"),
    "ends_with": Function(str.endswith, (T.TEXT, T.TEXT), T.FLAG, "the text ends with the part"),
    "entries": Function(
        _entries, (T.NUMBERS, T.TEXT, T.TEXT), T.GROUPS, "numbers by name as groups of a name and a number"
    ),
    "extension": Function(_extension, (T.TEXT,), T.TEXT, "the file extension of an address, lower case"),
    "first": Function(lambda items: items[0] if items else None, (T.LIST,), T.TEXT, "the first value of a list"),
    "gather": Function(
        _gather,
        (T.LIST, T.TEXT, T.TEXT, T.TEXT),
        T.TEXT,
        "texts of pairs as one, with all values of each name; by the signs between pairs, in a pair and between values:"
        ' `gather(each.details, "|", "=", ";")` gives `Size=S;M|Color=Red` of `Size=S|Color=Red` and'
        " `Size=M|Color=Red`",
    ),
    "has_duplicates": Function(
        lambda items: len(set(items)) < len(items), (T.LIST,), T.FLAG, "a value stands in the list twice"
    ),
    "host": Function(_host, (T.TEXT,), T.TEXT, "the host name of an address, lower case"),
    "join": Function(joined, (T.LIST, T.TEXT), T.TEXT, "the list as one text"),
    "kind": Function(lambda m: kind(m.unit), (T.MEASURE,), T.TEXT, "mass, volume, length, area or count"),
    "known_category": Function(Taxonomy.known, (T.TEXT,), T.FLAG, "a Google category id or path that exists"),
    "last": Function(lambda items: items[-1] if items else None, (T.LIST,), T.TEXT, "the last value of a list"),
    "length": Function(len, (T.TEXT,), T.NUMBER, "characters of a text"),
    "lower": Function(str.lower, (T.TEXT,), T.TEXT, "small letters"),
    "matches": Function(
        lambda text, expression: expression.search(text) is not None,
        (T.TEXT, T.TEXT),
        T.FLAG,
        "a regular expression (RE2) is found in the text",
        prepare=searcher,
    ),
    "max": Function(max, (T.NUMBER, T.NUMBER), T.NUMBER, "the largest number", more=True),
    "min": Function(min, (T.NUMBER, T.NUMBER), T.NUMBER, "the smallest number", more=True),
    "net": Function(_net, (T.NUMBER, T.NUMBER), T.NUMBER, "the price without VAT"),
    "path": Function(_path, (T.TEXT,), T.TEXT, "the path of an address, with what follows it: `/p/1?size=M`"),
    "period": Function(_period, (T.DATE, T.DATE), T.PERIOD, "from a start to an end", takes_empty=True),
    "overlap": Function(
        lambda ours, theirs: not set(ours).isdisjoint(theirs), (T.LIST, T.LIST), T.FLAG, "the lists share a value"
    ),
    "pick": Function(
        _pick,
        (T.GROUPS, T.TEXT, T.TEXT, T.TEXT),
        T.TEXT,
        "an attribute of the first group in which another attribute is this text",
    ),
    "position": Function(
        lambda items, text: items.index(text) if text in items else None,
        (T.LIST, T.TEXT),
        T.NUMBER,
        "where a text stands in a list, from 0; empty where it does not",
    ),
    "prepend": Function(
        _prepend, (T.TEXT, T.LIST), T.LIST, "a list with a text in front, which stands in it once", takes_empty=True
    ),
    "replace": Function(replaced, (T.TEXT, T.TEXT, T.TEXT), T.TEXT, "every part put in another's place"),
    "round": Function(_round, (T.NUMBER, T.NUMBER), T.NUMBER, "half up, to so many decimals", least=1),
    "same_unit": Function(_same_unit, (T.MEASURE, T.MEASURE), T.FLAG, "the measures have one unit", more=True),
    "sort": Function(sorted, (T.LIST,), T.LIST, "the list in the order of the alphabet"),
    "start": Function(lambda period: period[0], (T.PERIOD,), T.DATE, "the start of a period"),
    "starts_with": Function(str.startswith, (T.TEXT, T.TEXT), T.FLAG, "the text starts with the part"),
    "sum_length": Function(
        _sum_length, (T.GROUPS, T.TEXT), T.NUMBER, "characters of these attributes of all groups", more=True
    ),
    "title_case": Function(_title_case, (T.TEXT,), T.TEXT, "a capital at each word"),
    "to_number": Function(to_number, (T.TEXT,), T.NUMBER, "reads a text as a number; its decimal sign is a point"),
    "trim": Function(str.strip, (T.TEXT,), T.TEXT, "without outer blanks"),
    "under_category": Function(
        Taxonomy.under, (T.TEXT, T.NUMBER), T.FLAG, "a Google category that is one of these ids or below", more=True
    ),
    "unit_base": Function(
        _unit_base,
        (T.MEASURE, T.MEASURE),
        T.MEASURE,
        "what the price per unit is for: the second measure, or 1 kg, l, m, sqm or ct",
        least=1,
        takes_empty=True,
    ),
    "unit_price": Function(
        _unit_price,
        (T.NUMBER, T.MEASURE, T.MEASURE),
        T.NUMBER,
        "the price of a unit of the product, by its content and by what it is for",
        least=2,
        takes_empty=True,
    ),
    "unit": Function(lambda m: m.unit, (T.MEASURE,), T.TEXT, "a measure's unit"),
    "upper": Function(str.upper, (T.TEXT,), T.TEXT, "capitals"),
    "valid_gtin": Function(
        lambda text: gtin_problem(clean_gtin(text)) is None, (T.TEXT,), T.FLAG, "a GTIN with a right check digit"
    ),
    "values": Function(_values, (T.GROUPS, T.TEXT), T.LIST, "an attribute's value of each group"),
    "values_where": Function(
        _values_where,
        (T.GROUPS, T.TEXT, T.TEXT, T.TEXT),
        T.LIST,
        'an attribute of each group in which another has a value: `values_where(parts, "id", "kind", "spare")`',
    ),
    "words": Function(_words, (T.TEXT,), T.NUMBER, "words of a text"),
}
"""All functions by name. `currency(price)`, the second argument of `net` and the last one of `days_until` and
`current_price` are put in by the compiler, since they come from beside the value: the currency column, the market's
rate, the run's clock."""
