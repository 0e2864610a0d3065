"""The report as one JSON object: `version` 1 of the documented form; keys may be added, none goes."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import msgspec

from feedsmith.issues import Issue, Severity
from feedsmith.reports.encoded import to_json
from feedsmith.reports.report import FeedReport, Report

VERSION = 1
"""Version of the object's form; it changes when a key changes its meaning."""


DELIVERY = ("target", "to", "state", "files", "bytes", "seconds", "reason", "help", "notes")


class _Source(msgspec.Struct):
    """Where an issue is, in the order of the documented form."""

    path: str
    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None


class _Record(msgspec.Struct):
    """An issue, in the order of the documented form."""

    code: str
    severity: Severity
    feed: str | None
    channel: str
    product: str
    field: str
    value: str
    source: _Source
    message: str
    help: str
    reference: str


def json_report(report: Report) -> Iterator[str]:
    """One JSON object with every issue, in pieces; an issue is a line of its own."""
    opening = to_json(_opening(report))
    yield f'{opening[:-1]},"issues":['
    before = "\n"
    for issue in report.issues():
        yield before + encode_issue(issue)
        before = ",\n"
    yield "\n]}\n"


def encode_issue(issue: Issue) -> str:
    """`issue` as a JSON object on one line, without a line break; `feed` is null for the catalog itself."""
    place = issue.place
    source = _Source(place.path, place.sheet, place.row, place.column, place.cell)
    record = _Record(
        issue.code, issue.severity, issue.feed or None, issue.channel, issue.product, issue.field, issue.value,
        source, issue.message, issue.help, issue.reference,
    )  # fmt: skip
    return to_json(record)


def _opening(report: Report) -> dict[str, Any]:
    """Everything that stands before the issues."""
    sources = [
        {key: getattr(source, key) for key in ("path", "system", "rows", "encoding", "delimiter", "sheet")}
        for source in report.sources
    ]
    return {
        "version": VERSION,
        "feedsmith": report.version,
        "run": report.run,
        "catalog": {"sources": sources, "products": report.products},
        "feeds": [_feed(feed) for feed in report.feeds],
        "summary": {**{f"{severity}s": report.total(severity) for severity in Severity}, "known": report.known},
        "manifest": report.manifest or None,
    }


def _feed(feed: FeedReport) -> dict[str, Any]:
    files = [{key: getattr(file, key) for key in ("path", "items", "bytes", "sha256")} for file in feed.files]
    return {
        "name": feed.name,
        "channel": feed.channel,
        "files": files,
        "items": feed.items,
        "rejected": feed.rejected,
        "filtered": feed.filtered,
        "seconds": round(feed.seconds, 3),
        "products": feed.products_in,
        "state": feed.state,
        "reason": feed.reason,
        "candidate": feed.candidate or None,
        "delta": asdict(feed.delta) if feed.delta is not None else None,
        "deliveries": [{key: getattr(one, key) for key in DELIVERY} for one in feed.deliveries],
        "fill": {field: round(share, 4) for field, share in feed.fill.items()},
    }
