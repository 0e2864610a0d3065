"""The report for people."""

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.harmless import encodable, harmless
from feedsmith.reports.report import FeedReport, FeedState, FileReport
from feedsmith.reports.style import Style, can_colour
from feedsmith.reports.text import LISTED, text_report
from tests.reports.conftest import FEEDS, ISSUES, make_report

EXPECTED = """\
catalog
warning[ragged-row] the row has 11 values, the heading has 12 (1 issue)
  --> catalog.csv:9

google_nl (google)
error[invalid-gtin] gtin: (5 issues)
  --> catalog.csv:17:ean  SKU-17  "8710400000017"  check digit is 7, should be 3
  --> catalog.csv:18:ean  SKU-18  "8710400000018"  check digit is 8, should be 4
  --> catalog.csv:19:ean  SKU-19  "8710400000019"  check digit is 9, should be 5
      ... and 2 more
   = fix: take the number from the package or leave the field empty
   = see: https://support.google.com/merchants/answer/6324461

info[filtered] left out: out of stock (1 issue)
  --> catalog.csv:30  SKU-30

google_nl: 1,180 items published to out/google_nl.xml (2.7 MB), 12 rejected, 8 filtered, of 1,200 products
meta_nl: held: 600 items fewer than before; nothing new was published; the candidate has 600 items, 600 rejected, 0 filtered, of 1,200 products
mirakl: failed: out/m.csv: the disk is full; hint: free disk space; nothing new was published
1 feed published, 1 feed held, 1 feed failed; 5 errors, 1 warning, 1 info
"""

FILE = FileReport("out/a_1.json", 5, 999, "00")
LAST_FILE = FileReport("out/a_3.json", 1, 1, "00")
VERDICT_CASES = {
    "unchanged": (
        FeedReport("a", "meta", FeedState.UNCHANGED, (FILE,), 1, 0, 0, 1),
        "a: 1 item unchanged in out/a_1.json (999 bytes), 0 rejected, 0 filtered, of 1 product",
    ),
    "several files": (
        FeedReport("a", "meta", FeedState.PUBLISHED, (FILE, FILE, LAST_FILE), 11, 0, 0, 11),
        "a: 11 items published to 3 files, out/a_1.json to out/a_3.json (2.0 kB), 0 rejected, 0 filtered, of 11 products",
    ),
    "checked": (
        FeedReport("a", "meta", FeedState.CHECKED, (), 3, 1, 1, 5),
        "a: 3 items checked, nothing written, 1 rejected, 1 filtered, of 5 products",
    ),
    "stores": (
        FeedReport("a", "google_local", FeedState.CHECKED, (), 3, 1, 1, 5, item="store"),
        "a: 3 items checked, nothing written, 1 rejected, 1 filtered, of 5 pairs of product and store",
    ),
    "one review": (
        FeedReport("a", "google_reviews", FeedState.CHECKED, (), 1, 0, 0, 1, item="review"),
        "a: 1 item checked, nothing written, 0 rejected, 0 filtered, of 1 review",
    ),
    "large": (
        FeedReport("a", "meta", FeedState.PUBLISHED, (replace(FILE, bytes=12_345_678_901),), 2, 0, 0, 2),
        "a: 2 items published to out/a_1.json (12.3 GB), 0 rejected, 0 filtered, of 2 products",
    ),
}
STYLES = [Style(), Style(verbose=True), Style(quiet=True), Style(verbose=True, quiet=True)]


def told(report, **style):
    return "".join(text_report(report, Style(**style)))


def test_groups_then_verdicts():
    assert told(make_report(ISSUES[:-1], FEEDS)) == EXPECTED


@pytest.mark.parametrize(("feed", "line"), VERDICT_CASES.values(), ids=VERDICT_CASES)
def test_verdict(feed, line):
    assert told(make_report((), (feed,))).splitlines()[0] == line


def test_without_feeds_the_last_line_tells_the_products():
    assert told(make_report(())) == "1,200 products read; no issues\n"


def test_verbose_lists_every_issue_and_the_fill_rates(report):
    lines = told(report, verbose=True).splitlines()
    assert (
        'catalog.csv:18:ean: error[invalid-gtin] gtin: check digit is 8, should be 4: "8710400000018"'
        " [SKU-18, google_nl]"
    ) in lines
    assert lines[0].startswith("catalog.csv:9: warning[ragged-row] ")
    assert "  title   100.0% of items" in lines
    assert "  gtin     98.8% of items" in lines


def test_verbose_counts_what_it_does_not_list():
    issues = [Issue("too-long", Severity.WARNING, "cut", Place("c.csv", row), feed="g") for row in range(LISTED + 234)]
    lines = told(make_report(issues), verbose=True).splitlines()
    assert sum(line.startswith("c.csv:") for line in lines) == LISTED
    assert "g: too-long: 234 more, of 1,234 in all" in lines
    assert "warning[too-long] cut (1,234 issues)" in lines


def test_quiet_tells_errors_and_feeds_in_trouble_only(report):
    lines = told(report, quiet=True).splitlines()
    assert {re.match(r"(\w+)\[", line)[1] for line in lines if re.match(r"\w+\[", line)} == {"error"}
    assert not any(line.startswith("google_nl: ") for line in lines)
    assert any(line.startswith("meta_nl: held") for line in lines)


def test_quiet_says_nothing_when_all_is_well():
    assert told(make_report(ISSUES[:1], FEEDS[:1]), quiet=True) == ""


def test_graver_and_more_numerous_groups_come_first():
    kinds = [("a", Severity.INFO), ("b", Severity.WARNING), ("c", Severity.ERROR), ("d", Severity.ERROR)]
    issues = [Issue(code, severity, "m", Place("c.csv", 1), feed="g") for code, severity in [*kinds, kinds[-1]]]
    assert re.findall(r"\[(\w)\]", told(make_report(issues))) == ["d", "c", "b", "a"]


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_hostile_values_are_harmless(style, report):
    errors = make_report([*ISSUES, replace(ISSUES[-1], severity=Severity.ERROR)], FEEDS)
    text = "".join(text_report(errors, style))
    assert "\\x1b]0;owned\\x07" in text
    for line in text.split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – é 漢字 😀", "plain – é 漢字 😀"),
        ("a\nb", "a\\nb"),
        ("\x1b]0;t\x07", "\\x1b]0;t\\x07"),
        ("12\u00a0,5\u200b", "12\\xa0,5\\u200b"),
        ("::error::x", "\\x3a:error::x"),
        ("  ::error::x", "  \\x3a:error::x"),
        ("std::string", "std::string"),
        ("a ##[error]b", "a #\\x23[error]b"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
)
def test_harmless(text, shown):
    assert harmless(text) == shown


@given(st.text(st.characters()))
def test_any_text_becomes_printable_and_encodable(text):
    assert harmless(text).isprintable()
    assert encodable(harmless(text)) == harmless(text)
    assert encodable([{text: (text, 1, None)}]) == [{encodable(text): [encodable(text), 1, None]}]
    assert encodable(text).encode("utf-8", "strict") == text.encode("utf-8", "backslashreplace")


def test_colour_changes_no_word(report):
    painted = told(report, colour=True)
    assert "\x1b[1;31merror[invalid-gtin]\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == told(report)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour_on_a_terminal_unless_it_is_not_wanted(environment, expected, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert can_colour(Terminal()) is expected


def test_no_colour_in_a_pipe(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert can_colour(io.StringIO()) is False
