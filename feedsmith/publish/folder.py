"""Files into the output folder so that a reader sees the old or the new version, whole, at every moment.

The way: a temporary file in the same folder, fsync, rename over the final name, fsync of the folder. Whatever
ends the run before the rename leaves the published file as it was.
"""

import errno
import hashlib
import io
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from feedsmith.errors import OutputError
from feedsmith.issues import Place
from feedsmith.publish.refusals import refusals, refused

PREFIX = ".feedsmith-"
SUFFIX = ".part"
TEMPORARY = re.compile(re.escape(PREFIX) + r"[0-9a-f]{16}" + re.escape(SUFFIX))
"""The names of our own temporary files, and of nothing else."""

MODE = 0o644
"""Readable for a web server; what the umask forbids stays forbidden. Temporary-file helpers would make it 0600."""
BUFFER = 1 << 20
"""Bytes that are collected before they are written."""
PATIENCE = 5.0 if os.name == "nt" else 0.0
"""Seconds to try again while a reader keeps the published file open: on Windows that forbids replacing it."""
PAUSE = 0.1
NOT_FOR_FOLDERS = {errno.EINVAL, errno.ENOTSUP}
"""What file systems answer that know no fsync of a folder."""


class Staging:
    """A file in the making, in the folder where it will be published.

    `file` takes bytes; `path` is the temporary file. `commit` publishes it. On leaving without `commit` or
    `publish_files` the temporary file is removed. `label` is the name that messages use: the final one, as far as
    it is known.

    Raises:
        OutputError: the folder or file cannot be made or written. Writing through `file` raises it too.
    """

    def __init__(self, folder: Path, label: str) -> None:
        self.folder = folder
        self.label = folder / label
        self.path = folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"

    def __enter__(self) -> Self:
        """Make the folder if it is missing, and the temporary file."""
        prepare_folder(self.folder)
        with refusals(self.label):
            self.file = io.BufferedWriter(_NewFile(self.path, self.label), BUFFER)
        return self

    def seal(self) -> None:
        """Bring everything written to the disk itself, and close the file; it stays under its temporary name."""
        if self.file.closed:
            return
        self.file.flush()
        with refusals(self.label, self.file.tell()):
            os.fsync(self.file.fileno())
            self.file.close()

    def commit(self, final_name: str) -> Path:
        """Seal the file, put it in place of `final_name` in the folder, and give the published path."""
        self.seal()
        publish_files(self.folder, [(self.path, final_name)])
        return self.folder / final_name

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close and remove what was not published."""
        with suppress(OSError, OutputError):  # the disk may refuse the last bytes of what is thrown away
            self.file.close()
        with suppress(OSError):  # what cannot be removed now is removed by the next run
            self.path.unlink(missing_ok=True)


class _NewFile(io.FileIO):
    """A file that was not there before, never through a link; its refusals speak of `label`."""

    def __init__(self, path: Path, label: Path) -> None:
        super().__init__(path, "xb", opener=_open_new)
        self._label = label

    def write(self, data: Any, /) -> int:
        with refusals(self._label, self.tell()):
            return super().write(data)


def _open_new(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), MODE)


def prepare_folder(folder: Path) -> None:
    """Make `folder` and those above it, if missing.

    Raises:
        OutputError: a file is in the way, or the folder cannot be made.
    """
    with refusals(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error


def check_folder(folder: Path, final_names: Iterable[str]) -> None:
    """Find out, before any work is done, whether these files could be published: the folder is made and tried.

    Raises:
        OutputError: it cannot be written, or a link or a folder has one of the names.
    """
    with Staging(folder, ""):
        pass
    for name in final_names:
        _check_target(folder, name)


def blocked_names(folder: Path, names: Iterable[str]) -> dict[str, OutputError]:
    """Of these names those at which no file could be published, and why; the folder is made and tried.

    Raises:
        OutputError: the folder cannot be written, or nothing at all could be published.
    """
    check_folder(folder, ())
    found: dict[str, OutputError] = {}
    names = list(names)
    for name in names:
        try:
            _check_target(folder, name)
        except OutputError as error:
            found[name] = error
    if names and len(found) == len(names):
        raise found[names[0]]
    return found


def publish_files(folder: Path, files: Sequence[tuple[Path, str]], strays: Iterable[str] = ()) -> None:
    """Put the sealed files of one feed in place, last to first, then remove the strays of a former run.

    The first file goes last: a reader that starts with it never looks for a follower that is not there yet.

    Args:
        folder: the output folder; the temporary files are in it.
        files: temporary path and final name of each, in the feed's order.
        strays: names that belonged to the feed before; those that are in `files` stay.

    Raises:
        OutputError: nothing was replaced if a link, a folder or a bad name is among the targets; otherwise the
            message names the file at which it stopped, and the files before it in the feed's order are the old ones.
    """
    for _, name in files:
        _check_target(folder, name)
    for temporary, name in reversed(files):
        with refusals(folder / name):
            _replace(temporary, folder / name)
    for name in sorted(set(strays).difference(name for _, name in files)):
        _check_name(folder, name)
        with refusals(folder / name):
            (folder / name).unlink(missing_ok=True)
    with refusals(folder):
        _sync_folder(folder)


def same_content(path: Path, sha256: str, size: int) -> bool:
    """Whether `path` is a plain file of `size` bytes with this hash (hexadecimal): then it need not be touched.

    What cannot be read counts as different.
    """
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove the temporary files that a killed run left in `folder`, and tell which; a missing folder has none.

    Only for the holder of the project's lock: a file in the making of a run under way has such a name too.

    Raises:
        OutputError: one cannot be removed.
    """
    if not folder.is_dir():
        return []
    with refusals(folder):
        leftovers = sorted(path for path in folder.iterdir() if TEMPORARY.fullmatch(path.name))
    for path in leftovers:
        with refusals(path):
            path.unlink(missing_ok=True)
    return leftovers


def _check_target(folder: Path, name: str) -> None:
    """Refuse a final name that is no plain name, or at which something else than a plain file stands."""
    _check_name(folder, name)
    target = folder / name
    with refusals(target):
        try:
            mode = target.lstat().st_mode
        except FileNotFoundError:
            return
    if stat.S_ISLNK(mode):
        hint = "remove the link; feedsmith publishes plain files only, a link on the folder is fine"
        raise OutputError(Place(str(target)), "a link has the name of a feed", hint)
    if stat.S_ISDIR(mode):
        raise refused(target, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    if not stat.S_ISREG(mode):
        raise OutputError(Place(str(target)), "this is no plain file", "remove it, or give the feed another file name")


def _check_name(folder: Path, name: str) -> None:
    if name in {"", ".", ".."} or not {"/", "\\", "\0"}.isdisjoint(name):
        hint = "give the feed a file name without folders"
        raise OutputError(Place(str(folder)), f"{name!r} is not the name of a file in this folder", hint)


def _replace(temporary: Path, target: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            temporary.replace(target)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(PAUSE)
        else:
            return


def _sync_folder(folder: Path) -> None:
    """Bring the folder's names to the disk itself; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NOT_FOR_FOLDERS:
            raise
    finally:
        os.close(descriptor)
