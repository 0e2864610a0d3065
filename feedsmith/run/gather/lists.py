"""Lists of prices and stock: from which other one each takes what it lacks, and what holds of what none names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from feedsmith.catalog.system import FileDefinition, GivesDefinition
from feedsmith.run.gather.pieces import Cells, Columns


@dataclass
class Lists:
    """What the rows of facts say of their lists.

    `parents` are the lists by name, each with the one that it takes what it lacks from. `defaults` are the entries of
    `lacking`, by kind of file, that fitted a row: the number of the first that did.
    """

    parents: dict[str, str] = field(default_factory=dict)
    defaults: dict[int, int] = field(default_factory=dict)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def see(self, kind: FileDefinition, columns: Columns, cells: Cells) -> None:
        """Look at a row; of those that say the same of their list at the first only."""
        if kind.book is None and not kind.lacking:
            return
        names = [name for rule in kind.lacking for name in rule.when]
        names += [kind.book.own, kind.book.parent] if kind.book is not None else []
        said = (id(kind), *(columns.value(cells, name) for name in names))
        if said in self._seen:
            return
        self._seen.add(said)
        for number, rule in enumerate(kind.lacking):
            if columns.fits(cells, rule.when):
                self.defaults[id(kind)] = min(number, self.defaults.get(id(kind), number))
        if kind.book is not None:
            own, parent = (columns.value(cells, name) for name in (kind.book.own, kind.book.parent))
            if own and parent:
                self.parents[own] = parent

    def default(self, kind: FileDefinition) -> GivesDefinition | None:
        """What holds of products that no row of such files names; None where that is not known."""
        number = self.defaults.get(id(kind))
        return kind.lacking[number] if number is not None else None

    def above(self, name: str) -> Sequence[str]:
        """The lists from which one takes what it lacks, the nearest first; a circle ends where it closes."""
        found: list[str] = []
        while (parent := self.parents.get(name)) is not None and parent not in found:
            found.append(parent)
            name = parent
        return found
