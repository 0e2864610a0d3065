"""What a run was made from: hashes of all that the feeds hang on, in the history and in the report."""

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.reports.json_report import json_report
from feedsmith.run.history import History
from feedsmith.run.request import clock
from tests.helpers import write_tree
from tests.run.helpers import PROJECT, export, part_size, rows, shop

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
    again = export(folder, limit=3, out=tmp_path / "other").report.manifest["not_checked"]
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
