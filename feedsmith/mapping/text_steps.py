"""The steps of rules that take or give texts."""

from collections.abc import Mapping
from typing import Any

from feedsmith.definitions.model import nearest
from feedsmith.mapping.bounds import MOST_GROWTH, bounded, replaced
from feedsmith.mapping.patterns import pattern, replacement
from feedsmith.mapping.printed import printed
from feedsmith.mapping.step import (
    Setting,
    StepKind,
    Value,
    options_of,
    pairs_of,
    prepared,
    texts_of,
    whole_of,
    with_text,
    without_argument,
)
from feedsmith.mapping.text_functions import (
    add_query,
    after,
    before,
    extract,
    pad,
    plain,
    unique_words,
    url_encode,
)
from feedsmith.mapping.types import Type
from feedsmith.values.text import cut_at_word, strip_html

T = Type


def _cut(argument: Any, setting: Setting) -> Value:
    length = setting.limit if argument is None else whole_of(argument, 1, MOST_GROWTH)
    if length is None:  # a rule that many channels share also meets those without a limit
        return lambda text: text
    return lambda text: text if len(text) <= length else cut_at_word(text, length)


def _replace(argument: Any, setting: Setting) -> Value:  # noqa: ARG001 - every maker is called alike
    pairs = list(pairs_of(argument).items())
    if any(not old for old, _ in pairs):
        raise ValueError("cannot replace an empty text")

    def call(text: str) -> str:
        for old, new in pairs:
            text = replaced(text, old, new)
        return text

    return call


def _remove(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    parts = texts_of(argument)

    def call(text: str) -> str:
        for part in parts:
            text = text.replace(part, "")
        return " ".join(text.split())

    return call


def _regex(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    calls = [replacement(old, new) for old, new in pairs_of(argument).items()]

    def call(text: str) -> str:
        for one in calls:
            text = one(text)
        return text

    return call


def _prefix(text: str, prefix: str) -> str:
    bounded(len(text) + len(prefix))
    return prefix + text


def _suffix(text: str, suffix: str) -> str:
    bounded(len(text) + len(suffix))
    return text + suffix


def _pad(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    options = options_of(argument if isinstance(argument, dict) else {"length": argument}, {"length": "", "sign": "0"})
    length = whole_of(options["length"], 1, MOST_GROWTH)
    if len(options["sign"]) != 1:
        raise ValueError("takes one sign to fill with")
    return lambda text: pad(text, length, options["sign"])


def _map(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    pairs = pairs_of(argument)
    otherwise = pairs.pop("*", None)
    folded = {key.casefold(): value for key, value in pairs.items()}

    def call(text: Any) -> str | None:
        word = printed(text)
        return folded.get(word.strip().casefold(), word if otherwise is None else otherwise) or None

    return call


def _table(argument: Any, setting: Setting) -> Value:
    name, column = argument, None
    if isinstance(argument, dict):
        name, column = argument.get("name"), argument.get("value")
    if not isinstance(name, str) or name not in setting.tables:
        raise ValueError(f"finds no table {name!r}; {nearest(str(name), setting.tables) or 'there is none'}")
    table = setting.tables[name]
    column = str(column or table.columns[min(1, len(table.columns) - 1)])
    if column not in table.columns:
        raise ValueError(f"finds no column {column!r} in the table {name}; {nearest(column, table.columns)}")
    return lambda text: (table.rows.get(printed(text)) or {}).get(column) or None


def _sentence_case(text: str) -> str:
    lowered = text.lower()
    return lowered[:1].upper() + lowered[1:]


def _title_case(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))


TEXT_STEPS: Mapping[str, StepKind] = {
    "add_query": StepKind(
        T.TEXT,
        T.TEXT,
        with_text(add_query),
        "adds parameters to an address that does not have them",
        "{add_query: utm_source=newsletter}",
    ),
    "after": StepKind(T.TEXT, T.TEXT, with_text(after), "keeps what stands behind a mark", '{after: ": "}'),
    "before": StepKind(T.TEXT, T.TEXT, with_text(before), "keeps what stands before a mark", '{before: " - "}'),
    "collapse": StepKind(
        T.TEXT,
        T.TEXT,
        without_argument(lambda text: " ".join(text.split())),
        "makes runs of blanks one",
        "collapse",
    ),
    "cut": StepKind(T.TEXT, T.TEXT, _cut, "cuts at a word; without a number at the channel's limit", "{cut: 70}"),
    "extract": StepKind(
        T.TEXT,
        T.TEXT,
        prepared(pattern, extract),
        "keeps what a regular expression (RE2) finds first, or its first group",
        '{extract: "([0-9]+) cm"}',
    ),
    "lower": StepKind(T.TEXT, T.TEXT, without_argument(str.lower), "small letters", "lower"),
    "map": StepKind(
        T.ANY, T.TEXT, _map, "puts one value in another's place; `*` is for all others", "{map: {rood: red}}"
    ),
    "pad": StepKind(T.TEXT, T.TEXT, _pad, "puts signs in front up to a length", "{pad: {length: 8, sign: x}}"),
    "plain": StepKind(T.TEXT, T.TEXT, without_argument(plain), "takes accents away", "plain"),
    "prefix": StepKind(T.TEXT, T.TEXT, with_text(_prefix), "puts a text in front", "{prefix: SKU-}"),
    "regex": StepKind(
        T.TEXT, T.TEXT, _regex, "replaces what a regular expression (RE2) finds", '{regex: {"[0-9]+ cm": ""}}'
    ),
    "remove": StepKind(
        T.TEXT, T.TEXT, _remove, "takes texts out, and double blanks", '{remove: [" NEW", "(web only)"]}'
    ),
    "replace": StepKind(T.TEXT, T.TEXT, _replace, "replaces texts", '{replace: {" inch": " Zoll"}}'),
    "sentence_case": StepKind(
        T.TEXT, T.TEXT, without_argument(_sentence_case), "one capital in front", "sentence_case"
    ),
    "strip_html": StepKind(T.TEXT, T.TEXT, without_argument(strip_html), "makes HTML plain text", "strip_html"),
    "suffix": StepKind(T.TEXT, T.TEXT, with_text(_suffix), "puts a text behind", '{suffix: " cm"}'),
    "table": StepKind(
        T.ANY, T.TEXT, _table, "looks the value up in a table", "{table: {name: colors, value: english}}"
    ),
    "title_case": StepKind(T.TEXT, T.TEXT, without_argument(_title_case), "a capital at each word", "title_case"),
    "trim": StepKind(T.TEXT, T.TEXT, without_argument(str.strip), "takes outer blanks away", "trim"),
    "unique_words": StepKind(
        T.TEXT,
        T.TEXT,
        without_argument(unique_words),
        "keeps each word once, whatever its capitals",
        "unique_words",
    ),
    "upper": StepKind(T.TEXT, T.TEXT, without_argument(str.upper), "capitals", "upper"),
    "url_encode": StepKind(
        T.TEXT, T.TEXT, without_argument(url_encode), "makes a text a part of an address", "url_encode"
    ),
}
"""The steps by name."""
