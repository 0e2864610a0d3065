"""Metrics of an export in Prometheus' text format, for the textfile collector of its node exporter.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/, and node_exporter's README on `textfile`.
"""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from feedsmith.issues import Severity
from feedsmith.publish.folder import Staging
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import FeedReport, FeedState, Report

GOOD = frozenset({FeedState.PUBLISHED, FeedState.UNCHANGED})
FAMILIES = {
    "last_run_timestamp_seconds": "When the last run ended.",
    "exit_code": "How the last run ended; 0 is good.",
    "run_seconds": "How long the last run took.",
    "last_success_timestamp_seconds": "When the feed was last published, or found unchanged.",
    "feed_products": "What the feed could have had as items.",
    "feed_items": "Items of the feed.",
    "feed_rejected": "Products that a check kept out of the feed.",
    "feed_filtered": "Products that a condition kept out of the feed.",
    "feed_held": "1 if a guard kept the published feed, else 0.",
    "feed_failed": "1 if the feed could not be made, else 0.",
    "feed_bytes": "Bytes of the feed's files.",
    "feed_seconds": "Seconds from the start of the run to the feed's publication.",
    "source_rows": "Records of the source.",
    "source_age_seconds": "Time since the source's file was changed.",
    "issues": "Issues by severity and feed; the feed is empty for the catalog itself.",
}
"""Name, without `feedsmith_`, and meaning of each metric. All of them are gauges."""
PREFIX = "feedsmith_"
SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?P<labels>\{.*\})? \S+")


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a metric."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Name and labels, as they are written."""
        listed = ",".join(f'{name}="{_escaped(value)}"' for name, value in self.labels)
        return f"{PREFIX}{self.name}{f'{{{listed}}}' if listed else ''}"


def write_metrics(path: Path, report: Report | None, exit_code: int, seconds: float) -> None:
    """Put the metrics in place, in one step. Without a report, those of the last run stay, but for how this one ended.

    Raises:
        OutputError: the file cannot be written.
    """
    now = time.time()
    samples = {one.key: one.value for one in (*_run(exit_code, seconds, now), *_samples(report, now))}
    before = _before(path)
    if report is not None:  # of sources and issues only this run's count; other feeds may be another run's
        before = {key: value for key, value in before.items() if not key.startswith((f"{PREFIX}source_", f"{PREFIX}issues"))}  # fmt: skip # noqa: E501
    kept = {key: value for key, value in before.items() if key not in samples}
    with Staging(path.resolve().parent, path.name) as staging:
        staging.file.write(_text({**kept, **{key: _number(value) for key, value in samples.items()}}).encode())
        staging.commit(path.name)


def _run(exit_code: int, seconds: float, now: float) -> Iterator[Sample]:
    yield Sample("last_run_timestamp_seconds", now)
    yield Sample("exit_code", exit_code)
    yield Sample("run_seconds", seconds)


def _samples(report: Report | None, now: float) -> Iterator[Sample]:
    if report is None:
        return
    for feed in report.feeds:
        yield from _feed(feed, now)
    for source in report.sources:
        yield Sample("source_rows", source.rows, (("source", source.path),))
    for table in report.tables:
        with suppress(OSError):
            changed = table.file.stat().st_mtime
            yield Sample("source_age_seconds", now - changed, (("source", table.path),))
    issues: dict[tuple[str, Severity], int] = {}
    for (severity, name, _), number in report.counts.items():
        issues[name, severity] = issues.get((name, severity), 0) + number
    for (name, severity), number in sorted(issues.items()):
        yield Sample("issues", number, (("feed", name), ("severity", severity)))


def _feed(feed: FeedReport, now: float) -> Iterator[Sample]:
    labels = (("feed", feed.name), ("channel", feed.channel))
    figures = {
        "feed_products": feed.products_in, "feed_items": feed.items, "feed_rejected": feed.rejected,
        "feed_filtered": feed.filtered, "feed_held": feed.state is FeedState.HELD,
        "feed_failed": feed.state is FeedState.FAILED, "feed_seconds": feed.seconds,
    }  # fmt: skip
    for name, value in figures.items():
        yield Sample(name, float(value), labels)
    if feed.state in GOOD:
        yield Sample("last_success_timestamp_seconds", now, labels)
        yield Sample("feed_bytes", sum(file.bytes for file in feed.files), labels)


def _before(path: Path) -> dict[str, str]:
    """Key and value of what the last run wrote; nothing where that is missing or no such file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = (line.rpartition(" ") for line in lines if SAMPLE.fullmatch(line))
    return {key: value for key, _, value in found if key.partition("{")[0].removeprefix(PREFIX) in FAMILIES}


def _text(samples: dict[str, str]) -> str:
    return "".join(_family(name, samples.items()) for name in FAMILIES)


def _family(name: str, samples: Iterable[tuple[str, str]]) -> str:
    lines = [f"{key} {value}\n" for key, value in samples if key.partition("{")[0] == PREFIX + name]
    return "".join([f"# HELP {PREFIX}{name} {FAMILIES[name]}\n# TYPE {PREFIX}{name} gauge\n", *lines]) if lines else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def _escaped(text: str) -> str:
    return str(encodable(text)).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
