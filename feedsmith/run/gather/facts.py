"""What further rows and files of a system say of products: stock, prices, categories."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from feedsmith.issues import Severity
from feedsmith.run.gather.links import filled_in
from feedsmith.run.gather.notes import Reason
from feedsmith.run.gather.pieces import Piece, folded, is_one_of
from feedsmith.run.gather.shop import Product, Shop
from feedsmith.run.gather.sums import adjusted
from feedsmith.values.dates import parse_moment

UNUSED = Reason(
    "unknown-key", Severity.INFO, "{n} rows of further files belong to no product", "look at the first of them"
)
TWICE = Reason(
    "unknown-key", Severity.WARNING, "{n} rows of further files say otherwise than a row above; the last counts"
)  # fmt: skip
NOT_NOW = Reason(
    "row-left-out", Severity.INFO, "{n} rows of further files hold at another time than now and are not used"
)

Givers = dict[tuple[int, str], str]
"""Product and field → the list that gave it."""


def take_more(shop: Shop, pieces: Sequence[Piece], sold: Sequence[Piece], article: Piece | None) -> None:
    """Put what further rows of a file say of a variant into its own row, by their key."""
    columns = shop.shape.id.columns if shop.shape.id else []
    known = {folded(key): one for one in sold if (key := shop.columns(one).first(one.cells, columns))}
    for piece in pieces:
        row = known.get(folded(shop.columns(piece).first(piece.cells, columns) or ""))
        if row is None:
            shop.notes.tell(UNUSED, shop.place(piece))
            continue
        for name in shop.shape.more:
            at, said = shop.columns(piece).at(name), shop.value(piece, name)
            if at is not None and said is not None:
                base = shop.value(row, name) or (shop.value(article, name) if article is not None else None)
                row.cells[at] = adjusted(base, said)


def assigned_codes(shop: Shop, pieces: Sequence[Piece]) -> dict[str, list[str]]:
    """Own key → the categories that rows of a further file put it into, the primary one first."""
    found: dict[str, list[str]] = {}
    for piece in pieces:
        rule = shop.files[piece.file].kind.assigns
        code = shop.value(piece, rule.value) if rule else None
        if rule is None or code is None:
            continue
        codes = found.setdefault(folded(shop.own(piece) or ""), [])
        first = bool(rule.first) and shop.columns(piece).fits(piece.cells, rule.first)
        codes.insert(0 if first else len(codes), code)
    return found


def take_facts(shop: Shop, pieces: Sequence[Piece], products: Sequence[Product]) -> None:
    """Stock and prices that other files of the system have for the products."""
    indexes: dict[int, dict[tuple[str, ...], Product]] = {}
    givers: Givers = {}
    named: set[tuple[int, int]] = set()
    for piece in sorted(pieces, key=lambda one: len(shop.lists.above(_book(shop, one)))):
        kind = shop.files[piece.file].kind
        index = indexes.setdefault(piece.file, {})
        if not index:
            index.update({_key(shop, product.piece, kind.by): product for product in products})
        product = index.get(_key(shop, piece, kind.by))
        if product is None:
            shop.notes.tell(UNUSED, shop.place(piece))
            continue
        named.add((id(kind), id(product)))
        if _holds(shop, piece):
            _take(shop, piece, product, givers)
        else:
            shop.notes.tell(NOT_NOW, shop.place(piece))
    for kind in {id(file.kind): file.kind for file in shop.files}.values():
        rule = shop.lists.default(kind)
        for product in products if rule is not None else ():
            if rule is not None and (id(kind), id(product)) not in named and rule.key not in product.made:
                shop.make(product, rule.key, rule.says, rule.key)


def _book(shop: Shop, piece: Piece) -> str:
    """The name of the list that a row stands in; "" where lists have nothing to do with each other."""
    book = shop.files[piece.file].kind.book
    return (shop.value(piece, book.own) or "") if book is not None else ""


def _take(shop: Shop, piece: Piece, product: Product, givers: Givers) -> None:
    """Put the facts of a row in place. One list says otherwise than the list above it: that is what it is for."""
    book = _book(shop, piece)
    for heading, value in _facts(shop, piece):
        other = givers.get((id(product), heading), "")
        if product.made.get(heading, value) != value and other not in shop.lists.above(book):
            shop.notes.tell(TWICE, shop.place(piece))
        shop.make(product, heading, value, heading)
        givers[id(product), heading] = book


def _holds(shop: Shop, piece: Piece) -> bool:
    """Whether a row holds at the moment of the run."""
    window = shop.files[piece.file].kind.window
    if window is None or shop.now is None:
        return True
    now = shop.now if shop.now.tzinfo else shop.now.replace(tzinfo=UTC)
    start = (_moment(shop.value(piece, name)) for name in window.start)
    end = (_moment(shop.value(piece, name)) for name in window.end)
    return all(one is None or one <= now for one in start) and all(one is None or one > now for one in end)


def _moment(text: str | None) -> datetime | None:
    found = parse_moment(text, UTC) if text else None
    return found if isinstance(found, datetime) else None


def _facts(shop: Shop, piece: Piece) -> Iterator[tuple[str, str]]:
    """The fields that a row gives: of each field the first entry that fits."""
    columns, done = shop.columns(piece), set[str]()
    for rule in shop.files[piece.file].kind.gives:
        value = rule.says or columns.value(piece.cells, rule.value)
        about = rule.value or rule.key
        if about in done or not columns.fits(piece.cells, rule.when):
            continue
        heading = filled_in(rule.key, columns, piece.cells)
        if value is not None and heading is not None and not is_one_of(value, rule.none):
            done.add(about)
            yield heading, value


def _key(shop: Shop, piece: Piece, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(folded(shop.value(piece, name) or "") for name in names)
