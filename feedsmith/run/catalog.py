"""Opening the catalog: which files, what they are, which column stands for which field."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from feedsmith.catalog.conform import Options, sample_marks, sample_orders
from feedsmith.catalog.headings import Claim, Declared, Written, claim
from feedsmith.catalog.records import PRODUCT, Record
from feedsmith.definitions.load import Project
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import SourceDefinition
from feedsmith.definitions.resolve import MarketSettings
from feedsmith.errors import DefinitionError, DefinitionErrors, SourceError
from feedsmith.issues import Issue, Place
from feedsmith.mapping.scope import Table as LookupTable
from feedsmith.mapping.taxonomy import Taxonomy, read_names
from feedsmith.run.fresh import Files, files_of
from feedsmith.run.gather.engine import Gathered, gathered
from feedsmith.run.gather.recognise import check_shape, settings_of, system_of
from feedsmith.run.remembered import Headings, empty_table
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.inherit import Inherit
from feedsmith.sources.table import ReadOptions, Table, open_table
from feedsmith.values.column import Column

GENERIC = "generic"
"""The system of a file that none is recognised in."""
SAMPLE_ROWS = 1000
"""Rows from which the decimal sign of a column is seen, where the project does not say it."""


@dataclass(frozen=True)
class Catalog:
    """An opened source: its files (all of the same shape), its claims, and how its values are read.

    `held` says why feeds that use it must not be published.
    """

    name: str
    record: Record
    tables: tuple[Table, ...]
    claims: Mapping[str, Claim]
    options: Options
    inherit: Inherit | None = None
    issues: tuple[Issue, ...] = field(default=())
    held: str = ""
    system: str = GENERIC
    gathered: Gathered | None = None
    """What became of the files where their rows were put together; `tables` are then the user's files."""


def source_of(project: Project) -> tuple[str, SourceDefinition, Node]:
    """The project's main source, with its name and its place.

    Raises:
        DefinitionError: there is none, or it is to be joined to another.
    """
    catalog = project.definition.catalog
    node = project.root.map.get("catalog", project.root)
    if catalog.source is not None:
        return "", catalog.source, node.map.get("source", node)
    if not catalog.sources:
        hint = "write catalog: FILE in the project, or give --catalog FILE"
        raise DefinitionError(project.root.place, "the project names no catalog", hint)
    name, source = next(iter(catalog.sources.items()))
    node = node.map["sources"].map[name]
    if source.join:
        problem = f"{name!r} is the first source, to which the others are joined"
        raise DefinitionError(node.map["join"].key_place, problem, "put the source of the products first")
    return name, source, node


@dataclass(frozen=True)
class Opening:
    """What sources are opened with.

    `given` are the files or addresses of `--catalog` by source, "" being the main one's. `markets` are those of the
    feeds: a currency or zone that all share helps to read prices and dates. `scratch` is the folder for spools, `known`
    the headings of sources as they were last read, `now` the moment of the run.
    """

    project: Project
    given: Mapping[str, tuple[Path | str, ...]]
    markets: list[MarketSettings]
    scratch: Path
    known: Headings = field(default_factory=dict)
    now: datetime | None = None

    def files(self, name: str, source: SourceDefinition, node: Node) -> Files:
        """A source's files: those of the command line, or its own."""
        folder = self.project.folder
        given = [
            (Path(), path) if isinstance(path, str) else (path, _shown(path, folder))
            for path in self.given.get(name, ())
        ]  # fmt: skip
        return files_of(source, node, folder, given)


def open_catalog(opening: Opening) -> Catalog:
    """Open the files of the main source.

    Raises:
        SourceError: a file cannot be read.
        DefinitionError: a declared column is not in the file, or files differ in shape.
    """
    project, main = opening.project, opening.given.get("", ())
    catalog = project.definition.catalog
    if main and catalog.source is None and not catalog.sources:
        name, source, node = "", SourceDefinition(path=[str(main[0])]), project.root
    else:
        name, source, node = source_of(project)
    if main and name:
        opening = replace(opening, given={**opening.given, name: main})
    place = project.root.map.get("catalog")
    columns = _Columns({**catalog.columns, **source.columns}, (place.map.get("columns") if place else None) or node)
    return _opened(opening, name, source, node, columns, PRODUCT)


def open_records(opening: Opening, record: Record) -> Catalog:
    """Open the file of another kind of record: promotions, reviews, stores, regions.

    Raises:
        SourceError: a file cannot be read.
        DefinitionError: the project names no file for them, or a declared column is not in it.
    """
    project = opening.project
    source = getattr(project.definition.catalog, record.title)
    catalog = project.root.map.get("catalog", project.root)
    if not isinstance(source, SourceDefinition):
        hint = f"write catalog: {{{record.title}: FILE}} in the project"
        raise DefinitionError(catalog.place, f"the project names no {record.title}", hint)
    node = catalog.map[record.title]
    columns = _Columns(source.columns, node.map.get("columns", node))
    return _opened(opening, record.title, source, node, columns, record)


@dataclass(frozen=True)
class _Columns:
    """What a project declares of a source's columns, and where."""

    declared: Declared
    node: Node


def _opened(
    opening: Opening, name: str, source: SourceDefinition, node: Node, columns: _Columns, record: Record
) -> Catalog:
    files = opening.files(name, source, node)
    tables = read_tables(files, source, opening.scratch)
    if not tables:
        headings = opening.known.get(name or record.title, ())
        if not headings:
            hint = "the first export must see the file; then `hold` can do without it"
            raise SourceError(node.place, files.problem, hint)
        tables = (empty_table(source.path[0], headings, opening.scratch, record.name),)
    system = system_of(source, node, tables, opening.project.folder) if record is PRODUCT else None
    check_shape(tables, system)
    issues = (*files.issues, *(issue for table in tables for issue in table.issues))
    made = None
    if system is not None and source.inherit is None:
        made = gathered(system, tables, settings_of(source, opening.markets, opening.now), opening.scratch)
    main = made.table if made is not None else tables[0]
    written = Written(system, made.made if made is not None else {})
    claims = claims_of(main, columns.declared, columns.node, record, written)
    return Catalog(
        name or record.title, record, tables, claims, options_of(source, claims, main, opening.markets, record),
        inherit_of(source, node, tables[0]), (*issues, *(made.issues if made is not None else ())),
        files.problem if files.hold else "", system.name if system is not None else GENERIC, made,
    )  # fmt: skip


def open_tables(files: Files, source: SourceDefinition, scratch: Path) -> tuple[Table, ...]:
    """The tables of a source's files, all of the same shape."""
    tables = read_tables(files, source, scratch)
    if tables:
        check_shape(tables, None)
    return tables


def read_tables(files: Files, source: SourceDefinition, scratch: Path) -> tuple[Table, ...]:
    """The tables of a source's files, and of each of the sheets that it names."""
    options = ReadOptions(
        source.encoding, source.delimiter, "" if source.quote == "none" else source.quote, source.escape, None,
        source.header_row, item=source.item, query=source.query,
    )  # fmt: skip
    sheets = [replace(options, sheet=sheet) for sheet in source.sheet] or [options]
    return tuple(open_table(path, one, scratch, shown) for path, shown in files.found for one in sheets)


def _shown(path: Path, folder: Path) -> str:
    """A path as reports show it: relative to the project where it lies inside."""
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(path)


def claims_of(
    table: Table, declared: Declared, node: Node, record: Record, written: Written | None = None
) -> Mapping[str, Claim]:
    """What the headings of a table stand for; `node` holds what is declared.

    Raises:
        DefinitionError: a declared column is not there, or a field.
    """
    claims, mistakes = claim(table.headings, declared, record, written)
    if mistakes:
        errors = tuple(DefinitionError(_place(node, m.message), m.message, m.help) for m in mistakes)
        raise errors[0] if len(errors) == 1 else DefinitionErrors(errors)
    return claims


def _place(node: Node, message: str) -> Place:
    """The entry that a mistake speaks of: the one whose value or key it quotes."""
    for path, leaf in node.leaves():
        quoted = (leaf.text, path[-1] if path else "")
        if any(
            text and (f"'{text}'" in message or f'"{text}"' in message or f"`{text}`" in message) for text in quoted
        ):
            return leaf.place
    return node.place


def inherit_of(source: SourceDefinition, node: Node, table: Table) -> Inherit | None:
    """How the rows of a table inherit from each other; None where they do not."""
    if source.inherit is None:
        return None
    written = node.map.get("inherit", node)
    for heading in (source.inherit.by, *source.inherit.columns):
        if heading not in table.headings:
            place = next((leaf.place for _, leaf in written.leaves() if leaf.text == heading), written.place)
            raise DefinitionError(place, f"{table.shown} has no column {heading!r}", nearest(heading, table.headings))
    return Inherit(source.inherit.by, tuple(source.inherit.columns))


def options_of(
    source: SourceDefinition, claims: Mapping[str, Claim], table: Table, markets: list[MarketSettings], record: Record
) -> Options:
    """How a table's values are read: as declared, else as a sample tells."""
    zones = {market.zone for market in markets}
    currencies = {market.currency for market in markets if market.currency}
    sample = next(read_table(table), None)
    decimals = sample_marks(claims, sample, record) if sample and source.decimal is None else {}
    return Options(
        decimal=source.decimal,
        decimals=decimals,
        orders=sample_orders(claims, sample, record) if sample else {},
        formats=tuple(source.dates),
        zone=ZoneInfo(zones.pop()) if len(zones) == 1 else None,
        currency=source.currency or (currencies.pop() if len(currencies) == 1 else None),
    )


def load_lookups(project: Project, scratch: Path) -> dict[str, LookupTable]:
    """The project's look-up tables: CSV or XLSX, the first column is the key.

    Raises:
        SourceError: a file cannot be read.
        DefinitionError: a key stands in a table twice.
    """
    tables = project.root.map.get("tables")
    return {
        name: load_lookup(name, project.folder / path, path, scratch, tables.map[name] if tables else project.root)
        for name, path in project.definition.tables.items()
    }


def load_taxonomies(project: Project) -> dict[str, Taxonomy]:
    """Google's categories by language, as the project's own lists name them.

    Raises:
        DefinitionError: a list cannot be read, or has another form.
    """
    listed = project.root.map.get("taxonomies")
    found: dict[str, Taxonomy] = {}
    for name, path in project.definition.taxonomies.items():
        language = name.removeprefix("google_")
        try:
            text = (project.folder / path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            place = listed.map[name].place if listed else project.root.place
            hint = "www.google.com/basepages/producttype/ has them as taxonomy-with-ids.nl-NL.txt and the like"
            raise DefinitionError(place, f"the list of categories {path!r} cannot be read: {error}", hint) from error
        found[language] = Taxonomy(language, read_names(text, Place(path)))
    return found


def load_lookup(name: str, path: Path, shown: str, scratch: Path, node: Node) -> LookupTable:
    """One look-up table."""
    table = open_table(path, ReadOptions(may_be_empty=True), scratch, shown)
    rows: dict[str, Mapping[str, str]] = {}
    lines: dict[str, int] = {}
    for batch in read_table(table):
        columns = [batch.columns.get(heading, Column([])) for heading in table.headings]
        for line, values in zip(batch.lines, zip(*columns, strict=True), strict=True):
            key = (values[0] or "").strip()
            if key in rows:
                problem = f"the table {name} has the key {key!r} twice, in lines {lines[key]} and {line}"
                raise DefinitionError(table.place(line), problem, "keep one of the rows")
            if key:
                rows[key] = {h: v.strip() for h, v in zip(table.headings, values, strict=True) if v}
                lines[key] = line
    if not table.headings:
        raise DefinitionError(node.place, f"the table {name} has no columns")
    return LookupTable(name, shown, table.headings, rows, lines)
