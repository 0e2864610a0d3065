"""What a channel asks of a field, in the words of somebody who knows no code: `type money` is an amount.

The tables hold English; `texts` puts it into the reader's language.
"""

import re
from collections.abc import Mapping

from feedsmith.run.limits import Limit
from feedsmith.texts.catalogue import Texts

PLAIN: Mapping[str, str] = {
    "type category": "a category of the channel",
    "type choice": "one of the words that the channel knows",
    "type country": "a country's code, such as NL",
    "type date": "a date",
    "type flag": "yes or no",
    "type group": "several values that belong together",
    "type gtin": "a correct GTIN (the number below the barcode)",
    "type html": "text, with or without HTML",
    "type integer": "a whole number",
    "type language": "a language's code, such as nl",
    "type measure": "a number with its unit, such as 1.5 kg",
    "type moment": "a date, with or without a time",
    "type money": "an amount with its currency",
    "type number": "a number",
    "type period": "a first and a last day",
    "type text": "text",
    "type url": "a web address",
    "one of the accepted values": "one of the accepted values",
    "check capitals": "not written in capitals",
    "check emails": "no mail addresses in it",
    "check html": "no HTML in it",
    "check https": "an address that begins with https",
    "check ip": "an address with a name, not with a number",
    "check links": "no web addresses in it",
    "check mojibake": "no garbled letters, such as Ã© for é",
    "check placeholder": "no stopgap, such as n/a or unknown",
    "check promotional": "no advertising, such as free delivery",
    "check symbols": "no eye-catchers, such as *** or !!!",
    "optional": "optional",
    "recommended": "recommended",
    "required": "required",
    "wished for": "worth filling",
}
"""What the code calls a limit → the same in plain words."""

ELSE: Mapping[str, str] = {
    "reject": "else the product is left out of the feed",
    "drop": "else the value is left out",
    "cut": "else the value is shortened",
    "warn": "else there is a warning",
    "info": "else there is a tip",
}
"""What a breach costs → the same in plain words."""

NEEDS: Mapping[str, str] = {
    "recommended": "recommended when {condition}",
    "required": "required when {condition}",
    "wished for": "worth filling when {condition}",
}

CATEGORY = r"under_category\(google_product_category, {}\)"
IDS = r"(?P<values>[\d, ]+)"
CLAUSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"(?P<field>\w+) is empty", "{field} is empty"),
        (r"(?P<field>\w+) is filled", "{field} is filled"),
        (r"market\.country == \"(?P<country>\w+)\"", "the feed is for {country}"),
        (r"market\.country in lists\.shipping_countries", "the country asks for shipping costs"),
        (r"market\.country in lists\.european_union", "the country is in the European Union"),
        (r"market\.country in lists\.apparel_countries", "the country asks for more of clothing"),
        (r"market\.country not in lists\.apparel_countries", "the country asks for less of clothing"),
        (r"market\.country in lists\.(?P<list>\w+)", "the country is in the list {list}"),
        (r"market\.country not in lists\.(?P<list>\w+)", "the country is not in the list {list}"),
        (r"(?P<field>\w+) == false", "{field} is no"),
        (r"not \((?P<field>\w+) == false\)", "{field} is not no"),
        (r"(?P<field>\w+) == (?P<value>\"[^\"]*\")", "{field} is {value}"),
        (r"not \((?P<field>\w+) == (?P<value>\"[^\"]*\")\)", "{field} is not {value}"),
        (r"(?P<field>\w+) in \[(?P<values>[^\]]*)\]", "{field} is one of {values}"),
        (r"not \((?P<field>\w+) in \[(?P<values>[^\]]*)\]\)", "{field} is none of {values}"),
        (r"\"(?P<value>[^\"]*)\" in (?P<field>\w+)", "{field} has {value}"),
        (CATEGORY.format("166"), "the product is clothing, shoes or an accessory"),
        (CATEGORY.format("1604, 187"), "the product is clothing or shoes"),
        ("not " + CATEGORY.format("1856"), "it is not a shoelace"),
        ("not " + CATEGORY.format("783"), "it is not a book, music or a film"),
        (CATEGORY.format(IDS), "the Google category is {values} or one below"),
        ("not " + CATEGORY.format(IDS), "the Google category is not {values} or one below"),
    )
)
"""The parts of conditions that channels have, and the same in plain words."""
FORM = "matches "
CONNECTED = re.compile(r" (and|or) ")
NEED = re.compile(r"(required|recommended|wished for) if (.+)")


def in_words(limit: str, texts: Texts) -> str:
    """The text of a limit, or a field's requirement, in plain words of the reader's language.

    >>> in_words("type money", Texts()), in_words("required if structured_title is empty", Texts())
    ('an amount with its currency', 'required when structured_title is empty')
    """
    if "; " in limit and NEED.match(limit):
        return "; ".join(in_words(part, texts) for part in limit.split("; "))
    if limit in PLAIN:
        return texts(PLAIN[limit])
    need = NEED.fullmatch(limit)
    if need is not None:
        return texts(NEEDS[need[1]], condition=_condition(need[2], texts))
    if limit.startswith(FORM):
        return texts("the form {pattern}", pattern=limit.removeprefix(FORM))
    return texts.message(limit)


def else_in_words(limit: Limit, texts: Texts) -> str:
    """What a breach of a limit costs, and the limit as the channel's file calls it, for who wants to know.

    >>> else_in_words(Limit("type money", "reject"), Texts())
    'else the product is left out of the feed (type money)'
    """
    return f"{texts(ELSE.get(limit.consequence, limit.consequence))} ({limit.text})"


def _condition(condition: str, texts: Texts) -> str:
    """A condition in words; one with a part that has none stays as the channel's file has it."""
    told = []
    for number, part in enumerate(CONNECTED.split(condition)):
        words = texts(part) if number % 2 else _clause(part, texts)
        if not words:
            return condition
        told.append(words)
    return " ".join(told)


def _clause(clause: str, texts: Texts) -> str:
    for pattern, plain in CLAUSES:
        found = pattern.fullmatch(clause)
        if found is not None:
            return texts(plain, **{name: text.replace('"', "") for name, text in found.groupdict().items()})
    return ""
