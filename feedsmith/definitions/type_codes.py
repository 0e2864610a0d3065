"""Which issues tell that a value is not of its field's type."""

from collections.abc import Mapping

TYPE_CODES: Mapping[str, tuple[str, ...]] = {
    "choice": ("not-in-list",),
    "country": ("not-in-list",),
    "date": ("invalid-date",),
    "flag": ("not-in-list",),
    "gtin": ("invalid-gtin", "reserved-gtin"),
    "group": ("invalid-format",),
    "integer": ("invalid-number",),
    "language": ("not-in-list",),
    "measure": ("invalid-unit", "invalid-number"),
    "moment": ("invalid-date",),
    "money": ("invalid-price", "invalid-currency"),
    "number": ("invalid-number",),
    "period": ("invalid-date-range", "invalid-date"),
    "url": ("invalid-url",),
}
"""The codes of values that are not of a type."""
