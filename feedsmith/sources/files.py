"""Rows of several files in one spool: each file's lines are counted on from those of the file before it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from feedsmith.issues import Place


@dataclass(frozen=True, slots=True)
class FileLines:
    """A file whose line 1 has the number `before` + 1 in the spool."""

    before: int
    shown: str
    sheet: str | None


def place_in(files: Sequence[FileLines], number: int, column: str | None = None) -> Place | None:
    """The place of the row with that number in its own file; None where there is one file only."""
    if not files:
        return None
    file = files[bisect_right(files, number - 1, key=lambda one: one.before) - 1]
    return Place(file.shown, number - file.before, column, file.sheet)
