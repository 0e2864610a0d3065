"""A feed that was made for a channel can be a catalog: its items become products."""

from decimal import Decimal

import pytest

from feedsmith.catalog.conform import Conformer, Options, sample_marks
from feedsmith.catalog.headings import claim, written_by
from feedsmith.catalog.products import Products
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import ReadOptions, open_table

ITEM = """<g:id>L-1</g:id><title>Lamp &amp; bulb</title><g:description>A lamp.</g:description>
<link>https://shop.example/l</link><g:image_link>https://cdn.example/1.jpg</g:image_link>
<g:additional_image_link>https://cdn.example/2.jpg</g:additional_image_link>
<g:additional_image_link>https://cdn.example/3.jpg</g:additional_image_link>
<g:price>19.99 EUR</g:price><g:sale_price>14.99 EUR</g:sale_price>
<g:sale_price_effective_date>2026-11-27T00:00+0100/2026-11-30T23:59+0100</g:sale_price_effective_date>
<g:availability>in stock</g:availability><g:google_product_category>594</g:google_product_category>
<g:item_group_id>L</g:item_group_id><g:color>Red</g:color><g:gtin>9520000000011</g:gtin>
<g:shipping><g:country>NL</g:country><g:price>4.95 EUR</g:price></g:shipping>
<g:shipping><g:country>BE</g:country><g:price>6.95 EUR</g:price></g:shipping>
<g:product_detail><g:attribute_name>Socket</g:attribute_name><g:attribute_value>E27</g:attribute_value></g:product_detail>"""
NAMES = (
    "id,title,description,link,image_link,additional_image_link,price,sale_price,sale_price_effective_date,availability,"
    "google_product_category,item_group_id,color,gtin,shipping,product_detail"
)
CELLS = (
    'L-1,Lamp & bulb,A lamp.,https://shop.example/l,https://cdn.example/1.jpg,"https://cdn.example/2.jpg,https://cdn.example/3.jpg",'
    "19.99 EUR,14.99 EUR,2026-11-27T00:00+0100/2026-11-30T23:59+0100,in stock,594,L,Red,9520000000011,"
    '"NL:::4.95 EUR,BE:::6.95 EUR",:Socket:E27'
)
PREFIXED = ",".join(f"g:{name}" for name in NAMES.split(","))
FILES = {
    "rss.xml": '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
    f"<item>{ITEM}</item></channel></rss>",
    "atom.xml": '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>'
    f"<entry>{ITEM}</entry></feed>".replace(
        "<link>https://shop.example/l</link>", '<link href="https://shop.example/l"/>'
    ),
    "plain.csv": f"{NAMES}\n{CELLS}\n",
    "prefixed.csv": f"{PREFIXED}\n{CELLS}\n",
    "blanks.csv": f"{NAMES.replace('_', ' ')}\n{CELLS}\n",
}
EXPECTED = {
    "id": "L-1", "title": "Lamp & bulb", "price": Decimal("19.99"), "sale_price": Decimal("14.99"), "color": "Red",
    "availability": "in_stock", "link": "https://shop.example/l", "image_link": "https://cdn.example/1.jpg",
    "additional_image_link": ["https://cdn.example/2.jpg", "https://cdn.example/3.jpg"], "item_group_id": "L",
    "shipping": [{"country": "NL", "price": "4.95 EUR"}, {"country": "BE", "price": "6.95 EUR"}], "gtin": "9520000000011",
    "product_detail": [{"attribute_name": "Socket", "attribute_value": "E27"}], "google_product_category": "594",
}  # fmt: skip


def products(folder, name: str, text: str) -> Products:
    (folder / name).write_text(text, "utf-8")
    table = open_table(folder / name, ReadOptions(), folder, name)
    batch = next(read_table(table))
    claims, _ = claim(table.headings, {})
    return Conformer(claims, Options(decimals=sample_marks(claims, batch))).conform(batch)


@pytest.mark.parametrize("name", FILES)
def test_a_google_feed_gives_whole_products(tmp_path, name):
    found = products(tmp_path, name, FILES[name])
    assert {key: found[key].values[0] for key in EXPECTED} == EXPECTED
    start, end = found["sale_price_start"].values[0], found["sale_price_end"].values[0]
    assert (start.isoformat(), end.isoformat()) == ("2026-11-27T00:00:00+01:00", "2026-11-30T23:59:00+01:00")
    assert found.currency_of("price").values == ["EUR"]
    assert not any(found.faults.values())


@pytest.mark.parametrize(
    ("headings", "system"),
    [
        (NAMES.split(","), "google"),
        (PREFIXED.split(","), "google"),
        ([*NAMES.split(","), "season"], None),
        (["id", "title", "price"], None),
    ],
)
def test_a_table_is_a_google_feed_where_all_its_columns_are(headings, system):
    found = written_by(headings).system
    assert (found.name if found else None) == system


OTHERS = {
    "meta": (
        ("id,title,description,availability,condition,price,link,image_link,brand,fb_product_category,quantity_to_sell_on_facebook,"
        "additional_image_link\n"
        "M1,Mug,Big,in stock,new,8.00 EUR,https://shop.example/m,https://cdn.example/m.jpg,Noord,Mugs,4,https://cdn.example/n.jpg\n"),
        {"id": "M1", "price": Decimal("8.00"), "availability": "in_stock", "quantity": 4, "brand": "Noord",
         "additional_image_link": ["https://cdn.example/n.jpg"]},
    ),
    "idealo": (
        ("sku,brand,title,categoryPath,url,eans,hans,description,price,formerPrice,deliveryTime,imageUrls,colour\n"
        "I1,Noord,Mug,Home > Mugs,https://shop.example/m,9520000000011,N-1,Big,8.00,9.00,3,"
        "https://cdn.example/1.jpg;https://cdn.example/2.jpg,Blue\n"),
        {"id": "I1", "gtin": "9520000000011", "mpn": "N-1", "link": "https://shop.example/m", "product_type": "Home > Mugs",
         "image_link": "https://cdn.example/1.jpg", "additional_image_link": ["https://cdn.example/2.jpg"], "color": "Blue",
         "price": Decimal("9.00"), "sale_price": Decimal("8.00")},
    ),
    "awin": (
        ("product_id,product_name,description,price,deep_link,image_url,merchant_category,brand_name,ean,mpn,currency,in_stock,"
        "stock_quantity,parent_product_id,alternate_image\n"
        "A1,Mug,Big,8.00,https://shop.example/m,https://cdn.example/1.jpg,Mugs,Noord,9520000000011,N-1,EUR,1,4,G,"
        "https://cdn.example/2.jpg\n"),
        {"id": "A1", "title": "Mug", "link": "https://shop.example/m", "product_type": "Mugs", "brand": "Noord", "quantity": 4,
         "item_group_id": "G", "availability": "in_stock", "additional_image_link": ["https://cdn.example/2.jpg"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_feeds_of_other_channels_have_their_columns_known(tmp_path, name):
    text, expected = OTHERS[name]
    found = products(tmp_path, f"{name}.csv", text)
    assert {key: found[key].values[0] for key in expected} == expected
