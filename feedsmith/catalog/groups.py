"""Groups in one cell: `NL::Standard:4.95 EUR,BE::Standard:6.95 EUR`, or JSON."""

import json
import re
from typing import Any

from feedsmith.values.problem import Problem

Group = dict[str, Any]


def parse_groups(text: str, parts: tuple[str, ...]) -> list[Group] | Problem:
    """The groups of a cell, each a dict of the parts that are filled.

    Args:
        text: groups parted by commas, their parts by colons in the order of `parts`; or JSON, an object or several.
        parts: the names of the parts. The last one may hold colons.
    """
    if text[:1] in "[{" and text:
        return _from_json(text)
    groups = [_group(piece, parts) for piece in _pieces(text, len(parts))]
    if not groups or any(":" not in piece for piece in _pieces(text, len(parts))):
        return Problem("invalid-format", "is not a group of parts", "write " + ":".join(parts))
    return groups


def _pieces(text: str, parts: int) -> list[str]:
    """The groups. A comma before a text without colon belongs to the text (`4,95`), not between two groups."""
    pattern = r",(?=[A-Za-z]{2}:)" if parts > 4 else r",(?=[^,]*:)"  # noqa: PLR2004  (groups that start with a country)
    return [piece for piece in (found.strip() for found in re.split(pattern, text)) if piece]


def _group(piece: str, parts: tuple[str, ...]) -> Group:
    values = (value.strip().strip('"') for value in piece.split(":", len(parts) - 1))
    return {name: value for name, value in zip(parts, values, strict=False) if value}


def _from_json(text: str) -> list[Group] | Problem:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Problem("invalid-format", "starts like JSON, but is not", "write the parts with colons")
    groups = found if isinstance(found, list) else [found]
    if not all(isinstance(group, dict) for group in groups):
        return Problem("invalid-format", "is JSON, but not a list of objects", 'write [{"country": "NL", …}]')
    return groups
