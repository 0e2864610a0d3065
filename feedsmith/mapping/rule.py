"""What every compiled rule is."""

from typing import Protocol

from feedsmith.issues import Place
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.types import Type
from feedsmith.values.column import Column


class Rule(Protocol):
    """What gives one field its values."""

    @property
    def type(self) -> Type:
        """The type of its values."""

    @property
    def place(self) -> Place:
        """Where it stands."""

    @property
    def reads(self) -> frozenset[str]:
        """The columns it may read."""

    def apply(self, rows: Rows, field: str) -> Column:
        """The field's column; `field` names it in the trace."""
