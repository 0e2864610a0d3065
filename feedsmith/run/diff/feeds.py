"""What `feedsmith diff` compares: two feed files, or two folders of feeds that are paired by their names."""

import filecmp
import glob
import re
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
from feedsmith.run.diff.recognise import recognise
from feedsmith.run.diff.side import FeedFiles, Side, key_of, open_side, prices_of
from feedsmith.run.reading_form import items_path
from feedsmith.run.request import COMMAND_LINE
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.frame import texts_around

SUFFIXES = frozenset({".xml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xlsx", ".rss"})
PACKED = ".gz"
NUMBERED = re.compile(r"(?P<stem>.+)-(?P<number>[0-9]+)(?P<rest>(?:\.\w+)+)")
"""The name of one file of several, as an export numbers them."""
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


def compare_paths(old: str, new: str, request: DiffRequest, scratch: Path) -> Differences:
    """Two feeds, or two folders of feeds; of a folder and a file, the feed in the folder that is called as the file.

    Raises:
        UsageError: the two are no feeds of one channel, or a file is not there.
        SourceError: a file cannot be read.
    """
    both = [feeds_at(text, request.here) for text in (old, new)]
    folders = [(request.here / text).is_dir() for text in (old, new)]
    if not any(folders):
        one, other = (next(iter(found.values())) for found in both)
        both = [{other.name: replace(one, name=other.name)}, {other.name: other}]
    elif not all(folders):
        both = _with_same_name(both, folders, old, new)
    return compare_feeds(both[0], both[1], (old, new), request, scratch)


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


# --- files -------------------------------------------------------------------------------------------------------


def feeds_at(text: str, here: Path) -> dict[str, FeedFiles]:
    """The feeds that a path or a pattern names.

    Raises:
        UsageError: it names none.
    """
    path = here / text
    if path.is_dir():
        found = feeds_in(path, text)
        if not found:
            raise UsageError(Place(text), "there is no feed in this folder", "name another folder, or a file")
        return found
    if path.exists():
        return {feed_name(path.name): FeedFiles(feed_name(path.name), (path,), (text,))}
    names = sorted(glob.glob(text, root_dir=here), key=_by_number)  # noqa: PTH207 - Path.glob refuses absolute ones
    if not names:
        raise UsageError(Place(text), "there is no such file or folder", _near(path))
    name = feed_name(Path(names[0]).name)
    return {name: FeedFiles(name, tuple(here / one for one in names), tuple(names))}


def _near(path: Path) -> str:
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    return nearest(path.name, beside) or "check the path"


def _with_same_name(
    both: list[dict[str, FeedFiles]], folders: list[bool], old: str, new: str
) -> list[dict[str, FeedFiles]]:
    """Of the folder only the feed that is called as the file."""
    inside, file = (both[0], both[1]) if folders[0] else (both[1], both[0])
    name = next(iter(file))
    if name not in inside:
        place = Place(old if folders[0] else new)
        raise UsageError(place, f"this folder has no feed {name!r}", nearest(name, inside))
    return [{name: found[name]} for found in both]


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
    version = Version(files.shown, _items(side))
    called = channel.name if channel is not None else ""
    return FeedDiff(name, called, old=version if new is None else None, new=version if new is not None else None)


def _items(side: Side) -> int:
    return sum(len(batch) for table in side.tables for batch in read_table(table, table.headings[:1]))


def _same_bytes(old: FeedFiles, new: FeedFiles) -> bool:
    return len(old.paths) == len(new.paths) and all(map(_same_file, old.paths, new.paths))


def _same_file(one: Path, other: Path) -> bool:
    return filecmp.cmp(one, other, shallow=False)


def _unchanged(old: Side, new: Side, key: tuple[str, ...]) -> FeedDiff:
    items = _items(new)
    return FeedDiff(
        new.files.name, key=key, old=Version(old.files.shown, items), new=Version(new.files.shown, items),
        same_bytes=True,
    )  # fmt: skip


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
