"""XML files that hold no products, by the namespace of their root."""

from collections.abc import Mapping

NAME_CATALOG = "name the catalog file"
NO_CATALOG: Mapping[str, tuple[str, str]] = {
    "http://www.w3.org/2001/XMLSchema": (
        "this is an XML schema: it describes files and holds no products",
        NAME_CATALOG,
    ),
    "http://www.w3.org/1999/XSL/Transform": ("this is an XSL stylesheet, no catalog", NAME_CATALOG),
    "http://www.w3.org/2000/svg": ("this is a picture", NAME_CATALOG),
    "http://www.sitemaps.org/schemas/sitemap/0.9": ("this is a sitemap: addresses of pages, no products", NAME_CATALOG),
}
"""Namespace → what the file is, and what to do."""


def refusal(root: str) -> tuple[str, str] | None:
    """Why a file whose root has this name, as the parser gives it, is no catalog; None for any other."""
    return NO_CATALOG.get(root.partition(" ")[0])
