"""The stores and regions of a project: from a file of theirs, or as the project itself lists them."""

from collections.abc import Iterator

from feedsmith.catalog.conform import Conformer, Options
from feedsmith.catalog.headings import Claim
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import RECORDS, Record
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import SourceDefinition
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue
from feedsmith.run.catalog import Opening, open_records
from feedsmith.run.spread import Place
from feedsmith.sources.batch import Batch
from feedsmith.sources.csv_part import read_table
from feedsmith.values.column import Column

CODE, TILL = "code", "till"


def load_places(opening: Opening, kind: str) -> tuple[tuple[Place, ...], tuple[Issue, ...]]:
    """The stores or regions of a project, and what was wrong with their values.

    Raises:
        SourceError: their file cannot be read.
        DefinitionError: an unknown entry; a place without a code; a code that stands twice.
    """
    record, project = RECORDS[kind], opening.project
    said = getattr(project.definition.catalog, record.title)
    if isinstance(said, SourceDefinition):
        read = list(_read(opening, record))
    elif said:
        entries = project.root.map["catalog"].map[record.title].map
        read = [_listed(name, node, record) for name, node in entries.items()]
    else:
        return (), ()
    places = _unique([(products, row) for products in read for row in range(len(products))], record)
    return places, tuple(issue for products in read for issue in products.issues)


def _read(opening: Opening, record: Record) -> Iterator[Products]:
    catalog = open_records(opening, record)
    conformer = Conformer(catalog.claims, catalog.options, record)
    for table in catalog.tables:
        for batch in read_table(table):
            yield conformer.conform(batch)


def _listed(name: str, node: Node, record: Record) -> Products:
    """A place that the project itself lists: its name there is what the catalog calls it."""
    for key, value in node.map.items():
        if key not in record.fields:
            raise DefinitionError(value.key_place, f"a {record.name} has no {key!r}", nearest(key, record.fields))
    texts = {CODE: name, TILL: name, **{key: value.text for key, value in node.map.items()}}
    claims = {key: Claim(key, key, key, "said in the project") for key in texts}
    columns = {key: Column([text or None]) for key, text in texts.items()}
    batch = Batch(node.key_place.path, None, columns, [node.key_place.row or 1])
    return Conformer(claims, Options(), record).conform(batch)


def _unique(rows: list[tuple[Products, int]], record: Record) -> tuple[Place, ...]:
    """The places, each with a code of its own; the till calls a place by its code where nothing else is said."""
    found: dict[str, Place] = {}
    for products, row in rows:
        place: Place = {name: _value(products, name, row) for name in record.fields}
        code, where = place[CODE], products.place(CODE, row)
        if not code:
            raise DefinitionError(where, f"a {record.name} has no code", "give each a code of its own")
        if code in found:
            raise DefinitionError(where, f"the {record.name} {code!r} stands there twice", "keep one of them")
        found[code] = {**place, TILL: place[TILL] or code}
    return tuple(found.values())


def _value(products: Products, name: str, row: int) -> object:
    column = products.text(name) if products.record.fields[name].varies else products[name]
    return column[row]
