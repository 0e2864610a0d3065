"""`feedsmith runs show`."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples
from feedsmith.cli.output import write, write_json
from feedsmith.cli.runs.place import OutFolder, state_of
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.history import PastFeed, PastRun

EXAMPLES = examples("feedsmith runs show last", "feedsmith runs show 17 --format json")
ACCEPT = 'feedsmith runs accept {run} {feed} {guards} --reason "…"'


def show_run(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's number, or `last`.")],
    project: ProjectPath = None,
    out: OutFolder = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Show a run: how it ended, its feeds, which guards warned or held, and where a held candidate lies."""
    from feedsmith.cli.runs.record import run_record
    from feedsmith.publish.lock import holder_of
    from feedsmith.run.history import History

    state = state_of(project, out)
    with History(state) as history:
        found = history.named(run)
        candidates = history.candidates()
    under_way = holder_of(state) is not None
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, **run_record(state, found, candidates, under_way=under_way)})
    else:
        write(_text(state, found, candidates, under_way=under_way))


def _text(state: Path, run: "PastRun", candidates: "Collection[PastFeed]", *, under_way: bool) -> Iterator[str]:
    from feedsmith.cli.runs.record import how_ended
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    yield f"run {run.number}: {run.started}, {run.seconds:.1f} s, {how_ended(run, under_way=under_way)}\n"
    yield f"  {harmless(run.command)}  (feedsmith {run.version}, {texts('as of {day}', day=run.as_of)})\n"
    for line in run.problem.splitlines():
        yield f"  {harmless(texts.message(line))}\n"
    for feed in run.feeds:
        yield "\n"
        yield from (f"{harmless(line)}\n" for line in _feed_lines(state, feed, candidates))


def _feed_lines(state: Path, feed: "PastFeed", candidates: "Collection[PastFeed]") -> Iterator[str]:
    from feedsmith.cli.runs.record import candidate_of
    from feedsmith.reports.text import FIGURES

    texts = spoken()
    reason = texts.reasons(feed.reason)
    yield f"{feed.feed} ({feed.channel}): {texts(feed.state)}" + (f": {reason}" if reason else "")
    counts = {"rejected": feed.rejected, "filtered": feed.filtered, "all": feed.products_in}
    items = texts.count(feed.items, "1 item", "{number} items")
    yield f"  {items}, {texts(FIGURES, **counts)}, {texts('to {folder}', folder=feed.out)}"
    for file in feed.files:
        items = texts.count(file.items, "1 item", "{number} items")
        yield f"  {file.name}  {items}  {texts('{number} bytes', number=file.bytes)}  sha256 {file.sha256}"
    if feed.guards:
        yield f"  {texts('guards')}: {', '.join(feed.guards)}"
    if feed.passed:
        yield f"  {texts('let pass by {what}', what=feed.passed)}"
    if (folder := candidate_of(state, feed, candidates)) is not None:
        guards = " ".join(f"--guard {code}" for code in feed.holding)
        yield f"  {texts('candidate')}: {folder}"
        yield f"  {texts('to publish it')}: {ACCEPT.format(run=feed.run, feed=feed.feed, guards=guards)}"
