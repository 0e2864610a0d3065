"""Opening a source file: what it is, how it is written, what its headings are."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Issue, Place
from feedsmith.sources.dialect import Dialect
from feedsmith.sources.encodings import find_encoding, undecodable
from feedsmith.sources.files import FileLines, place_in
from feedsmith.sources.headings import name_columns
from feedsmith.sources.json_groups import Variants
from feedsmith.sources.json_items import WRAPPED, json_records
from feedsmith.sources.kinds import Kind, kind_of
from feedsmith.sources.layout import HEAD, Layout, find_layout
from feedsmith.sources.records import NoItemsError, Record, spool_of
from feedsmith.sources.remote import fetched, is_remote
from feedsmith.sources.sections import looks_sectioned, section_column, section_issue, sections_in, with_sections
from feedsmith.sources.shop_json import shop_records
from feedsmith.sources.spool import SPOOL, spool_records, spool_text, unpacked
from feedsmith.sources.typed_rows import parquet_records, sql_records
from feedsmith.sources.xlsx import SheetChoice, spool_workbook
from feedsmith.sources.xml_items import inner_records, xml_records

XML_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)""")


Format = Literal["csv", "xlsx", "xml", "json", "parquet", "sql"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is to be read; what is not given is found.

    `item` is the path of the items in an XML or JSON file. `quote` is empty where quotes mean nothing. `header_row` is
    the line or spreadsheet row of the headings, 0 where there are none. `skip_rows` counts the rows right below the
    headings that are no products. `sheet` is a workbook's, `query` is SQL for a database.
    `variants` says that the items of a JSON file are groups, `wrapped` under which names a JSON request has its item,
    `usual` at which path an XML file of this kind has items.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    skip_rows: int = 0
    item: str | None = None
    query: str | None = None
    variants: Variants | None = None
    wrapped: tuple[str, ...] = WRAPPED
    usual: str = ""
    may_be_empty: bool = False
    """Whether a text file without rows is fine: a table of corrections may hold none yet."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when somebody writes to a file: size in bytes, time of change in nanoseconds, inode."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Table:
    """One opened source file: a small value that travels to the workers, who read the file's parts by it.

    `source` is the user's file and `path` the one to read: the same, or a UTF-8 spool. A `numbered` file has each
    row's number in its first cell; in an `open_ended` one a row ends after its last filled cell.
    Records start at byte `data_offset`, in the line `first_line`; `headings` stand in the line or row `header_row`.
    """

    shown: str
    source: Path
    path: Path
    format: Format
    encoding: str
    sheet: str | None
    dialect: Dialect
    line_end: bytes
    headings: tuple[str, ...]
    header_row: int
    data_offset: int
    first_line: int
    numbered: bool
    open_ended: bool
    stamp: Stamp
    issues: tuple[Issue, ...] = ()
    files: tuple[FileLines, ...] = ()
    sheets: tuple[str, ...] = ()
    """All sheets of a workbook that could be read."""

    def place(self, row: int | None = None, column: str | None = None) -> Place:
        """A place in the user's own file."""
        if row is not None and (found := place_in(self.files, row, column)):
            return found
        return Place(self.shown, row, column, self.sheet)


def open_table(path: Path, options: ReadOptions, spool_dir: Path, shown: str) -> Table:
    """What `path` holds, found by its content; a spool is written to `spool_dir` where one is needed.

    Raises:
        SourceError: the file is missing, unreadable, no table, damaged, in another encoding or without a product.
        DefinitionError: an option cannot be used.
        OutputError: the spool cannot be written.
    """
    _check_options(options, shown)
    if options.query is not None:
        return _open_query(options.query, spool_dir, shown)
    path = fetched(shown, spool_dir) if is_remote(shown) else path
    try:
        stamp = fingerprint(path)
        readable = unpacked(path, shown, spool_dir) if kind_of(path, shown) == "gzip" else path
        table = OPENERS[kind_of(readable, shown)](readable, options, spool_dir, shown, stamp)
        table = replace(table, source=path)
    except OSError as error:
        hint = "check the path" if isinstance(error, FileNotFoundError) else "check who may read the file"
        raise SourceError(Place(shown), f"cannot be read: {error.strerror or error}", hint) from error
    if table.path != path:
        check_unchanged(table)
    return table


def open_inside(table: Table, items: Sequence[str], spool_dir: Path) -> Table | None:
    """Other elements of an XML file that is open, at these paths; None where it has none of them.

    Raises:
        SourceError: the file is not well-formed.
        OutputError: the spool cannot be written.
    """
    packed = kind_of(table.source, table.shown) == "gzip"
    readable = unpacked(table.source, table.shown, spool_dir) if packed else table.source
    readable, encoding = _xml_text(readable, None, spool_dir, table.shown)
    records = inner_records(readable, items, encoding, table.shown)
    try:
        found = _open_records("xml", records, readable, spool_dir, table.shown, table.stamp)
    except NoItemsError:
        return None
    return replace(found, source=table.source)


def fingerprint(path: Path) -> Stamp:
    """The stamp of a file as it is now; raises OSError."""
    now = path.stat()
    return Stamp(now.st_size, now.st_mtime_ns, now.st_ino)


def check_unchanged(table: Table) -> None:
    """Raise a SourceError if the user's file is no longer the one that was opened."""
    try:
        now = fingerprint(table.source)
    except OSError:
        now = None
    if now != table.stamp:
        raise SourceError(
            table.place(),
            "the file was changed while it was read",
            "let the export finish first; the best exports write a temporary file and rename it",
        )


def _check_options(options: ReadOptions, shown: str) -> None:
    for name in ("delimiter", "quote", "escape"):
        value = getattr(options, name)
        if value and (len(value) != 1 or value in "\r\n\0"):
            raise DefinitionError(Place(shown), f"`{name}` is `{value}`, but must be one character")
    given = [value for value in (options.delimiter, options.quote, options.escape) if value]
    if len(set(given)) < len(given):
        raise DefinitionError(Place(shown), "`delimiter`, `quote` and `escape` must be different characters")
    if (options.header_row or 0) < 0 or options.skip_rows < 0:
        raise DefinitionError(Place(shown), "`header_row` and `skip_rows` count from 0")


def _open_text(path: Path, options: ReadOptions, spool_dir: Path, shown: str, stamp: Stamp) -> Table:
    with path.open("rb") as file:
        encoding = find_encoding(file.read(HEAD), options.encoding, shown)
    readable = path if encoding == "utf-8" else spool_text(path, encoding, shown, spool_dir)
    start, text = _head(readable, shown)
    dialect = Dialect(options.delimiter or "", '"' if options.quote is None else options.quote, options.escape or "")
    layout = find_layout(text, start, dialect, shown, header_row=options.header_row, skip_rows=options.skip_rows)
    if not options.may_be_empty:
        _refuse_without_products(readable, layout, shown)
    headings, issues = name_columns(layout.cells, Place(shown, layout.heading_line))
    table = Table(
        shown=shown,
        source=path,
        path=readable,
        format="csv",
        encoding=encoding,
        sheet=None,
        dialect=layout.dialect,
        line_end=_line_end(text),
        headings=headings,
        header_row=layout.heading_line,
        data_offset=layout.data_offset,
        first_line=layout.first_line,
        numbered=False,
        open_ended=False,
        stamp=stamp,
        issues=(*layout.issues, *issues),
    )
    table = table if _divisible(layout.dialect) else _numbered(table, spool_dir)
    return _sectioned(table, spool_dir) if looks_sectioned(text, layout.dialect, len(headings)) else table


def _sectioned(table: Table, spool_dir: Path) -> Table:
    """The table with titles of sections as a column of their own; as it is where there are none."""
    try:
        numbered = table if table.numbered else _numbered(table, spool_dir)
    except SourceError:  # told with its place when the rows are read
        return table
    titles = sections_in(numbered.path, len(table.headings))
    if not titles:
        return table
    column = section_column(table.headings)
    return replace(
        numbered,
        path=with_sections(numbered.path, titles, spool_dir),
        headings=(column, *table.headings),
        issues=(*table.issues, section_issue(titles, table.place(), column)),
    )


def _divisible(dialect: Dialect) -> bool:
    """Borders between records are found by counting quotes, which takes a quote of one byte and no escapes."""
    return not dialect.escape and dialect.quote.isascii()


def _numbered(table: Table, spool_dir: Path) -> Table:
    spool = spool_records(
        table.path, table.data_offset, table.first_line, table.dialect, shown=table.shown, folder=spool_dir
    )
    return replace(table, path=spool, dialect=SPOOL, line_end=b"\n", data_offset=0, first_line=1, numbered=True)


def _head(path: Path, shown: str) -> tuple[int, str]:
    """Where the text starts, after a byte order mark, and its first megabyte."""
    with path.open("rb") as file:
        raw = file.read(HEAD)
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    if len(raw) == HEAD:  # perhaps cut in the middle of a character
        raw = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r")) + 1]
        if not raw:
            raise SourceError(Place(shown, 1), f"the first line is longer than {HEAD} bytes", "is this a catalog?")
    try:
        return start, raw[start:].decode()
    except UnicodeDecodeError as error:
        raise undecodable(raw[start:], error, "utf-8", Place(shown, 1)) from error


def _line_end(text: str) -> bytes:
    return b"\r" if "\r" in text and "\n" not in text else b"\n"


def _refuse_without_products(path: Path, layout: Layout, shown: str) -> None:
    with path.open("rb") as file:
        file.seek(layout.data_offset)
        while block := file.read(HEAD):
            if block.strip():
                return
    raise NoItemsError(
        Place(shown), "the file has a heading row but no products", "check the filters of the export that writes it"
    )


def _open_workbook(path: Path, options: ReadOptions, spool_dir: Path, shown: str, stamp: Stamp) -> Table:
    choice = SheetChoice(options.sheet, options.header_row, options.skip_rows)
    sheet = spool_workbook(path, shown, spool_dir, choice)
    headings, issues = name_columns(sheet.cells, Place(shown, sheet.heading_row, sheet=sheet.name))
    return Table(
        shown=shown,
        source=path,
        path=sheet.spool,
        format="xlsx",
        encoding="utf-8",
        sheet=sheet.name,
        dialect=SPOOL,
        line_end=b"\n",
        headings=headings,
        header_row=sheet.heading_row,
        data_offset=0,
        first_line=1,
        numbered=True,
        open_ended=True,
        stamp=stamp,
        issues=(*issues, *sheet.issues),
        sheets=sheet.sheets,
    )


def _open_xml(path: Path, options: ReadOptions, spool_dir: Path, shown: str, stamp: Stamp) -> Table:
    path, encoding = _xml_text(path, options.encoding, spool_dir, shown)
    records = xml_records(path, options.item, encoding, shown, options.usual)
    return _open_records("xml", records, path, spool_dir, shown, stamp)


def _xml_text(path: Path, given: str | None, spool_dir: Path, shown: str) -> tuple[Path, str | None]:
    """The parser reads UTF-8 and UTF-16 by itself; a file in another encoding is written anew."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    named = XML_ENCODING.match(head)
    declared = given or (named[1].decode() if named else None)
    if not declared or declared.lower().startswith("utf"):
        return path, None
    name = _encoding(declared, shown, by_user=given is not None)
    return spool_text(path, name, shown, spool_dir), "utf-8"


def _encoding(declared: str, shown: str, *, by_user: bool) -> str:
    """Python's name of a declared encoding; that a file declares an unknown one is the file's fault."""
    try:
        return find_encoding(b"", declared, shown)
    except DefinitionError as error:
        if by_user:
            raise
        raise SourceError(
            Place(shown, 1), f"the file says that it is in {declared!r}, which is no known encoding",
            "correct the encoding in the first line, or declare it in the source: `encoding: …`",
        ) from error  # fmt: skip


def _open_json(path: Path, options: ReadOptions, spool_dir: Path, shown: str, stamp: Stamp) -> Table:
    records = json_records(
        path, options.item, options.encoding, shown, variants=options.variants, wrapped=options.wrapped
    )
    records = shop_records(records) if options.variants is None else records
    return _open_records("json", records, path, spool_dir, shown, stamp)


def _open_parquet(path: Path, options: ReadOptions, spool_dir: Path, shown: str, stamp: Stamp) -> Table:  # noqa: ARG001
    return _open_records("parquet", parquet_records(path, shown), path, spool_dir, shown, stamp)


def _open_query(query: str, spool_dir: Path, shown: str) -> Table:
    """What a query gives, as a table; rows are counted from 1."""
    table = _open_records("sql", sql_records(shown, query), Path(), spool_dir, shown, Stamp(0, 0, 0))
    return replace(table, source=table.path, stamp=fingerprint(table.path))


def _open_records(
    format_: Format, records: Iterator[Record], path: Path, spool_dir: Path, shown: str, stamp: Stamp
) -> Table:
    spooled = spool_of(records, shown, spool_dir)
    return Table(
        shown=shown,
        source=path,
        path=spooled.path,
        format=format_,
        encoding="utf-8",
        sheet=None,
        dialect=SPOOL,
        line_end=b"\n",
        headings=spooled.headings,
        header_row=spooled.first_line,
        data_offset=0,
        first_line=1,
        numbered=True,
        open_ended=True,
        stamp=stamp,
    )


OPENERS: dict[Kind, Callable[[Path, ReadOptions, Path, str, Stamp], Table]] = {
    "text": _open_text,
    "xlsx": _open_workbook,
    "xml": _open_xml,
    "json": _open_json,
    "parquet": _open_parquet,
    "gzip": _open_text,  # an archive in an archive: refused as the bytes that it is
}
"""What opens a file of each kind."""
