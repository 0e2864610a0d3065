"""`feedsmith publish`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import (
    LogFormat,
    Logging,
    NoColor,
    ProjectPath,
    ShowFormat,
    Showing,
    begin_log,
    examples,
    option,
)

if TYPE_CHECKING:
    from feedsmith.reports.report import Report

EXAMPLES = examples(
    "feedsmith publish",
    "feedsmith publish --feed 'google_*' --target merchant_center",
    "feedsmith publish --run 17 --dry-run",
)


def publish(
    project: ProjectPath = None,
    env: Annotated[str | None, option("--env", "NAME", "Lay feedsmith.NAME.yaml over the project.")] = None,
    run: Annotated[
        str, option("--run", "RUN", "The feeds of this run, by its number or `last`; default: what is published now.")
    ] = "",
    feed: Annotated[list[str] | None, option("--feed", "GLOB", "Only feeds with such a name. May be repeated.")] = None,
    channel: Annotated[
        list[str] | None, option("--channel", "NAME", "Only feeds of this channel. May be repeated.")
    ] = None,
    market: Annotated[list[str] | None, option("--market", "NAME", "Only this market. May be repeated.")] = None,
    target: Annotated[list[str] | None, option("--target", "NAME", "Only this target. May be repeated.")] = None,
    out: Annotated[
        Path | None, option("--out", "DIR", "Where the feeds were written; default: out/ in the project.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Send what is unchanged too, and replace what others have written there.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait for another run of this project to end.")
    ] = 0,
    format_: Showing = ShowFormat.TEXT,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Failures only.")] = False,
    no_color: NoColor = False,
    log_format: Logging = LogFormat.TEXT,
) -> None:
    """Deliver the feeds to the targets that the project names.

    What a target has already is not sent again, so it goes on where a delivery failed.
    """
    from feedsmith.cli.exits import code_of
    from feedsmith.run.publishing import PublishRequest, publish
    from feedsmith.run.request import Request

    begin_log(log_format, quiet=quiet)
    request = Request(
        project=project, env=env, feeds=tuple(feed or ()), channels=tuple(channel or ()), markets=tuple(market or ()),
        out=out, force=force, wait=wait,
    )  # fmt: skip
    report = publish(PublishRequest(request, run, tuple(target or ()), dry_run))
    _write(report, format_, quiet=quiet, no_color=no_color)
    raise typer.Exit(code_of(report, "never"))


def _write(report: "Report", form: ShowFormat, *, quiet: bool, no_color: bool) -> None:
    """Show what became of each delivery."""
    from feedsmith.cli.output import write

    if form is ShowFormat.JSON:
        from feedsmith.reports.json_report import json_report

        write(json_report(report), encoding="utf-8")
        return
    from feedsmith.reports.deliveries import publish_text
    from feedsmith.reports.style import Style, can_colour
    from feedsmith.texts.catalogue import spoken

    colour = not no_color and sys.stdout is not None and can_colour(sys.stdout)
    write(publish_text(report, Style(quiet=quiet, texts=spoken(), colour=colour)))
