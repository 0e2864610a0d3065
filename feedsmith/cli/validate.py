"""`feedsmith validate`."""

from typing import Annotated

import typer

from feedsmith.cli.options import Against, Choice, FailOn, Telling, Work, examples, request_of, takes_options

EXAMPLES = examples(
    "feedsmith validate",
    "feedsmith validate --feed 'google_*' --format json --report text=report.txt",
    "feedsmith validate --catalog products.csv --channel google",
    "feedsmith validate --against main",
)


@takes_options
def validate(
    choice: Choice,
    work: Work,
    telling: Telling,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Issues that end it with code 1.")] = FailOn.ERROR,
    against: Against = None,
) -> None:
    """Load, map and check everything; write no feed.

    With --against only what is new is told, and only that counts for the exit code: issues that the project has not as
    of a git ref, or that another project's folder has not. The checkout is not touched.
    """
    from feedsmith.cli.running import run

    raise typer.Exit(run(request_of(choice, work), telling, fail_on, against))
