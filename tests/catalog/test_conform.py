"""Columns of text become typed columns; what cannot be typed is told, not lost."""

import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.catalog.conform import Conformer, Options, sample_marks, sample_orders
from feedsmith.catalog.headings import claim
from feedsmith.catalog.product import FIELDS
from feedsmith.issues import Place, Severity
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column
from feedsmith.values.measure import Measure


def batch(columns):
    size = len(next(iter(columns.values())))
    return Batch(
        "catalog.csv", None, {heading: Column(values) for heading, values in columns.items()}, range(2, size + 2)
    )


def products(columns, declared=None, **options):
    claims, mistakes = claim(list(columns), declared or {})
    assert mistakes == []
    return Conformer(claims, Options(**options)).conform(batch(columns))


def day(number, hour=0, minute=0, second=0):
    return datetime(2026, 11, number, hour, minute, second, tzinfo=UTC)


TYPED = {
    "text is cleaned": ("title", " Kaap\xa0Deken ", "Kaap Deken"),
    "price": ("price", "19.90", Decimal("19.90")),
    "price with words": ("price", "€229.99 Incl. btw", Decimal("229.99")),
    "whole": ("multipack", "6", 6),
    "quantity with places": ("quantity", "26.0", 26),
    "number with percent": ("vat_rate", "21 %", Decimal(21)),
    "flag": ("adult", "nee", False),
    "choice": ("availability", "op voorraad", "in_stock"),
    "choice by a count": ("availability", "12", "in_stock"),
    "choice of ours": ("gender", "unisex", "unisex"),
    "moment": ("sale_price_start", "2026-11-27", day(27)),
    "start of a period": ("sale_price_start", "2026-11-27T08:00Z/2026-11-30T20:00Z", day(27, 8)),
    "end of a period": ("sale_price_end", "2026-11-27T08:00Z/2026-11-30T20:00Z", day(30, 20)),
    "measure": ("shipping_weight", "1.5 kg", Measure(Decimal("1.5"), "kg")),
    "measure with the field's unit": ("product_width", "20", Measure(Decimal(20), "cm")),
    "urls": ("additional_image_link", "https://a.example/1,2.jpg,https://a.example/3.jpg; https://a.example/4.jpg", ["https://a.example/1,2.jpg", "https://a.example/3.jpg", "https://a.example/4.jpg"]),
    "one url": ("additional_image_link", "https://a.example/1.jpg", ["https://a.example/1.jpg"]),
    "first picture": ("image_link", "https://a.example/1.jpg,https://a.example/2.jpg", "https://a.example/1.jpg"),
    "texts": ("product_highlight", "warm|licht, en zacht", ["warm", "licht, en zacht"]),
    "quoted texts": ("product_highlight", '"a; b","c"', ["a; b", "c"]),
    "codes": ("promotion_id", "A,B", ["A", "B"]),
    "gtin in a wrapper": ("gtin", "'4006381333931", "4006381333931"),
    "wrong gtin stays": ("gtin", "4006381333932", "4006381333932"),
    "guarded id": ("id", "'0101", "0101"),
    "wrapped id": ("id", '="0101"', "0101"),
    "country": ("country_of_origin", "nl", "NL"),
    "country by name": ("country_of_origin", "Türkei", "TR"),
    "country by an older name": ("country_of_origin", "Czech Republic", "CZ"),
    "currency": ("currency", "€", "EUR"),
    "category": ("product_type", "Dames > Jurken", "Dames > Jurken"),
    "stock in a cell": ("stock", "amsterdam:3; utrecht:-1", {"amsterdam": 3, "utrecht": 0}),
    "groups": ("shipping", "NL::Standaard:4,95 EUR,BE::Standaard:6.95 EUR", [{"country": "NL", "service": "Standaard", "price": "4,95 EUR"}, {"country": "BE", "service": "Standaard", "price": "6.95 EUR"}]),
    "group with a colon at its end": ("product_detail", "Algemeen:Maat:1:2", [{"section_name": "Algemeen", "attribute_name": "Maat", "attribute_value": "1:2"}]),
    "groups as json": ("shipping", '{"country": "NL"}', [{"country": "NL"}]),
    "empty": ("price", "  ", None),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPED)
def test_typed(case):
    field, text, value = TYPED[case]
    made = products({"x": [text, None]}, {field: "x"})
    assert made[field].values == [value, None]
    assert made.issues == []
    assert type(made[field][0]) is type(value)


FAULTY = {
    "price": ("price", "op aanvraag", "invalid-price"),
    "currency": ("currency", "guilders", "invalid-currency"),
    "number": ("vat_rate", "hoog", "invalid-number"),
    "whole": ("multipack", "1.5", "invalid-number"),
    "flag": ("adult", "misschien", "not-in-list"),
    "choice": ("availability", "soon", "not-in-list"),
    "date": ("sale_price_start", "27/11/2026", "invalid-date"),
    "period": ("sale_price_end", "2026-11-30/2026-11-01", "invalid-date-range"),
    "unit": ("shipping_weight", "1.5 stone", "invalid-unit"),
    "no unit": ("shipping_weight", "1.5", "invalid-unit"),
    "mangled id": ("id", "1.23E+12", "id-changed-type"),
    "country": ("country_of_origin", "UK", "not-in-list"),
    "stock": ("stock", "amsterdam", "invalid-number"),
    "groups": ("shipping", "gratis", "invalid-format"),
    "json": ("shipping", '[{"country"', "invalid-format"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_faulty(case):
    field, text, code = FAULTY[case]
    made = products({"sku": ["A-1", "A-2"], "x": [None, text]} if field != "id" else {"x": [None, text]}, {field: "x"})
    assert made[field].blank
    (issue,) = made.issues
    assert (issue.severity, issue.field, issue.value) == (Severity.WARNING, field, text)
    assert issue.place == Place("catalog.csv", 3, "x")
    assert made.faults[field] == {1: issue}
    assert issue.product == ("A-2" if field != "id" else text)
    assert issue.message.startswith(f'x "{text}": ')
    assert issue.feed == ""
    assert issue.code == code


def test_good_rows_survive_beside_a_bad_one():
    made = products({"price": ["1.00", "op aanvraag", "3.00"]})
    assert made["price"].values == [Decimal("1.00"), None, Decimal("3.00")]
    assert list(made.faults["price"]) == [1]


def test_control_characters_are_removed_and_told():
    made = products({"id": ["A"], "title": ["Rok\x03 rood"], "Eigen": ["x\x04"]})
    assert made["title"].values == ["Rok rood"]
    assert made.raw("Eigen").values == ["x"]
    assert [(issue.code, issue.field, issue.place.column) for issue in made.issues] == [
        ("control-character", "title", "title"),
        ("control-character", "", "Eigen"),
    ]
    assert "U+0003" in made.issues[0].message


def test_negative_stock_counts_as_zero_with_a_warning():
    made = products({"sku": ["A", "B"], "voorraad": ["-3", "2.5"]})
    assert made["quantity"].values == [0, 2]
    assert [(issue.code, issue.product) for issue in made.issues] == [("invalid-number", "A"), ("invalid-number", "B")]
    assert made.faults == {}


def test_availability_follows_from_quantity_where_empty():
    made = products({"quantity": ["3", "0", None, "5", "2"], "availability": [None, None, None, "preorder", "soon"]})
    assert made["availability"].values == ["in_stock", "out_of_stock", None, "preorder", None]


def test_quantity_is_the_sum_of_the_stores():
    made = products({"stock_amsterdam": ["1", None, None], "voorraad_utrecht": ["2", "-4", None]})
    assert made["stock"].values == [{"amsterdam": 1, "utrecht": 2}, {"utrecht": 0}, None]
    assert made["quantity"].values == [3, 0, None]
    assert made["availability"].values == ["in_stock", "out_of_stock", None]
    assert [issue.field for issue in made.issues] == ["stock[utrecht]"]


def test_crossed_out_price_makes_a_sale():
    made = products({"price": ["80", "80", "80"], "oude_prijs": ["100", "80", None]})
    assert made["price"].values == [Decimal(100), Decimal(80), Decimal(80)]
    assert made["sale_price"].values == [Decimal(80), None, None]


def test_crossed_out_price_does_not_touch_a_real_sale_price():
    made = products({"price": ["80"], "oude_prijs": ["100"], "sale_price": ["70"]})
    assert (made["price"].values, made["sale_price"].values) == ([Decimal(80)], [Decimal(70)])


def test_description_is_made_of_html():
    made = products({"Body (HTML)": ["<p>Warm &amp; zacht</p>"]})
    assert made["description"].values == ["Warm & zacht"]
    assert made["description_html"].values == ["<p>Warm &amp; zacht</p>"]


def test_what_is_derived_for_a_language_or_market():
    columns = {"description_html_nl": ["<b>Warm</b>"], "price": ["5"], "price_de": ["8"], "old_price_de": ["9"]}
    made = products(columns, {"description_html": {"nl": "description_html_nl"}})
    assert made.text("description", "nl").values == ["Warm"]
    assert made.value("sale_price", "de", "EUR").values == [Decimal(8)]
    assert made.value("sale_price", "nl", "EUR").values == [None]


def test_pictures_of_one_column_are_shared_out():
    made = products({"Images": ["https://a.example/1.jpg, https://a.example/2.jpg", "https://a.example/3.jpg"]})
    assert made["image_link"].values == ["https://a.example/1.jpg", "https://a.example/3.jpg"]
    assert made["additional_image_link"].values == [["https://a.example/2.jpg"], None]


@pytest.mark.parametrize(
    "cell", ["https://a.example/1.jpg\nhttps://a.example/2.jpg", "https://a.example/1.jpg https://a.example/2.jpg"]
)
def test_pictures_on_lines_of_their_own(cell):
    made = products({"x": [cell, "https://a.example/3.jpg"]}, {"additional_image_link": "x"})
    assert made["additional_image_link"].values == [
        ["https://a.example/1.jpg", "https://a.example/2.jpg"],
        ["https://a.example/3.jpg"],
    ]


def test_lines_are_selling_points():
    made = products({"x": ["warm\nlicht", "zacht"]}, {"product_highlight": "x"})
    assert made["product_highlight"].values == [["warm", "licht"], ["zacht"]]


def test_numbered_pictures_are_put_together():
    columns = {
        "image_link": ["https://a.example/1.jpg"],
        "image_2": ["https://a.example/2.jpg"],
        "image_3": ["https://a.example/3.jpg"],
    }
    assert products(columns)["additional_image_link"].values == [["https://a.example/2.jpg", "https://a.example/3.jpg"]]


def test_a_systems_second_column_fills_empty_rows():
    columns = {"Handle": ["a", "b"], "Variant Price": ["1", "2"], "Variant Image": ["https://a.example/v.jpg", None], "Image Src": ["https://a.example/1.jpg", "https://a.example/2.jpg"]}  # fmt: skip
    assert products(columns)["image_link"].values == ["https://a.example/v.jpg", "https://a.example/2.jpg"]


def test_currency_named_by_the_cell():
    made = products({"price": ["€ 10", "12.50 USD", "3", None]})
    assert made["price"].values == [Decimal(10), Decimal("12.50"), Decimal(3), None]
    assert made.currency_of("price").values == ["EUR", "USD", None, None]


@pytest.mark.parametrize(
    ("columns", "options", "expected"),
    [
        ({"price": ["3"]}, {}, None),
        ({"price": ["3"]}, {"currency": "EUR"}, ["EUR"]),
        ({"price": ["3 CHF"]}, {"currency": "EUR"}, ["CHF"]),
        ({"price": ["3"], "valuta": ["pln"]}, {"currency": "EUR"}, ["PLN"]),
        ({"price (usd)": ["3"]}, {"currency": "EUR"}, ["USD"]),
    ],
)
def test_currency_of_a_row(columns, options, expected):
    found = products(columns, **options).currency_of("price")
    assert (found and found.values) == expected


@pytest.mark.parametrize("columns", [{"price": ["3 USD"], "currency": ["EUR"]}, {"price_eur": ["3 USD"]}])
def test_currencies_that_disagree(columns):
    made = products(columns)
    assert made["price"].values == [None]
    assert made.faults["price"][0].code == "invalid-currency"


def test_currency_of_a_derived_sale_price_is_that_of_the_price():
    made = products({"Price": ["80 EUR"], "Old price": ["100 EUR"]})
    assert made.currency_of("sale_price").values == ["EUR"]


def test_texts_fall_back_row_by_row():
    made = products({"title": ["Rug", "Skirt"], "title_nl": ["Kleed", None], "title_de": [None, "Rock"]})
    assert made.text("title", "nl").values == ["Kleed", "Skirt"]
    assert made.text("title", "de_AT").values == ["Rug", "Rock"]
    assert made.text("title").values == ["Rug", "Skirt"]
    assert made.text("title", "fr").values == ["Rug", "Skirt"]


def test_without_a_general_text_no_other_language_steps_in():
    made = products({"title_nl": ["Kleed"], "title_en": ["Rug"]})
    assert made.text("title", "de").values == [None]
    assert made.text("title").values == ["Kleed"]
    assert made.text("title", "nl", market="be", country="BE").values == ["Kleed"]


def test_prices_by_market_currency_and_in_general():
    made = products({"price": ["1"], "price_de": ["2"], "price-USD": ["3"], "price_uk": ["4"]})
    found = {
        args: made.value("price", *args).values[0]
        for args in [("de", "EUR"), ("fr", "EUR"), ("us", "USD"), (None, None), ("island", "GBP", "GB")]
    }
    assert found == {("de", "EUR"): 2, ("fr", "EUR"): 1, ("us", "USD"): 3, (None, None): 1, ("island", "GBP", "GB"): 4}


def test_a_derived_sale_price_is_found_in_general_too():
    made = products({"Price": ["80"], "Old price": ["100"]})
    assert made.value("sale_price", "nl", "EUR").values == [Decimal(80)]


def test_decimal_marks_from_a_sample():
    columns = {
        "price": ["1.234,50", "3"],
        "cost_price": ["1.500", None],
        "weight (kg)": ["0,5", "1"],
        "title": ["a,5", "b"],
    }
    claims, _ = claim(list(columns), {})
    marks = sample_marks(claims, batch(columns))
    assert marks == {"price": ",", "cost_of_goods_sold": ",", "shipping_weight": ","}
    made = Conformer(claims, Options(decimals=marks)).conform(batch(columns))
    assert made["price"].values == [Decimal("1234.50"), Decimal(3)]
    assert made["cost_of_goods_sold"].values == [Decimal(1500), None]


@pytest.mark.parametrize("place", ["price", "prijs"])
def test_decimal_mark_of_one_field(place):
    made = products({"prijs": ["1,50"], "inkoopprijs": ["1.50"]}, decimal=".", decimals={place: ","})
    assert made["price"].values == made["cost_of_goods_sold"].values == [Decimal("1.50")]


def test_units_by_column_and_by_declaration():
    made = products(
        {"weight": ["500", "1 kg", None], "weight-unit": ["GRAM", "GRAM", "GRAM"], "Breite": ["5", None, None]},
        units={"product_width": "mm"},
    )
    assert made["shipping_weight"].values == [Measure(Decimal(500), "g"), Measure(Decimal(1), "kg"), None]
    assert made["product_width"][0] == Measure(Decimal(5), "mm")
    assert "weight-unit" in Conformer(made.claims).headings(["shipping_weight"])


def test_a_long_value_is_cut_in_the_message_and_kept_in_the_issue():
    made = products({"price": ["op\naanvraag " * 20]})
    made["price"]
    (issue,) = made.issues
    assert "\n" not in issue.message
    assert len(issue.message) < 120 < len(issue.value)


def test_local_dates_by_declared_form():
    made = products({"AktionVon": ["27.11.2026"], "AktionBis": ["30.11.2026"]}, formats=("%d.%m.%Y",))
    assert made["sale_price_start"].values == [day(27)]
    assert made["sale_price_end"][0] > day(30, 23)


def test_a_field_that_nothing_claims_is_empty():
    made = products({"id": ["A", "B"]})
    assert made["material"].values == [None, None]
    assert "material" not in made
    assert "id" in made
    with pytest.raises(KeyError):
        made["colour"]


def test_columns_are_typed_once_and_only_when_asked():
    made = products({"id": ["A"], "price": ["x"], "title": ["t\x01"]})
    assert made["id"] is made["id"]
    assert made.issues == []


def test_places():
    made = products({"Artikelnummer": ["A"], "Voorraad": ["3"]})
    assert made.place("id", 0) == Place("catalog.csv", 2, "Artikelnummer")
    assert made.place("availability", 0) == Place("catalog.csv", 2, None)


def test_conformer_names_what_it_needs_and_gives():
    claims, _ = claim(
        ["sku", "stock_amsterdam", "Body (HTML)", "prijs", "oude prijs", "titel nl", "valuta", "marge"], {}
    )
    conformer = Conformer(claims)
    assert conformer.keys() >= {"id", "availability", "quantity", "stock", "description", "sale_price"}
    assert "gtin" not in set(conformer.keys())
    assert "sale_price" not in Conformer(claim(["prijs"], {})[0]).keys()  # noqa: SIM118
    assert conformer.headings(["availability"]) == {"sku", "valuta", "stock_amsterdam"}
    assert conformer.headings(["sale_price", "title[nl]"]) == {"sku", "valuta", "prijs", "oude prijs", "titel nl"}
    assert conformer.headings(["description"]) == {"sku", "valuta", "Body (HTML)"}


def test_conformer_goes_to_another_process():
    claims, _ = claim(["sku", "prijs"], {})
    sent = pickle.loads(pickle.dumps(Conformer(claims, Options(decimal=","))))  # noqa: S301
    assert sent.conform(batch({"sku": ["A"], "prijs": ["1,5"]}))["price"].values == [Decimal("1.5")]


def test_columns_that_the_reader_left_out_are_empty():
    claims, _ = claim(["sku", "prijs", "images"], {})
    made = Conformer(claims).conform(batch({"sku": ["A"]}))
    assert made["price"].values == made["additional_image_link"].values == made.raw("marge").values == [None]


CELLS = st.none() | st.text(max_size=12) | st.sampled_from(
    ["1", "-1", "1,5", "1.5", "1E+05", "€ 3", "ja", "2026-11-27", "a:b", "[", "{}", "[1]", "https://a.example/x,https://b", '="', "'", "NL", ":", "\x00", "1 kg", "99999999999999999999999"]
)  # fmt: skip


@given(st.sampled_from(sorted(FIELDS)), st.lists(CELLS, min_size=1, max_size=6), st.sampled_from([".", ","]))
@settings(max_examples=300)
def test_any_text_conforms_to_any_field(field, cells, mark):
    made = products({"x": cells}, {field: "x"}, decimal=mark)
    assert len(made[field]) == len(cells)
    assert set(made.faults.get(field, ())) <= {row for row, cell in enumerate(cells) if cell is not None}
    assert all(made[field][row] is None for row in made.faults.get(field, ()))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
def test_any_batch_has_columns_of_its_length(rows):
    prices, old, stock = (list(column) for column in zip(*rows, strict=True))
    made = products({"price": prices, "old_price": old, "stock_a": stock, "stock_bb": stock})
    keys = ("price", "sale_price", "quantity", "availability", "stock", "description", "additional_image_link")
    assert {len(made[key]) for key in keys} == {len(rows)}


DATES = [
    # columns of sale_price_start and sale_price_end, what becomes of the first row, the codes that are told
    (("01/02/2026", "31/12/2026"), ("", ""), "2026-02-01", []),
    (("01/02/2026", "12/31/2026"), ("", ""), "2026-01-02", []),
    (("01/02/2026", ""), ("31/12/2026", ""), "2026-02-01", []),
    (("01/02/2026", ""), ("", ""), None, ["invalid-date"]),
    (("31/12/2026", "12/31/2026"), ("01/02/2026", ""), "2026-12-31", ["invalid-date"]),
    (("1 mrt 2026", ""), ("", ""), "2026-03-01", []),
]


@pytest.mark.parametrize(("starts", "ends", "first", "codes"), DATES)
def test_local_dates_are_read_by_what_their_columns_show(starts, ends, first, codes):
    columns = {
        "id": ["A", "B"], "sale_price_start": [one or None for one in starts], "sale_price_end": [one or None for one in ends],
    }  # fmt: skip
    claims, _ = claim(list(columns), {})
    found = Conformer(claims, Options(orders=sample_orders(claims, batch(columns)))).conform(batch(columns))
    start = found["sale_price_start"].values[0]
    found.typed("sale_price_end")
    assert (start.date().isoformat() if start else None) == first
    assert sorted(issue.code for faults in found.faults.values() for issue in faults.values()) == codes
