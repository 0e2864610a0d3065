"""What a user names to be compared: a feed file, numbered ones by a pattern, a folder of feeds, or a run."""

import glob
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from feedsmith.definitions.model import nearest
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.reports.report import FeedState
from feedsmith.run.candidates import candidate_folder
from feedsmith.run.diff.side import FeedFiles
from feedsmith.run.history import GOOD, LAST, History, PastFeed
from feedsmith.run.kept import open_kept

SUFFIXES = frozenset({".xml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".rss"})
PACKED = ".gz"
NUMBERED = re.compile(r"(?P<stem>.+)-(?P<number>[0-9]+)(?P<rest>(?:\.\w+)+)")
"""The name of one file of several, as an export numbers them."""


@dataclass(frozen=True)
class Given:
    """Feeds by their names, and of a run their channels. `single` is one file, or one feed by a pattern."""

    feeds: Mapping[str, FeedFiles]
    single: bool = False
    channels: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def given(text: str, here: Path, state: Path) -> Iterator[Given]:
    """The feeds that a text names: those of a run by its number or `last`, else of a file, a pattern or a folder.

    Args:
        text: what the user named.
        here: the folder in which paths begin.
        state: the state folder, which has the runs.

    Raises:
        UsageError: it names nothing.
        OutputError: feeds of the run are kept no more.
    """
    if not is_run(text, here):
        yield given_at(text, here)
        return
    with History(state) as history, ExitStack() as stack:
        run = history.named(text)
        past = [feed for feed in run.feeds if feed.state in GOOD or feed.state == FeedState.HELD]
        if not past:
            raise UsageError(Place(f"run {run.number}"), "this run made no feed", "feedsmith runs list tells of others")
        feeds = {one.feed: files_of_run(one, state, stack) for one in past}
        yield Given(feeds, channels={one.feed: one.channel for one in past})


def is_run(text: str, here: Path) -> bool:
    """Whether a text names a run; a file or folder of that name goes before it."""
    return (text == LAST or text.isdecimal()) and not (here / text).exists()


def files_of_run(feed: PastFeed, state: Path, stack: ExitStack) -> FeedFiles:
    """The files of a feed as they were published, until `stack` ends; of one that was held its candidate's.

    Raises:
        UsageError: the candidate is there no more.
        OutputError: the files are kept no more, or not as they were published.
    """
    if feed.state == FeedState.HELD:
        folder = candidate_folder(state, feed)
        paths = [folder / file.name for file in feed.files]
        if not all(path.is_file() for path in paths):
            problem = f"the candidate of {feed.feed} is there no more"
            raise UsageError(Place(f"run {feed.run}"), problem, "a candidate goes when a later version is published")
    else:
        paths = stack.enter_context(open_kept(state, feed))
    return FeedFiles(feed.feed, tuple(paths), tuple(f"run {feed.run}: {path.name}" for path in paths))


def given_at(text: str, here: Path) -> Given:
    """The feeds that a path or a pattern names.

    Raises:
        UsageError: it names none.
    """
    path = here / text
    if path.is_dir():
        found = feeds_in(path, text)
        if not found:
            raise UsageError(Place(text), "there is no feed in this folder", "name another folder, or a file")
        return Given(found)
    if path.exists():
        return Given({feed_name(path.name): FeedFiles(feed_name(path.name), (path,), (text,))}, single=True)
    names = sorted(glob.glob(text, root_dir=here), key=_by_number)  # noqa: PTH207 - Path.glob refuses absolute ones
    if not names:
        raise UsageError(Place(text), "there is no such file or folder", _near(path))
    name = feed_name(Path(names[0]).name)
    return Given({name: FeedFiles(name, tuple(here / one for one in names), tuple(names))}, single=True)


def _near(path: Path) -> str:
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    return nearest(path.name, beside) or "check the path"


def feeds_in(folder: Path, shown: str) -> dict[str, FeedFiles]:
    """The feeds in a folder by their names; numbered files are one feed."""
    files = [path for path in folder.iterdir() if path.is_file() and _is_feed(path.name)]
    found: dict[str, list[Path]] = {}
    names = {path.name for path in files}
    for path in sorted(files, key=lambda one: _by_number(one.name)):
        hit = NUMBERED.fullmatch(path.name)
        several = hit is not None and f"{hit['stem']}-1{hit['rest']}" in names
        found.setdefault(feed_name(path.name) if several else _stem(path.name), []).append(path)
    return {
        name: FeedFiles(name, tuple(paths), tuple(f"{shown.rstrip('/')}/{path.name}" for path in paths))
        for name, paths in sorted(found.items())
    }


def _is_feed(name: str) -> bool:
    suffixes = Path(name.removesuffix(PACKED)).suffix
    return suffixes.lower() in SUFFIXES and not name.startswith(".")


def feed_name(file: str) -> str:
    """The feed's name by that of its file: `meta_nl` of `meta_nl-2.json.gz`."""
    hit = NUMBERED.fullmatch(file)
    return hit["stem"] if hit is not None else _stem(file)


def _stem(file: str) -> str:
    return file.partition(".")[0] or file


def _by_number(name: str) -> tuple[str, int]:
    hit = NUMBERED.fullmatch(Path(name).name)
    return (hit["stem"], int(hit["number"])) if hit is not None else (name, 0)
