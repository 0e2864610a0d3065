"""What a feed needs and a catalog lacks: what can be put in its place, and what can only be told."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from feedsmith.catalog.headings import identifier
from feedsmith.catalog.inside import addresses
from feedsmith.run.start.look import Seen

SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
HOST = re.compile(r"[\w-]+(\.[\w-]+)+/")
NEARLY_ALL = 0.95
HALF = 0.5
PAGES: Mapping[str, str] = {
    "handle": "{{ market.site }}/products/{{ handle }}",
    "url_handle": "{{ market.site }}/products/{{ url_handle }}",
    "url_key": "{{ market.site }}/{{ url_key }}.html",
    "slug": "{{ market.site }}/{{ slug }}",
}
"""Column → the address of a product's page, as the systems with such a column make it."""


@dataclass(frozen=True, slots=True)
class Filler:
    """A rule for a field of the catalog, why it is there, and whether it says something that the files do not say."""

    field: str
    rule: str
    reason: str
    assumed: bool = True


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is put in the place of missing values, and what stays missing."""

    fillers: tuple[Filler, ...]
    open: tuple[str, ...]


def gaps(seen: Seen, given: AbstractSet[str] = frozenset()) -> Gaps:
    """What a catalog lacks of what most channels ask, and what to do about it; `given` stands in files beside it."""
    have = given | (ALSO if given & {"quantity", "stock"} else set())
    found = [filler for find in FINDERS for filler in find(seen) if filler.field not in have]
    left = []
    for name, told in TOLD.items():
        if not _has(seen, name) and name not in have and name not in {one.field for one in found}:
            left.append(told)
    return Gaps(tuple(found), tuple(left))


ALSO = frozenset({"availability", "quantity"})
"""What stock tells."""


TOLD = {
    "title": "no column is the product's title: products without one are rejected",
    "price": "no column is the price: products without one are rejected",
}
"""Field → what is told where it is missing: nothing can be put in its place."""


def _has(seen: Seen, *names: str) -> bool:
    """Whether one of these fields has a column with values."""
    return any(one.field in names and seen.looks[one.heading].filled for one in seen.claims.values())


def _mostly(seen: Seen, *names: str) -> bool:
    """Whether one of these fields has a value for most products."""
    return any(one.field in names and seen.looks[one.heading].filled >= HALF for one in seen.claims.values())


def _values(seen: Seen, name: str) -> list[str]:
    claim = seen.claims.get(name)
    cells = seen.sample.columns[claim.heading].filled if claim else []
    return [first for cell in cells if (first := (addresses(cell) or [cell])[0].strip())]


def _id(seen: Seen) -> Iterator[Filler]:
    if not _has(seen, "id"):
        reason = "no column is the product's key; a row's number changes when rows are added above it"
        yield Filler("id", "row-{{ file.row }}", reason)


def _description(seen: Seen) -> Iterator[Filler]:
    if _has(seen, "description", "description_html"):
        return
    if _has(seen, "short_description"):
        yield Filler("description", "{{ short_description }}", "there is no longer description", assumed=False)
    else:
        yield Filler("description", "{{ title }}", "no column is a description")


def _link(seen: Seen) -> Iterator[Filler]:
    links = _values(seen, "link")
    whole = bool(links) and _share(links, SCHEME.match) >= 1 - NEARLY_ALL
    if _mostly(seen, "link"):
        if not whole:
            yield Filler("link", _whole("link", links), "the addresses in the file are not whole", assumed=False)
        return
    if whole:
        rule = f"{{from: link, default: {json.dumps(_made_of_key(seen, '{}'))}}}"
        yield Filler("link", rule, "most products have no page's address: put your shop's pattern here")
        return
    by_name = {identifier(heading): heading for heading in seen.table.headings}
    for name, rule in PAGES.items():
        if name in by_name and seen.looks[by_name[name]].filled:
            told = f"pages of {seen.title} by default" if seen.title else f"by the column {by_name[name]}"
            yield Filler("link", rule, told)
            return
    reason = "no column is a page's address: put your shop's pattern here"
    yield Filler("link", _made_of_key(seen, "{}"), reason)


def _made_of_key(seen: Seen, pattern: str) -> str:
    """An address on the shop's site that is made of the product's key."""
    key = 'replace(id, " ", "%20")' if any(" " in text for text in _values(seen, "id")) else "id"
    return "{{ market.site }}/" + pattern.format(f"{{{{ {key} }}}}")


def _image(seen: Seen) -> Iterator[Filler]:
    pictures = _values(seen, "image_link")
    if not pictures:
        reason = "no column is a picture: put your shop's pattern here"
        yield Filler("image_link", _made_of_key(seen, "images/{}.jpg"), reason)
    elif _share(pictures, SCHEME.match) < 1 - NEARLY_ALL:
        yield Filler("image_link", _whole("image_link", pictures), "the addresses in the file are not whole")


def _whole(name: str, values: Iterable[str]) -> str:
    """The rule that completes addresses without a scheme, or without a host."""
    some = list(values)
    if all(text.startswith("//") for text in some):
        return f"https:{{{{ {name} }}}}"
    if _share(some, HOST.match) > NEARLY_ALL:
        return f"https://{{{{ {name} }}}}"
    gap = "" if all(text.startswith("/") for text in some) else "/"
    return f"{{{{ market.site }}}}{gap}{{{{ {name} }}}}"


def _share(values: list[str], test: Callable[[str], object]) -> float:
    return sum(test(text) is not None for text in values) / len(values)


def _stock(seen: Seen) -> Iterator[Filler]:
    if _mostly(seen, "quantity", "stock"):
        return
    if _has(seen, "availability", "quantity", "stock") and not _mostly(seen, "availability"):
        rule = "{from: availability, default: in_stock}"
        yield Filler("availability", rule, "most products say nothing of their stock")
    elif not _has(seen, "availability"):
        yield Filler("availability", "in_stock", "no column says what is in stock")
    yield Filler("quantity", '{calc: 1 if availability == "in_stock" else 0}', "no column says how many are in stock")


FINDERS: tuple[Callable[[Seen], Iterable[Filler]], ...] = (_id, _description, _link, _image, _stock)
"""What finds the gaps, in the order of the fields that it fills: a field may use those above it."""
