"""A small project with every kind of record: products, products in stores and regions, promotions, reviews."""

from pathlib import Path

from tests.helpers import write_tree

PROJECT = """
catalog:
  source: products.csv
  columns:
    stock: {amsterdam: stock_ams, utrecht: stock_utr, zwolle: stock_zwo}
    availability: {noord: noord}
  stores:
    amsterdam: {code: KW AMS, name: Kleiwerk Amsterdam, pickup_method: reserve, pickup_sla: same day}
    utrecht: {code: KW-UTR, name: Kleiwerk Utrecht, pickup_method: reserve, pickup_sla: next day}
    zwolle: {code: KW-ZWO, name: Kleiwerk Zwolle, pickup_method: reserve, pickup_sla: 2-day}
  regions: {noord: {code: R1, name: Noord}}
  promotions: promotions.csv
  reviews: reviews.csv
market: {country: NL, language: nl, currency: EUR, site: "https://www.kleiwerk.example"}
feeds:
  google: {channel: google}
  local:
    channel: google_local
    exclude: {not in Zwolle: "store.code == 'KW-ZWO' and price > 20"}
    fields: {availability: {from: "'backorder' if store.quantity > 90 else ('in_stock' if store.quantity > 0 else 'out_of_stock')"}}
  regional: {channel: google_regional}
  promotions: {channel: google_promotions}
  reviews: {channel: google_reviews, title: Kleiwerk}
"""
PAGE = "https://www.kleiwerk.example"
PRODUCTS = f"""id,title,description,link,image_link,availability,price,brand,gtin,stock_ams,stock_utr,stock_zwo,noord
A,Mok Duin,Mok van steengoed,{PAGE}/a,{PAGE}/a.jpg,in_stock,12.95 EUR,Kleiwerk,9520000005009,3,0,5,in_stock
B,Schaal Golf,Schaal van steengoed,{PAGE}/b,{PAGE}/b.jpg,in_stock,24.95 EUR,Kleiwerk,9520000005016,99,2,1,
C,Vaas Klif,Vaas van steengoed,{PAGE}/c,{PAGE}/c.jpg,in_stock,49.00 EUR,Kleiwerk,9520000005023,,,,
D,Bord Wad,,{PAGE}/d,{PAGE}/d.jpg,in_stock,gratis,Kleiwerk,9520000005030,1,,,out_of_stock
A,Mok Duin nog eens,Mok van steengoed,{PAGE}/a2,{PAGE}/a2.jpg,in_stock,12.95 EUR,Kleiwerk,9520000005047,7,,,
"""
PROMOTIONS = """promotion_id,long_title,start_date,end_date,offer_type,code,product_applicability,coupon_value_type,percent_off,redemption_channel
DUIN-20,20% korting op Duin,2026-11-27T00:00+0100,2026-12-01T23:59+0100,no_code,,all_products,percent_off,20,online
LEEG,,2026-11-27T00:00+0100,2026-12-01T23:59+0100,no_code,,all_products,percent_off,10,online
A,Korting met code,2026-11-27T00:00+0100,2026-12-01T23:59+0100,generic_code,MOK5,all_products,percent_off,5,online
"""
REVIEWS = f"""review_id,product_id,product_name,product_link,reviewer,created,title,content,rating,collection_method
R-1,A,Mok Duin,{PAGE}/a,Marijke,2026-10-03T14:12:05+02:00,Fijne mok,Ligt goed in de hand.,5,post_fulfillment
R-2,A,Mok Duin,{PAGE}/a,Joost,2026-10-04T09:00:00+02:00,,Beetje klein.,3,post_fulfillment
R-3,B,Schaal Golf,{PAGE}/b,An,2026-10-05T09:00:00+02:00,Mooi,,4,post_fulfillment
"""


def kinds(folder: Path, project: str = PROJECT) -> Path:
    """The project in a folder."""
    write_tree(folder, {
        "feedsmith.yaml": project, "products.csv": PRODUCTS, "promotions.csv": PROMOTIONS, "reviews.csv": REVIEWS,
    })  # fmt: skip
    return folder
