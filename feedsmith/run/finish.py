"""Finishing a feed: set checks over all parts, the guard, its files, and their publication."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec

from feedsmith.checks.ledger import SEVERITIES
from feedsmith.checks.sets import Decision, SetDecider, SetFinding, Spot
from feedsmith.definitions.channel import Consequence
from feedsmith.definitions.node import Node
from feedsmith.issues import Issue, Place, Severity, shown
from feedsmith.mapping.expression import compile_text
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import Type
from feedsmith.publish.folder import Staging, publish_files, same_content
from feedsmith.reports.report import Counts, FeedReport, FeedState, FileReport
from feedsmith.reports.store import write_issues
from feedsmith.run.assemble import FilePlan, FileTask, Frame, WrittenFile, plan_files, write_file
from feedsmith.run.engine import Engine
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.request import Request, out_folder, state_folder
from feedsmith.run.scratch import Digests, ItemNames, Section

PUBLISHED = "published.json"
GZIP = ".gz"
CONSEQUENCES: dict[str, Consequence] = {"keep_first": "reject", "drop_all": "reject", "warn": "warn", "info": "info"}


def final_name(feed: CompiledFeed) -> str:
    """The file name of a feed that fits in one file."""
    return feed.spec.output or f"{feed.spec.name}.{feed.channel.extension or feed.channel.format}"


def numbered(name: str, number: int) -> str:
    """The name of one file of several: `meta_nl-2.json`, `google-1.xml.gz`."""
    stem, dot, suffix = name.partition(".")
    return f"{stem}-{number}{dot}{suffix}"


class FeedFinisher:
    """Finishes one feed. `issues_path` and `counts` hold what the set checks found."""

    def __init__(self, request: Request, job: Job, feed: CompiledFeed, number: int, sections: list[Section]) -> None:
        self.request, self.job, self.feed, self.sections = request, job, feed, sections
        self.issues_path = job.scratch / f"sets-{number:03d}.issues"
        self.counts: Counts = Counter()
        self.out = out_folder(request, job.project)

    def finish(self, total: FeedReport, engine: Engine) -> FeedReport:
        """The feed's report; with `write` the feed is published, unless it is held."""
        started = time.monotonic()
        report = replace(total, name=self.feed.spec.name, channel=self.feed.spec.channel, seconds=0.0)
        if total.reason:
            return replace(report, state=FeedState.FAILED)
        decision = self._decide()
        self.counts = write_issues(self.issues_path, self._issues(decision))
        gone = len(decision.removed)
        report = replace(report, items=total.items - gone, rejected=total.rejected + gone)
        if report.items + report.rejected + report.filtered != report.products_in:
            message = f"{report.name}: {report.products_in} products went in, and not as many came out or were told of"
            raise RuntimeError(message)
        if self.request.write:
            report = self._publish(report, decision, engine)
        return replace(report, seconds=round(time.monotonic() - started, 3))

    # --- sets ------------------------------------------------------------------------------------------------

    def _decide(self) -> Decision:
        keys = {key: number for number, key in enumerate(self.feed.keys)}
        digests = Digests(self.sections, keys)
        gtins = frozenset(one.key for one in self.feed.fields if one.out.definition.type == "gtin")
        return SetDecider(len(self.sections), digests).run(self.feed.sets, gtins)

    def _keys(self, spot: Spot) -> ItemNames:
        return self.sections[spot.part].names()

    def _issues(self, decision: Decision) -> Iterator[Issue]:
        types = dict.fromkeys(self.feed.told, Type.TEXT)
        for found in decision.findings:
            message = Node(found.check.message, Place(""), Place(""))
            compiled = compile_text(message, Scope(types))
            told = self._keys(found.spot).told
            values = [[told[name][found.spot.item] or None] for name in compiled.names]
            text = compiled.call(*values)[0] or found.name
            yield self._issue(found, text + self._rest(found))

    def _rest(self, found: SetFinding) -> str:
        if found.number:
            return f" ({found.number:,})"
        if found.other is None:
            return ""
        keys = self._keys(found.other)
        product = keys.ids[found.other.item]
        return f"; see {product or 'the product'} in row {keys.lines[found.other.item]}"

    def _issue(self, found: SetFinding, message: str) -> Issue:
        keys, check = self._keys(found.spot), found.check
        consequence = CONSEQUENCES[check.otherwise]
        name = check.key[0] if check.key else check.by or ""
        said = self.feed.severities.get(check.code)
        severity = SEVERITIES[consequence]
        if said in {"warning", "info", "error"} and consequence != "reject":
            severity = Severity(said)
        return Issue(
            code=check.code, severity=severity, message=message, place=self._place(keys, found.spot),
            product=keys.ids[found.spot.item], feed=self.feed.spec.name, channel=self.feed.spec.channel,
            field=name, value=shown(self._told(keys, name, found.spot.item)), help=check.help,
            reference=check.reference or self.feed.channel.reference,
        )  # fmt: skip

    @staticmethod
    def _told(keys: ItemNames, name: str, item: int) -> str:
        return keys.told[name][item] if name in keys.told else ""

    def _place(self, keys: ItemNames, spot: Spot) -> Place:
        table = self.job.tables[keys.table]
        return table.place(keys.lines[spot.item])

    # --- files -----------------------------------------------------------------------------------------------

    def _publish(self, report: FeedReport, decision: Decision, engine: Engine) -> FeedReport:
        if not report.items and not self.request.force:
            why = "no product is left for it; what is published stays"
            return replace(report, state=FeedState.HELD, reason=why)
        name = final_name(self.feed)
        if self.request.limit is not None and not self.request.force and self._before():
            why = "a part of the catalog (--limit) does not replace a whole feed; give --out DIR, or --force"
            return replace(report, state=FeedState.HELD, reason=why)
        plans = plan_files(self.sections, decision.removed, self._frame(), self.feed.channel.envelope)
        names = [name] if len(plans) == 1 else [numbered(name, number) for number in range(1, len(plans) + 1)]
        with ExitStack() as stack:
            staged = [stack.enter_context(Staging(self.out, one)) for one in names]
            written = self._write(plans, names, staged, engine)
            for staging in staged:
                staging.seal()
            files = tuple(
                FileReport(self._shown(one), file.items, file.bytes, file.sha256)
                for one, file in zip(names, written, strict=True)
            )
            strays = [old for old in self._before() if old not in names]
            same = all(same_content(self.out / n, f.sha256, f.bytes) for n, f in zip(names, written, strict=True))
            if same and not strays:
                return replace(report, state=FeedState.UNCHANGED, files=files)
            publish_files(self.out, [(s.path, n) for s, n in zip(staged, names, strict=True)], strays)
        self._remember(names)
        return replace(report, state=FeedState.PUBLISHED, files=files)

    def _write(
        self, plans: list[FilePlan], names: list[str], staged: list[Staging], engine: Engine
    ) -> list[WrittenFile]:
        tasks = [
            FileTask(plan, staging.path, str(self.out / name), name.endswith(GZIP))
            for plan, name, staging in zip(plans, names, staged, strict=True)
        ]
        return list(engine.map(write_file, tasks))

    def _frame(self) -> Frame:
        template, context = self.feed.template, self.feed.context
        bom = "\ufeff" if self.feed.channel.dialect.bom else ""
        return Frame(
            (bom + template.head_text(context)).encode(),
            template.foot_text(context).encode(),
            self.feed.channel.separator.encode(),
        )

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
        record = self._record()
        record.setdefault(str(self.out.resolve()), {})[self.feed.spec.name] = names
        folder = state_folder(self.request, self.job.project)
        with Staging(folder, PUBLISHED) as staging:
            staging.file.write(msgspec.json.encode(record))
            staging.commit(PUBLISHED)
