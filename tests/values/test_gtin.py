import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.values.column import Column
from feedsmith.values.gtin import (
    check_digit,
    clean_gtin,
    gtin14,
    gtin_problem,
    gtin_problems,
    reserved_problem,
    reserved_problems,
)

GOOD = [
    "8712345678906",
    "3234567890126",
    "811571013579",
    "10856435001702",
    "49123456",
    "9781455582341",
    "90311017",
    "036000291452",
    "8719999000015",
    "4006381333931",
    "96385074",
    "9780306406157",
    "18719999000012",
]
RESERVED = {
    "2012345678903": "shop",
    "201234567899": "shop",
    "0412345678903": "shop",
    "0200000000004": "shop",
    "9812345678902": "coupons",
    "9912345678909": "coupons",
    "98712345678909": "bulk",
    "512345678900": "coupons",
    "20000004": "shop",
}
BODIES = st.sampled_from((7, 11, 12, 13)).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))


@pytest.mark.parametrize("text", GOOD)
def test_good(text):
    assert gtin_problem(text) is None
    assert reserved_problem(text) is None


@pytest.mark.parametrize(("text", "why"), RESERVED.items())
def test_reserved(text, why):
    assert gtin_problem(text) is None
    problem = reserved_problem(text)
    assert problem is not None
    assert problem.code == "reserved-gtin"
    assert why in problem.message


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("323456789012", "invalid-gtin", "check digit is 2, should be 6"),
        ("2012345678900", "invalid-gtin", "check digit is 0, should be 3"),
        ("8719999000016", "invalid-gtin", "should be 5"),
        ("871999900001", "invalid-gtin", "check digit"),
        ("36000291452", "invalid-gtin", "would be 036000291452"),
        ("36000291453", "invalid-gtin", "has 11 digits, should have"),
        ("814014029585003830441685123456789012", "invalid-gtin", "several codes"),
        ("8.719999E+12", "id-changed-type", "exponent"),
        ("4,26E+12", "id-changed-type", "exponent"),
        ("8.80609E+12", "id-changed-type", "exponent"),
        ("4006381333931.0", "id-changed-type", "decimals"),
        ("8719999 000015", "invalid-gtin", "other than 0-9"),
        ("４006381333931", "invalid-gtin", "other than 0-9"),
        ("SKU-12345", "invalid-gtin", "other than 0-9"),
        ("", "invalid-gtin", "other than 0-9"),
        ("0000000000000", "invalid-gtin", "placeholder"),
        ("1234567890128", "invalid-gtin", "placeholder"),
        ("1234567890123", "invalid-gtin", "placeholder"),
        ("9999999999994", "invalid-gtin", "placeholder"),
        ("98765432", "invalid-gtin", "placeholder"),
    ],
)
def test_bad(text, code, told):
    problem = gtin_problem(text)
    assert problem is not None
    assert problem.code == code
    assert told in problem.message


def test_a_lost_zero_is_told_only_if_the_check_digit_fits():
    assert "zeros" not in gtin_problem("36000291453").message


@given(BODIES)
def test_a_check_digit_makes_a_gtin_and_no_other_digit_does(body):
    right = check_digit(body)
    for digit in range(10):
        problem = gtin_problem(f"{body}{digit}")
        assert (problem is None) == (digit == right) or "placeholder" in problem.message


@given(BODIES)
def test_all_lengths_of_a_number_agree(body):
    assert check_digit(body.zfill(13)) == check_digit(body)
    assert gtin14(f"{body}{check_digit(body)}") == f"{body.zfill(13)}{check_digit(body)}"


@pytest.mark.parametrize("digits", ["", "123", "12345678", "40063813339３", "400638133393x"])
def test_no_check_digit(digits):
    with pytest.raises(ValueError, match="digits"):
        check_digit(digits)


@given(
    st.lists(
        st.one_of(st.none(), st.sampled_from([*GOOD, *RESERVED, "x", "871999900001", "0000000000000", "123"])),
        max_size=6,
    )
)
def test_a_column_is_its_values(values):
    column = Column(values)
    one_by_one = {row: gtin_problem(text) for row, text in column.rows()}
    assert gtin_problems(column) == {row: problem for row, problem in one_by_one.items() if problem}


@given(st.lists(st.one_of(st.none(), BODIES.map(lambda body: f"{body}{check_digit(body)}")), max_size=6))
def test_reserved_of_a_column(values):
    column = Column(values)
    one_by_one = {row: reserved_problem(text) for row, text in column.rows()}
    assert reserved_problems(column) == {row: problem for row, problem in one_by_one.items() if problem}


@pytest.mark.parametrize("length", [8, 12, 13, 14])
def test_reserved_of_all_prefixes(length):
    codes = [f"{prefix:03}".ljust(length - 1, "7") for prefix in range(1000)]
    codes = [code + str(check_digit(code)) for code in codes]
    for code in codes:
        assert bool(reserved_problems(Column([code]))) == (reserved_problem(code) is not None), code


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("4006381333931", "4006381333931"),
        (" 8719999 000015 ", "8719999000015"),
        ("8719999\u00a0000015", "8719999000015"),
        ("871-9999-000015", "8719999000015"),
        ('="4006381333931"', "4006381333931"),
        ("'8720602828605", "8720602828605"),
        ("0306406152", "9780306406157"),
        ("0-306-40615-2", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("080442957x", "9780804429573"),
        ("978-0-306-40615-7", "9780306406157"),
        ("0306406153", "0306406153"),
        ("36000291452", "36000291452"),
        ("SKU-12345", "SKU-12345"),
        ("4,26E+12", "4,26E+12"),
        ("", ""),
    ],
)
def test_clean(text, clean):
    assert clean_gtin(text) == clean


@given(st.text("0123456789- 'X", max_size=16))
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_gtin(clean_gtin(text)) == clean_gtin(text)


def test_several_codes_in_a_cell_are_counted():
    problem = gtin_problem("4006381333931; 9520000005009")
    assert (problem.code, problem.message) == ("invalid-gtin", "holds 2 codes in one cell; which one is meant?")
