"""SARIF 2.1.0 (OASIS standard), for code scanning: every issue as a result, every code as a rule."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from feedsmith.issues import Issue, Severity
from feedsmith.reports.encoded import to_json
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import Report

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
BASE = "PROJECT"
"""The name under which the project's folder stands in the file."""


def sarif_report(report: Report) -> Iterator[str]:
    """One JSON object in pieces, a result on a line of its own."""
    codes = {code: number for number, code in enumerate(sorted({code for _, _, code in report.counts}))}
    run: dict[str, Any] = {"tool": {"driver": _driver(report, codes)}, "columnKind": "unicodeCodePoints"}
    if report.folder:
        run["originalUriBaseIds"] = {BASE: {"uri": Path(report.folder).as_uri() + "/"}}
    opening = to_json({"$schema": SCHEMA, "version": VERSION, "runs": [run]})
    yield opening[:-3] + ',"results":['
    before = "\n"
    for issue in report.issues():
        yield before + to_json(_result(issue, codes[issue.code]))
        before = ",\n"
    yield "\n]}]}\n"


def _driver(report: Report, codes: dict[str, int]) -> dict[str, Any]:
    rules = [{"id": code, "shortDescription": {"text": code.replace("-", " ")}} for code in codes]
    return {"name": "feedsmith", "version": report.version, "rules": rules}


def _result(issue: Issue, rule: int) -> dict[str, Any]:
    about = {"feed": issue.feed, "channel": issue.channel, "product": issue.product, "field": issue.field}
    about |= {"value": issue.value, "help": issue.help, "reference": issue.reference}
    return {
        "ruleId": issue.code,
        "ruleIndex": rule,
        "level": LEVELS[issue.severity],
        "message": {"text": _message(issue)},
        "locations": [_location(issue)],
        "partialFingerprints": {"issue/v1": fingerprint(issue)},
        "properties": {name: value for name, value in about.items() if value},
    }


def _message(issue: Issue) -> str:
    whose = f"{issue.product}: " if issue.product else ""
    return f"{whose}{issue.message}{f'. Fix: {issue.help}' if issue.help else ''}"


def _location(issue: Issue) -> dict[str, Any]:
    place = issue.place
    artifact: dict[str, Any] = {"uri": quote(str(encodable(Path(place.path).as_posix())))}
    if Path(place.path).is_absolute():
        artifact["uri"] = f"file://{artifact['uri']}"
    else:
        artifact["uriBaseId"] = BASE
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if place.row:
        physical["region"] = {"startLine": place.row}
    found: dict[str, Any] = {"physicalLocation": physical}
    parts = {"sheet": place.sheet, "column": place.column, "cell": place.cell}
    logical = [{"name": name, "kind": kind} for kind, name in parts.items() if name]
    return {**found, "logicalLocations": logical} if logical else found


def fingerprint(issue: Issue) -> str:
    """What tells an issue from another one when rows have moved: code, product, feed and field; never the row."""
    parts = "\0".join((issue.code, issue.product or issue.place.path, issue.feed, issue.field))
    return hashlib.sha256(parts.encode("utf-8", "backslashreplace")).hexdigest()[:32]
