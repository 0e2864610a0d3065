"""How well a catalog fits each channel: the share of products that would be taken, and the fields that lack most.

Every channel is a feed without rules of its own: the channel's own rules, and what the project says for all its feeds.
One pass over the catalog serves all channels, and only figures are kept.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from feedsmith.definitions.load import Channel, Project, channel_files, load_channel
from feedsmith.definitions.model import nearest, validated
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import ProjectDefinition
from feedsmith.errors import DefinitionError, UsageError
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.engine import Engine, HereEngine, LocalEngine, running
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.fit_worker import Figures, fit_part, start_fit, start_fit_here
from feedsmith.run.job import Job
from feedsmith.run.many import workers_for
from feedsmith.run.opening import open_job
from feedsmith.run.parts import run_parts
from feedsmith.run.ranking import work_out_ranks
from feedsmith.run.request import COMMAND_LINE, Request, open_project
from feedsmith.run.worker import leave_job
from feedsmith.sources.table import check_unchanged
from feedsmith.values.codes import COUNTRIES

NEEDS = {"store": "stores", "region": "regions", "promotion": "promotions", "review": "reviews"}
"""What items are made of, where that is not products alone → the key under `catalog:` that names it."""
PLAIN = " without shared rules"
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Fit:
    """How a catalog fits a channel: its figures, or what `lacks` for it to be tried.

    `note` says why it was tried without the rule sets that the project's feeds share.
    """

    channel: Channel
    figures: Figures
    lacks: str = ""
    note: str = ""

    @property
    def asked(self) -> int:
        """The products (or other items) that the project's own conditions leave in."""
        return self.figures.taken - self.figures.filtered

    @property
    def share(self) -> float:
        """The share of them that has no error; 0 without any."""
        return self.figures.ready / self.asked if self.asked else 0.0

    def blockers(self) -> list[tuple[str, int, int]]:
        """Field, products that it alone keeps out, products in which it has an error; the worst first."""
        alone, any_ = self.figures.alone, self.figures.any_
        return sorted(((name, alone[name], any_[name]) for name in any_), key=lambda one: (-one[1], -one[2], one[0]))


def fit(request: Request, patterns: tuple[str, ...] = (), progress: Progress | None = None) -> tuple[list[Fit], int]:
    """Try the catalog of the request in every channel that fits a pattern, the best first; and the products read.

    Raises:
        FeedsmithError: the project, the catalog or a pattern is wrong.
    """
    country = request.markets[0] if request.markets else ""
    project = open_project(replace(request, channels=()))
    channels = _channels(project, patterns)
    lacking = {name: _lacks(project, channel) for name, channel in channels.items()}
    tried = [name for name, lacks in lacking.items() if not lacks]
    found = [Fit(channels[name], Figures(), lacks) for name, lacks in lacking.items() if lacks]
    rows = 0
    if tried:
        asked = _project(project, tried, country)
        with tempfile.TemporaryDirectory(prefix="feedsmith-") as folder:
            job, _ = open_job(replace(request, channels=(), feeds=(), markets=()), asked, Path(folder))
            job, feeds, wrong = _compiled(job)
            figures, rows = _figures(request, job, feeds, progress)
        found += [Fit(channels[name], one, note=wrong.pop(name, "")) for name, one in figures.items()]
        found += [Fit(channels[name], Figures(), problem) for name, problem in wrong.items()]
    return sorted(found, key=lambda one: (bool(one.lacks), -one.share, one.channel.name)), rows


def _channels(project: Project, patterns: tuple[str, ...]) -> dict[str, Channel]:
    files = channel_files(project.folder)
    names = [name for name in files if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)]
    if not names:
        asked = " ".join(patterns)
        raise UsageError(COMMAND_LINE, f"no channel fits {asked!r}", nearest(asked, files))
    return {name: load_channel(name, files, COMMAND_LINE) for name in names}


def _lacks(project: Project, channel: Channel) -> str:
    """What the project has no source of, though the channel's items are made of it."""
    key = NEEDS.get(channel.definition.item, "")
    return (
        f"needs {key}: name them under catalog: {key}:" if key and not getattr(project.definition.catalog, key) else ""
    )


def _project(project: Project, names: list[str], market: str) -> Project:
    """The project with other feeds: for each channel one with the rule sets that its own feeds share, and one without.

    Raises:
        UsageError: there is no such market.
    """
    known = project.definition.markets
    settings: dict[str, Node] = {}
    if market and market not in known:
        if known or market not in COUNTRIES:
            hint = nearest(market, known) or "a country's two letters, such as NL"
            raise UsageError(COMMAND_LINE, f"there is no market {market!r}", hint)
        settings["market"] = _node({"country": _node(market)})
    elif known:
        settings["markets"] = _node([_node(market or next(iter(known)))])
    shared = _node([_node(name) for name in _shared(project)])
    plain = {name: {"channel": _node(name), **settings} for name in names}
    feeds = {name: _node({**one, "extends": shared}) for name, one in plain.items()}
    feeds |= {f"{name}{PLAIN}": _node(one) for name, one in plain.items()}
    root = project.root.with_entries({**project.root.map, "feeds": _node(feeds)})
    return replace(project, root=root, definition=validated(ProjectDefinition, root))


def _shared(project: Project) -> Iterator[str]:
    """The rule sets that all feeds of the project extend."""
    feeds = list(project.definition.feeds.values())
    for name in feeds[0].extends if feeds else ():
        if all(name in feed.extends for feed in feeds):
            yield name


def _node(value: "dict[str, Node] | list[Node] | str") -> Node:
    return Node(value, COMMAND_LINE, COMMAND_LINE)


def _compiled(job: Job) -> tuple[Job, dict[int, CompiledFeed], dict[str, str]]:
    """The job with one feed a channel, these feeds by number, and what was wrong with the others, by channel.

    A shared rule may not fit a channel, such as a cut to a limit that it has not: then the feed without them counts.
    """
    feeds: dict[str, tuple[int, CompiledFeed]] = {}
    wrong: dict[str, str] = {}
    for number, spec in enumerate(job.specs):
        if spec.channel in feeds:
            continue
        try:
            feeds[spec.channel] = number, compile_feed(job, spec)
        except DefinitionError as error:
            wrong.setdefault(spec.channel, f"{error.place}: {error.problem}" if error.place else error.problem)
    numbered = dict(feeds.values())
    streams = tuple(
        replace(stream, feeds=tuple(number for number in stream.feeds if number in numbered)) for stream in job.streams
    )
    return replace(job, streams=streams), numbered, wrong


def _figures(
    request: Request, job: Job, feeds: Mapping[int, CompiledFeed], progress: Progress | None
) -> tuple[Mapping[str, Figures], int]:
    found = {job.specs[number].channel: Figures() for number in feeds}
    rows: Counter[int] = Counter()
    done = 0
    work_out_ranks(job, feeds, request.limit)
    with _engine(request, job, feeds) as engine:
        for _, result in run_parts(job, engine, fit_part, request.limit):
            for number, figures in result.figures.items():
                found[job.specs[number].channel].add(figures)
            rows[result.stream] += result.rows
            done += result.bytes
            if progress is not None:
                progress(done, job.bytes, rows[0])
    for stream in job.streams:
        for table in stream.tables:
            check_unchanged(table)
    return found, rows[0]


@contextmanager
def _engine(request: Request, job: Job, feeds: Mapping[int, CompiledFeed]) -> Iterator[Engine]:
    workers = workers_for(request, job.bytes)
    if workers == 1:
        yield HereEngine(start_fit_here, (job, feeds))
        return
    with running(LocalEngine(workers, start_fit, (leave_job(job),))) as engine:
        yield engine
