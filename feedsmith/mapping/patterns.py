"""Regular expressions of rules and checks: RE2's, which take a time in proportion to the text, whatever the pattern."""

import re
from collections.abc import Callable
from typing import Any

import re2

from feedsmith.mapping.bounds import MOST_GROWTH, bounded

REPEATS = re.compile(r"[*+?{]")
SPECIAL = re.compile(r"\\[a-zA-Z]|\(\?|\$|\)[*+?{]|\[\[|--|&&|~~|\|\|")
"""What RE2 and Python's patterns read differently, and the repeated group, which Python may try in endless ways."""


def searcher(text: str) -> Any:
    """A compiled pattern for `matches`, checked by RE2.

    A pattern that both read alike and that repeats one character at most cannot run away, so it may use Python's own
    engine, which asks a value in a tenth of the time.

    Raises:
        ValueError: RE2 refuses the pattern.
    """
    safe = pattern(text)
    plain = len(REPEATS.findall(text)) <= 1 and not SPECIAL.search(text)
    return re.compile(text, re.ASCII) if plain else safe


def pattern(text: str) -> Any:
    """A compiled RE2 pattern: linear time, without look-around and back references.

    Raises:
        ValueError: RE2 refuses the pattern.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else error.args[0]
        raise ValueError(f"the pattern {text!r} is not accepted: {reason}") from error


def replacement(old: str, new: str) -> Callable[[str], str]:
    r"""What replaces each hit of the pattern `old` by `new`, which may hold `\1` for the pattern's first group.

    The call raises ValueError when the result is too long.

    Raises:
        ValueError: the pattern is refused, or has no such group.
    """
    compiled = pattern(old)
    numbers = re.findall(r"\\(.?)", new)
    if not all(number.isdecimal() and int(number) <= compiled.groups for number in numbers):
        raise ValueError(f"the replacement {new!r} names a group that the pattern {old!r} has not")

    def call(text: str) -> str:
        if (len(text) + 1) * (len(new) + 1) + len(text) * len(numbers) > MOST_GROWTH:  # it may become too long
            bounded(_length(compiled, new, numbers, text))
        return str(compiled.sub(new, text))

    return call


def _length(compiled: Any, new: str, numbers: list[str], text: str) -> int:
    """How long the text becomes at most."""
    length = len(text)
    for match in compiled.finditer(text):
        length += len(new) + sum(len(match[int(number)] or "") for number in numbers) - len(match[0])
    return length
