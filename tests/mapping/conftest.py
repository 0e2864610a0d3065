"""One small catalog that all tests of rules share."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from feedsmith.definitions.node import Node, parse_yaml
from feedsmith.mapping.compile import RuleCompiler
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.scope import Scope, Table
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column
from feedsmith.values.measure import parse_measure

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

TYPES = {
    **dict.fromkeys(("brand", "title", "color", "size", "link", "category", "prijs_de"), Type.TEXT),
    **dict.fromkeys(("price", "sale_price", "quantity"), Type.NUMBER),
    "price@currency": Type.TEXT, "sold": Type.FLAG, "since": Type.DATE, "until": Type.DATE, "sale": Type.PERIOD,
    "weight": Type.MEASURE, "base": Type.MEASURE, "pictures": Type.LIST, "stock": Type.NUMBERS, "shipping": Type.GROUPS,
    "row": Type.GROUP,
}  # fmt: skip
"""The columns of the scope."""

TABLES = {
    "colors": Table("colors", "colors.csv", ("dutch", "english", "german"), {"rood": {"dutch": "rood", "english": "red", "german": "rot"}, "12": {"dutch": "12", "english": "twelve", "german": ""}}, {}),
    "blocked": Table("blocked", "blocked.csv", ("brand",), {"Kaap": {"brand": "Kaap"}}, {}),
}  # fmt: skip

SCOPE = Scope(
    TYPES,
    constants={
        "market": {"name": "nl", "country": "NL", "currency": "EUR", "vat": Decimal(21), "site": "https://shop.example", "language": None},
        "lists": {"warm": ("rood", "geel")},
        "vars": {"label": "x", "many": ["a", "b"], "deep": {"a": "1"}},
        "tables": TABLES,
    },
    values={"today": NOW},
    headings={"Prijs DE": "prijs_de"},
    row={"price": Type.NUMBER, "price@currency": Type.TEXT, "country": Type.TEXT},
    owners={"product": {"quantity": Type.NUMBER}},
)  # fmt: skip


def typed(name: str, value: Any) -> Any:
    """A value of a case as the column's type has it."""
    if value is None:
        return None
    match TYPES[name.removeprefix("product.")]:
        case Type.NUMBER:
            return value if isinstance(value, int) else Decimal(str(value))
        case Type.DATE:
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case Type.PERIOD:
            return tuple(datetime.fromisoformat(one).replace(tzinfo=UTC) if one else None for one in value)
        case Type.MEASURE:
            return parse_measure(value)
        case _:
            return value


def rows_of(size: int, columns: dict[str, list[Any]]) -> Rows:
    """Rows over these columns; all others are empty."""
    return Rows(size, lambda name: Column(columns.get(name, [None] * size)), {})


def one_row(item: dict[str, Any]) -> Rows:
    """A batch of one row."""
    return rows_of(1, {name: [typed(name, value)] for name, value in item.items()})


def written(text: str) -> Node:
    """The value of `rule:` in a small file, with its places."""
    return parse_yaml(text, "rules.yaml").map["rule"]


@pytest.fixture
def compiler() -> Callable[..., RuleCompiler]:
    return lambda limit=None: RuleCompiler(SCOPE, TABLES, "EUR", limit)
