"""The set checks of one feed as a task for a worker, which also writes what they found: that may be a lot."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from feedsmith.checks.ledger import SEVERITIES
from feedsmith.checks.sets import Key, SetDecider, SetFinding, Spot
from feedsmith.definitions.channel import SetCheck
from feedsmith.definitions.field import Consequence
from feedsmith.definitions.node import Node
from feedsmith.issues import Issue, Place, Severity, shown
from feedsmith.mapping.expression import Compiled, compile_text
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import Type
from feedsmith.reports.report import Counts
from feedsmith.reports.store import IssueWriter
from feedsmith.run.compared import Figures
from feedsmith.run.keep_ledger import LedgerTask, keep_ledger
from feedsmith.run.scratch import Digests, ItemNames, Section
from feedsmith.sources.table import Table

CONSEQUENCES: dict[str, Consequence] = {"keep_first": "reject", "drop_all": "reject", "warn": "warn", "info": "info"}


@dataclass(frozen=True)
class DecideTask:
    """What the set checks of a feed need: the digests' places and order, and what their issues name."""

    checks: Mapping[str, SetCheck]
    gtin_fields: frozenset[str]
    keys: tuple[Key, ...]
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]
    told: tuple[str, ...]
    feed: str
    channel: str
    reference: str
    severities: Mapping[str, str]
    issues: Path
    ledger: LedgerTask | None = None


@dataclass(frozen=True)
class Decided:
    """Which items leave the feed; the issues are in the task's file.

    `figures` are those of the feed beside its last good version, or why there are none.
    """

    removed: set[Spot]
    counts: Counts
    figures: Figures | str | None = None


def decide(task: DecideTask) -> Decided:
    """Run the set checks, and write what they found; then compare what is left with the last good version."""
    digests = Digests(task.sections, {key: number for number, key in enumerate(task.keys)})
    teller = _Teller(task)
    with IssueWriter(task.issues) as issues:
        decider = SetDecider(len(task.sections), digests, tell=lambda found: issues.extend(teller.issues(found)))
        removed = decider.run(task.checks, task.gtin_fields).removed
    figures = keep_ledger(task.ledger, task.sections, removed) if task.ledger is not None else None
    return Decided(removed, issues.counts, figures)


def messages_of(checks: Mapping[str, SetCheck], told: Iterable[str]) -> Mapping[str, Compiled]:
    """The compiled message of each check, over the values of an item that messages name."""
    scope = Scope(dict.fromkeys(told, Type.TEXT))
    nowhere = Place("")
    return {name: compile_text(Node(check.message, nowhere, nowhere), scope) for name, check in checks.items()}


class _Teller:
    """Makes issues of findings; reads the names of items again for those that are told."""

    def __init__(self, task: DecideTask) -> None:
        self.task = task

    @cached_property
    def messages(self) -> Mapping[str, Compiled]:
        """The compiled message of each check."""
        return messages_of(self.task.checks, self.task.told)

    def issues(self, findings: Iterable[SetFinding]) -> Iterator[Issue]:
        """An issue for each finding."""
        for found in findings:
            compiled = self.messages[found.name]
            told = self._names(found.spot).told
            values = [[told[name][found.spot.item] or None] for name in compiled.names]
            text = compiled.call(*values)[0] or found.name
            yield self._issue(found, text + self._rest(found))

    def _names(self, spot: Spot) -> ItemNames:
        return self.task.sections[spot.part].names()

    def _place(self, spot: Spot) -> Place:
        names = self._names(spot)
        return self.task.tables[names.table].place(names.lines[spot.item])

    def _rest(self, found: SetFinding) -> str:
        if found.number:
            return f" ({found.number:,})"
        if found.other is None:
            return ""
        product = self._names(found.other).ids[found.other.item]
        return f"; see {product or 'the product'} at {self._place(found.other)}"

    def _issue(self, found: SetFinding, message: str) -> Issue:
        names, check, task = self._names(found.spot), found.check, self.task
        consequence = CONSEQUENCES[check.otherwise]
        field = check.key[0] if check.key else check.by or ""
        said = task.severities.get(check.code)
        severity = SEVERITIES[consequence]
        if said in {"warning", "info", "error"} and consequence != "reject":
            severity = Severity(said)
        value = names.told[field][found.spot.item] if field in names.told else ""
        return Issue(
            code=check.code, severity=severity, message=message, place=self._place(found.spot),
            product=names.ids[found.spot.item], feed=task.feed, channel=task.channel, field=field, value=shown(value),
            help=check.help, reference=check.reference or task.reference,
        )  # fmt: skip
