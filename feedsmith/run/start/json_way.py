"""Where the items of a JSON file stand, when none of the usual names leads to them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_BYTES = 64 << 20
"""A longer file is not held in memory for that."""
DEEP = 6


def items_way(path: Path) -> str:
    """The names that lead to the longest list of objects, such as `result/articles`; "" where there is none."""
    if path.stat().st_size > MOST_BYTES:
        return ""
    try:
        whole = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return ""
    found = [(count, "/".join(way)) for way, count in _lists(whole, ())]
    return max(found, key=lambda one: one[0])[1] if found else ""


def _lists(value: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The ways to the lists of objects, with how many objects are in each."""
    if isinstance(value, list) and way and value and all(isinstance(one, dict) for one in value):
        yield way, len(value)
    if isinstance(value, dict) and len(way) < DEEP:
        for name, one in value.items():
            if "/" not in name:
                yield from _lists(one, (*way, name))
