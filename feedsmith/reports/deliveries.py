"""What became of the deliveries of feeds, for people."""

from collections import Counter
from collections.abc import Iterator

from feedsmith.reports.figures import told_number, told_size
from feedsmith.reports.harmless import harmless
from feedsmith.reports.report import Delivery, DeliveryState, FeedReport, Report
from feedsmith.reports.style import PLAIN, Style

COLOURS = {
    DeliveryState.DELIVERED: "green",
    DeliveryState.UNCHANGED: "green",
    DeliveryState.PLANNED: "cyan",
    DeliveryState.FAILED: "bold red",
}
VERDICTS = {
    DeliveryState.DELIVERED: "delivered to {place} ({size}, {seconds:.1f} s)",
    DeliveryState.UNCHANGED: "unchanged at {place}; not sent again",
    DeliveryState.PLANNED: "would be delivered to {place}",
    DeliveryState.FAILED: "failed at {place}: {reason}",
}


def delivery_lines(feed: FeedReport, style: Style = PLAIN) -> Iterator[str]:
    """A line for each target of a feed, with what helps where it failed; a quiet one tells of failures only."""
    for one in feed.deliveries if not style.quiet else not_delivered(feed):
        verdict = VERDICTS[one.state].format(
            place=harmless(place_of(one)), size=told_size(one.bytes), seconds=one.seconds, reason=_line(one.reason)
        )
        yield f"  {style.paint(harmless(one.target), COLOURS[one.state])}: {verdict}\n"
        yield from (f"    = note: {_line(note)}\n" for note in one.notes)
        if one.help:
            yield f"    = fix: {_line(one.help)}\n"


def not_delivered(feed: FeedReport) -> Iterator[Delivery]:
    """The deliveries of a feed that failed."""
    return (one for one in feed.deliveries if one.state is DeliveryState.FAILED)


def delivered_in_all(report: Report) -> str:
    """How many deliveries ended how, to be put behind a verdict; empty without any."""
    states = Counter(one.state for feed in report.feeds for one in feed.deliveries)
    if not states:
        return ""
    ended = ", ".join(f"{states[state]:,} {state}" for state in DeliveryState if states[state])
    return f"; {told_number(states.total(), 'delivery').replace('deliverys', 'deliveries')}: {ended}"


def publish_text(report: Report, style: Style = PLAIN) -> Iterator[str]:
    """The report of `feedsmith publish`: each feed with its targets, then the verdict."""
    for feed in report.feeds:
        if style.quiet and not any(not_delivered(feed)):
            continue
        files = ", ".join(harmless(file.path) for file in feed.files[:1])
        more = f" and {told_number(len(feed.files) - 1, 'more file')}" if len(feed.files) > 1 else ""
        size = told_size(sum(file.bytes for file in feed.files))
        yield f"{harmless(feed.name)}: {told_number(feed.items, 'item')} in {files}{more} ({size})\n"
        yield from delivery_lines(feed, style)
    if not style.quiet or any(any(not_delivered(feed)) for feed in report.feeds):
        yield f"{told_number(len(report.feeds), 'feed')}{delivered_in_all(report) or '; no deliveries'}\n"


def place_of(one: Delivery) -> str:
    """Address and name; of several files the first one's, and how many there are."""
    if not one.files or not one.to.endswith("/"):
        joined = one.to if not one.files or one.to.startswith(("http://", "https://")) else f"{one.to}/{one.files[0]}"
    else:
        joined = one.to + one.files[0]
    return joined + (f" and {len(one.files) - 1} more" if len(one.files) > 1 else "")


def _line(text: str) -> str:
    return harmless("; ".join(line.strip() for line in text.splitlines()))
