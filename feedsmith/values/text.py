# ruff: noqa: RUF001 look-alike characters are what this file is about
"""Clean text: characters that do not belong, markup, damaged encodings, and cuts at a word."""

import re
import unicodedata
from html import unescape
from html.entities import html5

from selectolax.lexbor import LexborHTMLParser

from feedsmith.values.column import Column

_LAST_OF_PLANES = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
_REMOVED = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 and C1, but tab, line feed and carriage return
    "\u200b-\u200d\u2060\ufeff"  # zero width
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates
    "\ud800-\udfff"  # lone surrogates
    "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"  # private use
    f"\ufdd0-\ufdef{_LAST_OF_PLANES}"  # non-characters
    "]"
)
_BREAKING = frozenset("\x0b\x0c\x85")  # removed, but they stood between two lines
_PRINTABLE = bytes(range(32, 127)) + b"\t\n"  # taken out first, as it costs a seventh of `isprintable` for all
_FIRST_COMBINING = "\u0300"  # below it all text is composed

_REPLACED = (
    *((blank, " ") for blank in "\u00a0\u202f\u2007"),
    *((end, "\n") for end in ("\r\n", "\r", "\u2028", "\u2029")),
)


def nfc(text: str) -> str:
    """`text` with letters and their accents composed (Unicode normal form C)."""
    return unicodedata.normalize("NFC", text)


def _is_clean(text: str) -> bool:
    """Whether `text` holds only plain printable characters, tabs and line feeds, composed; blanks may be around."""
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PRINTABLE).decode("utf-8", "surrogatepass")
    if not rest:
        return True
    return rest.isprintable() and (max(rest) < _FIRST_COMBINING or unicodedata.is_normalized("NFC", text))


def clean_column(column: Column) -> tuple[Column, dict[int, str]]:
    """A text column without what no channel takes.

    Outer blanks go, non-breaking blanks become blanks, line ends become line feeds, letters are composed (NFC).
    Characters that XML 1.0 forbids, controls, zero-width characters, bidirectional overrides, private use, surrogates
    and non-characters go. What is empty then becomes None.

    Returns:
        The column, and by row which characters were removed ("U+0003, U+200B"). The other changes are not told.
    """
    stripped = list(map(str.strip, column.filled))
    if _is_clean(column.joined) and stripped == column.filled and all(stripped):
        return column, {}
    values, removed = column.values.copy(), {}
    for row, text in column.rows():
        if _is_clean(text):
            values[row] = text.strip() or None
            continue
        values[row], found = _cleaned(text)
        if found:
            removed[row] = found
    return Column(values), removed


def _cleaned(text: str) -> tuple[str | None, str]:
    """The clean text or None, and in words which characters were removed from it."""
    for other, plain in _REPLACED:
        text = text.replace(other, plain)
    found: dict[str, None] = {}
    if not _is_clean(text):
        found = dict.fromkeys(_REMOVED.findall(text))
        text = nfc(_REMOVED.sub(lambda hit: "\n" if hit[0] in _BREAKING else "", text))
    return text.strip() or None, ", ".join(f"U+{ord(character):04X}" for character in found)


_SYMBOLS = "€‚ƒ„ˆ‰Š‹ŒŽ˜šœžŸ¡¢£¤¥¦§¨©¬¯±´µ¶¸¼½¾¿"  # what cp1252 shows for a second byte, and no text has after Ã
_MARKS = "…†‡‘’“”•–—™›ª«\u00ad®°²³·¹º»"  # the same, but these may follow a word in capitals that ends in Ã
_MOJIBAKE = re.compile(
    "[\ufffdÃÂâÅÄÐÑï](?:(?<=\ufffd)|(?<=ï)»¿|(?<=â)(?:€|‚¬|„¢|„–)"  # one set of first letters: the search skips ahead
    f"|(?<=[ÃÅÄ])[{_SYMBOLS}]|(?<=Ã)(?<![A-ZÀ-Ý]Ã)[{_MARKS}]|(?<=[a-z]Ã)(?= )|(?<=[a-z][ÅÄ])[{_MARKS}]"
    "|(?<=Â)[¡¢£¤¥§¨©ª«¬®°±²³´µ¶·¹º»¼½¾¿]"
    f"|(?<=[ÐÑ])[{_SYMBOLS}{_MARKS}][ÐÑ][{_SYMBOLS}{_MARKS}])"
)
_LEADS = ("\ufffd", "Ã", "Â", "â", "Å", "Ä", "Ð", "ï")


def mojibake_rows(column: Column) -> list[int]:
    """The rows with text that was decoded with the wrong encoding: `Ã©` for é, U+FFFD.

    Capitals such as those of SÃO and MAÇÃ are no finding; nothing is repaired.
    """
    joined = column.joined
    if joined.isascii() or not any(lead in joined for lead in _LEADS) or not _MOJIBAKE.search(joined):
        return []
    return [row for row, text in column.rows() if not text.isascii() and _MOJIBAKE.search(text)]


_NOT_AT_END = " \t\n,;:.!?-–—/\\|&+([{<«“„·•*="


def cut_at_word(text: str, length: int, tail: str = "") -> str:
    """`text` in at most `length` code points, with `tail` (such as "…") after a cut.

    The cut is at the end of a word, without punctuation after it; a text without a blank in the second half of what
    would stay is cut at `length`. A tail that does not leave room for text is left out.
    """
    if len(text) <= length:
        return text
    if len(tail) >= length:
        tail = ""
    room = max(length - len(tail), 0)
    kept = text[:room]
    if not text[room].isspace():
        end = max(kept.rfind(" "), kept.rfind("\n"), kept.rfind("\t"))
        kept = kept[:end] if end >= room // 2 and end > 0 else kept
    return (kept.rstrip(_NOT_AT_END) or kept) + tail


_BLOCKS = (
    "address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend main menu nav ol optgroup option p pre "
    "section select summary table tbody tfoot thead tr ul"
)
_INLINE = (
    "a abbr acronym area b bdi bdo big cite code col colgroup data del dfn em embed font i img input ins kbd label "
    "link map mark meta meter output param picture progress q rp rt ruby s samp small source span strike strong "
    "sub sup time track tt u var wbr"
)
_CELLS = "td th"
_DROPPED = "audio canvas head iframe math noframes noscript object script style svg template textarea title video"

_SHOWN_AS = (
    {slash + name: "\n" for name in _BLOCKS.split() for slash in ("", "/")}
    | {slash + name: "" for name in _INLINE.split() for slash in ("", "/")}
    | {slash + name: " " for name in _CELLS.split() for slash in ("", "/")}
    | {"li": "\n- ", "/li": "\n"}
)
"""A tag's name, with a slash if it ends an element, to the text that stands for it."""

_NAMES = frozenset(f"{_BLOCKS} {_INLINE} {_CELLS} {_DROPPED} li".split())
_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9]*+)(?:[\s/](?:[^<>\"']|\"[^\"<>]*+\"|'[^'<>]*+')*+)?>")
_MARKUP = re.compile(rf"<(?:/?(?:{'|'.join(sorted(_NAMES))}|o:p)(?![\w@.:-])|!--|!doctype\b|!\[CDATA\[)", re.IGNORECASE)
_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_MOST_TAGS = 10_000  # the parser's time grows with the square of the depth
_ENTITY = re.compile(r"&(#[0-9]{1,7}+;|#[xX][0-9A-Fa-f]{1,6}+;|[A-Za-z][A-Za-z0-9]*+;)")
_LINE_START = re.compile(r"\n\s+")
_BLANKS = re.compile(r"[ \t]{2,}|\t")


def strip_html(text: str) -> str:
    """`text` without markup, as a plain text with line feeds.

    Block tags become line ends, list items start with "- ", table cells are parted by a blank, entities are decoded
    once, scripts, styles and comments are dropped, blank lines and runs of blanks are collapsed. A `<` that starts no
    known tag stays (`Size < 10 & up`), and a text without markup and entities comes back as it is.
    """
    plain = _without_tags(text) if "<" in text else text
    if plain is None:
        plain = _parsed(text) if _MARKUP.search(text) else text
    decoded = _ENTITY.sub(lambda hit: unescape(hit[0]), plain) if "&" in plain else plain  # "&copy=2" is no entity
    return text if decoded == text else _tidy(decoded)


def _without_tags(text: str) -> str | None:
    """`text` with its tags replaced, entities untouched; None if a parser must look at it."""
    pieces = _TAG.split(text)
    pieces[1::2] = [_SHOWN_AS.get(name.lower(), "\0") for name in pieces[1::2]]
    plain = "".join(pieces)
    return None if "\0" in plain or ("<" in plain and _MARKUP.search(plain)) else plain


def _parsed(text: str) -> str:
    """`_without_tags` by way of a parser; a `<` that starts no known tag is text."""
    text = text.replace("\0", "")
    protected = re.sub("<", lambda hit: "<" if _MARKUP.match(text, hit.start()) else "&lt;", text)
    if protected.count("<") <= _MOST_TAGS:
        tree = LexborHTMLParser(protected.encode("utf-8", "replace"))
        tree.strip_tags(_DROPPED.split())
        protected = _COMMENT.sub("", (tree.body and tree.body.html) or "")
    pieces = _TAG.split(protected)
    pieces[1::2] = [_SHOWN_AS.get(name.lower(), "") for name in pieces[1::2]]
    return "".join(pieces)


def _tidy(text: str) -> str:
    """`text` without outer blanks, empty lines, runs of blanks and what `clean_column` removes."""
    if "\r" in text or not text.isascii():
        for other, plain in _REPLACED:
            text = text.replace(other, plain)
        text = text if _is_clean(text) else _REMOVED.sub("", text)  # entities may stand for such characters
    if "  " in text or "\t" in text:
        text = _BLANKS.sub(" ", text)
    return _LINE_START.sub("\n", text.replace(" \n", "\n")).strip()


def strip_html_column(column: Column) -> Column:
    """`strip_html` for a column; what is empty then becomes None."""
    if "<" not in column.joined and "&" not in column.joined:
        return column
    return Column([(strip_html(text) or None) if text and ("<" in text or "&" in text) else text for text in column])


def has_html(column: Column) -> list[int]:
    """The rows that hold a tag of HTML, a comment, or an entity such as `&nbsp;`."""
    joined = column.joined
    if not ("<" in joined and _MARKUP.search(joined)) and not ("&" in joined and _ENTITY.search(joined)):
        return []
    return [row for row, text in column.rows() if ("<" in text and _MARKUP.search(text)) or _has_entity(text)]


def _has_entity(text: str) -> bool:
    """Whether `text` holds a numeric or known named entity."""
    return "&" in text and any(name[0] == "#" or name in html5 for name in _ENTITY.findall(text))
