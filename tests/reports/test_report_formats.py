"""What holds for every format, and for the two of machines."""

import json
from pathlib import Path

import pytest

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.formats import FORMATS
from feedsmith.reports.report import Report
from tests.reports.conftest import ISSUES, make_report

ISSUE_KEYS = [
    "code", "severity", "feed", "channel", "product", "field", "value", "source", "message", "help", "reference",
]  # fmt: skip
SHAPE = {
    "version": int,
    "feedsmith": str,
    "run": (int, None),
    "catalog": {
        "sources": [{"path": str, "system": str, "rows": int, "encoding": str, "delimiter": str, "sheet": None}],
        "products": int,
    },
    "feeds": [
        {
            "name": str, "channel": str,
            "files": [{"path": str, "items": int, "bytes": int, "sha256": str}],
            "items": int, "rejected": int, "filtered": int, "seconds": float,
            "products": int, "state": str, "reason": str, "candidate": (str, None), "delta": (None,),
            "deliveries": [], "fill": {},
        }
    ],
    "summary": {"errors": int, "warnings": int, "infos": int, "known": int},
    "manifest": None,
    "issues": [
        {
            "code": str, "severity": str, "feed": (str, None), "channel": str, "product": str, "field": str,
            "value": str,
            "source": {"path": str, "sheet": (str, None), "row": int, "column": (str, None), "cell": (str, None)},
            "message": str, "help": str, "reference": str,
        }
    ],
}  # fmt: skip


def assert_shape(value, shape, where="report"):
    """`value` has the keys, in order, and the types of `shape`; `{}` takes any object."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), where
        if shape:
            assert list(value) == list(shape), where
        for key, inner in shape.items():
            assert_shape(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for number, item in enumerate(value):
            assert_shape(item, shape[0], f"{where}[{number}]")
    else:
        kinds = shape if isinstance(shape, tuple) else (shape,)
        assert any(value is None if kind is None else type(value) is kind for kind in kinds), where


def told(report, name):
    return "".join(FORMATS[name](report))


def test_formats_are_sorted():
    assert list(FORMATS) == sorted(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_utf8_and_ends_its_last_line(name, report):
    assert told(report, name).encode("utf-8").endswith(b"\n")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_a_report_without_anything(name):
    "".join(FORMATS[name](make_report(()))).encode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_reads_the_issues_as_a_stream(name):
    """No format asks for a second issue's memory before it has gone on from the first: 30,000 pass one by one."""
    alive = peak = 0

    class Counted(Issue):
        def __del__(self):
            nonlocal alive
            alive -= 1

    def issues():
        nonlocal alive, peak
        for row in range(30_000):
            alive += 1
            peak = max(peak, alive)
            yield Counted("filtered", Severity.INFO, "left out: winter", Place("catalog.csv", row), f"SKU-{row}")

    counts = make_report([Issue("filtered", Severity.INFO, "left out: winter", Place("catalog.csv"))]).counts
    for _ in FORMATS[name](Report("0.1.0", (), 0, (), counts, issues)):
        pass
    assert peak < 10


def test_json_has_the_documented_shape(report):
    assert_shape(json.loads(told(report, "json")), SHAPE)


def test_json_tells_the_figures(report):
    told_json = json.loads(told(report, "json"))
    assert told_json["summary"] == {"errors": 5, "warnings": 2, "infos": 1, "known": 0}
    assert told_json["catalog"]["sources"][0]["rows"] == 1200
    first = told_json["feeds"][0]
    assert (first["items"], first["rejected"], first["filtered"], first["products"]) == (1180, 12, 8, 1200)
    assert (first["seconds"], first["fill"]) == (0.412, {"title": 1.0, "gtin": 0.9877})
    assert [feed["state"] for feed in told_json["feeds"]] == ["published", "held", "failed"]


def test_json_holds_every_issue_in_order(report):
    issues = json.loads(told(report, "json"))["issues"]
    assert [(issue["code"], issue["product"]) for issue in issues[:-1]] == [(i.code, i.product) for i in ISSUES[:-1]]
    assert issues[1] == {
        "code": "invalid-gtin",
        "severity": "error",
        "feed": "google_nl",
        "channel": "google",
        "product": "SKU-17",
        "field": "gtin",
        "value": "8710400000017",
        "source": {"path": "catalog.csv", "sheet": None, "row": 17, "column": "ean", "cell": None},
        "message": "check digit is 7, should be 3",
        "help": "take the number from the package or leave the field empty",
        "reference": "https://support.google.com/merchants/answer/6324461",
    }


def test_json_feed_is_null_for_the_catalog(report):
    assert json.loads(told(report, "json"))["issues"][0]["feed"] is None


def test_json_keeps_more_than_text_lists():
    issues = [Issue("filtered", Severity.INFO, "out", Place("c.csv", row)) for row in range(1_500)]
    assert len(json.loads(told(make_report(issues), "json"))["issues"]) == 1_500


def test_json_tells_a_hostile_value_whole_but_for_what_no_encoder_takes(report):
    value = json.loads(told(report, "json"))["issues"][-1]["value"]
    assert value == ISSUES[-1].value.replace("\ud800", "\\ud800")


def test_jsonl_has_the_issues_of_json(report):
    lines = told(report, "jsonl").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == json.loads(told(report, "json"))["issues"]
    assert all(list(json.loads(line)) == ISSUE_KEYS for line in lines[:-1])


def test_a_file_name_that_is_not_utf8_does_not_stop_json(report):
    name = Path(b"caf\xe9.csv".decode("utf-8", "surrogateescape"))
    issue = Issue("empty-row", Severity.INFO, "empty", Place(str(name), 4))
    assert json.loads(told(make_report([issue]), "json"))["issues"][0]["source"]["path"] == "caf\\udce9.csv"
