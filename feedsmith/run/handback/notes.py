"""Comments on cells: the part that holds their texts, and the drawing that a spreadsheet program shows them by."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from feedsmith.render.xlsx import DECLARATION, MAIN, written

AUTHOR = "feedsmith"
MOST_NOTES = 10_000
"""Comments on one sheet: more make spreadsheet programs slow. The list of issues holds all."""
LIST_START = re.compile(r"<(?:\w+:)?commentList[^>]*>")
AUTHORS_END = re.compile(r"</(?:\w+:)?authors>")
REF = re.compile(r'<(?:\w+:)?comment\b[^>]*?\bref="([A-Z]+[0-9]+)"')
VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
SHAPE = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" id="feedsmith_{number}" type="#_x0000_t202" '
    'style="position:absolute;margin-left:80pt;margin-top:5pt;width:300pt;height:90pt;z-index:{number};'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


class Note(NamedTuple):
    """A comment: the cell's name, its row and column counted from 1, and the text."""

    ref: str
    row: int
    column: int
    text: str


def comments_part(notes: Sequence[Note], before: str = "") -> str:
    """The part of the texts; `before` is what the sheet has already, and stays."""
    if not before:
        listed = "".join(_comments(notes, 0, ""))
        authors = f"<authors><author>{AUTHOR}</author></authors>"
        return f'{DECLARATION}<comments xmlns="{MAIN}">{authors}<commentList>{listed}</commentList></comments>'
    start, end = LIST_START.search(before), AUTHORS_END.search(before)
    if start is None or end is None:
        raise ValueError("its comments are not as spreadsheet programs write them")
    prefix = start[0][1 : start[0].index("commentList")]
    number = len(re.findall(r"<(?:\w+:)?author>|<(?:\w+:)?author\s*/>", before[: end.start()]))
    author = f"<{prefix}author>{AUTHOR}</{prefix}author>"
    listed = "".join(_comments(notes, number, prefix))
    return f"{before[: end.start()]}{author}{before[end.start() : start.end()]}{listed}{before[start.end() :]}"


def taken(before: str) -> frozenset[str]:
    """The cells that have a comment already."""
    return frozenset(REF.findall(before))


def _comments(notes: Sequence[Note], author: int, prefix: str) -> Iterator[str]:
    for note, text in zip(notes, written([note.text for note in notes]), strict=True):
        tag = f"{prefix}text", f"{prefix}t"
        inner = f'<{tag[0]}><{tag[1]} xml:space="preserve">{text}</{tag[1]}></{tag[0]}>'
        yield f'<{prefix}comment ref="{note.ref}" authorId="{author}">{inner}</{prefix}comment>'


def drawing_part(notes: Sequence[Note], before: str = "") -> str:
    """The part of the drawing; `before` is what the sheet has already, and stays."""
    shapes = "".join(
        SHAPE.format(number=number, row=note.row - 1, column=note.column - 1) for number, note in enumerate(notes, 1)
    )
    if not before:
        return f"{VML}{shapes}</xml>"
    at = before.rfind("</xml>")
    if at < 0:
        raise ValueError("its comments are not as spreadsheet programs write them")
    return f"{before[:at]}{shapes}{before[at:]}"
