"""Items of a JSON file that are groups: each of their variants becomes a record of its own, with its own line."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

GROUP = "group:"
"""Before the names of a group's own members, in the records of its variants."""
NUMBER = f"{GROUP}#"
"""The name of the group's number in the file; no two groups share it."""
BLANKS = re.compile(r"[ \t\n\r]*")
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Variants:
    """How groups are written: the `name` of the list of their variants.

    `alone` says that an object without such a list is a variant without a group.
    """

    name: str
    alone: bool


def variants_of(value: dict[str, Any], variants: Variants | None) -> list[Any] | None:
    """The variants of an object; None where it is an item by itself."""
    if variants is None:
        return None
    found = value.get(variants.name)
    if found is None and variants.alone:
        return None
    return found if isinstance(found, list) else []


def starts(text: str, at: int, name: str) -> Iterator[int]:
    """The positions of the elements of the list `name` in the object at `at`, which is correct JSON."""
    while text[at] != "}":
        key, end = DECODER.raw_decode(text, _next(text, at + 1))
        at = _next(text, _next(text, end) + 1)
        if key == name:
            yield from _elements(text, at)
            return
        at = _next(text, DECODER.raw_decode(text, at)[1])


def _elements(text: str, at: int) -> Iterator[int]:
    at = _next(text, at + 1)
    while text[at] != "]":
        yield at
        at = _next(text, DECODER.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _next(text, at + 1)


def _next(text: str, at: int) -> int:
    """The position of the next sign that is not blank."""
    match = BLANKS.match(text, at)
    return match.end() if match else at
