"""One version of a feed, opened to be compared: its files, and its fields by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.field import FieldDefinition
from feedsmith.definitions.load import Channel
from feedsmith.definitions.model import nearest
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.mapping.from_feed import FieldColumns, FromFeed, match
from feedsmith.mapping.rows import Rows
from feedsmith.mapping.shape import Locale
from feedsmith.mapping.wire import Wire, plain, read
from feedsmith.run.reading import channel_as_read, open_as
from feedsmith.run.reading_deletes import deleting_words
from feedsmith.run.reading_form import headings_of
from feedsmith.run.request import COMMAND_LINE, FeedFile
from feedsmith.sources.json_groups import GROUP
from feedsmith.sources.records import NoItemsError
from feedsmith.sources.table import ReadOptions, Table, open_table
from feedsmith.values.column import Column

IDS = ("id", "sku", "item_id", "product_id", "offer_id", "item_number", "seller_sku")
"""What the key of a feed of no known channel may be called."""
DUPLICATE = "duplicate-id"
"""The code of the check of the items' own key."""
AMOUNTS = "money"
NO_LOCALE = Locale()


@dataclass(frozen=True)
class FeedFiles:
    """A feed's files in their order, and what they are called in messages."""

    name: str
    paths: tuple[Path, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True)
class ReadField:
    """A field of a side: the columns that hold it; without a definition it is a column that the channel has not."""

    columns: FieldColumns
    definition: FieldDefinition | None
    wire: Wire

    def texts(self, cells: Mapping[str, Column], size: int) -> Column:
        """The field as the file has it: texts, or lists of what several columns hold."""
        rows = Rows(size, lambda name: cells[name[1:-1]], {})
        return FromFeed(self.columns, COMMAND_LINE).apply(rows, "")

    def values(self, texts: Column) -> list[object]:
        """What the texts mean: equal for two spellings of one value. A text that cannot be read means itself."""
        if self.definition is None:
            return [_tidied(text) for text in texts]
        shaped = read(texts, self.definition, NO_LOCALE, self.wire)
        codes = shaped.currencies or Column([None] * len(texts))
        return [
            ("unread", texts[row]) if row in shaped.problems else (value, codes[row])
            for row, value in enumerate(shaped.column)
        ]


def _tidied(text: object) -> object:
    return " ".join(text.split()) if isinstance(text, str) else text


@dataclass(frozen=True)
class Side:
    """A feed that is open. `headings` are those of all its files; a file without items has no table.

    `deleting` are the words, by heading, of items that take a product away from the channel; these are no products.
    """

    files: FeedFiles
    tables: tuple[Table, ...]
    headings: tuple[str, ...]
    fields: Mapping[str, ReadField]
    deleting: Mapping[str, str] = field(default_factory=dict)


def open_side(files: FeedFiles, channel: Channel | None, folder: Path, scratch: Path) -> Side:
    """Open all files of a feed; without a channel its columns are compared as texts.

    Raises:
        UsageError: feeds of the channel cannot be read.
        SourceError: a file cannot be read.
    """
    tables: list[Table] = []
    for path, shown in zip(files.paths, files.shown, strict=True):
        try:
            tables.append(_opened(path, shown, channel, folder, scratch))
        except NoItemsError:
            continue
    headings = tuple(dict.fromkeys(name for table in tables for name in table.headings))
    fields = _fields(replace(tables[0], headings=headings), channel) if tables else {}
    deleting = deleting_words(channel.definition, headings) if channel is not None else {}
    return Side(files, tuple(tables), headings, fields, deleting)


def _opened(path: Path, shown: str, channel: Channel | None, folder: Path, scratch: Path) -> Table:
    if channel is None:
        return open_table(path, ReadOptions(), scratch, shown)
    return open_as(path, FeedFile(Path(shown), channel.name), channel, folder, scratch)


def _fields(table: Table, channel: Channel | None) -> dict[str, ReadField]:
    """The channel's fields that the feed has, and its other columns under their own names."""
    wire = Wire(table.format in {"csv", "xlsx"}, channel.definition.dialect.decimal if channel else ".")
    if channel is None:
        return {name: ReadField(FieldColumns((name,)), None, wire) for name in table.headings}
    definition = channel_as_read(channel, table)[0].definition
    found = _matched(headings_of(table.headings, group=False), definition.fields, "", wire)
    if definition.group is not None:
        found |= _matched(headings_of(table.headings, group=True), definition.group.fields, GROUP, wire)
    return found


def _matched(
    headings: Iterable[str], definitions: Mapping[str, FieldDefinition], before: str, wire: Wire
) -> dict[str, ReadField]:
    matched = match(headings, definitions)
    found = {
        f"{before}{key}": ReadField(columns, definitions[key], wire) for key, columns in matched.fields.items()
    }  # fmt: skip
    found |= {
        name: ReadField(FieldColumns((name,)), None, wire) for name in matched.unknown if name not in found
    }  # fmt: skip
    return found


def prices_of(fields: Mapping[str, ReadField]) -> list[str]:
    """The names of the fields with amounts."""
    return [name for name, one in fields.items() if one.definition is not None and one.definition.type == AMOUNTS]


# --- the key -----------------------------------------------------------------------------------------------------


def key_of(channel: Channel | None, old: Side, new: Side, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The fields by which a product is known on both sides: those asked for, else what the channel wants unique.

    Raises:
        UsageError: a side has no such field.
    """
    sides = [side for side in (old, new) if side.tables]
    names = [name for name in (sides[0].fields if sides else ()) if all(name in side.fields for side in sides)]
    for name in asked:
        for side in sides:
            if name not in side.fields:
                place = Place(side.files.shown[0])
                raise UsageError(place, f"has no field {name!r} to know products by", nearest(name, side.fields))
    if asked or not sides:
        return asked
    for key in _usual_keys(channel.definition) if channel is not None else [(one,) for one in _ids(names)]:
        if set(key) <= set(names):
            return key
    shown = " and ".join(side.files.shown[0] for side in sides)
    raise UsageError(
        Place(shown), "it cannot be told by which field products are known", "name it: --key FIELD, or the --channel"
    )


def _usual_keys(definition: ChannelDefinition) -> list[tuple[str, ...]]:
    """The key of the channel's items, then what else no two items may share, then what each must have."""
    unique = [one for one in definition.sets.values() if one.check == "unique" and not one.fold]
    unique.sort(key=lambda one: (one.code != DUPLICATE, len(one.key)))
    own = [tuple(one.key) for one in unique if one.code == DUPLICATE]
    others = [tuple(one.key) for one in unique if one.code.startswith("duplicate-")]
    means = [(key,) for key, one in definition.fields.items() if one.means == "id"]
    required = [(key,) for key, one in definition.fields.items() if one.always_required]
    return [*own, ("id",), *others, *means, *required]


def _ids(names: Iterable[str]) -> list[str]:
    known = {plain(name): name for name in reversed(list(names))}
    return [known[name] for name in IDS if name in known]
