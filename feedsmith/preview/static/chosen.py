"""Which products the static page shows: those that stand for all, then others up to the limit."""

from collections.abc import Sequence

from feedsmith.catalog.records import PRODUCT
from feedsmith.issues import Issue, Severity
from feedsmith.reports.report import Report
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.find import Row, row_of
from feedsmith.run.job import Job
from feedsmith.run.sample.choose import Spot, choose
from feedsmith.run.siblings import catalog_batches

RANKS = {severity: number for number, severity in enumerate(Severity)}


class Chosen:
    """The products of a page. `take` gets the report of a whole run while its issues can be read.

    `rows` are then the chosen products by their place, in the order of the catalog, and `issues` all that the run told
    of them, in the order of the report.
    """

    def __init__(self, job: Job, feeds: Sequence[CompiledFeed], most: int) -> None:
        self.job, self.feeds, self.most = job, feeds, most
        self.rows: dict[Spot, Row] = {}
        self.issues: dict[Spot, list[Issue]] = {}

    def take(self, report: Report) -> None:
        """Choose by what the run found, and keep the issues of what was chosen."""
        firsts: dict[tuple[str, str, str], Issue] = {}
        for issue in report.issues():
            if issue.place.row is not None:
                firsts.setdefault((issue.feed, issue.code, issue.field), issue)
        self.rows = self._read(frozenset(self._ranked(list(firsts.values()))[: self.most]))
        for issue in report.issues():
            spot = (issue.place.path, issue.place.row or 0)
            if spot in self.rows:
                self.issues.setdefault(spot, []).append(issue)

    def _ranked(self, issues: list[Issue]) -> list[Spot]:
        """The rows that stand for all: those of the gravest issues first."""
        stream = next((one for one in self.job.streams if one.record == PRODUCT.name), None)
        told = [(one.place.path, one.place.row or 0) for one in sorted(issues, key=lambda one: RANKS[one.severity])]
        if stream is None:
            return list(dict.fromkeys(told))
        chosen = choose(stream, [self.feeds[number] for number in stream.feeds], issues)
        return list(dict.fromkeys([*told, *sorted(chosen.spots)]))

    def _read(self, wanted: frozenset[Spot]) -> dict[Spot, Row]:
        """The wanted rows and, as far as there is room, the first others, in the order of the catalog."""
        found: dict[Spot, Row] = {}
        others: list[Spot] = []
        for batch, products in catalog_batches(self.job):
            for row in range(len(products)):
                place = products.batch.place(row)
                spot = (place.path, place.row or 0)
                if spot not in wanted and len(others) < self.most:
                    others.append(spot)
                elif spot not in wanted:
                    continue
                found[spot] = row_of(batch, products, row)
        room = self.most - (len(found) - len(others))
        gone = frozenset(others[max(0, room) :])
        return {spot: row for spot, row in found.items() if spot not in gone}
