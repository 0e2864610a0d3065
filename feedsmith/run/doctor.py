"""Is all in order here? What a run needs, looked at one by one, without a run."""

import os
import platform
import re
import secrets
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from feedsmith import __version__
from feedsmith.definitions.dated import change_days
from feedsmith.definitions.load import Project, load_channel
from feedsmith.definitions.node import Node
from feedsmith.errors import FeedsmithError, OutputError
from feedsmith.publish.folder import PREFIX
from feedsmith.publish.lock import HOLDER, LOCK, Holder
from feedsmith.publish.refusals import refusals
from feedsmith.run.request import COMMAND_LINE, Request, chosen_feeds, open_project, out_folder, state_folder
from feedsmith.sources.remote import VARIABLE, is_remote

DATABASE = "runs.sqlite"
OLD_DAYS = 365
"""Age from which a channel's specification should be read again."""
SOON_DAYS = 60
"""How far ahead changes of channels are told."""
LEAST_FREE = 200 << 20
"""Bytes that should be free where feeds are written."""
SKEW = 120.0
"""Seconds by which a file may be younger than the clock."""
PACKAGE = re.compile(r"[A-Za-z0-9._-]+")
MINIMUM = re.compile(r">=\s*([0-9.]+)")


class State(StrEnum):
    """How a check came out."""

    GOOD = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `exit_code` is what the command ends with where it is a problem."""

    check: str
    state: State
    message: str
    help: str = ""
    exit_code: int = 1


def findings(request: Request) -> Iterator[Finding]:
    """All checks; those of a project only where one can be read."""
    yield from versions()
    try:
        project = open_project(request)
    except FeedsmithError as error:
        place = f"{error.place}: " if error.place else ""
        yield Finding("project", State.PROBLEM, f"{place}{error.problem}", error.hint, error.exit_code)
        return
    for check in CHECKS:
        try:
            yield from check(request, project)
        except FeedsmithError as error:
            yield Finding("project", State.PROBLEM, str(error).partition("\n")[0], error.hint, error.exit_code)


def versions() -> Iterator[Finding]:
    """Those of feedsmith, Python and the packages that it needs."""
    system = f"{platform.system()} {platform.release()}"
    yield Finding("feedsmith", State.GOOD, f"{__version__}, Python {platform.python_version()}, {system}")
    wanted = [one for one in metadata.requires("feedsmith") or () if "extra ==" not in one]
    lacking = [one for one in wanted if _lacks(one)]
    for one in lacking:
        yield Finding("packages", State.PROBLEM, f"{one} is missing or too old", "install feedsmith again")
    if not lacking:
        yield Finding("packages", State.GOOD, f"{len(wanted)} packages, all there")


def _lacks(requirement: str) -> bool:
    wanted, _, marker = requirement.partition(";")
    found = PACKAGE.match(wanted)
    if found is None or _not_for_here(marker):
        return False
    try:
        there = metadata.version(found[0])
    except metadata.PackageNotFoundError:
        return True
    least = MINIMUM.search(wanted)
    return least is not None and _numbers(there) < _numbers(least[1])


def _not_for_here(marker: str) -> bool:
    """Whether a package is only for an older Python; other markers are not used."""
    found = re.search(r"python_version\s*<\s*[\"']([0-9.]+)", marker)
    return found is not None and sys.version_info[:2] >= _numbers(found[1])[:2]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3])


def _project(request: Request, project: Project) -> Iterator[Finding]:
    specs, _ = chosen_feeds(request, project)
    shown = project.folder / project.shown if project.root.place != COMMAND_LINE else "from the command line"
    yield Finding("project", State.GOOD, f"{shown}: {len(specs)} feeds")


def _channels(request: Request, project: Project) -> Iterator[Finding]:
    """How old the specifications are, and what changes soon."""
    specs, _ = chosen_feeds(request, project)
    today = request.now.date()
    for name in sorted({spec.channel for spec in specs}):
        channel = load_channel(name, project.channels).definition
        age = (today - channel.read).days
        told = f"{name}: the specification was read on {channel.read}, {max(age, 0)} days ago"
        hint = "look whether a newer feedsmith knows more; `feedsmith channels show` names the specification"
        old = age > OLD_DAYS
        yield Finding("channel", State.WARNING if old else State.GOOD, told, hint if old else "")
        for day in change_days(channel):
            if 0 < (day - today).days <= SOON_DAYS:
                hint = f"feedsmith channels diff {name} --as-of {day}"
                yield Finding("channel", State.WARNING, f"{name} changes on {day}", hint)


def _sources(request: Request, project: Project) -> Iterator[Finding]:
    """Whether local files are there, and whether their times fit the clock."""
    now = time.time()
    names = [str(path) for path in request.catalog] or list(_source_paths(project))
    for name in names:
        if is_remote(name) or "://" in name or VARIABLE.search(name):
            yield Finding("source", State.GOOD, f"{name}: elsewhere; not looked at")
            continue
        found = sorted(project.folder.glob(name)) if not Path(name).is_absolute() else [Path(name)]
        found = [path for path in found if path.is_file()]
        if not found:
            yield Finding("source", State.PROBLEM, f"{name}: there is no such file", "check the path and the export that writes it")  # fmt: skip # noqa: E501
        for path in found:
            yield _source(name, path, now)


def _source(name: str, path: Path, now: float) -> Finding:
    changed = path.stat().st_mtime
    if changed > now + SKEW:
        hint = "set the clock of this computer, or of the one that writes the file; ages are wrong until then"
        return Finding("clock", State.WARNING, f"{name} was changed {changed - now:,.0f} seconds from now", hint)
    if not os.access(path, os.R_OK):
        return Finding("source", State.PROBLEM, f"{name}: may not be read", "let the user that runs feedsmith read it")
    when = datetime.fromtimestamp(changed, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Finding("source", State.GOOD, f"{name}: {path.stat().st_size:,} bytes, changed {when}")


def _source_paths(project: Project) -> Iterator[str]:
    catalog = project.definition.catalog
    for source in (catalog.source, *catalog.sources.values(), catalog.promotions, catalog.reviews):
        if source is not None and source.query is None:
            yield from source.path


def _secrets(request: Request, project: Project) -> Iterator[Finding]:  # noqa: ARG001 - as all checks are called
    """Variables of the environment that the project names; their values are never looked at."""
    names = sorted(set(_variables(project.root)))
    for name in names:
        if name not in os.environ:
            yield Finding("secrets", State.PROBLEM, f"the environment variable {name} is not set", f"set {name} where feedsmith runs")  # fmt: skip # noqa: E501
    if names and all(name in os.environ for name in names):
        yield Finding("secrets", State.GOOD, f"set: {', '.join(names)}")


def _variables(root: Node) -> Iterator[str]:
    for path, leaf in root.leaves():
        yield from VARIABLE.findall(leaf.text)
        if path and path[-1] == "env" and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", leaf.text):
            yield leaf.text


def _folders(request: Request, project: Project) -> Iterator[Finding]:
    """Whether feeds and state can be written, and how much room there is."""
    for check, folder in (("output", out_folder(request, project)), ("state", state_folder(request, project))):
        there = next(one for one in (folder, *folder.resolve().parents) if one.exists())
        try:
            _write(there, folder)
        except OutputError as error:
            yield Finding(check, State.PROBLEM, f"{folder}: {error.problem}", error.hint, error.exit_code)
            continue
        free = shutil.disk_usage(there).free
        enough = free >= LEAST_FREE
        told = f"{folder}: can be written, {free / 1e9:,.1f} GB free"
        yield Finding(check, State.GOOD if enough else State.WARNING, told, "" if enough else "free disk space")


def _write(there: Path, folder: Path) -> None:
    """Write a file and remove it; nothing else is made, so that a look changes nothing."""
    path = there / f"{PREFIX}{secrets.token_hex(8)}.part"
    with refusals(folder):
        try:
            path.write_bytes(b"feedsmith")
        finally:
            path.unlink(missing_ok=True)


def _lock(request: Request, project: Project) -> Iterator[Finding]:
    """Whether a run is under way, and which."""
    state = state_folder(request, project)
    if not (state / LOCK).is_file():
        yield Finding("lock", State.GOOD, "no run is under way")
        return
    lock = FileLock(state / LOCK, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = "another run"
        with suppress(OSError, msgspec.MsgspecError):
            found = msgspec.json.decode((state / HOLDER).read_bytes(), type=Holder)
            holder = f"process {found.pid} on {found.host}, since {found.started} UTC: {found.command}"
        yield Finding("lock", State.WARNING, f"held by {holder}", "wait until it ends, or give `--wait SECONDS`")
        return
    except OSError as error:
        yield Finding("lock", State.PROBLEM, f"{state / LOCK}: {error.strerror}", "correct the permissions", 8)
        return
    lock.release()
    yield Finding("lock", State.GOOD, "no run is under way")


def _history(request: Request, project: Project) -> Iterator[Finding]:
    """Whether the history is whole."""
    path = state_folder(request, project) / DATABASE
    if not path.is_file():
        yield Finding("history", State.GOOD, "there was no export yet")
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (told,) = database.execute("PRAGMA quick_check(1)").fetchone()
            (runs,) = database.execute("SELECT count(*) FROM runs").fetchone()
    except sqlite3.Error as error:
        told, runs = str(error), 0
    if told == "ok":
        yield Finding("history", State.GOOD, f"{runs:,} runs, whole")
        return
    hint = "the next export sets it aside and begins a new one; guards compare again from the run after it"
    yield Finding("history", State.PROBLEM, f"{path.name} is damaged: {told}", hint, 8)


def _clock(request: Request, project: Project) -> Iterator[Finding]:
    """A clock that is behind this feedsmith is wrong."""
    newest = max((load_channel(spec.channel, project.channels).definition.read for spec in chosen_feeds(request, project)[0]), default=date.min)  # fmt: skip # noqa: E501
    today = datetime.now(UTC).date()
    if today < newest:
        hint = "set the clock: sale prices and changes of channels hang on the day"
        yield Finding("clock", State.WARNING, f"it is {today} here, before the channels were written", hint)
    else:
        yield Finding("clock", State.GOOD, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")


CHECKS: tuple[Callable[[Request, Project], Iterator[Finding]], ...] = (
    _project, _channels, _clock, _sources, _secrets, _folders, _lock, _history,
)  # fmt: skip
