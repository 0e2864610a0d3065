"""Finding and reading definition files: the project with its includes and its environment, and channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from feedsmith.definitions.channel import ChannelDefinition
from feedsmith.definitions.model import nearest, validated
from feedsmith.definitions.node import Node, load_yaml
from feedsmith.definitions.project import ProjectDefinition
from feedsmith.errors import DefinitionError, UsageError
from feedsmith.issues import Place
from feedsmith.resources import bundled

PROJECT_FILE = "feedsmith.yaml"
ENTRY_SECTIONS = frozenset({"fields", "checks", "exclude", "where", "segments", "tables", "columns"})
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
    """A channel definition with its name, its file and its tree with places."""

    name: str
    path: Path
    node: Node
    definition: ChannelDefinition


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


def load_project(path: Path, env: str | None = None) -> Project:
    """Read a project file, the files it includes, and `feedsmith.ENV.yaml` over it.

    Raises:
        DefinitionError: with file, line and column.
    """
    folder = path.parent
    root = load_yaml(path, path.name)
    if not isinstance(root.value, dict):
        raise DefinitionError(root.place, "a project file is a mapping of keys to values")
    for pattern in _includes(root):
        files = sorted(folder.glob(pattern.text))
        if not files:
            raise DefinitionError(pattern.place, f"no file matches {pattern.text!r}")
        for file in files:
            root = merged(load_yaml(file, file.relative_to(folder).as_posix()), root)
    if env is not None:
        over = folder / f"{path.stem}.{env}.yaml"
        if not over.is_file():
            raise UsageError(Place(over.name), f"there is no environment {env!r}: this file is missing")
        root = merged(root, load_yaml(over, over.name))
    return Project(folder, path.name, root, validated(ProjectDefinition, root))


def project_from(root: Node, folder: Path) -> Project:
    """A project that stands in no file, for a command that names a catalog and channels only."""
    return Project(folder, "command line", root, validated(ProjectDefinition, root))


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
        if node.value is None and key in entries:
            del entries[key]
        elif key in entries and section not in ENTRY_SECTIONS:
            entries[key] = merged(entries[key], node, key)
        else:
            entries[key] = node
    return over.with_entries(entries)


def channel_files(folder: Path) -> dict[str, Path]:
    """Name and file of every channel that a project in `folder` can use."""
    found: Mapping[str, Path] = {}
    for place in (bundled("channels"), folder / "channels"):
        found = {**found, **{path.stem: path for path in sorted(place.glob("*.yaml"))}}
    return dict(sorted(found.items()))


def load_channel(name: str, files: Mapping[str, Path], asked: Place | None = None) -> Channel:
    """Read a channel definition.

    Args:
        name: the channel's name.
        files: from `channel_files`.
        asked: where the name was given, for the message.

    Raises:
        DefinitionError: there is no such channel, or its file is wrong.
    """
    if name not in files:
        raise DefinitionError(asked, f"there is no channel {name!r}", nearest(name, files))
    path = files[name]
    node = load_yaml(path, f"channels/{path.name}")
    return Channel(name, path, node, validated(ChannelDefinition, node))


def template_file(channel: Channel, folder: Path) -> Path:
    """The channel's template: the project's own `templates/` first, then the bundled ones.

    Raises:
        DefinitionError: there is no such file.
    """
    name = channel.definition.template or f"{channel.name}.{channel.definition.format}.j2"
    for place in (folder / "templates", bundled("templates")):
        path = (place / name).resolve()
        if path.is_file() and path.is_relative_to(place.resolve()):
            return path
    raise DefinitionError(channel.node.place, f"the template {name!r} is not in templates/")
