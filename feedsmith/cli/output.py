"""Writing to standard output and to report files: whole, in the right encoding, and never in silence when it fails."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from feedsmith.cli.exits import let_go, unwritable

WIDE = 1_000
"""Columns in which a row fits on one line, for a file or a pipe."""


def write(pieces: Iterable[str], *, encoding: str | None = None) -> None:
    """Write to standard output; what its encoding lacks is written as an escape.

    A reader that leaves early (`| head`) ends the output, not the command.

    Raises:
        OutputError: standard output takes no more.
    """
    stream = sys.stdout
    if stream is None:
        return
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=encoding or stream.encoding, errors="backslashreplace")
    with _let_go_of(stream):
        for piece in pieces:
            stream.write(piece)
        stream.flush()


def write_json(value: Any) -> None:
    """One JSON value on standard output, in UTF-8, for people and programs."""
    import json

    from feedsmith.reports.harmless import encodable

    text = json.dumps(encodable(value), ensure_ascii=False, indent=2, default=str)
    write([text, "\n"], encoding="utf-8")


def write_bytes(write_to: Callable[[BinaryIO], None]) -> None:
    """Let `write_to` write to standard output; a reader that leaves early ends the output, not the command.

    Raises:
        OutputError: standard output takes no more.
    """
    stream = sys.stdout
    if stream is None:
        return
    stream.flush()
    with _let_go_of(stream):
        write_to(stream.buffer)
        stream.flush()


@contextmanager
def _let_go_of(stream: TextIO) -> Iterator[None]:
    """Give the stream up where it takes no more; only a reader that leaves early is no error."""
    try:
        yield
    except BrokenPipeError:
        let_go(stream)
    except OSError as error:
        let_go(stream)
        raise unwritable(error) from error


def write_file(path: Path, pieces: Iterable[str]) -> None:
    """Write a report file: the old one or the new one is there, whole. A pipe or device is written as it is.

    Raises:
        OutputError: it cannot be written.
    """
    with new_file(path) as file:
        for piece in pieces:
            file.write(piece.encode())


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A report file in the making: the old one or the new one is there, whole. A pipe or device is written as it is.

    Raises:
        OutputError: it cannot be written.
    """
    from feedsmith.publish.folder import Staging
    from feedsmith.publish.refusals import refusals

    if path.exists() and not path.is_file():
        with refusals(path), path.open("wb") as file:
            yield file
        return
    target = path.resolve()
    with Staging(target.parent, target.name) as staging:
        yield staging.file
        staging.commit(target.name)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], width: int = WIDE) -> Iterator[str]:
    """The lines of a table: folded to the width of a terminal, else to `width` columns."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from feedsmith.reports.harmless import harmless

    terminal = sys.stdout is not None and sys.stdout.isatty()
    console = Console(width=None if terminal else width, no_color=True, color_system=None, file=sys.stdout)
    drawn = Table(box=box.SIMPLE_HEAD if terminal else None, pad_edge=False, header_style="")
    for heading in headings:
        drawn.add_column(heading.upper(), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(harmless(str(cell))) for cell in row))
    with console.capture() as captured:
        console.print(drawn)
    yield from (f"{line.rstrip()}\n" for line in captured.get().splitlines() if line.strip())
