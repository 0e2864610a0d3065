"""Fields that follow from others where the source has no value of its own."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from feedsmith.catalog.headings import Claim
from feedsmith.catalog.kinds import holds_lists, split_urls
from feedsmith.values.column import Column
from feedsmith.values.text import strip_html_column

DERIVED_FROM: dict[str, tuple[str, ...]] = {
    "additional_image_link": ("image_link",),
    "availability": ("quantity",),
    "description": ("description_html",),
    "price": ("compare_at_price",),
    "quantity": ("stock",),
    "sale_price": ("compare_at_price", "price"),
}
"""Field → the fields that may give its value, the needed one first."""

DERIVED_BY_QUALIFIER = {"description": "description_html", "sale_price": "compare_at_price"}
"""Field → what gives its value for a language or market too: `description_html[nl]` gives `description[nl]`."""


class Typing(Protocol):
    """What a derived field may ask of the batch's products; see `products.Products`."""

    claims: Mapping[str, Claim]
    faults: dict[str, dict[int, Any]]

    def __getitem__(self, key: str) -> Column:
        """The typed column, with what is derived."""

    def typed(self, key: str) -> Column:
        """The source's own column, typed."""

    def raw(self, heading: str) -> Column:
        """A source column as text."""


Derive = Callable[[Typing, str, Column], Column]


def filled_up(own: Column, other: Column, faulty: dict[int, Any]) -> Column:
    """`own`, with `other` in the rows that are empty; not in faulty rows, whose empty value must be told."""
    if own.full or other.blank:
        return own
    if own.blank and not faulty:
        return other
    pairs = enumerate(zip(own.values, other.values, strict=True))
    return Column([b if a is None and row not in faulty else a for row, (a, b) in pairs])


def _availability(products: Typing, suffix: str, own: Column) -> Column:
    """In stock when the quantity is above 0, else out of stock."""
    if own.full or suffix:
        return own
    quantity = products["quantity"]
    words = [None if pieces is None else "in_stock" if pieces > 0 else "out_of_stock" for pieces in quantity.values]
    return filled_up(own, Column(words), products.faults.get("availability", {}))


def _quantity(products: Typing, suffix: str, own: Column) -> Column:
    """The sum of the stock of all stores that carry the product."""
    if own.full or suffix:
        return own
    sums = [None if stock is None else sum(stock.values()) for stock in products["stock"].values]
    return filled_up(own, Column(sums), products.faults.get("quantity", {}))


def _stock(products: Typing, suffix: str, own: Column) -> Column:
    """A dict per row, store → pieces, of the columns that hold one store each; None where no store has a value."""
    keys = [key for key in products.claims if key.startswith("stock[")]
    if suffix or not keys:
        return own
    stores = [key.removeprefix("stock[").removesuffix("]") for key in keys]
    rows = zip(*(products[key].values for key in keys), strict=True)
    stock = [{s: n for s, n in zip(stores, row, strict=True) if n is not None} or None for row in rows]
    return filled_up(own, Column(stock), products.faults.get("stock", {}))


def _description(products: Typing, suffix: str, own: Column) -> Column:
    """The description without its tags."""
    key = f"description_html{suffix}"
    if own.full or key not in products.claims:
        return own
    return filled_up(own, strip_html_column(products[key]), {})


def _price(products: Typing, suffix: str, own: Column) -> Column:
    """The crossed-out price where it is above the price: then what the source calls price is the sale price."""
    crossed = _crossed_out(products, suffix)
    if crossed is None:
        return own
    pairs = zip(own.values, crossed.values, strict=True)
    return Column([was if now is not None and was is not None and was > now else now for now, was in pairs])


def _sale_price(products: Typing, suffix: str, own: Column) -> Column:
    """The price where a higher one is crossed out."""
    crossed = _crossed_out(products, suffix)
    if crossed is None:
        return own
    pairs = zip(products.typed(f"price{suffix}").values, crossed.values, strict=True)
    return Column([now if now is not None and was is not None and was > now else None for now, was in pairs])


def _crossed_out(products: Typing, suffix: str) -> Column | None:
    """The crossed-out prices, if price and crossed-out price are there and no sale price is."""
    key = f"compare_at_price{suffix}"
    needed = key in products.claims and f"price{suffix}" in products.claims
    return products[key] if needed and f"sale_price{suffix}" not in products.claims else None


def _additional_image_link(products: Typing, _: str, own: Column) -> Column:
    """What follows the first picture, where one column holds them all."""
    claim = products.claims.get("image_link")
    if claim is None or own.full:
        return own
    cells = products.raw(claim.heading)
    if not holds_lists(cells):
        return own
    rest = [None if cell is None else split_urls(cell)[1:] or None for cell in cells.values]
    return filled_up(own, Column(rest), {})


DERIVE: dict[str, Derive] = {
    "additional_image_link": _additional_image_link,
    "availability": _availability,
    "description": _description,
    "price": _price,
    "quantity": _quantity,
    "sale_price": _sale_price,
    "stock": _stock,
}
"""Field → how its empty rows are filled from other fields."""
