"""Messages with figures inside: the English text of a catalogue, with `{places}`, as a pattern for what was said."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from feedsmith.texts.files import PLACE

AROUND = "message"
"""A place whose name begins so holds a message, which is translated in turn."""

JOINT = re.compile("[;:(] ?")
"""A sign between two messages."""


@dataclass(frozen=True)
class Pattern:
    """An English text with places, and the same in another language."""

    english: str
    theirs: str

    @cached_property
    def _parts(self) -> list[str]:
        """Text, name of a place, text, name of a place, …, text."""
        return PLACE.split(self.english)

    @cached_property
    def _words(self) -> tuple[str, str, tuple[str, ...]]:
        """How the text begins and ends, and what stands between places."""
        first, *middle = self._parts[::2]
        return first, middle[-1], tuple(middle[:-1])

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile("(.+?)".join(map(re.escape, self._parts[::2])), re.DOTALL)

    @cached_property
    def rank(self) -> tuple[int, int]:
        """Where it stands among others.

        First those that join messages, as others would take the words behind the sign for their own; then those with
        the most words; last what is a message and signs only.
        """
        words = "".join(self._parts[::2])
        letters = len(re.sub(r"\W", "", words))
        joins = any(name.startswith(AROUND) for name in self._parts[1::2]) and JOINT.search(words)
        return (0 if joins and (letters or "'" in words) else 1 if letters else 2), -letters

    def found_in(self, text: str) -> dict[str, str] | None:
        """What stands in each place; None where the text is another one."""
        first, last, words = self._words
        if not text.startswith(first) or not text.endswith(last) or any(part not in text for part in words):
            return None  # quicker than the expression, which is made only for the few that are left
        found = self._expression.fullmatch(text)
        return dict(zip(self._parts[1::2], found.groups(), strict=True)) if found is not None else None

    def filled(self, values: Mapping[str, str]) -> str:
        """The text in the other language, with these values."""
        return PLACE.sub(lambda place: values.get(place[1], place[0]), self.theirs)


def patterns_of(messages: Mapping[str, str]) -> list[Pattern]:
    """The messages that have places, in the order in which they are tried."""
    found: Iterable[Pattern] = (Pattern(english, theirs) for english, theirs in messages.items())
    return sorted((one for one in found if PLACE.search(one.english)), key=lambda one: one.rank)
