"""A sheet of the merchant's own workbook with colours on its faulty cells, and byte for byte as it was elsewhere.

The sheet is read as a stream; in memory are a block of it, and what stands behind its rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from feedsmith.issues import Severity
from feedsmith.render.xlsx import RELATIONS
from feedsmith.sources.xlsx_values import column_letters, column_number

WORKSHEET = re.compile(rb"<worksheet\b[^>]*>")
SELECTED = re.compile(rb'\stabSelected="(?:1|true)"')
ROW = re.compile(rb"<row\b[^>]*>")
NUMBER = re.compile(rb'\sr="(\d+)"')
CELL = re.compile(rb"<c\b[^>]*>")
LETTERS = re.compile(rb'\sr="([A-Za-z]+)\d+"')
STYLE = re.compile(rb'\ss="(\d+)"')
ROWS_END = b"</sheetData>"
BEHIND = frozenset(
    {"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst"}
)
"""What stands behind the comments' drawing in a sheet. Source: ECMA-376 part 1, 18.3.1.99."""

Faults = dict[int, Severity]
"""The columns of one row that need a colour, counted from 1."""
Coloured = Callable[[int, Severity], int]
"""The number of a format like the one of a number, with a severity's colour."""


def coloured_sheet(
    blocks: Iterable[bytes], faults: Iterable[tuple[int, Faults]], coloured: Coloured, drawing: str
) -> Iterator[bytes]:
    """The sheet with colours; `faults` come in the order of the rows.

    `drawing` is the id of the comments' drawing, empty where there is none or the sheet names it already.
    """
    head, rest, stream = _head(blocks)
    yield SELECTED.sub(b"", head)
    painter = _Painter(faults, coloured)
    for block in stream:
        rest += block
        if ROWS_END in rest:
            break
        cut = rest.rfind(b"<row")
        if cut > 0:
            yield painter.rows(rest[:cut])
            rest = rest[cut:]
    end = rest.find(ROWS_END)
    end = len(rest) if end < 0 else end
    yield painter.rows(rest[:end])
    tail = rest[end:] + b"".join(stream)
    yield _with_drawing(head, tail, drawing) if drawing else tail


def unselected(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """A sheet as it was, but not the chosen one: two chosen sheets would be changed together."""
    head, rest, stream = _head(blocks)
    yield SELECTED.sub(b"", head) + rest
    yield from stream


def _head(blocks: Iterable[bytes]) -> tuple[bytes, bytes, Iterator[bytes]]:
    """What stands before the rows, what was read behind that, and the rest."""
    stream = iter(blocks)
    text = b""
    for block in stream:
        text += block
        if b"<sheetData" in text:
            break
    cut = text.find(b"<sheetData")
    cut = len(text) if cut < 0 else cut
    return text[:cut], text[cut:], stream


class _Painter:
    """Gives cells their colours, row by row."""

    def __init__(self, faults: Iterable[tuple[int, Faults]], coloured: Coloured) -> None:
        self._faults, self._coloured = iter(faults), coloured
        self._next = next(self._faults, None)
        self._number = 0

    def rows(self, piece: bytes) -> bytes:
        """A stretch of whole rows, changed."""
        out: list[bytes] = []
        at = 0
        for tag in ROW.finditer(piece):
            given = NUMBER.search(tag[0])
            self._number = int(given[1]) if given else self._number + 1
            while self._next is not None and self._next[0] < self._number:
                self._next = next(self._faults, None)
            if self._next is None or self._next[0] != self._number:
                continue
            end = tag.end() if tag[0].endswith(b"/>") else piece.find(b"</row>", tag.end())
            out += [piece[at : tag.start()], self._row(tag[0], piece[tag.end() : end], self._next[1])]
            at = end
        return b"".join(out) + piece[at:]

    def _row(self, tag: bytes, cells: bytes, faults: Faults) -> bytes:
        """The row from its start up to before its end tag; a row without cells gets both."""
        if tag.endswith(b"/>"):
            new = b"".join(self._new(column, faults[column]) for column in sorted(faults))
            return tag[:-2] + b">" + new + b"</row>"
        left, column, at, out = dict(sorted(faults.items())), 0, 0, [tag]
        for cell in CELL.finditer(cells):
            given = LETTERS.search(cell[0])
            column = column_number(given[1].decode()) if given else column + 1
            missing = [one for one in left if one < column]
            out.append(cells[at : cell.start()])
            out += [self._new(one, left.pop(one)) for one in missing]
            out.append(self._painted(cell[0], left.pop(column)) if column in left else cell[0])
            at = cell.end()
        return b"".join([*out, cells[at:], *(self._new(one, severity) for one, severity in left.items())])

    def _painted(self, tag: bytes, severity: Severity) -> bytes:
        found = STYLE.search(tag)
        style = b' s="%d"' % self._coloured(int(found[1]) if found else 0, severity)
        if found:
            return tag[: found.start()] + style + tag[found.end() :]
        return tag[:2] + style + tag[2:]

    def _new(self, column: int, severity: Severity) -> bytes:
        """An empty cell."""
        return b'<c r="%s%d" s="%d"/>' % (column_letters(column).encode(), self._number, self._coloured(0, severity))


def _with_drawing(head: bytes, tail: bytes, drawing: str) -> bytes:
    """What stands behind the rows, with the drawing at its place."""
    found = WORKSHEET.search(head)
    start = found[0] if found else b""
    at = _first_behind(start, tail)
    named = f'<legacyDrawing xmlns:r="{RELATIONS}" r:id="{drawing}"/>'.encode()
    return tail[:at] + named + tail[at:]


def _first_behind(start: bytes, tail: bytes) -> int:
    """The offset in `tail` of the first element behind the drawing's place."""
    spots: list[int] = []
    depth = 0
    parser = expat.ParserCreate()
    before = start + b"<sheetData>"

    def opened(name: str, _: dict[str, str]) -> None:
        nonlocal depth
        if depth == 1 and name in BEHIND:
            spots.append(parser.CurrentByteIndex)
        depth += 1

    def closed(name: str) -> None:
        nonlocal depth
        depth -= 1
        if name == "worksheet":
            spots.append(parser.CurrentByteIndex)

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.Parse(before + tail, True)  # noqa: FBT003 - expat takes it by position only
    return spots[0] - len(before)
