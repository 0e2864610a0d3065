"""Lines of the YAML that `init` writes, with their comments."""

import textwrap
from collections.abc import Iterator

import yaml

from feedsmith.reports.harmless import harmless

ASSUMED = "ASSUMED"
"""Marks what no file says."""
WIDE = 118


def scalar(value: str) -> str:
    """A text as YAML writes it on one line, quoted where it must be.

    >>> scalar("Prijs"), scalar("no"), scalar("{{ title }}")
    ('Prijs', "'no'", "'{{ title }}'")
    """
    return yaml.safe_dump(value, allow_unicode=True, width=1_000_000).removesuffix("\n...\n").removesuffix("\n")


def commented(line: str, comment: str) -> list[str]:
    """A line with its comment: behind it where both fit, else above it."""
    told = harmless(" ".join(comment.split()))
    if not told:
        return [line]
    if len(line) + len(told) + 4 <= WIDE:
        return [f"{line}  # {told}"]
    gap = " " * (len(line) - len(line.lstrip()))
    return [f"{gap}{part}" for part in folded(told)] + ([line] if line else [])


def folded(text: str) -> Iterator[str]:
    """A long comment as several."""
    yield from (f"# {line}" for line in textwrap.wrap(text, WIDE - 6))


def indented(lines: Iterator[str] | list[str], by: int) -> Iterator[str]:
    """The lines with so many blanks before them."""
    return (" " * by + line for line in lines)
