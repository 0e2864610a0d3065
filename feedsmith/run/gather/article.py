"""The rows of one article as products: variants with what they take from their parents, and facts of other files."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import attrgetter

from feedsmith.issues import Severity
from feedsmith.run.gather import makes
from feedsmith.run.gather.facts import UNUSED, assigned_codes, take_facts, take_more
from feedsmith.run.gather.labels import add_labels
from feedsmith.run.gather.notes import Reason
from feedsmith.run.gather.pieces import Piece, folded, is_one_of
from feedsmith.run.gather.shop import Product, Shop
from feedsmith.values.numbers import parse_decimal

LAST = Decimal(1_000_000)
"""The position of a picture that has none."""
NO_PARENT = Reason(
    "missing-parent", Severity.WARNING,
    "{n} variants name a parent that is not in the file; they are sold as they are",
    "export the parents too, or give the file that has them",
)  # fmt: skip

REPEATED = Reason(
    "repeated-row", Severity.WARNING, "{n} rows have the key of a row above; the first one counts",
    "take one of the two rows out of the export",
)  # fmt: skip


class Article:
    """The rows that share a key, in the order of the files."""

    def __init__(self, shop: Shop, pieces: Sequence[Piece]) -> None:
        self.shop, self.shape = shop, shop.shape
        self.parts: dict[str, list[Piece]] = {}
        self._known_head: Piece | None = None
        self._known_pictures: dict[tuple[int, ...], list[str]] = {}
        for piece in pieces:
            self.parts.setdefault(piece.part, []).append(piece)

    def products(self) -> list[Product]:
        """What of it is sold."""
        variants, alone = self.parts.get("variant", []), self.parts.get("product", [])
        parents = self.parts.get("parent", [])
        views = self._take_views(variants, alone, parents)
        if variants:
            parents = [*parents, *alone]
        else:
            for parent in parents:
                tell_left_out(self.shop, parent, _because(self.shop))
        sold = variants or alone
        if more := self.parts.get("more"):
            take_more(self.shop, more, sold, next(iter(parents), None))
        by_own: dict[str, Piece] = {}
        for one in parents:
            own = folded(self.shop.own(one) or "")
            if own and by_own.setdefault(own, one) is not one and self._view(one) == self._view(by_own[own]):
                self._tell_twice(one, by_own[own])
        products = [self._product(piece, by_own, parents, sold) for piece in sold]
        self._assign(products)
        taken: set[str] = set()
        for product in products:
            self._finish(product, taken, views.get(self.shop.own(product.piece) or "", ()))
        facts = [one for one in self.parts.get("facts", ()) if self.shop.files[one.file].kind.assigns is None]
        take_facts(self.shop, facts, products)
        return products

    def _assign(self, products: Sequence[Product]) -> None:
        """Say which categories a further file puts products into; a variant without any is where its article is."""
        pieces = [one for one in self.parts.get("facts", ()) if self.shop.files[one.file].kind.assigns]
        if not pieces:
            return
        codes = assigned_codes(self.shop, pieces)
        used: set[str] = set()
        for product in products:
            owns = [folded(self.shop.own(one) or "") for one in (product.piece, *product.above)]
            product.assigned = next((codes[own] for own in owns if own in codes), [])
            used |= set(owns)
        for piece in pieces:
            if folded(self.shop.own(piece) or "") not in used:
                self.shop.notes.tell(UNUSED, self.shop.place(piece))

    def _take_views(self, *lists: list[Piece]) -> dict[str, list[Piece]]:
        """Take the rows of store views out of the lists; own key → the rows with its other texts."""
        views: dict[str, list[Piece]] = {}
        for pieces in lists if self.shape.views is not None else ():
            first: dict[str, Piece] = {}
            for piece in sorted(pieces, key=lambda one: (bool(self._view(one)), one.number)):
                own = self.shop.own(piece) or ""
                if first.setdefault(own, piece) is piece:
                    continue
                others = views.setdefault(own, [])
                same = next((one for one in (first[own], *others) if self._view(one) == self._view(piece)), None)
                if same is None:
                    others.append(piece)
                else:
                    self._tell_twice(piece, same)
            pieces[:] = sorted(first.values(), key=lambda one: one.number)
        return views

    def _view(self, piece: Piece) -> str:
        """The view that a row is for; "" for all."""
        rule = self.shape.views
        view = self.shop.value(piece, rule.column) if rule else None
        return "" if view is None or (rule is not None and is_one_of(view, rule.default)) else view

    def _tell_twice(self, piece: Piece, first: Piece) -> None:
        """Tell of a row that has the key of another one, which counts."""
        value = f"{self.shop.own(piece)}: {self.shop.place(first)}"
        self.shop.notes.tell(REPEATED, self.shop.place(piece), value)

    # --- one product --------------------------------------------------------------------------------------------

    def _product(
        self, piece: Piece, by_own: Mapping[str, Piece], parents: Sequence[Piece], sold: Sequence[Piece]
    ) -> Product:
        chain = self._chain(piece, by_own, parents) if piece.part == "variant" else []
        pictures = self._pictures(piece, chain)
        if piece.part == "variant" and not chain:
            if self.shop.up(piece):
                self.shop.notes.tell(NO_PARENT, self.shop.place(piece), self.shop.up(piece) or "")
            elif len(sold) > 1 and (head := self._head(sold)) is not piece:
                chain = [head]
        cells = piece.cells.copy() if self.shop.one_file else self._spread(piece)
        for above in chain:
            self._inherit(cells, above)
        return Product(piece, cells, chain, pictures, len(sold))

    def _spread(self, piece: Piece) -> list[str | None]:
        """The row's cells in the columns of all files."""
        cells: list[str | None] = [None] * len(self.shop.headings)
        for place, cell in zip(self.shop.files[piece.file].places, piece.cells, strict=True):
            cells[place] = cell
        return cells

    def _head(self, sold: Sequence[Piece]) -> Piece:
        """Of rows without a parent the one that says most of the article: the first, unless somebody sorted them."""
        if self._known_head is None:
            self._known_head = max(sold, key=lambda one: (self._filled(one), -one.number))
        return self._known_head

    def _filled(self, piece: Piece) -> int:
        return sum(1 for at, _ in self.shop.passed_on[piece.file] if piece.cells[at])

    def _chain(self, piece: Piece, by_own: Mapping[str, Piece], parents: Sequence[Piece]) -> list[Piece]:
        """The rows above a variant, the nearest first."""
        chain: list[Piece] = []
        up = self.shop.up(piece)
        while up and (above := by_own.get(folded(up))) is not None and above not in chain:
            chain.append(above)
            up = self.shop.up(above)
        return chain or list(parents[:1])

    def _inherit(self, cells: list[str | None], above: Piece) -> None:
        """Fill empty cells from a row above, but for the columns that belong to each row."""
        file = self.shop.files[above.file]
        for at, place in self.shop.passed_on[above.file]:
            if not cells[place] and (cell := above.cells[at]):
                cells[place] = cell
        for name, values in self.shape.hidden.items():
            value, column = file.columns.value(above.cells, name), file.columns.at(name)
            if column is not None and value and is_one_of(value, values):
                cells[file.places[column]] = value

    def _pictures(self, piece: Piece, chain: list[Piece]) -> list[str]:
        """The pictures of the whole article, in their order; looked up once for all that have the same rows above."""
        rule = self.shape.images
        if rule is None or not rule.shared:
            return []
        alone = piece.part != "variant"
        key = (piece.number,) if alone else tuple(one.number for one in chain)
        if key not in self._known_pictures:
            images = self.parts.get("image", [])
            pieces = [*([piece] if alone else chain or self.parts["variant"]), *images]
            if not alone and not chain:
                pieces.sort(key=attrgetter("number"))
            if rule.position is not None:
                pieces.sort(key=lambda one: _number(self.shop.value(one, rule.position or "")))
            self._known_pictures[key] = makes.pictures_of(self.shop, pieces, rule.shared)
        return self._known_pictures[key]

    def _finish(self, product: Product, taken: set[str], views: Sequence[Piece]) -> None:
        """Everything that is made from the rows."""
        for make in MAKES:
            make(self.shop, product)
        makes.add_id(self.shop, product, taken)
        for view in views:
            self._add_view(product, view)

    def _add_view(self, product: Product, view: Piece) -> None:
        """The texts of a store view, as columns of their own: `name[nl]`."""
        rule = self.shape.views
        name = self.shop.value(view, rule.column) if rule else None
        if not name:
            return
        file = self.shop.files[view.file]
        for place, heading, cell in zip(file.places, file.columns.headings, view.cells, strict=True):
            if cell and cell != product.cells[place] and heading != name:
                self.shop.make(product, f"{heading}[{name}]", cell)


MAKES = (
    makes.add_languages, add_labels, makes.add_pairs, makes.add_options, makes.add_pictures, makes.add_group,
    makes.add_link, makes.add_category, makes.add_sums, makes.add_availability, makes.tell_recipe,
)  # fmt: skip
"""What is made of each product, in this order: options come before what is made of them."""


def _because(shop: Shop) -> str:
    return next((row.because for row in shop.shape.rows if row.part == "parent"), "")


def tell_left_out(shop: Shop, piece: Piece, because: str) -> None:
    """Count a row that is not sold."""
    message = f"{{n}} rows of {shop.files[piece.file].table.shown} are {because or 'no products'} and are not sold"
    shop.notes.tell(Reason("row-left-out", Severity.INFO, message), shop.place(piece))


def _number(text: str | None) -> Decimal | int:
    """A position; rows without one come last."""
    if text and text.isdecimal() and text.isascii():
        return int(text)
    number = parse_decimal(text) if text else None
    return number if isinstance(number, Decimal) else LAST
