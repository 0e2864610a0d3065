"""Gathering: the files of a system, whose rows belong together in its own way, become one file of one row a product.

Rows go to buckets on disk by the key of their article; each bucket is put together by itself, and the buckets are
merged in the order of the articles' first rows. Memory does not grow with the catalog. A system whose rows do not say
where they belong is read once before for that.
"""

import heapq
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from zlib import crc32

import msgspec

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.system import BESIDE, ShapeDefinition, System
from feedsmith.issues import Issue, Severity
from feedsmith.run.buckets import BUCKET, Records, Row, spooled_parts
from feedsmith.run.gather.article import Article, tell_left_out
from feedsmith.run.gather.codes import Codes
from feedsmith.run.gather.links import Links, Said, filled_in
from feedsmith.run.gather.makes import MADE_ID
from feedsmith.run.gather.notes import Notes, Reason
from feedsmith.run.gather.pieces import Cells, Columns, Piece, folded, part_of, unguarded, up_of
from feedsmith.run.gather.shop import File, Product, Shop
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.files import FileLines
from feedsmith.sources.parts import PART_BYTES, Part
from feedsmith.sources.spool import SPOOL, new_spool
from feedsmith.sources.table import Table, open_inside

REST = 16
"""Into how many heaps keys are parted, to find those that stand twice in one heap after the other."""


@dataclass(frozen=True)
class Settings:
    """What the project says and files lack.

    `sites` is the shop's address by market ("" for all), `media` where its pictures lie; `languages` are those of the
    markets; `now` decides which prices hold.
    """

    sites: Mapping[str, str]
    media: str = ""
    languages: tuple[str, ...] = ()
    now: datetime | None = None


@dataclass(frozen=True)
class Gathered:
    """One table of products: its parts, the key of each made column, rows read of each file, what is to be told."""

    table: Table
    parts: tuple[Part, ...]
    made: Mapping[str, str]
    rows: tuple[int, ...]
    issues: tuple[Issue, ...]


class Made(msgspec.Struct, array_like=True):
    """A product on its way: the number of its article's first row, its own, its line, its cells, its made cells."""

    first: int
    number: int
    line: int
    cells: list[str | None]
    made: dict[str, str]


CLAIMED = Reason(
    "claimed-twice", Severity.WARNING, "{n} variants are claimed by two parents; the first one counts",
    "take them out of the list of one of the parents",
)  # fmt: skip
_PIECES, _MADE = Records(Piece), Records(Made)


def gathered(system: System, tables: Sequence[Table], settings: Settings, scratch: Path) -> Gathered | None:
    """The products of a system's files; None where its rows are products as they are, or no file of products is there.

    Raises:
        SourceError: a file cannot be read to its end.
        OutputError: the scratch folder is full.
    """
    shape = system.definition.shape
    files = _files(system, tables)
    if shape is None or not any(file.kind.part is None for file in files):
        return None
    files += _files(system, inside(system, files, scratch))
    reader = _Reader(system, shape, files, settings, scratch)
    number = sum(table.path.stat().st_size for table in tables) // BUCKET + 1
    paths = [scratch / f"article-{bucket}" for bucket in range(number)]
    reader.route(paths)
    for path in paths:
        reader.put_together(path)
    with ExitStack() as stack:
        runs = [_MADE.read(stack.enter_context(path.open("rb"))) for path in paths]
        merged = heapq.merge(*runs, key=attrgetter("first", "number"))
        made = reader.spooled(merged, scratch, paths)
    reader.shop.codes.close()
    return replace(made, rows=made.rows[: len(tables)])


def inside(system: System, files: Sequence[File], scratch: Path) -> list[Table]:
    """The elements of other kinds that stand in the XML files of products, as tables of their own."""
    found = (
        open_inside(file.table, kind.item, scratch)
        for file in files if file.table.format == "xml"
        for kind in system.definition.files.values() if kind.item and kind is not file.kind
    )  # fmt: skip
    return [table for table in found if table is not None]


def _files(system: System, tables: Sequence[Table]) -> list[File]:
    """The system's files with where their cells go; files of products first give the columns."""
    headings: dict[str, int] = {}
    found: list[File] = []
    shape = system.definition.shape
    for table in tables:
        kind = system.kind_of([normalise(heading) for heading in table.headings]) or next(iter(system.definition.files))
        facts = system.definition.files[kind]
        places: tuple[int, ...] = ()
        if facts.part not in BESIDE | {"facts"}:
            places = tuple(headings.setdefault(heading, len(headings)) for heading in table.headings)
        own = facts.own or (shape.own if shape else "")
        up = facts.up or (shape.up if shape else ())
        found.append(File(table, Columns(system.definition, table.headings, up), facts, own, places))
    return found


class _Twice:
    """Keys that stand more than once, by 64 bits of each."""

    def __init__(self) -> None:
        self._heaps = [array("q") for _ in range(REST)]
        self._found: set[int] | None = None

    def add(self, key: str) -> None:
        number = hash(key)
        self._heaps[number % REST].append(number)

    def __contains__(self, key: str) -> bool:
        if self._found is None:
            self._found = {a for heap in self._heaps for a, b in pairwise(sorted(heap)) if a == b}
            self._heaps = []
        return hash(key) in self._found


class _Reader:
    """Reads the files, sends rows to their article, and writes the products."""

    def __init__(
        self, system: System, shape: ShapeDefinition, files: Sequence[File], settings: Settings, scratch: Path
    ) -> None:
        self.system, self.shape, self.files = system, shape, files
        self.scratch = scratch
        self.notes = Notes()
        self.rows = [0] * len(files)
        self.issues: list[Issue] = []
        self.lines: list[FileLines] = []
        self.twice = _Twice()
        columns = {
            place: heading for file in files for place, heading in zip(file.places, file.table.headings, strict=False)
        }
        headings = tuple(columns[place] for place in sorted(columns))
        self.shop = Shop(
            system, shape, files, headings, settings.sites, settings.media, self.notes, self.twice.__contains__,
            has_stock=self._has_stock(), codes=Codes(scratch / "codes.sqlite", settings.languages), now=settings.now,
        )  # fmt: skip
        self.shop.made |= {name: name for name in self._always_made()}

    def _always_made(self) -> Iterator[str]:
        """The columns that are made even where all are empty: what the file has itself is no product's own value."""
        yield "item_group_id"
        rule = self.shape.images
        if rule is not None and any(
            file.columns.at(name) is not None for name in (*rule.own, *rule.shared) for file in self.files
        ):
            yield from ("image_link", "additional_image_link")
        named = any(one.kind.assigns or (one.kind.codes and one.kind.codes.parent) for one in self.files)
        if self.shape.categories is not None or named:
            yield "product_type"

    def _has_stock(self) -> bool:
        """Whether any file says how much there is."""
        rule = self.shape.availability
        given = [rule.key for file in self.files for rule in file.kind.gives]
        return any(key.startswith(("stock", "quantity")) for key in given) or (
            rule is not None and any(file.columns.at(rule.quantity) is not None for file in self.files)
        )

    # --- reading ------------------------------------------------------------------------------------------------

    def route(self, paths: Sequence[Path]) -> None:
        """Put each row into the bucket of its article."""
        links = self._links() if self.shape.linked else None
        with ExitStack() as stack:
            buckets = [stack.enter_context(path.open("wb")) for path in paths]
            for piece in self._pieces(links):
                _PIECES.write(buckets[crc32(piece.key.encode()) % len(paths)], piece)
        if links is not None:
            links.close()
        self.shop.codes_known()

    def _links(self) -> Links:
        links = Links(self.scratch / "links.sqlite")
        for at, file in enumerate(self.files):
            if file.kind.part in BESIDE:
                continue
            for batch in read_table(file.table):
                cells = zip(*(batch.columns[heading].values for heading in file.table.headings), strict=True)
                links.add(self.shape, file.columns, at, self._said(file, batch.lines, cells))
        for claim in links.claims():
            first = self.files[claim.file].table.place(claim.line)
            place = self.files[claim.other_file].table.place(claim.other_line)
            self.notes.tell(CLAIMED, place, f"{claim.child}: {claim.parent} in {first}")
        return links

    def _said(self, file: File, lines: Sequence[int], rows: Iterable[Cells]) -> Iterator[Said]:
        """What rows say of themselves."""
        for line, cells in zip(lines, rows, strict=True):
            own = file.columns.value(cells, file.own)
            ids = self.shape.names
            if own is None and ids:
                own = next(filter(None, (filled_in(pattern, file.columns, cells) for pattern in ids)), None)
            if own:
                yield Said(line, cells, own, up_of(self.shape, file.columns, cells))

    def _pieces(self, links: Links | None) -> Iterator[Piece]:
        number = before = 0
        last = ""
        for at, file in enumerate(self.files):
            self.lines.append(FileLines(before, file.table.shown, file.table.sheet))
            part = file.kind.part
            line = 0
            for batch in read_table(file.table):
                self.issues += batch.issues
                cells = zip(*(batch.columns[heading].values for heading in file.table.headings), strict=True)
                if file.kind.codes is not None:
                    self.shop.codes.add(f"{at}", file.kind.codes, file.columns, cells)
                    self.rows[at] += len(batch)
                    continue
                for line, row in zip(batch.lines, cells, strict=True):
                    piece = self._piece(number, at, line, row, part)
                    number += 1
                    self.rows[at] += 1
                    if piece is not None:
                        if piece.part == "facts":
                            self.shop.lists.see(file.kind, file.columns, row)
                        self._send(piece, links, last)
                        last = piece.key if self.shape.follows and piece.part == "product" else last
                        yield piece
            before += line

    def _piece(self, number: int, at: int, line: int, cells: Sequence[str | None], part: str | None) -> Piece | None:
        """A row as a piece; None for a row that is not sold, which is counted."""
        file = self.files[at]
        because = file.kind.because
        if part is None:
            part, because = part_of(self.shape, file.columns, cells)
        elif any(file.columns.fits(cells, {name: values}) for name, values in file.kind.skip.items()):
            part = "skip"
        piece = Piece(number, at, part, "", line, list(cells))
        if part == "skip":
            tell_left_out(self.shop, piece, because)
            return None
        return piece

    def _send(self, piece: Piece, links: Links | None, last: str) -> None:
        """Say which article a row belongs to, and count its key."""
        columns, shape = self.files[piece.file].columns, self.shape
        own = columns.value(piece.cells, self.files[piece.file].own)
        up = up_of(shape, columns, piece.cells)
        if links is not None:
            named = own or next(
                filter(None, (filled_in(pattern, columns, piece.cells) for pattern in shape.names)), None
            )
            above = links.up(named) if named else None
            if above is not None and piece.part == "product":
                piece.part = "variant"
            by_up = up and (named is None or self.files[piece.file].kind.up)
            top = links.named(up or "") if by_up else named
            piece.key = links.root(top) if top else ""
        elif shape.follows and piece.part != "product":
            piece.key = last
        else:
            piece.key = folded(up if up and piece.part == "variant" else own or "")
        if not piece.key:
            piece.key = f"\0{piece.number}"
        if shape.id is not None and piece.part in ("product", "variant"):
            for key in filter(None, (unguarded(columns.value(piece.cells, name)) for name in shape.id.columns)):
                self.twice.add(key)

    # --- writing ------------------------------------------------------------------------------------------------

    def put_together(self, path: Path) -> None:
        """Put the products of a bucket's articles in the place of its rows."""
        articles: dict[str, list[Piece]] = {}
        for piece in _PIECES.read_all(path):
            articles.setdefault(piece.key, []).append(piece)
        with path.open("wb") as file:
            for pieces in articles.values():
                for product in Article(self.shop, pieces).products():
                    _MADE.write(file, self._made(pieces[0].number, product))

    def _made(self, first: int, product: Product) -> Made:
        piece = product.piece
        return Made(first, piece.number, self.lines[piece.file].before + piece.line, product.cells, product.made)

    def _forget_ids(self) -> None:
        """Where every product has a key of its own, its own column is the id: messages then name that."""
        rule = self.shape.id
        if rule is None or len(rule.columns) > 1 or MADE_ID in self.notes:
            return
        places = {
            file.places[at]
            for file in self.files
            if file.places and (at := file.columns.at(rule.columns[0])) is not None
        }
        if len(places) == 1:
            self.shop.made.pop("id", None)

    def spooled(self, products: Iterable[Made], scratch: Path, used: Sequence[Path]) -> Gathered:
        """The products as one table."""
        self._forget_ids()
        columns = sorted(self.shop.made)
        rows = (
            Row(one.first, one.number, None, one.line, [*one.cells, *map(one.made.get, columns)]) for one in products
        )
        with new_spool(scratch) as (path, spool):
            parts = tuple(spooled_parts(rows, spool, PART_BYTES))
        for one in used:
            one.unlink()
        names = [_free(heading, self.shop.headings) for heading in columns]
        main = next(file.table for file in self.files if file.places)
        table = replace(
            main, path=path, dialect=SPOOL, line_end=b"\n", data_offset=0, first_line=1, numbered=True,
            open_ended=False, headings=(*self.shop.headings, *names), issues=(),
            files=tuple(self.lines) if len(self.files) > 1 else (),
        )  # fmt: skip
        made = {name: key for name, key in zip(names, map(self.shop.made.__getitem__, columns), strict=True) if key}
        return Gathered(table, parts, made, tuple(self.rows), (*self.issues, *self.notes.issues()))


def _free(heading: str, taken: Sequence[str]) -> str:
    """A name for a made column that no column of the file has."""
    return heading if heading not in taken else _free(f"{heading} (made)", taken)
