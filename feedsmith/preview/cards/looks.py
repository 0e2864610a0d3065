"""What each channel's cards show, read from `cards.yaml`; its form is told there."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("cards.yaml")
GENERIC = "generic"
"""The family of a channel that no table knows."""


class PartSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing that a card can show, and the fields it is taken from, the preferred ones first.

    `label` is the word before it. `dates` are fields of a period, or pairs of a start and an end.
    """

    kind: str
    source: tuple[str, ...] = msgspec.field(name="from")
    label: str = ""
    sale: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    dates: tuple[str | tuple[str, str], ...] = ()
    currency: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    quantity: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    count: tuple[str, ...] = ()
    measure: tuple[str, ...] = ()
    base: tuple[str, ...] = ()


class BadgeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a short word stands out: the part `of` is in the state `when`."""

    of: str
    when: str
    tone: str


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many characters of a text are seen, and where that figure is from."""

    characters: int
    source: str


class FaceLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One view of an item: its areas, each with the names of its parts in order."""

    name: str
    layout: str
    main: tuple[str, ...]
    wants: tuple[str, ...]
    cut: dict[str, Cut]
    hint: str = ""
    media: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


class ChannelLook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a channel has of its own: its family, other fields for a part, other figures for a face."""

    family: str
    parts: dict[str, tuple[str, ...]] = {}
    cut: dict[str, dict[str, Cut]] = {}


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `cards.yaml`."""

    parts: dict[str, PartSource]
    badges: dict[str, BadgeRule]
    words: dict[str, tuple[str, ...]]
    colours: dict[str, tuple[str, ...]]
    faces: dict[str, FaceLook]
    families: dict[str, tuple[str, ...]]
    channels: dict[str, ChannelLook]
    kinds: dict[str, str]


class Look(msgspec.Struct, frozen=True):
    """What the cards of one channel show. The sources name fields of this channel only."""

    family: str
    faces: dict[str, FaceLook]
    parts: dict[str, PartSource]


@cache
def table() -> Table:
    """The table, read once."""
    import yaml  # noqa: PLC0415 - only the preview reads it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return msgspec.convert(yaml.load(FILE.read_text("utf-8"), loader), Table)  # noqa: S506 - a safe one


def look_of(lineage: Sequence[str], kind: str, fields: Collection[str]) -> Look:
    """What the cards of a channel show.

    Args:
        lineage: the channel's name, then those of the channels that it extends, the nearest first.
        kind: the kind of place it is, which counts where no name of the lineage is known.
        fields: the names of its fields.
    """
    known = next((table().channels[name] for name in lineage if name in table().channels), None)
    said = known or ChannelLook(table().kinds.get(kind, GENERIC))
    faces = {name: _with_cuts(table().faces[name], said.cut.get(name, {})) for name in table().families[said.family]}
    parts = {name: _of_fields(part, said.parts.get(name), fields) for name, part in table().parts.items()}
    return Look(said.family, faces, parts)


def _with_cuts(face: FaceLook, cuts: Mapping[str, Cut]) -> FaceLook:
    return msgspec.structs.replace(face, cut={**face.cut, **cuts}) if cuts else face


def _of_fields(part: PartSource, own: tuple[str, ...] | None, fields: Collection[str]) -> PartSource:
    """The part with those of its sources that are fields here; the channel's own list wins."""

    def there(name: str) -> bool:
        return name.partition(".")[0] in fields

    def some(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(filter(there, names))

    dates = tuple(one for one in part.dates if all(map(there, [one] if isinstance(one, str) else one)))
    return msgspec.structs.replace(
        part, source=some(own or part.source), sale=some(part.sale), was=some(part.was), dates=dates,
        currency=some(part.currency), more=some(part.more), quantity=some(part.quantity), date=some(part.date),
        count=some(part.count), measure=some(part.measure), base=some(part.base),
    )  # fmt: skip


@cache
def meaning_of(word: str) -> str:
    """What a channel's word says, by the table's own name of it; empty for a word that is not known."""
    plain = "".join(sign for sign in word.lower().rpartition("/")[2] if sign.isalnum())
    return next((name for name, words in table().words.items() if plain in words), "")


@cache
def colour_of(name: str) -> str:
    """The colour of the dot beside a colour's name, `#rrggbb`; empty where it is not known."""
    plain = name.casefold().strip()
    return next((colour for colour, names in table().colours.items() if plain in names), "")
