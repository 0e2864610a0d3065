"""Rows that come typed, from a Parquet file or a database: their values as the texts that a file would hold."""

import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.records import Record, as_text
from feedsmith.sources.remote import MAX_SECONDS, filled_in, library

ROWS = 1000
"""Rows that are held at a time."""


def parquet_records(path: Path, shown: str) -> Iterator[Record]:
    """The rows of a Parquet file, counted from 1.

    Raises:
        SourceError: pyarrow is not installed, or the file is damaged.
    """
    library("pyarrow", "parquet", shown)
    parquet = library("pyarrow.parquet", "parquet", shown)
    damaged = library("pyarrow.lib", "parquet", shown).ArrowException
    try:
        with parquet.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(ROWS):
                for number, row in enumerate(batch.to_pylist(), number + 1):  # noqa: B020 - goes on where it was
                    yield _record(number, row, shown)
    except (damaged, OSError) as error:
        raise SourceError(Place(shown), "the Parquet file is damaged or cut off", "copy or export it again") from error


def sql_records(url: str, query: str, seconds: float = MAX_SECONDS) -> Iterator[Record]:
    """The rows that a query gives, counted from 1. `url` is one of SQLAlchemy, perhaps with `${NAME}` in it.

    Raises:
        SourceError: SQLAlchemy or the database's driver is not installed, or the database refuses.
    """
    sqlalchemy = library("sqlalchemy", "sql", url)
    until = time.monotonic() + seconds
    try:
        engine = sqlalchemy.create_engine(filled_in(url), poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            rows = connection.execution_options(stream_results=True, max_row_buffer=ROWS).execute(
                sqlalchemy.text(query)
            )
            for number, row in enumerate(rows.mappings(), 1):
                if time.monotonic() > until:
                    raise SourceError(
                        Place(url, number), "the query takes too long", "ask for less, or export to a file"
                    )
                yield _record(number, row, url)
    except ImportError as error:
        raise SourceError(Place(url), f"the database's driver is missing: {error}", "install it with pip") from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        # The driver's own words may quote the connection's parameters; the first line of its error does not.
        said = str(getattr(error, "orig", None) or type(error).__name__).strip().split("\n")[0]
        hint = "check the address, the rights of its user, and the query"
        raise SourceError(Place(url), f"the database cannot be read: {said}", hint) from None


def _record(number: int, row: Mapping[str, Any], shown: str) -> Record:
    return Record(number, {name: _text(value, name, number, shown) for name, value in row.items() if value is not None})


def _text(value: Any, name: str, number: int, shown: str) -> str:
    """A value as a file would hold it; numbers without exponent, moments in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0") if isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        problem = f"the column {name!r} holds bytes, no text"
        raise SourceError(Place(shown, number, name), problem, "leave it out, or turn it into text in the query")
    return as_text(value) if isinstance(value, list | dict | tuple) else str(value)
