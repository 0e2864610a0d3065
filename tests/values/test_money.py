from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.column import Column
from feedsmith.values.currencies import EXPONENTS, SIGNS
from feedsmith.values.money import (
    CURRENCIES,
    Money,
    amounts,
    exponent,
    fits,
    format_amount,
    minor_units,
    money_column,
    parse_money,
    round_amount,
)
from feedsmith.values.problem import Problem

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9)


@pytest.mark.parametrize(
    ("text", "mark", "amount", "currency"),
    [
        ("19.99", ".", "19.99", None),
        ("19.90 EUR", ".", "19.90", "EUR"),
        ("EUR19.90", ".", "19.90", "EUR"),
        ("19.90eur", ".", "19.90", "EUR"),
        ("€229,99 Incl. btw", ",", "229.99", "EUR"),
        ("12,50 € inkl. 19% MwSt.", ",", "12.50", "EUR"),
        ("12000 Fcfa", ",", "12000", None),
        ("49,00 TND", ",", "49.00", "TND"),
        ("$635", ".", "635", "USD"),
        ("US$ 5", ".", "5", "USD"),
        ("12,50 kr.", ",", "12.50", None),
        ("1 234,50 zł", ",", "1234.50", "PLN"),
        ("Fr.99", ".", "99", "CHF"),
        ("1'234.50 CHF", ".", "1234.50", "CHF"),
        ("12,-", ",", "12", None),
        ("1.299,– €", ",", "1299", "EUR"),
        ("CHF 12.--", ".", "12", "CHF"),
        ("-5.00", ".", "-5.00", None),
        ("€ -5", ".", "-5", "EUR"),
        ("-€5", ".", "-5", "EUR"),
        ("5-", ".", "-5", None),
        ("0.00", ".", "0.00", None),
        ("€ 5 EUR", ".", "5", "EUR"),
        ("(12.50)", ".", "12.50", None),
    ],
)
def test_prices(text, mark, amount, currency):
    assert parse_money(text, mark) == (Decimal(amount), currency)
    assert str(parse_money(text, mark)[0]) == amount


@pytest.mark.parametrize(
    ("text", "expected", "currency"),
    [
        ("$5", "CAD", "CAD"),
        ("$5", "EUR", "USD"),
        ("5 kr", "DKK", "DKK"),
        ("5 kr", "EUR", "SEK"),
        ("£5", "GBP", "GBP"),
        ("5", "EUR", None),
    ],
)
def test_a_sign_of_several_currencies_is_the_expected_one(text, expected, currency):
    assert parse_money(text, currency=expected) == (Decimal(5), currency)


@pytest.mark.parametrize(
    ("text", "mark", "code", "told"),
    [
        ("op aanvraag", ".", "invalid-price", "no digit"),
        ("", ".", "invalid-price", "no digit"),
        ("12,50", ".", "invalid-price", 'mark ","'),
        (".99", ".", "invalid-price", "starts with"),
        ("5.", ".", "invalid-price", "ends with"),
        ("10-20", ".", "invalid-price", "not a number"),
        ("1E+5", ".", "invalid-price", "exponent"),
        ("1_000", ".", "invalid-price", "underscore"),
        ("１２ 50", ".", "invalid-price", "not known"),
        ("12 kg", ".", "invalid-price", '"kg"'),
        ("12,50 excl. btw", ",", "invalid-price", '"excl"'),
        ("vanaf 12,50", ",", "invalid-price", '"vanaf"'),
        ("12.50€/kg", ".", "invalid-price", '"kg"'),
        ("NaN EUR", ".", "invalid-price", "no digit"),
        ("1" * 21 + " EUR", ".", "invalid-price", "20 digits"),
        ("12 XYZ", ".", "invalid-currency", "XYZ"),
        ("12 DEM", ".", "invalid-currency", "DEM"),
        ("12 EUR USD", ".", "invalid-currency", "EUR and USD"),
        ("€12 $", ".", "invalid-currency", "EUR and USD"),
    ],
)
def test_no_prices(text, mark, code, told):
    problem = parse_money(text, mark)
    assert isinstance(problem, Problem)
    assert (problem.code, told in problem.message) == (code, True), problem


@pytest.mark.parametrize("length", [100_000])
@pytest.mark.parametrize("piece", ["a", "-", "1 ", "1,", "€", "%"])
def test_a_hostile_cell_ends_soon(piece, length):
    assert isinstance(parse_money(piece * length), Problem)


COLUMNS = {
    "plain": ["19.90", "5", "-1.00", "0"],
    "with holes": [None, "19.90", None, "5"],
    "code after": ["19.90 EUR", "5.00 EUR"],
    "code before, holes": ["EUR 19.90", None, "EUR 5.00"],
    "sign before": ["€19.90", "€5"],
    "an affix inside": ["1 EUR", "1 EUR2 EUR"],
    "two currencies": ["1 EUR", "1 USD", "1"],
    "affix only in first": ["1 EUR", "2", "3"],
    "grouped": ["1,234.50", "1.00", "12,345.00"],
    "grouped with sign": ["€1,234.50", "€1.00"],
    "words": ["1 incl. btw", "2 incl. btw"],
    "bad ones": ["1.00", "x", "1,5", "1E+5", "１", "1\n2"],
    "bad first": ["x", "1.00 EUR", None],
    "a line break inside": ["1.00", "1\n2", "3"],
    "a line break and code": ["1 EUR", "1 EUR\n2 EUR"],
    "long": ["1" * 20, "1" * 21, "0." + "1" * 19, "0." + "1" * 20],
    "empty": [None, None],
    "none": [],
}


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("mark", [".", ","])
def test_a_column_is_its_values_one_by_one(values, mark):
    if mark == ",":
        values = [value and value.translate(str.maketrans(",.", ".,")) for value in values]
    column, currencies, problems = money_column(Column(values), mark)
    for row, text in enumerate(values):
        one = parse_money(text, mark) if text is not None else (None, None)
        named = currencies[row] if currencies else None
        if isinstance(one, Problem):
            assert (column[row], named, problems[row]) == (None, None, one)
        else:
            assert (column[row], named) == one
            assert row not in problems
    assert len(column) == len(values)
    assert currencies is None or any(currencies)


@given(st.lists(st.one_of(st.none(), st.from_regex(r"[0-9.,]{1,6}( EUR)?", fullmatch=True)), max_size=5))
def test_a_column_is_its_values_by_chance(values):
    column, _, problems = money_column(Column(values), ".")
    for row, text in enumerate(values):
        one = parse_money(text) if text is not None else (None, None)
        assert problems.get(row) == (one if isinstance(one, Problem) else None)
        assert column[row] == (None if isinstance(one, Problem) else one[0])


@pytest.mark.parametrize(
    ("amount", "currency", "mark", "text"),
    [
        ("85.10", "EUR", ".", "85.10"),
        ("85.1", "EUR", ".", "85.10"),
        ("85", "EUR", ",", "85,00"),
        ("19.990000", "EUR", ".", "19.99"),
        ("19.995", "EUR", ".", "19.995"),
        ("1E+5", "EUR", ".", "100000.00"),
        ("1E-7", "EUR", ".", "0.0000001"),
        ("-0.00", "EUR", ".", "0.00"),
        ("-1.5", "EUR", ".", "-1.50"),
        ("1999.00", "JPY", ".", "1999"),
        ("1999.5", "JPY", ".", "1999.5"),
        ("1.5", "KWD", ",", "1,500"),
        ("12", "KRW", ".", "12"),
    ],
)
def test_format_amount(amount, currency, mark, text):
    assert format_amount(Decimal(amount), currency, mark) == text
    assert amounts(Column([None, Decimal(amount)]), currency, mark) == [None, text]
    assert amounts(Column([Decimal("3.00"), Decimal(amount)]), currency, mark)[1] == text


@given(
    st.lists(st.one_of(st.none(), AMOUNTS), max_size=5), st.sampled_from(["EUR", "JPY", "KWD"]), st.sampled_from(".,")
)
def test_amounts_of_a_column_and_back(values, currency, mark):
    texts = amounts(Column(values), currency, mark)
    assert texts == [None if value is None else format_amount(value, currency, mark) for value in values]
    assert money_column(Column(texts), mark)[0].values == values


def test_money_is_written_with_its_currencys_places():
    assert str(Money(Decimal("19.9"), "EUR")) == "19.90 EUR"
    assert str(Money(Decimal(1999), "JPY")) == "1999 JPY"


def test_minor_units_and_rounding():
    assert minor_units(Decimal("19.990000"), "EUR") == 1999
    assert minor_units(Decimal(1999), "JPY") == 1999
    assert minor_units(Decimal("1.234"), "KWD") == 1234
    assert round_amount(Decimal("2.345"), "EUR") == Decimal("2.35")
    assert round_amount(Decimal("-2.345"), "EUR") == Decimal("-2.35")
    assert round_amount(Decimal("2.5"), "JPY") == Decimal(3)
    assert not fits(Decimal("19.995"), "EUR")
    with pytest.raises(ValueError, match="more places"):
        minor_units(Decimal("19.995"), "EUR")


@given(AMOUNTS, st.sampled_from(["EUR", "KWD", "USD"]))
def test_minor_units_are_exact(amount, currency):
    assert Decimal(minor_units(amount, currency)).scaleb(-exponent(currency)) == amount


def test_currencies_are_those_of_cldr():
    assert set(list_currencies()) >= CURRENCIES
    assert set(EXPONENTS) < CURRENCIES
    assert {code for codes in SIGNS.values() for code in codes} - {""} <= CURRENCIES
    assert all(sign == sign.casefold() for sign in SIGNS)
    assert [exponent(code) for code in ("EUR", "JPY", "KWD", "ISK", "HUF")] == [2, 0, 3, 0, 2]
