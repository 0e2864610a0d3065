"""`feedsmith feedback`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from feedsmith.cli.options import (
    NAMED,
    Choice,
    FailOn,
    Telling,
    Work,
    Workers,
    examples,
    option,
    request_of,
    takes_options,
)

EXAMPLES = examples(
    "feedsmith feedback issues.csv --channel google",
    "feedsmith feedback report.json --channel amazon --report xlsx=report.xlsx",
    "feedsmith feedback errors.csv --channel otto --column id=SKU --column message=Fehler",
)
ROLES = ("id", "message", "code", "severity", "field", "detail", "link")


@takes_options
def feedback(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The channel's report: CSV, tab text, XLSX or JSON.")],
    choice: Choice,
    telling: Telling,
    column: Annotated[
        list[str] | None,
        option("--column", "WHAT=HEADING", "Where a table has id, message, code, severity or field. May be repeated."),
    ] = None,
    workers: Workers = None,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Issues that end it with code 1.")] = FailOn.NEVER,
) -> None:
    """Put a channel's own error report on rows and rules.

    Each problem is told with our product, the file, row and column of the field's value, the rule that made it, and the
    check of ours that finds the same, where there is one. Ids that the catalog does not hold are told too.
    """
    from feedsmith.cli.running import run
    from feedsmith.run.feedback.feedback import Asking
    from feedsmith.run.feedback.feedback import feedback as put

    asking = Asking(file, _columns(column or []))
    request = request_of(choice, Work(workers))
    raise typer.Exit(run(request, telling, fail_on, work=partial(put, request, asking)))


def _columns(words: list[str]) -> dict[str, str]:
    from feedsmith.definitions.model import nearest
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place

    found: dict[str, str] = {}
    for word in words:
        match = NAMED.fullmatch(word)
        if match is None or match["name"] not in ROLES:
            hint = nearest(match["name"], ROLES) if match else "for example --column id=SKU"
            raise UsageError(Place("command line"), f"--column {word!r}: known are {', '.join(ROLES)}", hint)
        found[match["name"]] = match["rest"]
    return found
