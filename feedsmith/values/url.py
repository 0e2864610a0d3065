"""Web addresses: absolute, http or https, ASCII, as RFC 3986 and the channels want them."""

import re
from functools import lru_cache
from urllib.parse import quote

from feedsmith.values.column import Column
from feedsmith.values.problem import Problem

_SCHEME = r"[Hh][Tt][Tt][Pp][Ss]?://"
_HOST = r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)++\.?(?::[0-9]{1,5}+)?"
_CHARACTERS = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]*+"
_REST = rf"(?:[/?#]{_CHARACTERS}(?:%[0-9A-Fa-f]{{2}}{_CHARACTERS})*+)?"
_URL = re.compile(_SCHEME + _HOST + _REST)
_URL_COLUMN = re.compile(rf"(?:{_URL.pattern}\n)*+")

_EXPLAINED = (
    (r"//.*", "starts with // and names no scheme", "write https:// in front"),
    (r"(?!https?:)[a-z][a-z0-9+.-]*:(?![0-9]).*", "is not an http or https address", "give a web address"),
    (r"(?!https?://).*", "is not an absolute address", "write the whole address, with https:// and the shop's name"),
    (r".*\s.*", "holds a blank", "write %20 in its place"),
    (r".*[^\x00-\x7f].*", "holds a character outside ASCII", "write it percent-encoded"),
    (r"https?://[^/?#]*@.*", "holds a user name or password", "leave it out"),
    (r"https?://(?!\[)[^/?#.]*(?:[/?#].*)?", "names no host with a dot", "write the whole name of the shop's site"),
    (r".*%(?![0-9a-f]{2}).*", "holds a % that encodes nothing", "write %25 in its place"),
    (rf"(?!{_SCHEME}{_HOST}(?:[/?#]|$)).*", "names no valid host or port", "correct the name of the site"),
)
_REASONS = tuple((re.compile(pattern, re.DOTALL | re.IGNORECASE), why, advice) for pattern, why, advice in _EXPLAINED)


def url_problems(column: Column) -> dict[int, Problem]:
    """The problems of a column of web addresses by row, all of code `invalid-url`.

    Good is an absolute http or https address whose host has a dot, in the characters of RFC 3986. Square brackets are
    taken in paths and queries as well, as shops and channels use them.
    """
    text = column.joined + "\n" if column.filled else ""
    if _URL_COLUMN.fullmatch(text) and text.count("\n") == len(column.filled):
        return {}
    return {row: _explain(text) for row, text in column.rows() if not _URL.fullmatch(text)}


def _explain(text: str) -> Problem:
    """Why `text` is not a good address."""
    for pattern, message, advice in _REASONS:
        if pattern.fullmatch(text):
            return Problem("invalid-url", message, advice)
    return Problem("invalid-url", "holds a character that an address must not have", "write it percent-encoded")


_INSECURE = re.compile("http:", re.IGNORECASE)
_NUMBER_HOST = re.compile(r"//(?:[^/?#\s]*@)?(?:[0-9]++(?:\.[0-9]++)*+\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?(?=[/?#\n]|$)")
_IP_HOST = re.compile(_SCHEME[:-2] + _NUMBER_HOST.pattern)


def insecure_rows(column: Column) -> list[int]:
    """The rows with an address that is http, not https."""
    if ("\n" + column.joined).count("\nhttps:") == len(column.filled):
        return []
    return [row for row, text in column.rows() if _INSECURE.match(text)]


def ip_rows(column: Column) -> list[int]:
    """The rows with an address whose host is a number (IPv4 or IPv6), not a name."""
    if not _NUMBER_HOST.search(column.joined):
        return []
    return [row for row, text in column.rows() if _IP_HOST.match(text)]


_SECOND_LEVEL = {
    "ac co com gov ltd me net org plc sch": "uk",
    "asn com edu gov id net org": "au",
    "ac co geek gen govt net org school": "nz",
    "ac co go gov ne net or org": "jp kr th id za ke tz ug il cr",
    "com net org gob gov edu nom": (
        "ar bo br cn co do ec eg es gr gt hk mx my ng pe ph pk pl py ro sa sg tr tw ua uy ve vn"
    ),
    "biz co firm gen ind net org": "in",
    "co or ac gv": "at",
    "co info sklep shop waw": "hu pl",
}
"""Labels under which names are registered one level deeper, by top-level domain: the usual ones, not the whole list of
public suffixes."""

_DEEPER = frozenset(
    f"{label}.{top}" for labels, tops in _SECOND_LEVEL.items() for label in labels.split() for top in tops.split()
)
_NAMED_HOST = re.compile(rf"{_SCHEME}(?:[^/?#\s]*@)?([^/?#:\s\[\]]+)")


SLASHES = 2
"""The slashes of an address without a path."""


def registered_domain(url: str) -> str:
    """The part of the host that somebody registered, in lower case: `shop.example` of `https://www.shop.example/p`.

    The last two labels, or three under a suffix such as co.uk; the host itself if it is a number; "" without a host.
    """
    return _registered(url[: url.find("/", url.find("//") + 2)]) if url.count("/") > SLASHES else _registered(url)


@lru_cache(maxsize=1024)
def _registered(url: str) -> str:
    """The same for an address without its path: a catalog has few hosts."""
    if _IP_HOST.match(url):
        return re.sub(r"^[^/]*//|(?::[0-9]*)?(?:[/?#].*)?$", "", url, flags=re.DOTALL).rpartition("@")[2]
    found = _NAMED_HOST.match(url)
    if not found:
        return ""
    labels = found[1].lower().strip(".").split(".")
    return ".".join(labels[-3 if ".".join(labels[-2:]) in _DEEPER else -2 :])


_PARTS = re.compile(rf"({_SCHEME})([^/?#]*)(.*)", re.DOTALL)
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def encode_url(text: str) -> str:
    """`text` with blanks and other characters outside RFC 3986 percent-encoded as UTF-8, and an IDNA host.

    What is encoded stays as it is. A text that is no absolute address, or whose host has no IDNA form, comes back as
    it is (without outer blanks), for `url_problems` to name.
    """
    text = text.strip()
    if _URL.fullmatch(text):
        return text
    parts = _PARTS.fullmatch(text)
    if not parts:
        return text
    scheme, host, rest = parts.groups()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return text
    return scheme + host + quote(_LONE_PERCENT.sub("%25", rest), safe="%-._~:/?#[]@!$&'()*+,;=", errors="replace")
