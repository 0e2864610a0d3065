"""How a column of text becomes typed values: one function per kind of field.

A function takes the column as text without outer blanks and forbidden characters. What it cannot type is empty in the
result and has a problem at its row. It looks at each different text once, or at the joined column first.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from typing import Any

from feedsmith.catalog.fields import CanonicalField
from feedsmith.catalog.groups import parse_groups
from feedsmith.catalog.inside import addresses
from feedsmith.catalog.words import currency_words, flag_words, words_of
from feedsmith.values.codes import COUNTRIES, country_problem
from feedsmith.values.column import Column
from feedsmith.values.dates import parse_moment, parse_range
from feedsmith.values.gtin import clean_gtin
from feedsmith.values.local_dates import Order
from feedsmith.values.measure import Measure, parse_measure
from feedsmith.values.money import CURRENCIES, money_column
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem


@dataclass(frozen=True, slots=True)
class Setting:
    """What a kind needs to know beside the text: from the claim, the project and the field.

    `unit` counts for bare measures, `mark` is the decimal mark, `zone`, `formats` (strptime) and `order` (what stands
    first in local dates, None for no such dates) are for dates, `currency` is the one to expect.
    """

    field: CanonicalField
    unit: str | None = None
    mark: str = "."
    zone: tzinfo | None = None
    formats: tuple[str, ...] = ()
    currency: str | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed column.

    `problems` by row: the row is empty. `notes` by row: a value is there, but not as found. `currencies`: those named.
    """

    column: Column
    problems: dict[int, Problem] = field(default_factory=dict)
    notes: dict[int, Problem] = field(default_factory=dict)
    currencies: list[str | None] | None = None


Parse = Callable[[str], Any]


def by_text(column: Column, parse: Parse) -> Typed:
    """Each different text parsed once; a `Problem` empties its rows."""
    table: dict[str | None, Any] = {text: parse(text) for text in column.distinct}
    table[None] = None
    bad = {text for text, value in table.items() if isinstance(value, Problem)}
    if not bad:
        return Typed(Column(list(map(table.__getitem__, column.values))))
    problems = {row: table[text] for row, text in column.rows() if text in bad}
    table.update(dict.fromkeys(bad))
    return Typed(Column(list(map(table.__getitem__, column.values))), problems)


def _text(column: Column, _: Setting) -> Typed:
    return Typed(column)


_MANGLED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2}")
_WRAPPED = re.compile(r'="(.*)"|\'(.*)')


def _identifier(column: Column, _: Setting) -> Typed:
    """Keys: the guard of a spreadsheet (`'101`, `="101"`) is taken off, a key that became a number is refused."""
    joined = column.joined
    if "E+" not in joined and "e+" not in joined and "'" not in joined and '="' not in joined:
        return Typed(column)
    return by_text(column, _key)


def _key(text: str) -> str | Problem | None:
    if _MANGLED.fullmatch(text):
        return Problem(
            "id-changed-type",
            "is a number that a spreadsheet made of a key; its last digits are lost",
            "format the column as text in the spreadsheet and export it again",
        )
    wrapped = _WRAPPED.fullmatch(text)
    return ((wrapped[1] or wrapped[2]) or None) if wrapped else text


_NEXT_URL = re.compile(r"[\s,;|]+(?=https?://)", re.IGNORECASE)
_LIST_GAP = re.compile(r"[\s,;|]+")
_URL_GAPS = ",;| [{"


def json_list(text: str) -> list[str] | None:
    """The texts of a JSON list, as the reader of XML and JSON files writes several values; None for any other text."""
    if not (text.startswith('["') and text.endswith('"]')):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [one for one in found if one] if all(isinstance(one, str) for one in found) else None


def split_urls(text: str) -> list[str]:
    """The URLs of one cell. A comma inside a URL does not part it, as long as all of them are absolute."""
    listed = json_list(text)
    if listed is None:
        listed = addresses(text)
    if listed is not None:
        return listed
    if "://" in text:
        return [part for part in _NEXT_URL.split(text.strip(" ,;|\n")) if part]
    return [part for part in _LIST_GAP.split(text) if part]


def holds_lists(column: Column) -> bool:
    """Whether a cell may hold more than one URL."""
    return _holds(column, _URL_GAPS) or _holds_line_ends(column)


def _holds(column: Column, characters: str) -> bool:
    return any(character in column.joined for character in characters)


def _holds_line_ends(column: Column) -> bool:
    """A line end inside a value; the joined column has one between two values."""
    return column.joined.count("\n") > max(len(column.filled) - 1, 0)


def _url(column: Column, setting: Setting) -> Typed:
    """One URL. Of a list of pictures the first is taken; the rest goes to the further pictures."""
    if setting.field.name != "image_link" or not holds_lists(column):
        return Typed(column)
    return by_text(column, lambda text: next(iter(split_urls(text)), None))


def _urls(column: Column, _: Setting) -> Typed:
    joined = column.joined
    if not holds_lists(column):
        return Typed(Column([None if text is None else [text] for text in column.values]))
    plain = joined.count(",") == joined.count(",http") and not _holds(column, ";| [{") and not _holds_line_ends(column)
    if plain:
        return Typed(Column([None if text is None else text.split(",") for text in column.values]))
    return Typed(Column([None if text is None else split_urls(text) or None for text in column.values]))


def _texts(column: Column, setting: Setting) -> Typed:
    separators = setting.field.separators
    gap = re.compile(f"[{re.escape(separators)}]")

    def parse(text: str) -> list[str] | None:
        if (listed := json_list(text)) is not None:
            return listed or None
        if text.startswith('"') and '","' in text:
            return [part for part in text.strip('"').split('","') if part]
        return [part for piece in gap.split(text) if (part := piece.strip())] or None

    if _holds(column, separators.replace("\n", "") + '"') or _holds_line_ends(column):
        return Typed(Column([None if text is None else parse(text) for text in column.values]))
    return Typed(Column([None if text is None else [text] for text in column.values]))


def _money(column: Column, setting: Setting) -> Typed:
    amounts, currencies, problems = money_column(column, setting.mark, setting.currency)
    return Typed(amounts, problems, currencies=currencies)


def _number(column: Column, setting: Setting) -> Typed:
    return by_text(column, lambda text: parse_decimal(text.removesuffix("%").rstrip(), setting.mark))


def _whole(column: Column, setting: Setting) -> Typed:
    joined = "".join(column.filled)
    if joined.isascii() and joined.isdecimal() and column.longest < 19:  # noqa: PLR2004  (fits 64 bits)
        return Typed(Column([None if text is None else int(text) for text in column.values]))
    return by_text(column, partial(_whole_number, mark=setting.mark))


def _whole_number(text: str, mark: str) -> int | Problem:
    number = parse_decimal(text, mark)
    if isinstance(number, Problem):
        return number
    if number != number.to_integral_value():
        return Problem("invalid-number", "is not a whole number", "write a number without decimals")
    return int(number)


def _quantity(column: Column, setting: Setting) -> Typed:
    """Pieces: what is negative counts as 0 and a part of a piece does not count, both with a note."""
    joined = "".join(column.filled)
    if joined.isascii() and joined.isdecimal():
        return _whole(column, setting)
    found = by_text(column, partial(_pieces, mark=setting.mark))
    notes, values = dict[int, Problem](), found.column.values.copy()
    for row, text in column.rows():
        if _AT_LEAST.fullmatch(text) and values[row] is not None:
            notes[row] = Problem("invalid-number", f"says at least; it counts as {values[row]}")
    for row, number in found.column.rows():
        pieces = int(max(number, Decimal(0)).to_integral_value(ROUND_FLOOR))
        values[row] = pieces
        if number < 0:
            notes[row] = Problem("invalid-number", "is negative and counts as 0", "look at the stock in the source")
        elif pieces != number:
            notes[row] = Problem("invalid-number", f"is no whole number of pieces and counts as {pieces}")
    return Typed(Column(values), found.problems, notes)


_PIECES = re.compile(
    r"(?P<number>[0-9][0-9., ]*?) ?(?:st|stk|stck|stuks?|stück|pcs?|pieces?|pièces?|ex|x)\.?", re.IGNORECASE
)
_AT_LEAST = re.compile(
    r"(?:> ?|≥ ?|>= ?|(?:meer dan|minstens|mehr als|mindestens|über|more than|at least|plus de|au moins) )"
    r"(?P<above>[0-9][0-9., ]*)|(?P<number>[0-9][0-9., ]*?) ?\+",
    re.IGNORECASE,
)


def _pieces(text: str, mark: str) -> Decimal | Problem:
    """A count: `5`, `5 stuks`; of `>10` and `10+` the number that is there for certain."""
    found = _AT_LEAST.fullmatch(text)
    number = (found["above"] or found["number"]) if found else None
    if number is None and (counted := _PIECES.fullmatch(text)):
        number = counted["number"]
    return parse_decimal(number or text, mark)


def _flag(column: Column, _: Setting) -> Typed:
    words = flag_words()

    def parse(text: str) -> bool | Problem:
        found = words.find(text)
        return _not_in_list(("yes", "no")) if found is None else found == "true"

    return by_text(column, parse)


def _choice(column: Column, setting: Setting) -> Typed:
    """A value of a closed list, by its own name or a merchant's word; availability may be a number of pieces."""
    words = words_of(setting.field)
    if column.distinct.issubset(words.choices):
        return Typed(column)
    counts = setting.field.name == "availability"

    def parse(text: str) -> str | Problem:
        if counts and text.isascii() and text.isdecimal():
            return "in_stock" if int(text) else "out_of_stock"
        return words.find(text) or _not_in_list(words.choices)

    return by_text(column, parse)


def _not_in_list(choices: tuple[str, ...]) -> Problem:
    return Problem("not-in-list", "is not a value that is known here", "write one of: " + ", ".join(choices))


def _moment(column: Column, setting: Setting) -> Typed:
    return by_text(column, partial(_one_moment, setting=setting, end=False))


def _moment_end(column: Column, setting: Setting) -> Typed:
    return by_text(column, partial(_one_moment, setting=setting, end=True))


def _one_moment(text: str, setting: Setting, *, end: bool) -> datetime | Problem:
    """A moment; of a period (`start/end`) its start or its end."""
    found = parse_moment(text, setting.zone, end_of_day=end, formats=setting.formats, order=setting.order)
    if not isinstance(found, Problem) or "/" not in text:
        return found
    period = parse_range(text, setting.zone, setting.formats)
    if isinstance(period, Problem):
        return period if "-" in text else found
    return period[end]


def _measure(column: Column, setting: Setting) -> Typed:
    def parse(text: str) -> Measure | Problem:
        return parse_measure(text, setting.unit, setting.mark)

    return by_text(column, parse)


def _gtin(column: Column, _: Setting) -> Typed:
    """Digits without wrappers. A wrong GTIN stays as it is: a channel's checks name it."""
    joined = "".join(column.filled)
    if joined.isascii() and joined.isdecimal() and 10 not in map(len, column.filled):  # noqa: PLR2004  (an ISBN)
        return Typed(column)
    return by_text(column, lambda text: clean_gtin(text) or None)


def _country(column: Column, _: Setting) -> Typed:
    return Typed(column) if column.distinct <= COUNTRIES else by_text(column, _one_country)


def _one_country(text: str) -> str | Problem:
    code = text.upper()
    if code in COUNTRIES:
        return code
    if len(text) > 2 and (found := _country_names().get(text.casefold())):  # noqa: PLR2004
        return found
    return country_problem(code) or code


def _country_names() -> dict[str, str]:
    """Names of countries in English, Dutch, German and French → code."""
    from feedsmith.catalog.countries import country_names  # noqa: PLC0415  (babel is slow to import)

    return country_names()


def _currency(column: Column, _: Setting) -> Typed:
    def parse(text: str) -> str | Problem:
        code = text.upper()
        found = code if code in CURRENCIES else currency_words().find(text)
        return found or Problem("invalid-currency", "is not an ISO 4217 code", "write a code such as EUR")

    return by_text(column, parse)


_STOCK_GAP = re.compile(r"[;,|\n]")
_STORE_AND_PIECES = re.compile(r"\s*(.+?)\s*[:=]\s*(\S+)\s*")


def _stock(column: Column, setting: Setting) -> Typed:
    """Pieces per store in one cell: `amsterdam:3;utrecht:0`."""
    return by_text(column, partial(_one_stock, setting=setting))


def _one_stock(text: str, setting: Setting) -> dict[str, int] | Problem:
    stock: dict[str, int] = {}
    for pair in filter(str.strip, _STOCK_GAP.split(text)):
        match = _STORE_AND_PIECES.fullmatch(pair)
        number = _whole_number(match[2], setting.mark) if match else None
        if match is None or not isinstance(number, int):
            return Problem("invalid-number", "is not stock per store", "write store:pieces;store:pieces")
        stock[match[1]] = max(number, 0)
    return stock


def _groups(column: Column, setting: Setting) -> Typed:
    return by_text(column, partial(parse_groups, parts=setting.field.parts))


KINDS: dict[str, Callable[[Column, Setting], Typed]] = {
    "category": _text,
    "choice": _choice,
    "country": _country,
    "currency": _currency,
    "flag": _flag,
    "groups": _groups,
    "gtin": _gtin,
    "html": _text,
    "identifier": _identifier,
    "measure": _measure,
    "moment": _moment,
    "moment_end": _moment_end,
    "money": _money,
    "number": _number,
    "quantity": _quantity,
    "stock": _stock,
    "text": _text,
    "texts": _texts,
    "url": _url,
    "urls": _urls,
    "whole": _whole,
}
"""Kind of field → how its text is typed."""
