"""Where the channels of a command lie: in the project that it names or stands in, else only the bundled ones."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from feedsmith.definitions.load import Channel


def folder_of(project: Path | None) -> Path:
    """The project's folder; where there is no project, this one.

    Raises:
        UsageError: what `--project` names is not there.
    """
    from feedsmith.definitions.load import project_file

    path = project_file(project, Path.cwd())
    return path.parent if path is not None else Path.cwd()


def files_of(project: Path | None) -> "Mapping[str, Path]":
    """Name and file of every channel that can be used there."""
    from feedsmith.definitions.load import channel_files

    return channel_files(folder_of(project))


def named_channel(name: str, project: Path | None) -> "Channel":
    """The channel of that name.

    Raises:
        DefinitionError: there is none, or its file is wrong.
    """
    from feedsmith.definitions.load import load_channel
    from feedsmith.issues import Place

    return load_channel(name, files_of(project), Place("command line"))
