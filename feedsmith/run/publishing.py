"""What `feedsmith publish` and `export --publish` do: which feeds go to which targets, and the report of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith import __version__
from feedsmith.definitions.load import Project
from feedsmith.definitions.model import nearest
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import OutputError, UsageError
from feedsmith.publish.folder import same_content
from feedsmith.publish.lock import project_lock
from feedsmith.reports.report import Delivery, DeliveryState, FeedReport, FeedState, FileReport, Report
from feedsmith.run.deliveries import Deliveries
from feedsmith.run.delivering import Courier, ReadyFeed, ReadyFile, deliver_all
from feedsmith.run.delta.delivery import delta_spec, with_deltas
from feedsmith.run.delta.sent import delta_name
from feedsmith.run.events import deliveries_done, run_begins
from feedsmith.run.history import GOOD, History, PastFeed
from feedsmith.run.history_file import out_name, out_path
from feedsmith.run.kept import open_kept
from feedsmith.run.request import COMMAND_LINE, Request, chosen_feeds, open_project, out_folder, state_folder

DONE = frozenset({FeedState.PUBLISHED, FeedState.UNCHANGED})
NOTHING = "write `publish:` in the project, or in a feed: `publish: {backup: {to: sftp://user@host/in/}}`"


@dataclass(frozen=True)
class PublishRequest:
    """What `feedsmith publish` is asked. `run` is a number or `last`; empty for what is published now."""

    request: Request
    run: str = ""
    targets: tuple[str, ...] = ()
    dry_run: bool = False


def check_targets(request: Request, project: Project, wanted: Sequence[str] = ()) -> list[FeedSpec]:
    """The chosen feeds that have targets, before any work is done.

    Raises:
        UsageError: none has, or a wanted target is unknown.
    """
    specs, _ = chosen_feeds(request, project)
    known = {name for spec in specs for name in spec.targets}
    if not known:
        raise UsageError(COMMAND_LINE, "no feed has a target to be delivered to", NOTHING)
    for name in wanted:
        if name not in known:
            raise UsageError(COMMAND_LINE, f"there is no target {name!r}", nearest(name, known))
    return [spec for spec in specs if spec.targets and (not wanted or not spec.targets.keys().isdisjoint(wanted))]


# --- after an export -----------------------------------------------------------------------------------------------


def delivered(request: Request, project: Project, report: Report) -> Report:
    """The report of an export with the deliveries of the feeds that stand; a held or failed one is not sent."""
    specs = {spec.name: spec for spec in check_targets(request, project)}
    out, state = out_folder(request, project), state_folder(request, project)
    going = [one for feed in report.feeds if feed.name in specs for one in _from_report(specs[feed.name], feed, out)]
    if not request.write:
        planned = {name: [_planned(spec, target) for target in spec.targets] for name, spec in specs.items()}
        return _with(report, planned)
    with History(state) as history:
        number = next((run.number for run in history.runs(1)), 0)
    with Deliveries(state, write=True) as record, Courier(project.folder, record, force=request.force) as courier:
        return _with(report, deliver_all(courier, [replace(feed, run=number) for feed in going]))


def _from_report(spec: FeedSpec, feed: FeedReport, out: Path) -> Iterator[ReadyFeed]:
    """The feed if it stands; a whole one takes the delta before it away."""
    if feed.state not in DONE:
        return
    names = [Path(file.path).name for file in feed.files]
    files = (ReadyFile(out / name, name, file.bytes, file.sha256) for name, file in zip(names, feed.files, strict=True))
    partial = feed.delta is not None and feed.delta.partial
    yield ReadyFeed(delta_spec(spec) if partial else spec, tuple(files))
    if feed.delta is not None and not partial:
        yield ReadyFeed(delta_spec(spec), ())


def _planned(spec: FeedSpec, target: str) -> Delivery:
    return Delivery(target, str(spec.targets[target].settings.to), DeliveryState.PLANNED)


def _with(report: Report, deliveries: dict[str, list[Delivery]]) -> Report:
    return replace(report, feeds=tuple(replace(feed, deliveries=tuple(_of(feed, deliveries))) for feed in report.feeds))


def _of(feed: FeedReport, deliveries: dict[str, list[Delivery]]) -> Iterator[Delivery]:
    """The deliveries of a feed; of the delta that a whole feed takes away those that are worth a word."""
    yield from deliveries.get(feed.name, ())
    partial = feed.delta is not None and feed.delta.partial
    told = deliveries.get(delta_name(feed.name), ()) if feed.delta is not None else ()
    yield from (one for one in told if partial or one.state is not DeliveryState.UNCHANGED)


# --- by itself -----------------------------------------------------------------------------------------------------


def publish(asked: PublishRequest) -> Report:
    """Deliver what is published now, or what a run published, to the targets that have not got it.

    Raises:
        UsageError: there is nothing to deliver, or nowhere to deliver it to.
        FeedsmithError: the project is wrong, locked, or its history cannot be used.
    """
    request = asked.request
    project = open_project(request)
    run_begins(request, project)
    specs = check_targets(request, project, asked.targets)
    state = state_folder(request, project)
    with ExitStack() as stack:
        if not asked.dry_run:
            stack.enter_context(project_lock(state, request.wait))
        past = list(_past(asked, project, specs))
        record = stack.enter_context(Deliveries(state, write=not asked.dry_run))
        courier = Courier(project.folder, record, force=request.force, dry_run=asked.dry_run)
        stack.enter_context(courier)
        feeds = tuple(_brought(courier, spec, feed, state, asked.targets) for spec, feed in past)
    for told, (_, feed) in zip(feeds, past, strict=True):
        deliveries_done(told, feed.run)
    return Report(__version__, (), 0, feeds, Counter(), lambda: iter(()), str(project.folder.resolve()))


def _past(asked: PublishRequest, project: Project, specs: list[FeedSpec]) -> list[tuple[FeedSpec, PastFeed]]:
    """The feeds to deliver, as they were published.

    Raises:
        UsageError: there are none.
    """
    state = state_folder(asked.request, project)
    out = out_name(state, out_folder(asked.request, project))
    with History(state) as history:
        if asked.run:
            run = history.named(asked.run)
            good = {feed.feed: feed for feed in run.feeds if feed.state in GOOD}
            specs = [*specs, *(delta_spec(spec) for spec in specs if spec.deltas)]
            problem = f"run {run.number} published no feed that has a target"
        else:
            good = {spec.name: feed for spec in specs if (feed := history.last_good(spec.name, out)) is not None}
            problem = f"nothing with a target has been published to {out} yet"
        found = [(spec, good[spec.name]) for spec in specs if spec.name in good]
        found = found if asked.run else list(with_deltas(history, out, found))
    if not found:
        raise UsageError(COMMAND_LINE, problem, "`feedsmith export` comes first; `feedsmith runs list` shows what was")
    return found


def _brought(courier: Courier, spec: FeedSpec, feed: PastFeed, state: Path, wanted: Sequence[str]) -> FeedReport:
    out = out_path(state, feed.out)
    shown = tuple(FileReport(f"{feed.out}/{one.name}", one.items, one.bytes, one.sha256) for one in feed.files)
    told = FeedReport(
        spec.name, feed.channel, FeedState(feed.state), shown,
        feed.items, feed.rejected, feed.filtered, feed.products_in,
    )  # fmt: skip
    with ExitStack() as stack:
        paths = [out / one.name for one in feed.files]
        try:
            if not all(same_content(path, one.sha256, one.bytes) for path, one in zip(paths, feed.files, strict=True)):
                paths = stack.enter_context(open_kept(state, feed))
        except OutputError as error:
            return replace(told, deliveries=tuple(_lost(spec, error, wanted)))
        pairs = zip(paths, feed.files, strict=True)
        files = tuple(ReadyFile(path, one.name, one.bytes, one.sha256) for path, one in pairs)
        ready = ReadyFeed(spec, files, feed.run)
        return replace(told, deliveries=tuple(deliver_all(courier, [ready], wanted)[spec.name]))


def _lost(spec: FeedSpec, error: OutputError, wanted: Sequence[str]) -> Iterator[Delivery]:
    """The deliveries of a feed whose bytes are neither published nor kept any more."""
    for name, target in spec.targets.items():
        if not wanted or name in wanted:
            place = str(target.settings.to)
            yield Delivery(name, place, DeliveryState.FAILED, reason=error.problem, help=error.hint)
