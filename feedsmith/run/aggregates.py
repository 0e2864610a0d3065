"""What rules of a group may ask over its variants: the first value, the lowest, the highest, the total, each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feedsmith.mapping.types import Type

FIRST, GROUP, SIZE = "first", "group", "size"
OF_GROUP: Mapping[str, Type] = {SIZE: Type.NUMBER, "id": Type.TEXT}
"""What rules may ask of the group itself: how many variants it has, and the value they share."""


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _known(work: Callable[[list[Any]], Any]) -> Callable[[Iterable[Any]], Any]:
    """Work over the values that are there; None without any."""

    def over(values: Iterable[Any]) -> Any:
        known = [value for value in values if value is not None]
        return work(known) if known else None

    return over


def _each(values: Iterable[Any]) -> Any:
    several = [one for value in values if value is not None for one in (value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(several)) or None


NUMBERS = frozenset({Type.NUMBER})
TEXTS = frozenset({Type.TEXT, Type.LIST})


@dataclass(frozen=True)
class Aggregate:
    """How one value is worked out of the variants' values.

    It takes columns of the types `takes`, all where that is None, and gives the type `gives`, where that is another.
    """

    work: Callable[[Iterable[Any]], Any]
    takes: frozenset[Type] | None = None
    gives: Type | None = None


AGGREGATES: Mapping[str, Aggregate] = {
    FIRST: Aggregate(_first),
    "lowest": Aggregate(_known(min), NUMBERS),
    "highest": Aggregate(_known(max), NUMBERS),
    "total": Aggregate(_known(sum), NUMBERS),
    "each": Aggregate(_each, TEXTS, Type.LIST),
}
"""The aggregates by the name that rules use: `lowest.price`."""


def group_types(names: Mapping[str, Type]) -> dict[str, Mapping[str, Type]]:
    """The types of what rules of a group may ask, by owner: `lowest.price` is a number."""
    owners = {
        owner: {name: one.gives or kind for name, kind in names.items() if one.takes is None or kind in one.takes}
        for owner, one in AGGREGATES.items()
    }
    return {**owners, GROUP: OF_GROUP}
