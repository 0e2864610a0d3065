"""Files compressed with Zstandard: the module is Python's own from 3.14 on, before that a package of the same form."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from feedsmith.errors import OutputError
from feedsmith.issues import Place

PACKED = ".zst"
LEVEL = 1
"""Fast: feeds repeat themselves, and shrink to a tenth at any level."""


@contextmanager
def packed_reader(path: Path) -> Iterator[BinaryIO]:
    """A compressed file, to be read.

    Raises:
        OutputError: it is damaged, or ends too early.
    """
    zstd = _zstd()
    try:
        with zstd.open(path, "rb") as file:
            yield file
    except (zstd.ZstdError, EOFError) as error:
        raise OutputError(Place(str(path)), "this file is damaged", "something else wrote to it") from error


@contextmanager
def packed_writer(path: Path) -> Iterator[BinaryIO]:
    """A file that is compressed as it is written."""
    with _zstd().open(path, "wb", level=LEVEL) as file:
        yield file


def _zstd() -> Any:
    return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
