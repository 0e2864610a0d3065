"""Publishing bytes that a run made before: a candidate that somebody accepts, or an earlier version put back."""

import getpass
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from msgspec.structs import replace

from feedsmith.definitions.guards import CODES
from feedsmith.definitions.model import nearest
from feedsmith.errors import OutputError, UsageError
from feedsmith.issues import Place
from feedsmith.publish.folder import Staging, publish_files, remove_leftovers, same_content
from feedsmith.publish.lock import project_lock
from feedsmith.publish.refusals import refusals
from feedsmith.reports.report import FeedState
from feedsmith.run.candidates import candidate_folder, remove_old
from feedsmith.run.delta.sent import delta_name
from feedsmith.run.events import put_in_place
from feedsmith.run.history import GOOD, PUBLISHING, History, Hold, KeptFile, PastFeed, moment
from feedsmith.run.history_file import out_name, out_path
from feedsmith.run.kept import is_kept, keep, unpack
from feedsmith.run.recording import begun, settle

COMMAND_LINE = Place("command line")
ROLLED_BACK = "rolled-back"
Write = Callable[[KeptFile, IO[bytes]], None]


def accept(
    state: Path, run: str, feed: str, guards: Collection[str], reason: str, out: Path | None = None, wait: float = 0
) -> PastFeed:
    """Publish exactly the candidate of a held feed, past the guards that are named; gives it as published.

    Raises:
        UsageError: there is no such candidate, or a guard holds it that is not named.
        LockedError: another run holds the lock.
        OutputError: the candidate is not as it was left, or cannot be put in place.
    """
    _check_codes(guards)
    with _history(state, wait) as history:
        candidate = _candidate(history, run, feed, out)
        folder = candidate_folder(state, candidate)
        lacking = [code for code in candidate.holding if code not in guards]
        if lacking:
            hint = f"look at it in {folder}, and name each guard: --guard {' --guard '.join(candidate.holding)}"
            raise UsageError(COMMAND_LINE, f"{feed} is held by {' and '.join(lacking)} too", hint)
        passed = f"{_who()}: {reason}".removeprefix(": ")
        record = replace(candidate, passed=passed, holding=(), reason="", origin=candidate.run)

        def write(file: KeptFile, target: IO[bytes]) -> None:
            _copy(folder / file.name, file, target)

        done = _put_in_place(history, record, write)
    put_in_place(done, accepted=True)
    return done


def rollback(state: Path, feed: str, to: str | None = None, out: Path | None = None, wait: float = 0) -> PastFeed:
    """Put an earlier version of a feed back, and hold what comes after it; gives it as published.

    Raises:
        UsageError: there is no such version, or the feed has several output folders.
        LockedError: another run holds the lock.
        OutputError: the version is not kept any more, or cannot be put in place.
    """
    with _history(state, wait) as history:
        live = _live(history, feed, out)
        target = _version(history, live) if to is None else _version_of(history, live, to)
        first = target.origin or target.run
        if not is_kept(state, target):
            raise OutputError(COMMAND_LINE, f"{feed} of run {first} is kept no more", _kept_runs(history, live))
        record = replace(target, guards=(), passed="", origin=first, reason=f"the version of run {first}")
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        hold = Hold(live.out, feed, ROLLED_BACK, moment(), f"it was put back to the version of run {first} on {day}")

        def write(file: KeptFile, stream: IO[bytes]) -> None:
            unpack(state, target, file, stream)

        done = _put_in_place(history, record, write, hold)
    put_in_place(done, accepted=False)
    return done


@contextmanager
def _history(state: Path, wait: float) -> Iterator[History]:
    """The history, with the lock."""
    with project_lock(state, wait), History(state, write=True) as history:
        remove_leftovers(state)
        settle(history)
        yield history


def _put_in_place(history: History, record: PastFeed, write: Write, hold: Hold | None = None) -> PastFeed:
    """Publish these bytes as a run of its own."""
    with begun(history, moment()) as run:
        return _published(history, replace(record, run=run.number), write, hold)


def _published(history: History, record: PastFeed, write: Write, hold: Hold | None) -> PastFeed:
    """Write the files anew, check them, note them, and put them in place as an export does."""
    state, out = history.state, out_path(history.state, record.out)
    remove_leftovers(out)
    names = [file.name for file in record.files]
    with ExitStack() as stack:
        staged = [stack.enter_context(Staging(out, name)) for name in names]
        for staging, file in zip(staged, record.files, strict=True):
            write(file, staging.file)
            staging.seal()
        delta = [delta_name(record.feed)] if record.sent else []  # a delta of what was published until now is obsolete
        feeds = [record.feed, *delta]
        strays = [name for feed in feeds for name in history.owned(feed, record.out) if name not in names]
        history.note([replace(record, state=PUBLISHING, at=moment())])
        publish_files(out, [(staging.path, name) for staging, name in zip(staged, names, strict=True)], strays)
    done = replace(record, state=FeedState.PUBLISHED.value, at=moment())
    lifted = [] if hold is not None else [(record.feed, record.out)]
    history.note([done], holds=[hold] if hold is not None else [], lifted=lifted)
    keep(state, done)
    remove_old(state, history.candidates())
    return done


def _copy(path: Path, file: KeptFile, target: IO[bytes]) -> None:
    if not same_content(path, file.sha256, file.bytes):
        hint = "run `feedsmith export` for a new candidate"
        raise OutputError(Place(str(path)), "the candidate is not there as its run left it", hint)
    with refusals(path), path.open("rb") as source:
        shutil.copyfileobj(source, target, 1 << 20)


# --- what is meant -------------------------------------------------------------------------------------------------


def _candidate(history: History, run: str, feed: str, out: Path | None) -> PastFeed:
    """The held feed that the user names."""
    found = history.named(run)
    where = out_name(history.state, out) if out is not None else None
    held = [one for one in found.feeds if one.state == FeedState.HELD.value and where in {None, one.out}]
    candidate = next((one for one in held if one.feed == feed), None)
    if candidate is None:
        names = ", ".join(one.feed for one in held) or "none"
        raise UsageError(COMMAND_LINE, f"run {found.number} held no feed {feed!r}", f"held were: {names}")
    newer = next(one for one in history.latest(feed) if one.out == candidate.out)
    if candidate not in history.candidates():
        hint = f"`feedsmith runs show {newer.run}` shows what is there now"
        raise UsageError(COMMAND_LINE, f"run {newer.run} came after that candidate: {feed} is {newer.state}", hint)
    return candidate


def _live(history: History, feed: str, out: Path | None) -> PastFeed:
    """What is published now of a feed, in the one output folder that it has, or in that which is named."""
    where = {one.out for one in history.latest(feed)} if out is None else {out_name(history.state, out)}
    live = [good for name in sorted(where) if (good := history.last_good(feed, name)) is not None and good.files]
    if len(live) > 1:
        hint = "name one: " + " or ".join(f"--out {one.out}" for one in live)
        raise UsageError(COMMAND_LINE, f"{feed} was published in {len(live)} folders", hint)
    if not live:
        raise UsageError(COMMAND_LINE, f"{feed} was never published", "`feedsmith runs list` lists what was")
    return live[0]


def _version(history: History, live: PastFeed) -> PastFeed:
    """The good version before the one that is published now."""
    first = live.origin or live.run
    for one in history.good(live.feed, live.out):
        if (one.origin or one.run) < first and one.version != live.version:
            return one
    raise UsageError(COMMAND_LINE, f"no version of {live.feed} came before the one of run {first}")


def _version_of(history: History, live: PastFeed, run: str) -> PastFeed:
    found = history.named(run)
    for one in found.feeds:
        if (one.feed, one.out) == (live.feed, live.out) and one.state in GOOD:
            return one
    raise UsageError(COMMAND_LINE, f"run {found.number} did not publish {live.feed}", _kept_runs(history, live))


def _kept_runs(history: History, live: PastFeed) -> str:
    runs = {
        one.origin or one.run: None
        for one in history.versions(1000)
        if (one.feed, one.out) == (live.feed, live.out) and is_kept(history.state, one)
    }
    return f"kept are the versions of the runs {', '.join(map(str, runs)) or 'none'}"


def _check_codes(guards: Collection[str]) -> None:
    for code in guards:
        if code not in CODES:
            raise UsageError(COMMAND_LINE, f"there is no guard {code!r}", nearest(code, CODES))


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""
