"""Items that are groups: products with the same key, which stand one after the other, as one item with its variants."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

from feedsmith.catalog.products import Products
from feedsmith.definitions.parent import ParentRow
from feedsmith.issues import Severity
from feedsmith.mapping.rows import Memo, Rows, Step
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells
from feedsmith.run.aggregates import AGGREGATES, FIRST, GROUP, SIZE
from feedsmith.run.feed import CompiledFeed, Written
from feedsmith.run.mapped_feed import MappedField
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column

ROWS = frozenset({"csv", "xlsx"})
"""The formats that hold rows, whose columns are those of a variant."""


@dataclass(frozen=True)
class GroupedFeed(CompiledFeed):
    """A feed whose items are groups; its own fields are those of the variants."""

    by: str = field(kw_only=True)
    group: CompiledFeed = field(kw_only=True)
    """The fields, rules and checks of the groups themselves."""
    parent: ParentRow | None = None
    """The row that a group has of its own, with the keys of fields that are repeated by a variable."""

    def whole(self, products: Products, memo: dict[Hashable, Memo], trace: list[Step] | None) -> Rows:
        """As of any feed; a group's products stand in one batch, and rules may ask over them."""
        return with_siblings(super().whole(products, memo, trace), self.by)

    def without(self, rows: Rows, gone: Mapping[int, str]) -> tuple[Rows, list[int]]:
        """The rows that stay; what rules ask over a group is asked of those."""
        left, kept = super().without(rows, gone)
        return (left if left is rows else with_siblings(left, self.by)), kept

    def written(
        self, products: Products, rows: Rows, items: Rows, alive: list[bool], drop: frozenset[int] = frozenset()
    ) -> Written:
        """The text of each group, with its variants in it; a group that a check rejects takes its variants along.

        Of a feed that is only read the items are the variants, and what stands alone is no group.
        """
        group = self.group
        keys = rows.column(self.by)
        groups = neighbours(keys, alive if self.writes else [key is not None for key in keys])
        found = group_rows(self, rows, items, groups)
        columns, ledger = group.items(products, found)
        tell = group.teller(products, found)
        issues = [tell.failed(failure, failure.row) for failure in (*found.failures, *columns.failures)]
        issues += [tell.found(finding, finding.row) for finding in ledger.findings]
        ledger.rejected |= {failure.row for failure in found.failures if failure.severity is Severity.ERROR}
        alive = alive.copy()
        for number in ledger.rejected:
            for row in groups[number]:
                alive[row] = False
        if not self.writes:
            return Written([""] * sum(alive), alive, issues)
        dropped = [row for position, row in enumerate(_numbers(alive)) if position in drop]
        if dropped:
            for row in dropped:
                alive[row] = False
            groups = neighbours(keys, alive)
            columns = group.items(products, group_rows(self, rows, items, groups))[0]
        else:
            kept = [number not in ledger.rejected for number in range(len(groups))]
            columns = Rows(sum(kept), _kept(columns, kept), {})
            groups = [rows_ for rows_, keep in zip(groups, kept, strict=True) if keep]
        texts = self._texts(columns, items, groups, alive)
        filled = {f"{GROUP}.{name}": number for name, number in group.filled(columns, [True] * columns.size).items()}
        return Written(texts, alive, issues, filled, len(dropped), list(map(len, groups)))

    def _texts(self, columns: Rows, items: Rows, groups: list[list[int]], alive: list[bool]) -> list[str]:
        """The groups' texts: each variant's own, joined, put where the template has them."""
        cells = self.cells(items, alive)
        own = self.own_cells(columns, cells, groups)
        if self.parent is not None:
            child = items.column(self.parent.child).keep(alive)
            cells |= {key: _left_out(cells[key], child) for key in self.moved if key in cells}
        variants = self.template.variants
        names = variants.columns if variants is not None else ()
        one = self.template.variant_texts(self.loop_rows(names, cells, sum(alive)), self.context)
        separator = self.channel.group.separator if self.channel.group is not None else ""
        joined = [separator.join(one[start:end]) for start, end in _stretches(groups)]
        read = self.loop_rows(self.template.items.columns, own, len(groups), joined)
        return self.template.item_texts(read, self.context)

    @property
    def moved(self) -> list[str]:
        """The fields that variants below a row of their group leave out."""
        return [*self.parent.moves, *self.parent.common] if self.parent is not None else []

    def own_cells(self, columns: Rows, cells: Mapping[str, Cells], groups: list[list[int]]) -> dict[str, Cells]:
        """What stands on the group's own row, in the order of a variant's fields: of rows, every cell of them."""
        own = self.group.cells(columns, [True] * len(groups))
        for key in self.parent.takes if self.parent is not None else ():
            if key in cells and key not in own:
                common = self.parent is not None and key in self.parent.common
                own[key] = _taken(cells[key], groups, _common if common else AGGREGATES[FIRST].work)
        if self.channel.format in ROWS:  # a group's row has the cells of a variant's
            blank = Column([None] * len(groups))
            return {one.key: own.get(one.key) or Cells(one.out, blank) for one in self.active}
        return {key: own[key] for key in dict.fromkeys([*(one.key for one in self.fields), *own]) if key in own}

    @property
    def written_fields(self) -> tuple[MappedField, ...]:
        """The variants' fields and the group's."""
        return self.fields + self.group.fields


def group_keys(feed: GroupedFeed, products: Products) -> Column:
    """The value by which each product belongs to a group; None for a product alone."""
    keys = feed.whole(products, {}, None).column(feed.by)
    return keys if keys.is_text else Column([str(key) if key is not None else None for key in keys])


def whole_groups(batches: Iterable[Batch], keys_of: Callable[[Batch], Column]) -> Iterator[Batch]:
    """The batches, cut anew where a group goes on in the next one."""
    held: Batch | None = None
    for batch in batches:
        whole = batch if held is None else held.followed(batch)
        keys = keys_of(whole).values
        cut = len(keys)
        while cut and keys[-1] is not None and keys[cut - 1] == keys[-1]:
            cut -= 1
        if cut:
            yield whole.stretch(0, cut)
        held = whole.stretch(cut, len(whole)) if cut < len(whole) else None
    if held is not None:
        yield held


def _numbers(alive: Sequence[bool]) -> list[int]:
    return [row for row, lives in enumerate(alive) if lives]


def _stretches(groups: Iterable[list[int]]) -> Iterator[tuple[int, int]]:
    """Where each group starts and ends among the rows that are left."""
    return pairwise(accumulate(map(len, groups), initial=0))


def _taken(cells: Cells, groups: list[list[int]], work: Callable[[Sequence[Any]], Any]) -> Cells:
    """Of each group one value of its variants, with its currency."""
    values, currencies = cells.column.values, cells.currencies
    stretches = list(_stretches(groups))
    if isinstance(currencies, Column):
        first = AGGREGATES[FIRST].work
        currencies = Column([first(currencies.values[start:end]) for start, end in stretches])
    return Cells(cells.field, Column([work(values[start:end]) for start, end in stretches]), currencies)


def _common(values: Sequence[Any]) -> Any:
    """The value that all have; None where they differ."""
    return values[0] if all(value == values[0] for value in values) else None


def _left_out(cells: Cells, where: Column) -> Cells:
    """The cells without the values of rows where the column has one."""
    pairs = zip(cells.column, where, strict=True)
    return Cells(cells.field, Column([value if mark is None else None for value, mark in pairs]), cells.currencies)


def with_siblings(rows: Rows, by: str) -> Rows:
    """The rows, of which rules may ask over the group of each; products of a group are neighbours."""
    own, groups = rows.find, list[list[int]]()

    def find(name: str) -> Column:
        owner, dot, asked = name.partition(".")
        if not dot or (owner != GROUP and owner not in AGGREGATES):
            return own(name)
        if not groups:
            groups.extend(neighbours(rows.column(by), [True] * rows.size))
        values = _asked(rows, groups, by, owner, asked, rows.column)
        return Column([value for group, value in zip(groups, values, strict=True) for _ in group])

    rows.find = find
    return rows


def _kept(columns: Rows, mask: list[bool]) -> Callable[[str], Column]:
    return lambda name: columns.column(name).keep(mask)


def neighbours(keys: Column, alive: list[bool]) -> list[list[int]]:
    """The rows of each group among those that are left: neighbours with the same key."""
    groups: list[list[int]] = []
    last = None
    for row in _numbers(alive):
        key = keys[row]
        if key is None or key != last:
            groups.append([])
        groups[-1].append(row)
        last = key
    return groups


def group_rows(feed: GroupedFeed, rows: Rows, items: Rows, groups: list[list[int]]) -> Rows:
    """What the rules of a group read, one row a group."""
    fields = {one.key for one in feed.fields}

    def find(name: str) -> Column:
        owner, dot, own = name.partition(".")
        if not dot or (owner != GROUP and owner not in AGGREGATES):  # a dot may stand in the name of a column
            owner, dot, own = FIRST, "", name
        column = items.column if dot and own.removesuffix(CURRENCY) in fields else rows.column
        return Column(_asked(rows, groups, feed.by, owner, own, column))

    origins = [rows.origins[group[0]] for group in groups]
    return Rows(len(groups), find, rows.memo, trace=rows.trace, origins=origins)


def _asked(
    rows: Rows, groups: list[list[int]], by: str, owner: str, name: str, column: Callable[[str], Column]
) -> list[Any]:
    """What `lowest.price` or `group.size` is for each group; `column` finds the values of the products."""
    if owner == GROUP:
        keys = rows.column(by)
        return [len(group) if name == SIZE else keys[group[0]] for group in groups]
    work = AGGREGATES[FIRST if name.endswith(CURRENCY) else owner].work
    values = column(name).values
    return [work([values[row] for row in group]) for group in groups]
