"""The rows of `docs/compare-rules.yaml`: what rules of other tools can do, and how it is written here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from docs.markdown import cell, code, table

TOOLS = {"C": "Channable", "D": "DataFeedWatch", "P": "Productsup"}


@dataclass(frozen=True)
class Row:
    """A feature: who has it, what is laid over a project, and what comes of given products."""

    group: str
    feature: str
    tools: str
    write: dict[str, Any]
    given: list[dict[str, str]]
    expect: list[dict[str, str]]
    files: dict[str, str] = field(default_factory=dict)


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the page."""
    loaded = yaml.load((Path(__file__).parent / "compare-rules.yaml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - texts only
    return tuple(Row(group, feature, **row) for group, features in loaded.items() for feature, row in features.items())


def compare_rules() -> str:
    """The tables of the page, one for each group."""
    parts = []
    for group in dict.fromkeys(row.group for row in rows()):
        lines = [[cell(row.feature), *_marks(row), code(flow(row.write))] for row in rows() if row.group == group]
        parts.append(f"### {group}\n\n{table(['Feature', *TOOLS.values(), 'Here'], lines)}")
    return "\n".join(parts)


def _marks(row: Row) -> Iterator[str]:
    yield from ("yes" if tool in row.tools else "" for tool in TOOLS)


def flow(value: Any) -> str:
    """What is written, on one line as YAML; the outer braces are left out."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1_000_000, allow_unicode=True)
    return text.strip()[1:-1]
