"""Looking into an item's values: texts, lists, and groups with attributes, as plain values."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from feedsmith.preview.cards.looks import PartSource
from feedsmith.values.dates import parse_moment

Values = Mapping[str, Any]
"""Field → what the channel gets: a text, a list of texts, a group as a mapping, a list of groups.

An amount of money has its currency behind it: `24.95 EUR`.
"""


class Found(NamedTuple):
    """A field that has a value: its name and its texts."""

    field: str
    texts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The first of the texts."""
        return self.texts[0]


def first(values: Values, paths: Iterable[str]) -> Found | None:
    """The first field of these that has a value."""
    for path in paths:
        field, _, attribute = path.partition(".")
        texts = tuple(_texts(values.get(field), attribute))
        if texts:
            return Found(field, texts)
    return None


def _texts(value: Any, attribute: str) -> Iterable[str]:
    """The texts of a value; of a group those of an attribute, or of all where none is asked for."""
    for one in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(one, Mapping):
            yield from _texts(one.get(attribute) if attribute else list(one.values()), "")
        elif isinstance(one, (list, tuple)):
            yield from _texts(one, attribute)
        elif one is not None and not attribute and str(one).strip():
            yield str(one).strip()


def pairs(values: Values, paths: Iterable[str]) -> tuple[str, list[tuple[str, str]]]:
    """The first field of these with groups of two: its name, and the two texts of each."""
    for path in paths:
        value = values.get(path)
        groups = value if isinstance(value, (list, tuple)) else [value]
        found = [tuple(_texts(one, ""))[:2] for one in groups if isinstance(one, Mapping)]
        told = [(one[0], one[1]) for one in found if len(one) == 2]  # noqa: PLR2004 - a name and its value
        if told:
            return path, told
    return "", []


def period(values: Values, source: PartSource) -> tuple[datetime | None, datetime | None]:
    """Start and end of what a part's dates say; None where nothing is said."""
    for one in source.dates:
        if isinstance(one, str):
            found = first(values, [one])
            start, _, end = found.text.partition("/") if found else ("", "", "")
        else:
            start, end = ((found.text if (found := first(values, [name])) else "") for name in one)
        if start or end:
            return moment(start), moment(end)
    return None, None


def moment(text: str) -> datetime | None:
    """A moment as feeds write it, in UTC where it names no zone; None for anything else."""
    found = parse_moment(text, UTC)
    return found if isinstance(found, datetime) else None
