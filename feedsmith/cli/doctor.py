"""`feedsmith doctor`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import Choice, NoColor, ShowFormat, Showing, examples, option, request_of, takes_options
from feedsmith.cli.output import write, write_json
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.doctor import Finding

EXAMPLES = examples("feedsmith doctor", "feedsmith doctor --project shop --format json")
CHECKS = (
    "feedsmith", "packages", "project", "channel", "clock", "source", "secrets", "output", "state", "lock", "history",
)  # fmt: skip
"""What is looked at, as findings name it."""
COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red"}


@takes_options
def doctor(
    choice: Choice,
    out: Annotated[
        Path | None, option("--out", "DIR", "Where feeds are written; default: out/ in the project.")
    ] = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,
) -> None:
    """Look whether everything is in order for a run: versions, project, channels, sources, folders, lock, history.

    No catalog is read, and nothing is left behind. Problems end it with 1, with 2 for the project and with 8 for a
    folder that cannot be written.
    """
    from feedsmith.cli.exits import worst
    from feedsmith.run.doctor import State, findings

    found = list(findings(request_of(choice, out=out)))
    code = worst(one.exit_code for one in found if one.state is State.PROBLEM)
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "exit_code": code, "checks": [_record(one) for one in found]})
    else:
        write(line for one in found for line in _lines(one, colour=not no_color))
    raise typer.Exit(code)


def _record(one: "Finding") -> dict[str, str]:
    return {"check": one.check, "state": str(one.state), "message": one.message, "help": one.help}


def _lines(one: "Finding", *, colour: bool) -> list[str]:
    import sys

    from feedsmith.reports.harmless import harmless
    from feedsmith.reports.style import Style, can_colour

    style = Style(colour=colour and sys.stdout is not None and can_colour(sys.stdout))
    texts = spoken()
    width, named = (max(map(len, texts.each(*words))) for words in (COLOURS, CHECKS))
    state = style.paint(f"{texts(one.state):{width}}", COLOURS[one.state])
    lines = [f"{state}  {texts(one.check):{named}}  {harmless(texts.message(one.message))}\n"]
    return [*lines, f"{'':{width + 2}}= {texts('fix')}: {harmless(texts.message(one.help))}\n"] if one.help else lines
