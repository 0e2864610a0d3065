"""Products of a test through the real engine: a case is a small catalog of its own, and one feed of it."""

import csv
import io
import json
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from lxml import etree

from feedsmith.catalog.conform import sample_marks
from feedsmith.catalog.product import FIELDS
from feedsmith.checks.sets import Key, SetDecider, SetFinding
from feedsmith.issues import Issue, Place, Severity
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.job import Job
from feedsmith.run.request import Request, open_job, open_project
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column

HERE = Path(__file__).resolve().parent
CHANNELS = ("google", "mirakl", "meta")
NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
MARKET = {"country": "NL", "language": "nl", "currency": "EUR"}
GOOGLE = "{http://base.google.com/ns/1.0}"


@dataclass(frozen=True)
class Seen:
    """What became of a case: all issues, the names of the set checks that spoke, and the last product as it is read."""

    issues: list[Issue]
    sets: set[str]
    rejected: bool
    out: Mapping[str, Any]

    def codes(self, *severities: Severity) -> set[str]:
        """The codes of these severities, of the catalog, of the fields and of the whole feed."""
        return {issue.code for issue in self.issues if issue.severity in severities}


def load_cases(channel: str) -> dict[str, Any]:
    """The cases of a channel by name."""
    return yaml.safe_load((HERE / f"{channel}_cases.yaml").read_text("utf-8"))


@cache
def base(channel: str) -> Mapping[str, Any]:
    """The faultless product of a channel."""
    return yaml.safe_load((HERE / "base.yaml").read_text("utf-8"))[channel]


def expanded(value: Any) -> Any:
    """A value with its short forms written out: `{text:, times:, start:}` and `{list:, times:}`."""
    if isinstance(value, dict):
        if "times" in value and "text" in value:
            return value.get("start", "") + value["text"] * value["times"]
        if "times" in value and "list" in value:
            return [expanded(_numbered(value["list"], number)) for number in range(1, value["times"] + 1)]
        return {key: expanded(one) for key, one in value.items()}
    return [expanded(one) for one in value] if isinstance(value, list) else value


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, dict):
        return {key: _numbered(one, number) for key, one in value.items()}
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def cell(field: str, value: Any) -> str | None:
    """A value as a merchant's file has it in one cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) or isinstance(value[0], dict):
        return json.dumps(value)
    urls = field in FIELDS and FIELDS[field].kind == "urls"
    return ("," if urls else "|").join(value)


def rows_of(channel: str, case: Mapping[str, Any]) -> list[dict[str, str | None]]:
    """The case's products as rows of a catalog; the one it is about comes last."""
    changes = [*expanded(case.get("also", [])), expanded(case["product"])]
    rows = [{**base(channel), **change} for change in changes]
    return [{field: cell(field, value) for field, value in row.items()} for row in rows]


def group_key(case: Mapping[str, Any]) -> str:
    """Cases with the same key can share a compiled feed."""
    return json.dumps([case.get("market", {}), case.get("fields", {})], sort_keys=True)


class Bench:
    """One channel in one market, compiled once for all cases that need no other."""

    def __init__(self, channel: str, example: Mapping[str, Any], headings: list[str], folder: Path) -> None:
        self.channel, self.headings = channel, headings
        market = {**MARKET, **example.get("market", {})}
        feed = {"channel": channel, "fields": example.get("fields", {}), "vars": example.get("vars", {})}
        project = {"catalog": "catalog.csv", "market": market, "feeds": {channel: feed}}
        (folder / "feedsmith.yaml").write_text(yaml.safe_dump(project, sort_keys=False), "utf-8")
        with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([headings, ["1"] * len(headings)])
        request = Request(project=folder, as_of=NOW)
        self.job: Job = open_job(request, open_project(request), folder)[0]
        self.feed: CompiledFeed = compile_feed(self.job, self.job.specs[0])

    def run(self, rows: list[dict[str, str | None]]) -> Seen:
        """The rows as one catalog, through reading of values, rules, checks, rendering and the checks of the whole feed."""
        columns = {heading: Column([row.get(heading) or None for row in rows]) for heading in self.headings}
        batch = Batch("catalog.csv", None, columns, range(2, len(rows) + 2))
        stream = self.job.streams[0]
        options = replace(stream.options, decimals=sample_marks(stream.claims, batch))
        products = replace(stream, options=options).conformer().conform(batch)
        made = self.feed.run(products, {})
        decided, removed = self._decide(made)
        issues = [*products.issues, *made.issues, *(_set_issue(found) for found in decided)]
        last = len(rows) - 1
        alive = [row for item, row in enumerate(made.rows) if item not in removed]
        out = read_item(self.feed, made.texts[made.rows.index(last)]) if last in made.rows else {}
        return Seen(issues, {found.name for found in decided}, last not in alive, out)

    def _decide(self, made: FeedBatch) -> tuple[list[SetFinding], set[int]]:
        def digests(_: int, key: Key) -> bytes:
            return array("q", made.digests[key]).tobytes()

        gtins = frozenset(one.key for one in self.feed.fields if one.out.definition.type == "gtin")
        decision = SetDecider(1, digests).run(self.feed.sets, gtins)
        return decision.findings, {spot.item for spot in decision.removed}


def _set_issue(found: SetFinding) -> Issue:
    severities = {"warn": Severity.WARNING, "info": Severity.INFO}
    severity = severities.get(found.check.otherwise, Severity.ERROR)
    return Issue(found.check.code, severity, found.check.message, Place("catalog.csv"), help=found.check.help)  # type: ignore[arg-type]


def benches(channel: str, tmp: Path, cases: Mapping[str, Any]) -> Mapping[str, Bench]:
    """A bench for each kind of market that the cases need; all know the columns of all cases."""
    headings = {field: None for case in cases.values() for row in rows_of(channel, case) for field in row}
    found = {}
    for case in cases.values():
        key = group_key(case)
        if key not in found:
            folder = tmp / str(len(found))
            folder.mkdir()
            found[key] = Bench(channel, case, list(headings), folder)
    return found


def read_item(feed: CompiledFeed, text: str) -> dict[str, Any]:
    """An item's fields by key, as an independent reader of the feed gets them back."""
    template = feed.template
    whole = template.head_text(feed.context) + text + template.foot_text(feed.context)
    found = READERS[feed.channel.format](whole)
    fields = {one.out.name: one.out for one in feed.fields}
    lists = {name for name, one in fields.items() if one.definition.repeat is not None}
    return {
        fields[name].key: [value] if name in lists and not isinstance(value, list) else value
        for name, value in found.items()
    }


def _xml(text: str) -> dict[str, Any]:
    (item,) = etree.fromstring(text.encode()).iter("item")
    return dict(_children(item))


def _children(element: etree._Element) -> Iterator[tuple[str, Any]]:
    found: dict[str, list[Any]] = {}
    for child in element:
        name = str(child.tag).removeprefix(GOOGLE)
        found.setdefault(name, []).append(dict(_children(child)) if len(child) else child.text)
    return ((name, values[0] if len(values) == 1 else values) for name, values in found.items())


def _json(text: str) -> dict[str, Any]:
    (request,) = msgspec.json.decode(text)["requests"]
    return request["data"]


def _csv(text: str) -> dict[str, Any]:
    (row,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    return {name: value for name, value in row.items() if value}


READERS = {"csv": _csv, "json": _json, "xml": _xml}
