"""Items that are groups: products with the same key, which stand one after the other, as one item with its variants."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from feedsmith.catalog.products import Products
from feedsmith.issues import Severity
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.types import CURRENCY
from feedsmith.render.encoder import Cells
from feedsmith.run.aggregates import AGGREGATES, FIRST, GROUP, SIZE
from feedsmith.run.feed import CompiledFeed, Written
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column


@dataclass(frozen=True)
class GroupedFeed(CompiledFeed):
    """A feed whose items are groups; its own fields are those of the variants."""

    by: str = field(kw_only=True)
    group: CompiledFeed = field(kw_only=True)
    """The fields, rules and checks of the groups themselves."""

    def written(
        self, products: Products, rows: Rows, items: Rows, alive: list[bool], drop: frozenset[int] = frozenset()
    ) -> Written:
        """The text of each group, with its variants in it; a group that a check rejects takes its variants along.

        Of a feed that is only read the items are the variants, and what stands alone is no group.
        """
        group = self.group
        keys = rows.column(self.by)
        groups = _groups(keys, alive if self.writes else [key is not None for key in keys])
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
            groups = _groups(keys, alive)
            columns = group.items(products, group_rows(self, rows, items, groups))[0]
        else:
            kept = [number not in ledger.rejected for number in range(len(groups))]
            columns = Rows(sum(kept), _kept(columns, kept), {})
            groups = [rows_ for rows_, keep in zip(groups, kept, strict=True) if keep]
        texts = self._texts(columns, items, groups, alive)
        filled = {f"{GROUP}.{name}": number for name, number in group.filled(columns, [True] * columns.size).items()}
        return Written(texts, alive, issues, filled, len(dropped))

    def _texts(self, columns: Rows, items: Rows, groups: list[list[int]], alive: list[bool]) -> list[str]:
        """The groups' texts: each variant's own, joined, put where the template has them."""
        group = self.group
        cells = self.cells(items, alive)
        variants = self.template.variants
        names = variants.columns if variants is not None else ()
        one = self.template.variant_texts(self.loop_rows(names, cells, sum(alive)), self.context)
        separator = self.channel.group.separator if self.channel.group is not None else ""
        joined, start = [], 0
        for rows in groups:
            joined.append(separator.join(one[start : start + len(rows)]))
            start += len(rows)
        own = group.cells(columns, [True] * len(groups))
        if self.channel.format == "csv":  # a group's line has the cells of a variant's
            blank = Column([None] * len(groups))
            own = {each.key: own.get(each.key) or Cells(each.out, blank) for each in self.active}
        read = group.loop_rows(self.template.items.columns, own, len(groups), joined)
        return self.template.item_texts(read, self.context)


def group_keys(feed: GroupedFeed, products: Products) -> Column:
    """The value by which each product belongs to a group; None for a product alone."""
    rows = Rows(len(products), lambda name: find(name), {})  # noqa: PLW0108 - `find` comes below
    find = feed.names.finder(products, lambda: rows, None)
    keys = rows.column(feed.by)
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


def _kept(columns: Rows, mask: list[bool]) -> Callable[[str], Column]:
    return lambda name: columns.column(name).keep(mask)


def _groups(keys: Column, alive: list[bool]) -> list[list[int]]:
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
        if owner == GROUP and dot:
            keys = rows.column(feed.by)
            return Column([len(group) if own == SIZE else keys[group[0]] for group in groups])
        if not dot or owner not in AGGREGATES:  # a dot may stand in the name of a column
            owner, dot, own = FIRST, "", name
        work = AGGREGATES[owner].work
        if own.endswith(CURRENCY):
            work = AGGREGATES[FIRST].work
        column = items.column(own) if dot and own.removesuffix(CURRENCY) in fields else rows.column(own)
        values = column.values
        return Column([work([values[row] for row in group]) for group in groups])

    origins = [rows.origins[group[0]] for group in groups]
    return Rows(len(groups), find, rows.memo, trace=rows.trace, origins=origins)
