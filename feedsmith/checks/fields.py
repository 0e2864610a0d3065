"""The checks of one field of a channel: form, length, range, number of values, texts, and whether it must be there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from feedsmith.checks.ledger import Finding, Ledger
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions.field import Consequence, FieldDefinition, Length, Pattern, Range, Repeat
from feedsmith.errors import DefinitionError
from feedsmith.mapping.expression import printed
from feedsmith.mapping.patterns import pattern
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
SHORTEN = "shorten it in the catalog or by a rule"
CORRECT = "correct it in the catalog or by a rule"
FEWER = "give fewer of them, the best first"
MORE = "give more of it"
CUT = frozenset({"too-long", "too-many"})
"""The codes of values that can be cut; any other value that is to be cut is left out."""

FEW = 64
"""Different values that are matched one by one more cheaply than all in one text."""
ColumnCheck = Callable[[Column, Ledger], Column]


@dataclass(frozen=True)
class FieldCheck:
    """All checks of one field, made once from its definition; `name` is the field's key."""

    name: str
    definition: FieldDefinition
    checks: tuple[ColumnCheck, ...] = ()

    @classmethod
    def of(cls, name: str, definition: FieldDefinition) -> "FieldCheck":
        """The checks that the definition asks for.

        Raises:
            DefinitionError: a pattern is no RE2 expression, or an end of a range is no number.
        """
        try:
            return cls(name, definition, tuple(_Maker(name, definition).checks()))
        except (ValueError, ArithmeticError) as error:
            raise DefinitionError(
                None, f"the field {name!r} has a pattern or range that cannot be used: {error}"
            ) from error

    def run(self, column: Column, problems: Mapping[int, list[Problem]], ledger: Ledger) -> Column:
        """The column without the values that may not be sent; what was found is in the ledger.

        Args:
            column: values of the field's type.
            problems: by row, why a value could not be made one of that type; such a row is empty in `column`.
            ledger: takes what is found.
        """
        if problems:
            self._problems(problems, ledger)
        for check in self.checks:
            if column.blank:
                break
            column = check(column, ledger)
        return column

    def _problems(self, problems: Mapping[int, list[Problem]], ledger: Ledger) -> None:
        maker = _Maker(self.name, self.definition)
        for row, found in problems.items():
            for problem in found:
                unmapped = problem.code == UNMAPPED
                code = "not-in-list" if unmapped else problem.code
                wanted = self.definition.unmapped if unmapped else self.definition.when_invalid
                ledger.add(maker.found(row, code, wanted, problem.message, help_=problem.help))


@dataclass(frozen=True)
class _Maker:
    """Makes the checks of a definition; each check is one small function of column and ledger."""

    name: str
    definition: FieldDefinition

    def checks(self) -> Iterator[ColumnCheck]:
        one = self.definition
        if one.repeat is not None:
            yield partial(self._too_many, one.repeat)
            single = FieldCheck.of(self.name, one.model_copy(update={"repeat": None}))
            if single.checks:
                yield partial(self._each_value, single)
        elif one.type == "group":
            parts = {name: FieldCheck.of(f"{self.name}.{name}", part) for name, part in one.group.items()}
            yield partial(self._group_parts, parts)
        else:
            yield from self.value_checks()

    def value_checks(self) -> Iterator[ColumnCheck]:
        one = self.definition
        if one.type == "url":
            yield partial(self._with_problems, url_problems, one.when_invalid)
        if one.type == "gtin":
            yield partial(self._with_problems, gtin_problems, one.when_invalid)
            yield partial(self._with_problems, reserved_problems, "warn")
        if one.pattern is not None:
            yield self._pattern(one.pattern)
        for check in one.checks:
            yield self._text_check(check)
        if one.range is not None:
            yield self._range(one.range)
        if one.type in TEXTS:
            if one.min is not None:
                yield partial(self._too_short, one.min)
            if one.max is not None:
                yield partial(self._too_long, one.max)

    def found(
        self, row: int, code: str, wanted: Consequence, message: str, value: object = "", help_: str = ""
    ) -> Finding:
        """A finding about this field, with the consequence that can be carried out and the facts bear."""
        consequence: Consequence = "drop" if wanted == "cut" and code not in CUT else wanted
        consequence = WEAKER.get(consequence, consequence) if self.definition.uncertain else consequence
        return Finding(row, code, consequence, message, self.name, value, help_, self.definition.reference)

    def apply(self, column: Column, ledger: Ledger, findings: Iterable[Finding]) -> Column:
        """The column without the values that the findings cost."""
        gone = ledger.all(findings)
        return column.without(gone) if gone else column

    # --- single values ---------------------------------------------------------------------------------------

    def _with_problems(
        self, problems_of: Callable[[Column], dict[int, Problem]], wanted: Consequence, column: Column, ledger: Ledger
    ) -> Column:
        findings = (
            self.found(row, problem.code, wanted, problem.message, column[row], problem.help)
            for row, problem in column.fact(problems_of).items()
        )
        return self.apply(column, ledger, findings)

    def _pattern(self, rule: Pattern) -> ColumnCheck:
        expression = pattern(rf"(?:{rule.match})\z")
        message = rule.message or f"does not match {rule.match}"

        whole = pattern(rf"(?:(?:{rule.match})\n)*\z")

        def run(column: Column, ledger: Ledger) -> Column:
            # One match over all values tells that all are right, if no line break stands inside one of them.
            many = len(column.distinct) > FEW
            if many and column.is_text and column.one_line and whole.match(column.joined + "\n") is not None:
                return column
            bad = {value for value in column.distinct if expression.match(printed(value)) is None}
            findings = (
                self.found(row, rule.code, rule.otherwise, message, value, CORRECT)
                for row, value in column.rows()
                if value in bad
            )
            return self.apply(column, ledger, findings) if bad else column

        return run

    def _text_check(self, written: str | dict[str, Any]) -> ColumnCheck:
        name, options = (written, {}) if isinstance(written, str) else next(iter(written.items()))
        wanted: Consequence = options if isinstance(options, str) else "warn"  # type: ignore[assignment] # checked on load
        check = TEXT_CHECKS[name]

        def run(column: Column, ledger: Ledger) -> Column:
            findings = [
                self.found(row, check.code, wanted, message, column[row], check.help)
                for row, message in column.fact(check.hits)
            ]
            return self.apply(column, ledger, findings) if findings else column

        return run

    def _range(self, limits: Range) -> ColumnCheck:
        least = Decimal(limits.min) if limits.min is not None else None
        most = Decimal(limits.max) if limits.max is not None else None

        def message(value: Any) -> str | None:
            number = value.amount if isinstance(value, Measure) else value
            if least is not None and number < least:
                return f"{printed(value)} is below {limits.min}"
            if most is not None and number > most:
                return f"{printed(value)} is above {limits.max}"
            return None

        def run(column: Column, ledger: Ledger) -> Column:
            told = {value: message(value) for value in column.distinct}
            if not any(told.values()):
                return column
            findings = (
                self.found(row, "invalid-number", limits.otherwise, text, value, CORRECT)
                for row, value in column.rows()
                if (text := told[value])
            )
            return self.apply(column, ledger, findings)

        return run

    def _too_short(self, limit: Length, column: Column, ledger: Ledger) -> Column:
        if min(map(len, column.filled)) * (1 if limit.unit == "characters" else 0) >= limit.length:
            return column
        findings = (
            self.found(
                row, "too-short", limit.otherwise, f"has {size} {limit.unit}, at least {limit.length}", value, MORE
            )
            for row, value in column.rows()
            if (size := _size(value, limit)) < limit.length
        )
        return self.apply(column, ledger, findings)

    def _too_long(self, limit: Length, column: Column, ledger: Ledger) -> Column:
        in_bytes = limit.unit == "bytes"
        if column.longest * (4 if in_bytes else 1) <= limit.length:
            return column
        changes: list[tuple[int, str | None]] = []
        for row, value in column.rows():
            size = _size(value, limit)
            if size <= limit.length:
                continue
            message = f"has {size:,} {limit.unit}, at most {limit.length:,}"
            consequence = ledger.add(self.found(row, "too-long", limit.otherwise, message, value, SHORTEN))
            if consequence == "cut":
                cut = _cut_bytes(value, limit.length) if in_bytes else cut_at_word(value, limit.length)
                changes.append((row, cut or None))
            elif consequence == "drop":
                changes.append((row, None))
        return column.replaced(changes) if changes else column

    # --- several values --------------------------------------------------------------------------------------

    def _too_many(self, limit: Repeat, column: Column, ledger: Ledger) -> Column:
        changes: list[tuple[int, list[Any] | None]] = []
        sizes = set(map(len, column.filled))
        if min(sizes) >= limit.min and (limit.max is None or max(sizes) <= limit.max):
            return column
        for row, values in column.rows():
            wanted = limit.otherwise
            if limit.max is not None and len(values) > limit.max:
                code, message = "too-many", f"has {len(values)} values, at most {limit.max}"
            elif len(values) < limit.min:
                code, message = "too-short", f"has {len(values)} values, at least {limit.min}"
                wanted = "warn" if wanted == "cut" else wanted  # too few are not cut
            else:
                continue
            help_ = FEWER if code == "too-many" else MORE
            consequence = ledger.add(self.found(row, code, wanted, message, values, help_))
            if consequence in {"cut", "drop"}:
                changes.append((row, values[: limit.max] if consequence == "cut" else None))
        return column.replaced(changes) if changes else column

    def _each_value(self, single: FieldCheck, column: Column, ledger: Ledger) -> Column:
        """The single values of all rows as one column, checked as such, and put back."""
        flat = column.fact(_flat)
        inner = ledger.inner()
        checked = single.run(flat, {}, inner)
        if checked is flat and not inner.findings:
            return column
        owners = [row for row, values in column.rows() for _ in values]
        _moved(inner, ledger, owners)
        return column if checked is flat else _regrouped(column, owners, checked)

    def _group_parts(self, parts: Mapping[str, FieldCheck], column: Column, ledger: Ledger) -> Column:
        """The attributes of a group, each checked as a field; a group without a required attribute is left out."""
        rows = [row for row, _ in column.rows()]
        groups = [dict(value) for value in column.filled]
        for name, check in parts.items():
            values = Column([group.get(name) for group in groups])
            inner = ledger.inner()
            checked = check.run(values, {}, inner)
            _moved(inner, ledger, rows)
            if checked is not values:
                for group, value in zip(groups, checked, strict=True):
                    _put(group, name, value)
        whole = [
            group if group and self._complete(row, group, ledger) else None
            for row, group in zip(rows, groups, strict=True)
        ]
        return column if whole == column.filled else column.replaced(zip(rows, whole, strict=True))

    def _complete(self, row: int, group: dict[str, Any], ledger: Ledger) -> bool:
        """Whether a group has the attributes that it needs; a lack that is only to be told does not count."""
        complete = True
        for name, part in self.definition.group.items():
            if name in group:
                continue
            for need in part.required:
                wanted = (self.definition.invalid or "drop") if need.otherwise == "reject" else need.otherwise
                message = need.message or f"a group of {self.name} has no {name}"
                finding = self.found(row, "missing-required", wanted, message, group)
                complete &= ledger.add(finding) not in {"drop", "reject"}
        return complete


def _flat(column: Column) -> Column:
    """The single values of a column of lists."""
    return Column(list(chain.from_iterable(column.filled)))


def _put(group: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        group.pop(name, None)
        group.pop(name + CURRENCY, None)
    else:
        group[name] = value


def _moved(inner: Ledger, ledger: Ledger, owners: list[int]) -> None:
    """Findings about single values, told of the rows that own them."""
    ledger.findings += [replace(found, row=owners[found.row]) for found in inner.findings]
    ledger.rejected |= {owners[row] for row in inner.rejected}


def _regrouped(column: Column, owners: list[int], flat: Column) -> Column:
    lists: dict[int, list[Any]] = {row: [] for row in owners}
    for row, value in zip(owners, flat, strict=True):
        if value is not None:
            lists[row].append(value)
    return column.replaced((row, values or None) for row, values in lists.items())


def _size(text: str, limit: Length) -> int:
    return len(text.encode()) if limit.unit == "bytes" else len(text)


def _cut_bytes(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore").rstrip()
