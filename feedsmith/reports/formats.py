"""The formats of a report, by the name that `--format` and `--report` take."""

from collections.abc import Callable, Iterator

from feedsmith.reports.github import github_report
from feedsmith.reports.html import html_report
from feedsmith.reports.json_report import json_report
from feedsmith.reports.jsonl import jsonl_report
from feedsmith.reports.junit import junit_report
from feedsmith.reports.report import Report
from feedsmith.reports.sarif import sarif_report
from feedsmith.reports.text import text_report

FORMATS: dict[str, Callable[[Report], Iterator[str]]] = {
    "github": github_report,
    "html": html_report,
    "json": json_report,
    "jsonl": jsonl_report,
    "junit": junit_report,
    "sarif": sarif_report,
    "text": text_report,
}
"""Each gives the report in pieces that need only be written one after the other, in UTF-8. `text_report` also takes a
`Style`, for a report on a terminal."""
