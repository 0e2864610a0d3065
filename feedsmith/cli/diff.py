"""`feedsmith diff`."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import (
    Against,
    Choice,
    NoColor,
    Work,
    Workers,
    examples,
    option,
    request_of,
    takes_options,
)
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.cli.progress import Told
    from feedsmith.reports.diff.found import Differences
    from feedsmith.run.diff.feeds import DiffRequest

EXAMPLES = examples(
    "feedsmith diff old/google_nl.xml out/google_nl.xml",
    "feedsmith diff old out --format markdown",
    "feedsmith diff 'before/meta-*.json' 'after/meta-*.json' --channel meta --ignore 'custom_label_*'",
    "feedsmith diff 17 last --feed google_nl",
    "feedsmith diff --against main --format markdown",
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
    comparing: Comparing,
    choice: Choice,
    old: Annotated[
        str | None, typer.Argument(metavar="OLD", help="A feed file, a pattern, a folder, or a run.")
    ] = None,
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="The same, to compare with.")] = None,
    against: Against = None,
    workers: Workers = None,
    format_: Annotated[DiffFormat, typer.Option("--format", help="How it is shown.")] = DiffFormat.TEXT,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Products that are listed of each kind.")
    ] = LIMIT,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 when something differs.")] = False,
    no_color: NoColor = False,
) -> None:
    """Compare two feeds: products that came, left or changed, field by field.

    Products are known by their own key and not by their place. The order of the file is told apart. Files may have any
    format that `lint` reads; of two folders the feeds of the same name are compared. A run is its number, or `last`; of
    a feed that was held it is the candidate. The channel is recognised where --channel does not name it.

    With --against in place of OLD and NEW: what the project's feeds would be now, and what they are as of a git ref, in
    a run, in another project's folder, a folder of feeds or a feed file. The checkout and published feeds are not
    touched.
    """
    from feedsmith.cli.progress import at_work
    from feedsmith.publish.refusals import refusals

    with at_work() as (scratch, progress):
        with refusals(scratch):
            if against is not None and old is None:
                found = _against(against, choice, comparing, workers, scratch, progress)
            else:
                found = _of_two(old, new, against, choice, comparing, scratch)
        show(found, format_, limit, colour=not no_color)
    if exit_code and found.differ:
        raise typer.Exit(1)


def _of_two(
    old: str | None, new: str | None, against: str | None, choice: Choice, comparing: Comparing, scratch: Path
) -> "Differences":
    """Files, folders or runs that are there."""
    from feedsmith.errors import UsageError
    from feedsmith.run.diff.feeds import compare_given
    from feedsmith.run.diff.given import given
    from feedsmith.run.request import COMMAND_LINE

    if old is None or new is None or against is not None:
        problem = "two feeds are compared, or one project with another state of it"
        raise UsageError(COMMAND_LINE, problem, "give OLD and NEW, or --against WHAT alone")
    words = {"--catalog": choice.catalog, "--env": choice.env, "--market": choice.market, "--as-of": choice.as_of}
    for name in (name for name, value in words.items() if value):
        raise UsageError(COMMAND_LINE, f"{name} says how feeds are made, and two feeds are compared", "leave it out")
    how = _how(choice, comparing)
    with given(old, how.here, how.state) as one, given(new, how.here, how.state) as other:
        return compare_given(one, other, (old, new), how, scratch)


def _against(
    what: str, choice: Choice, comparing: Comparing, workers: int | None, scratch: Path, progress: "Told | None"
) -> "Differences":
    """The project's feeds, and those of another state."""
    from feedsmith.run.diff.against import compare_with

    request = request_of(choice, Work(workers=workers))
    return compare_with(what, request, _how(choice, comparing), scratch, progress)


def _how(choice: Choice, comparing: Comparing) -> "DiffRequest":
    from feedsmith.errors import UsageError
    from feedsmith.run.diff.compare import Options
    from feedsmith.run.diff.feeds import DiffRequest, folder_of
    from feedsmith.run.request import COMMAND_LINE

    here = Path.cwd()
    channels = choice.channel or []
    if len(channels) > 1:
        raise UsageError(COMMAND_LINE, "feeds are compared as feeds of one channel", "give --channel once")
    options = Options(tuple(comparing.field or ()), tuple(comparing.ignore or ()), comparing.exact)
    return DiffRequest(
        channel=next(iter(channels), None), key=tuple(comparing.key or ()), options=options,
        folder=folder_of(choice.project, here), here=here, feeds=tuple(choice.feed or ()),
    )  # fmt: skip


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
    return text_of(found, limit, Style(colour=coloured, texts=spoken()))
