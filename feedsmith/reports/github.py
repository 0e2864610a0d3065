"""Annotations of GitHub Actions: one for each group of issues, at the first place of the group.

A step shows ten annotations of each level; groups keep one mistake of a whole catalog from taking all of them.
"""

from collections import Counter
from collections.abc import Iterator

from feedsmith.issues import Issue, Severity
from feedsmith.reports.deliveries import not_delivered
from feedsmith.reports.groups import Group, groups_of
from feedsmith.reports.harmless import encodable, harmless
from feedsmith.reports.report import NOT_DONE, Report

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


MOST = 10
"""Annotations of each level that a step shows. The step's summary has all groups."""


def github_report(report: Report) -> Iterator[str]:
    """Workflow commands, one a line: https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    shown: Counter[str] = Counter()
    for level, line in _annotations(report):
        shown[level] += 1
        if shown[level] <= MOST:
            yield line
    more = sum(max(0, number - MOST) for number in shown.values())
    if more:
        yield f"{more:,} more kinds of issues are in the summary of the step, and in the other reports\n"


def _annotations(report: Report) -> Iterator[tuple[str, str]]:
    """Level and line of each annotation: feeds that were not published or not delivered, then the groups."""
    for feed in report.feeds:
        if feed.state in NOT_DONE:
            title = {"title": f"{feed.name}: {feed.state}"}
            yield "error", _command("error", title, feed.reason or "nothing new was published")
        for one in not_delivered(feed):
            title = {"title": f"{feed.name}: not delivered to {one.target}"}
            yield (
                "error",
                _command("error", title, "\n".join(filter(None, (one.reason, one.help and f"fix: {one.help}")))),
            )
    for group in groups_of(report):
        yield LEVELS[group.first[0].severity], _annotation(group, report)


def _annotation(group: Group, report: Report) -> str:
    issue = group.first[0]
    place = issue.place
    properties = {"file": report.path(place.path), "line": str(place.row) if place.row else "", "title": _title(issue)}
    return _command(LEVELS[issue.severity], properties, _message(issue, group.count))


def _title(issue: Issue) -> str:
    return " ".join(part for part in (f"{issue.feed}:" if issue.feed else "", issue.code, issue.field) if part)


def _message(issue: Issue, count: int) -> str:
    value = f' "{issue.value}"' if issue.value else ""
    lines = [f"{issue.message}{value}", f"product {issue.product}" if issue.product else ""]
    lines += [f"and {count - 1:,} more like it" if count > 1 else "", f"fix: {issue.help}" if issue.help else ""]
    return "\n".join(filter(None, lines))


def _command(level: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    lines = "%0A".join(_data(harmless(line)) for line in message.splitlines())
    return f"::{level}{' ' + given if given else ''}::{lines}\n"


def _data(text: str) -> str:
    return str(encodable(text)).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(harmless(text)).replace(":", "%3A").replace(",", "%2C")
