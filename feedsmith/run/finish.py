"""Finishing a feed: set checks over all parts, guards, its files, and their publication."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from feedsmith.checks.sets import Spot
from feedsmith.definitions.guards import REASONS
from feedsmith.errors import DefinitionError, FeedsmithError, OutputError
from feedsmith.publish.folder import Staging, prepare_folder, publish_files, same_content
from feedsmith.publish.numbering import numbered
from feedsmith.publish.refusals import refusals
from feedsmith.render.encoding import encode
from feedsmith.reports.report import Counts, DeltaReport, FeedReport, FeedState, FileReport
from feedsmith.reports.store import write_issues
from feedsmith.run.assemble import FileTask, Frame, WrittenFile, plan_files
from feedsmith.run.candidates import file_name, put_aside
from feedsmith.run.compared import Figures
from feedsmith.run.decide import Decided, DecideTask
from feedsmith.run.delta.changes import Part
from feedsmith.run.delta.sent import delta_file, delta_name, sent_name
from feedsmith.run.delta.task import DeltaFound, DeltaTask
from feedsmith.run.eager import EagerFeed
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.guards import Alarm, New, Past, alarm_issue, alarms, ledger_issue, near_limit, reason_alarm
from feedsmith.run.held import why_held
from feedsmith.run.history import PUBLISHING, KeptFile, PastFeed, moment
from feedsmith.run.job import Job
from feedsmith.run.keep_ledger import LedgerTask
from feedsmith.run.ledger import LEDGERS, ledger_name
from feedsmith.run.recording import Recording
from feedsmith.run.request import Request, out_folder
from feedsmith.run.scratch import Section
from feedsmith.values.codes import COUNTRY_VAT

GZIP = ".gz"


def final_name(feed: CompiledFeed, *, delta: bool = False) -> str:
    """The file name of a feed, or of its delta, that fits in one file."""
    if delta:
        return delta_file(final_name(feed))
    extension = Path(feed.spec.workbook).suffix[1:] or feed.channel.extension or feed.channel.format
    return feed.spec.output or f"{feed.spec.name}.{extension}"


def final_names(feeds: Iterable[CompiledFeed], *, delta: bool = False) -> list[str]:
    """The file names of these feeds.

    Raises:
        DefinitionError: two feeds have the same one.
    """
    found: dict[str, CompiledFeed] = {}
    for feed in feeds:
        name = final_name(feed, delta=delta)
        if name in found:
            problem = f"the feeds {found[name].spec.name} and {feed.spec.name} have the file {name!r}"
            raise DefinitionError(feed.spec.channel_node.place, problem, "give one of them another `output`")
        found[name] = feed
    return list(found)


def frame_of(feed: CompiledFeed) -> Frame:
    """What stands around the items of each of the feed's files."""
    head, foot = feed.template.head_text(feed.context), feed.template.foot_text(feed.context)
    dialect = feed.channel.dialect
    pieces = (encode(text, dialect) for text in (dialect.mark + head, foot, feed.channel.separator))
    before, after, between = pieces
    return Frame(before, after, between, feed.book.around if feed.book else 0)


def decide_task(job: Job, feed: CompiledFeed, sections: Sequence[Section], issues: Path) -> DecideTask:
    """The set checks of a feed over what its parts left, for a worker; what they find goes to the file `issues`."""
    gtins = frozenset(one.key for one in feed.fields if one.out.definition.type == "gtin")
    return DecideTask(
        checks=feed.sets, gtin_fields=gtins,
        keys=feed.keys, sections=tuple(sections), tables=job.stream_of(feed.spec.name).tables,
        told=feed.told, feed=feed.spec.name,
        channel=feed.spec.channel, reference=feed.channel.reference, severities=feed.severities, issues=issues,
    )  # fmt: skip


class FeedFinisher:
    """Finishes one feed, in steps that all feeds take together: decide, judge, stage, publish.

    `report` grows with each step; `issue_files` and `counts` hold what was found. `held` says that a guard keeps what
    is published.
    """

    def __init__(
        self,
        request: Request,
        job: Job,
        feed: CompiledFeed,
        total: FeedReport,
        sections: list[Section],
        recording: Recording | None,
    ) -> None:
        self.request, self.job, self.feed, self.sections, self.recording = request, job, feed, sections, recording
        steps = ("sets", "guards", "files", "delta")
        self.issue_files = [job.scratch / f"{step}-{feed.spec.name}.issues" for step in steps]
        self.counts: Counts = Counter()
        self.out = out_folder(request, job.project)
        self.removed: set[Spot] = set()
        self.again = False
        self.held = False
        self.alarms: tuple[Alarm, ...] = ()
        self.past: Past | None = None
        self.figures: Figures | str | None = None
        self.ledger_name = ""
        self.ledger = job.scratch / f"{file_name(feed.spec.name)}.ledger"
        self.recorded = delta_name(feed.spec.name) if request.delta else feed.spec.name
        self.delta: DeltaFound | None = None
        self.sent_name, self.since = "", 0
        self.names: list[str] = []
        self.staged: list[Staging] = []
        self.written: list[WrittenFile] = []
        self.report = replace(total, name=feed.spec.name, channel=feed.spec.channel)
        if total.reason:
            self.report = replace(self.report, state=FeedState.FAILED)
        elif recording is not None and (blocked := recording.blocked.get(feed.spec.name)) is not None:
            self.fail(blocked)

    @property
    def goes_on(self) -> bool:
        """The feed has not failed, and is not yet where it goes."""
        return self.report.state is FeedState.CHECKED

    def fail(self, error: FeedsmithError) -> None:
        """The feed cannot be written; the others go on."""
        self.report = replace(self.report, state=FeedState.FAILED, reason=str(error), exit_code=error.exit_code)

    # --- sets ------------------------------------------------------------------------------------------------

    def task(self) -> DecideTask:
        """The feed's set checks, for a worker."""
        asked = decide_task(self.job, self.feed, self.sections, self.issue_files[0])
        return replace(asked, ledger=self._ledger())

    def _ledger(self) -> LedgerTask | None:
        """The ledger that is kept of the feed, and the one it is compared with."""
        recording, spec = self.recording, self.feed.spec
        if recording is None or not self.feed.tracks:
            return None
        past = self.past = recording.past(spec.name)
        last = recording.state / LEDGERS / past.last.ledger if past is not None and past.last.ledger else None
        rate = COUNTRY_VAT.get(spec.market.country)
        vat = spec.market.vat if spec.market.vat is not None else Decimal(rate) if rate else None
        items = past.last.items if past is not None else 0
        return LedgerTask(self.ledger, last, items, spec.guards["max_price_change"].by, vat)

    def decide(self, decided: Decided) -> None:
        """Take what the set checks decided; every product must now be an item, rejected or filtered."""
        self.removed, self.figures = decided.removed, decided.figures
        self.counts += decided.counts
        gone = len(self.removed)
        report = self.report
        self.report = report = replace(report, items=report.items - gone, rejected=report.rejected + gone)
        if report.items + report.rejected + report.filtered != report.products_in:
            message = f"{report.name}: {report.products_in} products went in, and not as many came out or were told of"
            raise RuntimeError(message)

    def take_again(self, sections: dict[int, Section]) -> None:
        """Take parts, by their position, that were carried once more without the products that left the feed."""
        self.sections = [sections.get(position, section) for position, section in enumerate(self.sections)]
        self.removed, self.again = set(), True

    # --- guards ----------------------------------------------------------------------------------------------

    def judge(self, recording: Recording) -> None:
        """Hold the feed against what was published before; what guards say becomes issues."""
        spec = self.feed.spec
        fields = {one.key for one in self.feed.fields}
        figures = self.figures if isinstance(self.figures, Figures) else None
        new = New(self.report, figures, fields, self.feed.wanted)
        compared = () if self._why("empty-feed") else alarms(new, self.past, spec.guards)
        self.alarms = (*self._reasons(), *compared)
        forced = self.request.force
        why = [alarm.message for alarm in self.alarms if alarm.holds]
        self.held = bool(why) and not forced
        told = [
            alarm_issue(alarm, spec.channel_node.place, self.report, (recording.number, self.recorded), forced=forced)
            for alarm in self.alarms
        ]
        if isinstance(self.figures, str):
            told.append(ledger_issue(self.figures, spec.channel_node.place, self.report))
        self.counts += write_issues(self.issue_files[1], told)
        if self.held:
            self.report = replace(self.report, reason="; ".join(why))

    def _reasons(self) -> Iterator[Alarm]:
        """What holds the feed whatever the levels of guards are."""
        for code in REASONS:
            if why := self._why(code):
                yield reason_alarm(code, why)

    def _why(self, code: str) -> str:
        recording = self.recording
        if code == "empty-feed":
            return "" if self.report.items else "no product is left for it; what is published stays"
        if code == "partial-catalog":
            partial = self.request.limit is not None and recording is not None and recording.owned(self.report.name)
            return "a part of the catalog (--limit) does not replace a whole feed" if partial else ""
        if code == "rolled-back":
            hold = recording.hold(self.report.name) if recording is not None else None
            return hold.message if hold is not None else ""
        return why_held(self.job, self.feed).get(code, "")

    # --- delta -----------------------------------------------------------------------------------------------

    def delta_task(self, recording: Recording) -> DeltaTask:
        """What is compared with what the channel was sent."""
        name, scratch = self.report.name, self.job.scratch
        gone: dict[int, set[int]] = {}
        for spot in self.removed:
            gone.setdefault(spot.part, set()).add(spot.item)
        parts = tuple(Part(section, gone.get(number, ())) for number, section in enumerate(self.sections))
        known = recording.sent(name)
        self.since = known.run
        return DeltaTask(
            *self.job.position_of(name), parts, max(known.items, self.report.items), known.whole, known.since,
            partial=self.request.delta, today=self.request.now.date().toordinal(),
            sent=scratch / f"{file_name(name)}.sent", deletes=scratch / f"{file_name(name)}.deletes",
            issues=self.issue_files[3],
        )  # fmt: skip

    def take_delta(self, found: DeltaFound) -> None:
        """Take what changed."""
        self.delta = found
        self.counts += found.counts
        figures = DeltaReport(
            self.since, found.new, found.changed, found.unchanged, found.deleted, found.left, self.request.delta
        )
        self.report = replace(self.report, delta=figures)

    # --- files -----------------------------------------------------------------------------------------------

    def stage(self, stack: ExitStack, eager: EagerFeed | None) -> list[FileTask]:
        """The feed's temporary files; gives what is still to be written to them."""
        try:
            return self._stage(stack, eager)
        except OutputError as error:
            self.fail(error)
            return []

    def _stage(self, stack: ExitStack, eager: EagerFeed | None) -> list[FileTask]:
        deletes = self.delta.section if self.delta is not None and self.delta.deleted else None
        if eager is not None and not self.removed and not self.again and deletes is None:
            eager.finish()
            self.staged, self.written = eager.staged, eager.written
            self._name(len(self.staged))
            return []
        book, envelope = self.feed.book, self.feed.channel.envelope
        limits = book.envelope(envelope) if book else envelope
        sections = [*self.sections, deletes] if deletes is not None else self.sections
        send = self.delta.send if self.delta is not None else ()
        plans = plan_files(sections, self.removed, frame_of(self.feed), limits, send)
        if self.request.delta:  # one without a change needs no file
            plans = [plan for plan in plans if plan.items]
        self._name(len(plans))
        self.staged = [stack.enter_context(Staging(self.out, one)) for one in self.names]
        return [
            FileTask(plan, staging.path, str(self.out / one), one.endswith(GZIP), book)
            for plan, staging, one in zip(plans, self.staged, self.names, strict=True)
        ]

    def take_written(self, written: Iterable[WrittenFile | OutputError]) -> None:
        """Take what became of the files that were still to be written, and bring all to the disk itself."""
        try:
            for one in written:
                if isinstance(one, OutputError):
                    raise one
                self.written.append(one)
            for staging in self.staged:
                staging.seal()
        except OutputError as error:
            self.fail(error)
            return
        if len(self.written) == 1 and not self.held:
            place = self.feed.spec.channel_node.place
            near = near_limit(self.feed.channel.envelope, self.written[0], place, self.report)
            self.counts += write_issues(self.issue_files[2], near)

    def _name(self, files: int) -> None:
        name = final_name(self.feed, delta=self.request.delta)
        self.names = [name] if files == 1 else [numbered(name, number) for number in range(1, files + 1)]

    # --- publication -----------------------------------------------------------------------------------------

    def keep_ledger(self, recording: Recording) -> None:
        """Put the ledger, and what a delta is made against, where the next run finds them.

        Raises:
            OutputError: the disk refuses.
        """
        number, sent = recording.number or 0, self.job.scratch / f"{file_name(self.report.name)}.sent"
        if not self.request.delta:
            self.ledger_name = _kept(recording, self.ledger, ledger_name(self.report.name, number))
        if self.delta is not None:
            self.sent_name = _kept(recording, sent, sent_name(self.recorded, number))

    def record(self, recording: Recording) -> PastFeed:
        """The feed for the history, as it stands now; one that goes on is about to be published or held."""
        report, going = self.report, self.goes_on
        state = (FeedState.HELD.value if self.held else PUBLISHING) if going else report.state.value
        pairs = zip(self.names, self.written, strict=False) if going or report.state is not FeedState.FAILED else ()
        return PastFeed(
            run=recording.number or 0, feed=self.recorded, channel=report.channel, out=recording.out, state=state,
            reason=report.reason, items=report.items, rejected=report.rejected, filtered=report.filtered,
            products_in=report.products_in, seconds=report.seconds,
            fill={name: round(share, 4) for name, share in report.fill.items()},
            files=tuple(KeptFile(name, one.items, one.bytes, one.sha256) for name, one in pairs),
            guards=tuple(dict.fromkeys(alarm.code for alarm in self.alarms)),
            holding=tuple(dict.fromkeys(alarm.code for alarm in self.alarms if alarm.holds)) if self.held else (),
            at=moment(), ledger=self.ledger_name, sent=self.sent_name, partial=self.request.limit is not None,
            passed="--force" if self.request.force and any(one.holds for one in self.alarms) else "",
        )  # fmt: skip

    @property
    def changes(self) -> bool:
        """Whether other bytes than those that are published now are going to be."""
        pairs = zip(self.names, self.written, strict=True)
        return bool(self._strays()) or not all(
            same_content(self.out / name, file.sha256, file.bytes) for name, file in pairs
        )

    def publish(self, seconds: float, recording: Recording, *, changes: bool) -> None:
        """Put the written files in place; where they hold what is there already, nothing is touched.

        Those of a feed that is held are put aside.
        """
        self.report = replace(self.report, seconds=round(seconds, 3))
        try:
            if self.held:
                self._put_aside(recording)
            else:
                self._publish(changes=changes)
        except OutputError as error:
            self.fail(error)

    def _put_aside(self, recording: Recording) -> None:
        pairs = [(staging.path, name) for staging, name in zip(self.staged, self.names, strict=True)]
        folder = put_aside(recording.state, self.record(recording), pairs)
        self.report = replace(self.report, state=FeedState.HELD, candidate=self._shown(folder))

    def _publish(self, *, changes: bool) -> None:
        if changes:
            pairs = [(staging.path, name) for staging, name in zip(self.staged, self.names, strict=True)]
            publish_files(self.out, pairs, self._strays())
        files = tuple(
            FileReport(self._shown(self.out / name), file.items, file.bytes, file.sha256)
            for name, file in zip(self.names, self.written, strict=True)
        )
        self.report = replace(
            self.report, state=FeedState.PUBLISHED if changes and files else FeedState.UNCHANGED, files=files
        )

    def _strays(self) -> list[str]:
        """Files of runs before that the feed has no more; a whole feed also makes the delta before it obsolete."""
        names = dict.fromkeys((self.recorded, *([delta_name(self.report.name)] if self.feed.sends else [])))
        before = [old for name in names for old in self.recording.owned(name)] if self.recording is not None else []
        return [old for old in before if old not in self.names]

    def _shown(self, path: Path) -> str:
        try:
            return path.resolve().relative_to(self.job.project.folder.resolve()).as_posix()
        except ValueError:
            return str(path)


def _kept(recording: Recording, path: Path, name: str) -> str:
    """Move a file beside the ledgers, and give its name there; "" where there is none.

    Raises:
        OutputError: the disk refuses.
    """
    if not path.exists():
        return ""
    folder = recording.state / LEDGERS
    prepare_folder(folder)
    with refusals(folder / name):
        path.replace(folder / name)
    return name
