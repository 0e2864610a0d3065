"""Feeds as they were: of a run, of each feed's last good run, or in files. They are read once, in the background."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from feedsmith.definitions.load import Channel, channel_files, load_channel
from feedsmith.definitions.model import nearest
from feedsmith.errors import FeedsmithError, UsageError
from feedsmith.preview.against.store import ItemStore, OldFeed
from feedsmith.preview.against.written import WithParents
from feedsmith.preview.index.state import State
from feedsmith.reports.report import FeedState
from feedsmith.run.diff.given import Given, files_of_run
from feedsmith.run.diff.recognise import recognise
from feedsmith.run.diff.side import FeedFiles, key_of, open_side
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.history import GOOD, History, PastFeed
from feedsmith.run.history_file import out_name
from feedsmith.run.job import Job
from feedsmith.run.request import COMMAND_LINE, Request, open_project, out_folder, state_folder
from feedsmith.texts.catalogue import Texts

NEVER = "It was not published yet, so there is nothing to compare with."
NOT_MADE = "This run did not make this feed."
NOT_THERE = "No feed is given for it."
WORDS = (NEVER, NOT_MADE, NOT_THERE)
Tell = Callable[[], None]
Note = str | FeedsmithError
"""Why there is nothing: a text of the page, or the error that says so."""


@dataclass
class Picked:
    """The files of feeds and their channels, by the names of feeds; of others, why there is nothing of them."""

    files: dict[str, FeedFiles] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    from_runs: dict[str, int] = field(default_factory=dict)


Pick = Callable[[Job, ExitStack], Picked]
"""Finds the feeds of a job as they were; files that it makes stay until the stack ends."""


class Published:
    """Feeds as they were, in a store of their own. `name` is what people call them.

    `begin` reads them in the background; `ready` says when all are there. `picked.notes` tell of feeds that are not.
    """

    def __init__(self, pick: Pick) -> None:
        self._pick = pick
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="feedsmith-preview-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.store = ItemStore(self.folder / "items.sqlite")
        self._stack.callback(self.store.close)
        self.feeds: dict[str, OldFeed] = {}
        self.picked = Picked()
        self.items = 0
        self.ready = False
        self.problem: Note = ""
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    def begin(self, state: State, tell: Tell) -> None:
        """Read the feeds that the state has too, unless that was begun already; `tell` is called as they come."""
        if self._worker is None:
            self._worker = threading.Thread(target=self._read, args=(state, tell), daemon=True)
            self._worker.start()

    def close(self) -> None:
        """End the work, and remove what was kept."""
        self._stop.set()
        if self._worker is not None:
            self._worker.join()
        self._stack.close()

    def _read(self, state: State, tell: Tell) -> None:
        def took(items: int) -> None:
            self.items += items
            tell()

        try:
            self.picked = self._pick(state.job, self._stack)
            for feed in state.feeds:
                if feed.spec.name in self.picked.files:
                    self._read_feed(state.job, feed, took)
        except FeedsmithError as error:
            self.problem = error
        self.ready = True
        tell()

    def _read_feed(self, job: Job, now: CompiledFeed, took: Callable[[int], None]) -> None:
        """Take in a feed; of one that cannot be read a note says why, and the others go on."""
        name = now.spec.name
        try:
            channel = _channel(job, self.picked.channels[name])
            side = open_side(self.picked.files[name], channel, job.project.folder, self.folder)
            feed = OldFeed(len(self.feeds), channel, side, key_of(channel, side, side, ()))
            self.store.fill(feed, WithParents(side, now), self._stop, took)
        except FeedsmithError as error:
            self.picked.notes[name] = error
        else:
            self.feeds[name] = feed


def told(note: Note, texts: Texts) -> str:
    """A note in the reader's language, with what to do, in one line; nobody on the page has typed a command."""
    if isinstance(note, str):
        return texts(note) if note else ""
    where = f"{note.place}: " if note.place is not None and note.place != COMMAND_LINE else ""
    error = texts.error(note)
    return f"{where}{error.problem}{f' ({error.hint})' if error.hint else ''}"


def _channel(job: Job, name: str) -> Channel:
    """The channel as the job has it; one that no feed of the job is for any more, from its file."""
    return job.channels.get(name) or load_channel(name, channel_files(job.project.folder), COMMAND_LINE)


# --- which feeds -------------------------------------------------------------------------------------------------


def last_good(request: Request) -> Published:
    """Each feed as it was published last, by whatever run.

    Raises:
        FeedsmithError: the project or its history cannot be read.
    """
    project = open_project(request)
    state = state_folder(request, project)
    out = out_name(state, out_folder(request, project))

    def pick(job: Job, stack: ExitStack) -> Picked:
        with History(state) as history:
            past = {spec.name: history.last_good(spec.name, out) for spec in job.specs}
        return _of_runs(past, NEVER, state, stack)

    return Published(pick)


def of_run(number: str, request: Request) -> Published:
    """The feeds that a run made, those that were held too.

    Raises:
        UsageError: there is no such run, or it made no feed.
    """
    state = state_folder(request, open_project(request))
    with History(state) as history:
        run = history.named(number)
    made = {feed.feed: feed for feed in run.feeds if feed.state in GOOD or feed.state == FeedState.HELD}
    if not made:
        raise UsageError(COMMAND_LINE, f"run {number} made no feed", "feedsmith runs list tells of others")

    def pick(job: Job, stack: ExitStack) -> Picked:
        return _of_runs({spec.name: made.get(spec.name) for spec in job.specs}, NOT_MADE, state, stack)

    return Published(pick)


def _of_runs(past: Mapping[str, PastFeed | None], missing: str, state: Path, stack: ExitStack) -> Picked:
    found = Picked()
    for name, feed in past.items():
        if feed is None:
            found.notes[name] = missing
            continue
        try:
            found.files[name] = files_of_run(feed, state, stack)
        except FeedsmithError as error:
            found.notes[name] = error
            continue
        found.channels[name], found.from_runs[name] = feed.channel, feed.run
    return found


def of_files(given: Given, what: str) -> Published:
    """Feeds in files, by the names of the project's feeds; a file under another name by its channel.

    `what` is how the user named them.
    """

    def pick(job: Job, _: ExitStack) -> Picked:
        specs = {spec.name: spec.channel for spec in job.specs}
        files = {name: one for name, one in given.feeds.items() if name in specs}
        if not files:
            files = dict(_by_channel(given, specs, job, what))
        notes: dict[str, Note] = dict.fromkeys(specs.keys() - files.keys(), NOT_THERE)
        return Picked(files, {name: specs[name] for name in files}, notes)

    return Published(pick)


def _by_channel(given: Given, specs: Mapping[str, str], job: Job, what: str) -> Iterator[tuple[str, FeedFiles]]:
    """The one file as the feed of its channel.

    Raises:
        UsageError: no feed of the project is for that channel, or several are.
    """
    files = next(iter(given.feeds.values()))
    channel = recognise(files.paths[0], files.shown[0], job.project.folder) if len(given.feeds) == 1 else None
    fitting = [name for name, own in specs.items() if own == channel]
    if len(fitting) == 1:
        yield fitting[0], files
        return
    if fitting:
        problem = f"--against {what!r}: {len(fitting)} feeds of the project are for {channel}: {', '.join(fitting)}"
        raise UsageError(COMMAND_LINE, problem, "give the file the name of one of them")
    problem = f"--against {what!r}: the project makes none of its feeds ({', '.join(given.feeds)})"
    raise UsageError(COMMAND_LINE, problem, nearest(next(iter(given.feeds), ""), specs))
