"""`feedsmith runs list`."""

from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples, option
from feedsmith.cli.output import table, write, write_json
from feedsmith.cli.runs.place import OutFolder, state_of
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.history import PastFeed, PastRun

EXAMPLES = examples("feedsmith runs list", "feedsmith runs list --feed 'google_*' --most 5 --format json")
MOST = 20


def list_runs(
    project: ProjectPath = None,
    feed: Annotated[str | None, option("--feed", "GLOB", "Only runs that made such a feed.")] = None,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="The last N runs.")] = MOST,
    out: OutFolder = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """List what was exported when, the last run first."""
    from feedsmith.cli.runs.record import how_ended, run_record
    from feedsmith.publish.lock import holder_of
    from feedsmith.run.history import History

    state = state_of(project, out)
    with History(state) as history:
        runs = [run for run in history.runs() if feed is None or _made(run, feed)][:most]
        candidates = history.candidates()
    under_way = holder_of(state) is not None
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "runs": [run_record(state, run, candidates, under_way=under_way) for run in runs]})
        return
    if not runs:
        write([spoken()("nothing was exported yet"), "\n"])
        return
    rows = [
        (
            run.number,
            run.started,
            f"{run.seconds:.1f} s",
            how_ended(run, under_way=under_way),
            _states(run.feeds),
            run.command,
        )
        for run in runs
    ]
    write(table(spoken().each("run", "started (UTC)", "took", "ended", "feeds", "command"), rows))


def _made(run: "PastRun", pattern: str) -> bool:
    return any(fnmatchcase(feed.feed, pattern) for feed in run.feeds)


def _states(feeds: "tuple[PastFeed, ...]") -> str:
    """How many feeds ended how; the names of those that are not published."""
    states = Counter(feed.state for feed in feeds)
    named = {state: [feed.feed for feed in feeds if feed.state == state] for state in ("held", "failed", "publishing")}
    texts = spoken()
    return ", ".join(
        f"{number} {texts(state)}" + (f" ({', '.join(named[state])})" if named.get(state) else "")
        for state, number in states.items()
    )
