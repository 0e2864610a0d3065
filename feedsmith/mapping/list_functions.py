"""The functions of rules for lists and groups."""

from collections.abc import Mapping
from typing import Any

from feedsmith.mapping.bounds import bounded_list, bounded_text
from feedsmith.mapping.function import Function
from feedsmith.mapping.patterns import Searcher, found, searcher
from feedsmith.mapping.types import Type

T = Type
Groups = list[Mapping[str, Any]]


def split(text: str, mark: str) -> list[str]:
    """The parts of a text without outer blanks, empty ones left out. ValueError for an empty mark."""
    return bounded_list([part.strip() for part in text.split(mark) if part.strip()])


def matching(items: list[str], searcher: Searcher) -> list[str]:
    """The values in which a pattern is found."""
    return [item for item in items if found(item, searcher)]


def not_matching(items: list[str], searcher: Searcher) -> list[str]:
    """The values in which a pattern is not found."""
    return [item for item in items if not found(item, searcher)]


def unique(items: list[str]) -> list[str]:
    """Each value once, in their order."""
    return list(dict.fromkeys(items))


def _together(*lists: list[str] | None) -> list[str]:
    return bounded_list([item for items in lists if items is not None for item in items])


def _prepend(text: str | None, items: list[str] | None) -> list[str]:
    rest = [item for item in items or () if item != text]
    return bounded_list([text, *rest]) if text is not None else rest


def _append(items: list[str] | None, text: str | None) -> list[str]:
    rest = [item for item in items or () if item != text]
    return bounded_list([*rest, text]) if text is not None else rest


def _sum_length(rows: Groups, *attributes: str) -> int:
    return sum(len(str(row[name])) for row in rows for name in attributes if row.get(name) is not None)


def _any_duplicate(rows: Groups, *attributes: str) -> bool:
    keys = [tuple(row.get(name) for name in attributes) for row in rows]
    return len(set(keys)) < len(keys)


def _any_missing(rows: Groups, *attributes: str) -> bool:
    return any(row.get(name) is None for row in rows for name in attributes)


def _values(rows: Groups, attribute: str) -> list[str]:
    return [str(row[attribute]) for row in rows if row.get(attribute) is not None]


def _values_where(rows: Groups, attribute: str, name: str, wanted: str) -> list[str]:
    return _values([row for row in rows if row.get(name) == wanted], attribute)


def _entries(numbers: Mapping[str, Any], name: str, value: str) -> list[dict[str, Any]]:
    return [{name: key, value: number} for key, number in numbers.items()]


def _gather(texts: list[str], pairs: str, equals: str, values: str) -> str | None:
    gathered: dict[str, dict[str, None]] = {}
    for pair in (pair for text in texts for pair in text.split(pairs)):
        name, sign, value = pair.partition(equals)
        if sign:
            gathered.setdefault(name, {})[value] = None
    return bounded_text(pairs.join(f"{name}{equals}{values.join(own)}" for name, own in gathered.items())) or None


def _pick(rows: Groups, wanted: str, attribute: str, text: str) -> str | None:
    hits = (row[wanted] for row in rows if row.get(wanted) is not None and str(row.get(attribute)) == text)
    value = next(hits, None)
    return None if value is None else str(value)


LIST_FUNCTIONS: Mapping[str, Function] = {
    "any_duplicate": Function(
        _any_duplicate, (T.GROUPS, T.TEXT), T.FLAG, "two groups share the values of these attributes", more=True
    ),
    "any_missing": Function(
        _any_missing, (T.GROUPS, T.TEXT), T.FLAG, "a group lacks one of these attributes", more=True
    ),
    "append": Function(
        _append, (T.LIST, T.TEXT), T.LIST, "a list with a text behind, which stands in it once", takes_empty=True
    ),
    "count": Function(len, (T.ANY,), T.NUMBER, "how many values a list, a repeated group or a set of numbers has"),
    "entries": Function(
        _entries, (T.NUMBERS, T.TEXT, T.TEXT), T.GROUPS, "numbers by name as groups of a name and a number"
    ),
    "first": Function(lambda items: items[0] if items else None, (T.LIST,), T.TEXT, "the first value of a list"),
    "gather": Function(
        _gather,
        (T.LIST, T.TEXT, T.TEXT, T.TEXT),
        T.TEXT,
        "texts of pairs as one, with all values of each name; by the signs between pairs, in a pair and between values:"
        ' `gather(each.details, "|", "=", ";")` gives `Size=S;M|Color=Red` of `Size=S|Color=Red` and'
        " `Size=M|Color=Red`",
    ),
    "has_duplicates": Function(
        lambda items: len(set(items)) < len(items), (T.LIST,), T.FLAG, "a value stands in the list twice"
    ),
    "last": Function(lambda items: items[-1] if items else None, (T.LIST,), T.TEXT, "the last value of a list"),
    "matching": Function(
        matching,
        (T.LIST, T.TEXT),
        T.LIST,
        'the values in which a regular expression (RE2) is found: `matching(additional_image_link, "front")`',
        prepare=searcher,
    ),
    "not_matching": Function(
        not_matching,
        (T.LIST, T.TEXT),
        T.LIST,
        "the values in which a regular expression (RE2) is not found",
        prepare=searcher,
    ),
    "overlap": Function(
        lambda ours, theirs: not set(ours).isdisjoint(theirs), (T.LIST, T.LIST), T.FLAG, "the lists share a value"
    ),
    "pick": Function(
        _pick,
        (T.GROUPS, T.TEXT, T.TEXT, T.TEXT),
        T.TEXT,
        "an attribute of the first group in which another attribute is this text",
    ),
    "position": Function(
        lambda items, text: items.index(text) if text in items else None,
        (T.LIST, T.TEXT),
        T.NUMBER,
        "where a text stands in a list, from 0; empty where it does not",
    ),
    "prepend": Function(
        _prepend, (T.TEXT, T.LIST), T.LIST, "a list with a text in front, which stands in it once", takes_empty=True
    ),
    "sort": Function(sorted, (T.LIST,), T.LIST, "the list in the order of the alphabet"),
    "split": Function(split, (T.TEXT, T.TEXT), T.LIST, "the parts of a text as a list"),
    "sum_length": Function(
        _sum_length, (T.GROUPS, T.TEXT), T.NUMBER, "characters of these attributes of all groups", more=True
    ),
    "together": Function(
        _together, (T.LIST, T.LIST), T.LIST, "the values of several lists as one list", more=True, takes_empty=True
    ),
    "unique": Function(unique, (T.LIST,), T.LIST, "each value of a list once"),
    "values": Function(_values, (T.GROUPS, T.TEXT), T.LIST, "an attribute's value of each group"),
    "values_where": Function(
        _values_where,
        (T.GROUPS, T.TEXT, T.TEXT, T.TEXT),
        T.LIST,
        'an attribute of each group in which another has a value: `values_where(parts, "id", "kind", "spare")`',
    ),
}
"""The functions by name."""
