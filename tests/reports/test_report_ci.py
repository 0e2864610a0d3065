"""The formats that build servers read: annotations, JUnit XML, SARIF."""

import json
import re

import pytest
from lxml import etree

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.formats import FORMATS
from tests.reports.conftest import FEEDS, ISSUES, make_report

COMMAND = re.compile(r"::(error|warning|notice)( \w+=[^,:\n]+(,\w+=[^,:\n]+)*)?::[^\n]*")


def told(report, name):
    return "".join(FORMATS[name](report))


def test_each_line_is_one_annotation(report):
    lines = told(report, "github").splitlines()
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert [line.split()[0] for line in lines] == [
        "::warning",
        "::error",
        "::notice",
        "::warning",
        "::error",
        "::error",
    ]
    assert "file=catalog.csv,line=17,title=google_nl%3A invalid-gtin gtin::check digit is 7" in lines[1]
    assert "%0Aand 4 more like it%0A" in lines[1]
    assert lines[-2] == "::error title=meta_nl%3A held::600 items fewer than before"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("50% off", "50%25 off"),
        ("a\nb", "a%0Ab"),
        ("x::error::y", "x::error::y"),
        ("a\n::error::y", "a%0A\\x3a:error::y"),
        ("##[group]", "#\\x23[group]"),
        ("a,b", "a,b"),
    ],
)
def test_a_text_in_an_annotation_gives_no_orders(text, shown):
    line = told(make_report([Issue("filtered", Severity.INFO, text, Place("c.csv", 2))]), "github")
    assert line == f"::notice file=c.csv,line=2,title=filtered::{shown}\n"


def test_a_file_is_named_as_seen_from_where_the_command_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    issue = Issue("ragged-row", Severity.WARNING, "short", Place("a:b,c%.csv", 2))
    inside, outside = (
        make_report([issue], folder=str(folder)) for folder in (tmp_path / "shop", tmp_path.parent / "x")
    )
    assert "file=shop/a%3Ab%2Cc%25.csv,line=2" in told(inside, "github")
    assert f"file={tmp_path.parent}/x/a%3Ab" in told(outside, "github")


def test_junit_has_a_suite_for_the_catalog_and_each_feed(report):
    root = etree.fromstring(told(report, "junit").encode())
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["catalog", "google_nl", "meta_nl", "mirakl"]
    for suite in suites.values():
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    assert [name for name, suite in suites.items() if suite.get("failures") != "0"] == [
        "google_nl",
        "meta_nl",
        "mirakl",
    ]
    (failure,) = suites["google_nl"].iter("failure")
    assert (failure.get("type"), failure.get("message")) == ("invalid-gtin", "check digit is 7, should be 3 (5)")
    assert failure.text.splitlines()[0] == 'catalog.csv:17:ean: SKU-17 check digit is 7, should be 3 "8710400000017"'
    assert failure.text.splitlines()[3:] == ["... and 2 more", f"fix: {ISSUES[1].help}"]


def test_junit_of_a_good_run_has_no_failure():
    root = etree.fromstring(told(make_report((), FEEDS[:1]), "junit").encode())
    assert [case.get("name") for case in root.iter("testcase")] == ["is read", "is published"]
    assert not list(root.iter("failure"))


def test_sarif_holds_every_issue_with_its_rule(report):
    log = json.loads(told(report, "sarif"))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert (log["version"], rules) == ("2.1.0", sorted({issue.code for issue in ISSUES}))
    assert [result["ruleId"] for result in run["results"]] == [issue.code for issue in ISSUES]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert [result["level"] for result in run["results"]] == ["warning", *["error"] * 5, "note", "warning"]
    assert run["results"][1]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "catalog.csv", "uriBaseId": "PROJECT"},
        "region": {"startLine": 17},
    }
    assert run["results"][-1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%1B%5B2J.csv"


def test_sarif_says_where_the_project_is(tmp_path):
    away = Issue("ragged-row", Severity.WARNING, "short", Place("/data/a b.csv", 2))
    (run,) = json.loads(told(make_report([away], folder=str(tmp_path)), "sarif"))["runs"]
    assert run["originalUriBaseIds"] == {"PROJECT": {"uri": f"{tmp_path.as_uri()}/"}}
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "file:///data/a%20b.csv"}


def test_a_fingerprint_stays_when_rows_move():
    def fingerprints(**other):
        given = {"code": "too-long", "product": "A", "feed": "google", "field": "title", "row": 3} | other
        issue = Issue(
            given["code"], Severity.ERROR, "m", Place("c.csv", given["row"]), given["product"], given["feed"],
            field=given["field"],
        )  # fmt: skip
        (run,) = json.loads(told(make_report([issue]), "sarif"))["runs"]
        return run["results"][0]["partialFingerprints"]

    assert fingerprints(row=90) == fingerprints()
    for key in ("code", "product", "feed", "field"):
        assert fingerprints(**{key: "other"}) != fingerprints()
