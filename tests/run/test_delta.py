"""Deltas: a channel that takes the last whole feed and the last delta has what the catalog has, whatever it missed."""

import csv
import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsmith.errors import FeedsmithError
from feedsmith.publish.settings import TargetSettings
from feedsmith.reports.diff.words import Words
from feedsmith.reports.report import FeedState
from feedsmith.run import finish_all
from feedsmith.run.again import accept, rollback
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.delta import changes
from feedsmith.run.delta.choose import one_address
from feedsmith.run.diff.feeds import DiffRequest, compare_given
from feedsmith.run.diff.given import given_at
from feedsmith.run.diff.in_delta import delta_lookups
from feedsmith.run.execute import execute
from feedsmith.run.history import History
from feedsmith.run.opening import open_job
from feedsmith.run.publishing import PublishRequest, publish
from feedsmith.run.request import FeedFile, Request, open_project
from feedsmith.texts.catalogue import Texts
from tests.helpers import write_tree
from tests.run.helpers import Ran, catalog, export, part_size

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CHANNEL = """\
title: A channel of the tests
owner: Nobody
reference: https://channel.example/specification
read: 2026-11-22
semantics: {semantics}
{more}
fields:
  id: {{required: true}}
  price: {{type: money, form: "{{amount}} {{currency}}", required: true}}
  action: {{}}
{fields}
sets:
  twice: {{check: unique, code: duplicate-id, key: id, else: keep_first, message: "the id {{{{ id }}}} is used twice"}}
"""
MORE = {
    "rows": "format: csv\ntemplate: rows.csv.j2\ndeletes: {fields: [id], values: {action: delete}}",
    "batch": 'format: json\nseparator: ","\nenvelope: {items: 3}\n'
    """deletes: {fields: [id], text: '{"do": "delete", "data": { {{ item }} }}'}""",
    "grouped": 'format: json\nseparator: ","\nitem: group\n'
    'group: {separator: ","}\n'
    """deletes: {fields: [id], values: {action: delete}, text: '{"variants": [{ {{ item }} }]}'}""",
    "book": "format: xlsx\ndeletes: {fields: [id], values: {action: delete}}",
    "told": 'format: json\ntemplate: lines.json.j2\ndeletes: {way: "write to the owner"}',
    "whole": "format: csv\ntemplate: rows.csv.j2",
}
FIELDS = {"grouped": "  of: {type: integer, from: group.size}"}
TEMPLATES = {
    "templates/batch.json.j2": '{"requests": [\n{% for item in items %}\n{"do": "update", "data": { {{ item }} }}\n'
    "{% endfor %}\n]}\n",
    "templates/grouped.json.j2": '[\n{% for item in items %}\n{"variants": [\n{% for variant in variants %}\n'
    "{ {{ variant }} }\n{% endfor %}\n]}\n{% endfor %}\n]\n",
}
PROJECT = """\
catalog: catalog.csv
market: {currency: EUR}
feeds:
  rows: {channel: rows, deltas: true, output: rows.csv.gz}
  batch: {channel: batch, deltas: true}
  grouped: {channel: grouped, deltas: true}
"""
HEADINGS = ("id", "price", "item_group_id")
Products = dict[str, tuple[int, str]]
"""Id → price and group."""


def shop(folder: Path, project: str = PROJECT) -> Path:
    files = {
        f"channels/{name}.yaml": CHANNEL.format(
            semantics="replace" if name == "whole" else "update", more=more, fields=FIELDS.get(name, "")
        )
        for name, more in MORE.items()
    }
    return write_tree(folder, {"feedsmith.yaml": project, **files, **TEMPLATES})


def run(folder: Path, products: Products, *, day: int = 0, **options) -> Ran:
    ordered = sorted(products.items(), key=lambda one: (one[1][1], one[0]))
    rows = [{"id": key, "price": f"{price}.00", "item_group_id": group} for key, (price, group) in ordered]
    (folder / "catalog.csv").write_text(catalog(rows, HEADINGS), "utf-8")
    with part_size(90):
        return export(folder, as_of=NOW + timedelta(days=day), **options)


class Channel:
    """What a channel has: it takes files as they are there when it looks."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.has: dict[str, dict[str, object]] = {"rows": {}, "batch": {}, "grouped": {}}

    def fetch(self, *, delta: bool) -> None:
        """Take all files of the whole feeds, or of the deltas."""
        for feed, has in self.has.items():
            for path in sorted(self.out.glob(f"{feed}*")):
                if ("-delta" in path.name) is delta:
                    for key, value in records(path):
                        if value is None:
                            has.pop(key, None)
                        else:
                            has[key] = value

    def look(self) -> None:
        """Take the whole feeds, and then the deltas."""
        self.fetch(delta=False)
        self.fetch(delta=True)


def records(path: Path):
    """Key and value of each item of a file; None for one that deletes."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    if path.name.startswith("rows"):
        for row in csv.DictReader(io.StringIO(text)):
            yield row["id"], None if row["action"] == "delete" else row["price"]
    elif path.name.startswith("batch"):
        for one in json.loads(text)["requests"]:
            yield one["data"]["id"], None if one["do"] == "delete" else one["data"]["price"]
    else:
        for one in (variant for group in json.loads(text) for variant in group["variants"]):
            yield one["id"], None if one.get("action") == "delete" else (one["price"], one["of"])


def wanted(products: Products) -> dict[str, dict[str, object]]:
    """What the channel must have of these products."""
    prices = {key: f"{price}.00 EUR" for key, (price, _) in products.items()}
    groups = [group for _, group in products.values()]
    sizes = {key: groups.count(group) if group else 1 for key, (_, group) in products.items()}
    return {"rows": prices, "batch": prices, "grouped": {key: (prices[key], sizes[key]) for key in prices}}


PRODUCTS = st.dictionaries(
    st.sampled_from([f"P{number}" for number in range(9)]),
    st.tuples(st.integers(1, 3), st.sampled_from(["", "G1", "G2"])),
    max_size=9,
).map(lambda found: {**found, "A": (1, "")})  # a feed without items is held
STEP = st.tuples(PRODUCTS, st.sampled_from(["whole", "delta", "delta"]), st.sampled_from(["look", "delta", "miss"]))


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=PRODUCTS, steps=st.lists(STEP, min_size=1, max_size=4), few=st.booleans())
def test_the_last_whole_feed_and_the_last_delta_make_the_catalog(tmp_path_factory, first, steps, few):
    folder = shop(tmp_path_factory.mktemp("shop"))
    channel = Channel(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "AT_ONCE", 2 if few else 50_000)
        run(folder, first)
        channel.look()
        assert channel.has == wanted(first)
        for products, kind, looks in steps:
            ran = run(folder, products, delta=kind == "delta")
            assert set(ran.states) <= {"published", "unchanged"}
            if looks == "look":
                channel.look()
                assert channel.has == wanted(products)
            elif looks == "delta":
                channel.fetch(delta=True)
        channel.look()
    assert channel.has == wanted(steps[-1][0])


OLD: Products = {"A": (1, ""), "B": (2, ""), "C": (3, "G1"), "D": (4, "G1"), "E": (5, "")}
NEW: Products = {"A": (1, ""), "B": (9, ""), "C": (3, "G1"), "F": (6, "")}


def figures(ran: Ran, feed: str) -> tuple[int, int, int, int]:
    found = ran.feed(feed).delta
    return found.new, found.changed, found.unchanged, found.deleted


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").iterdir())


def test_a_delta_has_files_of_its_own_and_says_what_changed(tmp_path):
    run(shop(tmp_path), OLD)
    whole = {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path)}
    ran = run(tmp_path, NEW, delta=True)
    assert figures(ran, "rows") == (1, 1, 2, 2)
    assert figures(ran, "grouped") == (1, 2, 1, 2), "the variant that is left goes with its group"
    assert ran.feed("rows").delta.since == 1
    assert {name: (tmp_path / "out" / name).read_bytes() for name in whole} == whole
    deltas = ["batch-delta-1.json", "batch-delta-2.json", "grouped-delta.json", "rows-delta.csv.gz"]
    assert names(tmp_path) == sorted([*whole, *deltas])
    assert dict(records(tmp_path / "out/rows-delta.csv.gz")) == {"B": "9.00 EUR", "F": "6.00 EUR", "D": None, "E": None}


def test_the_second_delta_alone_holds_what_both_hold(tmp_path):
    run(shop(tmp_path), OLD)
    run(tmp_path, NEW, delta=True)
    run(tmp_path, OLD, delta=True)
    found = dict(records(tmp_path / "out/rows-delta.csv.gz"))
    assert found == {"B": "2.00 EUR", "D": "4.00 EUR", "E": "5.00 EUR", "F": None}


def test_a_delta_without_a_change_has_no_file(tmp_path):
    run(shop(tmp_path), OLD)
    ran = run(tmp_path, OLD, delta=True)
    assert ran.states == ["unchanged"] * 3
    assert [name for name in names(tmp_path) if "delta" in name] == []


def test_a_whole_feed_makes_the_delta_obsolete_and_deletes_for_a_week(tmp_path):
    run(shop(tmp_path), OLD)
    run(tmp_path, NEW, delta=True)
    run(tmp_path, NEW)
    assert [name for name in names(tmp_path) if "delta" in name] == []
    gone = {"D": None, "E": None}
    assert dict(records(tmp_path / "out/rows.csv.gz")).items() >= gone.items()
    assert run(tmp_path, NEW, day=6).states == ["unchanged"] * 3
    assert run(tmp_path, NEW, day=7).states == ["published"] * 3
    assert dict(records(tmp_path / "out/rows.csv.gz")) == wanted(NEW)["rows"]


def test_without_a_whole_feed_a_delta_holds_everything(tmp_path):
    ran = run(shop(tmp_path), OLD, delta=True)
    assert figures(ran, "rows") == (5, 0, 0, 0)
    assert ran.feed("rows").delta.since == 0


def test_two_workers_give_the_same_bytes(tmp_path):
    found = []
    for workers in (1, 2):
        folder = shop(tmp_path / str(workers))
        run(folder, OLD, workers=workers)
        run(folder, NEW, workers=workers, delta=True)
        found.append({name: (folder / "out" / name).read_bytes() for name in names(folder)})
    assert found[0] == found[1]


def test_other_headings_send_every_item(tmp_path):
    run(shop(tmp_path), OLD)
    project = PROJECT.replace("rows.csv.gz}", "rows.csv.gz, fields: {action: {value: update}}}")
    write_tree(tmp_path, {"feedsmith.yaml": project})
    assert figures(run(tmp_path, OLD, delta=True), "rows") == (0, 5, 0, 0)


class Killed(BaseException):
    """Ends a run as a signal does."""


@pytest.mark.parametrize("delta", [True, False])
def test_a_run_that_ends_between_its_files_and_its_history_loses_no_change(tmp_path, monkeypatch, delta):
    run(shop(tmp_path), OLD)
    publish = finish_all._publish

    def killed(*given) -> None:
        publish(*given)
        raise Killed

    monkeypatch.setattr(finish_all, "_publish", killed)
    with pytest.raises(Killed):
        run(tmp_path, NEW, delta=delta)
    monkeypatch.undo()
    channel = Channel(tmp_path)
    channel.has = wanted(OLD)
    channel.look()
    run(tmp_path, OLD, delta=True)
    channel.fetch(delta=True)
    assert channel.has == wanted(OLD)


def test_what_the_file_cannot_delete_is_told(tmp_path):
    shop(tmp_path, "catalog: catalog.csv\nmarket: {currency: EUR}\nfeeds: {told: {channel: told, deltas: true}}\n")
    run(tmp_path, OLD)
    ran = run(tmp_path, NEW, delta=True)
    assert [issue.product for issue in ran.found("not-deleted")] == ["E", "D"]
    assert ran.found("not-deleted")[0].message == "it left the feed and stays on the channel: write to the owner"
    assert (ran.feed("told").delta.deleted, ran.feed("told").delta.left) == (0, 2)


def test_a_damaged_note_of_what_was_sent_is_told_and_everything_is_sent(tmp_path):
    run(shop(tmp_path), OLD)
    for path in (tmp_path / ".feedsmith/ledgers").glob("*.sent.zst"):
        path.write_bytes(b"other")
    ran = run(tmp_path, OLD, delta=True)
    assert len(ran.found("not-compared")) == 3
    assert figures(ran, "rows") == (5, 0, 0, 0)


def test_a_held_delta_leaves_no_file_and_can_be_accepted(tmp_path):
    shop(tmp_path, PROJECT + "guards: {min_items: 5}\n")
    run(tmp_path, OLD)
    ran = run(tmp_path, NEW, delta=True)
    assert ran.states == ["held"] * 3
    assert [name for name in names(tmp_path) if "delta" in name] == []
    with History(tmp_path / ".feedsmith") as history:
        code = history.run(2).feeds[0].holding[0]
    accept(tmp_path / ".feedsmith", "2", "rows-delta", [code], "as planned")
    assert len(dict(records(tmp_path / "out/rows-delta.csv.gz"))) == 4


def test_a_version_that_is_put_back_takes_its_deltas_away_and_is_what_the_next_one_is_compared_with(tmp_path):
    run(shop(tmp_path), OLD)
    run(tmp_path, NEW)
    run(tmp_path, OLD, delta=True)
    rollback(tmp_path / ".feedsmith", "rows")
    assert "rows-delta.csv.gz" not in names(tmp_path)
    ran = run(tmp_path, OLD, delta=True)
    assert ran.feed("rows").state is FeedState.HELD
    assert figures(ran, "rows") == (0, 0, 5, 0)


def sheet(path: Path) -> list[tuple[object, ...]]:
    """Id, price and action of each row below the headings."""
    return [row[:3] for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=2, values_only=True)]


def test_a_workbook_has_deltas_too(tmp_path):
    shop(tmp_path, "catalog: catalog.csv\nmarket: {currency: EUR}\nfeeds: {book: {channel: book, deltas: true}}\n")
    run(tmp_path, OLD)
    ran = run(tmp_path, NEW, delta=True)
    assert figures(ran, "book") == (1, 1, 2, 2)
    assert len(sheet(tmp_path / "out/book.xlsx")) == 5
    assert sheet(tmp_path / "out/book-delta.xlsx") == [
        ("B", "9.00 EUR", None), ("F", "6.00 EUR", None), ("E", None, "delete"), ("D", None, "delete"),
    ]  # fmt: skip
    [found] = [one.find("B") for one in looked_up(tmp_path, "book")]
    assert (found.state, len(found.changes)) == ("changed", 1)


@pytest.mark.parametrize(
    ("feeds", "options", "problem"),
    [
        ("{rows: {channel: rows}}", {}, "no feed of rows says `deltas: true`"),
        ("{whole: {channel: whole}}", {}, "the channel whole deletes what its file lacks"),
        ("{whole: {channel: whole, deltas: true}}", {}, "the channel whole deletes what its file lacks"),
        ("{rows: {channel: rows, deltas: true}}", {"limit": 3}, "all products beyond the limit would count as deleted"),
        (
            "{rows: {channel: rows, deltas: true, publish: {api: {to: https://a.example/feed}}}}",
            {},
            "target api: the delta would take the place of the whole feed at https://a.example/feed",
        ),
        (
            "{rows: {channel: rows, deltas: true}, rows-delta: {channel: rows}}",
            {},
            "its delta is called as the feed rows-delta",
        ),
    ],
)
def test_a_delta_that_cannot_be_made_is_refused(tmp_path, feeds, options, problem):
    shop(tmp_path, f"catalog: catalog.csv\nmarket: {{currency: EUR}}\nfeeds: {feeds}\n")
    with pytest.raises(FeedsmithError, match=problem) as caught:
        run(tmp_path, OLD, delta=True, **options)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("settings", "one"),
    [
        ({"to": "https://a.example/feed"}, True),
        ({"to": "https://a.example/feeds/"}, False),
        ({"to": "https://a.example/feed", "method": "POST"}, False),
        ({"to": "https://a.example/feed", "field": "file"}, False),
        ({"to": "sftp://a.example/feeds"}, False),
    ],
)
def test_which_address_keeps_one_file_only(settings, one):
    assert one_address(TargetSettings(**settings)) is one


def test_of_several_feeds_those_with_deltas_are_made_and_the_others_told(tmp_path):
    shop(tmp_path, PROJECT + "  whole: {channel: whole}\n  told: {channel: told}\n")
    run(tmp_path, OLD)
    ran = run(tmp_path, NEW, delta=True)
    assert [feed.name for feed in ran.report.feeds] == ["rows", "batch", "grouped"]
    assert {issue.feed for issue in ran.found("no-delta")} == {"whole", "told"}


# --- at targets ------------------------------------------------------------------------------------------------------

TARGETS = """\
publish:
  own: {to: there}
  fixed: {to: fixed, name: "{channel}.txt"}
"""


def at(folder: Path, target: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / target).iterdir()}


@pytest.mark.parametrize("again", [False, True], ids=["by the export", "by publish"])
def test_a_delta_is_delivered_beside_the_whole_feed_and_goes_with_the_next_one(tmp_path, again):
    feeds = "feeds: {rows: {channel: rows, deltas: true}}\n"
    shop(tmp_path, f"catalog: catalog.csv\nmarket: {{currency: EUR}}\n{feeds}{TARGETS}")

    def deliver(products: Products, **options) -> None:
        run(tmp_path, products, publish=not again, **options)
        if again:
            publish(PublishRequest(Request(project=tmp_path, here=tmp_path)))

    deliver(OLD)
    whole = at(tmp_path, "there"), at(tmp_path, "fixed")
    deliver(NEW, delta=True)
    assert set(at(tmp_path, "there")) == {"rows.csv", "rows-delta.csv"}
    assert set(at(tmp_path, "fixed")) == {"rows.txt", "rows-delta.txt"}
    assert at(tmp_path, "there").items() >= whole[0].items()
    assert at(tmp_path, "fixed").items() >= whole[1].items()
    deliver(OLD)
    assert set(at(tmp_path, "there")) == {"rows.csv"}
    assert set(at(tmp_path, "fixed")) == {"rows.txt"}


# --- what explain, diff and lint make of them ---------------------------------------------------------------------


def looked_up(folder: Path, feed: str = "rows"):
    """What deltas know of products, by their keys."""
    request = Request(project=folder, here=folder)
    with TemporaryDirectory() as scratch:
        job, _ = open_job(request, open_project(request), Path(scratch))
        with delta_lookups(request, job.project, compile_feeds(job)) as lookups:
            yield lookups[feed]


@pytest.mark.parametrize("feed", ["rows", "batch", "grouped"])
def test_what_the_last_delta_did_with_a_product(tmp_path, feed):
    run(shop(tmp_path), OLD)
    run(tmp_path, {**NEW, "A": (2, "")}, delta=True)
    run(tmp_path, NEW, delta=True)
    found = {key: one.find(key) for one in looked_up(tmp_path, feed) for key in (*OLD, "F", "none")}
    told = {key: str(one.state) for key, one in found.items()}
    group = {"C": "changed"} if feed == "grouped" else {"C": "not in it"}
    assert told == {
        "A": "sent again", "B": "changed", **group, "D": "deleted", "E": "deleted", "F": "new", "none": "unknown",
    }  # fmt: skip
    assert {(one.run, one.since) for one in found.values()} == {(3, 1)}
    changes = [(one.field, one.old, one.new) for one in found["B"].changes]
    assert changes == [("price", "2.00 EUR", "9.00 EUR")]


def test_of_products_without_a_delta_too(tmp_path):
    run(shop(tmp_path), OLD, delta=True)
    [(nothing, everything)] = [(one.find("none"), one.find("A")) for one in looked_up(tmp_path)]
    assert (nothing.state, everything.state, everything.since) == ("unknown", "new", 0)
    run(tmp_path, OLD)
    [(here, left)] = [(one.find("A"), (one.left("A"), one.left("none"))) for one in looked_up(tmp_path)]
    assert (here.state, here.since) == ("no delta", 2)
    assert left == (here, None)


def test_files_that_are_kept_no_more_say_nothing_of_fields(tmp_path):
    run(shop(tmp_path), OLD)
    run(tmp_path, NEW, delta=True)
    for path in (tmp_path / ".feedsmith/kept").iterdir():
        path.unlink()
    assert [one.find("B").state for one in looked_up(tmp_path)] == ["sent"]


@pytest.mark.parametrize("feed", ["rows", "batch"])
def test_deletes_are_no_products_to_diff_and_lint(tmp_path, feed):
    run(shop(tmp_path), OLD)
    run(tmp_path, NEW, delta=True)
    names = {"rows": ("rows.csv.gz", "rows-delta.csv.gz"), "batch": ("batch-[0-9].json", "batch-delta-*.json")}[feed]
    old, new = (given_at(f"out/{one}", tmp_path) for one in names)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    asked = DiffRequest(channel=feed, key=("id",), folder=tmp_path, here=tmp_path)
    found = compare_given(old, new, ("old", "new"), asked, scratch).feeds[0]
    assert (found.new.items, found.new.deletes, found.old.deletes) == (2, 2, 0)
    assert found.counts == {"added": 1, "changed": 1, "removed": 4}
    assert "the new feed also deletes 2 products at the channel" in Words(Texts()).notes(found)
    path = max((tmp_path / "out").glob(names[1]))
    file = FeedFile(path, feed, currency="EUR")
    issues = []
    request = Request(project=tmp_path, here=tmp_path, feed=file, workers=1)
    linted = execute(request, lambda one: issues.extend(one.issues()))
    assert (linted.feeds[0].filtered, linted.feeds[0].rejected) == ({"rows": 2, "batch": 1}[feed], 0)
    assert {one.code for one in issues if one.product in {"D", "E"}} == {"filtered"}


def test_feeds_that_hold_nothing_but_the_same_items_are_told_by_their_deletes(tmp_path):
    run(shop(tmp_path), OLD)
    before = (tmp_path / "out/rows.csv.gz").read_bytes()
    run(tmp_path, NEW)
    run(tmp_path, OLD)
    write_tree(tmp_path / "old", {"rows.csv.gz": before})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    asked = DiffRequest(channel="rows", key=("id",), folder=tmp_path, here=tmp_path)
    found = compare_given(given_at("old", tmp_path), given_at("out", tmp_path), ("old", "out"), asked, scratch)
    of_rows = next(one for one in found.feeds if one.name == "rows")
    assert not of_rows.differs
    assert Words(Texts()).summary(of_rows).startswith("no differences in 5 products; only deletes, white space")
    assert list(Words(Texts()).notes(of_rows)) == ["the new feed also deletes 1 product at the channel"]
