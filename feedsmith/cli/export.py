"""`feedsmith export`."""

from pathlib import Path
from typing import Annotated

import typer

from feedsmith.cli.options import Choice, FailOn, Telling, Work, examples, option, request_of, takes_options

EXAMPLES = examples(
    "feedsmith export",
    "feedsmith export --publish",
    "feedsmith export --market nl --out /srv/feeds",
    "feedsmith export --delta --wait 600",
    "feedsmith export --catalog products.xlsx --channel google --site https://www.shop.example",
)


@takes_options
def export(
    choice: Choice,
    work: Work,
    telling: Telling,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Issues that end it with code 1.")] = FailOn.NEVER,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where feeds are written; default: out/ in the project."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything but write the feeds.")] = False,
    delta: Annotated[
        bool, typer.Option("--delta", help="Only what changed since the last whole feed, to files of its own.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Publish what a guard would hold.")] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="Deliver the feeds to the targets that the project names.")
    ] = False,
    metrics: Annotated[
        Path | None, option("--metrics", "FILE", "Write metrics for Prometheus; default: what the project says.")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait for another run of this project to end.")
    ] = 0,
) -> None:
    """Load, validate, map, check, render and write the feeds."""
    from feedsmith.cli.running import run
    from feedsmith.cli.unattended import watched

    given = {"out": out, "write": not dry_run, "dry_run": dry_run, "delta": delta, "force": force, "wait": wait}
    request = request_of(choice, work, **given, publish=publish)
    raise typer.Exit(watched(request, metrics, lambda also: run(request, telling, fail_on, also=also)))
