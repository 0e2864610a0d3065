"""Products of Shopify's API and `products.json` as the rows of its export: a row for each variant, then its pictures.

The rest of feedsmith then reads them as it reads the export. What the export does not have keeps its own name.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from feedsmith.sources.records import Record, as_text

SIGNS = frozenset({"handle", "body_html", "variants"})
"""Members by which a product of Shopify is known."""
PRODUCT: Mapping[str, str] = {
    "handle": "Handle", "title": "Title", "body_html": "Body (HTML)", "vendor": "Vendor", "product_type": "Type",
    "tags": "Tags", "status": "Status",
}  # fmt: skip
VARIANT: Mapping[str, str] = {
    "sku": "Variant SKU", "price": "Variant Price", "compare_at_price": "Variant Compare At Price",
    "barcode": "Variant Barcode", "inventory_quantity": "Variant Inventory Qty", "grams": "Variant Grams",
    "inventory_policy": "Variant Inventory Policy", "inventory_management": "Variant Inventory Tracker",
    "option1": "Option1 Value", "option2": "Option2 Value", "option3": "Option3 Value",
}  # fmt: skip
"""Members of products and of variants → the headings of the export."""
SOLD_OUT = {"Variant Inventory Qty": "0", "Variant Inventory Tracker": "shopify"}
"""What the export says of a variant that is not available; of one that is the pages do not tell how many there are."""
APART = frozenset({"variants", "options", "images", "image"})
TITLES = frozenset({"id", "title", "name", "product_id", "image_id", "featured_image"})
"""Members of variants that say nothing which other columns do not say, or that name a picture."""


def shop_records(records: Iterator[Record]) -> Iterator[Record]:
    """The records as they are, or products of Shopify as rows of its export: the first one tells."""
    first = next(records, None)
    if first is None:
        return iter(())
    every = chain([first], records)
    return (row for one in every for row in _rows(one)) if first.values.keys() >= SIGNS else every


def _rows(product: Record) -> Iterator[Record]:
    images = [one for one in _listed(product, "images") if isinstance(one.get("src"), str)]
    pictures = {str(one.get("id")): one["src"] for one in images}
    shared = {PRODUCT.get(name, name): text for name, text in product.values.items() if name not in APART}
    shared |= {
        f"Option{number} Name": as_text(one.get("name") or "")
        for number, one in enumerate(_listed(product, "options"), 1)
    }
    sources = [one["src"] for one in images]
    rows = [{**shared, **_variant(one, pictures)} for one in _listed(product, "variants")] or [shared]
    for number, row in enumerate(rows):
        yield Record(product.line, {**row, **_picture(sources, number)})
    for number in range(len(rows), len(sources)):
        yield Record(product.line, {"Handle": product.values["handle"], **_picture(sources, number)})


def _picture(sources: list[str], number: int) -> dict[str, str]:
    if number >= len(sources):
        return {}
    return {"Image Src": sources[number], "Image Position": str(number + 1)}


def _variant(variant: Mapping[str, Any], pictures: Mapping[str, str]) -> dict[str, str]:
    row = {VARIANT.get(name, name): _text(one) for name, one in variant.items() if name not in TITLES}
    if "inventory_quantity" not in variant:
        row |= SOLD_OUT if variant.get("available") is False else {}
    featured = variant.get("featured_image")
    own = pictures.get(str(variant.get("image_id"))) or (featured.get("src") if isinstance(featured, dict) else None)
    return {**row, "Variant Image": own} if isinstance(own, str) else row


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else as_text(value)


def _listed(product: Record, name: str) -> list[dict[str, Any]]:
    """The objects of a list in the product."""
    try:
        found = json.loads(product.values.get(name) or "[]")
    except (ValueError, RecursionError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
