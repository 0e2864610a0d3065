"""What is known of a system and its files while their rows are gathered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.system import FileDefinition, ShapeDefinition, System
from feedsmith.issues import Place, Severity
from feedsmith.run.gather.codes import Coded, Codes
from feedsmith.run.gather.lists import Lists
from feedsmith.run.gather.notes import Notes, Reason
from feedsmith.run.gather.pieces import Columns, Piece, up_of
from feedsmith.run.gather.values import Pairs
from feedsmith.sources.table import Table

MOST_OPTIONS = 10
MOST_MADE = 500
"""Columns that are made, at most; attributes beyond are told."""
TOO_MANY = Reason(
    "unknown-column", Severity.WARNING,
    f"{{n}} values of attributes are left out: there are more than {MOST_MADE} different ones",
    "leave out attributes that no feed needs in the export",
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """One file of the system: its table, columns and kind, and where its cells go in a row of the whole."""

    table: Table
    columns: Columns
    kind: FileDefinition
    own: str
    places: tuple[int, ...]


@dataclass
class Product:
    """A product on its way: its row, its cells in the whole's columns, and the cells of made columns.

    `above` are the rows it takes from, the nearest first; `pictures` are those of the whole article.
    """

    piece: Piece
    cells: list[str | None]
    above: list[Piece]
    pictures: Sequence[str] = ()
    siblings: int = 0
    options: Pairs = field(default_factory=list)
    assigned: list[str] = field(default_factory=list)
    """Codes of the categories that a further file puts it into, the primary one first."""
    made: dict[str, str] = field(default_factory=dict)


@dataclass
class Shop:
    """The system, its files, and what the project says that they lack.

    `sites` is the shop's address by market, "" for all. `made` grows: heading → key of each column that was made.
    """

    system: System
    shape: ShapeDefinition
    files: Sequence[File]
    headings: tuple[str, ...]
    sites: Mapping[str, str]
    media: str
    notes: Notes
    is_repeated: Callable[[str], bool]
    has_stock: bool
    codes: Codes
    coded: Sequence[Coded] = ()
    """The columns with codes, known once all files are read."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """The attributes whose values are codes, with the name of those codes."""
    now: datetime | None = None
    made: dict[str, str] = field(default_factory=dict)
    lists: Lists = field(default_factory=Lists)

    def __post_init__(self) -> None:
        """Look up once what every product is asked for."""
        rule = self.shape.options
        pairs = [(rule.name, rule.value)] if rule and "{n}" in rule.name else []
        self.options = [
            (name.replace("{n}", str(number)), value.replace("{n}", str(number)))
            for name, value in pairs for number in range(1, MOST_OPTIONS + 1)
            if any(file.columns.at(value.replace("{n}", str(number))) is not None for file in self.files)
        ]  # fmt: skip
        self.filled_by: dict[str, tuple[int | None, str]] = {}
        self.link = self.shape.link.to.replace("{site}", "") if self.shape.link else ""
        self.links = [(f"link[{name}]" if name else "link", site.rstrip("/")) for name, site in self.sites.items()]
        self.option_codes: list[str] = []
        self.category_codes: list[str] = []
        self.one_file = all(file.places in ((), tuple(range(len(self.headings)))) for file in self.files)
        self.passed_on = [self._passed_on(file) for file in self.files]
        site = next(iter(self.sites.values()), "")
        base = self.shape.images.base if self.shape.images else ""
        self.picture_base = self.media or (
            "" if "{site}" in base and not site else base.replace("{site}", site.rstrip("/"))
        )
        self.named = {normalise(heading): place for place, heading in reversed(list(enumerate(self.headings)))}

    def _passed_on(self, file: File) -> list[tuple[int, int]]:
        """Where the cells stand that a variant takes from its parent: in the row of the file, and in the whole."""
        return [
            (at, place) for at, (place, name) in enumerate(zip(file.places, file.columns.names, strict=False))
            if not any(fnmatchcase(name, pattern) for pattern in self.shape.keep)
        ]  # fmt: skip

    def codes_known(self) -> None:
        """Look up which columns hold codes, once all files are read."""
        self.coded, self.attributes = list(self.codes.columns(self.headings)), self.codes.attributes()
        self.option_codes, self.category_codes = self.codes.of_files(options=True), self.codes.of_files(options=False)

    def place(self, piece: Piece, column: str | None = None) -> Place:
        """Where a row stands."""
        return self.files[piece.file].table.place(piece.line, column)

    def columns(self, piece: Piece) -> Columns:
        """The columns of the row's file."""
        return self.files[piece.file].columns

    def value(self, piece: Piece, name: str) -> str | None:
        """A row's own cell."""
        return self.files[piece.file].columns.value(piece.cells, name)

    def own(self, piece: Piece) -> str | None:
        """What a row is called by."""
        return self.value(piece, self.files[piece.file].own)

    def up(self, piece: Piece) -> str | None:
        """What a row names as its parent."""
        return up_of(self.shape, self.columns(piece), piece.cells)

    def cell(self, product: Product, name: str) -> str | None:
        """A product's cell, with what it took from above."""
        place = self._place_of(product, name)
        if place is None:
            return self.value(product.piece, name)
        text = product.cells[place]
        return (text.strip() or None) if text else None

    def put(self, product: Product, name: str, value: str) -> None:
        """Put a value in the place of a product's cell."""
        if (place := self._place_of(product, name)) is not None:
            product.cells[place] = value

    def _place_of(self, product: Product, name: str) -> int | None:
        """Where a column stands in the whole: that of the product's own file, else that of a row above."""
        for piece in (product.piece, *product.above):
            file = self.files[piece.file]
            if (at := file.columns.at(name)) is not None:
                return file.places[at]
        return None

    def make(self, product: Product, heading: str, value: str | None, key: str = "") -> None:
        """Put a value in a made column."""
        if value is None:
            return
        if heading not in self.made:
            if len(self.made) >= MOST_MADE:
                self.notes.tell(TOO_MANY, self.place(product.piece), heading)
                return
            self.made[heading] = key
        product.made[heading] = value
