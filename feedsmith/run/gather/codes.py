"""What the codes in cells stand for, by files beside the products; kept on disk, as there can be many.

A code has words by language, and may have a code above it: then it is a category, and its words are a path.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from feedsmith.catalog.headings import normalise
from feedsmith.catalog.kinds import json_list
from feedsmith.catalog.system import CodesDefinition
from feedsmith.run.gather.pieces import Cells, Columns, folded

DEEPEST = 30
"""Levels of a category; one that is its own ancestor ends here."""
KNOWN = 100_000
"""Codes whose words are kept in memory."""
DEFAULT = "x-default"
"""What an XML file calls the language of its main texts."""
LOCALE = re.compile(r"(?P<language>[a-z]{2})(_[a-z]{2,4})?")
SCHEMA = """
CREATE TABLE words (
    codes TEXT, code TEXT, language TEXT, word TEXT, family TEXT, PRIMARY KEY (codes, code, language));
CREATE TABLE ups (codes TEXT, code TEXT, up TEXT, PRIMARY KEY (codes, code)) WITHOUT ROWID;
"""
Words = Mapping[str, str]
"""Words by language, "" for one that is not said."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of products with codes: where it stands, its heading, whose codes they are, and its own language."""

    place: int
    heading: str
    codes: str
    rule: CodesDefinition
    language: str = ""


class Codes:
    """The codes of a system's files, each kind under the name of its file and the column it is for."""

    def __init__(self, path: Path, languages: Sequence[str]) -> None:
        """`languages` are those of the markets: the first that a code has gives its main word."""
        self._path = path
        self._database: sqlite3.Connection | None = None
        self.languages = tuple(languages)
        self.rules: dict[str, CodesDefinition] = {}
        """File → its rule, in the order in which they were added."""
        self.words = lru_cache(KNOWN)(self._words)
        self.family = lru_cache(KNOWN)(self._family)
        self.way = lru_cache(KNOWN)(self._way)

    def add(self, name: str, rule: CodesDefinition, columns: Columns, rows: Iterable[Cells]) -> None:
        """Keep the codes of some rows of a file; of two words for one the first counts."""
        if self._database is None:
            self._path.unlink(missing_ok=True)
            self._database = sqlite3.connect(self._path)
            self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        self.rules[name] = rule
        words: list[tuple[str, ...]] = []
        ups: list[tuple[str, ...]] = []
        labels = _label_columns(rule, columns)
        for cells in rows:
            within = columns.value(cells, rule.within) if rule.within else None
            codes = f"{name}\0{normalise(within or '')}"
            family = (columns.value(cells, rule.group) if rule.group else None) or ""
            up = columns.value(cells, rule.parent) if rule.parent else None
            for code in filter(None, (columns.value(cells, one) for one in rule.code)):
                said = _said(rule, labels, columns, cells)
                words += [(codes, folded(code), language, word, family) for language, word in said]
                if up and folded(up) != folded(code):
                    ups.append((codes, folded(code), folded(up)))
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO words VALUES (?, ?, ?, ?, ?)", words)
            self._database.executemany("INSERT OR IGNORE INTO ups VALUES (?, ?, ?)", ups)

    def columns(self, headings: Sequence[str]) -> Iterator[Coded]:
        """The columns of products that hold codes."""
        known = {str(codes) for (codes,) in self._rows("SELECT DISTINCT codes FROM words")}
        for name, rule in self.rules.items():
            for place, heading in enumerate(headings):
                column, _, tail = heading.partition("-") if rule.within else ("", "", "")
                codes = f"{name}\0{normalise(column)}"
                if codes in known and (rule.within or normalise(heading) in rule.of):
                    yield Coded(place, heading, codes, rule, language_of(tail))

    def attributes(self) -> dict[str, str]:
        """The attributes whose values have words, by name → their codes."""
        known = (str(codes) for (codes,) in self._rows("SELECT DISTINCT codes FROM words"))
        return {name: codes for codes in known if (name := codes.partition("\0")[2])}

    def of_files(self, *, options: bool) -> list[str]:
        """The codes of all categories, or those of all attributes."""
        return [f"{name}\0" for name, rule in self.rules.items() if (rule.options if options else rule.parent)]

    def word(self, codes: str, code: str, language: str = "") -> str | None:
        """The word for a code, in this language or else in the main one."""
        return _chosen(self.words(codes, folded(code)), language, self.languages)

    def path(self, codes: str, code: str, language: str = "") -> list[str]:
        """The words of a category and of those above it, the topmost first."""
        steps = [self.word(codes, one, language) or one for one in self.way(codes, folded(code))]
        return steps[int(self.rules[codes.partition("\0")[0]].root) :]

    def _words(self, codes: str, code: str) -> Words:
        """All words of a code."""
        query = "SELECT language, word FROM words WHERE codes = ? AND code = ? ORDER BY rowid"
        return {str(language): str(word) for language, word in self._rows(query, codes, code)}

    def _family(self, codes: str, code: str) -> str:
        """The name of the attribute that a code is a value of; "" where nothing says it."""
        query = "SELECT family FROM words WHERE codes = ? AND code = ? LIMIT 1"
        return next((str(row[0]) for row in self._rows(query, codes, code)), "")

    def _way(self, codes: str, code: str) -> tuple[str, ...]:
        """The codes from the topmost category down to this one."""
        way = [code]
        query = "SELECT up FROM ups WHERE codes = ? AND code = ?"
        while len(way) < DEEPEST:
            up = next((str(row[0]) for row in self._rows(query, codes, way[-1])), None)
            if up is None or up in way:
                break
            way.append(up)
        return tuple(reversed(way))

    def _rows(self, query: str, *values: str) -> Iterable[tuple[object, ...]]:
        return self._database.execute(query, values) if self._database is not None else ()

    def close(self) -> None:
        """Let the file go."""
        if self._database is not None:
            self._database.close()


def language_of(tail: str) -> str:
    """The language of an end of a heading such as `nl_NL`; "" where it is none."""
    found = LOCALE.fullmatch(normalise(tail.partition("-")[0]))
    return found["language"] if found else ""


def _chosen(words: Words, language: str, languages: Sequence[str]) -> str | None:
    """The word in this language, else in the first of the languages that has one, else any."""
    if language in words:
        return words[language]
    return next((words[one] for one in ("", *languages) if one in words), next(iter(words.values()), None))


def _label_columns(rule: CodesDefinition, columns: Columns) -> list[tuple[int, str]]:
    """Where words stand, and in which language."""
    found: list[tuple[int, str]] = []
    for label in rule.label:
        at = columns.at(label)
        if at is not None:
            found.append((at, ""))
        for place, name in enumerate(columns.names):
            if name.startswith(f"{label}_") and (language := language_of(name.removeprefix(f"{label}_"))):
                found.append((place, language))
    return found


def _said(
    rule: CodesDefinition, labels: Sequence[tuple[int, str]], columns: Columns, cells: Cells
) -> Iterator[tuple[str, str]]:
    """Language and word of what a row says of its code."""
    texts = [(language, text.strip()) for place, language in labels if (text := cells[place])]
    if rule.several:
        if texts:
            yield "", ",".join(text for _, text in texts)
        return
    for language, text in texts:
        several, codes = json_list(text), _languages(rule, columns, cells)
        if not several or not codes or len(several) != len(codes):
            yield language, text
            continue
        for code, one in zip(codes, several, strict=True):
            yield "" if code == DEFAULT else code[:2].lower(), one


def _languages(rule: CodesDefinition, columns: Columns, cells: Cells) -> list[str] | None:
    """The languages of the texts in an XML file's cell."""
    return json_list(columns.value(cells, f"{rule.label[0]}_lang") or "")
