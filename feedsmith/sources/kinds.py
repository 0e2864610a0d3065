"""What a file is by its content, whatever its name says."""

import re
import stat
import zipfile
from pathlib import Path
from typing import Literal

from feedsmith.errors import SourceError
from feedsmith.issues import Place
from feedsmith.sources.encodings import BYTE_ORDER_MARKS

Kind = Literal["text", "xlsx", "xml", "json", "gzip", "parquet"]

HEAD = 4096
"""Bytes looked at to recognise a file."""
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
EXPORT = "export the catalog as CSV or .xlsx"
SAVE_AS = "open it in the spreadsheet program and save it as .xlsx or as CSV UTF-8"

MAGIC = (
    (b"%PDF", "this is a PDF file", EXPORT),
    (b"BZh", "this is a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ\0", "this is an xz archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "this is a zstd archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive", "unpack it first"),
    (b"Rar!", "this is a RAR archive", "unpack it first"),
    (b"SQLite format 3\0", "this is an SQLite database", "export the table as CSV"),
    (b"\x89PNG", "this is a picture", "name the catalog file"),
    (b"\xff\xd8\xff", "this is a picture", "name the catalog file"),
)
"""First bytes, what the file is, and what to do."""

MARKUP = (
    (
        r"<!doctype html|<html|<head|<body",
        "this is an HTML page, no table",
        "often a login or error page: download again",
    ),
)
"""How the text starts, in lower case, what the file is, and what to do."""
STRUCTURED: tuple[tuple[Kind, str], ...] = (
    ("xml", r"<\?xml|<!--|<!doctype|<[a-z_][\w.:-]*([\s/>]|$)"),
    ("json", r'\{\s*["}]|\[\s*[\[{\]]'),
)
"""What the file is, and how its text starts, in lower case."""

ZIP_MEMBERS = (
    ("xl/workbook.bin", "this is a binary workbook (.xlsb)", SAVE_AS),
    ("content.xml", "this is an OpenDocument file", SAVE_AS),
    ("word/document.xml", "this is a Word document", EXPORT),
)
"""A member that tells what a zip file is, what the file is, and what to do."""


def kind_of(path: Path, shown: str) -> Kind:
    """Text in lines and cells, a workbook, XML, JSON, or any of them packed by gzip.

    Everything else is a SourceError that says what the file is.
    """
    _refuse_special(path, shown)
    with path.open("rb") as file:
        head = file.read(HEAD)
    place = Place(shown)
    if not head.strip() and len(head) < HEAD:
        raise SourceError(place, "the file is empty", "check the export that writes it")
    if head.startswith(OLE):
        raise _old_office(path, place)
    if head.startswith(b"PK\x03\x04") or zipfile.is_zipfile(path):
        return _zip_kind(path, place)
    if head.startswith(GZIP):
        return "gzip"
    if head.startswith(PARQUET):
        return "parquet"
    _refuse_known(head, place)
    start = _start(head)
    return next((kind for kind, pattern in STRUCTURED if re.match(pattern, start)), "text")


def _refuse_special(path: Path, shown: str) -> None:
    """Look before opening: a FIFO would wait for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise SourceError(Place(shown), "this is a folder", "name the file in it")
    if not stat.S_ISREG(mode):
        raise SourceError(Place(shown), "this is no ordinary file", "save the data to a file first")


def _refuse_known(head: bytes, place: Place) -> None:
    for first, problem, hint in MAGIC:
        if head.startswith(first):
            raise SourceError(place, problem, hint)
    start = _start(head)
    for pattern, problem, hint in MARKUP:
        if re.match(pattern, start):
            raise SourceError(place, problem, hint)


def _start(head: bytes) -> str:
    """How the text of a file starts, in lower case, without byte order mark and blanks."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")
    return head.decode(encoding, "replace").removeprefix("\ufeff").lstrip()[:200].lower()


def _old_office(path: Path, place: Place) -> SourceError:
    """An OLE container names its streams in UTF-16, in its directory, which may lie anywhere."""
    with path.open("rb") as file:
        content = file.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return SourceError(place, "this workbook is password protected", "save it without a password")
    if "Workbook".encode("utf-16-le") in content:
        return SourceError(place, "this is an old .xls workbook", "save it as .xlsx")
    return SourceError(place, "this is an old Office document", EXPORT)


def _zip_kind(path: Path, place: Place) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SourceError(
            place, "the workbook or zip archive is damaged or cut off", "copy or download it again"
        ) from error
    for member, problem, hint in ZIP_MEMBERS:
        if member in names:
            raise SourceError(place, problem, hint)
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    raise SourceError(place, "this is a zip archive, no workbook", "unpack it and name the file in it")
