from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.numbers import decimal_style, parse_decimal
from feedsmith.values.problem import Problem


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234.50", ".", "1234.50"),
        ("1 234.50", ".", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("1.500", ".", "1.500"),
        ("1.500", ",", "1500"),
        ("1.234,50", ",", "1234.50"),
        ("1 234,5", ",", "1234.5"),
        ("1\u202f234\u202f567,5", ",", "1234567.5"),
        ("12,5", ",", "12.5"),
        ("+5", ".", "5"),
        ("-5", ",", "-5"),
        (" 7\u00a0", ".", "7"),
        ("0012", ".", "12"),
    ],
)
def test_numbers(text, mark, number):
    assert str(parse_decimal(text, mark)) == number


@pytest.mark.parametrize(
    ("text", "mark", "told"),
    [
        ("1_000", ".", "underscore"),
        ("１２", ".", "other than 0-9"),
        ("１２.5", ".", "other than 0-9"),
        ("٣", ".", "other than 0-9"),
        ("1E+5", ".", "exponent"),
        ("1e999999", ".", "exponent"),
        ("NaN", ".", "finite"),
        ("sNaN", ".", "finite"),
        ("-Infinity", ".", "finite"),
        ("5.", ".", "ends with"),
        (".5", ".", "starts with"),
        ("12,5", ".", 'mark ","'),
        ("1.5", ",", 'mark "."'),
        ("1,23,456", ".", "not a number"),
        ("1 234,567.8", ".", "not a number"),
        ("1.234 567", ",", "not a number"),
        ("", ".", "no digit"),
        ("x", ".", "no digit"),
        ("1" * 21, ".", "20 digits"),
        ("0." + "1" * 20, ".", "20 digits"),
        ("--5", ".", "not a number"),
        ("0x10", ".", "not a number"),
    ],
)
def test_no_numbers(text, mark, told):
    problem = parse_decimal(text, mark)
    assert isinstance(problem, Problem)
    assert problem.code == "invalid-number"
    assert told in problem.message
    assert problem.help


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14),
    st.sampled_from(".,"),
)
def test_what_is_written_is_read(number, mark):
    grouped = f"{number:,f}"
    local = grouped if mark == "." else grouped.translate(str.maketrans(",.", ".,"))
    assert parse_decimal(local, mark) == number
    assert parse_decimal(f"{number:f}".replace(".", mark), mark) == number


@given(st.text(max_size=30), st.sampled_from(".,"))
def test_any_text_gives_a_number_or_a_problem(text, mark):
    assert isinstance(parse_decimal(text, mark), Decimal | Problem)
    assert decimal_style([text]) in {".", ",", None}


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["€229,99 Incl. btw", "1.299,-"], ","),
        (["12,5", "1.234"], ","),
        (["1.234,50 €"], ","),
        (["$1,234.50"], "."),
        (["19.990000"], "."),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["1 234,5 kr"], ","),
        (["1'234.50"], "."),
        (["0,123"], ","),
        (["1234.567"], "."),
        (["1.234"], None),
        (["1,234", "5"], None),
        (["12", "7"], None),
        (["1,5", "1.5"], None),
        (["op aanvraag"], None),
        ([], None),
    ],
)
def test_decimal_style(values, mark):
    assert decimal_style(values) == mark
