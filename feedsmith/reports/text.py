"""The report for people: issues of a kind in one block with the first places, then what became of each feed.

One pass over the issues; in memory are a counter and the first issues of each group, however many there are.
"""

from collections import Counter
from collections.abc import Iterator

from feedsmith.issues import Issue, Severity
from feedsmith.reports.deliveries import delivered_in_all, delivery_lines, not_delivered
from feedsmith.reports.figures import told_number, told_size
from feedsmith.reports.groups import Group, Groups
from feedsmith.reports.harmless import harmless
from feedsmith.reports.report import NOT_DONE, DeltaReport, FeedReport, FeedState, Report
from feedsmith.reports.style import PLAIN, Style

LISTED = 1_000
"""Issues of one code in one feed that the verbose list shows; the rest is counted."""

COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
STATE_COLOURS = {
    FeedState.PUBLISHED: "green",
    FeedState.UNCHANGED: "green",
    FeedState.CHECKED: "green",
    FeedState.HELD: "bold yellow",
    FeedState.FAILED: "bold red",
}
VERDICTS = {
    FeedState.PUBLISHED: "{items} published to {files}",
    FeedState.UNCHANGED: "{items} unchanged in {files}",
    FeedState.CHECKED: "{items} checked, nothing written",
    FeedState.HELD: "held: {reason}; nothing new was published; the candidate has {items}{where}",
    FeedState.FAILED: "failed: {reason}; nothing new was published",
}
COUNTED = {
    "product": ("product", "products"),
    "group": ("product", "products"),
    "store": ("pair of product and store", "pairs of product and store"),
    "region": ("pair of product and region", "pairs of product and region"),
    "promotion": ("promotion", "promotions"),
    "review": ("review", "reviews"),
}
"""Kind of item → what a feed's figures count, one and several."""


def text_report(report: Report, style: Style = PLAIN) -> Iterator[str]:
    """The report as lines for people; a quiet one without errors and with all feeds well is empty."""
    groups = Groups()
    yield from _list_and_group(report, groups, style)
    yield from _blocks(report, groups, style)
    feeds = [feed for feed in report.feeds if not style.quiet or feed.state in NOT_DONE or any(not_delivered(feed))]
    for feed in feeds:
        yield from _feed_lines(feed, style)
    if feeds or groups.found or not style.quiet:
        yield last_line(report)


def _list_and_group(report: Report, groups: Groups, style: Style) -> Iterator[str]:
    """Fill `groups` in one pass; verbose, also give a line for each issue, up to `LISTED` of a code in a feed."""
    verbose = style.verbose and not style.quiet
    listed: Counter[tuple[str, str]] = Counter()
    for issue in report.issues():
        if style.quiet and issue.severity != Severity.ERROR:
            continue
        groups.add(issue)
        if verbose:
            listed[issue.feed, issue.code] += 1
            if listed[issue.feed, issue.code] <= LISTED:
                yield _concise(issue, style)
    for (feed, code), number in listed.items():
        if number > LISTED:
            name = harmless(feed or "catalog")
            yield f"{name}: {harmless(code)}: {number - LISTED:,} more, of {number:,} in all\n"
    if listed:
        yield "\n"


def _concise(issue: Issue, style: Style) -> str:
    """One line that an editor can jump from and `grep` can find."""
    value = f': "{harmless(issue.value)}"' if issue.value else ""
    whose = ", ".join(harmless(name) for name in (issue.product, issue.feed) if name)
    return f"{_place(issue)}: {_title(issue, style)}{harmless(issue.message)}{value}{f' [{whose}]' if whose else ''}\n"


def _blocks(report: Report, groups: Groups, style: Style) -> Iterator[str]:
    """A block for each group: the catalog's own first, then feed by feed; the graver and more numerous first."""
    former = None
    for group in groups.ranked(report):
        feed = group.first[0].feed
        if feed != former:
            channel = group.first[0].channel
            yield _heading(feed, channel, style)
            former = feed
        yield from _block(group, style)
        yield "\n"


def _heading(feed: str, channel: str, style: Style) -> str:
    named = f"{harmless(feed)} ({harmless(channel)})" if channel else harmless(feed)
    return style.paint(named if feed else "catalog", "bold") + "\n"


def _block(group: Group, style: Style) -> Iterator[str]:
    """Title with the message if all share it, the first places, then the remedy."""
    first = group.first[0]
    same = all(issue.message == first.message for issue in group.first)
    number = told_number(group.count, "issue")
    yield f"{_title(first, style)}{harmless(first.message) + ' ' if same else ''}({number})\n"
    for issue in group.first:
        parts = [_place(issue), harmless(issue.product), f'"{harmless(issue.value)}"' if issue.value else ""]
        parts.append("" if same else harmless(issue.message))
        yield "  --> " + "  ".join(part for part in parts if part) + "\n"
    if group.count > len(group.first):
        yield f"      ... and {group.count - len(group.first):,} more\n"
    if first.help:
        yield f"   = fix: {harmless(first.help)}\n"
    if first.reference:
        yield f"   = see: {harmless(first.reference)}\n"


def _title(issue: Issue, style: Style) -> str:
    title = style.paint(f"{issue.severity}[{harmless(issue.code)}]", COLOURS[issue.severity])
    return f"{title} {harmless(issue.field)}: " if issue.field else f"{title} "


def _place(issue: Issue) -> str:
    return harmless(str(issue.place))


def _feed_lines(feed: FeedReport, style: Style) -> Iterator[str]:
    """The verdict on a feed and, verbose, how many items have each field."""
    reason = harmless("; ".join(line.strip() for line in feed.reason.splitlines()))
    where = f" and lies in {harmless(feed.candidate)}" if feed.candidate else ""
    items = _delta(feed.delta) if feed.delta is not None and feed.delta.partial else told_number(feed.items, "item")
    verdict = VERDICTS[feed.state].format(items=items, files=_files(feed), reason=reason, where=where)
    figures = f", {feed.rejected:,} rejected, {feed.filtered:,} filtered, of {_counted(feed)}"
    counted = "" if feed.state == FeedState.FAILED else figures
    yield f"{style.paint(harmless(feed.name), STATE_COLOURS[feed.state])}: {verdict}{counted}\n"
    if feed.delta is not None and feed.state != FeedState.FAILED and (feed.delta.since or feed.delta.partial):
        yield f"  {_changes(feed.delta)}\n"
    yield from delivery_lines(feed, style)
    if style.verbose and not style.quiet and feed.fill:
        width = max(map(len, feed.fill))
        for name, share in feed.fill.items():
            yield f"  {harmless(name):{width}}  {share:7.1%} of items\n"


def _delta(delta: DeltaReport) -> str:
    return f"a delta of {told_number(delta.new + delta.changed, 'product')} and {told_number(delta.deleted, 'delete')}"


def _changes(delta: DeltaReport) -> str:
    """What changed since the last whole feed; without one, that a delta holds everything."""
    if not delta.since:
        return "no whole version is known to compare it with, so it holds everything; export it once without --delta"
    kinds = {"new": delta.new, "changed": delta.changed, "unchanged": delta.unchanged, "deleted": delta.deleted}
    told = [f"{number:,} {word}" for word, number in kinds.items()]
    told += [f"{delta.left:,} left and not deleted"] if delta.left else []
    return f"since run {delta.since}: {', '.join(told)}"


def _counted(feed: FeedReport) -> str:
    one, several = COUNTED[feed.item]
    return f"{feed.products_in:,} {one if feed.products_in == 1 else several}"


def _files(feed: FeedReport) -> str:
    """The one file, or the first and last of several, with the size of all."""
    if not feed.files:
        return "no file"
    first, last = harmless(feed.files[0].path), harmless(feed.files[-1].path)
    size = told_size(sum(file.bytes for file in feed.files))
    return f"{first} ({size})" if first == last else f"{len(feed.files)} files, {first} to {last} ({size})"


def last_line(report: Report) -> str:
    """The verdict on the run: feeds by state, issues by severity."""
    states = Counter(feed.state for feed in report.feeds)
    feeds = ", ".join(f"{told_number(states[state], 'feed')} {state}" for state in FeedState if states[state])
    totals = ((severity, report.total(severity)) for severity in Severity)
    issues = ", ".join(told_number(total, severity) for severity, total in totals if total)
    delivered = delivered_in_all(report)
    known = f"; {told_number(report.known, 'issue')} of {harmless(report.known_of)} not shown" if report.known else ""
    return f"{feeds or told_number(report.products, 'product') + ' read'}; {issues or 'no issues'}{known}{delivered}\n"
