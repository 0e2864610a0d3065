"""Which cells of a product's row a value may come from."""

from collections.abc import Iterator
from dataclasses import dataclass

from feedsmith.catalog.derive import DERIVED_FROM
from feedsmith.catalog.headings import split_key
from feedsmith.catalog.products import Products
from feedsmith.issues import Place
from feedsmith.mapping.types import CURRENCY
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.mapped_feed import MappedField


@dataclass(frozen=True, slots=True)
class Origin:
    """A cell that a field may take its value from: the canonical key it stands for, its place, its text as read."""

    key: str
    place: Place
    text: str | None


def reads(one: MappedField) -> frozenset[str]:
    """What its rule reads."""
    return one.rule.reads if one.active and one.rule is not None else frozenset()


def origins(feed: CompiledFeed, products: Products, names: frozenset[str], row: int = 0) -> Iterator[Origin]:
    """The cells of a row behind these names, each once."""
    told: set[str] = set()
    for name in sorted(names):
        for key, heading in _cells(feed, products, name):
            if heading not in told and heading in products.batch.columns:
                told.add(heading)
                yield Origin(key, products.batch.place(row, heading), products.batch.columns[heading][row])


def _cells(feed: CompiledFeed, products: Products, name: str) -> Iterator[tuple[str, str]]:
    """Canonical key and heading of each column that a name may take its value from."""
    name = name.removeprefix("product.")
    if name in feed.names.derived:
        for read in sorted(feed.names.derived[name].reads):
            yield from _cells(feed, products, read)
    elif name.endswith(CURRENCY):
        yield from _claimed(products, "currency")
    elif name in feed.names.record.fields:
        for key in _keys(feed, products, name):
            yield from _claimed(products, key)
    elif name in feed.names.headings:
        yield name, feed.names.headings[name]
    elif feed.names.spread is not None:
        for key in feed.names.spread.cells(name, products.claims):
            yield from _claimed(products, key)


def _keys(feed: CompiledFeed, products: Products, name: str) -> list[str]:
    market = feed.spec.market
    if feed.names.record.fields[name].varies == "language":
        return products.text_keys(name, market.language or None, market.name or None, market.country or None)
    return [feed.names.value_key(products, name)]


def _claimed(products: Products, key: str) -> Iterator[tuple[str, str]]:
    """The columns claimed for a key; where there is none, those of the fields that it follows from."""
    claim = products.claims.get(key)
    if claim is not None:
        yield from ((key, heading) for one in (claim, *claim.behind) for heading in (one.heading, *one.more))
    name, qualifier = split_key(key)
    if name == "stock" and qualifier is None:
        yield from ((one.key, one.heading) for one in products.claims.values() if one.field == "stock")
    if claim is None or name in {"price", "sale_price"}:
        for source in DERIVED_FROM.get(name, ()):
            yield from _claimed(products, f"{source}[{qualifier}]" if qualifier else source)
