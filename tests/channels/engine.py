"""Products of a test through the real engine: a case is a small catalog of its own, and one feed of it."""

import csv
import io
import json
import shutil
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
from feedsmith.catalog.products import Products
from feedsmith.catalog.records import RECORDS
from feedsmith.checks.sets import Key, SetDecider, SetFinding
from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.issues import Issue, Place, Severity
from feedsmith.render.encoder import OutField
from feedsmith.render.leaves import leaves
from feedsmith.render.xlsx import ROW
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.run.job import Job
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project
from feedsmith.sources.batch import Batch
from feedsmith.values.column import Column

HERE = Path(__file__).resolve().parent
CHANNELS = tuple(sorted(path.name.removesuffix("_cases.yaml") for path in HERE.glob("*_cases.yaml")))
"""The channels that have cases."""
NOW = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
MARKET = {"country": "NL", "language": "nl", "currency": "EUR"}
STOCK = "stock_501"
"""The column of pieces in the one store that the catalogs of store channels know."""
CATALOGS: Mapping[str, Mapping[str, Any]] = {
    "product": {"catalog": "catalog.csv"},
    "group": {"catalog": "catalog.csv"},
    "store": {"catalog": {"source": "catalog.csv", "columns": {"stock": {"501": STOCK}}}, "always": {STOCK: "30"}},
    "promotion": {"catalog": {"promotions": "catalog.csv"}},
    "review": {"catalog": {"reviews": "catalog.csv"}},
}
"""Kind of item → how a project reads `catalog.csv`, and the columns that it always has; a file of cases may say another."""
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


@dataclass(frozen=True)
class Base:
    """What the cases of a channel are laid over, as `base:` of their file says: see `google_cases.yaml`."""

    product: Mapping[str, Any]
    """The faultless product."""
    vars: Mapping[str, Any]
    """The variables that every project with this channel has to give."""
    catalog: Any
    """How the project reads `catalog.csv`."""
    always: Mapping[str, str | None]
    """Columns that the catalog has beside the cases'."""


@cache
def _file(channel: str) -> Mapping[str, Any]:
    """What the file of cases says; `extends: NAME` takes what is not laid over from another one."""
    own = yaml.load((HERE / f"{channel}_cases.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    extended = own.pop("extends", None)
    return {**(_file(extended) if extended else {}), **own}


def load_cases(channel: str) -> dict[str, Any]:
    """The cases of a channel by name; those that are `~` are taken away."""
    return {name: case for name, case in _file(channel).items() if name != "base" and case is not None}


@cache
def base(channel: str) -> Base:
    """What the cases of a channel are laid over."""
    said = _file(channel)["base"]
    like = yaml.safe_load((HERE / "base.yaml").read_text("utf-8"))[said["like"]] if "like" in said else {}
    kind = CATALOGS.get(load_channel(channel, channel_files(HERE)).definition.item, {})
    return Base(
        {**like, **said.get("product", {})}, said.get("vars", {}), said.get("catalog", kind.get("catalog")),
        said.get("always", kind.get("always", {})),
    )  # fmt: skip


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
    rows = [{**base(channel).product, **change} for change in changes]
    return [{field: cell(field, value) for field, value in row.items()} for row in rows]


def group_key(case: Mapping[str, Any]) -> str:
    """Cases with the same key can share a compiled feed."""
    return json.dumps([case.get(key, {}) for key in ("market", "fields", "vars", "project", "as_of")], sort_keys=True)


class Bench:
    """One channel in one market, compiled once for all cases that need no other."""

    def __init__(self, channel: str, example: Mapping[str, Any], headings: list[str], folder: Path) -> None:
        self.channel = channel
        below = base(channel)
        self.always = below.always
        self.headings = list(dict.fromkeys([*headings, *self.always]))
        market = {**MARKET, **example.get("market", {})}
        feed = {
            "channel": channel,
            "fields": example.get("fields", {}),
            "vars": {**below.vars, **example.get("vars", {})},
        }
        project = {"catalog": below.catalog, "market": market, "feeds": {channel: feed}, **example.get("project", {})}
        shutil.copy(HERE / "categories.nl.txt", folder)
        (folder / "feedsmith.yaml").write_text(yaml.safe_dump(project, sort_keys=False), "utf-8")
        with (folder / "catalog.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self.headings, ["1"] * len(self.headings)])
        request = Request(project=folder, as_of=datetime.fromisoformat(example.get("as_of", NOW.isoformat())))
        self.job: Job = open_job(request, open_project(request), folder)[0]
        self.feed: CompiledFeed = compile_feed(self.job, self.job.specs[0])

    def conformed(self, rows: list[dict[str, str | None]]) -> Products:
        """The rows as one catalog, with typed values."""
        full = [{**self.always, **row} for row in rows]
        columns = {heading: Column([row.get(heading) or None for row in full]) for heading in self.headings}
        batch = Batch("catalog.csv", None, columns, range(2, len(rows) + 2))
        stream = self.job.streams[0]
        options = replace(stream.options, decimals=sample_marks(stream.claims, batch, RECORDS[stream.record]))
        return replace(stream, options=options).conformer().conform(batch)

    def run(self, rows: list[dict[str, str | None]]) -> Seen:
        """The rows as one catalog, through reading of values, rules, checks, rendering and the checks of the whole feed."""
        products = self.conformed(rows)
        made = self.feed.run(products, {})
        decided, removed = self._decide(made)
        issues = [*products.issues, *made.issues, *(_set_issue(found) for found in decided)]
        last = len(rows) - 1
        alive = [row for item, row in enumerate(made.rows) if item not in removed]
        out = read_item(self.feed, made.texts[-1]) if last in made.rows else {}
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
    if feed.channel.format == "csv":
        whole = whole[whole.rindex(feed.context["header"]) :]  # rows above the headings are the channel's own
    found = READERS[feed.channel.format](whole, feed.channel.dialect.delimiter)
    values = ((one.out.key, _value(found, one.out)) for one in feed.fields)
    return {key: value for key, value in values if value is not None}


def _value(found: Mapping[str, Any], field: OutField) -> Any:
    """A field's value in what was read; a list where the field repeats."""
    names = dict.fromkeys(leaf.field.name for leaf in leaves(field))
    values = [value for value in (_at(found, name) for name in names) if value is not None]
    if field.definition.repeat is None or not values:
        return values[0] if values else None
    return values if len(names) > 1 or not isinstance(values[0], list) else values[0]


def _at(found: Any, name: str) -> Any:
    """What stands under a name; `pricing.price` lies in an object, `offers[].price` in the first of a list."""
    if name in found:
        return found[name]
    step, _, rest = name.partition(".")
    inner = found.get(step.removesuffix("[]"))
    if inner is None or not (rest or step.endswith("[]")):
        return None
    first = inner[0] if step.endswith("[]") else inner
    return _at(first, rest) if rest else first


def _xml(text: str, _: str) -> dict[str, Any]:
    root = etree.fromstring(text.encode())
    if root.find("reviews") is not None:
        return _review(root)
    (item,) = root.iter("item", "product", "Offer")
    return {**dict(item.attrib), **dict(_children(item))}


def _review(root: etree._Element) -> dict[str, Any]:
    """What a review says, with the attributes of its elements under the names of the fields."""
    (review,) = root.iter("review")
    found: dict[str, Any] = {}
    for leaf in review.iter():
        if not len(leaf) and leaf.tag != "url":
            found.setdefault(str(leaf.tag), []).append(leaf.text)
    overall, page, name = (review.find(path) for path in ("ratings/overall", "review_url", "reviewer/name"))
    found |= {"rating": found.pop("overall"), "rating_min": [overall.get("min")], "rating_max": [overall.get("max")]}
    found |= {"review_url_type": [page.get("type")], "is_anonymous": [name.get("is_anonymous")]}
    images = [{"url": image.findtext("url")} for image in review.iter("reviewer_image")]
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()} | {
        "reviewer_image": images
    }


def _children(element: etree._Element) -> Iterator[tuple[str, Any]]:
    found: dict[str, list[Any]] = {}
    for child in element:
        name = str(child.tag).removeprefix(GOOGLE)
        found.setdefault(name, []).append(dict(_children(child)) if len(child) else child.text)
    return ((name, values[0] if len(values) == 1 else values) for name, values in found.items())


def _json(text: str, _: str) -> dict[str, Any]:
    """The last item of the document, or the document itself; a request is what it holds, a group its last variant."""
    document = msgspec.json.decode(text)
    if isinstance(document, list):
        return document[-1]
    for key in ITEMS:
        if key in document:
            document = document[key][-1]
    for key in VARIANTS:
        if key in document:
            document = document[key][-1]
    return document.get("data", document) if document.keys() == {"method", "data"} else document


def _csv(text: str, delimiter: str) -> dict[str, Any]:
    """The last row; columns of the same name as a list."""
    headings, *_, row = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: dict[str, Any] = {}
    for heading, value in zip(headings, row, strict=True):
        if value and headings.count(heading) > 1:
            found.setdefault(heading, []).append(value)
        elif value:
            found[heading] = value
    return found


def _xlsx(text: str, _: str) -> dict[str, Any]:
    """The last row of the sheet; columns of the same name as a list."""
    headings, *_, row = etree.fromstring(text.replace(ROW, "2").encode()).iterfind(".//{*}row")
    digits = "0123456789"
    names = {cell.get("r").rstrip(digits): "".join(cell.itertext()) for cell in headings}
    found: dict[str, list[str]] = {}
    for cell in row:
        found.setdefault(names[cell.get("r").rstrip(digits)], []).append("".join(cell.itertext()))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


ITEMS = ("requests", "products", "items", "messages", "MPItem")
"""Members of a JSON document that hold its items."""
VARIANTS = ("variants", "hasVariant")
"""Members of a group that hold its variants; the last one is the product of the case."""
READERS = {"csv": _csv, "json": _json, "xlsx": _xlsx, "xml": _xml}
