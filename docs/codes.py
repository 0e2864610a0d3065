"""The issue codes: found in the code and in the channel definitions, so that none is forgotten in the docs."""

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import feedsmith
from feedsmith.checks.texts import TEXT_CHECKS
from feedsmith.definitions.load import Channel

ROOMS: Mapping[str, str] = {
    "sources": "reading the file",
    "values": "reading values",
    "catalog": "the catalog",
    "definitions": "limits of fields",
    "mapping": "rules",
    "checks": "limits of fields",
    "run": "rules",
}
"""Room of feedsmith → what its issues are about, in the docs' words."""
CODE = re.compile(r"[a-z]+(-[a-z]+)+|filtered|mojibake")
NO_CODES = frozenset({
    "euc-jp", "euc-kr", "title-row", "inventory-list", "price-table", "price-tables", "x-default",
    "run-begin", "source-read", "pre-commit",
    "category-assignment", "variation-attribute", "variation-attribute-values", "variation-attribute-value",
})  # fmt: skip
"""Texts of the same form that are no issue codes: encodings, elements, events of the log, a fault that is not told."""
TEXTS = "text checks"


@cache
def _in_code() -> Mapping[str, frozenset[str]]:
    """Code → the rooms whose source names it."""
    package = Path(feedsmith.__file__).parent
    found: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    found[node.value].add(TEXTS if path.stem == "texts" else ROOMS[room])
    return {name: frozenset(rooms) for name, rooms in found.items() if name not in NO_CODES}


def raised_by(channels: Mapping[str, Channel]) -> dict[str, list[str]]:
    """Code → where its issues come from: parts of feedsmith, and the channels that have a check with that code."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name, rooms in _in_code().items():
        found[name] |= dict.fromkeys(sorted(rooms))
    for name, channel in channels.items():
        one = channel.definition
        own = {check.code for check in one.checks.values()} | {check.code for check in one.sets.values()}
        own |= {field.pattern.code for field in one.fields.values() if field.pattern}
        for told in own:
            found[told][f"`{name}`"] = None
    for check in TEXT_CHECKS.values():
        found[check.code][TEXTS] = None
    return {name: list(places) for name, places in found.items()}
