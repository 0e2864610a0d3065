"""`rules list` and the notes of `validate`: what rules do, and which are of no use."""

import json

import pytest

from tests.cli.conftest import catalog, product
from tests.helpers import write_tree

PROJECT = """\
catalog:
  source: catalog.csv
  fields: {double: {calc: price * 2}}
segments: {dear: price > 50, nobody asks: price > 1}
tables: {brands: brands.csv, idle: brands.csv}
markets:
  nl: {country: NL, language: nl, currency: EUR, site: https://www.shop.example}
  be: {country: BE, language: nl, currency: EUR}
rules:
  labels:
    fields:
      custom_label_0: [{when: dear, value: dear}, {when: price > 10, value: middle}, {value: cheap}]
      custom_label_1: [{value: all}, {when: dear, value: never}]
      custom_label_2: {when: color == "red", value: red}
      custom_label_3: "{{ brand }}"
      title: {steps: [trim]}
      nothing_here: "x"
    exclude: {no price: not price, too wide: image_width > 10}
  forgotten: {fields: {title: "{{ id }}"}}
feeds:
  google:
    channel: google
    markets: [nl]
    extends: [labels]
    fields:
      custom_label_3: {table: brands, key: brand, missing: ignore}
      title: {steps: [upper]}
"""
ROWS = [
    product(1, price="60.00"),
    product(2, price="20.00"),
    product(3, price="20.00"),
    product(4, price="5.00"),
    product(5, price=""),
]


@pytest.fixture
def project(tmp_path):
    files = {"feedsmith.yaml": PROJECT, "catalog.csv": catalog(ROWS), "brands.csv": "brand,label\nKaap,Cape\n"}
    return write_tree(tmp_path / "shop", files)


@pytest.fixture
def listed(run, project):
    ended = run("rules", "list", "--format", "json", cwd=project)
    assert (ended.code, ended.err) == (0, "")
    return json.loads(ended.out)


USES = [
    ("own field", "double", 5, 4, 4, ""),
    ("segment", "dear", 5, 1, 1, ""),
    ("segment", "nobody asks", 5, 4, 4, ""),
    ("exclude", "no price", 5, 1, 1, ""),
    ("exclude", "too wide", 5, 0, 0, "never"),
    ("field", "custom_label_0", 4, 1, 1, ""),
    ("field", "custom_label_0", 3, 2, 2, ""),
    ("field", "custom_label_0", 1, 1, 1, ""),
    ("field", "custom_label_1", 4, 4, 4, ""),
    ("field", "custom_label_1", 0, 0, 0, "never"),
    ("field", "custom_label_2", 4, 0, 0, "never"),
    ("field", "custom_label_3", 0, 0, 0, "never: hidden by feedsmith.yaml:26:23"),
    ("field", "custom_label_3", 4, 4, 4, ""),
    ("field", "title", 4, 4, 0, "changes nothing"),
    ("field", "title", 4, 4, 4, ""),
    ("field", "nothing_here", None, None, None, "the channel has no such field"),
]


def test_each_rule_with_what_it_did(listed):
    (feed,) = listed["feeds"]
    assert (feed["name"], feed["products"]) == ("google_nl", 5)
    keys = ("kind", "name", "asked", "touched", "changed", "note")
    told = [tuple(rule[key] for key in keys) for rule in feed["rules"]]
    assert sorted(told, key=str) == sorted(USES, key=str)
    labels = [rule for rule in feed["rules"] if rule["name"] == "custom_label_0"]
    assert [(rule["source"]["row"], rule["layer"]) for rule in labels] == [(12, "rules labels")] * 3
    assert labels[1]["rule"] == "{when: price > 10, value: middle}"


def test_what_nothing_uses(listed):
    entries = [(one["kind"], one["name"], one["source"]["row"]) for one in listed["unused"]["entries"]]
    assert entries == [
        ("table", "idle", 5),
        ("segment", "nobody asks", 4),
        ("rule set", "forgotten", 19),
        ("market", "be", 8),
    ]
    assert listed["unused"]["columns"] == []


def test_columns_that_no_feed_reads(run, project):
    lines = [f"{line},x" for line in (project / "catalog.csv").read_text().splitlines()]
    (project / "catalog.csv").write_text("\n".join([f"{lines[0]}tra notes", *lines[1:]]))
    assert "columns that no feed reads: xtra notes" in run("rules", "list", cwd=project).out
    picked = run("rules", "list", "--feed", "google_nl", "--format", "json", cwd=project).out
    assert json.loads(picked)["unused"] == {"entries": [], "columns": []}


def test_the_text_has_a_line_for_each_rule(run, project):
    ended = run("rules", "list", cwd=project)
    lines = ended.out.splitlines()
    assert (ended.code, lines[0]) == (0, "google_nl: 16 rules, 5 products")
    assert len([line for line in lines if line.startswith("feedsmith.yaml:")]) == 16
    assert "used nowhere: the table idle  (feedsmith.yaml:5:30)" in lines


NOTES = [
    ("unused-rule", "custom_label_1", 13, "the rule before it, at feedsmith.yaml:13:24, is for all products"),
    ("unused-rule", "custom_label_2", 14, "its condition can never be true, since the catalog has no color"),
    ("unused-rule", "custom_label_3", 15, "feedsmith.yaml:26:23 takes its place"),
    ("unused-rule", "", 18, "its condition can never be true, since the catalog has no image_width"),
    ("unused-entry", "", 5, "the table 'idle' is used nowhere"),
    ("unused-entry", "", 4, "the segment 'nobody asks' is used nowhere"),
    ("unused-entry", "", 19, "the rule set 'forgotten' is used nowhere"),
    ("unused-entry", "", 8, "the market 'be' is used nowhere"),
]


def test_validate_tells_rules_that_are_of_no_use(run, project):
    report = json.loads(run("validate", "--format", "json", cwd=project).out)
    told = [one for one in report["issues"] if one["code"] in {"unused-rule", "unused-entry"}]
    found = [(one["code"], one["field"], one["source"]["row"]) for one in told]
    assert sorted(found) == sorted(note[:3] for note in NOTES)
    assert [note[3] for note in NOTES if not any(one["message"].endswith(note[3]) for one in told)] == []
    assert {one["severity"] for one in told} == {"info"}


def test_of_some_feeds_only_nothing_is_told(run, project):
    report = json.loads(run("validate", "--feed", "google_nl", "--format", "json", cwd=project).out)
    assert [one for one in report["issues"] if one["code"].startswith("unused-")] == []


def test_a_rule_that_another_feed_uses_is_none_of_those(run, project):
    feed = '  other: {channel: google, markets: [be], extends: [labels], output: other.xml, fields: {custom_label_2: "{{ id }}"}}\n'
    text = (project / "feedsmith.yaml").read_text() + feed
    (project / "feedsmith.yaml").write_text(text)
    report = json.loads(run("validate", "--format", "json", cwd=project).out)
    rows = {one["source"]["row"] for one in report["issues"] if one["code"].startswith("unused-")}
    assert rows == {4, 5, 13, 14, 18, 19}


def test_workers_count_the_same(start, project):
    rows = (product(number, price=f"{number % 97}.00") for number in range(1, 4_000))
    (project / "catalog.csv").write_text(catalog(rows))
    made = []
    for workers in ("1", "2"):
        process = start("rules", "list", "--workers", workers, "--format", "json", cwd=project)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
        made.append(out)
    assert made[0] == made[1]
    assert json.loads(made[0])["feeds"][0]["products"] == 3_999
