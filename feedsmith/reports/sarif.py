"""SARIF 2.1.0 (OASIS standard), for code scanning: every issue as a result, every code as a rule.

Code scanning refuses a run of more than `MOST` results; where there are more issues, the file has several runs.
Source: https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads.
"""

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from feedsmith.issues import Issue, Severity
from feedsmith.reports.encoded import to_json
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import Report

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
MOST = 25_000
"""Results of one run."""
ADDRESS = "://"
BASE = "PROJECT"
"""The name under which the project's folder stands in the file."""


def sarif_report(report: Report) -> Iterator[str]:
    """One JSON object in pieces, a result on a line of its own."""
    codes = {code: number for number, code in enumerate(sorted({code for _, _, code in report.counts}))}
    runs = max(1, -(-report.counts.total() // MOST))
    opening = to_json({"$schema": SCHEMA, "version": VERSION, "runs": []})
    issues = report.issues()
    yield opening[:-2]
    for number in range(1, runs + 1):
        yield ",\n" if number > 1 else ""
        yield to_json(_run(report, codes, number, runs))[:-1] + ',"results":['
        before = "\n"
        for issue in islice(issues, MOST):
            yield before + to_json(_result(issue, codes[issue.code]))
            before = ",\n"
        yield "\n]}"
    yield "]}\n"


def _run(report: Report, codes: dict[str, int], number: int, runs: int) -> dict[str, Any]:
    """A run without its results; where there are several, each is told from the others, and says how many there are."""
    run: dict[str, Any] = {"tool": {"driver": _driver(report, codes)}, "columnKind": "unicodeCodePoints"}
    if report.folder:
        run["originalUriBaseIds"] = {BASE: {"uri": Path(report.folder).as_uri() + "/"}}
    if runs > 1:
        text = f"Part {number} of {runs}: all {report.counts.total():,} issues, at most {MOST:,} in a run."
        run["automationDetails"] = {"id": f"feedsmith/{number}/", "description": {"text": text}}
    return run


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
    physical: dict[str, Any] = {"artifactLocation": _artifact(str(encodable(place.path)))}
    if place.row:
        physical["region"] = {"startLine": place.row}
    found: dict[str, Any] = {"physicalLocation": physical}
    parts = {"sheet": place.sheet, "column": place.column, "cell": place.cell}
    logical = [{"name": name, "kind": kind} for kind, name in parts.items() if name]
    return {**found, "logicalLocations": logical} if logical else found


def _artifact(path: str) -> dict[str, str]:
    """A file by its address; one of the project by its way from there."""
    if ADDRESS in path:
        return {"uri": quote(path, safe=":/?#[]@!$&'()*+,;=%")}
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(PurePath(path).as_posix()), "uriBaseId": BASE}


def fingerprint(issue: Issue) -> str:
    """What tells an issue from another one when rows have moved: code, product, feed and field; never the row."""
    parts = "\0".join((issue.code, issue.product or issue.place.path, issue.feed, issue.field))
    return hashlib.sha256(parts.encode("utf-8", "backslashreplace")).hexdigest()[:32]
