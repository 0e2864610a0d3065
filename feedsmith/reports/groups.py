"""Issues put in groups in one pass: a number and the first places of each, however many there are."""

from dataclasses import dataclass, field

from feedsmith.issues import Issue, Severity
from feedsmith.reports.report import Report

PLACES = 3
"""Issues that a group keeps."""
SEVERITIES = tuple(Severity)


@dataclass(slots=True)
class Group:
    """The issues of one feed, severity, code and field: how many, and the first ones."""

    count: int = 0
    first: list[Issue] = field(default_factory=list)


@dataclass(slots=True)
class Groups:
    """All groups by feed, severity, code and field."""

    found: dict[tuple[str, Severity, str, str], Group] = field(default_factory=dict)

    def add(self, issue: Issue) -> Group:
        """The group of the issue, with it."""
        key = (issue.feed, issue.severity, issue.code, issue.field)
        if (group := self.found.get(key)) is None:
            group = self.found[key] = Group()
        group.count += 1
        if group.count <= PLACES:
            group.first.append(issue)
        return group

    def ranked(self, report: Report) -> list[Group]:
        """The groups: the catalog's own first, then feed by feed; the graver and more numerous first."""
        order = {name: number for number, name in enumerate(["", *(feed.name for feed in report.feeds)])}

        def rank(key: tuple[str, Severity, str, str]) -> tuple[int, str, int, int, str, str]:
            feed, severity, code, name = key
            return (
                order.get(feed, len(order)), feed, SEVERITIES.index(severity), -self.found[key].count, code, name,
            )  # fmt: skip

        return [self.found[key] for key in sorted(self.found, key=rank)]


def groups_of(report: Report) -> list[Group]:
    """All groups of a report, ranked."""
    groups = Groups()
    for issue in report.issues():
        groups.add(issue)
    return groups.ranked(report)
