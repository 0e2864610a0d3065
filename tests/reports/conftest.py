"""One report that all formats are tested on, with hostile values in it."""

from collections import Counter
from dataclasses import replace

import pytest

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.report import Delivery, DeliveryState, FeedReport, FeedState, FileReport, Report, SourceReport

GTIN_HELP = "take the number from the package or leave the field empty"
ISSUES = (
    Issue("ragged-row", Severity.WARNING, "the row has 11 values, the heading has 12", Place("catalog.csv", 9)),
    *(
        Issue(
            "invalid-gtin", Severity.ERROR, f"check digit is {row % 10}, should be {row % 7}",
            Place("catalog.csv", row, "ean"), f"SKU-{row}", "google_nl", "google", "gtin", str(8710400000000 + row),
            GTIN_HELP, "https://support.google.com/merchants/answer/6324461",
        )
        for row in range(17, 22)
    ),
    Issue(
        "filtered", Severity.INFO, "left out: out of stock", Place("catalog.csv", 30), "SKU-30", "google_nl", "google",
    ),
    Issue(
        "control-character", Severity.WARNING, "a control character\n::error::owned", Place("a\x1b[2J.csv", 3, "title", "Blad\r1", "C3"),
        "\x1b]0;owned\x07", "meta_nl", "meta", "title", "x\n::error file=a::b\r##[error]c\u202e\u200b\x9b31m\u2028\ud800",
        "::stop-commands::t",
    ),
)  # fmt: skip
FEEDS = (
    FeedReport(
        "google_nl", "google", FeedState.PUBLISHED, (FileReport("out/google_nl.xml", 1180, 2713222, "ab" * 32),),
        1180, 12, 8, 1200, 0.4123456, fill={"title": 1.0, "gtin": 0.98765},
    ),
    FeedReport("meta_nl", "meta", FeedState.HELD, (), 600, 600, 0, 1200, 0.2, "600 items fewer than before"),
    FeedReport("mirakl", "mirakl", FeedState.FAILED, reason="out/m.csv: the disk is full\n  hint: free disk space"),
)  # fmt: skip
DELIVERIES = (
    Delivery("shelf", "sftp://u@shelf.example/in", DeliveryState.DELIVERED, ("google_nl.xml",), 2713222, 1.25),
    Delivery(
        "web", "https://web.example/in/", DeliveryState.FAILED, ("google_nl.xml",), reason="503 <b>\n::error::owned",
        help="`feedsmith publish` goes on from here",
    ),
)  # fmt: skip


def make_report(issues, feeds=(), folder=""):
    """A report over these issues, counted as a run counts them."""
    counts = Counter((issue.severity, issue.feed, issue.code) for issue in issues)
    sources = (SourceReport("catalog.csv", "generic", 1200, "utf-8", ";"),)
    return Report("0.1.0", sources, 1200, feeds, counts, lambda: iter(issues), folder)


@pytest.fixture
def sent():
    """The same where the first feed was delivered to one target and not to the other."""
    return make_report(ISSUES, (replace(FEEDS[0], deliveries=DELIVERIES), *FEEDS[1:]))


@pytest.fixture
def report():
    return make_report(ISSUES, FEEDS)
