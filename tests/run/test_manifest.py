"""What a run was made from: hashes of all that the feeds hang on, in the history and in the report."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.reports.json_report import json_report
from feedsmith.run.history import History
from feedsmith.run.request import clock
from tests.helpers import write_tree
from tests.run.helpers import PROJECT, catalog, export, part_size, rows, shop

DAY = clock("2026-11-22")
MORE = (
    PROJECT.replace(
        "catalog: catalog.csv",
        "catalog: {sources: {a: catalog.csv, stock: {path: stock.csv, join: id, if_missing: skip}}}",
    )
    + "tables: {t: tables/t.csv, fix: fix.csv}\noverrides: [fix]\ninclude: more.yaml\nchecks: {too-many: off}\n"
)
FILES = {
    "tables/t.csv": "a,b\n1,2\n", "fix.csv": "id,title\nSKU-1,New\n", "more.yaml": "segments: {cheap: price < 5}\n",
    "stock.csv": "id,quantity\nSKU-1,4\n", "templates/two.json.j2": '{% include "head.j2" %}\n{% for item in items %}\n{ {{ item }} }\n{% endfor %}\n]}\n',
    "templates/head.j2": '{"requests": [',
}  # fmt: skip


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def full(folder):
    shop(folder, rows(5), MORE)
    return write_tree(folder, FILES)


def listed(manifest, key):
    return {one["path"]: one["sha256"] for one in manifest[key]}


def test_everything_that_the_feeds_hang_on_is_named(tmp_path):
    folder = full(tmp_path)
    made = export(folder, as_of=DAY).report.manifest
    expected = {
        "sources": ["catalog.csv", "stock.csv"],
        "project": ["feedsmith.yaml", "more.yaml", "tables/t.csv", "fix.csv"],
        "channels": ["channels/one.yaml", "channels/two.yaml", "channels/three.yaml"],
        "templates": ["templates/one.xml.j2", "templates/two.json.j2", "templates/head.j2", "templates/three.csv.j2"],
    }
    for key, names in expected.items():
        assert listed(made, key) == {name: sha(folder / name) for name in names}
    assert (made["as_of"], made["version"]) == ("2026-11-22T00:00:00+00:00", 1)
    files = {file["path"]: file["sha256"] for feed in made["feeds"] for file in feed["files"]}
    assert files == {f"out/{name}": sha(folder / "out" / name) for name in ("one.xml", "two.json", "three.csv")}


def test_the_history_and_the_report_have_it(tmp_path):
    folder = full(tmp_path)
    ran = export(folder, as_of=DAY)
    with History(folder / ".feedsmith") as history:
        assert history.run(ran.report.run).manifest == ran.report.manifest
    assert json.loads("".join(json_report(ran.report)))["manifest"] == ran.report.manifest


def test_a_run_that_publishes_nothing_has_none(tmp_path):
    ran = export(full(tmp_path), write=False)
    assert json.loads("".join(json_report(ran.report)))["manifest"] is None


def test_what_could_not_be_checked_is_named(tmp_path):
    folder = full(tmp_path)
    (folder / "stock.csv").unlink()
    told = export(folder, limit=3, out=tmp_path / "other").report.manifest["not_checked"]
    named = {(one["check"].partition(":")[0], one["feed"]) for one in told}
    comparing = {("guards that compare with the last feed", name) for name in ("one", "two", "three")}
    assert named == comparing | {("what holds over all products", ""), ("values of the source stock", "")} | {
        ("too-many", name) for name in ("one", "two", "three")
    }
    assert all(one["why"] for one in told)
    export(folder, out=tmp_path / "other")
    again = export(folder, out=tmp_path / "other").report.manifest["not_checked"]
    assert not [one for one in again if "guards" in one["check"] and one["feed"]]


@settings(max_examples=5, deadline=None)
@given(number=st.integers(1, 30), size=st.integers(100, 900))
def test_the_same_inputs_give_the_same_manifest(number, size):
    """Law: another folder and other parts change nothing."""
    with TemporaryDirectory() as name:
        first, second = (shop(Path(name) / one, rows(number)) for one in ("a", "b"))
        made = export(first, as_of=DAY).report.manifest
        with part_size(size):
            assert export(second, as_of=DAY).report.manifest == made
        assert all(sha(first / "out" / one) == sha(second / "out" / one) for one in ("one.xml", "two.json"))


@pytest.mark.parametrize(
    "changed",
    ["catalog.csv", "tables/t.csv", "fix.csv", "more.yaml", "feedsmith.yaml", "templates/head.j2", "channels/one.yaml"],
)
def test_a_change_of_any_input_shows(tmp_path, changed):
    folder = full(tmp_path)
    before = export(folder, as_of=DAY).report.manifest
    path = folder / changed
    path.write_text(path.read_text() + ("\n" if changed.endswith(("csv", "yaml")) else " "))
    assert export(folder, as_of=DAY).report.manifest != before


# --- sources that stand still ------------------------------------------------------------------------------------------

STILL = PROJECT.replace(
    "catalog: catalog.csv",
    "catalog: {sources: {main: {path: 'cat*.csv', changes_within: 2d}, stock: {path: stock.csv, join: id}}}",
)


def still(folder, day, text=None, **options):
    """Export on a day of November; gives what is told of sources that stand still."""
    if text is not None:
        (folder / "catalog.csv").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feedsmith.run.history.moment", lambda: f"2026-11-{day:02}T04:00:00Z")
        patch.setattr("feedsmith.run.unchanged.present", lambda: datetime(2026, 11, day, 4, 0, 5, tzinfo=UTC))
        return export(folder, force=True, **options).found("source-unchanged")


def test_a_source_that_stands_still_is_told_after_its_time(tmp_path):
    folder = write_tree(shop(tmp_path, rows(5), STILL), {"stock.csv": "id,quantity\nSKU-1,4\n"})
    first, second = (catalog(rows(number)) for number in (5, 6))
    assert [len(still(folder, day)) for day in (1, 2, 3)] == [0, 0, 1]
    [issue] = still(folder, 4)
    assert issue.message == (
        "catalog.csv is byte for byte as in run 1, 3 days ago (3 exports since), and changes_within is 2d"
    )
    assert (issue.severity, str(issue.place).split(":")[0]) == ("warning", "feedsmith.yaml")
    assert still(folder, 5, second) == []
    assert still(folder, 6, first) == [], "what it was long ago does not count"
    assert still(folder, 7) == []
    (folder / "catalog.csv").rename(folder / "cat-today.csv")
    assert len(still(folder, 8)) == 1, "the same export under another name"


def test_only_exports_and_sources_that_say_so_are_held_against_what_was(tmp_path):
    folder = write_tree(shop(tmp_path, rows(5), STILL), {"stock.csv": "id,quantity\nSKU-1,4\n"})
    still(folder, 1)
    assert still(folder, 9, write=False) == []
    (folder / "feedsmith.yaml").write_text(STILL.replace(", changes_within: 2d", ""))
    assert still(folder, 9) == []
