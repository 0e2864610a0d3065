"""Amounts as a market shows them: converted by a table of rates, and with VAT where a source's prices are without."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from feedsmith.catalog.headings import normalise, split_key
from feedsmith.catalog.products import Products
from feedsmith.definitions.load import Project
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import MarketSettings
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue, Severity
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import ReadOptions, Table, open_table
from feedsmith.values.column import Column
from feedsmith.values.currencies import CURRENCIES
from feedsmith.values.dates import parse_moment
from feedsmith.values.money import round_amount
from feedsmith.values.numbers import decimal_style, parse_decimal
from feedsmith.values.problem import Problem

NAMES: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "datum", "day", "valid_from"),
    "from": ("from", "van", "von", "base", "base_currency"),
    "to": ("to", "naar", "nach", "currency", "valuta", "quote_currency"),
    "rate": ("rate", "koers", "kurs", "exchange_rate"),
}
"""Column of a table of rates → the headings by which it is known."""
NET = frozenset({"cost_of_goods_sold"})
"""Amounts that never hold VAT."""
PERCENT = 100

Rates = Mapping[tuple[str, str], Decimal]
"""What one unit of the first currency is in the second, on the day of the run."""


def load_rates(project: Project, scratch: Path, today: date) -> Rates:
    """The latest rate of each pair up to that day.

    Raises:
        SourceError: the file cannot be read.
        DefinitionError: a column is missing, or a cell is no date, currency or rate.
    """
    if project.definition.rates is None:
        return {}
    shown = project.definition.rates
    table = open_table(project.folder / shown, ReadOptions(), scratch, shown)
    found: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
    for pair, day, rate in _rows(table, project.root.map["rates"]):
        found.setdefault(pair, []).append((day, rate))
    latest: dict[tuple[str, str], Decimal] = {}
    for pair, rates in found.items():
        rates.sort()
        at = bisect_right(rates, today, key=lambda one: one[0])
        if at:
            latest[pair] = rates[at - 1][1]
    return latest


def _rows(table: Table, node: Node) -> Iterator[tuple[tuple[str, str], date, Decimal]]:
    headings = {normalise(heading): heading for heading in table.headings}
    columns = {name: next((headings[one] for one in known if one in headings), "") for name, known in NAMES.items()}
    missing = [name for name, heading in columns.items() if not heading]
    if missing:
        problem = f"{table.shown} has no column {missing[0]!r}"
        raise DefinitionError(node.place, problem, "a table of rates has date, from, to and rate")
    for batch in read_table(table):
        texts = {name: batch.columns[heading] for name, heading in columns.items()}
        mark = decimal_style(texts["rate"].filled) or "."
        for row in range(len(batch)):
            cells = {name: (column[row] or "").strip() for name, column in texts.items()}
            day, rate = parse_moment(cells["date"], None), parse_decimal(cells["rate"], mark)
            place = batch.place(row)
            if isinstance(rate, Problem) or rate <= 0 or isinstance(day, Problem):
                raise DefinitionError(place, "the row has no date or no rate", "write 2026-11-22,EUR,USD,1.08")
            if not {cells["from"], cells["to"]} <= CURRENCIES:
                raise DefinitionError(place, "the row names no currencies", "write codes such as EUR")
            yield (cells["from"], cells["to"]), day.date(), rate


@dataclass(frozen=True)
class Prices:
    """How amounts become those of one market. `net` are the sources whose amounts hold no VAT."""

    market: MarketSettings
    rates: Rates
    net: frozenset[str]
    main: str
    vat_key: Callable[[Products], str]

    def amounts(self, products: Products, key: str) -> Column:
        """An amount as the market shows it; one whose currency has no rate stays, and is told."""
        column = products[key]
        if column.blank:
            return column
        if self.net and split_key(key)[0] not in NET:
            column = self._with_vat(products, key, column)
        return self._converted(products, key, column) if self.rates else column

    def currencies(self, found: Column) -> Column:
        """What becomes of the amounts' currencies by that."""
        wanted = self.market.currency
        if not self.rates or found.distinct <= {wanted}:
            return found
        return Column([wanted if one and (one, wanted) in self.rates else one for one in found])

    def _converted(self, products: Products, key: str, column: Column) -> Column:
        wanted, named = self.market.currency, products.currency_of(key)
        if named is None or not wanted or named.distinct <= {wanted}:
            return column
        changed = {}
        for row, currency in named.rows():
            amount = column[row]
            if currency == wanted or amount is None:
                continue
            rate = self.rates.get((currency, wanted))
            if rate is None:
                _tell(products, key, row, currency, wanted)
            else:
                changed[row] = round_amount(amount * rate, wanted)
        return column.replaced(changed.items())

    def _with_vat(self, products: Products, key: str, column: Column) -> Column:
        rows = self._net_rows(products, key)
        if not rows:
            return column
        rates, currencies = products[self.vat_key(products)], products.currency_of(key)
        changed = {}
        for row, amount in column.rows():
            rate = rates[row] if rates[row] is not None else self.market.vat
            if row in rows and rate is not None:
                currency = (currencies[row] if currencies else None) or self.market.currency
                changed[row] = round_amount(amount * (1 + Decimal(rate) / PERCENT), currency)
        return column.replaced(changed.items())

    def _net_rows(self, products: Products, key: str) -> Sequence[int] | range:
        """The rows whose amount comes from a source without VAT."""
        qualifier = split_key(key)[1]
        price = f"price[{qualifier}]" if qualifier else "price"
        claim = products.claims.get(key) or products.claims.get(price)
        if claim is None:
            return ()
        if not claim.behind:
            return range(len(products)) if (claim.source or self.main) in self.net else ()
        source = {one.heading: one.source or self.main for one in (claim, *claim.behind)}
        used = [products.heading_of(claim.key, row) for row in range(len(products))]
        return [row for row, heading in enumerate(used) if source.get(heading) in self.net]


def _tell(products: Products, key: str, row: int, currency: str, wanted: str) -> None:
    issue = Issue(
        "no-rate", Severity.WARNING, f"there is no rate from {currency} to {wanted}; the amount stays as it is",
        products.place(key, row), product=products.product(row), field=key, value=currency,
        help="add the pair to the table of rates",
    )  # fmt: skip
    if issue not in products.issues:
        products.issues.append(issue)
