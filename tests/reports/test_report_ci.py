"""The formats that build servers read: annotations, JUnit XML, SARIF."""

import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports import sarif
from feedsmith.reports.formats import FORMATS
from feedsmith.reports.summary import step_summary
from tests.reports.conftest import FEEDS, ISSUES, make_report

COMMAND = re.compile(r"::(error|warning|notice)( \w+=[^,:\n]+(,\w+=[^,:\n]+)*)?::[^\n]*")


def told(report, name):
    return "".join(FORMATS[name](report))


def test_each_line_is_one_annotation(report):
    lines = told(report, "github").splitlines()
    assert all(COMMAND.fullmatch(line) for line in lines)
    levels = ["::error", "::error", "::warning", "::error", "::notice", "::warning"]
    assert [line.split()[0] for line in lines] == levels
    assert "file=catalog.csv,line=17,title=google_nl%3A invalid-gtin gtin::check digit is 7" in lines[3]
    assert "%0Aand 4 more like it%0A" in lines[3]
    assert lines[0] == "::error title=meta_nl%3A held::600 items fewer than before"


def test_a_step_gets_ten_annotations_of_a_level():
    issues = [Issue(f"code-{n}", level, "m", Place("c.csv", 2)) for level in Severity for n in range(13)]
    lines = told(make_report(issues, FEEDS), "github").splitlines()
    assert Counter(line.split()[0] for line in lines[:-1]) == {"::error": 10, "::warning": 10, "::notice": 10}
    assert [line for line in lines if "title=meta_nl" in line]  # a held feed is told before any issue
    assert lines[-1] == "11 more kinds of issues are in the summary of the step, and in the other reports"


def test_the_summary_of_a_step_has_every_kind(report):
    text = step_summary(report)
    assert "| google\\_nl | published | 1,180 | 12 | 8 |  |" in text
    assert (
        "| error | invalid-gtin | google\\_nl | gtin | 5 | catalog.csv:17:ean | check digit is 7, should be 3 |" in text
    )
    assert "\x1b" not in text
    assert step_summary(make_report([])).startswith("### feedsmith: 1,200 products read; no issues")


def test_what_was_not_delivered_is_an_annotation(sent):
    first = told(sent, "github").splitlines()[0]
    assert first.startswith("::error title=google_nl%3A not delivered to web::503 <b>%0A\\x3a:error::owned%0Afix: ")
    assert COMMAND.fullmatch(first)


def test_the_summary_of_a_step_lists_deliveries(sent, report):
    text = step_summary(sent)
    assert "| google\\_nl | shelf | delivered | sftp://u@shelf.example/in/google\\_nl.xml |  |  |" in text
    assert (
        "| google\\_nl | web | failed | https://web.example/in/google\\_nl.xml | 503 \\<b\\> ::error::owned |" in text
    )
    assert "Target" not in step_summary(report)


def test_each_delivery_is_a_case(sent, report):
    suites = {suite.name: suite for suite in junitparser.JUnitXml.fromstring(told(sent, "junit").encode())}
    before = {suite.name: suite for suite in junitparser.JUnitXml.fromstring(told(report, "junit").encode())}
    suite = suites["google_nl"]
    assert (suite.tests, suite.failures) == (before["google_nl"].tests + 2, before["google_nl"].failures + 1)
    cases = {case.name: case for case in suite}
    assert len(cases) == suite.tests
    assert cases["is delivered to shelf"].is_passed
    [failure] = cases["is delivered to web"].result
    assert (failure.type, "503 <b>" in failure.message) == ("delivery-failed", True)
    assert "https://web.example/in/google_nl.xml\nfix: `feedsmith publish`" in failure.text


@given(room=st.integers(0, 3_000))
def test_a_summary_stays_below_its_room(room):
    """Law: whatever is there already, the file of the summaries stays below the limit, or nothing is added."""
    issues = [Issue(f"code-{n}", Severity.ERROR, "é" * 50, Place("c.csv", 2)) for n in range(40)]
    text = step_summary(make_report(issues), room)
    assert len(text.encode()) < room or not text
    if text:
        assert ("did not fit" in text) == (text.count("| error |") < 40)


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


SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text("utf-8"))
"""The schema of the standard, as https://www.schemastore.org publishes it (Apache License 2.0)."""
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("folder", ["", "/srv/a project"])
def test_sarif_keeps_the_schema_of_the_standard(report, folder):
    for one in (report, make_report([], folder=folder), make_report(ISSUES, FEEDS, folder=folder)):
        VALIDATOR.validate(json.loads(told(one, "sarif")))


def test_the_schema_refuses_what_is_wrong(report):
    log = json.loads(told(report, "sarif"))
    log["runs"][0]["results"][0]["level"] = "grave"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(log)


def test_sarif_holds_all_issues_in_runs_that_are_taken(monkeypatch):
    monkeypatch.setattr(sarif, "MOST", 10)
    issues = [Issue("too-long", Severity.ERROR, str(n), Place("c.csv", n + 2)) for n in range(25)]
    log = json.loads(told(make_report(issues), "sarif"))
    VALIDATOR.validate(log)
    assert [len(run["results"]) for run in log["runs"]] == [10, 10, 5]
    assert [result["message"]["text"] for run in log["runs"] for result in run["results"]] == [
        str(n) for n in range(25)
    ]
    details = [run["automationDetails"] for run in log["runs"]]
    assert [one["id"] for one in details] == ["feedsmith/1/", "feedsmith/2/", "feedsmith/3/"]
    assert details[1]["description"]["text"] == "Part 2 of 3: all 25 issues, at most 10 in a run."


PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(PATHS.filter(lambda path: "://" not in path))
def test_every_path_is_an_address(path):
    """Law: whatever a file is called, its address holds only signs of addresses, and is that of the same file."""
    issue = Issue("too-long", Severity.ERROR, "m", Place(path, 2))
    log = json.loads(told(make_report([issue], folder="/srv/shop"), "sarif"))
    VALIDATOR.validate(log)
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~%:/-]*", uri)
    assert Path(unquote(urlsplit(uri).path)) == Path(path)


def test_an_address_of_a_source_stays_one():
    issue = Issue("too-long", Severity.ERROR, "m", Place("https://www.shop.example/a b.csv?x=1", 2))
    (run,) = json.loads(told(make_report([issue]), "sarif"))["runs"]
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "https://www.shop.example/a%20b.csv?x=1"}


def test_junit_is_read_back(report, tmp_path):
    (tmp_path / "report.xml").write_text(told(report, "junit"), encoding="utf-8")
    suites = list(junitparser.JUnitXml.fromfile(str(tmp_path / "report.xml")))
    assert [suite.name for suite in suites] == ["catalog", "google_nl", "meta_nl", "mirakl"]
    for suite in suites:
        cases = list(suite)
        assert (suite.tests, suite.failures) == (len(cases), sum(bool(case.result) for case in cases))
    failed = [case.name for suite in suites for case in suite if case.result]
    assert failed == ["invalid-gtin gtin", "is published", "is published"]
