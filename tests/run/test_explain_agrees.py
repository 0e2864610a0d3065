"""`explain` says what the export wrote: every field of every product of the samples, in all feeds."""

import csv
import gzip
import io
import shutil
from collections import Counter
from itertools import islice

import pytest
from lxml import etree

from feedsmith.reports.report import FeedState
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.execute import execute
from feedsmith.run.explain import explain
from feedsmith.run.find import row_of
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, clock, open_project
from feedsmith.run.siblings import catalog_batches
from tests.helpers import ROOT

DAY = clock("2026-11-22")
PROJECTS = {"five-lines": 1, "shop": 1, "joined": 1, "library": 16}
"""Sample → each which product is explained."""


class Agreement:
    """An export of a sample, and what `explain` says of its products."""

    def __init__(self, name, each, folder):
        shutil.copytree(ROOT / "samples", folder / "samples", ignore=shutil.ignore_patterns("out", ".feedsmith"))
        request = Request(project=folder / "samples" / name, here=folder, as_of=DAY, write=True, out=folder / "out")
        reports = []
        execute(request, reports.append)
        self.reports = {one.name: one for one in reports[0].feeds}
        scratch = folder / "scratch"
        scratch.mkdir()
        job, _ = open_job(request, open_project(request), scratch)
        self.feeds = {feed.spec.name: feed for feed in compile_feeds(job)}
        rows = [
            row_of(batch, products, row) for batch, products in catalog_batches(job) for row in range(len(products))
        ]
        self.each = each
        self.rows = tuple(islice(rows, 0, None, each))
        self.told = explain(job, list(self.feeds.values()), self.rows)
        self.out = folder / "out"

    def text(self, feed):
        """What was published, decoded; None of workbooks and the like."""
        found = []
        for file in self.reports[feed].files:
            content = (self.out / file.path.rpartition("/")[2]).read_bytes()
            content = gzip.decompress(content) if file.path.endswith(".gz") else content
            if file.path.endswith((".xlsx", ".xlsm", ".zip")):
                return None
            found.append(content.decode(self.feeds[feed].channel.dialect.encoding or "utf-8"))
        return "\n".join(found)

    def of(self, feed):
        """What is told of each product in a feed of products; its places are parts of their own."""
        return [(one, told) for one in self.told for told in one.feeds if told.name == feed]


@pytest.fixture(scope="module")
def agreements(tmp_path_factory):
    made = {}

    def get(name):
        if name not in made:
            made[name] = Agreement(name, PROJECTS[name], tmp_path_factory.mktemp(name))
        return made[name]

    return get


def plain(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", PROJECTS)
def test_states_and_items_are_those_of_the_export(agreements, name):
    found = agreements(name)
    assert found.rows
    for feed, report in found.reports.items():
        assert report.state in {FeedState.PUBLISHED, FeedState.UNCHANGED, FeedState.HELD}, (feed, report.reason)
        told = Counter(one.state for _, one in found.of(feed))
        if found.each == 1 and told:
            assert (told["in the feed"], told["filtered"]) == (report.items, report.filtered), feed
            assert told["rejected"] == report.rejected, feed


@pytest.mark.parametrize("name", PROJECTS)
def test_each_item_stands_in_the_feed_as_told(agreements, name):
    found = agreements(name)
    seen = 0
    for feed, report in found.reports.items():
        text = found.text(feed) if report.files else None
        if text is None:
            continue
        text = plain(text)
        for product, told in found.of(feed):
            if told.state == "in the feed":
                seen += 1
                assert plain(told.item) in text, (feed, product.row.id)
            else:
                assert told.item == ""
                assert told.reason
    assert seen


@pytest.mark.parametrize("name", PROJECTS)
def test_each_field_stands_in_its_item_as_told(agreements, name):
    found = agreements(name)
    seen = 0
    for feed in found.reports:
        channel = found.feeds[feed].channel
        if channel.format not in {"xml", "csv"}:
            continue  # JSON writes values in a form of its own
        for product, told in found.of(feed):
            whole = plain(told.item)
            for one in told.fields if whole else ():
                definition = next(field.out.definition for field in found.feeds[feed].fields if field.key == one.key)
                if definition.repeat is not None or definition.type == "group":
                    continue  # a template may take these apart
                parts = [plain(part) for part in one.text.splitlines()]
                assert [part for part in parts if part not in whole] == [], (feed, product.row.id, one.key)
                seen += 1
    assert seen > 3 * len(found.rows)


@pytest.mark.parametrize("name", ["shop", "five-lines", "joined"])
def test_every_field_of_an_xml_feed_is_as_told(agreements, name):
    """Read by another parser: each element of an item is a field of `explain`, and the other way round."""
    found = agreements(name)
    seen = 0
    for feed in [one for one in found.reports if found.feeds[one].spec.channel == "google"]:
        items = etree.fromstring(found.text(feed).encode()).findall(".//item")
        by_id = {item.findtext("{http://base.google.com/ns/1.0}id"): item for item in items}
        for _, told in found.of(feed):
            if told.state != "in the feed":
                continue
            fields = {one.name.removeprefix("g:"): one for one in told.fields if one.text}
            item = by_id[next(one.text for one in told.fields if one.key == "id")]
            written = Counter(etree.QName(child).localname for child in item)
            assert set(written) == set(fields), told.name
            for child in item:
                local = etree.QName(child).localname
                if len(child) == 0 and written[local] == 1 and found.feeds[feed].channel.fields[local].repeat is None:
                    value = etree.fromstring(f"<a>{fields[local].text}</a>").text
                    assert child.text == value, (feed, local)
                    seen += 1
    assert seen > 5 * len(found.rows)


@pytest.mark.parametrize("name", ["library", "shop"])
def test_every_field_of_a_delimited_feed_is_as_told(agreements, name):
    found = agreements(name)
    seen = 0
    for feed, compiled in found.feeds.items():
        if compiled.channel.format != "csv" or compiled.channel.group is not None or not found.of(feed):
            continue
        dialect = compiled.channel.dialect
        text = found.text(feed) if found.reports[feed].files else None
        if text is None or dialect.quote == "never":
            continue
        rows = list(csv.DictReader(io.StringIO(text), delimiter=dialect.delimiter))
        for _, told in found.of(feed):
            if told.state != "in the feed":
                continue
            cells = {
                one.name: one.text for one in told.fields if dialect.delimiter not in one.text and '"' not in one.text
            }
            match = [row for row in rows if all(row.get(name, text) == text for name, text in cells.items())]
            assert match, (feed, cells)
            seen += sum(name in match[0] for name in cells)
    if name == "library":
        assert seen > 100
