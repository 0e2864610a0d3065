"""Values as text, the same everywhere a rule, a feed or a message prints one."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from feedsmith.mapping.types import CURRENCY
from feedsmith.values.dates import iso


def printed(value: Any) -> str:
    """A value as text; empty for None."""
    if type(value) is str:
        return value
    return PRINTERS.get(type(value), str)(value)


def _group(value: dict[str, Any]) -> str:
    return ":".join(printed(item) for name, item in value.items() if not name.endswith(CURRENCY))


PRINTERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: "yes" if value else "no",
    Decimal: lambda value: format(value, "f"),
    datetime: lambda value: iso(value, colon=True),
    tuple: lambda value: "/".join(map(printed, value)),
    list: lambda value: ", ".join(map(printed, value)),
    dict: _group,
}
"""How a value of each type is written; any other by `str`."""
