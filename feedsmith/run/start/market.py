"""The market that a catalog is for, as far as its headings and values tell."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from feedsmith.catalog.conform import Conformer, Options, sample_marks
from feedsmith.catalog.headings import normalise
from feedsmith.catalog.records import PRODUCT
from feedsmith.run.start.look import Seen
from feedsmith.values.codes import COUNTRIES, COUNTRY_CURRENCY, COUNTRY_LANGUAGE
from feedsmith.values.currencies import SIGNS

HOST = re.compile(r"https?://(?P<host>[^/:?#\s]+)", re.IGNORECASE)
HOME = {"en": "US", "nl": "NL", "de": "DE", "fr": "FR", "es": "ES", "it": "IT"}
"""The country to think of first for a language."""
FIRST_USER = {"EUR": "NL", "USD": "US", "GBP": "GB", "AUD": "AU", "NZD": "NZ", "DKK": "DK", "NOK": "NO", "CHF": "CH",
              "XOF": "CI", "XAF": "CM"}  # fmt: skip
"""The country to think of first for a currency that several have."""
ANYWHERE = frozenset({"AI", "CC", "CO", "FM", "IO", "LY", "ME", "SH", "TO", "TV", "WS"})
"""Ends of addresses that shops everywhere use."""
BRITISH = {"UK": "GB"}
LINKS = frozenset({"link", "mobile_link"})
NUMBERS = re.compile(r"[\d\s.,'+-]+")
HALF = 0.5
TEXTS = 200
LOOKED_AT = 1_000
"""Characters of a text."""
CLEAR = 2
"""How often one language's words must stand for one of the next language."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A value and what it was seen from; `certain` where that leaves no doubt."""

    value: str
    reason: str
    certain: bool = False


@dataclass(frozen=True, slots=True)
class MarketGuess:
    """What a catalog tells of its market; `site` is "" where no page's address is known."""

    country: Guess
    language: Guess
    currency: Guess
    site: Guess


def guess_market(seen: Seen, beside: Iterable[Seen] = ()) -> MarketGuess:
    """Country, language, currency and site, each with its reason; `beside` are files that may hold the prices."""
    site = _site(seen)
    currency = next((found for one in (seen, *beside) if (found := _currency(one)).value), Guess("", ""))
    language = _language(seen)
    country = country_of(site, currency, language)
    if not currency.value:
        code = COUNTRY_CURRENCY.get(country.value, "EUR")
        currency = Guess(code, f"that of {country.value}", certain=country.certain)
    if not language.value or (country.certain and not language.certain):
        language = Guess(COUNTRY_LANGUAGE.get(country.value, "en"), f"that of {country.value}")
    return MarketGuess(country, language, currency, site)


# --- currency ------------------------------------------------------------------------------------------------------


def _currency(seen: Seen) -> Guess:
    """The currency that headings or cells of prices name; else none."""
    options = Options(decimals=sample_marks(seen.claims, seen.sample))
    products = Conformer(seen.claims, options).conform(seen.sample)
    named: Counter[str] = Counter()
    for key, one in seen.claims.items():
        if PRODUCT.fields[one.field].kind == "money":
            if one.currency and seen.sample.columns[one.heading].filled:
                named[one.currency] += len(seen.sample)
            elif not one.currency and (column := products.currency_of(key)) is not None:
                named.update(column.filled)
    if not named:
        return _by_sign(seen)
    [(code, _), *others] = named.most_common()
    reason = f"the prices are in {code}" + (f" (and {', '.join(other for other, _ in others)})" if others else "")
    return Guess(code, reason, certain=not others)


def _by_sign(seen: Seen) -> Guess:
    """The first currency that a sign of the prices may stand for, where it stands for several."""
    for one in seen.claims.values():
        if PRODUCT.fields[one.field].kind == "money":
            for cell in list(seen.sample.columns[one.heading].filled)[:TEXTS]:
                sign = NUMBERS.sub("", cell).strip(". ").casefold()
                codes = [code for code in SIGNS.get(sign, ()) if code]
                if codes:
                    return Guess(codes[0], f"{sign!r} in the prices may be {' or '.join(codes[:3])}")
    return Guess("", "")


# --- language ------------------------------------------------------------------------------------------------------


@cache
def _languages() -> Mapping[str, Mapping[str, list[str]]]:
    with files(__package__).joinpath("languages.yaml").open(encoding="utf-8") as file:
        table: Mapping[str, Mapping[str, list[str]]] = yaml.load(file, Loader=yaml.BaseLoader)  # noqa: S506 - text only
    return table


def _language(seen: Seen) -> Guess:
    """The language of the texts, else that of the headings."""
    if found := language_of(_texts(seen)):
        return Guess(found, "the language of its texts", certain=True)
    words = Counter(part for heading in seen.table.headings for part in {normalise(heading), *_parts(heading)})
    found = _ahead(words, "headings")
    return Guess(found, "the language of its headings") if found else Guess("", "")


def language_of(texts: Iterable[str]) -> str:
    """The language of texts by their small words; "" where none is clearly ahead of the others.

    >>> language_of(["Een mok van steengoed, met een deksel"]), language_of(["Mok"])
    ('nl', '')
    """
    return _ahead(Counter(word for text in texts for word in normalise(text[:LOOKED_AT]).split("_")), "words")


def _ahead(counts: Mapping[str, int], key: str) -> str:
    points = Counter({name: sum(counts[word] for word in facts[key]) for name, facts in _languages().items()})
    (first, most), (_, next_) = points.most_common(2)
    return first if most > CLEAR * next_ else ""


def _parts(heading: str) -> list[str]:
    return normalise(heading).split("_")


def _texts(seen: Seen) -> Iterator[str]:
    for one in seen.claims.values():
        if one.field in {"title", "description", "description_html", "short_description"}:
            yield from list(seen.sample.columns[one.heading].filled)[:TEXTS]


# --- country and site ----------------------------------------------------------------------------------------------


def country_of(site: Guess, currency: Guess, language: Guess) -> Guess:
    """The country that the shop's address, its currency or its language speak for, in this order."""
    end = site.value.rpartition(".")[2].upper()
    end = BRITISH.get(end, end)
    if end in COUNTRIES - ANYWHERE:
        return Guess(end, f"the pages lie at {site.value}", certain=True)
    home = HOME.get(language.value, "")
    if home and currency.value in {"", COUNTRY_CURRENCY.get(home)}:
        return Guess(home, language.reason)
    users = [code for code, used in COUNTRY_CURRENCY.items() if used == currency.value]
    if currency.value:
        only = len(users) == 1
        return Guess(FIRST_USER.get(currency.value, users[0]), f"it pays with {currency.value}", certain=only)
    return Guess("US", "nothing in the files tells it")


def _site(seen: Seen) -> Guess:
    """The site of the pages that the products link to; of several the most used."""
    links = [one.heading for one in seen.claims.values() if one.field in LINKS and one.heading not in seen.made]
    headings = [heading for heading in links if seen.looks[heading].filled >= HALF]
    hosts = Counter(_hosts(text for heading in headings for text in seen.sample.columns[heading].filled))
    if not hosts:
        return Guess("", "")
    return Guess(f"https://{hosts.most_common(1)[0][0]}", "the pages of the products lie there", certain=True)


def _hosts(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if found := HOST.match(text):
            yield found["host"].lower()
