"""Compiled rules: each is made once and turns a batch's columns into one column."""

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from feedsmith.issues import Place
from feedsmith.mapping.bounds import MOST_GROWTH, bounded_list, joined
from feedsmith.mapping.expression import FAILURES, Compiled
from feedsmith.mapping.looked_up import Corrected
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Failure, Rows
from feedsmith.mapping.rule import Rule
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.values.column import Column

EMPTIES: dict[Type, Any] = {Type.TEXT: "", Type.LIST: []}
"""Results of a step that are empty values."""


@dataclass(frozen=True)
class Expression:
    """`from`, `calc`, `value`: one expression or text."""

    compiled: Compiled
    does: str

    @property
    def type(self) -> Type:
        """The expression's type."""
        return self.compiled.type

    @property
    def place(self) -> Place:
        """Where the expression stands."""
        return self.compiled.place

    @property
    def reads(self) -> frozenset[str]:
        """The names in the expression."""
        return frozenset(self.compiled.names)

    def apply(self, rows: Rows, field: str) -> Column:
        """The expression's column."""
        column = rows.run(self.compiled)
        rows.record(field, f"{self.does} {self.compiled.text.strip()}", self.place, None, column)
        return column


@dataclass(frozen=True)
class Parts:
    """`parts`: texts joined by a separator, empty ones left out; what `drop` names goes first when it is too long."""

    parts: tuple[Compiled, ...]
    drop: tuple[int, ...]
    separator: str
    limit: int | None
    place: Place
    type: Type = Type.TEXT

    @property
    def reads(self) -> frozenset[str]:
        """The names in all parts."""
        return frozenset(name for part in self.parts for name in part.names)

    def apply(self, rows: Rows, field: str) -> Column:
        """The joined texts."""
        inputs = [rows.run(part) for part in self.parts]
        key = ("parts", self.separator, self.drop, self.limit)
        column = rows.memoised(key, inputs, lambda: self._joined(rows, inputs))
        rows.record(field, "parts " + ", ".join(part.text for part in self.parts), self.place, None, column)
        return column

    def _joined(self, rows: Rows, inputs: list[Column]) -> list[str | None]:
        columns = [
            column if part.type is Type.TEXT else Column([printed(value) or None for value in column])
            for part, column in zip(self.parts, inputs, strict=True)
        ]
        texts = [column.values for column in columns]
        longest = sum(column.longest for column in columns) + len(columns) * len(self.separator)
        if longest > MOST_GROWTH:
            return [self._one(rows, row, list(found)) for row, found in enumerate(zip(*texts, strict=True))]
        values = [self.separator.join(filter(None, row)) or None for row in zip(*texts, strict=True)]
        if self.drop and self.limit is not None:
            for row, value in enumerate(values):
                if value is not None and len(value) > self.limit:
                    values[row] = self._shorter([column[row] for column in texts], self.limit)
        return values

    def _one(self, rows: Rows, row: int, texts: list[str | None]) -> str | None:
        """The joined texts of one row, which may be too long."""
        try:
            value = joined(list(filter(None, texts)), self.separator) or None
        except ValueError as error:
            rows.failures.append(Failure(row, self.place, f"the parts cannot be joined: {error}"))
            return None
        too_long = self.drop and value is not None and self.limit is not None and len(value) > self.limit
        return self._shorter(texts, self.limit) if too_long and self.limit is not None else value

    def _shorter(self, texts: list[str | None], limit: int) -> str | None:
        """The joined texts without as many of the parts in `drop` as it takes."""
        joined = ""
        for number in self.drop:
            texts[number] = None
            joined = self.separator.join(filter(None, texts))
            if len(joined) <= limit:
                break
        return joined or None


@dataclass(frozen=True)
class Cases:
    """A list of rules with conditions: the first whose condition is true gives the value, else `below`."""

    cases: tuple[tuple[Compiled | None, Rule], ...]
    below: Rule | None
    place: Place

    @property
    def type(self) -> Type:
        """The common type of all cases; text where they differ."""
        kinds = {rule.type for rule in inner(self)} - {Type.NONE}
        return kinds.pop() if len(kinds) == 1 else Type.TEXT

    @property
    def reads(self) -> frozenset[str]:
        """The names in all conditions and cases."""
        names = frozenset(name for when, _ in self.cases if when for name in when.names)
        return names.union(*(rule.reads for rule in inner(self)))

    def apply(self, rows: Rows, field: str) -> Column:
        """The value of the first case that applies, row by row."""
        values: list[Any] = [None] * rows.size
        left = set(range(rows.size))
        for when, rule in [*self.cases, *([(None, self.below)] if self.below else [])]:
            answers = rows.run(when).values if when is not None and left else None
            if answers is not None and not any(answers):
                continue
            hits = left if answers is None else {row for row in left if answers[row]}
            if hits:
                column = self._applied(rule, rows, field, hits)
                if len(hits) == rows.size:
                    return column
                found = column.values
                for row in hits:
                    values[row] = found[row]
                left = left - hits
        return Column(values)

    def _applied(self, rule: Rule, rows: Rows, field: str, hits: set[int]) -> Column:
        """The column of one case, in the type of them all; failures on other rows do not count."""
        before = len(rows.failures)
        column = rule.apply(rows, field)
        rows.failures[before:] = [failure for failure in rows.failures[before:] if failure.row in hits]
        if rule.type is self.type or self.type is not Type.TEXT:
            return column
        return Column([printed(value) or None for value in column])


@dataclass(frozen=True)
class Step:
    """One step with its argument: `call` takes one value that is not empty, or with `whole` the values of all rows."""

    does: str
    call: Any
    place: Place
    gives: Type
    key: Hashable
    printed: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Steps:
    """A rule followed by steps, and at last the default."""

    source: Rule
    steps: tuple[Step, ...]
    default: Compiled | None
    place: Place

    @property
    def type(self) -> Type:
        """What the last step gives."""
        return self.steps[-1].gives if self.steps else self.source.type

    @property
    def reads(self) -> frozenset[str]:
        """The names of the source and of the default."""
        return self.source.reads | frozenset(self.default.names if self.default else ())

    def apply(self, rows: Rows, field: str) -> Column:
        """The source's column after all steps."""
        column = self.source.apply(rows, field)
        for step in self.steps:
            before, column = column, self._step(rows, step, column)
            rows.record(field, step.does, step.place, before, column)
        if self.default is not None and not column.full:
            fill = rows.run(self.default)
            before = column
            column = Column([one if one is not None else other for one, other in zip(column, fill, strict=True)])
            rows.record(field, f"default {self.default.text}", self.place, before, column)
        return column

    def _step(self, rows: Rows, step: Step, column: Column) -> Column:
        """The step's column; the same column when it changed nothing, so that its facts stay shared."""
        result = rows.memoised(step.key, [column], lambda: self._values(rows, step, column))
        return column if result.values == column.values else result

    def _values(self, rows: Rows, step: Step, column: Column) -> list[Any]:
        call = step.call
        source = [printed(v) if v is not None else None for v in column] if step.printed else column.values
        try:
            values = call(source) if step.whole else [call(value) if value is not None else None for value in source]
        except FAILURES:
            values = [self._one(rows, step, row, value) for row, value in enumerate(source)]
        empty = EMPTIES.get(step.gives)
        return values if empty is None or empty not in values else [value or None for value in values]

    def _one(self, rows: Rows, step: Step, row: int, value: Any) -> Any:
        try:
            if step.whole:
                return step.call([value])[0]
            return step.call(value) if value is not None else None
        except FAILURES as error:
            rows.failures.append(Failure(row, step.place, f"the step {step.does} failed: {error}"))
            return None


@dataclass(frozen=True)
class Group:
    """`group`, `groups`: a rule for each attribute; a group without any value is left out."""

    groups: tuple[tuple[tuple[str, Rule], ...], ...]
    many: bool
    place: Place

    @property
    def type(self) -> Type:
        """One group or several."""
        return Type.GROUPS if self.many else Type.GROUP

    @property
    def reads(self) -> frozenset[str]:
        """The names of all attributes' rules."""
        return frozenset().union(*(rule.reads for group in self.groups for _, rule in group))

    def apply(self, rows: Rows, field: str) -> Column:
        """A dict, or a list of dicts, per row."""
        made = [self._group(rows, field, group) for group in self.groups]
        if not self.many:
            return Column(made[0])
        if not made:
            return Column([None] * rows.size)
        return Column([[group for group in row if group] or None for row in zip(*made, strict=True)])

    def _group(self, rows: Rows, field: str, group: tuple[tuple[str, Rule], ...]) -> list[dict[str, Any] | None]:
        names = [name for name, _ in group]
        columns = [rule.apply(rows, f"{field}.{name}") for name, rule in group]
        found = (
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in zip(*columns, strict=True)
        )
        return [_with_amounts(entry) or None for entry in found]


def _with_amounts(group: dict[str, Any]) -> dict[str, Any]:
    """The group without the currencies of amounts that it has not."""
    return {name: value for name, value in group.items() if name.removesuffix(CURRENCY) in group}


@dataclass(frozen=True)
class Several:
    """`list`: several values from a rule each; lists among them are taken apart."""

    items: tuple[Rule, ...]
    place: Place
    type: Type = Type.LIST

    @property
    def reads(self) -> frozenset[str]:
        """The names of all rules."""
        return frozenset().union(*(rule.reads for rule in self.items))

    def apply(self, rows: Rows, field: str) -> Column:
        """A list per row, without empty values."""
        columns = [rule.apply(rows, field) for rule in self.items]
        return Column([self._flat(rows, number, row) for number, row in enumerate(zip(*columns, strict=True))])

    def _flat(self, rows: Rows, number: int, row: Sequence[Any]) -> list[str] | None:
        values = (value if isinstance(value, list) else [value] for value in row if value is not None)
        try:
            return bounded_list([printed(part) for some in values for part in some]) or None
        except ValueError as error:
            rows.failures.append(Failure(number, self.place, f"the list cannot be made: {error}"))
            return None


def inner(rule: Rule) -> list[Rule]:
    """The rules that a rule is made of."""
    match rule:
        case Cases(cases, below):
            return [*(case for _, case in cases), *([below] if below else [])]
        case Steps(source):
            return [source]
        case Corrected(below):
            return [below] if below is not None else []
        case Group(groups):
            return [attribute for group in groups for _, attribute in group]
        case Several(items):
            return list(items)
        case _:
            return []


def depth(rule: Rule) -> int:
    """How deep rules lie within each other in a rule."""
    return 1 + max(map(depth, inner(rule)), default=0)


def currency_names(rule: Rule, known: Container[str]) -> tuple[str, ...]:
    """The columns of currencies, among those `known`, of the amounts that a rule's number is worked out from.

    A rule of several cases has those of all of them, where each case is an amount.
    """
    if isinstance(rule, Cases):
        found = [currency_names(one, known) for one in inner(rule)]
        return tuple(dict.fromkeys(name for names in found for name in names)) if all(found) else ()
    if isinstance(rule, Corrected):
        return currency_names(rule.below, known) if rule.below is not None else ()
    source = rule.source if isinstance(rule, Steps) else rule
    names = source.compiled.names if isinstance(source, Expression) and source.type is Type.NUMBER else ()
    return tuple(name + CURRENCY for name in names if name + CURRENCY in known)
