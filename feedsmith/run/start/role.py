"""What a file holds: products, or something that stands beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.system import systems
from feedsmith.run.start.look import Seen

Holds = Literal["products", "prices", "stock", "texts", "facts", "others"]
PRICES = frozenset({"price", "sale_price", "compare_at_price", "cost_of_goods_sold"})
STOCK = frozenset({"quantity", "stock", "availability"})
TEXTS = frozenset({"title", "description", "description_html", "short_description"})
PAGES = frozenset({"link", "image_link"})
PARTS: Mapping[str, str] = {"parent": " (the parents of variants)"}


@dataclass(frozen=True, slots=True)
class Role:
    """What a file holds, and what it is in words.

    `give` says what to name in its place or beside it; "" for a file that can be the catalog by itself.
    """

    holds: Holds
    title: str
    give: str = ""

    @property
    def told(self) -> str:
        """What it holds, in words."""
        return self.title if self.holds in {"products", "facts"} else f"{self.title}, no products"


def role_of(seen: Seen) -> Role:
    """What a file holds, by the system that wrote it, by its headings, and by the fields that its columns are."""
    part = _part_of_system(seen)
    if part is not None:
        return part
    names = [normalise(heading) for heading in seen.table.headings]
    if not seen.system and (found := _beside(names)):
        return Role("others", found["title"], found["give"])
    fields = {one.claim.field for one in seen.proposed.values() if seen.looks[one.claim.heading].filled}
    if seen.system or fields & (TEXTS | PAGES):
        return Role("products", "products")
    give = f"the file of the products beside it: --catalog PRODUCTS --catalog {seen.table.shown}"
    if fields & PRICES:
        return Role("prices", "prices without names", give)
    if fields & STOCK:
        return Role("stock", "stock without names and prices", give)
    return Role("facts", "keys without names and prices", give)


def part_of(seen: Seen, system: str) -> str | None:
    """Which kind of file a system reads it as, beside the file of its products; None for none."""
    if not system:
        return None
    known = systems()[system]
    kind = known.kind_of([normalise(heading) for heading in seen.table.headings])
    return kind if kind is not None and known.definition.files[kind].part not in {None, "skip"} else None


def _part_of_system(seen: Seen) -> Role | None:
    """A further file of a system, which says something of products that stand in another one."""
    kind = part_of(seen, seen.system)
    if kind is None:
        return None
    system = systems()[seen.system]
    part = system.definition.files[kind].part
    title = f"{kind} of {system.title}{PARTS.get(part or '', '')}".replace("_", " ")
    give = f"the products of {system.title} beside it: --catalog PRODUCTS --catalog {seen.table.shown}"
    return Role("others", title, give)


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    with files(__package__).joinpath("beside.yaml").open(encoding="utf-8") as file:
        table: Mapping[str, Mapping[str, Any]] = yaml.load(file, Loader=yaml.BaseLoader)  # noqa: S506 - text only
    return table


def _beside(names: Iterable[str]) -> Mapping[str, Any] | None:
    """The kind of file without products that has these headings; None where they fit none."""
    present = set(names)
    fits = [
        (max((len(some) for some in facts["when"] if present.issuperset(some)), default=0), kind)
        for kind, facts in _table().items()
        if all(any(fnmatchcase(name, one) for one in facts.get("only", ["*"])) for name in present)
    ]
    fit, kind = max(fits)
    return _table()[kind] if fit else None
