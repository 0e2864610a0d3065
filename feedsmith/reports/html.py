"""The report as one HTML page that needs nothing else: feeds, charts, and a list of issues that can be filtered."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedsmith.issues import Issue, Severity
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import Report
from feedsmith.reports.text import LISTED, last_line
from feedsmith.texts.catalogue import Texts, chosen

TEMPLATE = Path(__file__).with_name("report.html.j2")
CATALOG = "catalog"
"""What stands for the feed of an issue about the catalog itself."""
BARS = 25
"""Bars of a chart, the longest first."""


@dataclass(frozen=True)
class Bar:
    """One line of a chart: a number, and the shares of the chart's width (percent) that each severity takes."""

    name: str
    number: int
    shares: tuple[tuple[Severity, float], ...]


@dataclass(frozen=True)
class Row:
    """An issue of the list."""

    feed: str
    issue: Issue


def html_report(report: Report) -> Iterator[str]:
    """The page in pieces, in the chosen language. Of one code in one feed it lists as many issues as the text."""
    from jinja2 import Environment  # noqa: PLC0415 (only this format needs it)

    page = Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    listed: Counter[tuple[str, str]] = Counter()
    texts = Texts(chosen())
    by_feed = _bars((feed or CATALOG, severity, number) for (severity, feed, _), number in report.counts.items())
    by_code = _bars((code, severity, number) for (severity, _, code), number in report.counts.items())
    values: dict[str, Any] = {
        "report": report,
        "texts": texts,
        "verdict": last_line(report, texts).strip(),
        "charts": [(texts("Issues by feed"), by_feed), (texts("Issues by code"), by_code)],
        "names": sorted({feed or CATALOG for _, feed, _ in report.counts}),
        "codes": sorted({code for _, _, code in report.counts}),
        "rows": _rows(report.issues(), listed),
        "more": lambda: [(feed, code, number - LISTED) for (feed, code), number in listed.items() if number > LISTED],
    }
    yield from map(encodable, page.generate(values))
    yield "\n"


def _rows(issues: Iterable[Issue], listed: Counter[tuple[str, str]]) -> Iterator[Row]:
    for issue in issues:
        feed = issue.feed or CATALOG
        listed[feed, issue.code] += 1
        if listed[feed, issue.code] <= LISTED:
            yield Row(feed, issue)


def _bars(found: Iterable[tuple[str, Severity, int]]) -> list[Bar]:
    numbers: dict[str, Counter[Severity]] = {}
    for name, severity, number in found:
        numbers.setdefault(name, Counter())[severity] += number
    longest = max((one.total() for one in numbers.values()), default=1)
    ranked = sorted(numbers.items(), key=lambda entry: (-entry[1].total(), entry[0]))[:BARS]
    return [
        Bar(name, one.total(), tuple((kind, round(100 * one[kind] / longest, 2)) for kind in Severity if one[kind]))
        for name, one in ranked
    ]
