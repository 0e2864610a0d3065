"""The issues alone, one JSON object a line, in the form they have in the JSON report."""

from collections.abc import Iterator

from feedsmith.reports.json_report import encode_issue
from feedsmith.reports.report import Report


def jsonl_report(report: Report) -> Iterator[str]:
    """Every issue as one line; nothing at all without issues."""
    return (encode_issue(issue) + "\n" for issue in report.issues())
