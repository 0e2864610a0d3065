"""Which channel a feed file is for, where nobody says it: by its format, its names, and what its template writes."""

import gzip
import re
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel, channel_files, load_channel, template_file
from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Place
from feedsmith.mapping.from_feed import match
from feedsmith.mapping.wire import plain
from feedsmith.run.reading_form import JINJA
from feedsmith.sources.kinds import kind_of
from feedsmith.sources.table import ReadOptions, open_table

NEAR = 1 << 18
"""Bytes of a feed in which its names are looked for."""
LEAST = 0.5
"""Share of the names that the channel must know, and of its required fields that must be there."""
PARTED = 0.1
"""What it counts that a delimited file has the channel's delimiter."""
NAMES = {
    "xml": re.compile(r"<(?:[\w.-]+:)?(?P<name>[A-Za-z_][\w.-]*)[\s/>]"),
    "json": re.compile(r'"(?P<name>[^"\\{}]{1,80})"\s*:'),
}
"""The names of elements and members."""
FILLED = re.compile(r"\{[^{}]*\}")
"""What a project or a market fills into a name."""
FORMATS = {"xlsx": "csv"}
"""Formats that have the same names as another: in columns."""


@dataclass(frozen=True)
class Look:
    """What of a feed tells its channel: its format, its names, and in a delimited file the delimiter."""

    format: str
    names: frozenset[str]
    delimiter: str = ""


class Fit(NamedTuple):
    """Shares: of the channel's required fields that are there, of the names that it knows, of what its template writes.

    A delimiter that is the channel's own adds to the last.
    """

    there: float
    known: float
    written: float


def recognise(path: Path, shown: str, folder: Path) -> str | None:
    """The name of the channel that fits best, before all one after which the file is called; None where none fits.

    Raises:
        SourceError: the file cannot be read.
    """
    look = _look(path, shown)
    channels = {name: one for name, one in _channels(folder).items() if _format(one) == look.format}
    fits = {name: _fit(channel, look, folder) for name, channel in channels.items()}
    known = [name for name, fit in fits.items() if fit.known >= LEAST]
    named = [name for name in known or fits if re.match(rf"{re.escape(name)}(?![a-z])", Path(shown).name)]
    if named:
        return max(named, key=len)
    whole = [name for name in known if fits[name].there >= LEAST]
    return max(whole, key=lambda name: sum(fits[name]), default=None)


def _format(channel: Channel) -> str:
    """The format as it can be seen; of a workbook the columns."""
    return FORMATS.get(channel.definition.format, channel.definition.format)


def _look(path: Path, shown: str) -> Look:
    head = _start(path, shown)
    format_ = "xml" if head.lstrip()[:1] == "<" else "json" if head.lstrip()[:1] in {"{", "["} else "csv"
    if format_ != "csv":
        return Look(format_, frozenset(hit["name"] for hit in NAMES[format_].finditer(head)))
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        table = open_table(path, ReadOptions(may_be_empty=True), Path(scratch), shown)
    return Look("csv", frozenset(table.headings), table.dialect.delimiter if table.format == "csv" else "")


def _start(path: Path, shown: str) -> str:
    try:
        with gzip.open(path) if kind_of(path, shown) == "gzip" else path.open("rb") as file:
            return file.read(NEAR).decode("utf-8-sig", "replace")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem, hint = "the gzip archive is damaged or cut off", "copy or download it again"
        raise SourceError(Place(shown), problem, hint) from error
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        raise SourceError(Place(shown), problem, "check who may read the file") from error


@cache
def _channels(folder: Path) -> Mapping[str, Channel]:
    """Every channel that can be used in the folder; one with a mistake is passed over."""
    files = channel_files(folder)
    found = {}
    for name in files:
        try:
            found[name] = load_channel(name, files)
        except DefinitionError:
            continue
    return found


def _fit(channel: Channel, look: Look, folder: Path) -> Fit:
    """How well the feed fits the channel."""
    definition = channel.definition
    around = _written(channel, folder)
    written = len(around & look.names) / len(around) if around else 1
    there, known = _columns(definition, look.names) if look.format == "csv" else _names(definition, look.names, around)
    return Fit(there, known, written + PARTED * (look.delimiter == definition.dialect.delimiter))


def _columns(definition: ChannelDefinition, headings: AbstractSet[str]) -> tuple[float, float]:
    """The share of the required fields that are there, and of the headings that the channel knows."""
    found = match(sorted(headings), definition.fields)
    needed = [key for key, one in definition.fields.items() if one.always_required]
    there = sum(key in found.fields for key in needed) / len(needed) if needed else 1
    return there, 1 - len(found.unknown) / max(1, len(headings))


def _names(definition: ChannelDefinition, names: AbstractSet[str], around: AbstractSet[str]) -> tuple[float, float]:
    """The same of the names of elements or members, at whatever depth they stand."""
    found = {plain(name) for name in names}
    fields = {**definition.fields, **(definition.group.fields if definition.group else {})}
    needed = [_ways(key, one) for key, one in fields.items() if one.always_required]
    there = sum(way <= found for way in needed) / len(needed) if needed else 1
    known = {name for key, one in fields.items() for name in (*_ways(key, one), *_inner(one))} | set(map(plain, around))
    return there, len(found & known) / max(1, len(found))


def _ways(key: str, field: FieldDefinition) -> set[str]:
    """The names that lead to a field."""
    steps = re.split(r"[./@]", FILLED.sub("", field.path or field.name or key))
    return {plain(step.removesuffix("[]")) for step in steps if step.strip()}


def _inner(field: FieldDefinition) -> set[str]:
    """The names within a field: attributes of a group, members of the fixed JSON around it."""
    parts = {name for key, one in field.group.items() for name in (*_ways(key, one), plain(key))}
    return parts | {plain(name) for wrap in (field.wrap, field.wrap_each) for name in _hits(NAMES["json"], wrap or "")}


def _written(channel: Channel, folder: Path) -> frozenset[str]:
    """The names that the channel's template writes by itself."""
    pattern = NAMES.get(channel.definition.format)
    if pattern is None:
        return frozenset()
    text = JINJA.sub("", template_file(channel, folder).read_text("utf-8"))
    return frozenset(_hits(pattern, text))


def _hits(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    return (hit["name"] for hit in pattern.finditer(text))
