"""`feedsmith runs accept` and `feedsmith runs rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import LogFormat, Logging, ProjectPath, begin_log, examples, option
from feedsmith.cli.output import write
from feedsmith.cli.runs.place import OutFolder, state_of
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.history import PastFeed

ACCEPT_EXAMPLES = examples(
    'feedsmith runs accept 17 google_nl --guard items-dropped --reason "the winter range ended"',
    'feedsmith runs accept last google_nl --guard items-dropped --guard ids-changed --reason "new shop"',
)
ROLLBACK_EXAMPLES = examples("feedsmith runs rollback google_nl", "feedsmith runs rollback google_nl --to 15")
Wait = Annotated[
    float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait for another run of this project to end.")
]
HELD = "It is held from now on: exports make a candidate; `feedsmith runs accept` or `export --force` publishes one."
FeedName = Annotated[str, typer.Argument(metavar="FEED", help="The feed's name.")]


def accept_candidate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run that held it, or `last`.")],
    feed: FeedName,
    guard: Annotated[list[str], typer.Option("--guard", metavar="CODE", help="A guard to pass. May be repeated.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes into the history.")],
    project: ProjectPath = None,
    out: OutFolder = None,
    wait: Wait = 0,
    log_format: Logging = LogFormat.TEXT,
) -> None:
    """Publish exactly the candidate that a run held, past the guards that are named.

    Each guard that holds the candidate must be named. The next runs are compared with what is published now.
    """
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.run.again import accept

    begin_log(log_format)
    if not reason.strip():
        raise UsageError(Place("command line"), "--reason is empty", "say in a few words why the feed is right")
    done = accept(state_of(project, out), run, feed, guard, reason.strip(), out, wait)
    runs = {"feed": done.feed, "origin": str(done.origin), "run": str(done.run), "files": _files(done)}
    write([spoken()("{feed}: the candidate of run {origin} is published as run {run}: {files}", **runs), "\n"])


def roll_back(
    feed: FeedName,
    to: Annotated[
        str | None, option("--to", "RUN", "The run whose version it is; default: the version before the present one.")
    ] = None,
    project: ProjectPath = None,
    out: OutFolder = None,
    wait: Wait = 0,
    log_format: Logging = LogFormat.TEXT,
) -> None:
    """Put an earlier version of a feed back, and hold the feed.

    The next exports make a candidate and leave the feed as it is, until `feedsmith runs accept` or `export --force`.
    """
    from feedsmith.run.again import rollback

    begin_log(log_format)
    done = rollback(state_of(project, out), feed, to, out, wait)
    texts = spoken()
    told = {"feed": done.feed, "version": texts.message(done.reason), "files": _files(done)}
    write([texts("{feed}: {version} is published again: {files}", **told), "\n", texts(HELD), "\n"])


def _files(feed: "PastFeed") -> str:
    names, texts = [file.name for file in feed.files], spoken()
    several = texts("{number} files, {first} to {last}", number=len(names), first=names[0], last=names[-1])
    items = texts.count(feed.items, "1 item", "{number} items")
    return texts(
        "{file} in {folder} ({items})", file=names[0] if len(names) == 1 else several, folder=feed.out, items=items
    )
