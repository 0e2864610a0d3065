"""What the root of an XML file tells: where its items are, or that it holds none."""

from collections.abc import Mapping

Way = tuple[str, ...]
"""The names of elements, one inside the other."""

KNOWN_ROOTS: Mapping[str, Way] = {
    "rss": ("channel", "item"),
    "rdf": ("item",),
    "feed": ("entry",),
}
"""Local name of the root, in lower case → path of the items below it."""
HEADED: Mapping[str, Mapping[str, tuple[Way, Way]]] = {
    "demandware.com/xml/impex/": {
        "catalog": (("product",), ()),
        "pricebooks": (("pricebook", "price-tables", "price-table"), ("pricebook", "header")),
        "inventory": (("inventory-list", "records", "record"), ("inventory-list", "header")),
    },
}
"""Part of the root's namespace → its local name → the paths of its items, and of what holds for those below it."""
NO_PAGE = ("this is an HTML page, no feed", "often a login or error page: download again")
NAME_CATALOG = "name the catalog file"
NO_CATALOG: Mapping[str, tuple[str, str]] = {
    "http://www.w3.org/1999/xhtml": NO_PAGE,
    "http://www.w3.org/2001/XMLSchema": (
        "this is an XML schema: it describes files and holds no products",
        NAME_CATALOG,
    ),
    "http://www.w3.org/1999/XSL/Transform": ("this is an XSL stylesheet, no catalog", NAME_CATALOG),
    "http://www.w3.org/2000/svg": ("this is a picture", NAME_CATALOG),
    "http://www.sitemaps.org/schemas/sitemap/0.9": ("this is a sitemap: addresses of pages, no products", NAME_CATALOG),
}
"""Namespace of the root → what the file is, and what to do."""


def headed(space: str, local: str) -> tuple[Way, Way] | None:
    """The paths of items and headers in a file whose root has this namespace and name; None for others."""
    return next((roots.get(local) for part, roots in HEADED.items() if part in space), None)
