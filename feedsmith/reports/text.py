"""The report for people: issues of a kind in one block with the first places, then what became of each feed.

One pass over the issues; in memory are a counter and the first issues of each group, however many there are.
"""

from collections import Counter
from collections.abc import Iterator

from feedsmith.issues import Issue, Severity
from feedsmith.reports.deliveries import delivered_in_all, delivery_lines, not_delivered
from feedsmith.reports.figures import told_size
from feedsmith.reports.groups import Group, Groups
from feedsmith.reports.harmless import harmless
from feedsmith.reports.report import NOT_DONE, DeltaReport, FeedReport, FeedState, Report
from feedsmith.reports.style import PLAIN, Style
from feedsmith.texts.catalogue import Texts

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
    "product": ("1 product", "{number} products"),
    "group": ("1 product", "{number} products"),
    "delete": ("1 delete", "{number} deletes"),
    "store": ("1 pair of product and store", "{number} pairs of product and store"),
    "region": ("1 pair of product and region", "{number} pairs of product and region"),
    "promotion": ("1 promotion", "{number} promotions"),
    "review": ("1 review", "{number} reviews"),
    "item": ("1 item", "{number} items"),
    "issue": ("1 issue", "{number} issues"),
    "feed": ("1 feed {state}", "{number} feeds {state}"),
    "error": ("1 error", "{number} errors"),
    "warning": ("1 warning", "{number} warnings"),
    "info": ("1 info", "{number} infos"),
}
"""What is counted, one and several; a feed's figures by its kind of item."""
FIGURES = "{rejected} rejected, {filtered} filtered, of {all}"
ENGLISH_TEXTS = Texts()


def text_report(report: Report, style: Style = PLAIN) -> Iterator[str]:
    """The report as lines for people; a quiet one without errors and with all feeds well is empty."""
    groups = Groups()
    yield from _list_and_group(report, groups, style)
    yield from _blocks(report, groups, style)
    feeds = [feed for feed in report.feeds if not style.quiet or feed.state in NOT_DONE or any(not_delivered(feed))]
    for feed in feeds:
        yield from _feed_lines(feed, style)
    if feeds or groups.found or not style.quiet:
        yield last_line(report, style.texts)


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
            more = style.texts("{more} more, of {number} in all", more=number - LISTED, number=number)
            yield f"{name}: {harmless(code)}: {more}\n"
    if listed:
        yield "\n"


def _concise(issue: Issue, style: Style) -> str:
    """One line that an editor can jump from and `grep` can find."""
    value = f': "{harmless(issue.value)}"' if issue.value else ""
    whose = ", ".join(harmless(name) for name in (issue.product, issue.feed) if name)
    message = harmless(style.texts.message(issue.message))
    return f"{_place(issue)}: {_title(issue, style)}{message}{value}{f' [{whose}]' if whose else ''}\n"


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
    return style.paint(named if feed else style.texts("catalog"), "bold") + "\n"


def _block(group: Group, style: Style) -> Iterator[str]:
    """Title with the message if all share it, the first places, then the remedy."""
    first, texts = group.first[0], style.texts
    same = all(issue.message == first.message for issue in group.first)
    number = _number(group.count, "issue", texts)
    yield f"{_title(first, style)}{harmless(texts.message(first.message)) + ' ' if same else ''}({number})\n"
    for issue in group.first:
        parts = [_place(issue), harmless(issue.product), f'"{harmless(issue.value)}"' if issue.value else ""]
        parts.append("" if same else harmless(texts.message(issue.message)))
        yield "  --> " + "  ".join(part for part in parts if part) + "\n"
    if group.count > len(group.first):
        yield f"      ... {texts('and {number} more', number=group.count - len(group.first))}\n"
    if first.help:
        yield f"   = {texts('fix')}: {harmless(texts.remedy(first.code, first.help))}\n"
    if first.reference:
        yield f"   = {texts('see')}: {harmless(first.reference)}\n"


def _title(issue: Issue, style: Style) -> str:
    title = style.paint(f"{issue.severity}[{harmless(issue.code)}]", COLOURS[issue.severity])
    return f"{title} {harmless(issue.field)}: " if issue.field else f"{title} "


def _place(issue: Issue) -> str:
    return harmless(str(issue.place))


def _feed_lines(feed: FeedReport, style: Style) -> Iterator[str]:
    """The verdict on a feed and, verbose, how many items have each field."""
    texts = style.texts
    reason = harmless("; ".join(_reasons(feed.reason, texts)))
    where = texts(" and lies in {file}", file=harmless(feed.candidate)) if feed.candidate else ""
    delta = feed.delta
    items = _delta(delta, texts) if delta is not None and delta.partial else _number(feed.items, "item", texts)
    verdict = texts(VERDICTS[feed.state], items=items, files=_files(feed, texts), reason=reason, where=where)
    figures = texts(FIGURES, rejected=feed.rejected, filtered=feed.filtered, all=_counted(feed, texts))
    counted = "" if feed.state == FeedState.FAILED else f", {figures}"
    yield f"{style.paint(harmless(feed.name), STATE_COLOURS[feed.state])}: {verdict}{counted}\n"
    if delta is not None and feed.state != FeedState.FAILED and (delta.since or delta.partial):
        yield f"  {_changes(delta, texts)}\n"
    yield from delivery_lines(feed, style)
    if style.verbose and not style.quiet and feed.fill:
        width = max(map(len, feed.fill))
        for name, share in feed.fill.items():
            yield f"  {harmless(name):{width}}  {share:7.1%} {texts('of items')}\n"


def _reasons(reason: str, texts: Texts) -> Iterator[str]:
    """Why a feed was held or failed, each reason in the reader's language."""
    return (texts.reasons(line.strip()) for line in reason.splitlines())


def _delta(delta: DeltaReport, texts: Texts) -> str:
    products = _number(delta.new + delta.changed, "product", texts)
    return texts(
        "a delta of {products} and {deletes}", products=products, deletes=_number(delta.deleted, "delete", texts)
    )


def _changes(delta: DeltaReport, texts: Texts) -> str:
    """What changed since the last whole feed; without one, that a delta holds everything."""
    if not delta.since:
        return texts(
            "no whole version is known to compare it with, so it holds everything; export it once without --delta"
        )
    left = texts(", {left} left and not deleted", left=delta.left) if delta.left else ""
    figures = texts(
        "since run {run}: {new} new, {changed} changed, {same} unchanged, {gone} deleted",
        run=str(delta.since),
        new=delta.new,
        changed=delta.changed,
        same=delta.unchanged,
        gone=delta.deleted,
    )
    return figures + left


def _counted(feed: FeedReport, texts: Texts) -> str:
    return _number(feed.products_in, feed.item, texts)


def _files(feed: FeedReport, texts: Texts) -> str:
    """The one file, or the first and last of several, with the size of all."""
    if not feed.files:
        return texts("no file")
    first, last = harmless(feed.files[0].path), harmless(feed.files[-1].path)
    size = told_size(sum(file.bytes for file in feed.files))
    if first == last:
        return f"{first} ({size})"
    return texts("{number} files, {first} to {last}", number=len(feed.files), first=first, last=last) + f" ({size})"


def last_line(report: Report, texts: Texts = ENGLISH_TEXTS) -> str:
    """The verdict on the run: feeds by state, issues by severity."""
    states = Counter(feed.state for feed in report.feeds)
    told = ((states[state], texts(state)) for state in FeedState if states[state])
    feeds = ", ".join(texts.count(number, *COUNTED["feed"], state=state) for number, state in told)
    totals = ((severity, report.total(severity)) for severity in Severity)
    issues = ", ".join(_number(total, severity, texts) for severity, total in totals if total)
    known = _number(report.known, "issue", texts)
    of = harmless(texts(report.known_of))
    hidden = f"; {texts('{issues} of {known} not shown', issues=known, known=of)}" if report.known else ""
    read = texts("{products} read", products=_number(report.products, "product", texts))
    return f"{feeds or read}; {issues or texts('no issues')}{hidden}{delivered_in_all(report, texts)}\n"


def _number(number: int, thing: str, texts: Texts) -> str:
    return texts.count(number, *COUNTED[thing])
