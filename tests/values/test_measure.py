from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.measure import UNITS, Measure, convert, kind, parse_measure
from feedsmith.values.problem import Problem


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.5kg", "1.5 kg"),
        ("20 in", "20 in"),
        ("3 KG", "3 kg"),
        ("500 gr", "500 g"),
        ("2 kilo", "2 kg"),
        ("1 Liter", "1 l"),
        ("1 litre", "1 l"),
        ("1 ltr", "1 l"),
        ("750 cc", "750 ml"),
        ("12 fl. oz.", "12 floz"),
        ('10"', "10 in"),
        ("2 m²", "2 sqm"),
        ("1,000 ml", "1000 ml"),
        ("1.50 kg", "1.50 kg"),
        ("3 stuks", "3 ct"),
        ("-2 kg", "-2 kg"),
        ("7", "7 cm"),
    ],
)
def test_measures(text, shown):
    assert str(parse_measure(text, "cm")) == shown


def test_the_mark_is_the_declared_one():
    assert parse_measure("2,5 l", mark=",") == Measure(Decimal("2.5"), "l")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7", "invalid-unit"),
        ("7 foo", "invalid-unit"),
        ("1E+5 kg", "invalid-unit"),
        ("2 x 3 kg", "invalid-unit"),
        ("kg", "invalid-number"),
        ("", "invalid-number"),
        ("2,5 kg", "invalid-number"),
        ("1_000 g", "invalid-unit"),
        ("１ kg", "invalid-number"),
        ("1" * 21 + " g", "invalid-number"),
    ],
)
def test_no_measures(text, code):
    problem = parse_measure(text)
    assert isinstance(problem, Problem)
    assert problem.code == code


@pytest.mark.parametrize(
    ("text", "unit", "shown"),
    [
        ("1 in", "cm", "2.54 cm"),
        ("1000 g", "kg", "1 kg"),
        ("5000 kg", "g", "5000000 g"),
        ("1 gal", "ml", "3785.411784 ml"),
        ("1 qt", "pt", "2 pt"),
        ("1 gal", "floz", "128 floz"),
        ("3 ft", "yd", "1 yd"),
        ("1 lb", "oz", "16 oz"),
        ("5 mm", "cm", "0.5 cm"),
        ("1 cbm", "l", "1000 l"),
        ("144 sqft", "sqm", "13.37803776 sqm"),
        ("0.00 kg", "g", "0 g"),
    ],
)
def test_convert(text, unit, shown):
    assert str(convert(parse_measure(text), unit)) == shown


@given(
    st.decimals(min_value=0, max_value=10**6, places=3), st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS))
)
def test_there_and_back(amount, one, other):
    measure = Measure(amount, one)
    if kind(one) != kind(other):
        with pytest.raises(ValueError, match="is a"):
            convert(measure, other)
    else:
        back = convert(convert(measure, other), one).amount
        assert abs(back - amount) <= abs(amount) * Decimal("1E-25")


def test_units_of_google_are_there():
    units = [
        "oz",
        "lb",
        "mg",
        "g",
        "kg",
        "floz",
        "pt",
        "qt",
        "gal",
        "ml",
        "cl",
        "l",
        "cbm",
        "in",
        "ft",
        "yd",
        "cm",
        "m",
        "sqft",
        "sqm",
        "ct",
        "mm",
    ]
    assert set(UNITS) == set(units)
    assert all(str(parse_measure(f"1 {unit}")) == f"1 {unit}" for unit in units)
