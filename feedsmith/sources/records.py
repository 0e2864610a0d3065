"""Records of XML and JSON files as the rows of a spool, each with the line at which it starts.

A row holds texts only. What is more than a text stands in its cell as JSON: several values as a list, a group as an
object. Columns are the names of all records in the order in which they first come; a row ends with its last value.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import MAX_CELL
from feedsmith.sources.spool import new_spool, numbered_writer

MAX_COLUMNS = 5_000
"""Different names over all records. More of them are keys that hold data."""
MAX_RECORD = 4 << 20
"""Characters of one record. More is never held in memory."""
MAX_DEPTH = 64
"""Levels of a record. Deeper ones are made to exhaust a reader."""


class NoItemsError(SourceError):
    """A file that can be read has no items."""


@dataclass(frozen=True, slots=True)
class Record:
    """One item: the line at which it starts, and its texts by name; `line` counts from 1."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spooled:
    """A spool of records: numbered rows in the dialect `SPOOL`, and what its columns are called."""

    path: Path
    headings: tuple[str, ...]
    first_line: int


def spool_of(records: Iterable[Record], shown: str, folder: Path) -> Spooled:
    """Write records to a new spool in `folder`.

    Raises:
        SourceError: there is no record, a value is too long or no text, or there are too many names.
        OutputError: the spool cannot be written.
    """
    columns: dict[str, int] = {}
    first = 0
    with new_spool(folder) as (path, file):
        writer = numbered_writer(file)
        for record in records:
            first = first or record.line
            cells = _cells(record, columns, shown)
            try:
                writer.writerow((record.line, *cells))
            except UnicodeEncodeError as error:
                raise SourceError(
                    Place(shown, record.line), "a text of this item holds half of a character (a lone surrogate)",
                    "write the whole pair, or the character itself",
                ) from error  # fmt: skip
    if not columns:
        raise NoItemsError(Place(shown), "the file holds no items", "check the export that writes it")
    return Spooled(path, tuple(columns), first)


def _cells(record: Record, columns: dict[str, int], shown: str) -> list[str]:
    """The record's texts at their columns; a new name gets a column of its own."""
    found: dict[int, str] = {}
    for name, text in record.values.items():
        if len(text) > MAX_CELL:
            problem = f"the value of {name!r} is longer than {MAX_CELL} characters"
            raise SourceError(Place(shown, record.line, name), problem, "check the export that writes it")
        found[columns.setdefault(name, len(columns))] = text
    if len(columns) > MAX_COLUMNS:
        raise SourceError(
            Place(shown, record.line), f"the items have more than {MAX_COLUMNS:,} different names",
            "name the path of the items: `item: …` in the source, or --item",
        )  # fmt: skip
    cells = [""] * (max(found, default=-1) + 1)
    for at, text in found.items():
        cells[at] = text
    return cells


def as_text(value: Any) -> str:
    """A value as its cell holds it: a text as it is, nothing as "", anything else as JSON without blanks."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
