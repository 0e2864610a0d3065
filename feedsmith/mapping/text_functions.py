"""The functions of rules for texts and addresses."""

import hashlib
import operator
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from feedsmith.mapping.bounds import MOST_GROWTH, bounded, bounded_text, joined, replaced
from feedsmith.mapping.function import Function
from feedsmith.mapping.patterns import found, pattern, searcher
from feedsmith.mapping.types import Type
from feedsmith.values.gtin import clean_gtin, gtin_problem
from feedsmith.values.numbers import parse_decimal
from feedsmith.values.problem import Problem
from feedsmith.values.text import strip_html
from feedsmith.values.url import registered_domain

T = Type


def before(text: str, mark: str) -> str:
    """What stands before the first mark; the whole text where there is none."""
    return text.partition(mark)[0].strip() if mark else text


def after(text: str, mark: str) -> str:
    """What stands behind the first mark; empty where there is none."""
    return text.partition(mark)[2].strip() if mark else ""


def extract(text: str, expression: Any) -> str | None:
    """The first hit of a compiled pattern, or of its first group where it has one."""
    hit = expression.search(text)
    if hit is None:
        return None
    return (hit[1] if expression.groups else hit[0]) or None


def plain(text: str) -> str:
    """The text without accents: `Café` is `Cafe`."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(one for one in apart if not unicodedata.combining(one)))


def unique_words(text: str) -> str:
    """Each word once, whatever its capitals; the first counts."""
    words: dict[str, str] = {}
    for word in text.split():
        words.setdefault(word.casefold(), word)
    return " ".join(words.values())


def url_encode(text: str) -> str:
    """The text as a part of an address."""
    return bounded_text(quote(text, safe=""))


def pad(text: str, length: Any, sign: str) -> str:
    """The text with signs in front up to that length."""
    if len(sign) != 1 or length > MOST_GROWTH:
        raise ValueError("pad takes one sign, and a length up to 100000")
    return text.rjust(int(length), sign)


def add_query(url: str, query: str) -> str:
    """The address with the parameters of `query` that it does not have, before its fragment."""
    rest, mark, fragment = url.partition("#")
    has = {name for name, _ in parse_qsl(rest.partition("?")[2], keep_blank_values=True)}
    added = "&".join(part for part in query.split("&") if part.partition("=")[0] not in has)
    if not added:
        return url
    sign = "" if rest.endswith(("?", "&")) else "&" if "?" in rest else "?"
    bounded(len(url) + len(added))
    return f"{rest}{sign}{added}{mark}{fragment}"


def _title_case(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def _words(text: str) -> int:
    return len(text.split())


def _word(text: str, number: Any) -> str | None:
    words = text.split()
    return words[int(number)] if -len(words) <= number < len(words) else None


def _extension(url: str) -> str:
    if "?" in url or "#" in url:
        url = url.partition("?")[0].partition("#")[0]
    dot = url.rfind(".")
    return url[dot + 1 :].lower() if dot > url.rfind("/") else ""


def _path(url: str) -> str:
    rest = url.partition("//")[2]
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else ""


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _contains_any(text: str, parts: list[str]) -> bool:
    return any(part in text for part in parts)


def _contains_word(text: str, word: str) -> bool:
    wanted = word.casefold().split()
    words = ["".join(sign if sign.isalnum() else " " for sign in one).split() for one in text.casefold().split()]
    flat = [part for one in words for part in one]
    return bool(wanted) and any(flat[at : at + len(wanted)] == wanted for at in range(len(flat)))


def _is_number(text: str) -> bool:
    return not isinstance(parse_decimal(text.strip()), Problem)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


TEXT_FUNCTIONS: Mapping[str, Function] = {
    "add_query": Function(
        add_query, (T.TEXT, T.TEXT), T.TEXT, "an address with these parameters, where it does not have them yet"
    ),
    "after": Function(after, (T.TEXT, T.TEXT), T.TEXT, "what stands behind a mark; empty without one"),
    "before": Function(before, (T.TEXT, T.TEXT), T.TEXT, "what stands before a mark; the whole text without one"),
    "contains": Function(operator.contains, (T.TEXT, T.TEXT), T.FLAG, "the text holds the part"),
    "contains_any": Function(
        _contains_any, (T.TEXT, T.LIST), T.FLAG, 'the text holds one of the parts: `contains_any(title, ["S", "M"])`'
    ),
    "contains_word": Function(
        _contains_word, (T.TEXT, T.TEXT), T.FLAG, "the text holds the whole word or words, whatever the capitals"
    ),
    "domain": Function(registered_domain, (T.TEXT,), T.TEXT, "the registered domain of an address"),
    "ends_with": Function(str.endswith, (T.TEXT, T.TEXT), T.FLAG, "the text ends with the part"),
    "extension": Function(_extension, (T.TEXT,), T.TEXT, "the file extension of an address, lower case"),
    "extract": Function(
        extract,
        (T.TEXT, T.TEXT),
        T.TEXT,
        'what a regular expression (RE2) finds first, or its first group: `extract(title, "([0-9]+) cm")`',
        prepare=pattern,
    ),
    "host": Function(_host, (T.TEXT,), T.TEXT, "the host name of an address, lower case"),
    "is_number": Function(_is_number, (T.TEXT,), T.FLAG, "the text can be read as a number with a decimal point"),
    "join": Function(joined, (T.LIST, T.TEXT), T.TEXT, "the list as one text"),
    "length": Function(len, (T.TEXT,), T.NUMBER, "characters of a text"),
    "lower": Function(str.lower, (T.TEXT,), T.TEXT, "small letters"),
    "matches": Function(
        found,
        (T.TEXT, T.TEXT),
        T.FLAG,
        "a regular expression (RE2) is found in the text",
        prepare=searcher,
    ),
    "occurrences": Function(str.count, (T.TEXT, T.TEXT), T.NUMBER, "how many times the text holds the part"),
    "pad": Function(pad, (T.TEXT, T.NUMBER, T.TEXT), T.TEXT, 'signs in front up to a length: `pad(mpn, 8, "0")`'),
    "path": Function(_path, (T.TEXT,), T.TEXT, "the path of an address, with what follows it: `/p/1?size=M`"),
    "plain": Function(plain, (T.TEXT,), T.TEXT, "without accents"),
    "replace": Function(replaced, (T.TEXT, T.TEXT, T.TEXT), T.TEXT, "every part put in another's place"),
    "sha256": Function(_sha256, (T.TEXT,), T.TEXT, "the SHA-256 sum of the text, as 64 signs"),
    "starts_with": Function(str.startswith, (T.TEXT, T.TEXT), T.FLAG, "the text starts with the part"),
    "strip_html": Function(strip_html, (T.TEXT,), T.TEXT, "HTML as plain text"),
    "title_case": Function(_title_case, (T.TEXT,), T.TEXT, "a capital at each word"),
    "trim": Function(str.strip, (T.TEXT,), T.TEXT, "without outer blanks"),
    "unique_words": Function(unique_words, (T.TEXT,), T.TEXT, "each word once, whatever its capitals"),
    "upper": Function(str.upper, (T.TEXT,), T.TEXT, "capitals"),
    "url_encode": Function(url_encode, (T.TEXT,), T.TEXT, "the text as a part of an address: `a%20b`"),
    "valid_gtin": Function(
        lambda text: gtin_problem(clean_gtin(text)) is None, (T.TEXT,), T.FLAG, "a GTIN with a right check digit"
    ),
    "word": Function(_word, (T.TEXT, T.NUMBER), T.TEXT, "a word of a text, counted from 0; from the end with -1, -2"),
    "words": Function(_words, (T.TEXT,), T.NUMBER, "words of a text"),
}
"""The functions by name."""
