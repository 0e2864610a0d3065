"""One item for each product in each place: the stores of a market, or its regions.

A product is an item of a store that has a stock of it, even of none, and of a region that has a value of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feedsmith.catalog.headings import Claim, split_key
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import RECORDS
from feedsmith.mapping.types import KIND_TYPES, Type
from feedsmith.values.column import Column

STOCK, QUANTITY, BUFFER = "stock", "quantity", "buffer"

OWN_VALUES: Mapping[str, Mapping[str, str]] = {
    "store": {QUANTITY: STOCK, "price": "price", "sale_price": "sale_price", "availability": "availability"},
    "region": {"price": "price", "sale_price": "sale_price", "availability": "availability"},
}
"""Kind of place → what rules call its own values (`store.quantity`) → the product's field that holds them by place."""
CARRIES: Mapping[str, tuple[str, ...]] = {"store": (QUANTITY,), "region": ("price", "sale_price", "availability")}
"""Kind of place → the values of which one must be there for a product to be an item of the place."""

Place = Mapping[str, Any]
"""A store or region: its record's fields by name."""


@dataclass(frozen=True)
class Items:
    """Which row of a batch and which place each item is, and what is known of the place, by name (`store.code`)."""

    rows: Sequence[int]
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, column: Column) -> Column:
        """A column of products as a column of items."""
        values = column.values
        return Column([values[row] for row in self.rows])


@dataclass(frozen=True)
class Spread:
    """The places of a feed. `kind` is store or region; `keys` gives, place by place, the key of each own value."""

    kind: str
    places: tuple[Place, ...]
    keys: tuple[Mapping[str, str], ...]

    def items(self, products: Products, value: Callable[[Products, str], Column]) -> Items:
        """The items of a batch: product after product, for each the places in their order.

        `value` gives the column of a key as the feed's market sees it.
        """
        own = self._values(products, value)
        pairs = self._pairs(products, own)
        columns = {f"{self.kind}.{name}": values for name, values in self._columns(own, pairs)}
        return Items([row for row, _ in pairs], columns)

    def pairs(self, products: Products, value: Callable[[Products, str], Column]) -> list[tuple[int, int]]:
        """Row and place, by their numbers, of each item of a batch, in the order of `items`."""
        return self._pairs(products, self._values(products, value))

    def _values(self, products: Products, value: Callable[[Products, str], Column]) -> list[dict[str, Column]]:
        """The values that products have in each place."""
        return [self._own(products, number, value) for number in range(len(self.places))]

    def _pairs(self, products: Products, own: list[dict[str, Column]]) -> list[tuple[int, int]]:
        carries = [[values[name] for name in CARRIES[self.kind] if name in values] for values in own]
        return [
            (row, number)
            for row in range(len(products))
            for number, columns in enumerate(carries)
            if any(column[row] is not None for column in columns)
        ]

    def present(self) -> set[str]:
        """The names that can have a value in any place."""
        own = {name for keys in self.keys for name in keys}
        known = {name for place in self.places for name, value in place.items() if value is not None}
        return {f"{self.kind}.{name}" for name in own | known}

    def only(self, number: int) -> "Spread":
        """The same with one place alone."""
        return Spread(self.kind, (self.places[number],), (self.keys[number],))

    def cells(self, name: str, claims: Mapping[str, Claim]) -> Iterator[str]:
        """The keys of the catalog's columns behind a name of one place, such as `store.quantity`."""
        for place, keys in zip(self.places, self.keys, strict=True):
            key = keys.get(name.partition(".")[2])
            if key == STOCK:
                called = names_of(place)
                own = {f"{STOCK}[{till}]" for till in called}
                yield from (one for one in claims if one.casefold() in own or one == STOCK)
            elif key is not None:
                yield key

    def _columns(self, own: list[dict[str, Column]], pairs: list[tuple[int, int]]) -> Iterator[tuple[str, Column]]:
        for name in RECORDS[self.kind].fields:
            yield name, Column([self.places[number].get(name) for _, number in pairs])
        for name in OWN_VALUES[self.kind]:
            columns = [values.get(name) for values in own]
            found = [column[row] if (column := columns[number]) is not None else None for row, number in pairs]
            yield name, Column(found)

    def _own(self, products: Products, number: int, value: Callable[[Products, str], Column]) -> dict[str, Column]:
        """The values that products have in one place."""
        place, found = self.places[number], {}
        for name, key in self.keys[number].items():
            found[name] = _pieces(products[STOCK], place) if key == STOCK else value(products, key)
        return found


def spread_of(kind: str, places: Sequence[Place], claims: Mapping[str, Claim], country: str) -> Spread:
    """The places of that kind that serve a country, with where the catalog holds their values."""
    here = tuple(place for place in places if not country or place.get("country") in {None, country})
    return Spread(kind, here, tuple(_keys(kind, place, claims) for place in here))


def stores_of_stock(claims: Mapping[str, Claim]) -> tuple[Place, ...]:
    """The stores that the stock columns name, for a project that says nothing of its stores."""
    names = [split_key(key)[1] for key, claim in claims.items() if claim.field == STOCK]
    return tuple({"code": name, "till": name} for name in names if name is not None)


def place_types(kind: str) -> dict[str, Type]:
    """The types of what rules may ask of a place, without the kind's name."""
    record, products = RECORDS[kind].fields, RECORDS["product"].fields
    types = {name: KIND_TYPES[field.kind] for name, field in record.items()}
    types |= {name: KIND_TYPES[products[field].kind] for name, field in OWN_VALUES[kind].items()}
    return types | ({QUANTITY: Type.NUMBER} if kind == "store" else {})


def names_of(place: Place) -> set[str]:
    """What the catalog may call a place, in lower case."""
    return {str(place[name]).casefold() for name in ("till", "code") if place.get(name)}


def _keys(kind: str, place: Place, claims: Mapping[str, Claim]) -> dict[str, str]:
    found: dict[str, str] = {}
    called = names_of(place)
    for name, field in OWN_VALUES[kind].items():
        if field == STOCK:
            found[name] = STOCK
            continue
        for key, claim in claims.items():
            if claim.field == field and (split_key(key)[1] or "").casefold() in called:
                found[name] = key
    return found


def _pieces(stock: Column, place: Place) -> Column:
    """The pieces that a store sells: what it has, without what it keeps back."""
    called, buffer = names_of(place), place.get(BUFFER) or 0

    def pieces(stores: Mapping[str, int] | None) -> int | None:
        for name, number in (stores or {}).items():
            if name.casefold() in called:
                return max(0, number - buffer)
        return None

    return Column([pieces(stores) for stores in stock])
