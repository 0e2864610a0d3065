"""What the columns of a source look like, told from its first rows."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from feedsmith.sources.csv_part import read_table
from feedsmith.sources.table import Table

ROWS = 2000
"""Rows that are looked at."""
SAMPLES = 3
SAMPLE_LENGTH = 60

TYPES = {
    "boolean": r"true|false|yes|no|y|n|ja|nein|nee|oui|non|0|1",
    "GTIN": r"'?(\d{8}|\d{12,14})",
    "whole number": r"-?\d+",
    "decimal (.)": r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?",
    "decimal (,)": r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?",
    "date": r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?\S*)?|\d{1,2}[-./]\d{1,2}[-./]\d{4}( \d\d:\d\d(:\d\d)?)?",
    "URL": r"https?://\S+",
}
"""In this order, the first that fits all values of a column; else it is text."""
PATTERNS = {name: re.compile(pattern, re.ASCII | re.IGNORECASE) for name, pattern in TYPES.items()}


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """`filled` is the share of rows with a value, 0 to 1; `samples` are different values, cut to `SAMPLE_LENGTH`."""

    heading: str
    filled: float
    samples: tuple[str, ...]
    type: str


def describe(table: Table, rows: int = ROWS) -> tuple[ColumnSummary, ...]:
    """One summary per column, in the file's order, from its first `rows` rows or a few more."""
    batches = []
    count = 0
    for batch in read_table(table):
        batches.append(batch)
        count += len(batch)
        if count >= rows:
            break
    return tuple(
        summary(heading, list(chain.from_iterable(batch.columns[heading] for batch in batches)))
        for heading in table.headings
    )


def summary(heading: str, values: list[str | None]) -> ColumnSummary:
    """The summary of a column with these values; `None` is empty."""
    filled = [value for value in values if value is not None]
    samples = tuple(dict.fromkeys(value[:SAMPLE_LENGTH] for value in filled))[:SAMPLES]
    return ColumnSummary(heading, len(filled) / len(values) if values else 0.0, samples, guess_type(filled))


def guess_type(values: Iterable[str]) -> str:
    """A key of `TYPES` that fits every value, "text" where none does, and "empty" without a value.

    >>> guess_type(["19,95", "7"]), guess_type(["4006381333931"]), guess_type([])
    ('decimal (,)', 'GTIN', 'empty')
    """
    distinct = {value.strip() for value in values} - {""}
    if not distinct:
        return "empty"
    fits = (name for name, pattern in PATTERNS.items() if all(map(pattern.fullmatch, distinct)))
    return next(fits, "text")
