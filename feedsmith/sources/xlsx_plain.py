"""Rows of a sheet in the plain form that nearly all programs write: one pattern reads a row at once.

A parser calls Python several times a cell. What is not in the plain form, or doubtful, is left to it, so that a sheet
reads the same.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from feedsmith.sources.xlsx_package import Workbook, unescape
from feedsmith.sources.xlsx_values import (
    MAX_COLUMNS,
    NUMBER,
    SAFE_DIGITS,
    WHOLE,
    bool_text,
    column_number,
    day_text,
    elapsed_text,
    number_text,
    serial_text,
)

ROW_END = "</row>"
LONGEST = 1 << 20
"""Characters without the end of a row; from there on all is left to the parser."""
REMEMBERED = 10_000
"""Sets of columns and forms of cells that are remembered."""

_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*\?>)?")
_UTF_8 = re.compile(rb"""encoding\s*=\s*["']utf-8["']""", re.IGNORECASE)
_ATTRIBUTES = r'(?: [A-Za-z][\w:]*="[^"<&]*")*'
_ROW = re.compile(rf"\s*<row({_ATTRIBUTES})>")
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"([^<>]*)(?:/>|>'
    rf"(?:<f{_ATTRIBUTES}(?:/>|>[^<]*</f>))?"
    r'(?:<v>([^<]+)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>|></c>)'
    r"|\s+|(.)",
    re.DOTALL,
)
"""A cell: its column's letters, its other attributes, its value, its own text; or white space; or what is not plain."""
_FORM = re.compile(_ATTRIBUTES)
_NAME = re.compile(r" ([\w:]+)=")
_NUMBER = re.compile(r' r="([0-9]+)"')
_REFERENCE = re.compile("&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NO_REFERENCE = re.compile(f"&(?!{_REFERENCE.pattern[1:]})")
_NO_TEXT = re.compile("[\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|]]>")
"""What the parser reads in another way, or refuses."""
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

Read = Callable[[str], str]


class NotPlainError(ValueError):
    """A cell that only the parser can read, or tell of."""


def row_pieces(blocks: Iterator[bytes]) -> Iterator[str | bytes]:
    """A sheet in pieces: texts that end with a row's end, and bytes that only the parser can read.

    Raises:
        UnicodeDecodeError: the sheet is not in the encoding that it says.
    """
    first = next(blocks, b"")
    declared = _DECLARATION.match(first)
    said = declared[0] if declared else b""
    if first[:1] in (b"\xff", b"\xfe", b"\0", b"") or (b"encoding" in said and not _UTF_8.search(said)):
        yield from chain([first], blocks)
        return
    yield said
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest = ""
    for block in chain([first[len(said) :]], blocks):
        *whole, rest = (rest + decoder.decode(block)).split(ROW_END)
        yield from (piece + ROW_END for piece in whole)
        if len(rest) > LONGEST:
            yield rest.encode()
            yield from (decoder.decode(block).encode() for block in blocks)
            return
    yield rest + decoder.decode(b"", final=True)


def hides_rows(piece: str) -> bool:
    """Whether a piece may begin something in which rows are none, such as a comment."""
    return "<!" in piece or "<?" in piece


class PlainRows:
    """Reads plain rows of a workbook's sheet."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self._columns: dict[tuple[str, ...], list[int]] = {}
        self._reads: dict[str, Read] = {}

    def row(self, piece: str) -> tuple[int, list[str]] | None:
        """A row's number, 0 where it is not said, and its texts up to the last filled one; None if it is not plain."""
        head = _ROW.match(piece)
        if head is None or not piece.endswith(ROW_END) or not _is_text(piece):
            return None
        number = _NUMBER.search(head[1])
        if number is None and ' r="' in head[1]:
            return None
        cells = [cell for cell in _CELL.findall(piece, head.end(), len(piece) - len(ROW_END)) if any(cell)]
        try:
            texts = self._texts(cells) if cells else []
        except (ValueError, IndexError, OverflowError):
            return None
        return int(number[1]) if number else 0, texts

    def _texts(self, cells: list[tuple[str, ...]]) -> list[str]:
        letters, forms, values, own, others = zip(*cells, strict=True)
        if any(others):
            raise NotPlainError
        reads = [self._reads.get(form) or self._read(form) for form in forms]
        raws = [value or text for value, text in zip(values, own, strict=True)]
        if any("&" in raw for raw in raws):
            raws = list(map(_resolved, raws))
        texts = [read(raw) if raw else "" for read, raw in zip(reads, raws, strict=True)]
        columns = self._columns.get(letters) or self._places(letters)
        if columns[-1] != len(texts):
            placed = [""] * columns[-1]
            for column, text in zip(columns, texts, strict=True):
                placed[column - 1] = text
            texts = placed
        while texts and not texts[-1]:
            texts.pop()
        return texts

    def _places(self, letters: tuple[str, ...]) -> list[int]:
        """The columns of these letters, from 1, each right of the one before."""
        columns = list(map(column_number, letters))
        if columns != sorted(set(columns)) or columns[-1] > MAX_COLUMNS:
            raise NotPlainError
        if len(self._columns) > REMEMBERED:
            self._columns.clear()
        self._columns[letters] = columns
        return columns

    # --- cells -----------------------------------------------------------------------------------------------

    def _read(self, form: str) -> Read:
        """What reads the values of cells with these attributes."""
        names = _NAME.findall(form)
        if not _FORM.fullmatch(form) or "r" in names or len(names) != len(set(names)) or len(self._reads) > REMEMBERED:
            raise NotPlainError
        kind, style = _attribute(form, "t", "n"), int(_attribute(form, "s", "0"))
        read = self._reads[form] = self._read_of(kind, style)
        return read

    def _read_of(self, kind: str, style: int) -> Read:
        if kind == "s":
            return lambda raw: self.workbook.texts[int(raw)]
        if kind != "n":
            return READS.get(kind, _refuse)
        if style in self.workbook.elapsed:
            return lambda raw: elapsed_text(_float(raw))
        if style in self.workbook.dates:
            return lambda raw: serial_text(_float(raw), since_1904=self.workbook.since_1904)
        return _number


def _is_text(piece: str) -> bool:
    """Whether a piece holds nothing that the parser refuses, or reads as something else."""
    if not piece.isprintable() and _NO_TEXT.search(piece):
        return False
    return "]]>" not in piece and not ("&" in piece and _NO_REFERENCE.search(piece))


def _attribute(form: str, name: str, otherwise: str) -> str:
    found = re.search(f' {name}="([^"]*)"', form)
    return found[1] if found else otherwise


def _resolved(raw: str) -> str:
    """A text with the signs that its references stand for."""
    return _REFERENCE.sub(_sign, raw)


def _sign(found: re.Match[str]) -> str:
    if found[1]:
        return _SIGNS[found[1]]
    sign = chr(int(found[2]) if found[2] else int(found[3], 16))
    if (_NO_TEXT.match(sign) and sign != "\r") or "\ud800" <= sign <= "\udfff":
        raise NotPlainError
    return sign


def _refuse(raw: str) -> str:
    raise NotPlainError(raw)


READS: Mapping[str, Read] = {
    "str": unescape,
    "inlineStr": unescape,
    "b": bool_text,
    "d": day_text,
}
"""What reads the values of a type of cell; numbers and shared texts need the workbook."""


def _float(raw: str) -> float:
    if not NUMBER.fullmatch(raw):
        raise NotPlainError
    return float(raw)


def _number(raw: str) -> str:
    if WHOLE.fullmatch(raw):
        return raw
    number = _float(raw)
    if not abs(number) < SAFE_DIGITS:
        raise NotPlainError
    return number_text(number)
