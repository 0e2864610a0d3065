"""Joining sources to a batch: the rows of its products' keys, as columns beside its own."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from feedsmith.catalog.conform import Conformer, Options
from feedsmith.catalog.headings import Claim
from feedsmith.catalog.joins import Wins, key_texts
from feedsmith.catalog.products import Products
from feedsmith.issues import Place
from feedsmith.sources.batch import Batch, JoinedColumn
from feedsmith.sources.files import FileLines, place_in
from feedsmith.sources.index import Hit, IndexReader
from feedsmith.sources.table import Table
from feedsmith.values.column import Column


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One column of a key: `ours` is a field or a heading of the sources before, `theirs` a heading of this one."""

    ours: str
    theirs: str
    kind: str
    is_field: bool


@dataclass(frozen=True, slots=True)
class JoinColumn:
    """A column that a join gives: its name among ours, the qualifier of its rows, its heading and cell in them."""

    name: str
    qualifier: str
    heading: str
    cell: int


@dataclass(frozen=True)
class Join:
    """A joined source, ready to be asked. `missing` and `wins` are its policies.

    `rows` counts those of each table, `highest` is the number of the index's last row. `problem` says why its files
    are missing or old; `hold` that the feeds which use it are held.
    """

    name: str
    tables: tuple[Table, ...]
    options: Options
    keys: tuple[KeyPart, ...]
    fold: bool
    missing: str
    wins: Wins | None
    place: Place
    index: Path
    columns: tuple[JoinColumn, ...]
    files: tuple[FileLines, ...]
    rows: tuple[int, ...]
    highest: int
    problem: str = ""
    hold: bool = False

    def place_of(self, line: int) -> Place:
        """The place of a row of its files, which are numbered one after the other."""
        return place_in(self.files, line) or self.place

    def our_headings(self, conformer: Conformer) -> frozenset[str]:
        """The columns that its keys are made of."""
        fields = conformer.headings({part.ours for part in self.keys if part.is_field})
        return fields | {part.ours for part in self.keys if not part.is_field}

    def our_keys(self, products: Products) -> list[str | None]:
        """The keys of a batch."""
        columns = [products[part.ours] if part.is_field else products.raw(part.ours) for part in self.keys]
        return key_texts(columns, [part.kind for part in self.keys], fold=self.fold)


class Joiner:
    """Joins batches of one stream; made once in each process. `used` gathers the numbers of the rows that it found."""

    def __init__(self, joins: Iterable[Join], conformer: Conformer, headings: Collection[str] | None = None) -> None:
        """`headings` are the columns that are needed; all without any."""
        joins = list(joins)
        self.conformer = conformer
        if headings is not None:
            headings = frozenset(headings).union(*(join.our_headings(conformer) for join in joins))
        self.sources = [_Source(join, headings) for join in joins]

    def __call__(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches with their joined columns; those without any as they are."""
        return map(self.joined, batches) if self.sources else iter(batches)

    def joined(self, batch: Batch) -> Batch:
        """One batch; a source may be joined by a column of one before it."""
        for source in self.sources:
            if source.join_.keys:
                batch = source.join(batch, self.conformer.conform(batch))
        return batch

    def take_used(self) -> tuple[bytes, ...]:
        """The numbers of the rows that were found since the last call, by source, as 32-bit integers."""
        return tuple(source.take_used() for source in self.sources)


class _Source:
    def __init__(self, join: Join, headings: Collection[str] | None) -> None:
        self.join_ = join
        self.reader = IndexReader(join.index)
        wanted = [one for one in join.columns if headings is None or one.name in headings]
        wanted.sort(key=attrgetter("qualifier"))
        self.wanted = {qualifier: tuple(some) for qualifier, some in groupby(wanted, attrgetter("qualifier"))}
        self.used = array("I")

    def take_used(self) -> bytes:
        used, self.used = self.used.tobytes(), array("I")
        return used

    def join(self, batch: Batch, products: Products) -> Batch:
        keys = self.join_.our_keys(products)
        rows: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            if key is not None:
                rows.setdefault(key, []).append(row)
        hits: dict[str, list[Hit]] = {}
        matched = [False] * len(batch)
        for hit in self.reader.find(rows):
            self.used.append(hit.number)
            hits.setdefault(hit.qualifier, []).append(hit)
            for row in rows[hit.key]:
                matched[row] = True
        columns, joined = dict(batch.columns), dict(batch.joined)
        for qualifier, wanted in self.wanted.items():
            more, told = self._columns(hits.get(qualifier, ()), wanted, rows, len(batch))
            columns |= more
            joined |= told
        return replace(
            batch, columns=columns, joined=joined, matched={**batch.matched, self.join_.name: matched},
        )  # fmt: skip

    def _columns(
        self, hits: Iterable[Hit], wanted: tuple[JoinColumn, ...], rows: Mapping[str, list[int]], size: int
    ) -> tuple[dict[str, Column], dict[str, JoinedColumn]]:
        """The columns of one qualifier, and where their values come from."""
        found: list[list[str | None] | None] = [None] * size
        lines: list[int | None] = [None] * size
        for hit in hits:
            for row in rows[hit.key]:
                found[row], lines[row] = hit.cells, hit.line
        columns = {one.name: Column([cells[one.cell] if cells else None for cells in found]) for one in wanted}
        return columns, {one.name: JoinedColumn(one.heading, lines, self.join_.files) for one in wanted}


def joined_options(joins: Iterable[Join]) -> dict[str, Options]:
    """The options of joined sources by name, for a conformer."""
    return {join.name: join.options for join in joins}


def uses(join: Join, headings: Collection[str], claims: Mapping[str, Claim]) -> bool:
    """Whether any of these columns is one of the source's, other than a currency that every feed asks for."""
    currency = claims.get("currency")
    idle = {currency.heading} if currency is not None else set()
    return any(one.name in headings and one.name not in idle for one in join.columns)


def counted(number: int, one: str, many: str, name: str) -> str:
    """A number with what it counts, such as `1 row of prices repeats a key`."""
    return f"{number:,} {(one if number == 1 else many).format(name)}"
