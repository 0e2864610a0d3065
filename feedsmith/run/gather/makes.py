"""What is made of a product's rows: attributes, options, pictures, group, id, page, category, price, availability."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.kinds import json_list
from feedsmith.catalog.system import ImagesDefinition
from feedsmith.issues import Severity
from feedsmith.run.gather.labels import category_codes, category_path, option_name, put_attribute
from feedsmith.run.gather.links import filled_in
from feedsmith.run.gather.notes import Reason
from feedsmith.run.gather.options import as_groups, option_field, options_of
from feedsmith.run.gather.pieces import Piece, pictures_for, unguarded
from feedsmith.run.gather.shop import Product, Shop
from feedsmith.run.gather.values import DEFAULT_LANGUAGE, digest, listed, made_id, pictures_in, split_pairs, with_host
from feedsmith.values.numbers import parse_decimal

NO_HOST = Reason(
    "relative-image", Severity.WARNING, "{n} products have pictures without a host",
    "say in the source where they lie: `media: https://…`; a shop's own are found by `market: {site: https://…}`",
)  # fmt: skip
NO_SITE = Reason(
    "relative-link", Severity.INFO, "{n} products have no page: the file tells its path alone",
    "give the shop's address: `market: {site: https://…}`, or --site where there is no project",
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


def add_pairs(shop: Shop, product: Product) -> None:
    """The attributes that one cell holds as pairs: to the columns of their names, or to new ones."""
    rule = shop.shape.pairs
    if rule is None:
        return
    for piece in (product.piece, *product.above):
        for name, value in split_pairs(shop.value(piece, rule.column) or ""):
            put_attribute(shop, product, name, value)


def add_options(shop: Shop, product: Product) -> None:
    """What tells it from its siblings, and the fields that this fills."""
    product.options = options_of(shop, product)
    if not product.options:
        return
    named = [(option_name(shop, name), value) for name, value in product.options]
    shop.make(product, "variant_option", as_groups(named), "variant_option")
    for name, value in product.options:
        place, field = _filled_by(shop, name)
        if place is not None:
            product.cells[place] = product.cells[place] or value
        elif field:
            shop.make(product, field, value, field)


def _filled_by(shop: Shop, name: str) -> tuple[int | None, str]:
    """What an option of this name fills: a column of the files, or a field whose column is made; looked up once."""
    if name not in shop.filled_by:
        field = option_field(name) or ""
        place = shop.named.get(normalise(name), shop.named.get(field)) if field else None
        if place is None and field and shop.made.get(field, field) in {"", field}:
            shop.made[field] = field
        elif place is None:
            field = ""
        shop.filled_by[name] = place, field
    return shop.filled_by[name]


def add_pictures(shop: Shop, product: Product) -> None:
    """A variant's own pictures, then those of the article."""
    rule = shop.shape.images
    if rule is None:
        return
    found = dict.fromkeys(pictures_of(shop, [product.piece], rule.own))
    if product.above and shop.system.definition.nested:
        found.update(dict.fromkeys(_pictures_by_value(shop, product, rule)))
    found.update(dict.fromkeys(product.pictures))
    pictures = list(found)[: rule.most]
    if pictures and "://" not in pictures[0]:
        shop.notes.tell(NO_HOST, shop.place(product.piece), pictures[0])
    shop.make(product, "image_link", listed(pictures[:1]), "image_link")
    shop.make(product, "additional_image_link", listed(pictures[1:]), "additional_image_link")


def _pictures_by_value(shop: Shop, product: Product, rule: ImagesDefinition) -> Iterator[str]:
    """The pictures that the rows above have for variants with the product's values of attributes."""
    pairs = shop.shape.pairs
    values = dict(split_pairs(shop.value(product.piece, pairs.column) or "")) if pairs else {}
    for name in rule.shared:
        nested = shop.system.definition.nested.get(name)
        if nested is not None and nested.only:
            for above in product.above:
                found = pictures_for(shop.value(above, nested.column), nested, values)
                yield from (with_host(one, shop.picture_base) for one in found)


def pictures_of(shop: Shop, pieces: Iterable[Piece], names: Sequence[str]) -> list[str]:
    """The pictures in these columns of these rows."""
    rule = shop.shape.images
    cells = (shop.value(piece, name) for piece in pieces for name in names)
    return [one for text in cells if text and rule for one in pictures_in(text, rule, shop.picture_base)]


def add_group(shop: Shop, product: Product) -> None:
    """The article's key, where there is more than one variant or there could be."""
    is_variant = product.piece.part == "variant"
    related = is_variant and (product.siblings > 1 or bool(product.above or shop.up(product.piece)))
    if related or product.options:
        shop.make(product, "item_group_id", _group_key(shop, product), "item_group_id")


def _group_key(shop: Shop, product: Product) -> str | None:
    """What the article is called: its own product key, else the key that its rows share."""
    if not product.above:
        return shop.up(product.piece) or shop.own(product.piece)
    top = product.above[-1]
    columns = shop.shape.id.columns if shop.shape.id and top.part != "variant" else []
    return shop.columns(top).first(top.cells, columns) or shop.own(top)


def add_id(shop: Shop, product: Product, taken: set[str]) -> None:
    """The product's own key if it stands only once; else one that is made. `taken` are those made in the article."""
    rule, piece = shop.shape.id, product.piece
    if rule is None:
        return
    keys = [key for name in rule.columns if (key := unguarded(shop.value(piece, name)))]
    own = next((key for key in keys if not shop.is_repeated(key)), None)
    other = next((name for name in rule.otherwise if shop.value(piece, name)), None)
    if own is None and other is not None:
        shared = {shop.shape.own, *shop.shape.up}
        options = [value for _, value in product.options] if other in shared else []
        own = _made_id(unguarded(shop.value(piece, other)) or "", options, taken)
        shop.notes.tell(MADE_ID, shop.place(piece), own)
    shop.make(product, "id", own or next(iter(keys), None), "id")


def _made_id(key: str, options: list[str], taken: set[str]) -> str:
    made = made_id([key, *options])
    if made in taken:
        made = made_id([key, *options, digest("|".join(options))])
    number = 1
    while made in taken:
        number += 1
        made = made_id([key, *options, str(number)])
    taken.add(made)
    return made


def add_link(shop: Shop, product: Product) -> None:
    """The product's page in each market."""
    rule = shop.shape.link
    if rule is None:
        return
    piece = product.above[-1] if rule.parent and product.above else product.piece
    path = filled_in(shop.link, shop.columns(piece), piece.cells)
    if path is None:
        return
    if not shop.links:
        shop.notes.tell(NO_SITE, shop.place(product.piece), path)
    for key, site in shop.links:
        shop.make(product, key, site + path.replace(" ", "%20"), key)


def add_category(shop: Shop, product: Product) -> None:
    """The path of the product's primary category, else the longest of its paths."""
    codes = category_codes(shop, product)
    rule = shop.shape.categories
    text = shop.cell(product, rule.column) if rule and not codes else None
    if codes:
        _add_coded_category(shop, product, codes)
    elif rule is not None and text:
        sign = next((one for one in rule.between if one in text), rule.between[-1])
        paths = [[level.strip() for level in path.split(rule.levels) if level.strip()] for path in text.split(sign)]
        best = max((path[int(rule.root) :] for path in paths), key=len)
        shop.make(product, "product_type", " > ".join(best) or None, "product_type")


def _add_coded_category(shop: Shop, product: Product, codes: list[str]) -> None:
    """The path in the main language, and in the others where it differs."""
    paths = [category_path(shop, product, code) for code in codes]
    numbers = [number for number, path in enumerate(paths) if path]
    if not numbers:
        return
    best = numbers[0] if product.assigned else max(numbers, key=lambda number: len(paths[number]))
    shop.make(product, "product_type", " > ".join(paths[best]), "product_type")
    for language in shop.codes.languages:
        path = category_path(shop, product, codes[best], language)
        if path != paths[best]:
            shop.make(product, f"product_type[{language}]", " > ".join(path), f"product_type[{language}]")


def add_sums(shop: Shop, product: Product) -> None:
    """The price, or another number, of a variant that says what it has above its article."""
    for column, more in shop.shape.adds.items():
        above = shop.value(product.piece, more) if product.above else None
        base = shop.cell(product, column) if above and not shop.value(product.piece, column) else None
        numbers = [parse_decimal(text) for text in (base, above) if text]
        amounts = [number for number in numbers if isinstance(number, Decimal)]
        if len(amounts) == 2:  # noqa: PLR2004 - the article's and what comes on top
            shop.put(product, column, f"{sum(amounts):f}")


def add_availability(shop: Shop, product: Product) -> None:
    """Where stock is not counted, or a product is sold without stock."""
    rule = shop.shape.availability
    if rule is None:
        return
    columns, piece = shop.columns(product.piece), product.piece
    quantity = columns.value(piece.cells, rule.quantity)
    word = None
    if rule.untracked and columns.fits(piece.cells, rule.untracked):
        word = "in_stock"
    elif quantity is not None and rule.backorder and columns.fits(piece.cells, rule.backorder):
        number = parse_decimal(quantity)
        word = "backorder" if isinstance(number, Decimal) and number <= 0 else None
    elif quantity is None and rule.assume and not shop.has_stock:
        word = rule.assume
        shop.notes.tell(ASSUMED, shop.place(piece))
    shop.make(product, "availability", word, "availability")


def add_languages(shop: Shop, product: Product) -> None:
    """Texts that an XML file has in several languages: the default stays, each other one gets its own column."""
    for name in shop.shape.languages:
        text, languages = shop.cell(product, name), shop.cell(product, f"{name}_lang")
        texts, codes = json_list(text or ""), json_list(languages or "")
        if not texts or not codes or len(texts) != len(codes):
            continue
        pairs = dict(zip(codes, texts, strict=True))
        shop.put(product, name, pairs.get(DEFAULT_LANGUAGE, texts[0]))
        for code, one in pairs.items():
            if code != DEFAULT_LANGUAGE:
                shop.make(product, f"{name}[{code}]", one)


def tell_recipe(shop: Shop, product: Product) -> None:
    """That variants are only named."""
    if shop.shape.recipe and (recipe := shop.value(product.piece, shop.shape.recipe)):
        shop.notes.tell(RECIPE, shop.place(product.piece), recipe)
