"""A run: parts, set checks, assembly, publishing, the report. What a marketer previews and what cron writes is this."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from feedsmith import __version__
from feedsmith.definitions.load import Project
from feedsmith.issues import Issue
from feedsmith.publish.folder import blocked_names, prepare_folder, remove_leftovers
from feedsmith.publish.lock import project_lock
from feedsmith.publish.refusals import refusals
from feedsmith.reports.report import Counts, FeedReport, FeedState, Report, SourceReport
from feedsmith.reports.store import read_issues, write_issues
from feedsmith.run.catalog import GENERIC
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.eager import EagerFeed
from feedsmith.run.engine import Engine, HereEngine, LocalEngine, running
from feedsmith.run.events import run_begins, run_done
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.finish import GZIP, FeedFinisher, final_name, final_names, frame_of
from feedsmith.run.finish_all import DONE, finish_all
from feedsmith.run.handback.tables import read_tables
from feedsmith.run.held import stock_may_lack, stores_without_stock
from feedsmith.run.job import FeedCounts, Job, PartResult
from feedsmith.run.kept_issues import keep_issues
from feedsmith.run.manifest import making
from feedsmith.run.many import workers_for
from feedsmith.run.opening import open_job
from feedsmith.run.over_time import courses
from feedsmith.run.parts import run_parts
from feedsmith.run.ranking import work_out_ranks
from feedsmith.run.reading import open_feed, reading_project
from feedsmith.run.recording import Recording, recorded
from feedsmith.run.regroup import in_groups
from feedsmith.run.remembered import remember
from feedsmith.run.request import Request, open_project, out_folder, state_folder
from feedsmith.run.rule_notes import rule_notes
from feedsmith.run.scratch import issues_file
from feedsmith.run.since import changes_since, keep_channels
from feedsmith.run.unmatched import JoinTally
from feedsmith.run.unused import picks_feeds
from feedsmith.run.worker import (
    leave_job,
    rank_part,
    run_part,
    start_worker,
    start_worker_process,
)
from feedsmith.sources.table import Table, check_unchanged

Progress = Callable[[int, int, int], None]
"""Told after each part: bytes done, bytes in all, products so far."""
Tell = Callable[[Report], int | None]
"""Gets the report, and gives the exit code of the run that goes into the history."""


@dataclass
class Tally:
    """The figures of a run, added up part by part."""

    parts: list[int] = field(default_factory=list)
    rows: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Records read by stream and source file."""
    results: list[PartResult] = field(default_factory=list)
    counts: Counts = field(default_factory=Counter)
    joins: dict[int, tuple[JoinTally, ...]] = field(default_factory=dict)
    """What was found in the joined sources, by stream."""
    started: float = field(default_factory=time.monotonic)

    def take(self, table: int, result: PartResult) -> None:
        """Add a part."""
        if self.results and self.results[0].seed != result.seed:
            raise RuntimeError("workers were started with different hash seeds")
        self.parts.append(result.task.number)
        self.rows[result.task.stream, table] += result.rows
        for tally, part in zip(self.joins.get(result.task.stream, ()), result.joined, strict=True):
            tally.take(part)
        self.results.append(replace(result, joined=()))
        self.counts += result.counts

    def of_stream(self, stream: int) -> list[PartResult]:
        """The parts of one stream, in order."""
        return [one for one in self.results if one.task.stream == stream]

    @property
    def products(self) -> int:
        """The products read; without any, the records."""
        return self.read(0)

    def read(self, stream: int) -> int:
        """The records read of one stream; that of the products is the first."""
        return sum(rows for (number, _), rows in self.rows.items() if number == stream)


def execute(request: Request, tell: Tell, progress: Progress | None = None, project: Project | None = None) -> Report:
    """Run: validate, and with `request.write` export.

    Args:
        request: what was asked.
        tell: gets the report while its issues can still be read.
        progress: told after each part.
        project: the request's project, where it is open already.

    Raises:
        FeedsmithError: the run could not be done; published feeds stand.
    """
    project = project or (open_project(request) if request.feed is None else reading_project(request))
    delivered = _delivery(request, project)
    run_begins(request, project)
    with _places(request, project) as scratch, recorded(request, project) as recording:
        with refusals(scratch):
            report = _report(request, project, scratch, recording, progress)
        if delivered is not None:
            report = delivered(request, project, report)
        run_done(report)
        code = tell(report)
        if recording is not None and recording.begun is not None:
            recording.begun.exit_code = code or 0
        return report


def _delivery(request: Request, project: Project) -> Callable[[Request, Project, Report], Report] | None:
    """What delivers the run's feeds, where that was asked for."""
    if not request.publish:
        return None
    from feedsmith.run.publishing import check_targets, delivered  # noqa: PLC0415 - only deliveries need it

    check_targets(request, project)
    return delivered


def _report(
    request: Request, project: Project, scratch: Path, recording: Recording | None, progress: Progress | None
) -> Report:
    open_ = open_job if request.feed is None else open_feed
    job, issues = open_(request, project, scratch)
    job = replace(job, tracks=recording is not None)
    with _engine(request, job) as make_engine:
        feeds = compile_feeds(job)
        names = final_names(feeds, delta=request.delta)
        if recording is not None:
            issues += recording.issues
            if request.write:
                blocked = blocked_names(out_folder(request, project), names)
                recording.blocked = {
                    feed.spec.name: blocked[name] for feed, name in zip(feeds, names, strict=True) if name in blocked
                }
        if recording is None or stock_may_lack(job):  # else a guard says so
            issues += stores_without_stock(job, feeds)
        if request.feed is None:
            issues += changes_since(state_folder(request, project), job)
        if not request.write and request.feed is None and not picks_feeds(request):
            issues += rule_notes(job, feeds)
        if request.limit != 0:
            job, found = in_groups(job, dict(enumerate(feeds)), request.limit)
            issues += found
        engine = make_engine(job, feeds)
        if request.limit != 0:
            work_out_ranks(job, dict(enumerate(feeds)), request.limit, engine, rank_part)
        return _run(request, job, issues, feeds, engine, recording, progress)


@contextmanager
def _places(request: Request, project: Project) -> Iterator[Path]:
    """The run's scratch folder; an export also holds the project's lock, and clears what a killed run left."""
    if not request.write:
        with tempfile.TemporaryDirectory(prefix="feedsmith-") as folder:
            yield Path(folder)
        return
    state = state_folder(request, project)
    prepare_folder(state)
    with project_lock(state, request.wait):
        for old in state.glob("run-*"):
            shutil.rmtree(old, ignore_errors=True)
        remove_leftovers(state)
        out = out_folder(request, project)
        if out.is_dir():
            remove_leftovers(out)
        with tempfile.TemporaryDirectory(prefix="run-", dir=state) as folder:
            yield Path(folder)


def _run(
    request: Request,
    job: Job,
    issues: list[Issue],
    feeds: list[CompiledFeed],
    engine: Engine,
    recording: Recording | None,
    progress: Progress | None,
) -> Report:
    """Carry the catalog through all feeds, and tell what became of it."""
    done = Done(Tally())
    done.tally.joins = {number: tuple(map(JoinTally, stream.joins)) for number, stream in enumerate(job.streams)}
    done.tell(job.scratch / "first.issues", [*issues, *(note for feed in feeds for note in feed.notes)])
    if request.write:
        remember(state_folder(request, job.project), _known(job))
    if request.limit != 0:
        _carry(request, job, feeds, engine, recording, progress, done)
    return Report(
        version=__version__,
        sources=tuple(_sources(job, done.tally)),
        products=done.tally.products,
        feeds=tuple(done.reports) if done.reports else tuple(_checked(feed) for feed in feeds),
        counts=done.tally.counts,
        issues=partial(_stream, done.issue_files),
        folder=str(job.project.folder.resolve()),
        past=partial(courses, request, job.project, [feed.spec.name for feed in feeds]),
        tables=read_tables(job),
        run=recording.number if recording is not None else None,
        manifest=done.manifest,
    )


@dataclass
class Done:
    """What a run has done so far: its figures, the reports of its feeds, the files with its issues in their order."""

    tally: Tally
    reports: list[FeedReport] = field(default_factory=list)
    issue_files: list[Path] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)

    def tell(self, path: Path, issues: Iterable[Issue]) -> None:
        """Write issues to a file of their own."""
        self.tally.counts += write_issues(path, issues)
        self.issue_files.append(path)


def _carry(
    request: Request,
    job: Job,
    feeds: list[CompiledFeed],
    engine: Engine,
    recording: Recording | None,
    progress: Progress | None,
    done: Done,
) -> None:
    """Carry all parts, finish the feeds, and note in the history what they were made from."""
    tally = done.tally
    with ExitStack() as stack:
        exporting = recording is not None and recording.begun is not None
        made = stack.enter_context(making(job, recording, request.limit)) if recording and exporting else None
        eager = _eager(request, job, feeds, engine, recording, stack)
        _all_parts(request, job, engine, tally, eager, progress)
        done.issue_files += [issues_file(job.scratch, part) for part in tally.parts]
        if request.limit is None:
            joined = (issue for some in tally.joins.values() for one in some for issue in one.issues())
            done.tell(job.scratch / "joined.issues", joined)
        if made is not None and recording is not None:
            done.tell(job.scratch / "unchanged.issues", made.unchanged(recording))
        finishers = [_finisher(request, job, feed, tally, recording) for feed in feeds]
        finish_all(finishers, engine, eager, recording, tally)
        for finisher in finishers:
            done.reports.append(finisher.report)
            done.issue_files += finisher.issue_files
            tally.counts += finisher.counts
        if request.write:
            names = {one.name for one in done.reports if one.state in DONE}
            keep_channels(state_folder(request, job.project), job, names)
        if made is not None and recording is not None:
            done.manifest = made.keep(done.reports, recording)
            if recording.number is not None and request.limit is None:
                keep_issues(recording.state, recording.number, done.issue_files, job.scratch)


def _stream(paths: list[Path]) -> Iterator[Issue]:
    return read_issues(path for path in paths if path.exists())


@contextmanager
def _engine(request: Request, job: Job) -> Iterator[Callable[[Job, list[CompiledFeed]], Engine]]:
    """What makes the engine once the feeds are compiled. Workers start before: they get ready in the meantime."""
    workers = workers_for(request, job.bytes)
    if workers == 1:
        yield lambda job, feeds: HereEngine(start_worker, (job, feeds))
        return
    with running(LocalEngine(workers, start_worker_process, (leave_job(job),))) as engine:
        engine.warm_up()
        yield lambda _job, _feeds: engine


def _eager(
    request: Request,
    job: Job,
    feeds: list[CompiledFeed],
    engine: Engine,
    recording: Recording | None,
    stack: ExitStack,
) -> list[EagerFeed | None]:
    """The feeds that are written while workers work. Compressing takes too long for one thread, so that waits."""
    found: list[EagerFeed | None] = []
    for feed in feeds:
        name = final_name(feed)
        blocked = recording is not None and feed.spec.name in recording.blocked
        later = request.delta or isinstance(engine, HereEngine) or name.endswith(GZIP) or feed.book is not None
        if not request.write or blocked or later:
            found.append(None)
            continue
        eager = EagerFeed(out_folder(request, job.project), name, frame_of(feed), feed.channel.envelope)
        stack.callback(eager.close)
        found.append(eager)
    return found


def _all_parts(
    request: Request,
    job: Job,
    engine: Engine,
    tally: Tally,
    eager: list[EagerFeed | None],
    progress: Progress | None,
) -> None:
    total = job.bytes
    done = 0
    for table, result in run_parts(job, engine, run_part, request.limit):
        tally.take(table, result)
        for number, section in zip(job.streams[result.task.stream].feeds, result.sections, strict=True):
            if (feed := eager[number]) is not None:
                feed.take(section)
        done += result.bytes
        if progress is not None:
            progress(done, total, tally.products)
    for feed in filter(None, eager):
        feed.end()
    for stream in job.streams:
        for opened in (*stream.sources, *(table for join in stream.joins for table in join.tables)):
            check_unchanged(opened)


def _finisher(
    request: Request, job: Job, feed: CompiledFeed, tally: Tally, recording: Recording | None
) -> FeedFinisher:
    """What finishes a feed, with what the parts of its stream left for it."""
    number, position = job.position_of(feed.spec.name)
    results = tally.of_stream(number)
    total = _feed_total([one.feeds[position] for one in results], tally.read(number), feed)
    return FeedFinisher(request, job, feed, total, [one.sections[position] for one in results], recording)


def _feed_total(counts: list[FeedCounts], read: int, feed: CompiledFeed) -> FeedReport:
    """The figures of a feed over all parts, before the set checks."""
    filled: Counter[str] = Counter()
    for one in counts:
        filled.update(one.filled)
    items = sum(one.items for one in counts)
    return FeedReport(
        name="", channel="", state=FeedState.CHECKED, items=items,
        rejected=sum(one.rejected for one in counts), filtered=sum(one.filtered for one in counts),
        products_in=read if feed.names.spread is None else sum(one.taken for one in counts),
        reason=next((one.failure for one in counts if one.failure), ""),
        fill={name: number / items for name, number in filled.items()} if items else {}, item=feed.channel.item,
    )  # fmt: skip


def _checked(feed: CompiledFeed) -> FeedReport:
    return FeedReport(feed.spec.name, feed.spec.channel, FeedState.CHECKED, reason="compiled only")


def _sources(job: Job, tally: Tally) -> Iterator[SourceReport]:
    for number, stream in enumerate(job.streams):
        for position, table in enumerate(stream.sources):
            rows = stream.read[position] if stream.read else tally.rows[number, position]
            yield _source(table, rows, stream.system)
        for join in stream.joins:
            yield from (_source(table, rows, GENERIC) for table, rows in zip(join.tables, join.rows, strict=True))


def _source(table: Table, rows: int, system: str) -> SourceReport:
    delimiter = table.dialect.delimiter if table.format == "csv" else None
    encoding = table.encoding if table.format != "xlsx" else None
    return SourceReport(table.shown, system, rows, encoding, delimiter, table.sheet)


def _known(job: Job) -> dict[str, tuple[str, ...]]:
    """What a later run is to know of the sources whose files are there now."""
    found: dict[str, tuple[str, ...]] = {}
    for stream in job.streams:
        missing = {name for join in stream.joins if join.problem for name in (join.name, f"{join.name}[]")}
        found |= {name: headings for name, headings in stream.known.items() if name not in missing}
    return found
