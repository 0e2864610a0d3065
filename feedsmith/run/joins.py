"""Opening joined sources: which columns they give, which rows stand for which key; all of it on disk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from feedsmith.catalog.conform import Options
from feedsmith.catalog.headings import Claim, identifier, names, split_key
from feedsmith.catalog.joins import BETWEEN, Per, column_of, joined_claims, key_texts, merged, typed_key
from feedsmith.catalog.records import PRODUCT
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import SourceDefinition
from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.run.catalog import Catalog, Opening, claims_of, inherit_of, open_tables, options_of
from feedsmith.run.fresh import Files
from feedsmith.run.joining import Join, JoinColumn, KeyPart, counted
from feedsmith.run.remembered import Headings, empty_table
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.files import FileLines, place_in
from feedsmith.sources.index import EXAMPLES, Index, IndexRow, write_index
from feedsmith.sources.inherit import Inherit, inherited
from feedsmith.sources.table import Table
from feedsmith.values.text import clean_column

MOST = 2_000
"""Stores, regions, languages or markets of a source: more are a column that says something else."""
NO_QUALIFIER = ""
STOCK = "stock"


@dataclass(frozen=True)
class Joined:
    """The main source with all that is joined to it: claims over all columns, and what was found on the way."""

    claims: Mapping[str, Claim]
    joins: tuple[Join, ...]
    issues: tuple[Issue, ...]
    headings: Headings
    """What to remember of each source for a run that misses its file."""


def open_joins(opening: Opening, main: Catalog) -> Joined:
    """Open the sources beside the main one, in their order: a later one may be joined by a column of an earlier one.

    Raises:
        SourceError: a file is missing or cannot be read.
        DefinitionError: a key or a declared column is not there.
    """
    sources = opening.project.definition.catalog.sources
    claims, joins, issues = dict(main.claims), list[Join](), list[Issue]()
    columns = list(main.tables[0].headings)
    known = {main.name: main.tables[0].headings}
    for name, source in sources.items():
        if name == main.name:
            continue
        node = opening.project.root.map["catalog"].map["sources"].map[name]
        opener = _Opener(opening, name, source, node)
        opened = opener.open(claims, columns)
        claims, both = merged(claims, opened.claims, source.wins)
        joins.append(opened.join)
        columns += [one.name for one in opened.join.columns]
        issues += [*opened.issues, *_overlap(name, both, claims, node)]
        known |= {name: opened.headings, _qualifiers_of(name): opened.qualifiers}
    return Joined(claims, tuple(joins), tuple(issues), {name: found for name, found in known.items() if found})


def _qualifiers_of(name: str) -> str:
    return f"{name}[]"


def _overlap(name: str, both: Sequence[str], claims: Mapping[str, Claim], node: Node) -> Iterator[Issue]:
    """That a field stands in two sources is told once, with which of them counts."""
    for wins, keys in (
        (True, [key for key in both if claims[key].source == name]),
        (False, [key for key in both if claims[key].source != name]),
    ):
        if keys:
            said = f"{name} counts" if wins else f"that of {name} only fills empty cells"
            yield Issue(
                "two-sources", Severity.INFO, f"{name} and a source before it have {', '.join(keys)}; {said}",
                node.place, field=keys[0], help="`wins: main` or `wins: joined` says which; `columns: {FIELD: }` none",
            )  # fmt: skip


@dataclass(frozen=True)
class _Opened:
    join: Join
    claims: Mapping[str, Claim]
    issues: tuple[Issue, ...]
    headings: tuple[str, ...]
    qualifiers: tuple[str, ...]


class _Opener:
    """Opens one joined source."""

    def __init__(self, opening: Opening, name: str, source: SourceDefinition, node: Node) -> None:
        self.opening, self.name, self.source, self.node = opening, name, source, node
        self.per = Per(source.per) if source.per is not None else None
        self.declared = {key: one for key, one in source.columns.items() if self.per is None or key != self.per.column}

    def open(self, claims: Mapping[str, Claim], columns: Sequence[str]) -> _Opened:
        """The source, joined to these claims and columns of the sources before it."""
        if not self.source.join:
            hint = "write `join: {id: HEADING}`, ours before theirs"
            raise DefinitionError(self.node.place, f"{self.name} is a second source, without a key to join it by", hint)
        files = self.opening.files(self.name, self.source, self.node)
        tables = open_tables(files, self.source, self.opening.scratch) or self._without_file()
        if not tables[0].headings:
            return self._unknown(files, tables)
        which = self._which(tables[0]) if self.per is not None else None
        columns_node = self.node.map.get("columns", self.node)
        own = claims_of(tables[0], self.declared, columns_node, PRODUCT)
        self._check_no_id(own)
        keys = tuple(self._key(ours, theirs, claims, columns, tables[0]) for ours, theirs in self.source.join.items())
        inherit = inherit_of(self.source, self.node, tables[0])
        rows = _Rows(self.name, tables, keys, which, inherit, fold=self.source.case == "ignore")
        path = self.opening.scratch / f"{identifier(self.name)}-{len(columns)}.sqlite"
        index = write_index(path, rows, keep_last=self.source.duplicates == "last")
        qualifiers = tuple(rows.qualifiers.values()) or self.opening.known.get(_qualifiers_of(self.name), ())
        joined = joined_claims(
            self.name, own, [part.theirs for part in keys], self.per, qualifiers, self.source.currency
        )  # fmt: skip
        joined = {key: claim for key, claim in joined.items() if self.declared.get(key, "") is not None}
        self._check_some(joined, tables[0], qualifiers)
        self._check_markets(joined)
        join = Join(
            name=self.name, tables=tables, keys=keys, fold=self.source.case == "ignore", missing=self.source.missing,
            options=options_of(self.source, own, tables[0], self.opening.markets, PRODUCT), wins=self.source.wins,
            place=self.node.place, index=path, files=tuple(rows.files), rows=tuple(rows.counts),
            columns=tuple(self._columns(tables[0], joined, qualifiers)), highest=index.highest,
            problem=files.problem, hold=files.hold,
        )  # fmt: skip
        issues = (*files.issues, *(one for table in tables for one in table.issues), *rows.issues)
        told = (*issues, *self._repeated(index, join), *rows.without_key(self.node.place))
        return _Opened(join, joined, told, tables[0].headings, qualifiers)

    # --- a file that is missing ------------------------------------------------------------------------------

    def _without_file(self) -> tuple[Table, ...]:
        """A table without rows, with the headings that the file had last time, or that the project names."""
        named = [one for one in self.source.columns.values() if isinstance(one, str)]
        declared = dict.fromkeys([*self.source.join.values(), *named]) if named else {}
        headings = self.opening.known.get(self.name) or tuple(declared)
        return (empty_table(self.source.path[0], headings, self.opening.scratch, identifier(self.name)),)

    def _unknown(self, files: Files, tables: tuple[Table, ...]) -> _Opened:
        """A source of which nothing is known but that its file is missing."""
        join = Join(
            name=self.name, tables=tables, options=Options(), keys=(), fold=False,
            missing="ignore", wins=None, place=self.node.place, index=self.opening.scratch, columns=(), files=(),
            rows=(0,), highest=0, problem=files.problem, hold=files.hold,
        )  # fmt: skip
        return _Opened(join, {}, files.issues, (), ())

    # --- columns ---------------------------------------------------------------------------------------------

    def _which(self, table: Table) -> str:
        """The heading of the column that says which store, region, language or market a row is for."""
        if self.per is None:
            return NO_QUALIFIER
        column = self.per.column
        said = self.source.columns.get(column)
        if isinstance(said, str):
            return self._heading(said, table, self.node.map["columns"].map[column])
        found = self.per.heading(table.headings)
        if found is None:
            problem = f"{table.shown}: which column says the {self.per.kind} of a row?"
            raise DefinitionError(self.node.map["per"].place, problem, f"write columns: {{{column}: HEADING}}")
        return found

    def _heading(self, wanted: str, table: Table, node: Node) -> str:
        found = wanted if wanted in table.headings else names(table.headings).get(identifier(wanted))
        if found is None:
            problem = f"{table.shown} has no column {wanted!r}"
            raise DefinitionError(node.place, problem, nearest(wanted, table.headings))
        return found

    def _key(
        self, ours: str, theirs: str, claims: Mapping[str, Claim], columns: Sequence[str], table: Table
    ) -> KeyPart:
        """One column of the key on either side."""
        node = self.node.map["join"]
        heading = self._heading(theirs, table, node.map.get(ours, node))
        if ours in claims:
            return KeyPart(ours, heading, PRODUCT.fields[claims[ours].field].kind, is_field=True)
        found = ours if ours in columns else names(columns).get(identifier(ours))
        if found is None:
            known = [*claims, *columns]
            problem = f"the sources before {self.name} have no field or column {ours!r}"
            place = node.map[ours].key_place if ours in node.map else node.place
            raise DefinitionError(place, problem, nearest(ours, known))
        return KeyPart(found, heading, "identifier", is_field=False)

    def _check_no_id(self, own: Mapping[str, Claim]) -> None:
        if "id" in self.declared and "id" in own:
            node = self.node.map["columns"].map["id"]
            problem = "products have their id from the main source"
            raise DefinitionError(node.key_place, problem, f"say how they are found: join: {{id: {node.text}}}")

    def _check_some(self, joined: Mapping[str, Claim], table: Table, qualifiers: Sequence[str]) -> None:
        if self.per is not None and qualifiers and not joined:
            problem = f"no column of {table.shown} is known to differ by {self.per.kind}"
            raise DefinitionError(self.node.place, problem, "name it: columns: {quantity: HEADING}")

    def _check_markets(self, joined: Mapping[str, Claim]) -> None:
        """A store must not be called as a market is: its price would be taken for the market's."""
        markets = {
            name.casefold(): name
            for one in self.opening.markets
            for name in (one.name, one.country, one.currency)
            if name and self.source.per in {"store", "region"}
        }
        for key, claim in joined.items():
            called = (split_key(key)[1] or "").casefold()
            if claim.field != STOCK and called in markets:
                problem = f"a {self.source.per} is called {called!r} as a market is, and has a {claim.field} of its own"
                raise DefinitionError(self.node.place, problem, f"keep it free: columns: {{{claim.field}: }}")

    def _columns(self, table: Table, joined: Mapping[str, Claim], qualifiers: Iterable[str]) -> Iterator[JoinColumn]:
        """Every column of the source; of one with several rows for a product those that stand for a field."""
        claimed = {name for claim in joined.values() for name in claim.headings}
        for qualifier in qualifiers if self.per is not None else (NO_QUALIFIER,):
            for cell, heading in enumerate(table.headings):
                name = column_of(self.name, heading, qualifier)
                if self.per is None or name in claimed:
                    yield JoinColumn(name, qualifier, heading, cell)

    # --- what was found --------------------------------------------------------------------------------------

    def _repeated(self, index: Index, join: Join) -> Iterator[Issue]:
        """That keys stand there twice, once for the source."""
        if not index.removed:
            return
        policy, first = self.source.duplicates, index.repeated[0]
        told = [
            f"{_shown(one.key, one.qualifier)} in {join.place_of(one.kept)} and {join.place_of(one.other)}"
            for one in index.repeated
        ]
        which = "the last one counts" if policy == "last" else "the first one counts"
        rows = counted(index.removed, "row of {} repeats a key", "rows of {} repeat a key", self.name)
        problem = f"{rows}: {'; '.join(told)}"
        place = join.place_of(first.other)
        if policy == "error":
            raise SourceError(place, problem, "keep one row for each key, or say which counts: `duplicates: first`")
        severity = Severity.WARNING if policy == "warn" else Severity.INFO
        yield Issue(
            "join-duplicate", severity, f"{problem}; {which}", place, value=_shown(first.key, first.qualifier),
            help="correct the file, or accept it by `duplicates: first` or `last`",
        )  # fmt: skip


def _shown(key: str, qualifier: str) -> str:
    parts = " + ".join(key.split(BETWEEN))
    return f"{parts!r} ({qualifier})" if qualifier else repr(parts)


@dataclass
class _Rows:
    """Reads a source's rows with their keys, file after file, and notes what is told of them."""

    name: str
    tables: tuple[Table, ...]
    keys: tuple[KeyPart, ...]
    which: str | None
    inherit: Inherit | None
    fold: bool = False
    files: list[FileLines] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    qualifiers: dict[str, str] = field(default_factory=dict)
    """A store's name without case → as it is written first."""
    keyless: int = 0
    first_keyless: list[int] = field(default_factory=list)

    def __iter__(self) -> Iterator[IndexRow]:
        line = 0
        for table in self.tables:
            self.files.append(FileLines(line, table.shown, table.sheet))
            self.counts.append(0)
            before = line
            batches = read_table(table)
            for batch in inherited(batches, self.inherit) if self.inherit else batches:
                self.issues += batch.issues
                self.counts[-1] += len(batch)
                yield from self._batch(batch, table, before)
                line = before + batch.lines[-1] if len(batch) else line

    def _batch(self, batch: Batch, table: Table, before: int) -> Iterator[IndexRow]:
        kinds = [part.kind for part in self.keys]
        columns = [typed_key(batch.columns[part.theirs], part.kind) for part in self.keys]
        keys = key_texts(columns, kinds, fold=self.fold)
        cells = zip(*(batch.columns[heading].values for heading in table.headings), strict=True)
        for key, qualifier, at, values in zip(keys, self._qualifiers(batch), batch.lines, cells, strict=True):
            if key is None or qualifier is None:
                self.keyless += 1
                if len(self.first_keyless) < EXAMPLES:
                    self.first_keyless.append(before + at)
                continue
            yield key, qualifier, before + at, values

    def _qualifiers(self, batch: Batch) -> Sequence[str | None]:
        if self.which is None:
            return [NO_QUALIFIER] * len(batch)
        column = clean_column(batch.columns[self.which])[0]
        for row, text in column.rows():
            if text.casefold() not in self.qualifiers:
                self._check_qualifier(text, batch.place(row, self.which))
                self.qualifiers[text.casefold()] = text
        return [None if text is None else self.qualifiers[text.casefold()] for text in column]

    def _check_qualifier(self, text: str, place: Place) -> None:
        if "[" in text or "]" in text:
            raise SourceError(place, f"{text!r} holds square brackets", "columns such as stock[…] are named by it")
        if len(self.qualifiers) >= MOST:
            problem = f"{self.name} has more than {MOST:,} different values here"
            raise SourceError(place, problem, "is this the column that names the store?")

    def without_key(self, place: Place) -> Iterator[Issue]:
        """That rows have no key, once for the source."""
        if self.keyless:
            told = [place_in(self.files, line) or place for line in self.first_keyless]
            rows = ", ".join(map(str, told))
            said = counted(
                self.keyless, "row of {} has no key and is not used", "rows of {} have no key and are not used",
                self.name,
            )  # fmt: skip
            yield Issue(
                "join-without-key", Severity.WARNING,
                f"{said}: {rows}", told[0],
                help="fill the columns that `join` names",
            )  # fmt: skip
