"""Putting a file that was written under a temporary name in place of the old one, on a server of files."""

from contextlib import suppress
from typing import Protocol

from feedsmith.publish.folder import PREFIX, SUFFIX

NOT_AT_ONCE = "the server cannot replace a file in one step: for a moment there was none"
OLD = ".old"


class RefusedError(Exception):
    """The server said no to one operation; the connection still stands. The message is the server's."""


class RemoteFiles(Protocol):
    """What servers of files can do. Each raises RefusedError for a no, and its own errors for a lost connection."""

    def replace(self, old: str, new: str) -> None:
        """Rename over a file that is there, in one step."""

    def rename(self, old: str, new: str) -> None:
        """Rename to a name that is free; some servers replace what is there."""

    def exists(self, name: str) -> bool:
        """Whether a file of this name is there."""

    def delete(self, name: str) -> None:
        """Remove a file."""


def temporary_name(name: str) -> str:
    """The name under which a file is written first: the same each time, so that a broken try leaves one file at most.

    >>> temporary_name("feed.xml")
    '.feedsmith-feed.xml.part'
    """
    return f"{PREFIX}{name}{SUFFIX}"


def swap_in(files: RemoteFiles, folder: str, name: str) -> str:
    """Put the temporary file in place of `name` in `folder`; gives a remark where that took more than one step.

    In one step where the server can. Else the old file is renamed away first, and back where the new one is refused.

    Raises:
        RefusedError: the server allows none of it; the old file is in its place.
    """
    temporary, final = folder + temporary_name(name), folder + name
    with suppress(RefusedError):
        files.replace(temporary, final)
        return ""
    kept = f"{folder}{PREFIX}{name}{OLD}"
    try:
        files.rename(temporary, final)
    except RefusedError:
        if not files.exists(final):  # then the name was free, and the server has another reason
            raise
        return _step_by_step(files, temporary, final, kept)
    with suppress(RefusedError):  # what a try that was cut off left; there is none as a rule
        files.delete(kept)
    return ""


def _step_by_step(files: RemoteFiles, temporary: str, final: str, kept: str) -> str:
    with suppress(RefusedError):
        files.delete(kept)
    files.rename(final, kept)
    try:
        files.rename(temporary, final)
    except RefusedError:
        files.rename(kept, final)
        raise
    with suppress(RefusedError):
        files.delete(kept)
    return NOT_AT_ONCE
