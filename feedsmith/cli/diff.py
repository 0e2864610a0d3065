"""`feedsmith diff`."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import NoColor, ProjectPath, examples, option, takes_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.reports.diff.found import Differences

EXAMPLES = examples(
    "feedsmith diff old/google_nl.xml out/google_nl.xml",
    "feedsmith diff old out --format markdown",
    "feedsmith diff 'before/meta-*.json' 'after/meta-*.json' --channel meta --ignore 'custom_label_*'",
)
LIMIT = 20


class DiffFormat(StrEnum):
    """How differences are shown."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True)
class Comparing:
    """What counts as a difference."""

    channel: Annotated[
        str | None, option("--channel", "NAME", "The channel of the feeds; without it, it is recognised.")
    ] = None
    key: Annotated[
        list[str] | None, option("--key", "FIELD", "Know products by this field; default: the channel's own key.")
    ] = None
    field: Annotated[list[str] | None, option("--field", "GLOB", "Only these fields. May be repeated.")] = None
    ignore: Annotated[list[str] | None, option("--ignore", "GLOB", "All but these fields. May be repeated.")] = None
    exact: Annotated[
        bool, typer.Option("--exact", help="Another spelling of the same value is a change: 19.9 EUR, 19.90 EUR.")
    ] = False


@takes_options
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A feed file, a pattern of numbered ones, or a folder.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same, to compare with.")],
    comparing: Comparing,
    project: ProjectPath = None,
    format_: Annotated[DiffFormat, typer.Option("--format", help="How it is shown.")] = DiffFormat.TEXT,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Products that are listed of each kind.")
    ] = LIMIT,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when something differs.")] = False,
    no_color: NoColor = False,
) -> None:
    """Compare two feeds: products that came, left or changed, field by field.

    Products are known by their own key and not by their place. The order of the file is told apart. Files may have any
    format that `lint` reads; of two folders the feeds of the same name are compared.
    """
    import tempfile

    from feedsmith.publish.refusals import refusals
    from feedsmith.run.diff.compare import Options
    from feedsmith.run.diff.feeds import DiffRequest, compare_paths, folder_of

    here = Path.cwd()
    options = Options(tuple(comparing.field or ()), tuple(comparing.ignore or ()), comparing.exact)
    request = DiffRequest(comparing.channel, tuple(comparing.key or ()), options, folder_of(project, here), here)
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as name:
        with refusals(Path(name)):
            found = compare_paths(old, new, request, Path(name))
        show(found, format_, limit, colour=not no_color)
    if exit_code and found.differ:
        raise typer.Exit(1)


def show(found: "Differences", format_: DiffFormat, limit: int, *, colour: bool) -> None:
    """Write the differences to standard output.

    Raises:
        OutputError: standard output takes no more.
    """
    from feedsmith.cli.output import write

    write(_pieces(found, format_, limit, colour=colour), encoding=None if format_ is DiffFormat.TEXT else "utf-8")


def _pieces(found: "Differences", format_: DiffFormat, limit: int, *, colour: bool) -> "Iterator[str]":
    from feedsmith.reports.diff.as_text import text_of
    from feedsmith.reports.diff.formats import FORMATS
    from feedsmith.reports.style import Style, can_colour

    if format_ is not DiffFormat.TEXT:
        return FORMATS[format_](found, limit)
    coloured = colour and sys.stdout is not None and can_colour(sys.stdout)
    return text_of(found, limit, Style(colour=coloured))
