"""The summary of a step of GitHub Actions, in Markdown: what became of feeds and deliveries, and each kind of issue."""

from collections.abc import Iterator

from feedsmith.reports.deliveries import place_of
from feedsmith.reports.groups import groups_of
from feedsmith.reports.harmless import encodable, harmless
from feedsmith.reports.report import Report
from feedsmith.reports.text import last_line

MOST_BYTES = 1 << 20
"""A step's summary must be smaller. Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions."""
ROOM = 200
"""Bytes that are kept for the line on what is left out."""
SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>#|~!"})
"""What Markdown takes for more than a sign."""
FEEDS = ("Feed", "State", "Items", "Rejected", "Filtered", "Why")
DELIVERIES = ("Feed", "Target", "State", "Place", "Why", "What to do")
ISSUES = ("Severity", "Code", "Feed", "Field", "Issues", "First at", "What is wrong", "What to do")


def step_summary(report: Report, room: int = MOST_BYTES) -> str:
    """The page, in fewer than `room` bytes of UTF-8; what does not fit is counted."""
    lines: list[str] = []
    size, left = ROOM, 0
    for line in _lines(report):
        size += len(line.encode()) + 1
        if size < room:
            lines.append(line)
        else:
            left += 1
    if left:
        lines.append(f"\n{left:,} more lines did not fit here; the other reports have them.")
    return "\n".join(lines) + "\n" if lines and room > ROOM else ""


def _lines(report: Report) -> Iterator[str]:
    yield f"### feedsmith: {_text(last_line(report).strip())}\n"
    if report.feeds:
        yield from _table(FEEDS)
    for feed in report.feeds:
        yield _row(feed.name, feed.state, f"{feed.items:,}", f"{feed.rejected:,}", f"{feed.filtered:,}", feed.reason)
    if any(feed.deliveries for feed in report.feeds):
        yield ""
        yield from _table(DELIVERIES)
    for feed in report.feeds:
        for sent in feed.deliveries:
            yield _row(feed.name, sent.target, sent.state, place_of(sent), sent.reason, sent.help)
    groups = groups_of(report)
    if groups:
        yield ""
        yield from _table(ISSUES)
    for group in groups:
        one = group.first[0]
        place, number = str(one.place), f"{group.count:,}"
        yield _row(one.severity, one.code, one.feed or "catalog", one.field, number, place, one.message, one.help)


def _table(headings: tuple[str, ...]) -> Iterator[str]:
    yield _row(*headings)
    yield "|" + " --- |" * len(headings)


def _row(*cells: str) -> str:
    return f"| {' | '.join(map(_text, cells))} |"


def _text(text: str) -> str:
    return str(encodable(harmless(" ".join(text.split())))).translate(SPECIAL)
