"""The HTML report: one page that needs nothing else, and shows catalog text as text."""

from dataclasses import replace

import pytest
from lxml import html

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.formats import FORMATS
from feedsmith.reports.report import Point
from tests.reports.conftest import ISSUES, make_report

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def page(report):
    return html.fromstring("".join(FORMATS["html"](report)).encode())


def test_it_tells_feeds_and_every_issue(report):
    root = page(report)
    assert root.findtext(".//h1") == "1 feed published, 1 feed held, 1 feed failed; 5 errors, 2 warnings, 1 info"
    assert [cell.text for cell in root.xpath("//table[1]//tr/td[1]")] == ["google_nl", "meta_nl", "mirakl"]
    rows = root.xpath("//table[@id='issues']//tr[@data-code]")
    assert [row.get("data-code") for row in rows] == [issue.code for issue in ISSUES]
    assert rows[1].xpath("string(td[5])") == "catalog.csv:17:ean"
    assert rows[1].xpath("string(.//a/@href)") == ISSUES[1].reference


def test_it_tells_deliveries_where_there_are_any(sent, report):
    def shown(one):
        return [
            [cell.text_content() for cell in row]
            for row in page(one).xpath("//h2[.='Deliveries']/following::table[1]//tr")
        ]

    assert shown(report) == []
    head, first, second = shown(sent)
    assert head == ["feed", "target", "state", "where"]
    assert first == ["google_nl", "shelf", "delivered", "sftp://u@shelf.example/in/google_nl.xml"]
    assert second[2].startswith("failed503 <b>")
    assert "`feedsmith publish` goes on" in second[2]


def test_bars_are_as_long_as_their_numbers(report):
    first = page(report).xpath("//table[@class='chart'][1]//tr")
    assert [(row.xpath("string(td[1])"), row.xpath("string(td[2])")) for row in first] == [
        ("google_nl", "6"), ("catalog", "1"), ("meta_nl", "1"),
    ]  # fmt: skip
    assert [span.get("style") for span in first[0].iter("span")] == ["width: 83.33%", "width: 16.67%"]


def test_feeds_over_time(report):
    points = [Point("2026-11-20T04:00:00Z", 80, 0, "published"), Point("2026-11-21T04:00:00Z", 100, 20, "published"),
              Point("2026-11-22T04:00:00Z", 40, 80, "held")]  # fmt: skip
    past = {"google_nl": points, "meta_nl": points[:1], "mirakl": []}
    rows = page(replace(report, past=lambda: past)).xpath("//table[@class='course']//tr")[1:]
    assert [row.xpath("string(td[1])") for row in rows] == ["google_nl3 exports from 2026-11-20 to 2026-11-22"]
    assert [one.get("points") for one in rows[0].iter("polyline")] == [
        "0.0,8.0 150.0,0.0 300.0,24.0", "0.0,40.0 150.0,32.0 300.0,8.0",
    ]  # fmt: skip
    assert [row.xpath("string(td[3])") for row in rows] == ["80 → 40"]
    assert not page(report).xpath("//table[@class='course']")


def test_text_of_the_catalog_stays_text():
    issue = Issue(
        "too-long",
        Severity.ERROR,
        HOSTILE,
        Place(HOSTILE, 2),
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        f"javascript:{HOSTILE}",
    )
    root = page(make_report([issue]))
    assert len(root.xpath("//script")) == 1
    assert not root.xpath("//img | //a | //@onerror")


def test_nothing_is_loaded_from_elsewhere(report):
    root = page(report)
    assert not root.xpath("//link | //script[@src] | //iframe | //@srcset")
    assert "default-src 'none'" in root.xpath("string(//meta[@http-equiv]/@content)")


@pytest.mark.parametrize(("number", "told"), [(1_000, ""), (1_003, "google: too-long: 3 more, not listed here")])
def test_a_long_list_is_cut_and_says_so(number, told):
    issues = [Issue("too-long", Severity.ERROR, "m", Place("c.csv", row), feed="google") for row in range(number)]
    root = page(make_report(issues))
    assert len(root.xpath("//table[@id='issues']//tr[@data-code]")) == 1_000
    assert root.xpath("string(//table[@id='issues']/following-sibling::p)") == told
