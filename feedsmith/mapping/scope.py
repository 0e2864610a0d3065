"""What the names in a rule stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feedsmith.mapping.taxonomy import PLAIN, Taxonomy
from feedsmith.mapping.types import Type


@dataclass(frozen=True)
class Scope:
    """The names that a rule may use.

    `names` are columns with their types; `constants` are groups of fixed values (`market.site`, `lists.apparel`);
    `headings` are the source's own columns (`columns["Prijs DE"]`); `row` holds the attributes of one group, for a
    condition that is asked of each; `owners` are columns of something else, reached by its name and a dot:
    `product.title` from a condition over a channel's fields, `store.code` where items are products in stores;
    `taxonomy` knows the names of Google's categories in the feed's language.
    """

    names: Mapping[str, Type]
    constants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)
    row: Mapping[str, Type] = field(default_factory=dict)
    owners: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    taxonomy: Taxonomy = PLAIN

    def known(self) -> list[str]:
        """Every plain name, for a hint."""
        return [*self.names, *self.values, *self.constants, *self.owners]


@dataclass(frozen=True)
class Table:
    """A look-up table: rows by the text of their key column."""

    name: str
    path: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]
    lines: Mapping[str, int]

    def __contains__(self, key: object) -> bool:
        return key in self.rows
