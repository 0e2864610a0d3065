"""Whether a new feed may replace the one that is published: its figures beside those of the versions before it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from feedsmith.definitions.channel import Envelope
from feedsmith.definitions.guards import GUARDS, REASONS, Guard, Levels
from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.report import FeedReport
from feedsmith.run.assemble import WrittenFile
from feedsmith.run.compared import Figures
from feedsmith.run.history import History, PastFeed, moment

VERSIONS = 5
"""Versions whose median number of items counts."""
WEEK = timedelta(days=7)
LISTED = 5
"""Fields that a message names."""
NEAR = 0.9
"""Share of a channel's limit of a file at which it is told that the limit is near."""


@dataclass(frozen=True)
class Past:
    """What stood before: the last good version, the last ones published, and the one of a week ago."""

    last: PastFeed
    published: tuple[PastFeed, ...]
    week: PastFeed | None

    @property
    def items(self) -> int:
        """The median number of items of the last versions."""
        numbers = sorted(one.items for one in self.published or (self.last,))
        middle = len(numbers) // 2  # the module `statistics` would take a tenth of the program's start
        found = numbers[middle] if len(numbers) % 2 else round((numbers[middle - 1] + numbers[middle]) / 2)
        return max(1, found)  # empty feeds may have been published on purpose


@dataclass(frozen=True)
class New:
    """A feed that is to be published: its figures, those beside the last version item by item, and what it asks for.

    `fields` are the channel's, `wanted` those among them that it requires or recommends.
    """

    report: FeedReport
    figures: Figures | None
    fields: Collection[str]
    wanted: Collection[str]


@dataclass(frozen=True)
class Alarm:
    """A guard that tripped: it holds the feed, or warns."""

    code: str
    holds: bool
    message: str
    help: str


def past_of(history: History, feed: str, out: str, now: datetime | None = None) -> Past | None:
    """What a feed is compared with; None before it was published whole for the first time."""
    last = history.last_good(feed, out)
    if last is None or last.partial:
        return None
    week_ago = moment((now or datetime.now(UTC)) - WEEK)
    week, published = history.good_at(feed, out, week_ago), history.published(feed, out, VERSIONS)
    whole = tuple(one for one in published if not one.partial)
    return Past(last, whole, week if week is not None and not week.partial else None)


def alarms(new: New, past: Past | None, levels: Mapping[str, Levels]) -> Iterator[Alarm]:
    """The guards that trip, those that hold first. A first version is compared with nothing."""
    found = [
        alarm
        for name, guard in GUARDS.items()
        if (past is not None or name in ALONE) and _large(guard, past)
        for alarm in MEASURES[name](guard, levels[name], new, past)
    ]
    yield from sorted(found, key=lambda alarm: not alarm.holds)


def reason_alarm(code: str, message: str) -> Alarm:
    """What holds a feed without any level."""
    return Alarm(code, True, message, REASONS[code].help)  # noqa: FBT003 - what the field says


def _large(guard: Guard, past: Past | None) -> bool:
    """Whether what it is compared with has enough items for a share to mean something."""
    return past is None or past.last.items >= guard.baseline


def _tripped(guard: Guard, levels: Levels, value: float, message: str) -> Iterator[Alarm]:
    """An alarm where the value passes a level; the message says which."""
    value = round(value, 6)  # a share of 5 % is not above 5 %
    for holds, level in ((True, levels.hold), (False, levels.warn)):
        if level is not None and (value < level if guard.least else value > level):
            amount = f"{level:,} items" if guard.unit == "items" else f"{level} {guard.unit}"
            bound = f"{'less' if guard.least else 'more'} than {amount}"
            follows = f"{bound} {'holds the feed' if holds else 'is worth a look'}"
            yield Alarm(guard.code, holds, f"{message}; {follows}", guard.help)
            return


# --- measures, each by the guard's name ----------------------------------------------------------------------------

Measure = Callable[[Guard, Levels, New, Any], Iterator[Alarm]]


def _min_items(guard: Guard, levels: Levels, new: New, _: Past | None) -> Iterator[Alarm]:
    yield from _tripped(guard, levels, new.report.items, _items(new.report.items))


def _max_drop(guard: Guard, levels: Levels, new: New, past: Past) -> Iterator[Alarm]:
    """Against the median, and against a week ago: a feed that loses a little each night is noticed as well."""
    before = [(past.items, f"where the last versions had {past.items:,}")]
    if past.week is not None and past.week.items >= guard.baseline:
        before.append((past.week.items, f"where there were {past.week.items:,} a week ago"))
    most, words = max(before)
    drop = 100 * (most - new.report.items) / most
    yield from _tripped(guard, levels, drop, f"{_items(new.report.items)} {words}: {drop:.1f} % fewer")


def _max_growth(guard: Guard, levels: Levels, new: New, past: Past) -> Iterator[Alarm]:
    growth = 100 * (new.report.items - past.items) / past.items
    message = f"{_items(new.report.items)} where the last versions had {past.items:,}: {growth:.1f} % more"
    yield from _tripped(guard, levels, growth, message)


def _max_rejected(guard: Guard, levels: Levels, new: New, _: Past | None) -> Iterator[Alarm]:
    share = _rejected(new.report)
    message = f"{new.report.rejected:,} products are rejected, {share:.1f} % of those that are not filtered"
    yield from _tripped(guard, levels, share, message)


def _max_rejected_rise(guard: Guard, levels: Levels, new: New, past: Past) -> Iterator[Alarm]:
    now, before = _rejected(new.report), _rejected(past.last)
    message = f"{now:.1f} % of the products are rejected where it were {before:.1f} %"
    yield from _tripped(guard, levels, now - before, message)


def _max_price_change(guard: Guard, levels: Levels, new: New, _: Past) -> Iterator[Alarm]:
    if (figures := _compared(guard, new, "priced")) is None:
        return
    if levels.hold is not None and figures.factor:
        message = f"{figures.factored:,} of {figures.priced:,} prices moved by one factor, {figures.factor}"
        yield Alarm(guard.code, True, f"{message}; a factor of more than half holds the feed", guard.help)  # noqa: FBT003
        return
    share = 100 * figures.moved / figures.priced
    message = f"{figures.moved:,} of {figures.priced:,} prices moved by more than {levels.by} %: {share:.1f} %"
    if figures.example:
        message += f", such as {figures.example}"
    yield from _tripped(guard, levels, share, message)


def _max_ids_changed(guard: Guard, levels: Levels, new: New, _: Past) -> Iterator[Alarm]:
    if (figures := _compared(guard, new, "before")) is None:
        return
    share = 100 * figures.gone / figures.before
    message = f"{figures.gone:,} of {figures.before:,} ids are gone, {figures.added:,} are new: {share:.1f} %"
    if figures.lost:
        message += f"; gone are {', '.join(figures.lost)}"
    yield from _tripped(guard, levels, share, message)


def _max_out_of_stock(guard: Guard, levels: Levels, new: New, _: Past) -> Iterator[Alarm]:
    if (figures := _compared(guard, new, "in_stock")) is None:
        return
    share = 100 * figures.sold_out / figures.in_stock
    message = f"{figures.sold_out:,} of {figures.in_stock:,} items in stock are out of stock now: {share:.1f} %"
    yield from _tripped(guard, levels, share, message)


def _max_erosion(guard: Guard, levels: Levels, new: New, past: Past) -> Iterator[Alarm]:
    """The field that lost most decides; one that the channel does not ask for only warns."""
    if not new.report.items:
        return
    lost = {
        name: (round(100 * (before - new.report.fill.get(name, 0)), 6), before, new.report.fill.get(name, 0))
        for name, before in past.last.fill.items()
        if name in new.fields
    }
    for wanted in (True, False):
        some = {name: one for name, one in lost.items() if (name in new.wanted) is wanted}
        allowed = levels if wanted else Levels(levels.warn, None)
        yield from _eroded(guard, allowed, some, empties=wanted)


def _eroded(
    guard: Guard, levels: Levels, lost: Mapping[str, tuple[float, float, float]], *, empties: bool
) -> Iterator[Alarm]:
    worst = sorted(lost.items(), key=lambda one: one[1], reverse=True)
    if not worst:
        return
    told = [f"{name} {before:.1%} → {now:.1%}" for name, (points, before, now) in worst if points > (levels.warn or 0)]
    message = f"filled in fewer items: {', '.join(told[:LISTED])}" + (" and others" if len(told) > LISTED else "")
    empty = [name for name, (points, before, now) in worst if points > (levels.warn or 0) and before and not now]
    if empties and empty and levels.hold is not None:
        yield Alarm(guard.code, True, f"{message}; {empty[0]}, which the channel asks for, is empty", guard.help)  # noqa: FBT003
        return
    yield from _tripped(guard, levels, worst[0][1][0], message)


def _compared(guard: Guard, new: New, count: Literal["before", "priced", "in_stock"]) -> Figures | None:
    """What was compared item by item; None where too few items have what the guard looks at."""
    found = new.figures
    return found if found is not None and getattr(found, count) >= guard.baseline else None


def _rejected(feed: FeedReport | PastFeed) -> float:
    """The share of rejected products among those that are not filtered, in per cent."""
    checked = feed.items + feed.rejected
    return 100 * feed.rejected / checked if checked else 0.0


def _items(number: int) -> str:
    return f"{number:,} item" if number == 1 else f"{number:,} items"


MEASURES: Mapping[str, Measure] = {
    "min_items": _min_items,
    "max_drop": _max_drop,
    "max_growth": _max_growth,
    "max_rejected": _max_rejected,
    "max_rejected_rise": _max_rejected_rise,
    "max_price_change": _max_price_change,
    "max_ids_changed": _max_ids_changed,
    "max_out_of_stock": _max_out_of_stock,
    "max_erosion": _max_erosion,
}
ALONE = frozenset({"min_items", "max_rejected"})
"""Guards that need nothing to compare with."""


# --- what is told --------------------------------------------------------------------------------------------------


def alarm_issue(
    alarm: Alarm, place: Place, report: FeedReport, candidate: tuple[int | None, str], *, forced: bool
) -> Issue:
    """The issue of a guard that tripped, with what to do; `candidate` is its run, and its name in the history."""
    run, name = candidate
    holds = alarm.holds and not forced
    message = alarm.message + ("; published by --force" if alarm.holds and forced else "")
    way = ""
    if holds and run is not None:
        accept = f'feedsmith runs accept {run} {name} --guard {alarm.code} --reason "…"'
        way = f"; if the new feed is right, `{accept}` publishes it, `feedsmith export --force` makes it anew"
    severity = Severity.ERROR if holds else Severity.WARNING
    return Issue(alarm.code, severity, message, place, feed=report.name, channel=report.channel, help=alarm.help + way)


def ledger_issue(problem: str, place: Place, report: FeedReport) -> Issue:
    """That a feed was not compared item by item, and why."""
    return Issue(
        "not-compared", Severity.WARNING, f"ids, prices and stock were not compared with the last version: {problem}",
        place, feed=report.name, channel=report.channel, help="nothing is to be done: the next run compares them again",
    )  # fmt: skip


def near_limit(envelope: Envelope, file: WrittenFile, place: Place, report: FeedReport) -> Iterator[Issue]:
    """That the feed's one file is nearly as large as the channel takes: then it becomes several, by other names."""
    for most, now, unit in ((envelope.items, file.items, "items"), (envelope.bytes, file.plain, "bytes")):
        if most is not None and now >= NEAR * most:
            yield Issue(
                "near-limit", Severity.WARNING,
                f"the feed has {now:,} {unit}, and the channel takes {most:,} in a file: a larger one becomes "
                "several files with numbers in their names, and this name goes",
                place, feed=report.name, channel=report.channel,
                help="tell the channel the new names in time, or split the feed by `where`",
            )  # fmt: skip
            return
