"""Texts for people in their language. The English text is the key; what a catalogue lacks stays English.

A catalogue is a YAML file beside this one, named by its language: `nl.yaml`; more of them, or texts that are laid over
ours, lie in the folder that `FEEDSMITH_TEXTS` names. Reports for programs are always English.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from feedsmith.errors import FeedsmithError
from feedsmith.texts.files import PLACE, SECTIONS, catalogue_files, merged
from feedsmith.texts.pattern import Pattern, patterns_of

ENGLISH = "en"
VARIABLE = "FEEDSMITH_LANG"
"""The environment variable that names the language."""
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables by which a system names its language; the first that is set counts."""
NOTHING: Mapping[str, Mapping[str, Any]] = {name: {} for name in SECTIONS}
"""The catalogue of English texts: they are what they are, and no file is read for them."""


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(catalogue_files())


def chosen() -> str:
    """The language of the command line: what `FEEDSMITH_LANG` names, else English."""
    return _known([os.environ.get(VARIABLE, "")])


def of_the_reader() -> str:
    """The language of a page: what `FEEDSMITH_LANG` names, else that of the system, else English."""
    system = next((os.environ[name] for name in LOCALE if os.environ.get(name)), "")
    return _known([os.environ.get(VARIABLE, ""), system])


def spoken() -> "Texts":
    """The texts of the command line's language; English where its catalogue cannot be read."""
    texts = Texts(chosen())
    try:
        texts("")
    except FeedsmithError:
        return Texts()
    return texts


def _known(wanted: Iterable[str]) -> str:
    """The first of these that has a catalogue; `nl_BE.UTF-8` is `nl`."""
    named = [name for one in wanted if (name := re.split(r"[^a-z]", one.lower())[0])]
    known = languages() if named else []
    return next((one for one in named if one in known), ENGLISH)


def known_codes() -> frozenset[str]:
    """The codes of all issues that feedsmith and its channels tell."""
    return frozenset(_sections(ENGLISH)["codes"])


@dataclass(frozen=True)
class Texts:
    """The texts of one language. Called with an English text it gives that text, with the values put in.

    >>> Texts("nl")("Products")
    'Producten'
    >>> Texts("nl")("an English text that no catalogue has, with {number} value", number=1)
    'an English text that no catalogue has, with 1 value'
    """

    language: str = ENGLISH

    def __post_init__(self) -> None:
        if self.language != ENGLISH and self.language not in languages():
            object.__setattr__(self, "language", ENGLISH)

    @property
    def _sections(self) -> Mapping[str, Mapping[str, Any]]:
        return _sections(self.language) if self.language != ENGLISH else NOTHING

    def __call__(self, english: str, **values: object) -> str:
        """A text of a page or report; whole numbers among the values are written as the language does."""
        return self.filled(self._sections["texts"].get(english, english), values)

    def count(self, number: int, one: str, many: str, **values: object) -> str:
        """The text for one thing, or for several with their `{number}`."""
        return self(one if number == 1 else many, number=number, **values)

    def each(self, *english: str) -> list[str]:
        """Several texts, such as the headings of a table."""
        return [self(one) for one in english]

    def number(self, number: int) -> str:
        """A whole number with the language's sign between thousands."""
        return f"{number:,}".replace(",", self._sections["signs"].get("thousands", ","))

    def filled(self, text: str, values: Mapping[str, object]) -> str:
        """The text with the values put into its places."""
        if not values:
            return text
        return PLACE.sub(lambda found: self._value(values.get(found[1], found[0])), text)

    def _value(self, value: object) -> str:
        return self.number(value) if type(value) is int else str(value)

    def title(self, code: str) -> str:
        """What an issue code means, in a few words; a code that no catalogue has is its own title."""
        said = self._sections["codes"].get(code, {}).get("title") or _sections(ENGLISH)["codes"].get(code, {}).get(
            "title"
        )
        return said or code.replace("-", " ").capitalize()

    def help(self, code: str) -> str:
        """What helps against issues of a code in general; empty where no catalogue has it."""
        said = self._sections["codes"].get(code) or _sections(ENGLISH)["codes"].get(code, {})
        return str(said.get("help", ""))

    def message(self, english: str) -> str:
        """A message, problem or remedy, which has its figures inside; as it is where the catalogue has no such text."""
        return self._translated(english) or english

    def reasons(self, english: str) -> str:
        """Several messages on one line, with `; ` between them; a message may have that sign itself."""
        parts = english.split("; ")
        theirs = [self._translated(part) for part in parts]
        if all(theirs):
            return "; ".join(theirs)
        return self._translated(english) or "; ".join(their or part for their, part in zip(theirs, parts, strict=True))

    def error(self, error: FeedsmithError) -> FeedsmithError:
        """What ends a run, with its problem and hint in this language."""
        hint = self.message(error.hint) if error.hint else ""
        return FeedsmithError(error.place, self.message(error.problem), hint)

    def remedy(self, code: str, english: str) -> str:
        """What helps against an issue: its own remedy where the catalogue has that text, else what helps in general."""
        general = self._sections["codes"].get(code, {}).get("help", "")
        return self._translated(english) or (general if english else "") or english

    def command(self, english: str) -> str:
        """A text of a command's help."""
        return str(self._sections["commands"].get(english, english))

    def _translated(self, english: str) -> str:
        if self.language == ENGLISH:
            return ""
        exact = _exact(self.language).get(english)
        if exact is not None:
            return exact
        for pattern in _patterns(self.language):
            found = pattern.found_in(english)
            if found is not None:
                told = pattern.filled({name: self._part(name, text) for name, text in found.items()})
                if told != english:
                    return told
        return ""

    def _part(self, name: str, text: str) -> str:
        """What stood in a place of a message; in `{message}` it is a message itself."""
        return self.message(text) if name.startswith("message") else text


def _sections(language: str) -> Mapping[str, Mapping[str, Any]]:
    """The sections of a catalogue."""
    return _read(catalogue_files().get(language, ()))


def _exact(language: str) -> Mapping[str, str]:
    """Messages and errors, by their English."""
    return _messages(catalogue_files().get(language, ()))


def _patterns(language: str) -> list[Pattern]:
    """Those with places in them, in the order in which they are tried."""
    return _made(catalogue_files().get(language, ()))


@lru_cache
def _read(files: tuple[Path, ...]) -> Mapping[str, Mapping[str, Any]]:
    return merged(files)


@lru_cache
def _messages(files: tuple[Path, ...]) -> Mapping[str, str]:
    return {**_read(files)["errors"], **_read(files)["messages"]}


@lru_cache
def _made(files: tuple[Path, ...]) -> list[Pattern]:
    return patterns_of(_messages(files))
