"""A baseline knows errors and warnings by code, feed, product and field; what it knows is not told again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.errors import UsageError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.baseline import baseline_of, key_of, read_baseline
from tests.reports.conftest import FEEDS, ISSUES, make_report

issues = st.builds(
    Issue, st.sampled_from(["too-long", "filtered"]), st.sampled_from(Severity), st.just("m"),
    st.builds(Place, st.sampled_from(["a.csv", "b.csv"]), st.integers(1, 9)), st.sampled_from(["", "A", "B\ud800"]),
    st.sampled_from(["", "google"]), field=st.sampled_from(["", "title"]),
)  # fmt: skip


@pytest.fixture
def baseline(tmp_path):
    def written(report):
        path = tmp_path / "known.json"
        path.write_text("".join(baseline_of(report)), encoding="utf-8")
        return read_baseline(path)

    return written


def test_what_is_known_is_left_out_and_counted(baseline, report):
    known = baseline(report).new_only(report)
    assert [issue.code for issue in known.issues()] == ["filtered"]
    assert (known.known, known.total(Severity.ERROR), known.total(Severity.INFO)) == (len(ISSUES) - 1, 0, 1)


def test_a_row_that_moves_stays_known_and_a_new_product_does_not(baseline, report):
    known = baseline(report)
    moved = make_report(
        [
            Issue(
                "invalid-gtin", Severity.ERROR, "another", Place("catalog.csv", 99), "SKU-17", "google_nl", field="gtin"
            )
        ]
    )
    fresh = make_report(
        [
            Issue(
                "invalid-gtin", Severity.ERROR, "another", Place("catalog.csv", 17), "SKU-99", "google_nl", field="gtin"
            )
        ]
    )
    assert (known.new_only(moved).known, known.new_only(fresh).known) == (1, 0)


def test_the_file_is_sorted_and_has_an_issue_a_line(report):
    lines = "".join(baseline_of(report)).splitlines()
    assert lines[1:-1] == sorted(lines[1:-1])
    assert json.loads(lines[1].rstrip(",")) == {
        "code": "control-character",
        "feed": "meta_nl",
        "product": ISSUES[-1].product,
        "field": "title",
    }
    assert "".join(baseline_of(make_report(reversed_issues(), FEEDS))).splitlines() == lines


def reversed_issues():
    return ISSUES[::-1]


@given(known=st.lists(issues, max_size=6), now=st.lists(issues, max_size=6))
def test_exactly_what_the_baseline_holds_is_known(tmp_path_factory, known, now):
    path = tmp_path_factory.mktemp("known") / "known.json"
    path.write_text("".join(baseline_of(make_report(known))), encoding="utf-8")
    keys = {key_of(issue) for issue in known if issue.severity is not Severity.INFO}
    left = [issue for issue in now if issue.severity is Severity.INFO or key_of(issue) not in keys]
    report = read_baseline(path).new_only(make_report(now))
    assert (list(report.issues()), report.known) == (left, len(now) - len(left))
    assert report.counts == make_report(left).counts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is no baseline"),
        ('{"version": 2, "issues": []}', "version 2"),
        ('{"version": 1, "issues": [{}]}', "is no baseline"),
        ("\xff", "is no baseline"),
    ],
)
def test_another_file_is_refused(tmp_path, text, problem):
    path = tmp_path / "known.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=problem):
        read_baseline(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="--write-baseline makes it"):
        read_baseline(tmp_path / "none.json")
