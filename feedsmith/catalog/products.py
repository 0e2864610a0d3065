"""The products of one batch: canonical columns, typed when they are first asked for."""

from collections.abc import Collection, Iterable, Mapping
from functools import reduce

from feedsmith.catalog.cells import type_column
from feedsmith.catalog.derive import DERIVE, DERIVED_BY_QUALIFIER, filled_up
from feedsmith.catalog.headings import Claim, split_key
from feedsmith.catalog.kinds import KINDS, Setting, Typed
from feedsmith.catalog.records import PRODUCT, Record
from feedsmith.issues import Issue, Place, Severity, shown
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column
from feedsmith.values.problem import Problem
from feedsmith.values.text import clean_column

VALUE_IN_MESSAGE = 60
"""Code points of a value that a message shows; the issue's `value` keeps more."""


class Products:
    """The rows of a batch as canonical columns: of products, or of the record that is named.

    `products["price"]` is a column of Decimals as long as the batch; a field that nothing claims is a column of None.
    `issues` grows as columns are typed. `faults` says, by key and row, why a value that the source has is missing.
    """

    def __init__(
        self,
        batch: Batch,
        claims: Mapping[str, Claim],
        settings: Mapping[Claim, Setting],
        currency: str | None = None,
        record: Record = PRODUCT,
    ) -> None:
        self.batch = batch
        self.record = record
        self.claims = claims
        self.columns: dict[str, Column] = {}
        self.issues: list[Issue] = []
        self.faults: dict[str, dict[int, Issue]] = {}
        self._settings = settings
        self._currency = currency
        self._typed: dict[str, Column] = {}
        self._named: dict[str, list[str | None]] = {}
        self._layered: dict[str, Column] = {}
        self._currencies: dict[str, Column] = {}
        self._raw: dict[str, Column] = {}
        self._nothing = Column([None] * len(batch))

    def __len__(self) -> int:
        return len(self.batch)

    def __contains__(self, key: str) -> bool:
        """Whether any row has a value."""
        return not self[key].blank

    def __getitem__(self, key: str) -> Column:
        """The typed column of a canonical key, with what follows from other fields.

        Raises:
            KeyError: no such field.
        """
        found = self.columns.get(key)
        if found is None:
            field, qualifier = split_key(key)
            found = self.typed(key)
            if field in DERIVE and self.record.derives:
                found = DERIVE[field](self, f"[{qualifier}]" if qualifier else "", found)
            self.columns[key] = found
        return found

    def typed(self, key: str) -> Column:
        """The column that the source itself has for a key, typed; nothing derived."""
        found = self._typed.get(key)
        if found is None:
            found = self._typed[key] = self._type(key)
        return found

    def raw(self, heading: str) -> Column:
        """A source column as text without outer blanks and forbidden characters; empty if it was not read."""
        found = self._raw.get(heading)
        if found is None and heading not in self.batch.columns:
            return self._nothing
        if found is None:
            found, removed = clean_column(self.batch.columns[heading])
            self._raw[heading] = found
            for row, what in removed.items():
                problem = Problem("control-character", f"{what} was removed", "delete the character in the source")
                self.issues.append(self._issue(self._field_of(heading), heading, row, problem))
        return found

    def text(
        self, field: str, language: str | None = None, market: str | None = None, country: str | None = None
    ) -> Column:
        """A text for a market or language: `title[de]`, in empty rows `title`.

        Without a language it is `title`, else the first of its languages.
        """
        columns = [self[key] for key in self.text_keys(field, language, market, country)]
        return reduce(lambda own, other: filled_up(own, other, {}), columns) if columns else self._nothing

    def value(
        self, field: str, market: str | None = None, currency: str | None = None, country: str | None = None
    ) -> Column:
        """A value for a market: the first column there is of `price[de]`, `price[EUR]`, `price`.

        An empty row is not filled from another column: that could be another currency's amount.
        """
        return self[self.value_key(field, market, currency, country)]

    def text_keys(
        self, field: str, language: str | None = None, market: str | None = None, country: str | None = None
    ) -> list[str]:
        """The keys that `text` asks, in order."""
        language = language.casefold().replace("_", "-") if language else None
        short = language.split("-")[0] if language else None
        local = f"{short}-{country.casefold()}" if short and country else None
        found = self._present(field, (market, local, language, short, country, ""))
        return found if found or language or market else self._siblings(field)[:1]

    def value_key(
        self, field: str, market: str | None = None, currency: str | None = None, country: str | None = None
    ) -> str:
        """The key that `value` asks."""
        british = "uk" if country and country.upper() == "GB" else None
        found = self._present(field, (market, country, british, currency, ""))
        if not found and not market and not currency:
            found = self._siblings(field)
        return found[0] if found else field

    def currency_of(self, key: str) -> Column | None:
        """The currency of each row of a money column, by cell, heading, currency column or project; None if by none."""
        _, qualifier = split_key(key)
        source = key if key in self.claims else f"price[{qualifier}]" if qualifier else "price"
        self.typed(source)
        if source in self._layered:
            return self._layered[source]
        general = self._general_currency(source)
        named = self._named.get(source)
        if named is None:
            return general
        return filled_up(Column(named), general, {}) if general else Column(named)

    def place(self, key: str, row: int) -> Place:
        """Where the value of a key or of a heading comes from. A derived value has the row, and no column."""
        claim = self.claims.get(key)
        heading = self._filled_heading(claim, row) if claim else key if key in self.batch.columns else None
        return self._place(heading, row)

    def heading_of(self, key: str, row: int) -> str:
        """The column that the value of a claimed key comes from."""
        return self._filled_heading(self.claims[key], row)

    def _filled_heading(self, claim: Claim, row: int) -> str:
        """The column that a row's value comes from; the first claimed one where all are empty."""
        for one in (claim, *claim.behind) if claim.behind else ():
            column = self.batch.columns.get(one.heading)
            if column is not None and column[row] is not None:
                return one.heading
        return claim.heading

    def product(self, row: int) -> str:
        """The product's id as far as it is known; "" where it is empty."""
        claim = self.claims.get("id")
        column = self.batch.columns.get(claim.heading) if claim else None
        return (column[row] or "").strip() if column else ""

    def _present(self, field: str, qualifiers: Iterable[str | None]) -> list[str]:
        """The keys with these qualifiers that have a column; "" is the key without any."""
        forms = [form for qualifier in qualifiers if qualifier is not None for form in _forms(qualifier)]
        keys = dict.fromkeys(f"{field}[{form}]" if form else field for form in forms)
        return [key for key in keys if key in self.claims or self._derivable(field, key)]

    def _derivable(self, field: str, key: str) -> bool:
        if not self.record.derives:
            return False
        if key == field:
            return field in DERIVE
        source = DERIVED_BY_QUALIFIER.get(field)
        return source is not None and key.replace(field, source, 1) in self.claims

    def _siblings(self, field: str) -> list[str]:
        return [key for key, claim in self.claims.items() if claim.field == field]

    def _type(self, key: str) -> Column:
        claim = self.claims.get(key)
        if claim is None:
            if split_key(key)[0] not in self.record.fields:
                raise KeyError(key)
            return self._nothing
        column = self._claimed(key, claim)
        return self._with_others(key, claim, column) if claim.behind else column

    def _claimed(self, key: str, claim: Claim, rows: Collection[int] | None = None) -> Column:
        """The column that one claim gives for a key; of the named rows only."""
        if claim.heading not in self.batch.columns:
            return self._nothing
        setting = self._settings[claim]
        typed = type_column(_only(self._with_unit(claim), rows), setting)
        self._tell(key, claim.heading, typed)
        column = self._with_currencies(key, claim, typed) if typed.currencies else typed.column
        for heading in claim.more:
            column = self._with_more(key, heading, column, setting, rows)
        return column

    def _with_others(self, key: str, claim: Claim, column: Column) -> Column:
        """The column with the values of other sources in its empty rows; an amount brings its currency along.

        A row whose value cannot be read stays empty: its fault is told, and not covered up.
        """
        currencies = self._own_currency(key, claim)
        for other in claim.behind:
            faults = self.faults.get(key, {})
            rows = {row for row, value in enumerate(column) if value is None and row not in faults}
            if not rows:
                break
            self._named.pop(key, None)
            column = filled_up(column, self._claimed(key, other, rows), faults)
            pairs = enumerate(zip(currencies, self._own_currency(key, other), strict=True))
            currencies = Column([b if row in rows else a for row, (a, b) in pairs])
        if self._settings[claim].field.kind == "money":
            self._layered[key] = currencies
        return column

    def _own_currency(self, key: str, claim: Claim) -> Column:
        """The currency of each row by this claim alone: by its cells, its heading, its source or the project."""
        found = Column(self._named.get(key) or self._nothing.values)
        if self._settings[claim].field.kind != "money":
            return found
        for other in (self._declared_currency(key, claim), self._default_currency(key)):
            found = filled_up(found, other, {}) if other is not None else found
        return found

    def _with_unit(self, claim: Claim) -> Column:
        """The claimed column as text, a bare number with the unit that stands in a column of its own."""
        column = self.raw(claim.heading)
        if claim.unit_heading is None:
            return column
        pairs = zip(column.values, self.raw(claim.unit_heading).values, strict=True)
        return Column([f"{text} {unit}" if text and unit and text[-1].isdecimal() else text for text, unit in pairs])

    def _with_more(
        self, key: str, heading: str, column: Column, setting: Setting, rows: Collection[int] | None
    ) -> Column:
        """The column with what a further one holds: the rest of a list, or values for empty rows."""
        if heading not in self.batch.columns:
            return column
        typed = type_column(_only(self.raw(heading), rows), setting)
        self._tell(key, heading, typed)
        if setting.field.kind not in ("urls", "texts"):
            return filled_up(column, typed.column, self.faults.get(key, {}))
        pairs = zip(column.values, typed.column.values, strict=True)
        return Column([[*(a or ()), *(b or ())] or None for a, b in pairs])

    def _with_currencies(self, key: str, claim: Claim, typed: Typed) -> Column:
        """The amounts, without those whose cell names another currency than the heading or the currency column."""
        self._named[key] = typed.currencies or []
        general = self._declared_currency(key, claim)
        if general is None:
            return typed.column
        problems = {
            row: Problem("invalid-currency", f"names {named}, but the row's currency is {other}", "write one currency")
            for row, (named, other) in enumerate(zip(self._named[key], general.values, strict=True))
            if named and other and named != other
        }
        if not problems:
            return typed.column
        self._tell(key, claim.heading, Typed(typed.column, problems))
        return typed.column.without(problems)

    def _general_currency(self, key: str) -> Column | None:
        claim = self.claims.get(key)
        found = self._declared_currency(key, claim) if claim else None
        default = self._default_currency(key)
        return filled_up(found, default, {}) if found and default else found or default

    def _declared_currency(self, key: str, claim: Claim) -> Column | None:
        """The currency by the heading, or by the currency column for a key without market."""
        if claim.currency:
            return Column([claim.currency] * len(self))
        if claim.currency_heading:
            return self._currency_column(claim.currency_heading)
        column = self.claims.get("currency")
        return self["currency"] if "[" not in key and column is not None and column.source == claim.source else None

    def _currency_column(self, heading: str) -> Column:
        """The currencies of a joined source, from a column of its own."""
        found = self._currencies.get(heading)
        if found is None:
            typed = KINDS["currency"](self.raw(heading), Setting(PRODUCT.fields["currency"]))
            self._tell("currency", heading, typed)
            found = self._currencies[heading] = typed.column
        return found

    def _default_currency(self, key: str) -> Column | None:
        return Column([self._currency] * len(self)) if self._currency and "[" not in key else None

    def _tell(self, key: str, heading: str, typed: Typed) -> None:
        """Keep the problems as faults and issues, the notes as issues."""
        if typed.problems:
            faults = self.faults.setdefault(key, {})
            for row, problem in typed.problems.items():
                faults[row] = self._issue(key, heading, row, problem)
                self.issues.append(faults[row])
        self.issues.extend(self._issue(key, heading, row, problem) for row, problem in typed.notes.items())

    def _issue(self, key: str, heading: str, row: int, problem: Problem) -> Issue:
        found = self.batch.columns[heading][row]
        return Issue(
            code=problem.code,
            severity=Severity.WARNING,
            message=f'{self.batch.heading(heading)} "{_in_short(found)}": {problem.message}',
            place=self._place(heading, row),
            product=self.product(row),
            field=key,
            value=shown(found),
            help=problem.help,
        )

    def _place(self, heading: str | None, row: int) -> Place:
        return self.batch.place(row, heading)

    def _field_of(self, heading: str) -> str:
        return next((key for key, claim in self.claims.items() if heading in claim.headings), "")


def _only(column: Column, rows: Collection[int] | None) -> Column:
    """The column with values in these rows only; all of it without any."""
    return column if rows is None else Column([value if row in rows else None for row, value in enumerate(column)])


def _in_short(value: str | None) -> str:
    """A value as a message shows it: on one line, and no longer than a line."""
    return shown(" ".join((value or "").split()), VALUE_IN_MESSAGE)


def _forms(qualifier: str) -> tuple[str, ...]:
    """How a key may spell a qualifier: as given, and in lower case."""
    return (qualifier, qualifier.casefold()) if any(map(str.isupper, qualifier)) else (qualifier,)
