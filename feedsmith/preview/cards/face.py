"""What a card is made of: a plain structure that templates and tests read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who looks: language and country of the market, the currency of amounts that name none, and when."""

    language: str = ""
    country: str = ""
    currency: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that variants have: `here` on this item; `colour` is `#rrggbb` where a dot stands for it."""

    text: str
    here: bool
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing on a card.

    `field` is the channel's field it came from. `text` is what is seen, with `label` before it, `rest` what the place
    cuts away. `before` is
    the price that is struck through, from `before_field`. `lines` are the values of a list, the pictures' addresses.
    `state` is what badges ask for. `missing`: the item has no such value, and its place stays empty. `share` is that
    of a rating, 0 to 1.
    """

    name: str
    kind: str
    field: str
    text: str = ""
    label: str = ""
    rest: str = ""
    note: str = ""
    before: str = ""
    before_field: str = ""
    lines: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    state: str = ""
    missing: bool = False
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Badge:
    """A short word that stands out, and the field it follows from. `tone` is one of sale, good, soon, bad."""

    text: str
    tone: str
    field: str


@dataclass(frozen=True, slots=True)
class Face:
    """One view of the item, in areas. `hint` is what a reader should know of it."""

    name: str
    title: str
    hint: str
    layout: str
    badges: tuple[Badge, ...]
    media: tuple[Part, ...]
    main: tuple[Part, ...]
    side: tuple[Part, ...]
    more: tuple[Part, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """All its parts, area by area."""
        return (*self.media, *self.main, *self.side, *self.more)


@dataclass(frozen=True, slots=True)
class Card:
    """What one channel shows of one item: its faces, such as the tile in a list and the detail page."""

    channel: str
    family: str
    faces: tuple[Face, ...]
