"""The HTML report: one page that needs nothing else, and shows catalog text as text."""

import pytest
from lxml import html

from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.formats import FORMATS
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


def test_bars_are_as_long_as_their_numbers(report):
    first = page(report).xpath("//table[@class='chart'][1]//tr")
    assert [(row.xpath("string(td[1])"), row.xpath("string(td[2])")) for row in first] == [
        ("google_nl", "6"), ("catalog", "1"), ("meta_nl", "1"),
    ]  # fmt: skip
    assert [span.get("style") for span in first[0].iter("span")] == ["width: 83.33%", "width: 16.67%"]


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
