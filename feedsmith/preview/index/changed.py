"""What a state was made of, so that of the next one only those feeds are carried again that changed.

Whatever is not known to be the same counts as changed. Messages may name the place of a rule: a feed whose rules stand
elsewhere now, as lines were added above them, is the same only if none of its issues does so.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from feedsmith.definitions.load import Channel, Project, template_file
from feedsmith.definitions.node import Node
from feedsmith.definitions.project import Block
from feedsmith.definitions.resolve import FeedSpec
from feedsmith.errors import FeedsmithError
from feedsmith.issues import Place
from feedsmith.run.consistency import CODE
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.fresh import files_of
from feedsmith.run.grouped import GroupedFeed
from feedsmith.run.inputs import source_files, sources_of
from feedsmith.run.request import Request, chosen_feeds, open_project
from feedsmith.sources.remote import is_remote
from feedsmith.sources.table import Stamp, fingerprint

OF_FEEDS = frozenset(
    {*Block.model_fields, "rules", "markets", "feeds", "tables", "version", "include", "examples", "history",
     "metrics", "ping"}
)  # fmt: skip
"""Sections of a project that shape products by what feeds make of them only, or not at all."""
NAMES_OTHERS = re.compile(r"\b(include|import|extends)\b")
"""A template that takes others in."""
OWN_FOLDERS = ("systems", "steps")
"""Folders of a project with files that all feeds may depend on."""
Stamps = Mapping[Path, Stamp | None]


@dataclass(frozen=True)
class Inputs:
    """What a state is made of, as it was before anything was read.

    `files` are those that shape the products of all feeds, `tables` the look-up tables by name, `layouts` what each
    feed is written by. `certain` is false where nobody can tell whether a source is still the same.
    """

    request: Request
    day: date
    project: Project
    specs: tuple[FeedSpec, ...]
    channels: Mapping[str, Channel]
    files: Stamps
    late: tuple[str, ...]
    tables: Mapping[str, tuple[Path, Stamp | None]]
    layouts: tuple[Stamps, ...]
    certain: bool

    def same_products(self, other: "Inputs") -> bool:
        """Whether the catalog and the names of the feeds are the same, so that only rules can differ."""
        return (
            self.certain
            and other.certain
            and (self.request, self.day, self.files, self.late) == (other.request, other.day, other.files, other.late)
            and (self.project.folder, self.project.shown) == (other.project.folder, other.project.shown)
            and self.shared == other.shared
            and self.streams() == other.streams()
            and not _mentions(self.shared, self._other_tables(other))
        )

    def changed_feeds(
        self, before: "Inputs", feeds: list[CompiledFeed], failed: Collection[int], fixed: Collection[int]
    ) -> frozenset[int] | None:
        """The numbers of the feeds that are another one than before; None where products may be put in another order.

        Args:
            before: of the same products.
            feeds: these inputs compiled.
            failed: the feeds that could not be made then.
            fixed: those for which it matters where their rules stand.
        """
        if any(check.code == CODE for feed in feeds for check in (*feed.conditions, *feed.own_conditions)):
            return frozenset(range(len(feeds)))
        tables = self._other_tables(before)
        numbers = [
            at for at in range(len(feeds)) if at in failed or not self._same(before, at, tables, bare=at not in fixed)
        ]
        if any(isinstance(feed := feeds[at], GroupedFeed) and feed.by in feed.names.derived for at in numbers):
            return None
        return frozenset(numbers)

    @property
    def shared(self) -> dict[str, Node]:
        """The sections of the project that all feeds have in common."""
        return {key: node for key, node in self.project.root.map.items() if key not in OF_FEEDS}

    def streams(self) -> list[tuple[Any, ...]]:
        """What the feeds have to do with how sources are read, and in which order."""
        definitions = [self.channels[spec.channel].definition for spec in self.specs]
        return [
            (spec.name, spec.market, one.item, one.group.by if one.group is not None else "")
            for spec, one in zip(self.specs, definitions, strict=True)
        ]

    def _other_tables(self, other: "Inputs") -> set[str]:
        names = self.tables.keys() | other.tables.keys()
        return {name for name in names if self.tables.get(name) != other.tables.get(name)}

    def _same(self, before: "Inputs", number: int, tables: set[str], *, bare: bool) -> bool:
        """Whether a feed is the same; `bare`: wherever its rules stand."""
        old, new = (replace(one.specs[number], layers=()) for one in (before, self))
        if old.channel != new.channel or self.layouts[number] != before.layouts[number]:
            return False
        shapes = [(spec, one.channels[spec.channel]) for spec, one in ((old, before), (new, self))]
        one, other = ((spec, channel.path, channel.templates, channel.node) for spec, channel in shapes)
        if one != other and not (bare and _bare(one) == _bare(other)):
            return False
        return not _mentions(one, tables)


def inputs_of(request: Request) -> Inputs:
    """What a state of the project is made of now.

    Raises:
        FeedsmithError: the project or a channel is wrong.
    """
    project = open_project(request)
    specs, channels = chosen_feeds(request, project)
    folder = project.folder
    tables = {name: folder / path for name, path in project.definition.tables.items()}
    shaping = [
        *source_files(request, project), *(path for one in OWN_FOLDERS for path in _files(folder / one)),
        *(folder / path for path in project.definition.steps), *map(folder.joinpath, _others(project)),
    ]  # fmt: skip
    sources, late = list(sources_of(project)), tuple(_late(project))
    certain = not any(one.query is not None or any(map(is_remote, one.path)) for _, one in sources)
    given = (*request.catalog, *(path for _, path in request.sources))
    return Inputs(
        request, request.now.date(), project, tuple(specs), channels, _stamped(shaping), late,
        {name: (path, _stamp(path)) for name, path in tables.items()},
        tuple(_layout(spec, channels[spec.channel], folder) for spec in specs),
        certain and not any(isinstance(path, str) for path in given) and not any(late),
    )  # fmt: skip


def _others(project: Project) -> Iterator[str]:
    """Further files that all feeds may read."""
    if project.definition.rates is not None:
        yield project.definition.rates
    yield from project.definition.taxonomies.values()


def _late(project: Project) -> Iterator[str]:
    """What is to be said of the age of sources, which passes with time."""
    for node, source in sources_of(project):
        if source.max_age or source.max_age_warn or source.if_missing != "stop":
            try:
                found = files_of(source, node, project.folder)
            except FeedsmithError as error:
                yield str(error)
            else:
                yield " ".join([found.problem, *(issue.message for issue in found.issues)])


def _layout(spec: FeedSpec, channel: Channel, folder: Path) -> Stamps:
    """The template or the workbook that a feed is written by, with the project's own templates that it may take in."""
    if spec.workbook:
        return _stamped([folder / spec.workbook])
    try:
        path = template_file(channel, folder)
        text = path.read_text("utf-8-sig")
    except (FeedsmithError, OSError, ValueError):  # there is none, or it is told when the feed is compiled
        return {}
    own = (folder / "templates").resolve()
    others = _files(own) if path.is_relative_to(own) and NAMES_OTHERS.search(text) else []
    return _stamped([path, *others])


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _stamped(paths: Iterable[Path]) -> Stamps:
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> Stamp | None:
    try:
        return fingerprint(path)
    except OSError:
        return None


def _bare(value: Any) -> Any:
    """A tree of definitions without places."""
    if isinstance(value, Node):
        return value.plain()
    if isinstance(value, Mapping):
        return {key: _bare(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return None if isinstance(value, Place) else [_bare(getattr(value, known.name)) for known in fields(value)]
    return value


def _mentions(tree: Any, tables: set[str]) -> bool:
    """Whether the name of one of these tables stands anywhere in a tree of definitions."""
    return bool(tables) and any(name in text for text in _texts(tree) for name in tables)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a tree of definitions."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, Node):
        yield from _texts(value.value)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif is_dataclass(value):
        for known in fields(value):
            yield from _texts(getattr(value, known.name))
