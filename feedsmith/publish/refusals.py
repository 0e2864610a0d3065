"""What the disk says when it refuses, in words that name the file and what to do."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedsmith.errors import OutputError
from feedsmith.issues import Place

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}

REFUSALS = {
    errno.EACCES: (
        "no permission to write here",
        "let the user that runs feedsmith write to this folder",
    ),
    errno.EDQUOT: ("the disk quota is used up", "remove files or ask for a larger quota, then run again"),
    errno.EEXIST: ("something of this name is in the way", "remove it, or choose another output folder"),
    errno.EFBIG: (
        "the file grew larger than allowed",
        "raise the limit (`ulimit -f`), or split the feed",
    ),
    errno.EIO: ("the disk reports a fault", "check the disk; the published feeds were left as they were"),
    errno.EISDIR: ("a folder has this name", "remove the folder, or give the feed another file name"),
    errno.ELOOP: ("a link is in the way", "remove the link, or choose another output folder"),
    errno.ENAMETOOLONG: ("the file name is too long", "give the feed a shorter file name"),
    errno.ENOENT: ("there is no such folder, and it cannot be made", "check the path, or choose another folder"),
    errno.ENOSPC: ("the disk is full", "free disk space, then run again"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "remove the file, or choose another output folder"),
    errno.EPERM: ("writing here is not allowed", "check the folder's permissions and attributes"),
    errno.EROFS: ("the disk is read-only", "choose an output folder on a disk that can be written"),
}
"""Problem and hint by number of the system's error."""


@contextmanager
def refusals(path: Path, written: int | None = None) -> Iterator[None]:
    """Turn an `OSError` inside into an `OutputError` about `path`.

    `written` is the number of bytes that had found room before, told when the disk is full.
    """
    try:
        yield
    except OSError as error:
        raise refused(path, error, written) from error


def refused(path: Path, error: OSError, written: int | None = None) -> OutputError:
    """What `error` says about `path`."""
    problem, hint = REFUSALS.get(error.errno or 0, (error.strerror or str(error), "correct that, then run again"))
    if error.errno in NO_SPACE:
        problem += _room(path, written)
    return OutputError(Place(str(path)), problem, hint)


def _room(path: Path, written: int | None) -> str:
    """How many bytes were written and how many are free, as far as known."""
    parts = [] if written is None else [f"{written:,} bytes were written"]
    try:
        parts.append(f"{shutil.disk_usage(path.parent).free:,} bytes are free")
    except OSError:  # the folder went away as well
        return f" ({parts[0]})" if parts else ""
    return f" ({', '.join(parts)})"
