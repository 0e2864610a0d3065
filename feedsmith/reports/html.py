"""The report as one HTML page that needs nothing else: feeds, charts, and a list of issues that can be filtered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedsmith.issues import Issue, Severity
from feedsmith.reports.deliveries import place_of
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import Point, Report
from feedsmith.reports.text import LISTED, last_line
from feedsmith.texts.catalogue import Texts, chosen

TEMPLATE = Path(__file__).with_name("report.html.j2")
CATALOG = "catalog"
"""What stands for the feed of an issue about the catalog itself."""
BARS = 25
"""Bars of a chart, the longest first."""
WIDTH, HEIGHT = 300, 40


@dataclass(frozen=True)
class Bar:
    """One line of a chart: a number, and the shares of the chart's width (percent) that each severity takes."""

    name: str
    number: int
    shares: tuple[tuple[Severity, float], ...]


@dataclass(frozen=True)
class Course:
    """A feed over time: the corners of two lines in a box of `WIDTH` to `HEIGHT`, and what is said beside them."""

    name: str
    items: str
    rejected: str
    first: Point
    last: Point
    exports: int


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
        "courses": list(_courses(report.past())),
        "sent": [(feed.name, one, place_of(one, texts)) for feed in report.feeds for one in feed.deliveries],
        "box": (WIDTH, HEIGHT),
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


def _courses(past: Mapping[str, Sequence[Point]]) -> Iterator[Course]:
    """The feeds that were exported more than once."""
    for name, points in past.items():
        if len(points) > 1:
            top = max(max(point.items, point.rejected) for point in points) or 1
            items, rejected = ([getattr(point, line) / top for point in points] for line in ("items", "rejected"))
            yield Course(name, _corners(items), _corners(rejected), points[0], points[-1], len(points))


def _corners(shares: Sequence[float]) -> str:
    """The line through shares of the box's height, one export after the other."""
    step = WIDTH / (len(shares) - 1)
    return " ".join(f"{number * step:.1f},{HEIGHT * (1 - share):.1f}" for number, share in enumerate(shares))


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
