"""Small parts of Markdown, and the words of `docs/words.yaml`."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def words() -> dict[str, Any]:
    """What the docs say about things that have no text of their own in the code: `docs/words.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return loaded


def cell(text: object) -> str:
    """A text as a table's cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def code(text: object) -> str:
    """A text as code in a table's cell; nothing for an empty one."""
    plain = cell(text)
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`" if plain else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
