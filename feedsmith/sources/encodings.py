"""Which encoding a text file has: its byte order mark, else what is declared, else UTF-8, else the file is refused."""

import codecs
from itertools import islice

from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import count_lines

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""In this order: the mark of UTF-32 starts with that of UTF-16."""
UTF8_NAMES = frozenset({"utf-8", "utf-8-sig", "ascii"})
CANDIDATES = {
    "cp1252": "windows-1252",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "cp1253": "windows-1253",
    "cp1254": "windows-1254",
    "cp1257": "windows-1257",
    "koi8_r": "koi8-r",
    "mac_roman": "macintosh",
    "cp850": "cp850",
    "cp932": "shift_jis",
    "euc_jp": "euc-jp",
    "euc_kr": "euc-kr",
    "gb18030": "gb18030",
    "big5": "big5",
}
"""Encodings that shops' systems write, Python's name and the one to declare."""
WESTERN = frozenset("äöüßÄÖÜéèêëàâáíóúçîïôûùœñåøæÅØÆÉÈÀÇ€—“”•…®™©°²½¼«»·£\u00a0\u2013\u2018\u2019\u00d7")
"""Usual in product texts of Western Europe. Letters that stand for others in Czech or Polish are left out."""
CERTAIN = 0.95
SAMPLE_LINES = 400
"""Lines with other characters than ASCII that are enough for a guess."""


def find_encoding(head: bytes, declared: str | None, shown: str) -> str:
    """Python's name of the encoding of a file that starts with `head`; "utf-8" stands for ASCII too.

    Raises:
        DefinitionError: the declared encoding is unknown.
        SourceError: nothing is declared and the file looks like UTF-16 without a byte order mark.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    if declared:
        return _known(declared, shown)
    _refuse_bare_utf16(head, shown)
    return "utf-8"


def _known(declared: str, shown: str) -> str:
    try:
        name = codecs.lookup(declared).name
        "".encode(name)
    except LookupError as error:
        raise DefinitionError(
            Place(shown), f"`{declared}` is no encoding that Python knows", "write for example `encoding: windows-1252`"
        ) from error
    return "utf-8" if name in UTF8_NAMES else name


def _refuse_bare_utf16(head: bytes, shown: str) -> None:
    """Latin text in UTF-16 has a NUL in every second byte; that is also valid UTF-8, so it must be asked for."""
    sample = head[:4096]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if max(odd, even) * 5 > len(sample):
        name = "utf-16-le" if odd > even else "utf-16-be"
        raise SourceError(
            Place(shown, 1),
            f"every second byte is NUL: the file is probably {name}, without a byte order mark",
            f"declare it in the source: `encoding: {name}`",
        )


def undecodable(raw: bytes, error: UnicodeDecodeError, encoding: str, place: Place) -> SourceError:
    """What to raise when `raw`, which starts in the line of `place`, is not in `encoding`."""
    before = raw[: error.start]
    line = (place.row or 1) + count_lines(before)
    column = len(before) - max(before.rfind(b"\n"), before.rfind(b"\r"))
    problem = f"byte {column} of the line is 0x{raw[error.start]:02X}, which is not {encoding}"
    guess = None if encoding.startswith(("utf-16", "utf-32")) else probable_encoding(raw)
    if guess in (None, encoding):
        hint = "the file is damaged or cut off, or in an encoding that the source must declare: `encoding: …`"
    else:
        problem += f"; the file is probably {guess}"
        hint = f"declare it in the source: `encoding: {guess}`"
    return SourceError(Place(place.path, line), problem, hint)


def probable_encoding(raw: bytes) -> str | None:
    """A guess at the encoding of text that is not UTF-8, by the name to declare; None without a good one."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - takes 30 ms to import, and few runs ask

    lines = (line for line in raw.splitlines(keepends=True) if not line.isascii())
    sample = b"".join(islice(lines, SAMPLE_LINES))
    # Short texts in the languages of Western Europe read well in a dozen code pages, and a detector picks any of them.
    shares = {name: _western_share(sample, name) for name in ("cp1252", "cp850", "mac_roman")}
    name = max(shares, key=lambda name: shares[name])
    if shares[name] >= CERTAIN:
        return CANDIDATES[name]
    match = from_bytes(sample, cp_isolation=list(CANDIDATES)).best()
    return CANDIDATES.get(match.encoding) if match else None


def _western_share(sample: bytes, encoding: str) -> float:
    """The share of `WESTERN` among the characters that are not ASCII, if `sample` is in `encoding`."""
    others = [character for character in sample.decode(encoding, "replace") if not character.isascii()]
    return sum(map(WESTERN.__contains__, others)) / len(others)
