"""The manifest of an export: what it was made from, byte for byte, and what it made.

The same inputs and the same `--as-of` give the same manifest. Files are named as the project names them, hashes are
SHA-256 in hexadecimal digits, as `sha256sum` tells them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.meta import find_referenced_templates

from feedsmith import __version__
from feedsmith.definitions.load import Channel, template_file
from feedsmith.definitions.node import TEXTS, Node
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.issues import Issue
from feedsmith.reports.report import FeedReport
from feedsmith.run.job import Job
from feedsmith.run.recording import Recording
from feedsmith.run.unchanged import unchanged
from feedsmith.sources.table import Table

VERSION = 1
"""Of the manifest's form; it changes when a key changes its meaning."""
OFF = "off"
Hashes = dict[str, str | None]
"""Hash of each file by its name; None for one that is gone by now."""


@dataclass
class Making:
    """A manifest in the making. What could not be checked is found out before the run changes the history."""

    job: Job
    sources: Future[Hashes]
    not_checked: list[dict[str, str]]

    def unchanged(self, recording: Recording) -> list[Issue]:
        """The sources that should have changed since the runs before, and did not."""
        return unchanged(self.job.project, self.sources.result(), recording.history)

    def keep(self, feeds: Iterable[FeedReport], recording: Recording) -> dict[str, Any]:
        """The manifest of the finished run, which the history keeps too."""
        made = manifest(self.job, self.sources.result(), feeds, self.not_checked)
        if recording.number is not None:
            recording.history.keep_manifest(recording.number, made)
        return made


@contextmanager
def making(job: Job, recording: Recording, limit: int | None) -> Iterator[Making]:
    """Begin a manifest: sources are hashed in a thread, since the hash function lets other threads run."""
    with ThreadPoolExecutor(1) as thread:
        sources = thread.submit(_hashes, {table.shown: table.source for table in _tables(job)})
        yield Making(job, sources, list(_not_checked(job, recording, limit)))


def manifest(
    job: Job, sources: Hashes, feeds: Iterable[FeedReport], not_checked: list[dict[str, str]]
) -> dict[str, Any]:
    """Everything that the feeds hang on, and their hashes."""
    templates = {name: path for spec in job.specs for name, path in _templates(spec, job.channels[spec.channel], job)}
    return {
        "version": VERSION,
        "feedsmith": __version__,
        "as_of": job.now.isoformat(),
        "sources": _listed(sources),
        "project": _listed({**_definitions([job.project.root]), **_hashes(_project_files(job))}),
        "channels": _listed(_definitions(job.channels[spec.channel].node for spec in job.specs)),
        "templates": _listed(_hashes(templates)),
        "feeds": [_feed(one) for one in feeds],
        "not_checked": not_checked,
    }


def _listed(hashes: Hashes) -> list[dict[str, str | None]]:
    return [{"path": path, "sha256": digest} for path, digest in sorted(hashes.items())]


def _feed(feed: FeedReport) -> dict[str, Any]:
    files = [{"path": one.path, "items": one.items, "bytes": one.bytes, "sha256": one.sha256} for one in feed.files]
    return {"name": feed.name, "channel": feed.channel, "files": files}


def _tables(job: Job) -> Iterator[Table]:
    for stream in job.streams:
        yield from stream.sources
        for join in stream.joins:
            yield from join.tables


def _hashes(paths: Mapping[str, Path]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, path in paths.items():
        try:
            with path.open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found[name] = None
    return found


def _definitions(roots: Iterable[Node]) -> dict[str, str | None]:
    """The YAML files that these trees come from, as they were read."""
    names = {leaf.place.path for root in roots for _, leaf in root.leaves()}
    texts = {name: TEXTS[name] for name in names if name in TEXTS}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def _project_files(job: Job) -> dict[str, Path]:
    """The other files that the project names: tables, rates, lists, steps, workbooks."""
    project = job.project.definition
    names = [*project.tables.values(), *project.taxonomies.values(), *project.steps, *filter(None, [project.rates])]
    names += filter(None, [spec.workbook for spec in job.specs])
    for places in (project.catalog.stores, project.catalog.regions):
        names += getattr(places, "path", [])
    return {name: job.project.folder / name for name in names}


def _templates(spec: FeedSpec, channel: Channel, job: Job) -> Iterator[tuple[str, Path]]:
    """The feed's template, and all that it includes. A workbook has none."""
    if spec.workbook or channel.definition.format == "xlsx":
        return
    open_, known = [template_file(channel, job.project.folder)], set[Path]()
    parser = Environment()  # noqa: S701 - it only looks for names of files
    while open_:
        path = open_.pop()
        if path not in known and path.is_file():
            known.add(path)
            yield f"templates/{path.name}", path
            tree = parser.parse(path.read_text(encoding="utf-8-sig"))
            open_ += [path.parent / name for name in find_referenced_templates(tree) if name]


def _not_checked(job: Job, recording: Recording, limit: int | None) -> Iterator[dict[str, str]]:
    """What could not be checked in this run, and why."""
    if limit is not None:
        why = f"only the first {limit} products were read (--limit)"
        yield {"check": "what holds over all products: repeated ids, groups, guards", "feed": "", "why": why}
    for stream in job.streams:
        for join in stream.joins:
            if join.problem:
                yield {"check": f"values of the source {join.name}", "feed": "", "why": join.problem}
    for spec in job.specs:
        for name, (check, _) in sorted(spec.checks.items()):
            if check == OFF:
                yield {"check": name, "feed": spec.name, "why": "the project says off"}
        if recording.past(spec.name) is None:
            why = "the feed was not published before"
            yield {"check": "guards that compare with the last feed", "feed": spec.name, "why": why}
