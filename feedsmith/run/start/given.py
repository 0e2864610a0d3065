"""The files of `init --catalog`: names and patterns as somebody wrote them."""

import glob
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith.errors import SourceError, UsageError
from feedsmith.issues import Place
from feedsmith.run.start.look import Pattern, Seen, look
from feedsmith.sources.table import ReadOptions

MOST_SHEETS = 50
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
    if word.exists() or not any(sign in text for sign in SIGNS):
        yield Given(word)
        return
    names = sorted(glob.glob(text))  # noqa: PTH207 - Path.glob refuses absolute patterns
    if not names:
        raise SourceError(Place(text), "no file matches this pattern", "check the folder and the spelling")
    yield from (Given(Path(name), Pattern(text, len(names))) for name in names)


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
