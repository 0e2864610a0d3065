"""The fields of a feed that something else wrote: what its compiling needs besides the channel."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.model import nearest
from feedsmith.definitions.resolve import MarketSettings
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.expression import Compiled
from feedsmith.mapping.from_feed import FromFeed, Matched, match
from feedsmith.mapping.known import known_names, unknown_names
from feedsmith.mapping.shape import Locale, Shaped
from feedsmith.mapping.types import CURRENCY, Type
from feedsmith.mapping.wire import Wire, plain, read
from feedsmith.run.aggregates import AGGREGATES
from feedsmith.run.aggregates import GROUP as GROUP_OWNER
from feedsmith.run.reading_form import headings_of
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.json_groups import GROUP
from feedsmith.sources.table import Table
from feedsmith.values.column import Column

AROUND = frozenset({"method", "operation", "update_mask", "patches", "@context", "@id", "@type"})
"""What a JSON request says beside its item, and JSON-LD of any object."""


@dataclass(frozen=True)
class Shaper:
    """Brings the feed's own forms to the channel's types."""

    wire: Wire

    def __call__(self, column: Column, given: Type, definition: FieldDefinition, locale: Locale) -> Shaped:
        """As `feedsmith.mapping.shape.shape`, of what a `FromFeed` gives."""
        del given  # whatever the column holds is read
        return read(column, definition, locale, self.wire)


def columns_read(table: Table, fields: Mapping[str, FieldDefinition], *, group: bool) -> Matched:
    """The columns of the channel's fields, or of those of its groups."""
    return match(headings_of(table.headings, group=group), fields)


def as_read(found: Matched, definition: ChannelDefinition, wire: Wire, table: Table) -> dict[str, Any]:
    """What is different in a compiled feed that is only read."""
    places = {key: columns.headings[0] for key, columns in found.fields.items()}
    nested = {key: columns for key, columns in found.fields.items() if columns.way}
    key = id_field(found, definition)
    return {
        "shape": Shaper(wire), "writes": False, "source_keys": {"": "", **places}, "nested": nested,
        "named_by": FromFeed(nested[key], table.place()) if key in nested else None,
    }  # fmt: skip


def id_field(found: Matched, definition: ChannelDefinition) -> str:
    """The field by which the feed's items are called: `id`, or what no two items share; "" for none."""
    keys = [key for check in definition.sets.values() if check.check == "unique" for key in check.key[:1]]
    required = [key for key, one in definition.fields.items() if one.always_required]
    known = (key for key in ("id", *keys, *required) if key in found.fields and found.fields[key].whole)
    return next(known, "")


def cannot_be_asked(condition: Compiled, market: MarketSettings) -> bool:
    """Whether a condition needs what the feed does not tell: the catalog, a group, a market that is not known."""
    text, names = condition.text, condition.names
    unknown = [key for key in ("country", "language", "currency") if not getattr(market, key)]
    money = not market.currency and ("currency(" in text or any(name.endswith(CURRENCY) for name in names))
    own = any(f"market.{key}" in text for key in unknown)
    return money or own or any(name.partition(".")[0] in {"product", GROUP_OWNER, *AGGREGATES} for name in names)


def passed_over(definition: ChannelDefinition) -> frozenset[str]:
    """The names that the channel knows and no field has, as they are compared."""
    return frozenset(map(plain, definition.passes_over))


def unknown_columns(
    found: Matched, fields: Mapping[str, FieldDefinition], passed: Collection[str], table: Table
) -> Iterator[Issue]:
    """What the feed has and the channel has not."""
    names = [one.name or key for key, one in fields.items()]
    unknown = [one for one in found.unknown if not _is_passed(one, passed, table)]
    sample = next(read_table(table), None) if unknown and table.format in {"xml", "json"} else None
    for heading in unknown:
        hint = nearest(plain(heading), names)
        rows = sample.columns[heading].rows() if sample is not None else iter(())
        line = next((sample.lines[row] for row, _ in rows), table.header_row) if sample else table.header_row
        yield Issue(
            "unknown-column", Severity.INFO, f"the channel has no field {heading!r}",
            table.place(line, heading), value=heading, help=hint or "the channel passes over it",
        )  # fmt: skip


def _is_passed(heading: str, passed: Collection[str], table: Table) -> bool:
    """Whether a heading is none of the fields' on purpose: what the channel passes over, what stands around an item."""
    name = heading.removeprefix(GROUP)
    return plain(name).partition("[")[0] in passed or (table.format == "json" and name in AROUND)


def unknown_members(
    found: Matched, fields: Mapping[str, FieldDefinition], passed: Collection[str], table: Table
) -> Iterator[Issue]:
    """What objects in the feed's cells have and the channel has not; each name once, at its first line."""
    known = known_names(found, fields)
    told: set[tuple[str, str]] = set()
    for batch in read_table(table, known) if known else ():
        for heading, names in known.items():
            seen: set[str] = set()
            for row, cell in batch.columns[heading].rows():
                if cell in seen:
                    continue
                seen.add(cell)
                for name in unknown_names(cell, names):
                    if (heading, name) not in told and not _is_passed(f"{heading}.{name}", passed, table):
                        told.add((heading, name))
                        yield _unknown_member(table, batch.lines[row], f"{heading}.{name}")


def _unknown_member(table: Table, line: int, name: str) -> Issue:
    return Issue(
        "unknown-column", Severity.INFO, f"the channel has no field {name!r}", table.place(line, name), value=name,
        help="the channel passes over it",
    )  # fmt: skip
