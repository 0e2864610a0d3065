"""The row that a group has of its own, above those of its variants, in files that hold rows."""

from pydantic import Field

from feedsmith.definitions.model import Strict


class ParentRow(Strict):
    """A row for the group, then one for each variant. A product alone has its one row.

    The group's own `fields` stand on its row, and what it takes from its variants: of each field the first value.
    """

    row: str = Field(description="The group's own field that has a value where the group has a row.")
    child: str = Field(description="The variants' field that has a value where a variant stands below such a row.")
    copies: list[str] = Field([], description="Fields of the variants that stand on the group's row as well.")
    moves: list[str] = Field([], description="Fields that stand on the group's row instead of those of its variants.")
    common: list[str] = Field(
        [], description="The same, where all variants have the same value; else the field stands on none of the rows."
    )

    @property
    def takes(self) -> list[str]:
        """The fields that the group's row takes from its variants."""
        return [*self.copies, *self.moves, *self.common]
