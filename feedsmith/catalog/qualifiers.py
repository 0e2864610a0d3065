"""What may follow a field's name in a heading or a key: a language, a market, a currency, a store, a unit."""

from dataclasses import dataclass
from functools import cache

from feedsmith.catalog.fields import LANGUAGE, MARKET, CanonicalField
from feedsmith.catalog.tables import read_table
from feedsmith.values.codes import COUNTRIES, LANGUAGES
from feedsmith.values.measure import parse_measure
from feedsmith.values.money import CURRENCIES
from feedsmith.values.problem import Problem

_WORDS = frozenset(
    (
        "id",
        "no",
        "is",
        "to",
        "in",
        "me",
        "my",
        "as",
        "so",
        "pm",
        "am",
        "do",
        "all",
        "top",
        "try",
        "mop",
        "cup",
        "eg",
        "ml",
    )
)
"""Codes that are words too: in lower case they are taken for the word."""
_LOCALE = 2
_COUNTED = frozenset({"days", "day", "dagen", "tage", "tagen", "jours", "pct", "stuks", "pcs"})


@dataclass(frozen=True, slots=True)
class Qualifier:
    """What a heading says beside the field: `key` for the claim's brackets, `field` in place of the alias's."""

    key: str = ""
    says: str = ""
    unit: str | None = None
    currency: str | None = None
    field: str = ""
    certain: bool = True


def qualifier_of(field: CanonicalField, tail: str, heading: str) -> Qualifier | None:
    """What `tail` (normalised, an end of `heading`) says about the field, or None when it says nothing we know."""
    if tail in _COUNTED:
        return Qualifier() if field.unit in ("days", "%") or field.kind == "quantity" else None
    if f"[{tail}]" in heading.casefold() and field.varies and not tail.isdecimal():
        return _explicit(field, tail)
    return _BY_KIND.get(field.kind, _of_locale)(field, tail, heading)


def spelled(field: CanonicalField, qualifier: str) -> str:
    """A declared qualifier as keys write it: `nl_BE` gives `nl-be`, `EUR` stays, a store's code stays."""
    if field.varies == "store" or (qualifier in CURRENCIES and field.kind == "money"):
        return qualifier
    return qualifier.casefold().replace("_", "-")


def _explicit(field: CanonicalField, tail: str) -> Qualifier:
    """The heading itself is a key, such as `quantity[amsterdam]`."""
    if field.kind in ("quantity", "stock"):
        return Qualifier(tail, f"in store {tail}", field="stock")
    if field.kind == "money" and tail.upper() in CURRENCIES:
        return Qualifier(tail.upper(), f"in {tail.upper()}", currency=tail.upper())
    return Qualifier(tail.replace("_", "-"), f"for {tail}")


def _of_measure(_: CanonicalField, tail: str, __: str) -> Qualifier | None:
    return Qualifier(unit=tail, says=f"in {tail}") if _is_unit(tail) else None


def _of_money(_: CanonicalField, tail: str, heading: str) -> Qualifier | None:
    code = tail.upper()
    if code in CURRENCIES and _meant(tail, heading):
        return Qualifier(code, f"in {code}", currency=code)
    if _is_country(tail) and _meant(tail, heading):
        return Qualifier(tail, f"in market {tail}")
    if " / " in heading:  # a market by the name that the merchant gave it
        return Qualifier(tail.replace("_", "-"), f"in market {tail}")
    return None


def _of_store(_: CanonicalField, tail: str, __: str) -> Qualifier | None:
    words = tail.split("_")
    if not_stores().intersection(words) or tail.isdecimal() or len(tail) < _LOCALE:
        return None
    return Qualifier(tail, f"in store {tail}", field="stock", certain=False)


def _of_locale(field: CanonicalField, tail: str, heading: str) -> Qualifier | None:
    """A language (`nl`), a locale (`nl_nl`), a locale and a channel (`en_us_ecommerce`), or a country."""
    words = tail.split("_")
    if field.varies not in (LANGUAGE, MARKET):
        return None
    if len(words) == 1:
        known = _meant(tail, heading) and (tail in LANGUAGES or _is_country(tail))
        return Qualifier(tail, f"{'in' if field.varies == LANGUAGE else 'for'} {tail}") if known else None
    return _of_longer_locale(words, heading)


def _of_longer_locale(words: list[str], heading: str) -> Qualifier | None:
    language = words[0]
    if len(words) > _LOCALE + 1 or language not in LANGUAGES or not _is_country(words[1]):
        return None
    if len(words) == _LOCALE:
        return Qualifier(f"{language}-{words[1]}", f"in {language}")
    if f"{language}_{words[1].upper()}" not in heading:
        return None
    return Qualifier(language, f"in {language}", certain=False)


_BY_KIND = {"measure": _of_measure, "money": _of_money, "quantity": _of_store, "stock": _of_store}
"""Kind of field → what it makes of a tail; all others vary by language or market, or not at all."""


def _is_country(word: str) -> bool:
    return word == "uk" or word.upper() in COUNTRIES


def _meant(word: str, heading: str) -> bool:
    """Not an everyday word, or written in capitals."""
    return word not in _WORDS or word.upper() in heading


@cache
def _is_unit(word: str) -> bool:
    return not word[:1].isdigit() and not isinstance(parse_measure(f"1 {word}"), Problem)


@cache
def not_stores() -> frozenset[str]:
    """Words after a stock heading that are no store's code. Source: `aliases.yaml`."""
    return frozenset(read_table("aliases")["not_stores"])
