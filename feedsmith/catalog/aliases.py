"""The names under which headings are known: the general ones, and those of one system."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from feedsmith.catalog.fields import CanonicalField
from feedsmith.catalog.records import PRODUCT, RECORDS, Record
from feedsmith.catalog.system import System
from feedsmith.catalog.tables import read_table

SYSTEM_RANK = -1000
"""Added to the ranks of a system's own names, so that they win over the general ones."""


NOT_BY_NAME = frozenset({"stock"})
"""Fields whose own name means another one in a heading: a column `stock` is the quantity."""


@dataclass(frozen=True, slots=True)
class Alias:
    """One name of a field. A lower `rank` is the stronger name; `system` is the title of the system that uses it."""

    field: str
    rank: int
    certain: bool = True
    system: str = ""


@dataclass(frozen=True)
class Aliases:
    """All names that count for one file: heading as `normalise` writes it → the fields it may stand for.

    `fields` are those of the record that the file holds. In `fallbacks` are the fields whose empty rows take the value
    of the system's next column.
    """

    fields: Mapping[str, CanonicalField]
    names: dict[str, tuple[Alias, ...]]
    ignore: frozenset[str] = frozenset()
    fallbacks: frozenset[str] = frozenset()

    def find(self, name: str) -> tuple[Alias, ...]:
        """What `name` may stand for; nothing for names that the system uses for something else."""
        return () if name in self.ignore else self.names.get(name, ())


def aliases_of(record: Record, system: System | None) -> Aliases:
    """The names that count for a file of such records, written by this system or by an unknown one."""
    return aliases_for(system) if record is PRODUCT else _aliases(record.name)


@cache
def _aliases(name: str) -> Aliases:
    """The names of a record other than the product."""
    record = RECORDS[name]
    names: dict[str, tuple[Alias, ...]] = {field.casefold(): (Alias(field, rank=0),) for field in record.fields}
    for field, facts in read_table("aliases")["records"].get(name, {}).items():
        names |= {alias: (Alias(field, rank),) for rank, alias in enumerate(facts, 1)}
    return Aliases(record.fields, names)


def aliases_for(system: System | None) -> Aliases:
    """The names that count for a product file of this system; the general ones for None."""
    if system is None:
        return Aliases(PRODUCT.fields, _general_names())
    names = {name: list(found) for name, found in _general_names().items()}
    facts = system.definition
    for field, headings in facts.fields.items():
        for rank, name in enumerate(headings):
            names.setdefault(name, []).insert(0, Alias(field, rank=SYSTEM_RANK + rank, system=facts.title))
    found = {name: tuple(aliases) for name, aliases in names.items()}
    return Aliases(PRODUCT.fields, found, frozenset(facts.ignore), frozenset(facts.fallbacks))


@cache
def _general_names() -> dict[str, tuple[Alias, ...]]:
    """The names that hold everywhere → what they may stand for."""
    names: dict[str, list[Alias]] = {}
    for name, alias in _general():
        names.setdefault(name, []).append(alias)
    return {name: tuple(found) for name, found in names.items()}


def _general() -> Iterator[tuple[str, Alias]]:
    """The names that hold everywhere; a field's own name is the strongest."""
    table = read_table("aliases")["fields"]
    for field in PRODUCT.fields:
        facts = table.get(field, {})
        if field not in NOT_BY_NAME:
            yield field.casefold(), Alias(field, rank=0)
        for rank, name in enumerate(facts.get("certain", ()), 1):
            yield name, Alias(field, rank)
        for rank, name in enumerate(facts.get("maybe", ()), 1):
            yield name, Alias(field, rank, certain=False)
