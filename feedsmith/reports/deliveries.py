"""What became of the deliveries of feeds, for people."""

from collections import Counter
from collections.abc import Iterator

from feedsmith.reports.figures import told_size
from feedsmith.reports.harmless import harmless
from feedsmith.reports.report import Delivery, DeliveryState, FeedReport, Report
from feedsmith.reports.style import PLAIN, Style
from feedsmith.texts.catalogue import Texts

ENGLISH = Texts()
COLOURS = {
    DeliveryState.DELIVERED: "green",
    DeliveryState.UNCHANGED: "green",
    DeliveryState.PLANNED: "cyan",
    DeliveryState.FAILED: "bold red",
}
VERDICTS = {
    DeliveryState.DELIVERED: "delivered to {place} ({size}, {seconds} s)",
    DeliveryState.UNCHANGED: "unchanged at {place}; not sent again",
    DeliveryState.PLANNED: "would be delivered to {place}",
    DeliveryState.FAILED: "failed at {place}: {reason}",
}


def delivery_lines(feed: FeedReport, style: Style = PLAIN) -> Iterator[str]:
    """A line for each target of a feed, with what helps where it failed; a quiet one tells of failures only."""
    for one in feed.deliveries if not style.quiet else not_delivered(feed):
        texts = style.texts
        place, reason = harmless(place_of(one, texts)), _line(one.reason, texts)
        verdict = texts(
            VERDICTS[one.state], place=place, size=told_size(one.bytes), seconds=f"{one.seconds:.1f}", reason=reason
        )
        yield f"  {style.paint(harmless(one.target), COLOURS[one.state])}: {verdict}\n"
        yield from (f"    = {texts('note')}: {_line(note, texts)}\n" for note in one.notes)
        if one.help:
            yield f"    = {texts('fix')}: {_line(one.help, texts)}\n"


def not_delivered(feed: FeedReport) -> Iterator[Delivery]:
    """The deliveries of a feed that failed."""
    return (one for one in feed.deliveries if one.state is DeliveryState.FAILED)


def delivered_in_all(report: Report, texts: Texts) -> str:
    """How many deliveries ended how, to be put behind a verdict; empty without any."""
    states = Counter(one.state for feed in report.feeds for one in feed.deliveries)
    if not states:
        return ""
    ended = ", ".join(f"{texts.number(states[state])} {texts(state)}" for state in DeliveryState if states[state])
    return f"; {texts.count(states.total(), '1 delivery', '{number} deliveries')}: {ended}"


def publish_text(report: Report, style: Style = PLAIN) -> Iterator[str]:
    """The report of `feedsmith publish`: each feed with its targets, then the verdict."""
    texts = style.texts
    for feed in report.feeds:
        if style.quiet and not any(not_delivered(feed)):
            continue
        files = ", ".join(harmless(file.path) for file in feed.files[:1])
        if others := len(feed.files) - 1 if feed.files else 0:
            files += " " + texts.count(others, "and 1 more file", "and {number} more files")
        size = told_size(sum(file.bytes for file in feed.files))
        items = texts.count(feed.items, "1 item", "{number} items")
        yield f"{harmless(feed.name)}: {texts('{items} in {files}', items=items, files=files)} ({size})\n"
        yield from delivery_lines(feed, style)
    if not style.quiet or any(any(not_delivered(feed)) for feed in report.feeds):
        feeds = texts.count(len(report.feeds), "1 feed", "{number} feeds")
        yield f"{feeds}{delivered_in_all(report, texts) or '; ' + texts('no deliveries')}\n"


def place_of(one: Delivery, texts: Texts = ENGLISH) -> str:
    """Address and name; of several files the first one's, and how many there are."""
    if not one.files or not one.to.endswith("/"):
        joined = one.to if not one.files or one.to.startswith(("http://", "https://")) else f"{one.to}/{one.files[0]}"
    else:
        joined = one.to + one.files[0]
    return joined + (f" {texts('and {number} more', number=len(one.files) - 1)}" if len(one.files) > 1 else "")


def _line(text: str, texts: Texts) -> str:
    return harmless("; ".join(texts.message(line.strip()) for line in text.splitlines()))
