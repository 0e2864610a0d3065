"""What a user asks of a run, and the project and feeds it comes to."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path, PurePath
from typing import Any

from feedsmith.definitions.load import (
    Channel,
    Project,
    channel_files,
    load_channel,
    load_project,
    project_file,
    project_from,
)
from feedsmith.definitions.model import nearest
from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec, chosen, resolve_feeds
from feedsmith.errors import UsageError
from feedsmith.issues import Place

COMMAND_LINE = Place("command line")
STATE = ".feedsmith"


@dataclass(frozen=True)
class FeedFile:
    """The feed that a lint reads. What is not given of the market is guessed from its values."""

    path: Path
    channel: str
    item: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    country: str | None = None
    language: str | None = None
    currency: str | None = None


File = Path | str
"""A file on this computer, or the address of one elsewhere."""


@dataclass(frozen=True)
class Request:
    """The options that commands share. Patterns choose feeds; empty lists mean all.

    `feed` is one that something else wrote: it is read and checked, in place of a catalog.
    `state` is where the run keeps its state in place of the project's own, so that a trial leaves no trace.
    `dry_run` is an export that writes nothing, and says what guards would say. `delta` asks for what changed alone.
    `catalog` are files or addresses in place of the main source's, `sources` those of other sources by name.
    """

    project: Path | None = None
    env: str | None = None
    catalog: tuple[File, ...] = ()
    sources: tuple[tuple[str, File], ...] = ()
    channels: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    as_of: datetime | None = None
    workers: int | None = None
    limit: int | None = None
    site: str = ""
    out: Path | None = None
    state: Path | None = None
    write: bool = False
    dry_run: bool = False
    delta: bool = False
    force: bool = False
    publish: bool = False
    wait: float = 0
    here: Path = field(default_factory=Path.cwd)
    feed: FeedFile | None = None

    @property
    def now(self) -> datetime:
        """The run's clock: the day that was asked for, else now."""
        return self.as_of or datetime.now(UTC).replace(microsecond=0)


def clock(text: str, option: str = "--as-of") -> datetime:
    """The value of `--as-of` or a like option: a day (its start in UTC) or a moment.

    Raises:
        UsageError: it is neither.
    """
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
        moment = datetime.combine(moment.date(), time(), UTC) if len(text) == len("2026-11-22") else moment
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise UsageError(COMMAND_LINE, f"{option} {text!r} is no date", "for example 2027-01-31")


def open_project(request: Request) -> Project:
    """The project that the request names or stands in; without one, a project made of its catalog and channels.

    Raises:
        UsageError: there is no project, and no catalog with a channel.
        DefinitionError: the project file is wrong.
    """
    path = project_file(request.project, request.here)
    if path is not None:
        if request.site:
            hint = "write `market: {site: …}` there, or run in a folder without a project"
            raise UsageError(COMMAND_LINE, f"--site is for a catalog alone, and there is a project: {path.name}", hint)
        return load_project(path, request.env)
    check_site(request.site)
    if not request.catalog:
        hint = "go to the project's folder, name it by --project, or give --catalog FILE --channel NAME"
        raise UsageError(Place(str(request.here)), "there is no feedsmith.yaml here or above", hint)
    return project_from(_made_up(request), request.here)


def check_site(site: str) -> None:
    """See that `--site` holds an address, or nothing.

    Raises:
        UsageError: it holds something else.
    """
    if site and not site.startswith(("http://", "https://")):
        raise UsageError(COMMAND_LINE, f"--site {site!r} is no address", "for example https://www.example.com")


def _made_up(request: Request) -> Node:
    """The project that `--catalog FILE --channel NAME` stands for."""
    title = PurePath(request.catalog[0]).stem
    feeds: dict[str, Any] = {name: _node({"channel": _node(name), "title": _node(title)}) for name in request.channels}
    paths = [_node(str(path)) for path in request.catalog]
    catalog = _node({"source": _node({"path": Node(paths, COMMAND_LINE, COMMAND_LINE)})})
    market = {"market": _node({"site": _node(request.site)})} if request.site else {}
    return _node({"catalog": catalog, "feeds": _node(feeds), **market})


def _node(value: Any) -> Node:
    return Node(value, COMMAND_LINE, COMMAND_LINE)


def state_folder(request: Request, project: Project) -> Path:
    """Where runs keep their state: beside the project file, else in the output folder."""
    if request.state is not None:
        return request.state
    if project.root.place == COMMAND_LINE:
        return out_folder(request, project) / STATE
    return project.folder / STATE


def out_folder(request: Request, project: Project) -> Path:
    """Where feeds are written."""
    return request.out if request.out is not None else project.folder / "out"


def chosen_feeds(request: Request, project: Project) -> tuple[list[FeedSpec], Mapping[str, Channel]]:
    """The feeds that the request asks for, and their channels.

    Raises:
        UsageError: nothing fits, or the project has no feed.
        DefinitionError: a feed or channel is wrong.
    """
    specs = resolve_feeds(project, request.now.date())
    files = channel_files(project.folder)
    for name in request.channels:
        if name not in files and "*" not in name:
            load_channel(name, files, COMMAND_LINE)
    picked = chosen(specs, list(request.feeds), list(request.channels), list(request.markets))
    if not picked:
        raise _nothing_chosen(request, specs)
    channels = {spec.channel: load_channel(spec.channel, files, spec.channel_node.place) for spec in picked}
    return picked, {name: channel.on(request.now.date()) for name, channel in channels.items()}


def _nothing_chosen(request: Request, specs: list[FeedSpec]) -> UsageError:
    if not specs:
        return UsageError(
            COMMAND_LINE, "there is no feed to make", "name a channel by --channel, or add feeds: to the project"
        )
    asked = " ".join([*request.feeds, *request.channels, *request.markets])
    known = (
        {spec.name for spec in specs} | {spec.channel for spec in specs} | {spec.market.name for spec in specs} - {""}
    )
    return UsageError(COMMAND_LINE, f"no feed of the project fits {asked!r}", nearest(asked, known))
