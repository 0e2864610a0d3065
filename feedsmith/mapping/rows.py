"""What rules read while they run: the columns of one batch by name, and what was noticed on the way."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from feedsmith.issues import Place, Severity
from feedsmith.mapping.expression import FAILURES, Compiled
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that could not be worked out on a row. `severity` is what a look-up says of a missing key."""

    row: int
    place: Place
    problem: str
    severity: Severity = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a value's way, for `explain`: what was done, where the rule stands, before and after."""

    field: str
    does: str
    place: Place
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Memo:
    """A remembered result. It holds its inputs, so that no other column can take their identity."""

    column: Column
    inputs: tuple[Column, ...]
    failures: tuple[Failure, ...]


def _released(name: str) -> Column:
    raise LookupError(f"the rows were released before {name!r} was asked for")


@dataclass
class Rows:
    """The columns of a batch, found by `find` on first use.

    `memo` is shared by all feeds of a batch: a rule over the same columns is worked out once. `trace` collects
    steps when a product is explained, which is the row `traced`; without it a step costs nothing more. `origins` are
    the batch's rows behind these rows.
    """

    size: int
    find: Callable[[str], Column]
    memo: dict[Hashable, Memo]
    failures: list[Failure] = field(default_factory=list)
    trace: list[Step] | None = None
    found: dict[str, Column] = field(default_factory=dict)
    origins: Sequence[int] = ()
    traced: int = 0

    def column(self, name: str) -> Column:
        """The column of that name."""
        column = self.found.get(name)
        if column is None:
            column = self.found[name] = self.find(name)
        return column

    @property
    def never(self) -> Column:
        """The answer to a condition that is true of no row; always the same column, so that nobody need look at it."""
        return self.memoised(("never", self.size), [], lambda: [False] * self.size)

    def memoised(self, key: Hashable, inputs: list[Column], make: Callable[[], list[Any] | Column]) -> Column:
        """The result of work that depends on `key` and these columns alone, with the failures it met."""
        whole = (key, *map(id, inputs))
        known = self.memo.get(whole)
        if known is None:
            before = len(self.failures)
            made = make()
            column = made if isinstance(made, Column) else Column(made)
            self.memo[whole] = Memo(column, tuple(inputs), tuple(self.failures[before:]))
            return column
        self.failures += known.failures
        return known.column

    def release(self) -> None:
        """Let the columns go: `find` and the rows hold each other, and only a search for garbage would free them."""
        self.found.clear()
        self.find = _released

    def run(self, compiled: Compiled) -> Column:
        """The column that an expression gives; a row on which it fails is empty and noted.

        A plain name gives that column itself, so that its facts are shared.
        """
        if compiled.plain:
            return self.column(compiled.names[0])
        if compiled.constant:
            return self.memoised((compiled.key, self.size), [], lambda: compiled.call() * self.size)
        inputs = [self.column(name) for name in compiled.names]
        if any(inputs[number].blank for number in compiled.needs):  # a channel asks about much that a catalog lacks
            return self.never
        return self.memoised(compiled.key, inputs, lambda: self._values(compiled, inputs))

    def _values(self, compiled: Compiled, inputs: list[Column]) -> list[Any] | Column:
        columns = [column.values for column in inputs]
        live = [column for column in inputs if not column.blank]
        try:
            if not live:
                return compiled.call(*[[None]] * len(inputs)) * self.size
            if self._repeat(live):
                return self._distinct(compiled, inputs, live)
            return compiled.call(*columns)
        except FAILURES:
            return [self._one(compiled, row, columns) for row in range(self.size)]

    def _repeat(self, columns: list[Column]) -> bool:
        """Whether most rows repeat the values of another one, as brands, categories, colors and sizes do."""
        different = 1
        for column in columns:
            different *= len(column.distinct) + 1 if column.repeats else self.size
            if 2 * different > self.size:
                return False
        return True

    def _distinct(self, compiled: Compiled, inputs: list[Column], live: list[Column]) -> list[Any] | Column:
        """One answer for all rows with the same values in the columns that are not blank."""
        alone = len(live) == 1
        rows = live[0].values if alone else list(zip(*(column.values for column in live), strict=True))
        different = live[0].known if alone else [*dict.fromkeys(rows)]
        values = iter([different] if alone else zip(*different, strict=True))
        columns = [[None] * len(different) if column.blank else list(next(values)) for column in inputs]
        found = compiled.call(*columns)
        if all(answer is False for answer in found):
            return self.never
        return list(map(dict(zip(different, found, strict=True)).__getitem__, rows))

    def _one(self, compiled: Compiled, row: int, columns: list[list[Any]]) -> Any:
        if any(columns[number][row] is None for number in compiled.needs):
            return False
        try:
            return compiled.call(*([column[row]] for column in columns))[0]
        except FAILURES as error:
            self.failures.append(Failure(row, compiled.place, f"{compiled.text!r} failed: {error}"))
            return None

    def record(self, name: str, does: str, place: Place, before: Column | None, after: Column) -> None:
        """Note a step of `name`, when someone asked to see the way of a row."""
        if self.trace is not None:
            row = self.traced
            self.trace.append(Step(name, does, place, before[row] if before is not None else None, after[row]))
