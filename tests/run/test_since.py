"""What changed in a channel since the last export."""

from datetime import UTC, datetime

import pytest

from feedsmith.errors import DefinitionError
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.helpers import write_tree

CHANNEL = """\
title: Tiny
kind: own
owner: us
reference: https://tiny.example
read: 2026-01-31
format: csv
extension: csv
fields:
  id: {required: true}
  title: {max: {length: 150, else: cut}, note: What it is.}
  price: {type: money, changes: [{from: 2026-12-01, required: true}]}
  color: {values: [red, blue]}
checks:
  dear: {when: price > 100, code: too-dear, message: too dear, else: warn}
lists: {brands: [Kaap]}
"""
PROJECT = "catalog: a.csv\nfeeds: {one: {channel: tiny, market: {currency: EUR}}, two: {channel: tiny, output: two.csv, market: {currency: EUR}}}\n"
FILES = {
    "feedsmith.yaml": PROJECT,
    "a.csv": "id,title,price\n1,Kom,9.95\n",
    "channels/tiny.yaml": CHANNEL,
    "templates/tiny.csv.j2": "{{ header }}\n{% for item in items %}\n{{ item }}\n{% endfor %}\n",
}


@pytest.fixture
def run(tmp_path):
    write_tree(tmp_path, FILES)

    def call(day="2026-11-22", write=False, **files):
        write_tree(tmp_path, files)
        request = Request(
            project=tmp_path, here=tmp_path, write=write, as_of=datetime.fromisoformat(day).replace(tzinfo=UTC)
        )
        found = []
        execute(request, lambda report: found.extend(report.issues()))
        return [(one.feed, one.message) for one in found if one.code == "channel-changed"]

    def change(old, new, **more):
        assert old in CHANNEL
        write_tree(tmp_path, {"channels/tiny.yaml": CHANNEL.replace(old, new)})
        return call(**more)

    call.change = change
    call.state = tmp_path / ".feedsmith"
    return call


def test_nothing_is_told_without_an_earlier_export(run):
    assert run.change("150", "120") == []
    assert not run.state.exists()


CHANGES = {
    ("150", "120"): "field title max length 150 → 120",
    ("{required: true}\n  title", "{}\n  title"): "field id required true → nothing",
    ("  color: {values: [red, blue]}\n", ""): "field color is gone",
    ("lists:", "  cheap: {when: price < 1, code: too-cheap, message: cheap, else: warn}\nlists:"): "check cheap is new",
    ("else: warn", "else: reject"): "check dear else warn → reject",
    ("[Kaap]", "[Kaap, Oever]"): "list brands Kaap → Kaap, Oever",
    ("[red, blue]", "[red]"): "field color values red, blue → red",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_told_once(run, change):
    assert run(write=True) == []
    told = [("one", f"the channel tiny changed since the run of 2026-11-22: {CHANGES[change]}")]
    assert run.change(*change) == told
    assert run.change(*change, write=True, day="2026-11-23") == told
    assert run.change(*change, day="2026-11-24") == []
    assert len(list((run.state / "channels").iterdir())) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [("What it is.", "What it is called."), ("2026-01-31", "2026-02-28"), ("title: Tiny", "title: Small")],
)
def test_what_changes_no_feed_is_not_told(run, old, new):
    run(write=True)
    assert run.change(old, new) == []


def test_a_dated_change_is_told_when_its_day_has_come(run):
    run(write=True)
    assert run(day="2026-11-30") == []
    assert run(day="2026-12-01") == [
        ("one", "the channel tiny changed since the run of 2026-11-22: field price required nothing → true")
    ]


def test_the_same_day_writes_nothing_again(run):
    run(write=True)
    before = (run.state / "channels.json").stat().st_ino
    run(write=True)
    assert (run.state / "channels.json").stat().st_ino == before
    run(write=True, day="2026-11-23")
    assert (run.state / "channels.json").stat().st_ino != before


@pytest.mark.parametrize("damaged", ["", "{", '{"one": 1}'])
def test_a_damaged_record_is_no_record(run, damaged):
    run(write=True)
    (run.state / "channels.json").write_text(damaged)
    assert run.change("150", "120") == []


def test_more_changes_than_fit_are_counted(run):
    many = "".join(f"  f{number}: {{}}\n" for number in range(12))
    run(write=True)
    ((_, message),) = run.change("checks:", f"{many}checks:")
    assert message.count("is new") == 8
    assert message.endswith("; and 4 more")


def test_a_project_of_a_newer_form_is_refused(run):
    with pytest.raises(DefinitionError, match="reads project files of version 1; one of a newer feedsmith"):
        run(**{"feedsmith.yaml": f"version: 2\n{PROJECT}"})
