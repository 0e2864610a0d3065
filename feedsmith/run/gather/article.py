"""The rows of one article as products: variants with what they take from their parent, their pictures, id and stock."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase

from feedsmith.catalog.system import ShapeDefinition, System
from feedsmith.issues import Place, Severity
from feedsmith.run.gather.links import filled_in
from feedsmith.run.gather.notes import Notes, Reason
from feedsmith.run.gather.pieces import Columns, Piece, folded, is_one_of
from feedsmith.run.gather.values import (
    Pairs,
    as_groups,
    digest,
    listed,
    listed_children,
    made_id,
    option_field,
    options_in,
    pictures_in,
    split_pairs,
)
from feedsmith.sources.table import Table
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem

MOST_MADE = 500
"""Columns that are made, at most; attributes beyond are told."""

NO_PARENT = Reason(
    "missing-parent", Severity.WARNING,
    "{n} variants name a parent that is not in the file; they are sold as they are",
    "export the parents too, or give the file that has them",
)  # fmt: skip
TOO_MANY = Reason(
    "unknown-column", Severity.WARNING,
    f"{{n}} values of attributes are left out: there are more than {MOST_MADE} different ones",
    "leave out attributes that no feed needs in the export",
)  # fmt: skip
NO_HOST = Reason(
    "relative-image", Severity.WARNING, "{n} products have pictures without a host",
    "say in the source where they lie: `media: https://…`; a shop's own are found by `market: {site: https://…}`",
)  # fmt: skip
ASSUMED = Reason(
    "assumed-value", Severity.WARNING, "the file says nothing of stock: {n} products count as in stock",
    "give the stock export too, or write a rule for availability",
)  # fmt: skip
RECIPE = Reason(
    "row-left-out", Severity.WARNING,
    "{n} products name variants that have no rows of their own; only the product itself is sold",
    "export the variants as rows",
)  # fmt: skip
MADE_ID = Reason(
    "made-id", Severity.WARNING, "{n} products have no key of their own, or one that stands twice: their id is made "
    "of the article's key and the options",
    "give each variant a SKU of its own; ids must not change between runs",
)  # fmt: skip
UNUSED_STOCK = Reason(
    "unknown-key", Severity.INFO, "{n} rows of the stock file belong to no product", "look at the first of them"
)
STOCK_TWICE = Reason(
    "unknown-key", Severity.WARNING, "{n} rows of the stock file name a product and place again; the last one counts"
)


@dataclass(frozen=True)
class File:
    """One file of the system: its table, its columns, its kind, and where its cells go in a row of the whole."""

    table: Table
    columns: Columns
    kind: str
    own: str
    places: tuple[int, ...]


@dataclass
class Shop:
    """What is known of the system and its files; `made` grows: heading → key of each column that was made."""

    system: System
    shape: ShapeDefinition
    files: Sequence[File]
    headings: tuple[str, ...]
    sites: Mapping[str, str]
    media: str
    notes: Notes
    is_repeated: Callable[[str], bool]
    made: dict[str, str] = field(default_factory=dict)
    has_stock: bool = True

    def place(self, piece: Piece, column: str | None = None) -> Place:
        """Where a row stands."""
        return self.files[piece.file].table.place(piece.line, column)


@dataclass
class Product:
    """A product on its way: its row, its cells in the whole's columns, and the cells of made columns."""

    piece: Piece
    cells: list[str | None]
    above: list[Piece]
    options: Pairs
    made: dict[str, str] = field(default_factory=dict)


class Article:
    """The rows that share a key, in the order of the files."""

    def __init__(self, shop: Shop, pieces: Sequence[Piece]) -> None:
        self.shop, self.shape = shop, shop.shape
        self.parts: dict[str, list[Piece]] = {}
        for piece in pieces:
            self.parts.setdefault(piece.part, []).append(piece)
        self._ids: set[str] = set()

    def products(self) -> Iterator[Product]:
        """What of it is sold."""
        variants, parents = self.parts.get("variant", []), self.parts.get("parent", [])
        alone = self.parts.get("product", [])
        views = self._take_views(variants, alone, parents)
        if variants:
            parents = [*parents, *alone]
        else:
            for parent in parents:
                self._leave_out(parent)
        sold = variants or alone
        by_own = {folded(own): one for one in parents if (own := self._own(one))}
        products = [self._product(piece, by_own, parents, sold) for piece in sold]
        for product in products:
            self._finish(product, products, views.get(self._own(product.piece) or ""))
        self._take_stock(products)
        yield from products

    # --- rows ---------------------------------------------------------------------------------------------------

    def _columns(self, piece: Piece) -> Columns:
        return self.shop.files[piece.file].columns

    def _value(self, piece: Piece, name: str) -> str | None:
        return self._columns(piece).value(piece.cells, name)

    def _own(self, piece: Piece) -> str | None:
        return self._value(piece, self.shop.files[piece.file].own)

    def _up(self, piece: Piece) -> str | None:
        return up_of(self.shape, self._columns(piece), piece.cells)

    def _leave_out(self, parent: Piece) -> None:
        because = next((row.because for row in self.shape.rows if row.part == "parent"), "") or "articles, not variants"
        tell_left_out(self.shop, parent, because)

    def _take_views(self, *lists: list[Piece]) -> dict[str, list[Piece]]:
        """Take the rows of store views out of the lists; own key → the rows with its other texts."""
        rule = self.shape.views
        views: dict[str, list[Piece]] = {}
        if rule is None:
            return views
        for pieces in lists:
            first: dict[str, Piece] = {}
            for piece in sorted(pieces, key=lambda one: (not self._is_default(one), one.number)):
                own = self._own(piece) or ""
                if first.setdefault(own, piece) is not piece:
                    views.setdefault(own, []).append(piece)
            pieces[:] = sorted(first.values(), key=lambda one: one.number)
        return views

    def _is_default(self, piece: Piece) -> bool:
        rule = self.shape.views
        view = self._value(piece, rule.column) if rule else None
        return view is None or (rule is not None and is_one_of(view, rule.default))

    def _chain(self, piece: Piece, by_own: Mapping[str, Piece], parents: Sequence[Piece]) -> list[Piece]:
        """The rows above a variant, the nearest first."""
        chain: list[Piece] = []
        up = self._up(piece)
        while up and (above := by_own.get(folded(up))) is not None and above not in chain:
            chain.append(above)
            up = self._up(above)
        return chain or list(parents[:1])

    # --- one product --------------------------------------------------------------------------------------------

    def _product(
        self, piece: Piece, by_own: Mapping[str, Piece], parents: Sequence[Piece], sold: Sequence[Piece]
    ) -> Product:
        chain = self._chain(piece, by_own, parents) if piece.part == "variant" else []
        if piece.part == "variant" and not chain:
            if self._up(piece):
                self.shop.notes.tell(NO_PARENT, self.shop.place(piece), self._up(piece) or "")
            elif sold[0] is not piece:
                chain = [sold[0]]
        cells = self._laid_out(piece)
        for above in chain:
            self._inherit(cells, above)
        return Product(piece, cells, chain, self._options(piece, chain))

    def _laid_out(self, piece: Piece) -> list[str | None]:
        cells: list[str | None] = [None] * len(self.shop.headings)
        for place, cell in zip(self.shop.files[piece.file].places, piece.cells, strict=True):
            cells[place] = cell
        return cells

    def _inherit(self, cells: list[str | None], above: Piece) -> None:
        """Fill empty cells from a row above, but for the columns that belong to each row."""
        file = self.shop.files[above.file]
        for place, name, cell in zip(file.places, file.columns.names, above.cells, strict=True):
            if cell and not cells[place] and not self._is_kept(name):
                cells[place] = cell
        for name, values in self.shape.hidden.items():
            value, at = file.columns.value(above.cells, name), file.columns.at(name)
            if at is not None and value and is_one_of(value, values):
                cells[file.places[at]] = value

    def _is_kept(self, name: str) -> bool:
        found = _KEPT.get((id(self.shape), name))
        if found is None:
            found = _KEPT[id(self.shape), name] = any(fnmatchcase(name, pattern) for pattern in self.shape.keep)
        return found

    def _options(self, piece: Piece, chain: Sequence[Piece]) -> Pairs:
        """What tells it from its siblings: by its own cells, with names from the row above, or by its parent's list."""
        shape = self.shape
        if shape.options is not None:
            columns = self._columns(piece)
            cells = list(piece.cells)
            for above in chain:
                cells = [own or other for own, other in zip(cells, self._names_only(above, columns), strict=True)]
            return options_in(shape.options, columns, cells)
        own = folded(self._own(piece) or "")
        for above in chain:
            text = self._value(above, shape.children.column) if shape.children else None
            if text and shape.children:
                return next((pairs for key, pairs in listed_children(text, shape.children) if folded(key) == own), [])
        return []

    def _names_only(self, above: Piece, columns: Columns) -> list[str | None]:
        """The cells of a row above with the names of options; nothing of its other cells."""
        if self.shop.files[above.file].columns is not columns or self.shape.options is None:
            return [None] * len(columns.names)
        pattern = re.escape(self.shape.options.name).replace(r"\{n\}", r"\d+")
        wanted = {columns.at(name) for name in self._option_names(pattern)}
        return [cell if at in wanted else None for at, cell in enumerate(above.cells)]

    def _option_names(self, pattern: str) -> Iterator[str]:
        shape_names = {
            *self.shop.system.definition.columns,
            *(n for file in self.shop.files for n in file.columns.names),
        }
        return (name for name in shape_names if re.fullmatch(pattern, name))

    def _finish(self, product: Product, products: Sequence[Product], views: list[Piece] | None) -> None:
        """Everything that is made from the rows."""
        self._add_pairs(product)
        self._add_options(product)
        self._add_pictures(product)
        self._add_group(product, products)
        self._add_id(product)
        self._add_link(product)
        self._add_category(product)
        self._add_price(product)
        self._add_availability(product)
        if self.shape.recipe and (recipe := self._value(product.piece, self.shape.recipe)):
            self.shop.notes.tell(RECIPE, self.shop.place(product.piece), recipe)
        for view in views or ():
            self._add_view(product, view)

    def make(self, product: Product, heading: str, value: str | None, key: str = "") -> None:
        """Put a value in a made column."""
        if value is None:
            return
        if heading not in self.shop.made:
            if len(self.shop.made) >= MOST_MADE:
                self.shop.notes.tell(TOO_MANY, self.shop.place(product.piece), heading)
                return
            self.shop.made[heading] = key
        product.made[heading] = value

    def _add_pairs(self, product: Product) -> None:
        rule = self.shape.pairs
        if rule is None:
            return
        for piece in (product.piece, *product.above):
            for name, value in split_pairs(self._value(piece, rule.column) or ""):
                if name in self.shop.headings:
                    place = self.shop.headings.index(name)
                    product.cells[place] = product.cells[place] or value
                elif name not in product.made:
                    self.make(product, name, value)

    def _add_options(self, product: Product) -> None:
        self.make(product, "variant_option", as_groups(product.options), "variant_option")
        for name, value in product.options:
            if (found := option_field(name)) and self.shop.made.get(found, found) == found:
                self.make(product, found, value, found)

    def _add_pictures(self, product: Product) -> None:
        rule = self.shape.images
        if rule is None:
            return
        base = self.shop.media or self._base(rule.base)
        own = [self._value(product.piece, name) for name in rule.own]
        found = [one for text in own if text for one in pictures_in(text, rule, base)]
        for piece in self._with_pictures(product):
            for name in rule.shared:
                found += pictures_in(self._value(piece, name) or "", rule, base)
        pictures = list(dict.fromkeys(found))[: rule.most]
        if pictures and "://" not in pictures[0]:
            self.shop.notes.tell(NO_HOST, self.shop.place(product.piece), pictures[0])
        self.make(product, "image_link", listed(pictures[:1]), "image_link")
        self.make(product, "additional_image_link", listed(pictures[1:]), "additional_image_link")

    def _base(self, pattern: str) -> str:
        """Where pictures without a host lie."""
        site = next(iter(self.shop.sites.values()), "")
        return "" if "{site}" in pattern and not site else pattern.replace("{site}", site.rstrip("/"))

    def _with_pictures(self, product: Product) -> list[Piece]:
        """The rows whose pictures are those of the whole article, in their order."""
        own_parents = product.above if self.parts.get("parent") or self.parts.get("product") else None
        images = self.parts.get("image", [])
        if own_parents is not None and product.piece.part == "variant":
            pieces = [*own_parents, *images]
        else:
            pieces = sorted([*self.parts.get(product.piece.part, ()), *images], key=lambda one: one.number)
            if product.piece.part == "product":
                pieces = [product.piece, *images]
        rule = self.shape.images
        if rule is None or rule.position is None:
            return pieces
        position = rule.position
        return sorted(pieces, key=lambda one: _number(self._value(one, position)))

    def _add_group(self, product: Product, products: Sequence[Product]) -> None:
        """The article's key, where there is more than one variant or there could be."""
        related = product.piece.part == "variant" and bool(product.above or self._up(product.piece))
        if (len(products) > 1 and product.piece.part == "variant") or product.options or related:
            self.make(product, "item_group_id", self._group_key(product), "item_group_id")

    def _group_key(self, product: Product) -> str | None:
        """What the article is called: its own product key, else the key that its rows share."""
        if not product.above:
            return self._up(product.piece) or self._own(product.piece)
        top = product.above[-1]
        columns = self.shape.id.columns if self.shape.id and top.part != "variant" else []
        return self._columns(top).first(top.cells, columns) or self._own(top)

    def _add_id(self, product: Product) -> None:
        rule = self.shape.id
        if rule is None:
            return
        columns, piece = self._columns(product.piece), product.piece
        for name in rule.columns:
            value = unguarded(columns.value(piece.cells, name))
            if value and not self.shop.is_repeated(value):
                self.make(product, "id", value, "id")
                return
        other = next((name for name in rule.otherwise if columns.value(piece.cells, name)), None)
        if other is None:
            self.make(product, "id", unguarded(columns.first(piece.cells, rule.columns)), "id")
            return
        parts = [unguarded(columns.value(piece.cells, other)) or ""]
        if other == self.shape.own:
            parts += [value for _, value in product.options]
        made = made_id(parts)
        if made in self._ids:
            made = made_id([parts[0], *parts[1:], digest("|".join(parts[1:]) + str(len(self._ids)))])
        self._ids.add(made)
        self.shop.notes.tell(MADE_ID, self.shop.place(piece), made)
        self.make(product, "id", made, "id")

    def _add_link(self, product: Product) -> None:
        rule = self.shape.link
        if rule is None:
            return
        piece = product.above[-1] if rule.parent and product.above else product.piece
        pattern = rule.to.replace("{site}", "")
        path = filled_in(pattern, self._columns(piece), piece.cells)
        if path is None:
            return
        for name, site in self.shop.sites.items():
            key = f"link[{name}]" if name else "link"
            self.make(product, key, site.rstrip("/") + path.replace(" ", "%20"), key)

    def _add_category(self, product: Product) -> None:
        rule = self.shape.categories
        text = self._cell(product, rule.column) if rule else None
        if rule is None or not text:
            return
        sign = next((one for one in rule.between if one in text), rule.between[-1])
        paths = [
            [level.strip() for level in path.split(rule.levels) if level.strip()][int(rule.root) :]
            for path in text.split(sign)
        ]
        best = max(paths, key=len)
        self.make(product, "product_type", " > ".join(best) or None, "product_type")

    def _cell(self, product: Product, name: str) -> str | None:
        """A cell of the product with what it took from above."""
        file = self.shop.files[product.piece.file]
        at = file.columns.at(name)
        if at is None:
            return None
        text = product.cells[file.places[at]]
        return (text.strip() or None) if text else None

    def _add_price(self, product: Product) -> None:
        """What a variant costs above its parent."""
        name, price = self.shape.surcharge, self.shape.price
        if name is None or price is None or not product.above:
            return
        more, own = self._value(product.piece, name), self._value(product.piece, price)
        base, at = self._cell(product, price), self._columns(product.piece).at(price)
        if own or not more or not base or at is None:
            return
        total = [parse_decimal(text) for text in (base, more)]
        if not any(isinstance(number, Problem) for number in total):
            added = sum((number for number in total if isinstance(number, Decimal)), Decimal(0))
            product.cells[self.shop.files[product.piece.file].places[at]] = f"{added:f}"

    def _add_availability(self, product: Product) -> None:
        rule = self.shape.availability
        if rule is None:
            return
        columns, piece = self._columns(product.piece), product.piece
        quantity = columns.value(piece.cells, rule.quantity)
        word = None
        if rule.untracked and columns.fits(piece.cells, rule.untracked):
            word = "in_stock"
        elif quantity is not None and rule.backorder and columns.fits(piece.cells, rule.backorder):
            number = parse_decimal(quantity)
            word = "backorder" if isinstance(number, Decimal) and number <= 0 else None
        elif quantity is None and rule.assume and not self.shop.has_stock:
            word = rule.assume
            self.shop.notes.tell(ASSUMED, self.shop.place(piece))
        self.make(product, "availability", word, "availability")

    def _add_view(self, product: Product, view: Piece) -> None:
        """The texts of a store view, as columns of their own: `name[nl]`."""
        rule = self.shape.views
        name = self._value(view, rule.column) if rule else None
        if not name:
            return
        file = self.shop.files[view.file]
        for place, heading, cell in zip(file.places, file.columns.headings, view.cells, strict=True):
            if cell and cell != product.cells[place]:
                self.make(product, f"{heading}[{name}]", cell)

    # --- stock --------------------------------------------------------------------------------------------------

    def _take_stock(self, products: Sequence[Product]) -> None:
        """The stock of each place, from rows of a stock file."""
        rule = self.shape.stock
        pieces = self.parts.get("stock", ())
        if rule is None or not pieces:
            return
        by_key = {self._stock_key(product.piece, rule.by): product for product in products}
        for piece in pieces:
            product = by_key.get(self._stock_key(piece, rule.by))
            if product is None:
                self.shop.notes.tell(UNUSED_STOCK, self.shop.place(piece))
                continue
            pieces_there = self._value(piece, rule.pieces)
            if pieces_there is None or is_one_of(pieces_there, rule.none):
                continue
            place = self._value(piece, rule.place) if rule.place else None
            heading = f"stock[{place}]" if place else "quantity"
            if heading in product.made:
                self.shop.notes.tell(STOCK_TWICE, self.shop.place(piece))
            self.make(product, heading, pieces_there, heading)

    def _stock_key(self, piece: Piece, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(folded(self._value(piece, name) or "") for name in names)


_KEPT: dict[tuple[int, str], bool] = {}
"""Whether a column stays with its row, by shape and name; asked for each cell."""


def up_of(shape: ShapeDefinition, columns: Columns, cells: Sequence[str | None]) -> str | None:
    """What a row names as its parent."""
    up = columns.first(cells, shape.up)
    return None if up is None or is_one_of(up, shape.no_parent) else up


def tell_left_out(shop: Shop, piece: Piece, because: str) -> None:
    """Count a row that is not sold."""
    what = because or "rows that are no products"
    message = f"{{n}} rows of {shop.files[piece.file].table.shown} are {what} and are not sold"
    shop.notes.tell(Reason("row-left-out", Severity.INFO, message), shop.place(piece))


def unguarded(text: str | None) -> str | None:
    """A key without the sign by which spreadsheets keep it a text."""
    return (text[1:] or None) if text and text.startswith("'") else text


def _number(text: str | None) -> Decimal:
    """A position; rows without one come last."""
    number = parse_decimal(text) if text else None
    return number if isinstance(number, Decimal) else Decimal(1_000_000)
