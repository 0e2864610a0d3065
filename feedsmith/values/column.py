"""A column: one field's values for the rows of a batch, with the facts about it that several readers ask for.

Work is done per column because a test of the joined text costs a fraction of a test per value, and three
feeds that look at the same column share the answer.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, TypeVar

Fact = TypeVar("Fact")
START = 100
"""The first values, which show what a column is like."""


class Column:
    """The values of one field, row by row; `None` is empty. Its values are never changed after it is made."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __getitem__(self, row: int) -> Any:
        return self.values[row]

    @cached_property
    def full(self) -> bool:
        """No row is empty."""
        return all(self.values) or None not in self.values

    @cached_property
    def blank(self) -> bool:
        """Every row is empty."""
        return not any(self.values) and self.values.count(None) == len(self.values)

    @cached_property
    def filled(self) -> list[Any]:
        """The values that are not empty, in order."""
        return self.values if self.full else [value for value in self.values if value is not None]

    @cached_property
    def joined(self) -> str:
        """All values of a text column in one text, a line break between two: for a test of all at once."""
        return "\n".join(self.filled)

    @cached_property
    def is_text(self) -> bool:
        """Every value is a text."""
        return set(map(type, self.filled)) <= {str}

    @cached_property
    def one_line(self) -> bool:
        """No value of a text column holds a line break."""
        return self.joined.count("\n") == max(0, len(self.filled) - 1)

    @cached_property
    def longest(self) -> int:
        """The length of the longest value of a text column, in code points; 0 without any."""
        return max(map(len, self.filled), default=0)

    @cached_property
    def distinct(self) -> frozenset[Any]:
        """The different values, without empty."""
        return frozenset(self.filled)

    @cached_property
    def known(self) -> list[Any]:
        """The different values, with None where a row is empty."""
        return [*self.distinct] if self.full else [*self.distinct, None]

    @cached_property
    def repeats(self) -> bool:
        """Whether it holds texts, and its first ones repeat: asked before `distinct`, which costs more."""
        start = self.filled[:START]
        return set(map(type, start)) <= {str} and 2 * len(set(start)) <= len(start) and self.is_text

    def fact(self, find: Callable[["Column"], Fact]) -> Fact:
        """What `find` says about this column, asked once however many feeds want to know."""
        facts: dict[Any, Any] = self.__dict__.setdefault("_facts", {})
        if find not in facts:
            facts[find] = find(self)
        found: Fact = facts[find]
        return found

    def rows(self) -> Iterator[tuple[int, Any]]:
        """Row number and value of each row that is not empty."""
        return ((row, value) for row, value in enumerate(self.values) if value is not None)

    def keep(self, mask: Sequence[bool]) -> "Column":
        """The rows for which `mask` is true."""
        return Column(list(compress(self.values, mask)))

    def without(self, rows: Collection[int]) -> "Column":
        """The same, with these rows empty."""
        return self.replaced((row, None) for row in rows)

    def replaced(self, changes: Iterable[tuple[int, Any]]) -> "Column":
        """The same, with other values in some rows."""
        values = self.values.copy()
        for row, value in changes:
            values[row] = value
        return Column(values)


class FileColumn(Column):
    """A column as a file holds it: texts, none of them empty, and None."""

    def __init__(self, values: list[str | None]) -> None:
        super().__init__(values)
        self.is_text = True

    @cached_property
    def filled(self) -> list[Any]:
        """The values that are not empty, in order."""
        return self.values if all(self.values) else list(filter(None, self.values))
