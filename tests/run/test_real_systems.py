"""Exports of real shops: as many products, articles and made ids as were counted by hand."""

import pytest

from feedsmith.catalog.headings import Written, claim, normalise
from feedsmith.catalog.system import systems
from feedsmith.run.gather.engine import Settings, gathered
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import ReadOptions, open_table
from tests.helpers import ROOT

CATALOGS = ROOT.parent / "shared" / "data" / "catalogs"

pytestmark = pytest.mark.skipif(not CATALOGS.exists(), reason="needs the catalogs beside the checkout")

COUNTED = [
    # files, system, products, articles with variants, ids that had to be made, rows that are no products
    ("shopify/merchant_demo_products_2023.csv", "shopify", 95, 11, 95, 20),
    ("shopify/merchant_digital_usd_2026.csv", "shopify", 10, 0, 10, 108),
    ("shopify/merchant_garden_za_2026.csv", "shopify", 1842, 70, 1800, 0),
    ("shopify/merchant_new_columns_2026.csv", "shopify", 24, 3, 0, 0),
    ("shopify/merchant_swimwear_de_2025.csv", "shopify", 130, 48, 126, 64),
    ("shopify/packt_course.csv", "shopify", 21, 1, 21, 0),
    ("shopify/partners_apparel.csv", "shopify", 22, 1, 22, 0),
    ("shopify/partners_bicycles.csv", "shopify", 1121, 270, 74, 278),
    ("shopify/partners_jewelery.csv", "shopify", 23, 3, 23, 18),
    ("shopify/partners_snowdevil.csv", "shopify", 622, 278, 621, 14),
    ("shopify/merchant_nl_partial_columns_2025.csv", "shopify", 814, 0, 1, 0),
    ("magento/core_products_multiple_stores.csv", "magento", 2, 1, 0, 2),
    ("magento/core_sample_catalog_product.csv", "magento", 3, 1, 0, 4),
    ("magento/luma_configurable_products.csv", "magento", 1847, 147, 0, 147),
    ("magento/merchant_full_export_2025.csv", "magento", 456, 23, 0, 22),
    ("akeneo/icecat_demo/products.csv + akeneo/icecat_demo/product_models.csv", "akeneo", 1239, 49, 0, 81),
    ("akeneo/icecat_demo/products.csv", "akeneo", 1239, 68, 0, 0),
    (
        ("akeneo/icecat_demo/products.csv + akeneo/icecat_demo/product_models.csv + akeneo/icecat_demo/attribute_options.csv"
        " + akeneo/icecat_demo/categories.csv + akeneo/icecat_demo/family_variants.csv"), "akeneo", 1239, 49, 0, 379,
    ),
    ("shopware6/products.csv + shopware6/categories.csv + shopware6/properties.csv", "shopware", 59, 1, 0, 324),
    ("prestashop/products_import.csv + prestashop/categories_import.csv", "prestashop", 7, 0, 0, 3),
    ("sfcc/products.xml + sfcc/categories.xml + sfcc/assignments.xml + sfcc/variants.xml", "sfcc", 2, 0, 0, 16),
    ("woocommerce/merchant_fr_2025.csv", "woocommerce", 446, 65, 446, 70),
    ("woocommerce/sample_products.csv", "woocommerce", 21, 7, 0, 3),
    ("shopware6/products.csv", "shopware", 59, 1, 0, 1),
    ("prestashop/products_import.csv", "prestashop", 7, 0, 0, 0),
    ("other_pim/unopim/product-variants.csv", "unopim", 5, 3, 0, 0),
    ("erp_pos/odoo_products_2025.csv + erp_pos/odoo_quantities_2025.csv", "odoo", 216, 0, 0, 190),
    ("sfcc/products.xml", "sfcc", 2, 0, 0, 3),
    ("sfcc/site_archive/catalog.xml + sfcc/site_archive/pricebook.xml + sfcc/site_archive/inventory.xml", "sfcc", 1, 0, 0, 2),
]  # fmt: skip


@pytest.mark.parametrize(("names", "system", "products", "articles", "made_ids", "others"), COUNTED)
def test_products_and_articles_are_those_counted(tmp_path, names, system, products, articles, made_ids, others):
    tables = [open_table(CATALOGS / name, ReadOptions(), tmp_path, name) for name in names.split(" + ")]
    headings = [[normalise(heading) for heading in table.headings] for table in tables]
    known = systems()
    found = known.recognise(headings[0])
    assert found is not None
    assert found.name == system
    assert all(found.kind_of(one) for one in headings)
    made = gathered(found, tables, Settings({"": "https://shop.example"}), tmp_path)
    assert made is not None
    claims, _ = claim(made.table.headings, {}, written=Written(found, made.made))
    ids: list[str | None] = []
    groups: set[str] = set()
    for batch in read_table(made.table):
        ids += batch.columns[claims["id"].heading].values
        groups |= set(batch.columns["item_group_id"].filled)
    assert (len(ids), len(groups)) == (products, articles)
    assert all(ids)
    assert len(set(ids)) == products
    told = {issue.code: issue.message for issue in made.issues}
    assert int(told.get("made-id", "0").split()[0].replace(",", "")) == made_ids
    assert sum(made.rows) - products == others
