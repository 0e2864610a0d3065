"""Annotations of GitHub Actions: one for each group of issues, at the first place of the group.

A step shows ten annotations of each level; groups keep one mistake of a whole catalog from taking all of them.
"""

from collections.abc import Iterator

from feedsmith.issues import Issue, Severity
from feedsmith.reports.groups import Group, groups_of
from feedsmith.reports.harmless import encodable, harmless
from feedsmith.reports.report import NOT_DONE, Report

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github_report(report: Report) -> Iterator[str]:
    """Workflow commands, one a line: https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
    for group in groups_of(report):
        yield _annotation(group, report)
    for feed in report.feeds:
        if feed.state in NOT_DONE:
            yield _command("error", {"title": f"{feed.name}: {feed.state}"}, feed.reason or "nothing new was published")


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
