"""Finding and reading definition files: the project with its includes and its environment, and channels."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from itertools import chain
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.dated import change_days, laid_on
from feedsmith.definitions.extend import read_channel
from feedsmith.definitions.model import nearest, validated
from feedsmith.definitions.node import Node, load_yaml, parse_yaml
from feedsmith.definitions.project import ProjectDefinition
from feedsmith.definitions.rule import rule_cases
from feedsmith.errors import DefinitionError, Mistakes, UsageError
from feedsmith.issues import Place
from feedsmith.resources import bundled

PROJECT_FILE = "feedsmith.yaml"
CONDITIONS = frozenset({"where", "exclude"})
TARGETS = "publish"
OWN = {("catalog", "fields"): "own fields"}
"""Sections that are called otherwise inside another one."""
REMOVALS = frozenset({"fields", "checks", "guards", TARGETS, *CONDITIONS})
"""Sections in which an empty entry stays, since it also removes what lies below the file."""
ENTRY_SECTIONS = frozenset(
    {"own fields", "segments", "ranks", "tables", "columns", "one target", *REMOVALS - {TARGETS}}
)
"""Sections whose entries are replaced whole when one file is laid over another; all else merges by name."""


@dataclass(frozen=True)
class Project:
    """A project as read: its folder, its tree with places, and the validated model."""

    folder: Path
    shown: str
    root: Node
    definition: ProjectDefinition

    @cached_property
    def channels(self) -> dict[str, Path]:
        """Name and file of each channel: the project's own first, then the bundled ones."""
        return channel_files(self.folder)


@dataclass(frozen=True)
class Channel:
    """A channel definition with its name, its file and its tree with places, those of what it extends included.

    `templates` are the names that its template may have in `templates/`: the first one that is there counts.
    `lineage` is its name, then those of the channels that it extends, the nearest first.
    """

    name: str
    path: Path
    node: Node
    definition: ChannelDefinition
    templates: tuple[str, ...]
    lineage: tuple[str, ...]

    def on(self, day: date) -> "Channel":
        """The channel as it is on that day: with the changes of its fields up to then.

        Raises:
            DefinitionError: a change is wrong; with its place in the file.
        """
        node, definition = laid_on(self.node, self.definition, day)
        return self if node is self.node else replace(self, node=node, definition=definition)


def find_project(start: Path) -> Path | None:
    """The nearest `feedsmith.yaml` in `start` or above, up to the root of a repository."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder / PROJECT_FILE
        if (folder / ".git").exists():
            return None
    return None


def project_file(given: Path | None, here: Path) -> Path | None:
    """The project file that `--project` names (a folder or the file), else the nearest one.

    Raises:
        UsageError: what was named is not there.
    """
    if given is None:
        return find_project(here)
    path = given / PROJECT_FILE if given.is_dir() else given
    if not path.is_file():
        raise UsageError(Place(str(given)), f"no {PROJECT_FILE} here", "name the project's folder or its file")
    return path


def load_project(path: Path, env: str | None = None, texts: Mapping[Path, str] | None = None) -> Project:
    """Read a project file, the files it includes, and `feedsmith.ENV.yaml` over it.

    `texts` are read in place of what these files, named by their resolved paths, hold on disk.

    Raises:
        DefinitionError: with file, line and column.
    """
    folder = path.parent
    texts = texts or {}
    root = _mapping(path, path.name, texts)
    for pattern in _includes(root):
        for file in _included(path, pattern):
            root = merged(_part(file, file.relative_to(folder).as_posix(), texts), root)
    if env is not None:
        over = folder / f"{path.stem}.{env}.yaml"
        if not over.is_file():
            raise UsageError(Place(over.name), f"there is no environment {env!r}: this file is missing")
        root = merged(root, _part(over, over.name, texts))
    return Project(folder, path.name, root, _checked(root))


def project_from(root: Node, folder: Path) -> Project:
    """A project that stands in no file, for a command that names a catalog and channels only."""
    return Project(folder, "command line", root, _checked(root))


def _mapping(path: Path, shown: str, texts: Mapping[Path, str]) -> Node:
    over = texts.get(path.resolve()) if texts else None
    node = load_yaml(path, shown) if over is None else parse_yaml(over, shown)
    if not isinstance(node.value, dict):
        raise DefinitionError(node.place, "a project file is a mapping of keys to values")
    return node


def _part(path: Path, shown: str, texts: Mapping[Path, str]) -> Node:
    """A file that is laid under or over the project file."""
    node = _mapping(path, shown, texts)
    if "include" in node.map:
        raise DefinitionError(node.map["include"].key_place, "only the project file itself can include others")
    return node


def _included(project: Path, pattern: Node) -> list[Path]:
    """The files that match; the project file and its environments are never among them."""
    try:
        found = sorted(project.parent.glob(pattern.text))
    except (ValueError, NotImplementedError) as error:
        raise DefinitionError(pattern.place, f"{pattern.text!r} is no relative path or pattern") from error
    own = re.compile(rf"{re.escape(project.stem)}(\.[^.]+)?\.yaml")
    files = [file for file in found if not (file.parent == project.parent and own.fullmatch(file.name))]
    if not files:
        raise DefinitionError(pattern.place, f"no file matches {pattern.text!r}")
    return files


def _checked(root: Node) -> ProjectDefinition:
    """The model of a project; every mistake of its form, those of rules too, is told in one go."""
    mistakes = Mistakes()
    definition = mistakes.trying(lambda: validated(ProjectDefinition, root))
    for node in _rule_nodes(root):
        mistakes.trying(partial(rule_cases, node))
    mistakes.tell()
    if definition is None:
        raise RuntimeError("a project without a mistake and without a definition")
    return definition


def _rule_nodes(root: Node) -> Iterator[Node]:
    """Every rule of every block."""
    named = [root.map[key] for key in ("rules", "markets", "feeds") if key in root.map]
    for block in (
        root,
        *(root.map[key] for key in ("catalog",) if key in root.map),
        *chain(*(node.map.values() for node in named)),
    ):
        if "fields" in block.map:
            yield from (node for node in block.map["fields"].map.values() if node.value is not None)


def _includes(root: Node) -> list[Node]:
    node = root.map.get("include")
    if node is None or node.value is None:
        return []
    return node.value if isinstance(node.value, list) else [node]


def merged(base: Node, over: Node, section: str = "") -> Node:
    """`over` laid over `base`: entries merge by name, a value replaces, an empty value removes."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    entries = dict(base.value)
    for key, node in over.value.items():
        known = entries.get(key)
        if known is None or section in (REMOVALS if node.value is None else ENTRY_SECTIONS):
            entries[key] = node
        elif node.value is None:
            del entries[key]
        elif key in CONDITIONS:
            entries[key] = node.with_entries(named_conditions(known) | named_conditions(node))
        else:
            entries[key] = merged(known, node, "one target" if section == TARGETS else OWN.get((section, key), key))
    return over.with_entries(entries)


def named_conditions(node: Node) -> dict[str, Node]:
    """The entries of `where` or `exclude`; a plain condition bears its text as its name."""
    if isinstance(node.value, str):
        return {node.text: node}
    return {item.text: item for item in node.value} if isinstance(node.value, list) else node.map


def channel_files(folder: Path) -> dict[str, Path]:
    """Name and file of every channel that a project in `folder` can use."""
    found: Mapping[str, Path] = {}
    for place in (bundled("channels"), folder / "channels"):
        found = {**found, **{path.stem: path for path in sorted(place.glob("*.yaml"))}}
    return dict(sorted(found.items()))


def load_channel(name: str, files: Mapping[str, Path], asked: Place | None = None) -> Channel:
    """Read a channel definition, and what it extends. Its dated changes lie beside: `Channel.on` gives those of a day.

    Args:
        name: the channel's name.
        files: from `channel_files`.
        asked: where the name was given, for the message.

    Raises:
        DefinitionError: there is no such channel, or its file is wrong.
    """
    if name not in files:
        raise DefinitionError(asked, f"there is no channel {name!r}", nearest(name, files))
    node, templates, lineage = read_channel(name, files)
    channel = Channel(name, files[name], node, validated(ChannelDefinition, node), templates, lineage)
    for day in change_days(channel.definition):  # a change that is wrong is told before its day comes
        channel.on(day)
    return channel


def template_file(channel: Channel, folder: Path) -> Path:
    """The channel's template: the project's own `templates/` first, then the bundled ones.

    Raises:
        DefinitionError: there is no such file.
    """
    places = [place.resolve() for place in (folder / "templates", bundled("templates"))]
    for name in channel.templates:
        for place in places:
            path = (place / name).resolve()
            if path.is_file() and path.is_relative_to(place):
                return path
    names = " or ".join(repr(name) for name in channel.templates)
    raise DefinitionError(channel.node.place, f"the template {names} is not in templates/")
