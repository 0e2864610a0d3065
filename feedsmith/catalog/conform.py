"""Claims and options compiled once: what turns each batch of a source into typed products."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from feedsmith.catalog.derive import DERIVED_BY_QUALIFIER, DERIVED_FROM
from feedsmith.catalog.headings import Claim, split_key
from feedsmith.catalog.kinds import Setting
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import PRODUCT, Record
from feedsmith.sources.batch import Batch
from feedsmith.values.local_dates import Order, order_of
from feedsmith.values.numbers import decimal_style

_DATED = frozenset({"moment", "moment_end"})
_NUMERIC = frozenset({"money", "number", "measure", "quantity", "whole"})


@dataclass(frozen=True)
class Options:
    """How a source writes its values.

    `decimal` is the decimal mark ("." or ","), `decimals` the one of a key, a field or a heading, where it differs;
    `units` gives the unit of bare measures in the same way. `formats` are strptime forms of local dates, `zone` is that
    of moments without one; `orders` says of a key what stands first in its local dates, None that there are none to be
    understood. `currency` is the one to expect: it decides what `$` stands for, and holds where neither
    column nor cell names one.
    """

    decimal: str | None = None
    decimals: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    zone: tzinfo | None = UTC
    currency: str | None = None
    orders: Mapping[str, Order] | None = None


class Conformer:
    """Types the batches of one source. Holds plain values only, so that it can be sent to another process."""

    def __init__(
        self,
        claims: Mapping[str, Claim],
        options: Options | None = None,
        record: Record = PRODUCT,
        joined: Mapping[str, Options] | None = None,
    ) -> None:
        """`joined` are the options of the joined sources that claims name."""
        self.claims = dict(claims)
        self.record = record
        self.options = options or Options()
        self.joined = joined or {}
        every = [one for claim in self.claims.values() for one in (claim, *claim.behind)]
        self._settings = {one: self._setting(one) for one in every}

    def conform(self, batch: Batch) -> Products:
        """The batch's products. Each column is typed when it is first asked for."""
        return Products(batch, self.claims, self._settings, self.options.currency, self.record)

    def keys(self) -> frozenset[str]:
        """The keys that have values: claimed, or derived from claimed ones."""
        found = set(self.claims)
        if not self.record.derives:
            return frozenset(found)
        if any(key.startswith("stock[") for key in found):
            found.add("stock")
        while more := {key for key, sources in DERIVED_FROM.items() if sources[0] in found} - found:
            found |= more
        for field_, source in DERIVED_BY_QUALIFIER.items():
            found |= {key.replace(source, field_, 1) for key in self.claims if key.startswith(f"{source}[")}
        return frozenset(found)

    def headings(self, keys: Iterable[str]) -> frozenset[str]:
        """The columns of the source that these keys need, with those that issues and prices need: id and currency."""
        wanted = {"id", "currency"}
        for key in keys:
            wanted |= _with_sources(key) if self.record.derives else {key}
        stores = "stock" in {split_key(key)[0] for key in wanted if "[" not in key}
        claims = [c for key, c in self.claims.items() if key in wanted or (stores and c.field == "stock")]
        return frozenset(heading for claim in claims for heading in claim.headings)

    def _setting(self, claim: Claim) -> Setting:
        options = self.joined.get(claim.source, self.options)
        of_one_store = claim.field == "stock" and claim.key != claim.field
        spec = self.record.fields["quantity" if of_one_store else claim.field]
        places = (claim.key, claim.field, claim.written or claim.heading)
        mark = _first(options.decimals, places) or options.decimal
        unit = _first(options.units, places) or claim.unit or (spec.unit if spec.kind == "measure" else None) or None
        order = None if options.orders is None else options.orders.get(claim.key, "")
        return Setting(
            spec, unit, mark or ".", options.zone, options.formats, claim.currency or options.currency, order
        )  # fmt: skip


def _first(table: Mapping[str, str], places: tuple[str, ...]) -> str | None:
    return next((table[place] for place in places if place in table), None)


def _with_sources(key: str) -> set[str]:
    """The key and all that its values may be derived from."""
    name, qualifier = split_key(key)
    found, fresh = {name}, {name}
    while fresh:
        fresh = {source for one in fresh for source in DERIVED_FROM.get(one, ())} - found
        found |= fresh
    return found | {f"{one}[{qualifier}]" for one in found} if qualifier else found


def sample_marks(claims: Mapping[str, Claim], sample: Batch, record: Record = PRODUCT) -> dict[str, str]:
    """The decimal mark of each numeric key, from a sample; an undecided column takes what the others agree on.

    Call it once and hand the result to every conformer as `Options.decimals`: a batch of its own would decide anew.
    """
    numeric = {key: claim.heading for key, claim in claims.items() if record.fields[claim.field].kind in _NUMERIC}
    found = {key: _mark(sample, heading) for key, heading in numeric.items()}
    decided = {mark for mark in found.values() if mark}
    common = decided.pop() if len(decided) == 1 else None
    return {key: chosen for key, mark in found.items() if (chosen := mark or common)}


def sample_orders(claims: Mapping[str, Claim], sample: Batch, record: Record = PRODUCT) -> dict[str, Order]:
    """What stands first in the local dates of each key, from a sample; an undecided column takes what others agree on.

    As with the decimal marks it is called once for a source.
    """
    dated = {key: claim.heading for key, claim in claims.items() if record.fields[claim.field].kind in _DATED}
    found = {
        key: order_of(sample.columns[heading].filled) for key, heading in dated.items() if heading in sample.columns
    }
    decided = {order for order in found.values() if order}
    common = decided.pop() if len(decided) == 1 else ""
    return {key: order or common for key, order in found.items()}


def _mark(sample: Batch, heading: str) -> str | None:
    column = sample.columns.get(heading)
    return decimal_style(column.filled) if column else None
