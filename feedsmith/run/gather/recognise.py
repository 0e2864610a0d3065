"""Which system wrote the files of a catalog, and what the project says that they lack."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.system import NO_SYSTEM, System, systems
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import SourceDefinition
from feedsmith.definitions.resolve import MarketSettings
from feedsmith.errors import DefinitionError, SourceError
from feedsmith.run.gather.engine import Settings
from feedsmith.sources.table import Table


def system_of(source: SourceDefinition, node: Node, tables: Sequence[Table], folder: Path | None) -> System | None:
    """The system that wrote all of the files: as the project says, else by their headings.

    Raises:
        DefinitionError: there is no system of the name that the project says.
    """
    known = systems(folder)
    if source.system == NO_SYSTEM:
        return None
    if source.system is not None:
        if source.system not in known:
            place = node.map["system"].place if "system" in node.map else node.place
            hint = nearest(source.system, [*known, NO_SYSTEM])
            raise DefinitionError(place, f"there is no system {source.system!r}", hint)
        return known[source.system]
    names = [[normalise(heading) for heading in table.headings] for table in tables]
    for one in names:
        found = known.recognise(one)
        if found is not None and all(found.kind_of(other) for other in names):
            return found
    return None


def check_shape(tables: Sequence[Table], system: System | None) -> None:
    """Several files are one catalog if they have the same columns, or are files of one system that go together.

    Raises:
        SourceError: a file differs from the first.
    """
    if system is not None and system.definition.shape is not None:
        return
    first = tables[0]
    for other in tables[1:]:
        if other.headings != first.headings:
            extra = set(other.headings) ^ set(first.headings)
            what = f"the columns {', '.join(sorted(extra))}" if extra else "the order of its columns"
            hint = "files of one catalog have the same headings in the same order"
            raise SourceError(other.place(other.header_row), f"differs from {first.shown} in {what}", hint)


def settings_of(source: SourceDefinition, markets: Sequence[MarketSettings], now: datetime | None) -> Settings:
    """What files lack: the shop's address, for all markets or for each, that of its pictures, languages, the time."""
    known = {market.name or market.country.lower(): market.site for market in markets if market.site}
    if len(set(known.values())) == 1 and all(market.site for market in markets):
        known = {"": next(iter(known.values()))}
    languages = tuple(dict.fromkeys(market.language for market in markets if market.language))
    return Settings(known, source.media or "", languages, now)
