"""Codes in the cells of a product become the words that they stand for, in the languages of the markets."""

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.kinds import json_list
from feedsmith.issues import Severity
from feedsmith.run.gather.codes import Coded
from feedsmith.run.gather.notes import Reason
from feedsmith.run.gather.pieces import folded
from feedsmith.run.gather.shop import Product, Shop
from feedsmith.run.gather.values import Pairs

UNKNOWN = Reason(
    "unknown-code", Severity.WARNING,
    "{n} codes of products are in none of the files that say what codes stand for",
    "export those files again, together with the products",
)  # fmt: skip


def add_labels(shop: Shop, product: Product) -> None:
    """The words of the product's codes; those of options and of categories are made elsewhere."""
    for coded in shop.coded:
        text = product.cells[coded.place]
        if not text or coded.rule.parent or coded.rule.several or coded.rule.options:
            continue
        if coded.rule.group:
            _add_attributes(shop, product, coded, text)
        else:
            _replace(shop, product, coded, text)


def _replace(shop: Shop, product: Product, coded: Coded, text: str) -> None:
    """Words in place of codes, and those of further languages in columns of their own."""
    codes = split_codes(shop, coded, text)
    words = [_word(shop, product, coded, code) for code in codes]
    product.cells[coded.place] = ", ".join(words)
    for language in shop.codes.languages if not coded.language else ():
        other = [shop.codes.word(coded.codes, code, language) or code for code in codes]
        if other != words:
            shop.make(product, f"{coded.heading}[{language}]", ", ".join(other))


def _word(shop: Shop, product: Product, coded: Coded, code: str) -> str:
    """The word for a code; the code itself where it has none, which is told."""
    word = shop.codes.word(coded.codes, code, coded.language)
    if word is None:
        shop.notes.tell(UNKNOWN, shop.place(product.piece, coded.heading), code)
    return word or code


def split_codes(shop: Shop, coded: Coded, text: str) -> list[str]:
    """The codes of a cell; a code may hold the sign that parts codes."""
    if shop.codes.words(coded.codes, folded(text)):
        return [text.strip()]
    listed = json_list(text)
    sign = next((one for one in coded.rule.between if one in text), coded.rule.between[-1])
    return [code.strip() for code in listed or text.split(sign) if code.strip()]


# --- attributes and options ---------------------------------------------------------------------------------------


def _add_attributes(shop: Shop, product: Product, coded: Coded, text: str) -> None:
    """A column for each attribute that the codes are values of."""
    values: dict[str, list[str]] = {}
    for name, word in coded_pairs(shop, product, coded, text):
        values.setdefault(name, []).append(word)
    for name, words in values.items():
        put_attribute(shop, product, name, ", ".join(words))


def put_attribute(shop: Shop, product: Product, name: str, value: str) -> None:
    """Put an attribute in the column of its name, where that is empty, or in a new one."""
    word = labelled(shop, name, value)
    if name in shop.headings:
        place = shop.headings.index(name)
        product.cells[place] = product.cells[place] or word
    elif name not in product.made:
        shop.make(product, name, word)
        codes = shop.attributes.get(normalise(name))
        for language in shop.codes.languages if codes else ():
            other = shop.codes.word(codes or "", value, language)
            shop.make(product, f"{name}[{language}]", other if other != word else None)


def labelled(shop: Shop, name: str, value: str) -> str:
    """The word for the value of an attribute; the value itself where it has none."""
    codes = shop.attributes.get(normalise(name)) if shop.attributes else None
    return (codes and shop.codes.word(codes, value)) or value


def coded_pairs(shop: Shop, product: Product, coded: Coded, text: str) -> Pairs:
    """Attribute and word of each code in a cell; unknown codes are told and say nothing."""
    pairs: Pairs = []
    for code in split_codes(shop, coded, text):
        word, name = _word(shop, product, coded, code), shop.codes.family(coded.codes, folded(code))
        if name:
            pairs.append((name, word))
    return pairs


def option_name(shop: Shop, name: str) -> str:
    """What an option is called by the file of attributes."""
    words = (shop.codes.word(codes, name) for codes in shop.option_codes)
    return next(filter(None, words), name) if shop.option_codes else name


# --- categories ---------------------------------------------------------------------------------------------------


def category_codes(shop: Shop, product: Product) -> list[str]:
    """The codes of the product's categories: those it is put into, else those of its cells."""
    if product.assigned:
        return product.assigned
    cells = ((coded, product.cells[coded.place]) for coded in shop.coded if coded.rule.parent)
    return [code for coded, text in cells if text for code in split_codes(shop, coded, text)]


def category_path(shop: Shop, product: Product, code: str, language: str = "") -> list[str]:
    """The path of a category; the code itself where no file names it, which is told."""
    for codes in shop.category_codes:
        if shop.codes.words(codes, folded(code)):
            return shop.codes.path(codes, code, language)
    shop.notes.tell(UNKNOWN, shop.place(product.piece), code)
    return [code]
