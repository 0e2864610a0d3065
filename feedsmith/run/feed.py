"""One feed, compiled: what is mapped and checked, and how it is written; made once and used for every batch."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, TypeVar

from feedsmith.catalog.products import Products
from feedsmith.checks.sets import Key, digests
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.expression import printed
from feedsmith.mapping.rows import Memo, Rows, Step
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells, Encoder
from feedsmith.render.template import ITEM, VARIANT, VARIANTS, FeedTemplate
from feedsmith.run.book import Book
from feedsmith.run.ledger import Tracked, tracked
from feedsmith.run.mapped_feed import MappedFeed, MappedField
from feedsmith.run.tell import Teller
from feedsmith.run.to_send import ToSend, to_send
from feedsmith.values.column import Column

Value = TypeVar("Value")


@dataclass
class FeedBatch:
    """What one batch came to in one feed.

    `taken` counts what could become items; `rows` are the batch's rows behind the items, in order. For comparing feeds:
    `kept` are the numbers of those that were checked, `alive` says which of these are items, `compared` has the columns
    by their meaning, and `tell` makes the issues.
    """

    texts: list[str]
    taken: int
    rows: list[int]
    issues: list[Issue]
    rejected: int
    filtered: int
    filled: dict[str, int]
    digests: dict[Key, list[int]]
    told: dict[str, list[str]]
    ids: list[str]
    kept: list[int]
    alive: list[bool]
    compared: dict[str, Column]
    tell: Teller
    dropped: int = 0
    tracked: Tracked | None = None
    """What the feed's next version is compared by."""
    to_send: ToSend | None = None
    """What a delta is made by."""
    of_groups: list[Issue] = field(default_factory=list)
    """Those of the issues that are about groups and not about one of their variants."""
    asked: frozenset[str] = frozenset()
    """The names that were asked of the batch's products."""


@dataclass
class Written:
    """The texts of a batch's items, and which of its rows are in them."""

    texts: list[str]
    alive: list[bool]
    issues: list[Issue] = field(default_factory=list)
    filled: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    sizes: Sequence[int] = ()
    """Of groups: how many variants each has."""


@dataclass(frozen=True, kw_only=True)
class CompiledFeed(MappedFeed):
    """A feed ready to run."""

    encoder: Encoder
    template: FeedTemplate
    context: Mapping[str, Any]
    book: Book | None = None
    tracks: bool = False
    """Whether its items are compared with those of its next version."""

    @property
    def sends(self) -> bool:
        """Whether what is sent of it is noted, for deltas and deletes."""
        return self.spec.deltas and self.tracks

    # --- one batch -------------------------------------------------------------------------------------------

    def run(
        self,
        products: Products,
        memo: dict[Hashable, Memo],
        trace: list[Step] | None = None,
        drop: frozenset[int] = frozenset(),
    ) -> FeedBatch:
        """Map, check and render a batch. `drop` are numbers among its items that are left out (of groups only)."""
        whole, reasons = self.left_out(products, memo, trace)
        rows, kept = self.without(whole, reasons)
        items, ledger = self.items(products, rows)
        ledger.rejected |= {failure.row for failure in rows.failures if failure.severity is Severity.ERROR}
        tell = self.teller(products, whole)
        issues = list(tell.filtered(reasons))
        lacking = list(self._not_in(products, rows, "error"))
        ledger.rejected |= {row for _, row in lacking}
        issues += [tell.unmatched(source, kept[row]) for source, row in lacking]
        issues += [tell.failed(failure, failure.row) for failure in whole.failures]
        if rows is not whole:
            issues += [tell.failed(failure, kept[failure.row]) for failure in rows.failures]
        issues += [tell.failed(failure, kept[failure.row]) for failure in items.failures]
        issues += [tell.found(finding, kept[finding.row]) for finding in ledger.findings]
        alive = [row not in ledger.rejected for row in range(len(kept))]
        written = self.written(products, rows, items, alive, drop)
        alive = written.alive
        compared = self._compared(items, rows)
        result = FeedBatch(
            texts=written.texts,
            taken=whole.size,
            rows=_left(rows.origins, alive),
            issues=[*issues, *written.issues],
            rejected=len(alive) - sum(alive) - written.dropped,
            filtered=whole.size - len(kept),
            filled={**self.filled(items, alive), **written.filled},
            dropped=written.dropped,
            tracked=self._tracked(items, compared, alive) if self.tracks else None,
            to_send=to_send(self, items, alive, written.sizes) if self.sends else None,
            digests={key: _left(digests(key, items).values, alive) for key in self.keys},
            told={name: _left(self._told(items, name), alive) for name in self.told},
            ids=_left(tell.known_ids(kept), alive),
            kept=kept,
            alive=alive,
            compared=compared,
            tell=tell,
            of_groups=written.issues,
            asked=frozenset(whole.found),
        )
        for released in (items, rows, whole):
            released.release()
        return result

    def _tracked(self, items: Rows, compared: Mapping[str, Column], alive: list[bool]) -> Tracked | None:
        ids = [items.column(name) for name in self.id_fields]
        return tracked(ids, compared, self.stock_words, alive) if ids else None

    def written(
        self,
        products: Products,  # noqa: ARG002 - groups need it
        rows: Rows,  # noqa: ARG002
        items: Rows,
        alive: list[bool],
        drop: frozenset[int],  # noqa: ARG002
    ) -> Written:
        """The text of each item that is left; empty where the feed is only read."""
        if not self.writes:
            return Written([""] * sum(alive), alive)
        cells = self.cells(items, alive)
        read = self.loop_rows(self.template.items.columns, cells, sum(alive))
        return Written(self.template.item_texts(read, self.context), alive)

    def cells(self, items: Rows, alive: list[bool]) -> dict[str, Cells]:
        """The cells of each field of the items that are left."""
        mask = None if all(alive) else alive
        return {one.key: self._cells(one, items, mask) for one in self.active}

    def loop_rows(
        self, names: Sequence[str], cells: Mapping[str, Cells], size: int, variants: Sequence[str] = ()
    ) -> list[Any]:
        """What a loop of the template reads, row by row: a tuple, or the one thing it reads."""
        columns = [self._column(name, cells, size, variants) for name in names]
        return list(columns[0]) if len(columns) == 1 else list(zip(*columns, strict=True))

    def _cells(self, one: MappedField, items: Rows, mask: list[bool] | None) -> Cells:
        column = items.column(one.key)
        currencies: Column | str = ""
        if one.out.definition.type == "money":
            named = items.column(one.key + CURRENCY)
            known = named.distinct
            currencies = next(iter(known)) if len(known) == 1 else named if mask is None else named.keep(mask)
        return Cells(one.out, column if mask is None else column.keep(mask), currencies)

    def _column(self, name: str, cells: Mapping[str, Cells], size: int, variants: Sequence[str]) -> Sequence[Any]:
        if name in {ITEM, VARIANT}:
            return self.encoder.items(list(cells.values()), size)
        if name == VARIANTS:
            return variants
        kind, _, key = name.partition(".")
        cell = cells[key] if key in cells else self._blank(key, size)
        return list(cell.column) if kind == "raw" else self.encoder.bare(cell)

    def _blank(self, key: str, size: int) -> Cells:
        """A field that no product has."""
        return Cells(next(one.out for one in self.written_fields if one.key == key), Column([None] * size))

    @property
    def written_fields(self) -> tuple[MappedField, ...]:
        """Every field that the template may name."""
        return self.fields

    def _told(self, items: Rows, name: str) -> list[str]:
        column = items.column(name)
        if column.is_text and column.full:
            return column.values
        return [printed(value) for value in column]

    # --- issues ----------------------------------------------------------------------------------------------


def _left(values: Sequence[Value], alive: list[bool]) -> list[Value]:
    """The values of the items that are left, which mostly are all of them."""
    return list(values) if all(alive) else list(compress(values, alive))
