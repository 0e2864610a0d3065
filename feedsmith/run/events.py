"""What happens in a run, for the log: `event` names it, further keys are its figures.

The log is written only where a command asks for it (`--log-format json`); the names are listed in docs/operations.md.
"""

import logging

from feedsmith.definitions.guards import CODES
from feedsmith.definitions.load import Project
from feedsmith.reports.report import Delivery, DeliveryState, FeedReport, FeedState, Report
from feedsmith.run.history import PastFeed
from feedsmith.run.request import Request

logger = logging.getLogger("feedsmith.run")
LEVELS = {FeedState.HELD: logging.WARNING, FeedState.FAILED: logging.ERROR}


def run_begins(request: Request, project: Project) -> None:
    """A run begins."""
    if logger.isEnabledFor(logging.INFO):
        about = {"project": str(project.folder.resolve()), "as_of": request.now.isoformat(), "writes": request.write}
        logger.info("run begins", extra={"event": "run-begin", **about})


def run_done(report: Report) -> None:
    """What became of a run's sources, guards and feeds."""
    if not logger.hasHandlers():
        return
    for source in report.sources:
        about = {"source": source.path, "system": source.system, "rows": source.rows}
        logger.info("source read", extra={"event": "source-read", "run": report.run, **about})
    for severity, feed, code in sorted(report.counts):
        if code in CODES:
            logger.warning("guard", extra={"event": "guard", "run": report.run, "feed": feed, "code": code, "severity": severity})  # fmt: skip # noqa: E501
    for one in report.feeds:
        logger.log(LEVELS.get(one.state, logging.INFO), "feed %s", one.state, extra=_feed(one, report.run))
        deliveries_done(one, report.run)


def deliveries_done(feed: FeedReport, run: int | None) -> None:
    """What became of a feed at its targets; `run` is the one that published it."""
    if not logger.hasHandlers():
        return
    for delivery in feed.deliveries:
        level = logging.ERROR if delivery.state is DeliveryState.FAILED else logging.INFO
        logger.log(level, "delivery %s", delivery.state, extra=_delivery(feed, delivery, run))


def put_in_place(feed: PastFeed, *, accepted: bool) -> None:
    """A candidate was accepted, or an earlier version put back."""
    word = "accepted" if accepted else "rolled-back"
    about: dict[str, object] = {"event": f"feed-{word}", "run": feed.run, "feed": feed.feed, "channel": feed.channel}
    about |= {"of_run": feed.origin, "items": feed.items, "bytes": sum(one.bytes for one in feed.files)}
    about |= {"files": [f"{feed.out}/{one.name}" for one in feed.files], "reason": feed.passed or feed.reason}
    logger.info("feed %s", word, extra=about)


def _feed(feed: FeedReport, run: int | None) -> dict[str, object]:
    about: dict[str, object] = {"event": f"feed-{feed.state}", "run": run, "feed": feed.name, "channel": feed.channel}
    about |= {"items": feed.items, "rejected": feed.rejected, "filtered": feed.filtered, "seconds": feed.seconds}
    about |= {"bytes": sum(file.bytes for file in feed.files), "files": [file.path for file in feed.files]}
    return about | ({"reason": feed.reason} if feed.reason else {})


def _delivery(feed: FeedReport, delivery: Delivery, run: int | None) -> dict[str, object]:
    about: dict[str, object] = {"event": f"delivery-{delivery.state}", "run": run, "feed": feed.name}
    about |= {"target": delivery.target, "to": delivery.to, "files": list(delivery.files), "bytes": delivery.bytes}
    return about | ({"reason": delivery.reason, "help": delivery.help} if delivery.reason else {})
