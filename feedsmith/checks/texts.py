"""The named text checks of channel definitions (`checks: [capitals, promotional]`). `TEXT_CHECKS` is the list.

Each looks at the whole column at once and only then at the values in which something was found.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import re2
import yaml

from feedsmith.values.column import Column
from feedsmith.values.text import has_html, mojibake_rows
from feedsmith.values.url import insecure_rows, ip_rows

Hits = Iterator[tuple[int, str]]
"""Row and message of each text that a check objects to."""

CAPITALS_SHARE = 0.5
CAPITALS_LEAST = 10
CAPITALS_RUN = 3
CAPITALS_WORD = 4
LONGER = 40
"""Characters: longer than any word that stands for no value, and the blanks around it."""


@dataclass(frozen=True, slots=True)
class TextCheck:
    """A check of texts: `find` yields row and message for each text of the column that it objects to."""

    code: str
    find: Callable[[Column], Hits]
    does: str
    help: str

    def hits(self, column: Column) -> tuple[tuple[int, str], ...]:
        """All that `find` yields, in a form that a column can remember."""
        return tuple(self.find(column))


@cache
def words() -> dict[str, Any]:
    """The word lists of `words.yaml`."""
    text = (Path(__file__).parent / "words.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@cache
def _promotional() -> Any:
    """All phrases of all languages in one pattern: RE2 searches them in one pass over the joined column."""
    phrases = sorted({phrase for group in words()["promotional"].values() for phrase in group})
    options = re2.Options()
    options.case_sensitive = False
    joined = "|".join(r"\s+".join(map(re2.escape, phrase.split())) for phrase in phrases)
    return re2.compile(rf"(?:^|[^\pL\pN])({joined})(?:$|[^\pL\pN])", options)


@cache
def _placeholders() -> frozenset[str]:
    return frozenset(str(word).casefold() for word in words()["placeholder"])


TOPS = "com|nl|de|be|fr|eu|net|org|shop|co[.]uk"
LINK = re2.compile(
    r"((?i:https?://|www\.)[^\s<>\x00]+"
    rf"|\b(?:[A-Za-z0-9-]+\.(?:{TOPS})|[A-Z0-9-]+\.(?:{TOPS.upper()}))\b(?:/[^\s\x00]*)?)"
)
"""With a scheme, or a name under a usual top-level domain. `Soft.De wool` is the end of a sentence."""
EMAIL = re2.compile(r"([\w.+-]+@[\w-]+\.[\w.-]+)")
SYMBOLS = re2.compile(r"([!?]{2,}|[*~^=_|#•★☆✓✔➤►❤♥]{2,}|\.{4,}|[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}★☆❤♥])")
CAPITALS = re2.compile(r"(\p{Lu}[^\pL\x00]*\p{Lu}[^\pL\x00]*\p{Lu})")
"""Three capitals with no small letter between them: without that nobody shouts."""
BETWEEN = "\0\0"
"""Stands between two values that are searched together. Two, as a match may take the sign before or after it."""


@lru_cache(maxsize=1)
def _together(column: Column) -> bytes:
    """The values in one text. Kept for the next check of the same column; encoding costs as much as a search."""
    return BETWEEN.join(column.filled).encode(errors="replace")


def _found(expression: Any, column: Column) -> Hits:
    """Row and match (group 1) of the first hit in each value, by one search over all values together."""
    whole = _together(column)
    rows: list[int] = []
    number = position = 0
    told = -1
    for hit in expression.finditer(whole):
        rows = rows or [row for row, _ in column.rows()]
        number += whole.count(b"\0", position, hit.start(1))
        position = hit.start(1)
        row = rows[number // len(BETWEEN)]
        if row != told:
            told = row
            yield row, hit[1].decode(errors="replace")


def _searched(pattern: Callable[[], Any], message: str, sign: str = "") -> Callable[[Column], Hits]:
    """A check by pattern; without `sign` in any of the texts there is nothing to find."""

    def find(column: Column) -> Hits:
        if sign in column.joined:
            for row, text in _found(pattern(), column):
                yield row, message.format(text)

    return find


def _capitals(column: Column) -> Hits:
    for row, _ in _found(CAPITALS, column):
        if _shouts(column[row]):
            yield row, "is written in capitals"


def _shouts(text: str) -> bool:
    """More than half of at least ten letters are capitals, or three long words in capitals follow each other."""
    for word in words()["abbreviations"]:
        if word in text:
            text = re.sub(rf"\b{word}\b", "", text)
    capitals = sum(map(str.isupper, text))
    letters = sum(map(str.isalpha, text))
    if letters >= CAPITALS_LEAST and capitals > letters * CAPITALS_SHARE:
        return True
    run = 0
    for word in text.split():
        long = len(word) > CAPITALS_WORD and word.isupper() and word.isalpha()
        run = run + 1 if long else 0
        if run == CAPITALS_RUN:
            return True
    return False


def _placeholder(column: Column) -> Hits:
    known = _placeholders()
    hits = {value for value in column.distinct if len(value) < LONGER and value.strip().casefold() in known}
    if hits:
        for row, text in column.rows():
            if text in hits:
                yield row, f"{text!r} says that there is no value"


def _by_rows(rows: Callable[[Column], list[int]], message: str) -> Callable[[Column], Hits]:
    def find(column: Column) -> Hits:
        for row in rows(column):
            yield row, message

    return find


TEXT_CHECKS: dict[str, TextCheck] = {
    "capitals": TextCheck(
        "excessive-capitals", _capitals, "more than half of the letters are capitals, or three words in a row",
        "write it as in a sentence; abbreviations are fine",
    ),
    "emails": TextCheck(
        "promotional-text", _searched(lambda: EMAIL, "holds the mail address {}", "@"), "a mail address in a text",
        "take the address out",
    ),
    "html": TextCheck(
        "html-in-text", _by_rows(has_html, "holds HTML tags or entities"), "tags or entities in a plain text",
        "add the step strip_html to the rule",
    ),
    "https": TextCheck(
        "insecure-url", _by_rows(insecure_rows, "is http, not https"), "an address without encryption",
        "give the https address",
    ),
    "ip": TextCheck(
        "invalid-url", _by_rows(ip_rows, "has a number for a host name"), "an address whose host is an IP number",
        "give the address with the shop's host name",
    ),
    "links": TextCheck(
        "promotional-text", _searched(lambda: LINK, "holds the address {}"), "a web address in a text",
        "take the address out",
    ),
    "mojibake": TextCheck(
        "mojibake", _by_rows(mojibake_rows, "holds characters that were read in a wrong encoding"),
        "text that was decoded with the wrong encoding", "export the file again as UTF-8",
    ),
    "placeholder": TextCheck(
        "invalid-format", _placeholder, "a word such as n/a in place of a value", "leave the cell empty"
    ),
    "promotional": TextCheck(
        "promotional-text", _searched(_promotional, "holds the promotional words {!r}"), "promotion in a text",
        "say what the product is; prices, delivery and promotions have fields of their own",
    ),
    "symbols": TextCheck(
        "promotional-text", _searched(lambda: SYMBOLS, "holds the signs {!r}"), "repeated signs, emoji",
        "use plain punctuation",
    ),
}  # fmt: skip
"""All named text checks."""
