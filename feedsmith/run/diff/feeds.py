"""Comparing feeds that are paired by their names, each read as its channel."""

import filecmp
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from feedsmith import __version__
from feedsmith.definitions.load import Channel, channel_files, load_channel, project_file
from feedsmith.definitions.model import nearest
from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.reports.diff.found import COLUMN, Differences, FeedDiff, FieldChange, Version
from feedsmith.run.diff.compare import Options, compare_sides
from feedsmith.run.diff.given import Given
from feedsmith.run.diff.recognise import recognise
from feedsmith.run.diff.side import FeedFiles, Side, key_of, open_side, prices_of
from feedsmith.run.reading_deletes import deletes_in
from feedsmith.run.reading_form import items_path
from feedsmith.run.request import COMMAND_LINE, STATE
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.frame import texts_around

COLUMNS = frozenset({"csv", "xlsx"})


@dataclass(frozen=True)
class DiffRequest:
    """What is compared, and how.

    `folder` is the project's, whose channels can be used. `feeds` are patterns of feeds' names. `known` are channels of
    feeds by name, which go before all that is given or recognised.
    """

    channel: str | None = None
    key: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    folder: Path = field(default_factory=Path.cwd)
    here: Path = field(default_factory=Path.cwd)
    feeds: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        """Where the runs are: the project's state, else that of the output folder here."""
        own = self.folder / STATE
        return own if own.is_dir() else self.here / "out" / STATE

    def wants(self, name: str) -> bool:
        """Whether a feed of that name is compared."""
        return not self.feeds or any(fnmatchcase(name, one) for one in self.feeds)


def folder_of(project: Path | None, here: Path) -> Path:
    """The folder of the project that is named or stands around; without one, this folder.

    Raises:
        UsageError: there is no project where one is named.
    """
    path = project_file(project, here)
    return path.parent if path is not None else here


def compare_given(old: Given, new: Given, called: tuple[str, str], request: DiffRequest, scratch: Path) -> Differences:
    """Two feeds, or the feeds of two folders or runs that are called the same.

    Of several feeds and one, the one of the several that is called as the one. `called` is what the user named.

    Raises:
        UsageError: the two are no feeds of one channel, or none is called the same.
        SourceError: a file cannot be read.
    """
    feeds, others = dict(old.feeds), dict(new.feeds)
    if old.single and new.single:
        name = next(iter(others))
        feeds = {name: replace(next(iter(feeds.values())), name=name)}
    elif old.single or new.single:
        name = next(iter(feeds if old.single else others))
        several, place = (others, called[1]) if old.single else (feeds, called[0])
        if name not in several:
            raise UsageError(Place(place), f"there is no feed {name!r} here", nearest(name, several))
        feeds, others = {name: feeds[name]}, {name: others[name]}
    elif old.channels and new.channels:  # runs may have made some of the feeds only
        both = feeds.keys() & others.keys()
        feeds, others = ({name: one for name, one in some.items() if name in both} for some in (feeds, others))
        if not both:
            raise UsageError(COMMAND_LINE, f"no feed was made by both {called[0]} and {called[1]}", "name other runs")
    known = {**request.known, **old.channels, **new.channels}
    return compare_feeds(feeds, others, called, replace(request, known=known), scratch)


def compare_feeds(
    old: Mapping[str, FeedFiles],
    new: Mapping[str, FeedFiles],
    called: tuple[str, str],
    request: DiffRequest,
    scratch: Path,
) -> Differences:
    """All feeds of both sides by their names, in the order of the new side; `called` says what was compared."""
    feeds = []
    names = [name for name in dict.fromkeys((*new, *old)) if request.wants(name)]
    if request.feeds and not names:
        raise UsageError(
            COMMAND_LINE, f"no feed fits {' '.join(request.feeds)!r}", nearest(request.feeds[0], {*old, *new})
        )
    for name in names:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        try:
            feeds.append(_of_feed(name, old.get(name), new.get(name), request, folder))
        except UsageError as error:  # of several, the others are told all the same
            if len(names) == 1:
                raise
            feeds.append(FeedDiff(name, note=f"cannot be compared: {error.place} {error.problem}"))
    return Differences(__version__, called[0], called[1], tuple(feeds), request.options.exact)


# --- comparing ---------------------------------------------------------------------------------------------------


def _compared(old: FeedFiles, new: FeedFiles, request: DiffRequest, scratch: Path) -> FeedDiff:
    """One feed that both sides have."""
    channel = _channel(old, new, request)
    name = channel.name if channel is not None else ""
    before, after = (open_side(files, channel, request.folder, scratch) for files in (old, new))
    key = key_of(channel, before, after, request.key)
    if _same_bytes(old, new):
        return replace(_unchanged(before, after, key), channel=name)
    found = compare_sides(new.name, before, after, key, request.options, scratch)
    frame = tuple(_around(before, after, channel, request.folder))
    prices = dict.fromkeys((*prices_of(before.fields), *prices_of(after.fields)))
    return replace(found, channel=name, frame=frame, prices=tuple(filter(request.options.counts, prices)))


def _channel(old: FeedFiles, new: FeedFiles, request: DiffRequest) -> Channel | None:
    """The channel of both versions; None where none is known, so that only a key that is given helps.

    Raises:
        UsageError: they are feeds of different channels, or of none and no key is given.
    """
    files = channel_files(request.folder)
    known = request.known.get(new.name) or request.channel
    if known is not None:
        return load_channel(known, files, COMMAND_LINE)
    names = [recognise(side.paths[0], side.shown[0], request.folder) for side in (old, new)]
    told = list(dict.fromkeys(name for name in names if name is not None))
    if len(told) > 1:
        problem = f"looks like a feed of {names[1]}, and {old.shown[0]} like one of {names[0]}"
        raise UsageError(Place(new.shown[0]), problem, "compare feeds of one channel; if they are, name it: --channel")
    return load_channel(told[0], files, COMMAND_LINE) if told else None


def _of_feed(name: str, old: FeedFiles | None, new: FeedFiles | None, request: DiffRequest, scratch: Path) -> FeedDiff:
    """One feed; where only one side has it, its items are counted."""
    if old is not None and new is not None:
        return _compared(old, new, request, scratch)
    files = new or old
    if files is None:
        raise ValueError("a feed of neither side")
    channel = _channel(files, files, request)
    side = open_side(files, channel, request.folder, scratch)
    version = _version(side)
    called = channel.name if channel is not None else ""
    return FeedDiff(name, called, old=version if new is None else None, new=version if new is not None else None)


def _version(side: Side) -> Version:
    """A side whose items are counted, and not compared."""
    rows = deletes = 0
    for table in side.tables:
        wanted = dict.fromkeys((*table.headings[:1], *side.deleting))
        for batch in read_table(table, [name for name in wanted if name in table.headings]):
            rows += len(batch)
            deletes += sum(deletes_in(batch, side.deleting))
    return Version(side.files.shown, rows - deletes, deletes=deletes)


def _same_bytes(old: FeedFiles, new: FeedFiles) -> bool:
    return len(old.paths) == len(new.paths) and all(map(_same_file, old.paths, new.paths))


def _same_file(one: Path, other: Path) -> bool:
    return filecmp.cmp(one, other, shallow=False)


def _unchanged(old: Side, new: Side, key: tuple[str, ...]) -> FeedDiff:
    version = _version(new)
    return FeedDiff(new.files.name, key=key, old=replace(version, files=old.files.shown), new=version, same_bytes=True)


def _around(old: Side, new: Side, channel: Channel | None, folder: Path) -> Iterator[FieldChange]:
    """What differs beside the items: texts around them, and columns that only one side has."""
    items = items_path(channel, folder) if channel is not None else ""
    before, after = (texts_around(side.files.paths[0], side.files.shown[0], items) for side in (old, new))
    for name in dict.fromkeys((*after, *before)):
        if before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))
    if all(side.tables and side.tables[0].format in COLUMNS for side in (old, new)):
        for name in dict.fromkeys((*new.headings, *old.headings)):
            if (name in old.headings) != (name in new.headings):
                kept = [name if name in side.headings else None for side in (old, new)]
                yield FieldChange(COLUMN, kept[0], kept[1])
