"""What the tests of whole runs share: a project with channels of its own, its catalog, a run, a reader of each format."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from feedsmith.issues import Issue
from feedsmith.reports.report import FeedReport, Report
from feedsmith.run import parts
from feedsmith.run.execute import Progress, execute
from feedsmith.run.request import Request
from tests.helpers import write_tree

CHANNEL = """\
title: A channel of the tests
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
format: {format}
{more}
fields:
  id: {{required: true, max: {{length: 20, else: reject}}}}
  title: {{required: true, max: {{length: 30, else: cut}}}}
  price: {{type: money, form: "{{amount}} {{currency}}", required: true}}
  item_group_id: {{}}
  color: {{}}
  brand: {{}}
  nr: {{}}
sets:
  twice: {{check: unique, code: duplicate-id, key: id, else: {twice}, message: "the id {{{{ id }}}} is used more than once"}}
  group: {{check: same, code: group-inconsistent, by: item_group_id, fields: [brand], message: "group {{{{ item_group_id }}}} has several brands"}}
  colors: {{check: distinct, code: too-many, key: color, max: 3, message: there are more than 3 colours}}
  single: {{check: count, code: group-of-one, by: item_group_id, min: 2, else: info, message: "group {{{{ item_group_id }}}} is single"}}
"""
TEMPLATES = {
    "one.xml.j2": "<items>\n{% for item in items %}\n<item>{{ item }}</item>\n{% endfor %}\n</items>\n",
    "two.json.j2": '{"requests": [\n{% for item in items %}\n{ {{ item }} }\n{% endfor %}\n]}\n',
    "three.csv.j2": "{{ header }}\n{% for item in items %}\n{{ item }}\n{% endfor %}\n",
}
PROJECT = """\
catalog: catalog.csv
market: {currency: EUR}
feeds:
  one: {channel: one}
  two: {channel: two}
  three: {channel: three}
"""
FILES = ("one.xml", "two.json", "three.csv")
HEADINGS = ("id", "title", "price", "item_group_id", "color", "brand", "nr")
Row = Mapping[str, str]


def channels(envelope: str = "{}") -> dict[str, str]:
    """Channel files for the three formats; `two` drops all products that share an id, and has that envelope."""
    more = {"xml": "", "json": f'separator: ","\nenvelope: {envelope}', "csv": ""}
    found = {f"templates/{name}": text for name, text in TEMPLATES.items()}
    for name, form, twice in (
        ("one", "xml", "keep_first"),
        ("two", "json", "drop_all"),
        ("three", "csv", "keep_first"),
    ):
        found[f"channels/{name}.yaml"] = CHANNEL.format(format=form, more=more[form], twice=twice)
    return found


def rows(number: int, **changes: str) -> list[dict[str, str]]:
    """Good products, numbered from 1 in `nr`."""
    return [
        {
            "id": f"SKU-{nr}", "title": f"Deken nummer {nr}", "price": f"{nr % 90 + 10}.95", "item_group_id": f"G{nr // 2}",
            "color": "rood", "brand": "Kaap", "nr": str(nr), **changes,
        }
        for nr in range(1, number + 1)
    ]  # fmt: skip


def catalog(products: Iterable[Row], headings: Iterable[str] = HEADINGS) -> str:
    """Products as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(headings), lineterminator="\n")
    writer.writeheader()
    writer.writerows(products)
    return text.getvalue()


def shop(folder: Path, products: Iterable[Row] | str, project: str = PROJECT, envelope: str = "{}") -> Path:
    """A project of the three channels with this catalog."""
    text = products if isinstance(products, str) else catalog(products)
    return write_tree(folder, {"feedsmith.yaml": project, "catalog.csv": text, **channels(envelope)})


@dataclass(frozen=True)
class Ran:
    """What a run told, its issues read while it could still be asked."""

    report: Report
    issues: list[Issue]

    def feed(self, name: str) -> FeedReport:
        """The figures of a feed."""
        return next(feed for feed in self.report.feeds if feed.name == name)

    def found(self, code: str, feed: str | None = None) -> list[Issue]:
        """The issues of that code."""
        return [issue for issue in self.issues if issue.code == code and feed in {None, issue.feed}]

    @property
    def states(self) -> list[str]:
        """How the feeds ended."""
        return [str(feed.state) for feed in self.report.feeds]


def export(folder: Path, progress: Progress | None = None, **options: Any) -> Ran:
    """Export the project in `folder`, in this process unless `workers` says else; `progress` is told of each part."""
    kept: list[Issue] = []
    request = replace(Request(project=folder, here=folder, write=True, workers=1), **options)
    return Ran(execute(request, lambda report: kept.extend(report.issues()), progress), kept)


@contextmanager
def part_size(size: int) -> Iterator[None]:
    """Parts of so many bytes; parts are planned in the process that calls."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("plan_parts", "plan_parts_in_series", "plan_parts_by_key"):
            patch.setattr(parts, name, partial(getattr(parts, name), size=size))
        yield


def feeds(folder: Path) -> dict[str, bytes]:
    """The published files by name."""
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when somebody writes a file or puts another in its place: inode, time of change, size."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    """The stamps of the published files."""
    return {path.name: stamp(path) for path in (folder / "out").iterdir()}


def strays(folder: Path) -> list[str]:
    """What a run left behind and should not have: scratch folders, temporary files."""
    found = [*(folder / ".feedsmith").glob("run-*"), *folder.rglob(".feedsmith-*.part")]
    return [str(path) for path in found]


# --- independent readers -----------------------------------------------------------------------------------------


def read_xml(raw: bytes) -> list[dict[str, str]]:
    root = etree.fromstring(raw)
    return [{etree.QName(child).localname: child.text or "" for child in item} for item in root.iter("item")]


def read_json(raw: bytes) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in one.items()} for one in json.loads(raw)["requests"]]


def read_csv(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))


READERS: Mapping[str, Callable[[bytes], list[dict[str, str]]]] = {"xml": read_xml, "json": read_json, "csv": read_csv}


def read_feed(path: Path) -> list[dict[str, str]]:
    """The items of a published file, read without any of our code."""
    raw = path.read_bytes()
    if path.suffix == ".gz":
        raw, path = gzip.decompress(raw), path.with_suffix("")
    return READERS[path.suffix.removeprefix(".")](raw)


def numbers(path: Path) -> list[int]:
    """The products of a published file, by their `nr`."""
    return [int(item["nr"]) for item in read_feed(path)]
