"""What a feed makes of its products before anything is written: which are left out, mapped values, checks, issues."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import Any, Self
from zoneinfo import ZoneInfo

from feedsmith.catalog.products import Products
from feedsmith.checks.fields import FieldCheck
from feedsmith.checks.items import Condition, Needed
from feedsmith.checks.ledger import Ledger
from feedsmith.checks.sets import Key
from feedsmith.checks.unfit import CellLength, Unfit, tell_rounded
from feedsmith.definitions.channel import ChannelDefinition, SetCheck
from feedsmith.definitions.field import Consequence, FieldDefinition
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.expression import Compiled
from feedsmith.mapping.from_feed import FieldColumns
from feedsmith.mapping.rows import Memo, Rows, Step
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.shape import Locale, Shaped, shape
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.render.encoder import OutField
from feedsmith.run.ledger import IN, OUT
from feedsmith.run.meanings import GONE, PRICE, SALE, SALE_DATES, STOCK, meanings_of, meant, states_of
from feedsmith.run.names import Names
from feedsmith.run.tell import Teller
from feedsmith.values.column import Column

ID = "id"
Shape = Callable[[Column, Type, FieldDefinition, Locale], Shaped]
WHOLE = frozenset({"minor", "minor object"})
"""The forms of money that are whole numbers of the smallest unit."""
OTHERWISE: Mapping[Severity, Consequence] = {
    Severity.ERROR: "reject",
    Severity.WARNING: "warn",
    Severity.INFO: "info",
}


@dataclass(frozen=True)
class MappedField:
    """A field of the channel with its rule; without one, or with a rule over absent columns, it is not `active`."""

    out: OutField
    rule: Rule | None
    active: bool
    check: FieldCheck
    needed: tuple[Needed, ...]
    currencies: tuple[str, ...] = ()
    """The columns of currencies of the amounts that the rule names."""
    unfit: tuple[Unfit | CellLength, ...] = ()

    @property
    def key(self) -> str:
        """The field's key."""
        return self.out.key


@dataclass(frozen=True)
class Reason:
    """Why rows are left out: a `where` that is false, an `exclude` that is true."""

    name: str
    compiled: Compiled
    wanted: bool


@dataclass(frozen=True, kw_only=True)
class MappedFeed:
    """A feed's rules, shapes and checks, compiled once and used for every batch."""

    spec: FeedSpec
    channel: ChannelDefinition
    names: Names
    fields: tuple[MappedField, ...]
    reasons: tuple[Reason, ...]
    conditions: tuple[Condition, ...]
    own_conditions: tuple[Condition, ...]
    severities: Mapping[str, str]
    sets: Mapping[str, SetCheck]
    keys: tuple[Key, ...]
    key_expressions: Mapping[str, Compiled]
    told: tuple[str, ...]
    notes: tuple[Issue, ...] = ()
    shape: Shape = shape
    """What brings the rules' values to the channel's types."""
    writes: bool = True
    """Whether items are made. A feed that is only read has none, and its template is empty."""
    source_keys: dict[str, str] = field(default_factory=dict)
    """Field → canonical key or heading of its place, found on first use: claims are the same for all batches."""
    nested: Mapping[str, FieldColumns] = field(default_factory=dict)
    """Field → where in the object of its column its value stands, of a feed that is only read."""
    named_by: Rule | None = None
    """What gives an item its name, where no column of the source alone does."""

    @property
    def active(self) -> list[MappedField]:
        """The fields that can have a value."""
        return [one for one in self.fields if one.active]

    @cached_property
    def keys_of_fields(self) -> frozenset[str]:
        """The keys of all fields, those without a value too; another name in a project's check is the product's."""
        return frozenset(one.key for one in self.fields)

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Meaning → key of the field that has it, for comparing feeds."""
        return meanings_of((one.key, one.out.definition) for one in self.active)

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The keys of the fields that the channel requires or recommends of every item."""
        return frozenset(
            one.key for one in self.fields if any(need.when is None for need in one.out.definition.required)
        )

    @cached_property
    def id_fields(self) -> tuple[str, ...]:
        """The fields that make an item's id: those that must not stand twice in the feed."""
        unique = [one for one in self.sets.values() if one.check == "unique" and one.key]
        own = next((one for one in unique if one.code == "duplicate-id"), None)
        if own is not None:
            return tuple(own.key)
        return (self.meanings[ID],) if ID in self.meanings else ()

    @cached_property
    def stock_words(self) -> Mapping[Any, str]:
        """The channel's word for the availability → whether the item can be had."""
        key = self.meanings.get(STOCK)
        known = next((states_of(one.out.definition) for one in self.active if one.key == key), {})
        return {word: OUT if states == GONE else IN for word, states in known.items()}

    def at(self, number: int) -> Self:
        """The same feed for one of its places alone."""
        names = copy(self.names)
        if names.spread is not None:
            names.spread = names.spread.only(number)
            code = names.spread.places[0].get("code")
            return replace(self, names=names, spec=replace(self.spec, name=f"{self.spec.name} {code}"))
        return self

    def teller(self, products: Products, rows: Rows) -> Teller:
        """What makes issues of the findings in these rows."""
        ids = self.named_by.apply(rows, ID) if self.named_by is not None else rows.column(ID)
        return Teller(
            self.spec.name, self.spec.channel, self.channel.reference, products, ids,
            self._source_keys(products), rows.origins, self.writes, self.nested,
        )  # fmt: skip

    def left_out(
        self, products: Products, memo: dict[Hashable, Memo], trace: list[Step] | None = None
    ) -> tuple[Rows, dict[int, str]]:
        """What could become items, and the reason for each that `where` or `exclude` leaves out."""
        rows = self.whole(products, memo, trace)
        gone: dict[int, str] = {}
        for reason in self.reasons:
            answers = rows.run(reason.compiled).values
            if all(answers) if reason.wanted else not any(answers):
                continue
            for row, answer in enumerate(answers):
                if bool(answer) is not reason.wanted:
                    gone.setdefault(row, reason.name)
        for source, row in self._not_in(products, rows, "skip"):
            gone.setdefault(row, f"not in {source}")
        return rows, gone

    def whole(self, products: Products, memo: dict[Hashable, Memo], trace: list[Step] | None) -> Rows:
        """What rules read of a batch: a row for each thing that could become an item."""
        spread = self.names.spread.items(products, self.names.value) if self.names.spread is not None else None
        origins = range(len(products)) if spread is None else spread.rows
        rows = Rows(len(origins), lambda name: find(name), memo, trace=trace, origins=origins)  # noqa: PLW0108 - `find` comes below
        find = self.names.finder(products, lambda: rows, spread)
        return rows

    def without(self, rows: Rows, gone: Mapping[int, str]) -> tuple[Rows, list[int]]:
        """The rows that stay, as columns of their own, and their numbers."""
        if not gone:
            return rows, list(range(rows.size))
        mask = [row not in gone for row in range(rows.size)]
        kept = list(compress(range(rows.size), mask))
        origins = list(compress(rows.origins, mask))
        left = Rows(
            len(kept), lambda name: rows.column(name).keep(mask), rows.memo, trace=rows.trace, origins=origins
        )  # fmt: skip
        return left, kept

    def _not_in(self, products: Products, rows: Rows, policy: str) -> Iterator[tuple[str, int]]:
        """The joined sources with that policy, and each row whose product they do not have."""
        for source, said in self.names.policies.items():
            matched = products.batch.matched.get(source, ()) if said == policy else ()
            if matched and not all(matched):
                yield from ((source, row) for row, origin in enumerate(rows.origins) if not matched[origin])

    def items(self, products: Products, rows: Rows) -> tuple[Rows, Ledger]:
        """The columns of the feed's fields after all checks; what was found is in the ledger."""
        ledger = Ledger(override=self._override if self.severities else None, writes=self.writes)
        blank = Column([None] * rows.size)
        items = Rows(rows.size, lambda name: self._item_column(name, rows, items, blank), rows.memo)
        locale = Locale(ZoneInfo(self.spec.market.zone), self.spec.market.currency)
        for one in self.fields:
            if one.active and one.rule is not None:
                self._map(one, rows, items, ledger, locale)
        for one in self.fields:
            for need in one.needed:
                need.run(items, self._faults(one, products, rows, items), ledger)
        for condition in (*self.conditions, *self.own_conditions):
            condition.run(items, ledger)
        return items, ledger

    def _map(self, one: MappedField, rows: Rows, items: Rows, ledger: Ledger, locale: Locale) -> None:
        if one.rule is None:
            return
        mapped = one.rule.apply(rows, one.key)
        shaped = self.shape(mapped, one.rule.type, one.out.definition, locale)
        column = one.check.run(shaped.column, shaped.problems, ledger)
        for check in one.unfit:
            column = check.run(one.key, column, ledger)
        items.found[one.key] = column
        if one.out.definition.type == "money":
            currencies = self._currencies(one, rows, shaped.currencies)
            items.found[one.key + CURRENCY] = currencies
            if one.out.definition.form in WHOLE:
                tell_rounded(one.key, column, currencies, ledger)

    def _currencies(self, one: MappedField, rows: Rows, named: Column | None) -> Column:
        default = self.spec.market.currency or None
        if named is not None:
            return Column([value or default for value in named])
        columns = [rows.column(name) for name in one.currencies]
        if len(columns) <= 1:
            return columns[0] if columns else Column([default] * rows.size)
        return Column([next(filter(None, row), default) for row in zip(*columns, strict=True)])

    def _item_column(self, name: str, rows: Rows, items: Rows, blank: Column) -> Column:
        key = self.key_expressions.get(name)
        if key is not None and not key.plain:
            return items.run(key)
        owner, dot, own = name.partition(".")
        if dot:
            return rows.column(own if owner == "product" else name)
        return blank if name.removesuffix(CURRENCY) in self.keys_of_fields else rows.column(name)

    def _compared(self, items: Rows, rows: Rows) -> dict[str, Column]:
        """The columns whose values other feeds of the market must share, by what they mean; and the dates of a sale."""
        found = {meaning: self._meant(items, place) for meaning, place in self.meanings.items()}
        if PRICE in found:
            found[PRICE + CURRENCY] = items.column(self.meanings[PRICE] + CURRENCY)
        if SALE in found and not found[SALE].blank:
            found |= {name: rows.column(name) for name in SALE_DATES}
        return found

    def _meant(self, items: Rows, place: str) -> Column:
        """The column of a field, or of an attribute of a group as it holds in the feed's market."""
        key, _, attribute = place.partition(".")
        column = items.column(key)
        if not attribute or column.blank:
            return column
        country = self.spec.market.country
        return Column([meant(value, attribute, country) for value in column])

    def filled(self, items: Rows, alive: list[bool]) -> dict[str, int]:
        """How many of the items that are left have a value, by field."""
        if all(alive):
            return {one.key: len(items.column(one.key).filled) for one in self.active}
        return {one.key: len(items.column(one.key).keep(alive).filled) for one in self.active}

    def _override(self, code: str, consequence: Consequence) -> Consequence | None:
        """What the project says about a code: off, or another severity; a value that would be left out stays so."""
        said = self.severities.get(code)
        if said is None:
            return consequence
        if said == "off":
            return None
        wanted = OTHERWISE[Severity(said)]
        keeps = consequence in {"drop", "cut"} and wanted != "reject"
        return consequence if keeps else wanted

    def _faults(self, one: MappedField, products: Products, rows: Rows, items: Rows) -> Mapping[int, Issue]:
        """Why the catalog has no value where the field's rule looks for one."""
        if one.rule is None or items.column(one.key).full:
            return {}
        found: dict[int, Issue] = {}
        for name in one.rule.reads & rows.found.keys():  # what other feeds asked for is no matter of this one
            faults = products.faults.get(self.names.value_key(products, name))
            if faults:
                found |= {number: faults[row] for number, row in enumerate(rows.origins) if row in faults}
        return found

    def _source_keys(self, products: Products) -> Mapping[str, str]:
        """Field → the canonical key that its rule reads first: its column is the place of the field's issues."""
        if not self.source_keys:
            for one in self.fields:
                reads = sorted(one.rule.reads) if one.rule else []
                key = next((read for read in reads if read in self.names.record.fields), "")
                self.source_keys[one.key] = self.names.value_key(products, key) if key else ""
        return self.source_keys
