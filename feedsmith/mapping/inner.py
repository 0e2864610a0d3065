"""Finding a field's value in the object that a cell holds as JSON: within lists, under numbers, in fixed JSON.

A way is a list of steps. `name` is a member; `name[]` a list, of which another step takes the first object and the end
takes all; `name_{n}` are numbered members; `*` is the object under whatever name. In XML a step `name@attribute` is an
attribute, and elements that repeat are a list.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from feedsmith.definitions.wrap import around

LIST = "[]"
NUMBER = "{n}"
ANY = "*"
WILD = "\0"
"""In fixed JSON that is read: any text, for what the project or the market would fill in."""
MARK = "\1"
"""Stands for the value in fixed JSON that is read; no text holds it."""


@dataclass(frozen=True, slots=True)
class Inner:
    """What of a cell is a field's.

    `steps` lead to it, the first of them by the cell itself. `wrap` is the fixed JSON around each element of a list;
    those that do not fit are another field's. `several` says that all are read, of all lists on the way; `start` and
    `stop` which of them. In XML (`path`) the attributes of an element are members of a group.
    """

    steps: tuple[str, ...]
    wrap: str | None = None
    several: bool = False
    group: bool = False
    path: bool = False
    start: int = 0
    stop: int | None = None

    def text(self, cell: str) -> str | None:
        """The value as a cell of its own: a text, or JSON; None where there is none."""
        found = self.values(cell)
        if not self.several and len(found) == 1:
            only = found[0]
            return only if isinstance(only, str) else json.dumps(only, ensure_ascii=False)
        return json.dumps(found, ensure_ascii=False) if found else None

    def values(self, cell: str) -> list[Any]:
        """All values that the cell holds for the field."""
        first, *steps = self.steps
        found = list(_flat(parsed(cell)))
        for number, step in enumerate((first, *steps)):
            if number:
                found = [child for one in found for child in self._children(one, step, last=number == len(steps))]
            if number < len(steps) and not self.several:
                found = found[:1]
        if self.wrap is not None:
            found = [inner for one in found if fits(self.wrap, one) for inner in inside(self.wrap, one)]
        return [one for one in found[self.start : self.stop] if one not in (None, "", [])]

    def _children(self, owner: Any, step: str, *, last: bool) -> Iterator[Any]:
        if not isinstance(owner, dict):
            return
        if step == ANY:
            yield from (one for one in owner.values() if isinstance(one, dict))
        elif NUMBER in step:
            yield from _numbered(owner, step)
        elif last and self.group and self.path:
            yield from _elements(owner, step)
        else:
            yield from _flat(owner.get(step.removesuffix(LIST)))


def parsed(cell: str) -> Any:
    """What a cell holds: a list or an object, with numbers as texts, or the text itself."""
    if cell[:1] in {"[", "{"}:
        try:
            return json.loads(cell, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            return cell
    return cell


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def _numbered(owner: dict[str, Any], step: str) -> Iterator[Any]:
    """The members under a name with numbers, in their order."""
    pattern = re.compile(re.escape(step).replace(re.escape(NUMBER), "([0-9]+)"))
    hits = {int(hit[1]): name for name in owner if (hit := pattern.fullmatch(name))}
    for number in sorted(hits):
        yield from _flat(owner[hits[number]])


def _elements(owner: dict[str, Any], name: str) -> Iterator[Any]:
    """The elements of a name, each an object of its own elements and its attributes."""
    before = f"{name}@"
    attributes = {key.removeprefix(before): list(_flat(one)) for key, one in owner.items() if key.startswith(before)}
    elements = list(_flat(owner.get(name)))
    size = max([len(elements), *map(len, attributes.values())])
    for at in range(size):
        element = elements[at] if at < len(elements) else {}
        own = {key: texts[at] for key, texts in attributes.items() if at < len(texts) and texts[at]}
        yield {**element, **own} if isinstance(element, dict) else own or element


# --- fixed JSON --------------------------------------------------------------------------------------------------


@cache
def fixed(wrap: str) -> Any:
    """The fixed JSON with `MARK` where the value stands."""
    before, after = around(wrap)
    return json.loads(before + json.dumps(MARK) + after)


@cache
def way_in(wrap: str) -> tuple[Any, ...]:
    """The keys and numbers that lead to the value in the fixed JSON."""
    open_: list[tuple[tuple[Any, ...], Any]] = [((), fixed(wrap))]
    while open_:
        way, found = open_.pop()
        if found == MARK:
            return way
        steps = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
        open_ += [((*way, step), value) for step, value in steps]
    raise ValueError(f"{wrap} has no place for a value")


def fits(wrap: str, found: Any) -> bool:
    """Whether an element is one that the field writes: all that is fixed is there; an absent flag counts as false."""
    return _same(fixed(wrap), found, way_in(wrap))


def _same(wanted: Any, found: Any, way: tuple[Any, ...] | None) -> bool:
    if way == () or (isinstance(wanted, str) and WILD in wanted):
        return True
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            _same(one, found.get(key, False if one is False else None), _on(way, key)) for key, one in wanted.items()
        )
    if isinstance(wanted, list):
        several = list(_flat(found))
        return all(any(_same(one, each, _on(way, at)) for each in several) for at, one in enumerate(wanted))
    return str(wanted).casefold() == str(found).casefold()


def _on(way: tuple[Any, ...] | None, step: Any) -> tuple[Any, ...] | None:
    """The rest of the way, where it goes by this step."""
    return way[1:] if way and way[0] == step else None


def inside(wrap: str, found: Any) -> list[Any]:
    """What stands at the place of the value, in all elements of a list on the way."""
    several = [found]
    for step in way_in(wrap):
        if isinstance(step, int):
            several = [one for some in several for one in _flat(some)]
        else:
            several = [one[step] for one in several if isinstance(one, dict) and step in one]
    return several
