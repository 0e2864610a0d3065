"""The checks of one field of a channel: form, length, range, number of values, texts, and whether it must be there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from feedsmith.checks.ledger import Finding, Ledger
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions.channel import Consequence, FieldDefinition, Length, Range
from feedsmith.mapping.expression import printed
from feedsmith.mapping.functions import pattern
from feedsmith.mapping.shape import UNMAPPED
from feedsmith.mapping.types import CURRENCY
from feedsmith.values.column import Column
from feedsmith.values.gtin import gtin_problems, reserved_problems
from feedsmith.values.measure import Measure
from feedsmith.values.problem import Problem
from feedsmith.values.text import cut_at_word
from feedsmith.values.url import url_problems

TEXTS = frozenset({"text", "html", "url", "choice", "gtin", "country", "language", "category"})
WEAKER: Mapping[Consequence, Consequence] = {"reject": "warn", "drop": "warn", "cut": "warn"}
"""What a consequence becomes where the fact behind it is not confirmed."""

ColumnCheck = Callable[[Column, Ledger], Column]


@dataclass(frozen=True)
class FieldCheck:
    """All checks of one field, made once from its definition; `name` is the field's key."""

    name: str
    definition: FieldDefinition
    checks: tuple[ColumnCheck, ...] = field(default=())

    @classmethod
    def of(cls, name: str, definition: FieldDefinition) -> "FieldCheck":
        """The checks that the definition asks for."""
        maker = _Maker(name, definition)
        return cls(name, definition, tuple(maker.checks()))

    def run(self, column: Column, problems: Mapping[int, list[Problem]], ledger: Ledger) -> Column:
        """The column without the values that may not be sent; what was found is in the ledger."""
        if problems:
            self._problems(problems, ledger)
        if column.blank:
            return column
        for check in self.checks:
            column = check(column, ledger)
        return column

    def _problems(self, problems: Mapping[int, list[Problem]], ledger: Ledger) -> None:
        definition = self.definition
        for row, found in problems.items():
            for problem in found:
                unmapped = problem.code == UNMAPPED
                code = "not-in-list" if unmapped else problem.code
                consequence = definition.unmapped if unmapped else definition.when_invalid
                consequence = WEAKER.get(consequence, consequence) if definition.uncertain else consequence
                finding = Finding(row, code, consequence, problem.message, self.name, "", problem.help)
                ledger.add(finding)


@dataclass(frozen=True)
class _Maker:
    """Makes the checks of a definition; each check is one small function of column and ledger."""

    name: str
    definition: FieldDefinition

    def checks(self) -> Iterator[ColumnCheck]:
        one = self.definition
        if one.repeat is not None:
            yield self._too_many
            yield self._each_value
            return
        if one.type == "group":
            yield self._group_parts
            return
        yield from self.value_checks()

    def value_checks(self) -> Iterator[ColumnCheck]:
        one = self.definition
        if one.type == "url":
            yield partial(self._with_problems, url_problems)
        if one.type == "gtin":
            yield partial(self._with_problems, gtin_problems)
            yield partial(self._with_problems, reserved_problems, consequence="warn")
        if one.pattern is not None:
            yield self._pattern
        for check in one.checks:
            yield self._text_check(check)
        if one.range is not None:
            yield partial(self._range, one.range)
        if one.type in TEXTS:
            if one.min is not None:
                yield partial(self._too_short, one.min)
            if one.max is not None:
                yield partial(self._too_long, one.max)

    def consequence(self, wanted: Consequence) -> Consequence:
        return WEAKER.get(wanted, wanted) if self.definition.uncertain else wanted

    def found(
        self, row: int, code: str, wanted: Consequence, message: str, value: object = "", help_: str = ""
    ) -> Finding:
        reference = self.definition.reference
        return Finding(row, code, self.consequence(wanted), message, self.name, value, help_, reference)

    def apply(self, column: Column, ledger: Ledger, findings: Iterable[Finding]) -> Column:
        """The column without the values that the findings cost."""
        gone = ledger.all(findings)
        return column.without(gone) if gone else column

    # --- single values ---------------------------------------------------------------------------------------

    def _with_problems(
        self,
        problems_of: Callable[[Column], dict[int, Problem]],
        column: Column,
        ledger: Ledger,
        consequence: Consequence | None = None,
    ) -> Column:
        wanted = consequence or self.definition.when_invalid
        findings = (
            self.found(row, problem.code, wanted, problem.message, column[row], problem.help)
            for row, problem in problems_of(column).items()
        )
        return self.apply(column, ledger, findings)

    def _pattern(self, column: Column, ledger: Ledger) -> Column:
        rule = self.definition.pattern
        if rule is None:
            return column
        expression = pattern(rf"(?:{rule.match})\z")
        bad = {value for value in column.distinct if expression.match(value) is None}
        if not bad:
            return column
        message = rule.message or f"does not match {rule.match}"
        findings = (
            self.found(row, rule.code, rule.otherwise, message, value) for row, value in column.rows() if value in bad
        )
        return self.apply(column, ledger, findings)

    def _text_check(self, written: str | dict[str, Any]) -> ColumnCheck:
        name, options = (written, {}) if isinstance(written, str) else next(iter(written.items()))
        wanted: Consequence = options if isinstance(options, str) else "warn"  # type: ignore[assignment] # checked on load
        check = TEXT_CHECKS[name]

        def run(column: Column, ledger: Ledger) -> Column:
            findings = [
                self.found(row, check.code, wanted, message, column[row], check.help)
                for row, message in check.find(column)
            ]
            return self.apply(column, ledger, findings) if findings else column

        return run

    def _range(self, limits: Range, column: Column, ledger: Ledger) -> Column:
        least = Decimal(limits.min) if limits.min is not None else None
        most = Decimal(limits.max) if limits.max is not None else None
        findings = []
        for row, value in column.rows():
            number = value.amount if isinstance(value, Measure) else value
            if least is not None and number < least:
                message = f"{printed(value)} is below {limits.min}"
            elif most is not None and number > most:
                message = f"{printed(value)} is above {limits.max}"
            else:
                continue
            findings.append(self.found(row, "invalid-number", limits.otherwise, message, value))
        return self.apply(column, ledger, findings) if findings else column

    def _too_short(self, limit: Length, column: Column, ledger: Ledger) -> Column:
        findings = (
            self.found(row, "too-short", limit.otherwise, f"has {len(value)} characters, at least {limit.length}", value)
            for row, value in column.rows()
            if len(value) < limit.length
        )
        return self.apply(column, ledger, findings)

    def _too_long(self, limit: Length, column: Column, ledger: Ledger) -> Column:
        in_bytes = limit.unit == "bytes"
        if column.longest * (4 if in_bytes else 1) <= limit.length:
            return column
        changes: list[tuple[int, str | None]] = []
        for row, value in column.rows():
            size = len(value.encode()) if in_bytes else len(value)
            if size <= limit.length:
                continue
            message = f"has {size:,} {limit.unit}, at most {limit.length:,}"
            consequence = ledger.add(self.found(row, "too-long", limit.otherwise, message, value))
            if consequence == "cut":
                changes.append((row, _cut_bytes(value, limit.length) if in_bytes else cut_at_word(value, limit.length)))
            elif consequence == "drop":
                changes.append((row, None))
        return column.replaced(changes) if changes else column

    # --- several values --------------------------------------------------------------------------------------

    def _too_many(self, column: Column, ledger: Ledger) -> Column:
        limit = self.definition.repeat
        if limit is None:
            return column
        changes: list[tuple[int, list[Any] | None]] = []
        for row, values in column.rows():
            if limit.max is not None and len(values) > limit.max:
                message = f"has {len(values)} values, at most {limit.max}"
                kept = values[: limit.max]
            elif len(values) < limit.min:
                message = f"has {len(values)} values, at least {limit.min}"
                kept = values
            else:
                continue
            code = "too-many" if len(values) > limit.min else "too-short"
            consequence = ledger.add(self.found(row, code, limit.otherwise, message, printed(values)))
            if consequence in {"cut", "drop"}:
                changes.append((row, kept if consequence == "cut" else None))
        return column.replaced(changes) if changes else column

    def _each_value(self, column: Column, ledger: Ledger) -> Column:
        """The single values of all rows as one column, checked as such, and put back."""
        single = self.definition.model_copy(update={"repeat": None})
        owners = [row for row, values in column.rows() for _ in values]
        flat = Column([value for _, values in column.rows() for value in values])
        inner = Ledger(override=ledger.override)
        checked = FieldCheck.of(self.name, single).run(flat, {}, inner)
        _moved(inner, ledger, owners)
        return column if checked is flat else _regrouped(column, owners, checked)

    def _group_parts(self, column: Column, ledger: Ledger) -> Column:
        """The attributes of a group, each checked as a field; a group without a required attribute is left out."""
        rows = [row for row, _ in column.rows()]
        groups = [dict(value) for _, value in column.rows()]
        gone: set[int] = set()
        for name, definition in self.definition.group.items():
            values = Column([group.get(name) for group in groups])
            inner = Ledger(override=ledger.override)
            checked = FieldCheck.of(f"{self.name}.{name}", definition).run(values, {}, inner)
            _moved(inner, ledger, rows)
            for number, value in enumerate(checked):
                _put(groups[number], name, value)
                if value is None and any(need.when is None for need in definition.required):
                    gone |= self._incomplete(name, rows[number], number, groups[number], ledger)
        values = [None if number in gone else group for number, group in enumerate(groups)]
        return column.replaced(zip(rows, values, strict=True))

    def _incomplete(self, name: str, row: int, number: int, group: dict[str, Any], ledger: Ledger) -> set[int]:
        message = f"a group of {self.name} has no {name}"
        finding = self.found(row, "missing-required", self.definition.invalid or "drop", message, printed(group))
        return {number} if ledger.add(finding) in {"drop", "reject"} else set()


def _put(group: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        group.pop(name, None)
        group.pop(name + CURRENCY, None)
    else:
        group[name] = value


def _moved(inner: Ledger, ledger: Ledger, owners: list[int]) -> None:
    """Findings about single values, told of the rows that own them."""
    for found in inner.findings:
        row = owners[found.row]
        ledger.findings.append(
            Finding(row, found.code, found.consequence, found.message, found.field, found.value, found.help, found.reference)
        )
    ledger.rejected |= {owners[row] for row in inner.rejected}


def _regrouped(column: Column, owners: list[int], flat: Column) -> Column:
    lists: dict[int, list[Any]] = {row: [] for row in owners}
    for row, value in zip(owners, flat, strict=True):
        if value is not None:
            lists[row].append(value)
    return column.replaced((row, values or None) for row, values in lists.items())


def _cut_bytes(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore").rstrip()
