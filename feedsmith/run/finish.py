"""Finishing a feed: set checks over all parts, the guard, its files, and their publication."""

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec

from feedsmith.checks.sets import Spot
from feedsmith.errors import DefinitionError
from feedsmith.publish.folder import Staging, publish_files, same_content
from feedsmith.publish.numbering import numbered
from feedsmith.render.encoding import encode
from feedsmith.reports.report import Counts, FeedReport, FeedState, FileReport
from feedsmith.run.assemble import FileTask, Frame, WrittenFile, plan_files
from feedsmith.run.decide import Decided, DecideTask
from feedsmith.run.eager import EagerFeed
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.held import why_held
from feedsmith.run.job import Job
from feedsmith.run.request import Request, out_folder, state_folder
from feedsmith.run.scratch import Section

PUBLISHED = "published.json"
GZIP = ".gz"


def final_name(feed: CompiledFeed) -> str:
    """The file name of a feed that fits in one file."""
    extension = Path(feed.spec.workbook).suffix[1:] or feed.channel.extension or feed.channel.format
    return feed.spec.output or f"{feed.spec.name}.{extension}"


def final_names(feeds: Iterable[CompiledFeed]) -> list[str]:
    """The file names of these feeds.

    Raises:
        DefinitionError: two feeds have the same one.
    """
    found: dict[str, CompiledFeed] = {}
    for feed in feeds:
        name = final_name(feed)
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


class FeedFinisher:
    """Finishes one feed, in steps that all feeds take together: decide, stage, publish.

    `report` grows with each step; `issues_path` and `counts` hold what the set checks found.
    """

    def __init__(
        self, request: Request, job: Job, feed: CompiledFeed, total: FeedReport, sections: list[Section]
    ) -> None:
        self.request, self.job, self.feed, self.sections = request, job, feed, sections
        self.issues_path = job.scratch / f"sets-{feed.spec.name}.issues"
        self.counts: Counts = Counter()
        self.out = out_folder(request, job.project)
        self.removed: set[Spot] = set()
        self.again = False
        self.names: list[str] = []
        self.staged: list[Staging] = []
        self.written: list[WrittenFile] = []
        self.report = replace(total, name=feed.spec.name, channel=feed.spec.channel)
        if total.reason:
            self.report = replace(self.report, state=FeedState.FAILED)

    @property
    def goes_on(self) -> bool:
        """The feed has not failed and is not held."""
        return self.report.state is FeedState.CHECKED

    # --- sets ------------------------------------------------------------------------------------------------

    def task(self) -> DecideTask:
        """The feed's set checks, for a worker."""
        feed = self.feed
        gtins = frozenset(one.key for one in feed.fields if one.out.definition.type == "gtin")
        return DecideTask(
            checks=feed.sets, gtin_fields=gtins,
            keys=feed.keys, sections=tuple(self.sections), tables=self.job.stream_of(feed.spec.name).tables,
            told=feed.told, feed=feed.spec.name,
            channel=feed.spec.channel, reference=feed.channel.reference, severities=feed.severities,
            issues=self.issues_path,
        )  # fmt: skip

    def decide(self, decided: Decided) -> None:
        """Take what the set checks decided; every product must now be an item, rejected or filtered."""
        self.removed, self.counts = decided.removed, decided.counts
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

    # --- files -----------------------------------------------------------------------------------------------

    def stage(self, stack: ExitStack, eager: EagerFeed | None) -> list[FileTask]:
        """The feed's temporary files; gives what is still to be written to them. A feed may be held here."""
        why = self._held()
        if why:
            self.report = replace(self.report, state=FeedState.HELD, reason=why)
            return []
        if eager is not None and not self.removed and not self.again:
            eager.finish()
            self.staged, self.written = eager.staged, eager.written
            self._name(len(self.staged))
            return []
        book, envelope = self.feed.book, self.feed.channel.envelope
        limits = book.envelope(envelope) if book else envelope
        plans = plan_files(self.sections, self.removed, frame_of(self.feed), limits)
        self._name(len(plans))
        self.staged = [stack.enter_context(Staging(self.out, one)) for one in self.names]
        return [
            FileTask(plan, staging.path, str(self.out / one), one.endswith(GZIP), book)
            for plan, staging, one in zip(plans, self.staged, self.names, strict=True)
        ]

    def _held(self) -> str:
        """Why the feed must not replace what is published; empty if it may."""
        if self.request.force:
            return ""
        why = why_held(self.job, self.feed)
        if why:
            return why
        if not self.report.items:
            return "no product is left for it; what is published stays"
        if self.request.limit is not None and self._before():
            return "a part of the catalog (--limit) does not replace a whole feed; give --out DIR, or --force"
        return ""

    def _name(self, files: int) -> None:
        name = final_name(self.feed)
        self.names = [name] if files == 1 else [numbered(name, number) for number in range(1, files + 1)]

    def publish(self, seconds: float) -> None:
        """Put the written files in place; where they hold what is there already, nothing is touched."""
        written = self.written
        files = tuple(
            FileReport(self._shown(one), file.items, file.bytes, file.sha256)
            for one, file in zip(self.names, written, strict=True)
        )
        strays = [old for old in self._before() if old not in self.names]
        pairs = list(zip(self.names, written, strict=True))
        same = not strays and all(same_content(self.out / one, file.sha256, file.bytes) for one, file in pairs)
        if not same:
            self._remember([*self.names, *strays])  # a run that is killed below leaves no file that nobody knows
            publish_files(self.out, [(s.path, one) for s, one in zip(self.staged, self.names, strict=True)], strays)
        self._remember(self.names)
        state = FeedState.UNCHANGED if same else FeedState.PUBLISHED
        self.report = replace(self.report, state=state, files=files, seconds=round(seconds, 3))

    def _shown(self, name: str) -> str:
        path = self.out / name
        try:
            return path.resolve().relative_to(self.job.project.folder.resolve()).as_posix()
        except ValueError:
            return str(path)

    # --- what was published before ---------------------------------------------------------------------------

    def _record(self) -> dict[str, dict[str, list[str]]]:
        """Output folder → feed → its files, as the last runs left it; a damaged record counts as none."""
        path = state_folder(self.request, self.job.project) / PUBLISHED
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, list[str]]])
        except (OSError, msgspec.DecodeError):
            return {}

    def _before(self) -> list[str]:
        names = self._record().get(str(self.out.resolve()), {}).get(self.feed.spec.name, [])
        return [name for name in names if (self.out / name).is_file()]

    def _remember(self, names: list[str]) -> None:
        """Note that these files are the feed's, and no other feed's any more."""
        record = self._record()
        here = str(self.out.resolve())
        known = record.get(here, {})
        others = {feed: [name for name in files if name not in names] for feed, files in known.items()}
        record[here] = {**others, self.feed.spec.name: names}
        if record[here] == known:
            return
        folder = state_folder(self.request, self.job.project)
        with Staging(folder, PUBLISHED) as staging:
            staging.file.write(msgspec.json.encode(record))
            staging.commit(PUBLISHED)
