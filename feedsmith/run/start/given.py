"""The files of `init --catalog`: names and patterns as somebody wrote them."""

import glob
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith.definitions.model import nearest
from feedsmith.errors import SourceError, UsageError
from feedsmith.issues import Place
from feedsmith.run.start.look import Pattern, Seen, look
from feedsmith.sources.table import ReadOptions

MOST_SHEETS = 50
SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xml", ".json", ".jsonl", ".gz", ".parquet"})
"""Ends of the names of catalog files."""
SIGNS = "*?["
"""What makes a name a pattern."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file, and the pattern that found it, if any."""

    path: Path
    pattern: Pattern | None = None


def given_files(words: Iterable[Path]) -> list[Given]:
    """The files that names and patterns stand for, in their order.

    Raises:
        SourceError: no file matches a pattern.
        UsageError: a file is named twice.
    """
    found = [one for word in words for one in _files(word)]
    known: set[Path] = set()
    for one in found:
        whole = one.path.resolve()
        if whole in known:
            raise UsageError(Place("command line"), f"{one.path} is named twice", "name each file once")
        known.add(whole)
    return found


def _files(word: Path) -> Iterator[Given]:
    text = str(word)
    if word.is_file():
        yield Given(word)
        return
    if word.exists() or not any(sign in text for sign in SIGNS):
        _check_there(word)
        yield Given(word)
        return
    names = sorted(glob.glob(text))  # noqa: PTH207 - Path.glob refuses absolute patterns
    if not names:
        raise SourceError(Place(text), "no file matches this pattern", "check the folder and the spelling")
    yield from (Given(Path(name), Pattern(text, len(names))) for name in names)


def _check_there(word: Path) -> None:
    """Refuse a folder, and a file that is not there, with the files that may be meant."""
    place = Place(str(word))
    if word.is_dir():
        found = sorted(path.name for path in word.iterdir() if path.suffix.lower() in SUFFIXES)
        hint = f"name its files, such as --catalog {word / found[0]}" if found else "name the file of the products"
        raise SourceError(place, "this is a folder", hint)
    if not word.exists():
        folder = word.parent if word.parent.is_dir() else Path()
        found = sorted(str(path) for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        raise SourceError(place, "cannot be read: there is no such file", nearest(str(word), found) or "check the path")


def seen_of(given: Given, scratch: Path) -> Iterator[Seen]:
    """What a file is; of a workbook each sheet that is a table.

    Raises:
        SourceError: it is missing, damaged or no table.
    """
    shown = str(given.path)
    first = replace(look(given.path, ReadOptions(), scratch, shown), pattern=given.pattern)
    yield first
    for sheet in first.table.sheets[1:MOST_SHEETS]:
        with suppress(SourceError):  # a sheet without a table, such as a cover
            yield look(given.path, ReadOptions(sheet=sheet), scratch, shown)
