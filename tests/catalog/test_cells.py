"""What stands around or in place of a value: taken off where that is certain, told where it is not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.catalog.cells import type_column
from feedsmith.catalog.kinds import KINDS, Setting
from feedsmith.catalog.product import FIELDS
from feedsmith.values.column import Column


def typed(field, text, mark="."):
    return type_column(Column([text, None]), Setting(FIELDS[field], mark=mark, currency="EUR"))


UNDERSTOOD = {
    "formula guard of a price": ("price", '="12,50"', ",", Decimal("12.50")),
    "quote before a price": ("price", "'12,50", ",", Decimal("12.50")),
    "quote before a count": ("quantity", "'5", ".", 5),
    "formula guard of a text": ("title", '="Tafel 5"" breed"', ".", 'Tafel 5" breed'),
    "a quote that belongs to a text": ("title", "'s-Hertogenbosch", ".", "'s-Hertogenbosch"),
    "entity for a currency": ("price", "&euro; 12,50", ",", Decimal("12.50")),
    "entity for a blank": ("price", "12,50&nbsp;€", ",", Decimal("12.50")),
    "footnote": ("price", "12,50 €*", ",", Decimal("12.50")),
    "rand": ("price", "R 1 299,00", ",", Decimal("1299.00")),
    "pieces": ("quantity", "5 stuks", ".", 5),
    "pieces in short": ("quantity", "26.067,00 St.", ",", 26067),
    "label of a code": ("gtin", "EAN: 4006381333931", ".", "4006381333931"),
    "label with its length": ("gtin", "GTIN-13 4006381333931", ".", "4006381333931"),
    "key in a formula": ("id", '="00101"', ".", "00101"),
}


@pytest.mark.parametrize(("field", "text", "mark", "value"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_understood(field, text, mark, value):
    found = typed(field, text, mark)
    assert (found.column.values, found.problems, found.notes) == ([value, None], {}, {})


AT_LEAST = {">10": 10, "10+": 10, "meer dan 10": 10, "mindestens 1.000": 1000, "≥ 3": 3}


@pytest.mark.parametrize(("text", "pieces"), AT_LEAST.items())
def test_a_least_count_counts_as_itself_and_is_told(text, pieces):
    found = typed("quantity", text, ",")
    assert found.column[0] == pieces
    assert found.problems == {}
    assert found.notes[0].message == f"says at least; it counts as {pieces}"


REFUSED = {
    "error in a price": ("price", "#N/A", "invalid-format"),
    "error in a title, in German": ("title", "#BEZUG!", "invalid-format"),
    "error in a key": ("id", "#REF!", "invalid-format"),
    "no code": ("gtin", "n.v.t.", "invalid-format"),
    "no date of MySQL": ("sale_price_start", "0000-00-00", "invalid-format"),
    "price of something else": ("price", "12.50 / kg", "invalid-price"),
    "least price": ("price", "vanaf 12.50", "invalid-price"),
    "fewer than": ("quantity", "< 5", "invalid-number"),
    "lost digits": ("id", "4,26E+12", "id-changed-type"),
}


@pytest.mark.parametrize(("field", "text", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_certain_is_told_and_left_empty(field, text, code):
    found = typed(field, text)
    assert found.column.values == [None, None]
    assert found.problems[0].code == code
    assert found.problems[0].help


@given(
    st.sampled_from(["id", "title", "price", "quantity", "availability", "image_link", "multipack"]),
    st.lists(st.from_regex(r"[A-Za-z0-9 .,%]{1,12}", fullmatch=True), min_size=1),
)
def test_plain_cells_are_typed_as_ever(field, texts):
    column = Column([text.strip() or None for text in texts])
    setting = Setting(FIELDS[field])
    found, plain = type_column(column, setting), KINDS[setting.field.kind](column, setting)
    assert (found.column.values, found.problems, found.notes) == (plain.column.values, plain.problems, plain.notes)
