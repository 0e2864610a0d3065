"""How much of a report is told, and whether in colour."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TextIO

from feedsmith.texts.catalogue import Texts


@dataclass(frozen=True, slots=True)
class Style:
    """`verbose` adds a line for each issue and the fill rates; `quiet` leaves errors only, and wins over `verbose`.

    `texts` are those of the reader's language.
    """

    verbose: bool = False
    quiet: bool = False
    colour: bool = False
    texts: Texts = field(default_factory=Texts)

    def paint(self, text: str, colour: str) -> str:
        """`text` in a colour as `rich` names it, or as it is. The text must be harmless already."""
        return _painter(colour)(text) if self.colour and colour else text


PLAIN = Style()


def can_colour(stream: TextIO) -> bool:
    """Whether `stream` is a terminal that takes colours and nobody asked for none (`NO_COLOR`, `TERM=dumb`)."""
    if not stream.isatty():
        return False
    from rich.console import Console  # noqa: PLC0415 (a tenth of a second that a pipe need not wait)

    console = Console(file=stream)
    return console.color_system is not None and not console.no_color and not console.legacy_windows


@cache
def _painter(colour: str) -> Callable[[str], str]:
    from rich.color import ColorSystem  # noqa: PLC0415 (as above)
    from rich.style import Style as Ink  # noqa: PLC0415 (as above)

    ink = Ink.parse(colour)
    return lambda text: ink.render(text, color_system=ColorSystem.STANDARD)
