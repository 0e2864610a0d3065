"""Regular expressions of rules and checks: RE2's, which take a time in proportion to the text, whatever the pattern."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import re2

from feedsmith.mapping.bounds import MOST_GROWTH, bounded

REPEATS = re.compile(r"[*+?{]")
SPECIAL = re.compile(r"\\[a-zA-Z]|\(\?|\$|\)[*+?{]|\[\[|--|&&|~~|\|\|")
"""What RE2 and Python's patterns read differently, and the repeated group, which Python may try in endless ways."""


QUICK = 500
"""Characters up to which Python's engine is used: it may take a time in proportion to the square of them."""


@dataclass(frozen=True, slots=True)
class Searcher:
    """A compiled pattern: `safe` is RE2's, `quick` Python's where that reads the same and cannot run away."""

    safe: Any
    quick: Any

    def of(self, text: str) -> Any:
        """The engine for this text."""
        return self.quick if len(text) <= QUICK else self.safe


def searcher(text: str) -> Searcher:
    """A compiled pattern, checked by RE2.

    Where both engines read it alike and it repeats one character at most, short texts are searched by Python's own
    engine, which takes a tenth of the time.

    Raises:
        ValueError: RE2 refuses the pattern.
    """
    safe = pattern(text)
    plain = len(REPEATS.findall(text)) <= 1 and not SPECIAL.search(text)
    return Searcher(safe, re.compile(text, re.ASCII) if plain else safe)


def found(text: str, searcher: Searcher) -> bool:
    """Whether the pattern is found in the text."""
    return (searcher.quick if len(text) <= QUICK else searcher.safe).search(text) is not None


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
    compiled = searcher(old)
    if compiled.safe.search("") is not None:  # the engines go on in different ways behind an empty hit
        compiled = Searcher(compiled.safe, compiled.safe)
    numbers = re.findall(r"\\(.?)", new)
    if not all(number.isdecimal() and int(number) <= compiled.safe.groups for number in numbers):
        raise ValueError(f"the replacement {new!r} names a group that the pattern {old!r} has not")

    put: Any = new if numbers else lambda _: new

    def call(text: str) -> str:
        if (len(text) + 1) * (len(new) + 1) + len(text) * len(numbers) > MOST_GROWTH:  # it may become too long
            _measure(compiled.safe, new, numbers, text)
        return str(compiled.of(text).sub(put, text))

    return call


def _measure(compiled: Any, new: str, numbers: list[str], text: str) -> None:
    """Raises ValueError when the replacement would make the text too long."""
    length = end = 0
    for match in compiled.finditer(text):
        length += match.start() - end + len(new) + sum(len(match[int(number)] or "") for number in numbers)
        end = match.end()
        bounded(length)
    bounded(length + len(text) - end)
