"""What tells a variant from its siblings.

It stands in columns of its row or in its parent's list, or the parent names the attributes in which variants differ.
"""

import json
import re
from functools import lru_cache
from itertools import zip_longest

from feedsmith.catalog.aliases import aliases_for
from feedsmith.catalog.headings import normalise
from feedsmith.catalog.kinds import json_list
from feedsmith.catalog.system import OptionsDefinition
from feedsmith.run.gather.labels import coded_pairs, labelled
from feedsmith.run.gather.pieces import folded, is_one_of
from feedsmith.run.gather.shop import Product, Shop
from feedsmith.run.gather.values import Pairs, is_plain, listed_children, split_pairs

OPTION_FIELDS = ("color", "size", "material", "pattern", "gender", "age_group")
"""Fields that an option may fill, by its name."""
NEXT_ENTRY = re.compile(r"[;,]")


def options_of(shop: Shop, product: Product) -> Pairs:
    """Name and value of each option of a product."""
    rule = shop.shape.options
    if rule is None:
        return _listed(shop, product) or _by_axes(shop, product)
    if shop.options:
        found = _in_columns(shop, product)
    else:
        found = [*_in_lists(shop, product, rule), *_in_one_cell(shop, product, rule)]
    return [(name, value) for name, value in found if not is_one_of(value, rule.none)] if rule.none else found


def _in_columns(shop: Shop, product: Product) -> Pairs:
    """Columns in pairs: names may be taken from the row above, values are the row's own."""
    return [
        (name, value) for names, values in shop.options
        if (value := shop.value(product.piece, values)) and (name := shop.cell(product, names))
    ]  # fmt: skip


def _in_lists(shop: Shop, product: Product, rule: OptionsDefinition) -> Pairs:
    """A list of names and one of values: `Colour:color:0; Size:select:1` and `Blue:0; M:1`."""
    if not rule.name or "{n}" in rule.name:
        return []
    lists = [shop.value(product.piece, column) or "" for column in (rule.name, rule.value)]
    entries = [[one.partition(rule.part)[0].strip() for one in NEXT_ENTRY.split(text)] for text in lists]
    return [(name, value) for name, value in zip_longest(*entries, fillvalue="") if name and value]


def _in_one_cell(shop: Shop, product: Product, rule: OptionsDefinition) -> Pairs:
    """A column with all options. Where they stand in place of something else, that is the article's."""
    for column in rule.column:
        text = shop.value(product.piece, column)
        if not text:
            continue
        for coded in shop.coded:
            if coded.rule.group and normalise(coded.heading) == column:
                return coded_pairs(shop, product, coded, text)
        hits = re.finditer(rule.pattern, text) if rule.pattern else ()
        found = [(one["name"].strip(), one["value"].strip()) for one in hits]
        if found:
            shop.put(product, column, next(filter(None, (shop.value(one, column) for one in product.above)), ""))
            return found
    return []


def _listed(shop: Shop, product: Product) -> Pairs:
    """What the parent's list of its variants says of this one."""
    rule = shop.shape.children
    own = folded(shop.own(product.piece) or "")
    for above in product.above if rule is not None else ():
        text = shop.value(above, rule.column) if rule else None
        if text and rule:
            return next((pairs for key, pairs in listed_children(text, rule) if folded(key) == own), [])
    return []


def _by_axes(shop: Shop, product: Product) -> Pairs:
    """The attributes that a row above names as what its variants differ in, with the product's values of them."""
    if not shop.shape.axes or not product.above:
        return []
    rule = shop.shape.pairs
    pairs = dict(split_pairs(shop.value(product.piece, rule.column) or "")) if rule else {}
    found: Pairs = []
    for axis in _axes(shop, product):
        value = labelled(shop, axis, pairs[axis]) if axis in pairs else shop.cell(product, normalise(axis))
        if value:
            found.append((axis, value))
    return found


def _axes(shop: Shop, product: Product) -> list[str]:
    """The names of those attributes: of the nearest row above that has any."""
    for above in product.above:
        names = [name for column in shop.shape.axes for name in _named_axes(shop, column, shop.value(above, column))]
        if names:
            return names
    return []


def _named_axes(shop: Shop, column: str, text: str | None) -> list[str]:
    """The attributes that a cell names, by itself or as a code for them."""
    if text is None:
        return []
    rule = next((one for one in shop.coded if one.rule.several and normalise(one.heading) == column), None)
    named = shop.codes.word(rule.codes, text) if rule is not None else text
    return json_list(named or "") or [name for one in (named or "").split(",") if (name := one.strip())]


@lru_cache(maxsize=4096)
def option_field(name: str) -> str | None:
    """The field that an option of this name fills: `Kleur` gives color."""
    found = aliases_for(None).find(normalise(name))
    return next((one.field for one in found if one.certain and one.field in OPTION_FIELDS), None)


def as_groups(options: Pairs) -> str | None:
    """Options as the text of `variant_option`."""
    if not options:
        return None
    if is_plain("".join(map("".join, options))):
        return "[" + ", ".join([f'{{"name": "{name}", "value": "{value}"}}' for name, value in options]) + "]"
    return json.dumps([{"name": name, "value": value} for name, value in options], ensure_ascii=False)
