"""Where the products and fields of a report come from: one pass over the catalog for all of them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from feedsmith.catalog.products import Products
from feedsmith.issues import Issue, Place
from feedsmith.mapping.expression import printed
from feedsmith.mapping.rows import Memo
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.mapped_feed import MappedField
from feedsmith.run.origins import origins, reads
from feedsmith.run.part import names_read

ID = "id"


@dataclass(frozen=True, slots=True)
class Hit:
    """A product of the report: its id in the catalog, its row, the cell of each field, and what our checks say."""

    product: str
    place: Place
    cells: Mapping[str, tuple[Place, str]]
    issues: tuple[Issue, ...]


@dataclass
class Hits:
    """The products that were found, by feed and the id in the report."""

    found: dict[tuple[str, str], Hit] = field(default_factory=dict)

    def add(self, other: "Hits") -> None:
        """Add what a later part came to; the first product of an id counts."""
        self.found = other.found | self.found


@dataclass(frozen=True)
class Asked:
    """The ids of the report, and for each the keys of the fields that it names."""

    fields: Mapping[str, frozenset[str]]

    def looker(self, job: Job, feeds: Mapping[int, CompiledFeed]) -> "Asked":  # noqa: ARG002 - as any survey is called
        """It has nothing to compile."""
        return self

    def names(self, feeds: list[CompiledFeed]) -> set[str]:
        """All that the feeds read."""
        return names_read(feeds) | {"title"}

    def nothing(self) -> Hits:
        """No product."""
        return Hits()

    def look(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> Hits:
        """The products of a batch, by the feed's own id and else by the catalog's."""
        rows = self._rows(feed, products, memo)
        if not rows:
            return Hits()
        issues: dict[str, list[Issue]] = {}
        for issue in feed.run(products, {}).issues:
            issues.setdefault(issue.product, []).append(issue)
        fields = {one.key: one for one in feed.fields}
        return Hits(
            {(feed.spec.name, id_): self._hit(feed, products, row, fields, id_, issues) for id_, row in rows.items()}
        )

    def _rows(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> dict[str, int]:
        found: dict[str, int] = {}
        left, gone = feed.left_out(products, memo)
        kept, _ = feed.without(left, gone)
        items, _ = feed.items(products, kept)
        for number, value in enumerate(items.column(feed.meanings.get(ID, ID)).values):
            text = printed(value) if value is not None else ""
            if text in self.fields:
                found.setdefault(text, kept.origins[number])
        for row in range(len(products)):
            if (text := products.product(row)) in self.fields:
                found.setdefault(text, row)
        return found

    def _hit(
        self,
        feed: CompiledFeed,
        products: Products,
        row: int,
        fields: Mapping[str, MappedField],
        id_: str,
        issues: Mapping[str, list[Issue]],
    ) -> Hit:
        cells: dict[str, tuple[Place, str]] = {}
        for key in self.fields[id_]:
            one = next(origins(feed, products, reads(fields[key]), row), None) if key in fields else None
            if one is not None:
                cells[key] = (one.place, one.text or "")
        product = products.product(row)
        return Hit(product, products.place("", row), cells, tuple(issues.get(product, ())))
