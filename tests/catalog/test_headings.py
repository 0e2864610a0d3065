"""Which headings become which fields: a table per system, and the rules of precedence."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedsmith.catalog.headings import claim, clashes, names, normalise

SYSTEMS = {
    "shopify_old": (
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Variant Image,Google Shopping / Gender,Google Shopping / MPN,Kleur (product.metafields.shopify.color-pattern),Cost per item,Price / Frankrijk,Status",
        {
            "item_group_id": "Handle", "title": "Title", "description_html": "Body (HTML)", "brand": "Vendor", "product_type": "Type",
            "id": "Variant SKU", "shipping_weight": "Variant Grams", "quantity": "Variant Inventory Qty", "price": "Variant Price",
            "compare_at_price": "Variant Compare At Price", "gtin": "Variant Barcode", "image_link": "Variant Image",
            "gender": "Google Shopping / Gender", "mpn": "Google Shopping / MPN", "status": "Status", "tags": "Tags",
            "color": "Kleur (product.metafields.shopify.color-pattern)", "cost_of_goods_sold": "Cost per item",
            "price[frankrijk]": "Price / Frankrijk",
        },
    ),
    "shopify_new": (
        "Title,URL handle,Description,Vendor,Type,SKU,Barcode,Price,Compare-at price,Inventory quantity,Weight value (grams),Product image URL",
        {
            "title": "Title", "item_group_id": "URL handle", "description_html": "Description", "brand": "Vendor", "product_type": "Type",
            "id": "SKU", "gtin": "Barcode", "price": "Price", "compare_at_price": "Compare-at price", "quantity": "Inventory quantity",
            "shipping_weight": "Weight value (grams)", "image_link": "Product image URL",
        },
    ),
    "woocommerce_french": (
        "ID,Type,UGS,Nom,Publié,Description courte,Description,En stock ?,Stock,Poids (kg),Longueur (cm),Tarif promo,Tarif régulier,Catégories,Images,Parent",
        {
            "id": "UGS", "title": "Nom", "status": "Publié", "short_description": "Description courte", "description": "Description",
            "availability": "En stock ?", "quantity": "Stock", "shipping_weight": "Poids (kg)", "product_length": "Longueur (cm)",
            "sale_price": "Tarif promo", "price": "Tarif régulier", "product_type": "Catégories", "image_link": "Images", "item_group_id": "Parent",
        },
    ),
    "magento": (
        "sku,attribute_set_code,product_type,categories,product_websites,name,description,weight,product_online,price,special_price,special_price_from_date,special_price_to_date,url_key,base_image,additional_images,qty,is_in_stock",
        {
            "id": "sku", "product_type": "categories", "title": "name", "description_html": "description", "shipping_weight": "weight",
            "status": "product_online", "price": "price", "sale_price": "special_price", "sale_price_start": "special_price_from_date",
            "sale_price_end": "special_price_to_date", "image_link": "base_image", "additional_image_link": "additional_images",
            "quantity": "qty", "availability": "is_in_stock",
        },
    ),
    "akeneo": (
        "sku;family;parent;categories;enabled;name-nl_NL;name-en_US;description-nl_NL-ecommerce;description-nl_NL-print;price-EUR;price-USD;ean;weight;weight-unit",
        {
            "id": "sku", "item_group_id": "parent", "product_type": "categories", "status": "enabled", "title[nl]": "name-nl_NL",
            "title[en]": "name-en_US", "description[nl]": "description-nl_NL-ecommerce", "price[EUR]": "price-EUR", "price[USD]": "price-USD",
            "gtin": "ean", "shipping_weight": "weight",
        },
    ),
    "odoo": (
        "default_code,name,categ_id,list_price,standard_price,type,barcode",
        {"id": "default_code", "title": "name", "product_type": "categ_id", "price": "list_price", "cost_of_goods_sold": "standard_price", "gtin": "barcode"},
    ),
    "erp_german": (
        "Artikelnummer;Barcode;Bezeichnung;Artikelgruppe;Steuersatz;EKPreis;VKPreis;Lagerbestand;AktionVon;AktionBis;Größe;Farbe;Marke",
        {
            "id": "Artikelnummer", "gtin": "Barcode", "title": "Bezeichnung", "product_type": "Artikelgruppe", "vat_rate": "Steuersatz",
            "cost_of_goods_sold": "EKPreis", "price": "VKPreis", "quantity": "Lagerbestand", "sale_price_start": "AktionVon",
            "sale_price_end": "AktionBis", "size": "Größe", "color": "Farbe", "brand": "Marke",
        },
    ),
    "dutch": (
        "artikelnr;naam;omschrijving;merk;kleur;maat;EAN;adviesprijs;prijs;actieprijs;inkoopprijs;voorraad;afbeelding;marge",
        {
            "id": "artikelnr", "title": "naam", "description": "omschrijving", "brand": "merk", "color": "kleur", "size": "maat", "gtin": "EAN",
            "recommended_price": "adviesprijs", "price": "prijs", "sale_price": "actieprijs", "cost_of_goods_sold": "inkoopprijs",
            "quantity": "voorraad", "image_link": "afbeelding",
        },
    ),
    "lightspeed": (
        "Internal_ID;Internal_Variant_ID;Visible;Brand;NL_Title_Short;NL_Title_Long;NL_Description_Long;Price;Price_Old;Stock_Level;Article_Code;EAN;SKU;Weight (g)",
        {
            "item_group_id": "Internal_ID", "status": "Visible", "brand": "Brand", "title[nl]": "NL_Title_Long", "description[nl]": "NL_Description_Long",
            "price": "Price", "compare_at_price": "Price_Old", "quantity": "Stock_Level", "mpn": "Article_Code", "gtin": "EAN", "id": "SKU",
            "shipping_weight": "Weight (g)",
        },
    ),
    "languages_and_stores": (
        "id,title_nl,titel nl,title (en),naam_de,prijs_de,Prijs BE,stock_amsterdam,voorraad_utrecht,quantity[den_haag],stock_status,gewicht_g,image_1,image_2,image_3",
        {
            "id": "id", "title[nl]": "title_nl", "title[en]": "title (en)", "title[de]": "naam_de", "price[de]": "prijs_de", "price[be]": "Prijs BE",
            "stock[amsterdam]": "stock_amsterdam", "stock[utrecht]": "voorraad_utrecht", "stock[den_haag]": "quantity[den_haag]",
            "availability": "stock_status", "shipping_weight": "gewicht_g", "image_link": "image_1", "additional_image_link": "image_2",
        },
    ),
    "google_feed": (
        "id,title,sale_price_effective_date,price,custom_label_0,pickup_SLA",
        {
            "id": "id", "title": "title", "sale_price_start": "sale_price_effective_date", "sale_price_end": "sale_price_effective_date",
            "price": "price", "custom_label_0": "custom_label_0", "pickup_SLA": "pickup_SLA",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_headings_of_a_system(system):
    line, expected = SYSTEMS[system]
    claims, mistakes = claim(line.split(";" if ";" in line else ","), {})
    assert {key: found.heading for key, found in claims.items()} == expected
    assert mistakes == []


@pytest.mark.parametrize(
    ("heading", "key", "unit", "currency"),
    [
        ("Weight (kg)", "shipping_weight", "kg", None),
        ("gewicht_g", "shipping_weight", "g", None),
        ("Variant Grams", "shipping_weight", "g", None),
        ("Breite [mm]", "product_width", "mm", None),
        ("price-EUR", "price", None, "EUR"),
        ("Prijs (€)", "price", None, "EUR"),
        ("price (usd)", "price", None, "USD"),
        ("Preis CHF", "price", None, "CHF"),
        ("btw %", "vat_rate", None, None),
        ("Levertijd (dagen)", "leadtime_to_ship", None, None),
        ("Titel\xa0(NL)", "title[nl]", None, None),
        ("title-nl_BE", "title[nl]", None, None),
    ],
)
def test_what_a_heading_says_beside_its_field(heading, key, unit, currency):
    claims, _ = claim([heading], {})
    assert list(claims) == [key]
    assert (claims[key].unit, claims[key].currency) == (unit, currency)


@pytest.mark.parametrize(
    "heading",
    [
        "price_net",
        "prijs_excl_btw",
        "price_all",
        "color_id",
        "stock_min",
        "quantity_start",
        "style",
        "stock_3",
        "title_id",
        "weight_class",
        "qty increments",
    ],
)
def test_headings_that_stay_unclaimed(heading):
    claims, _ = claim(["id", "item_group_id", heading], {})
    assert set(claims) == {"id", "item_group_id"}


def test_declared_wins_and_the_other_heading_stays_readable():
    claims, mistakes = claim(["id", "title", "naam"], {"title": "naam"})
    assert claims["title"].heading == "naam"
    assert claims["title"].reason == "declared in the project"
    assert mistakes == []


def test_declared_by_language_market_and_store():
    headings = ["sku", "naam", "naam_de", "Prijs NL", "Prijs UK", "AMS", "Gewicht (kg)"]
    declared = {
        "id": "sku", "title": {"nl": "naam", "de_AT": "naam_de"}, "price": {"nl": "Prijs NL"}, "price[GBP]": "Prijs UK",
        "stock": {"AMS-01": "AMS"}, "shipping_weight": "gewicht_kg",
    }  # fmt: skip
    claims, mistakes = claim(headings, declared)
    assert mistakes == []
    expected = {"id", "title[nl]", "title[de-at]", "price[nl]", "price[GBP]", "stock[AMS-01]", "shipping_weight"}
    assert set(claims) == expected
    assert claims["price[GBP]"].currency == "GBP"
    assert claims["shipping_weight"].unit == "kg"


def test_a_field_can_be_kept_unclaimed():
    claims, _ = claim(["id", "ean", "title_nl"], {"gtin": None, "title": None})
    assert set(claims) == {"id"}


@pytest.mark.parametrize(
    ("declared", "said", "hint"),
    [
        ({"title": "naan"}, 'no column "naan" (for title)', 'did you mean "naam"?'),
        ({"titel": "naam"}, '"titel" is not a field', 'did you mean "title"?'),
        ({"gtin": {"nl": "ean"}}, "is the same in all languages", "gtin: ean"),
        ({"title": "zzzz"}, "no column", "there are: naam, ean"),
    ],
)
def test_mistakes_in_the_declaration(declared, said, hint):
    _, mistakes = claim(["naam", "ean"], declared)
    assert len(mistakes) == 1
    assert mistakes[0].code == "unknown-column"
    assert said in mistakes[0].message
    assert hint in mistakes[0].help


def test_of_two_headings_the_stronger_name_wins_and_the_other_is_told():
    claims, _ = claim(["Barcode", "ean", "naam", "Produktname"], {})
    assert claims["gtin"].heading == "ean"
    assert '"Barcode" is a name of it too and stays unclaimed' in claims["gtin"].reason
    assert claims["title"].heading == "Produktname"


def test_an_ambiguous_name_claims_only_what_nothing_else_does():
    claims, _ = claim(["code", "name"], {})
    assert {key: found.certain for key, found in claims.items()} == {"id": False, "title": False}
    claims, _ = claim(["code", "name", "sku", "title"], {})
    assert {key: found.heading for key, found in claims.items()} == {"id": "sku", "title": "title"}


def test_second_locale_of_a_language_has_its_own_key():
    claims, _ = claim(["title_en_GB", "title_en_US"], {})
    assert {key: found.heading for key, found in claims.items()} == {
        "title[en]": "title_en_GB",
        "title[en-us]": "title_en_US",
    }


def test_a_word_of_two_fields_goes_to_the_one_that_is_free():
    claims, _ = claim(["image", "images"], {})
    assert {key: found.heading for key, found in claims.items()} == {
        "image_link": "image",
        "additional_image_link": "images",
    }
    assert list(claim(["images"], {})[0]) == ["image_link"]


def test_numbered_columns_are_one_list():
    claims, _ = claim(["image_link", "image_2", "afbeelding 3", "bullet_point_1", "bullet_point_2"], {})
    assert claims["additional_image_link"].heading == "image_2"
    assert claims["additional_image_link"].more == ("afbeelding 3",)
    assert claims["product_highlight"].more == ("bullet_point_2",)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Größe (EU)", "grosse_eu"), ("  Prijs   DE ", "prijs_de"), ("Tarif\xa0régulier", "tarif_regulier"), ("VAT £", "vat_gbp"),
        ("Artikel-Nr.", "artikel_nr"), ("Straße", "strasse"), ("Œuvre", "oeuvre"), ("???", ""), ("Цена", "цена"),
    ],
)  # fmt: skip
def test_normalise(heading, expected):
    assert normalise(heading) == expected


def test_names_leave_out_clashes():
    headings = ["Prijs DE", "prijs_de", "marge %", "2e prijs", "?"]
    assert names(headings) == {"marge_pct": "marge %", "_2e_prijs": "2e prijs", "column": "?"}
    assert clashes(headings) == {"prijs_de": ["Prijs DE", "prijs_de"]}


@given(st.text())
@example("\U000111e1")
@example("\u2121")
@settings(max_examples=300)
def test_normalise_is_stable_and_names_are_identifiers(heading):
    once = normalise(heading)
    assert normalise(once) == once
    assert all(name.isidentifier() for name in names([heading]))


@given(st.lists(st.text(max_size=20), unique=True, max_size=12))
def test_claim_takes_any_headings(headings):
    claims, mistakes = claim(headings, {})
    assert mistakes == []
    assert all(found.heading in headings for found in claims.values())
