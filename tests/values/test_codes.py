from datetime import date

import pytest
from babel import Locale
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies

from feedsmith.values.codes import COUNTRIES, COUNTRY_CURRENCY, COUNTRY_LANGUAGE, LANGUAGES, country_problem
from feedsmith.values.currencies import CURRENCIES

CLDR = Locale("en")
NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
TODAY = date(2026, 11, 1)


def test_countries_are_those_of_cldr():
    assert {code for code in CLDR.territories if len(code) == 2 and code.isalpha()} - NOT_ISO == COUNTRIES
    assert len(COUNTRIES) == 249


def test_languages_are_those_of_cldr():
    assert {code for code in CLDR.languages if len(code) == 2} - {"sh"} == LANGUAGES
    assert len(LANGUAGES) == 183


def test_every_country_but_one_has_a_currency_and_a_language():
    assert set(COUNTRY_CURRENCY) == set(COUNTRY_LANGUAGE) == COUNTRIES - {"AQ"}
    assert set(COUNTRY_CURRENCY.values()) <= CURRENCIES
    assert set(COUNTRY_LANGUAGE.values()) <= LANGUAGES


@pytest.mark.parametrize("country", sorted(COUNTRIES - {"AQ", "BG"}))
def test_the_currency_is_one_of_cldr(country):
    assert COUNTRY_CURRENCY[country] in get_territory_currencies(country, TODAY, TODAY, tender=True)


def test_bulgaria_has_the_euro():
    """Since 2026-01-01; CLDR of the installed babel may be older."""
    assert COUNTRY_CURRENCY["BG"] == "EUR"


@pytest.mark.parametrize("country", sorted(COUNTRIES - {"AQ", "BV", "HM", "TF", "SJ"}))
def test_the_language_is_official(country):
    official = get_official_languages(country, regional=True, de_facto=True)
    assert COUNTRY_LANGUAGE[country] in {language.partition("_")[0] for language in official}


@pytest.mark.parametrize(
    ("text", "advice"),
    [("UK", "GB"), ("uk", "GB"), ("EL", "GR"), ("nl", "NL"), (" NL", "NL"), ("NLD", "such as"), ("", "such as")],
)
def test_no_countries(text, advice):
    problem = country_problem(text)
    assert problem is not None
    assert problem.code == "not-in-list"
    assert advice in problem.help


def test_a_country_is_no_problem():
    assert all(country_problem(code) is None for code in COUNTRIES)
