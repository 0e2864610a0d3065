"""A run on its way into the history: what it is compared with, what it is about to publish, how it ended."""

import re
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from feedsmith import __version__
from feedsmith.definitions.load import Project
from feedsmith.errors import FeedsmithError, OutputError
from feedsmith.issues import Issue
from feedsmith.publish.folder import same_content
from feedsmith.publish.lock import command_line
from feedsmith.reports.report import FeedState
from feedsmith.run.candidates import remove_old
from feedsmith.run.delta.sent import delta_name
from feedsmith.run.engine import Engine
from feedsmith.run.guards import Past, past_of
from feedsmith.run.history import History, Hold, PastFeed, moment
from feedsmith.run.history_file import out_name, out_path
from feedsmith.run.kept import keep, pack, superseded, worth_keeping
from feedsmith.run.kept_issues import remove_issues
from feedsmith.run.ledger import LEDGERS, remove_ledgers
from feedsmith.run.request import Request, out_folder, state_folder

SECRET = re.compile(r"(?<=://)[^/@\s']*@|(?<=\?)[^\s']+")
"""Name, password and query of an address."""
BUG = 70
"""The exit code of what is no error of ours."""


@dataclass
class Begun:
    """A run that is in the history: its number, and what it ends with."""

    number: int
    exit_code: int = 0


@dataclass(frozen=True)
class Sent:
    """The run of a feed's last whole version (0: none is known), its items, and the files of what was sent."""

    run: int
    items: int
    whole: Path | None
    since: Path | None


@dataclass
class Recording:
    """A run beside the history. One that writes nothing is not `begun` there.

    `blocked` are feeds, by name, whose files cannot be put in place.
    """

    history: History
    project: Project
    begun: Begun | None
    out: str
    blocked: Mapping[str, OutputError] = field(default_factory=dict)

    @property
    def number(self) -> int | None:
        """The run's number."""
        return None if self.begun is None else self.begun.number

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.history.state

    @property
    def issues(self) -> list[Issue]:
        """What is to be told of the history itself."""
        return self.history.issues

    def past(self, feed: str) -> Past | None:
        """What a feed is compared with."""
        return past_of(self.history, feed, self.out)

    def sent(self, feed: str) -> Sent:
        """What the channel of a feed was sent: by its last whole version, and by the deltas after that."""
        whole = self.history.last_good(feed, self.out)
        since = self.history.last_good(delta_name(feed), self.out)
        run = whole.run if whole is not None and whole.sent else 0
        if since is not None and (since.run < run or not since.sent):
            since = None
        folder = self.state / LEDGERS
        return Sent(
            run,
            whole.items if whole is not None else 0,
            folder / whole.sent if run and whole is not None else None,
            folder / since.sent if since is not None else None,
        )

    def hold(self, feed: str) -> Hold | None:
        """The hold that lies on a feed."""
        return self.history.hold_of(feed, self.out)

    def owned(self, feed: str) -> list[str]:
        """The files of a feed that runs before left in the output folder."""
        folder = out_path(self.state, self.out)
        return [name for name in self.history.owned(feed, self.out) if (folder / name).is_file()]

    def note(self, feeds: list[PastFeed], lifted: list[str]) -> None:
        """Note how feeds stand, and which of them are held back by a rollback no more."""
        self.history.note(feeds, lifted=[(name, self.out) for name in lifted])

    def keep(self, feeds: list[PastFeed], engine: Engine) -> None:
        """Keep what was published, compress what it superseded, and remove what is too old.

        What the disk refuses of that is done after a later run: the feeds are published by now.
        """
        with suppress(OutputError):
            for feed in feeds:
                if feed.state in {FeedState.PUBLISHED, FeedState.UNCHANGED}:
                    keep(self.state, feed)
            tidy(self.history, self.project, engine)


@contextmanager
def recorded(request: Request, project: Project) -> Iterator[Recording | None]:
    """What becomes of the run in the history; a run that is no export is not recorded.

    Raises:
        OutputError: the history cannot be written.
        UsageError: a newer feedsmith wrote it.
    """
    if not (request.write or request.dry_run):
        yield None
        return
    state = state_folder(request, project)
    out = out_name(state, out_folder(request, project))
    with History(state, write=request.write) as history:
        if not request.write:
            yield Recording(history, project, None, out)
            return
        settle(history)
        with begun(history, request.now.isoformat()) as run:
            yield Recording(history, project, run, out)
        history.forget(project.definition.history.runs)


@contextmanager
def begun(history: History, as_of: str) -> Iterator[Begun]:
    """A run in the history, from its begin to its end, whatever ends it."""
    run = Begun(history.begin(command(), __version__, as_of))
    started = time.monotonic()
    try:
        yield run
    except BaseException as error:
        with suppress(OutputError):  # what ended the run is told, and not what followed
            history.end(run.number, _code(error), time.monotonic() - started, _problem(error))
        raise
    history.end(run.number, run.exit_code, time.monotonic() - started)


def command() -> str:
    """The command as it was typed, without what is secret in addresses."""
    return SECRET.sub("***", command_line())


def settle(history: History) -> None:
    """Find out what became of the feeds that a killed run was putting in place: the files themselves tell."""
    for feed in history.unfinished():
        folder = out_path(history.state, feed.out)
        if all(same_content(folder / file.name, file.sha256, file.bytes) for file in feed.files):
            history.note([replace(feed, state=FeedState.PUBLISHED.value, at=moment())], lifted=[(feed.feed, feed.out)])
        else:
            reason = "the run ended before the feed was put in place"
            history.note([replace(feed, state=FeedState.FAILED.value, at=moment(), reason=reason)])


def tidy(history: History, project: Project, engine: Engine | None) -> None:
    """Compress what is not published any more, and remove what is kept no longer.

    Raises:
        OutputError: the disk refuses.
    """
    candidates, versions = history.candidates(), worth_keeping(history, project.definition.history)
    remove_old(history.state, candidates)
    remove_ledgers(history.state, (name for feed in (*candidates, *versions) for name in (feed.ledger, feed.sent)))
    remove_issues(history.state, (feed.run for feed in (*candidates, *versions)))
    waiting = superseded(history.state, versions)
    for _ in map(pack, waiting) if engine is None else engine.map(pack, waiting):
        pass


def _code(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return 128 + signal.SIGINT
    return int(getattr(error, "exit_code", getattr(error, "code", BUG)) or BUG)


def _problem(error: BaseException) -> str:
    if isinstance(error, FeedsmithError):
        return SECRET.sub("***", str(error))
    return "stopped" if not isinstance(error, Exception) else f"a bug: {type(error).__name__}: {error}"
