"""The steps of rules for lists."""

from collections.abc import Callable, Mapping
from typing import Any

from feedsmith.mapping.bounds import MOST_VALUES, joined
from feedsmith.mapping.list_functions import matching, not_matching, split, unique
from feedsmith.mapping.patterns import searcher
from feedsmith.mapping.step import (
    Make,
    Setting,
    StepKind,
    Value,
    prepared,
    text_of,
    whole_of,
    with_text,
    without_argument,
)
from feedsmith.mapping.types import Type

T = Type


def _some(keep: Callable[[list[str], int], list[str]]) -> Make:
    """A step that keeps some values of a list, by a number of them."""

    def make(argument: Any, setting: Setting) -> Value:  # noqa: ARG001 - every maker is called alike
        most = whole_of(argument, 1, MOST_VALUES)
        return lambda items: keep(items, most)

    return make


def _join(argument: Any, setting: Setting) -> Value:  # noqa: ARG001
    mark = text_of(argument) if argument != "" else ""
    return lambda items: joined(items, mark)


LIST_STEPS: Mapping[str, StepKind] = {
    "first": StepKind(
        T.LIST, T.LIST, _some(lambda items, most: items[:most]), "keeps the first so many values", "{first: 3}"
    ),
    "join": StepKind(T.LIST, T.TEXT, _join, "joins the values of a list", '{join: ", "}'),
    "last": StepKind(
        T.LIST, T.LIST, _some(lambda items, most: items[-most:]), "keeps the last so many values", "{last: 3}"
    ),
    "matching": StepKind(
        T.LIST,
        T.LIST,
        prepared(searcher, matching),
        "keeps the values in which a regular expression (RE2) is found",
        '{matching: "-front[.]jpg"}',
    ),
    "not_matching": StepKind(
        T.LIST,
        T.LIST,
        prepared(searcher, not_matching),
        "keeps the values in which a regular expression (RE2) is not found",
        "{not_matching: placeholder}",
    ),
    "skip": StepKind(
        T.LIST, T.LIST, _some(lambda items, most: items[most:]), "leaves the first so many values out", "{skip: 1}"
    ),
    "sort": StepKind(T.LIST, T.LIST, without_argument(sorted), "puts a list in the order of the alphabet", "sort"),
    "split": StepKind(T.TEXT, T.LIST, with_text(split), "makes a list", '{split: "|"}'),
    "unique": StepKind(T.LIST, T.LIST, without_argument(unique), "keeps each value once", "unique"),
}
"""The steps by name."""
