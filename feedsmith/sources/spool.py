"""Files that cannot be read in parts as they are, written once as UTF-8 with ordinary quotes."""

import codecs
import csv
import errno
import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from feedsmith.errors import OutputError, SourceError
from feedsmith.issues import Place
from feedsmith.sources.dialect import BLOCK, Dialect, count_lines, malformed, read_lines
from feedsmith.sources.encodings import undecodable

if TYPE_CHECKING:
    from _csv import Writer

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system answers where there is no more room."""
MAX_RATIO = 1000
"""Unpacked bytes for each packed one, above `FREE_BYTES`. Feeds stay below 100."""
FREE_BYTES = 256 << 20


@contextmanager
def new_spool(folder: Path) -> Iterator[tuple[Path, TextIO]]:
    """A new file in `folder`, open for text; removed again when the block raises.

    Raises:
        OutputError: the folder or the file cannot be made, or the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(suffix=".csv", dir=folder)
    except OSError as error:
        raise OutputError(Place(str(folder)), f"cannot write here: {error.strerror}") from error
    path = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            yield path, file
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in FULL:
            raise OutputError(Place(str(folder)), f"cannot write here: {error.strerror}") from error
        raise


def unpacked(path: Path, shown: str, folder: Path) -> Path:
    """The content of a gzip file in a new file.

    Raises:
        SourceError: the archive is damaged or cut off, or unpacks to far more than a feed would.
    """
    most = max(FREE_BYTES, path.stat().st_size * MAX_RATIO)
    with gzip.open(path) as source, new_spool(folder) as (target, spool):
        written = 0
        try:
            while block := source.read(BLOCK):
                written += len(block)
                if written > most:
                    problem = f"the archive unpacks to more than {MAX_RATIO} times its size"
                    raise SourceError(Place(shown), problem, "unpack it first, if it is what it should be")
                spool.buffer.write(block)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(
                Place(shown), "the gzip archive is damaged or cut off", "copy or download it again"
            ) from error
    return target


def spool_text(path: Path, encoding: str, shown: str, folder: Path) -> Path:
    """The text of `path` in UTF-8, line for line; a byte that is not in `encoding` is a SourceError."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, after_return = 1, False
    with path.open("rb") as source, new_spool(folder) as (target, spool):
        while True:
            block = source.read(BLOCK)
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise undecodable(pending + block, error, encoding, Place(shown, line)) from error
            if not block:
                break
            spool.write(text)
            line += count_lines(text.encode()) - (after_return and text.startswith("\n"))
            after_return = text.endswith("\r")
        return target


def spool_records(path: Path, offset: int, first_line: int, dialect: Dialect, *, shown: str, folder: Path) -> Path:
    """The records of a UTF-8 file from byte `offset` on, with ordinary quotes, each record's line before it."""
    with path.open("rb") as source, new_spool(folder) as (target, spool):
        source.seek(offset)
        writer = numbered_writer(spool)
        lines = (str(line, "utf-8") for line in read_lines(source, shown, first_line))
        records = dialect.records(lines)
        line = first_line
        try:
            for cells in records:
                writer.writerow((line, *cells) if any(cells) else (line,))
                line = first_line + records.line_num
        except csv.Error as error:
            raise malformed(error, Place(shown, line)) from error
        except UnicodeDecodeError as error:
            raise undecodable(error.object, error, "utf-8", Place(shown, first_line + records.line_num)) from error
        return target


def numbered_writer(spool: TextIO) -> "Writer":
    r"""A writer in the dialect `SPOOL`. Its line end is `\r\n`, for only so does it quote a `\r` alone."""
    return csv.writer(spool, lineterminator="\r\n")


SPOOL = Dialect()
"""How `numbered_writer` writes."""
