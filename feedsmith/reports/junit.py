"""JUnit XML, as build servers read it: a suite for the catalog and for each feed, a case for each kind of issue."""

from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import quoteattr

from feedsmith.issues import Severity
from feedsmith.reports.deliveries import place_of
from feedsmith.reports.groups import Group, groups_of
from feedsmith.reports.harmless import encodable, harmless
from feedsmith.reports.report import NOT_DONE, Delivery, DeliveryState, FeedReport, Report

CATALOG = "catalog"


def junit_report(report: Report) -> Iterator[str]:
    """One XML document. Errors, held and failed feeds and deliveries are failures.

    Warnings and infos stand in a passed case; each delivery is a case of its feed.
    """
    by_feed = {name: list(some) for name, some in groupby(groups_of(report), lambda group: group.first[0].feed)}
    feeds = {feed.name: feed for feed in report.feeds}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="feedsmith">\n'
    for name in dict.fromkeys(["", *feeds, *by_feed]):
        yield from _suite(name, by_feed.get(name, []), feeds.get(name))
    yield "</testsuites>\n"


def _suite(name: str, groups: list[Group], feed: FeedReport | None) -> Iterator[str]:
    bad = sum(group.first[0].severity is Severity.ERROR for group in groups)
    held = feed is not None and feed.state in NOT_DONE
    deliveries = feed.deliveries if feed is not None else ()
    failed = sum(one.state is DeliveryState.FAILED for one in deliveries)
    seconds = f' time="{feed.seconds:.3f}"' if feed else ""
    counts = f'tests="{len(groups) + len(deliveries) + 1}" failures="{bad + held + failed}" errors="0" skipped="0"'
    shown = _attribute(name or CATALOG)
    yield f"  <testsuite name={shown} {counts}{seconds}>\n"
    yield from _feed_case(shown, feed)
    for delivery in deliveries:
        yield from _delivery_case(shown, delivery)
    for group in groups:
        yield from _case(shown, group)
    yield "  </testsuite>\n"


def _feed_case(suite: str, feed: FeedReport | None) -> Iterator[str]:
    """Whether the feed could be published; of the catalog, that it could be read."""
    yield f'    <testcase classname={suite} name="{"is published" if feed else "is read"}"'
    if feed is None or feed.state not in NOT_DONE:
        yield "/>\n"
        return
    yield f">\n      <failure type={_attribute(feed.state)} message={_attribute(feed.reason)}/>\n    </testcase>\n"


def _delivery_case(suite: str, delivery: Delivery) -> Iterator[str]:
    """Whether a target has the feed."""
    name = _attribute(f"is delivered to {delivery.target}")
    yield f'    <testcase classname={suite} name={name} time="{delivery.seconds:.3f}">\n'
    where = harmless(place_of(delivery))
    if delivery.state is DeliveryState.FAILED:
        lines = "\n".join(filter(None, (where, f"fix: {harmless(delivery.help)}" if delivery.help else "")))
        kind = f"type={_attribute('delivery-failed')} message={_attribute(delivery.reason)}"
        yield f"      <failure {kind}>{_text(lines)}</failure>\n"
    else:
        yield f"      <system-out>{_text(f'{delivery.state}: {where}')}</system-out>\n"
    yield "    </testcase>\n"


def _case(suite: str, group: Group) -> Iterator[str]:
    issue = group.first[0]
    name = f"{issue.code} {issue.field}".strip()
    yield f"    <testcase classname={suite} name={_attribute(name)}"
    yield f' file={_attribute(issue.place.path)} line="{issue.place.row or 0}">\n' if issue.place.path else ">\n"
    lines = "\n".join(_lines(group))
    if issue.severity is Severity.ERROR:
        message = f"{issue.message} ({group.count:,})"
        yield f"      <failure type={_attribute(issue.code)} message={_attribute(message)}>{_text(lines)}</failure>\n"
    else:
        yield f"      <system-out>{_text(f'{issue.severity}: {lines}')}</system-out>\n"
    yield "    </testcase>\n"


def _lines(group: Group) -> Iterator[str]:
    for issue in group.first:
        value = f' "{issue.value}"' if issue.value else ""
        yield harmless(f"{issue.place}: {issue.product} {issue.message}{value}")
    if group.count > len(group.first):
        yield f"... and {group.count - len(group.first):,} more"
    if group.first[0].help:
        yield harmless(f"fix: {group.first[0].help}")


def _attribute(text: str) -> str:
    return quoteattr(str(encodable(harmless(text))))


def _text(text: str) -> str:
    return str(encodable(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
