"""Candidates: the files of feeds that are held, kept beside what is published until somebody decides."""

import errno
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from feedsmith.publish.folder import Staging, prepare_folder
from feedsmith.publish.refusals import refusals
from feedsmith.run.history import PastFeed

HELD = "held"


def candidate_folder(state: Path, feed: PastFeed) -> Path:
    """Where the files of a held feed lie, under the names that they would be published by."""
    return state / HELD / file_name(feed.feed) / str(feed.run)


def file_name(feed: str) -> str:
    """A feed's name as the name of a file or folder."""
    name = quote(feed, safe=" ")
    return name.replace(".", "%2E") if set(name) == {"."} else name


def put_aside(state: Path, feed: PastFeed, files: Iterable[tuple[Path, str]]) -> Path:
    """Move the sealed files of a held feed to the candidate's folder, and give that.

    Args:
        state: the project's state folder.
        feed: the feed as it is noted.
        files: temporary path and final name of each.

    Raises:
        OutputError: the disk refuses.
    """
    folder = candidate_folder(state, feed)
    prepare_folder(folder)
    for temporary, name in files:
        with refusals(folder / name):
            _move(temporary, folder, name)
    return folder


def _move(path: Path, folder: Path, name: str) -> None:
    try:
        path.replace(folder / name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with path.open("rb") as source, Staging(folder, name) as staging:  # the output lies on another disk
            shutil.copyfileobj(source, staging.file)
            staging.commit(name)


def remove_old(state: Path, wanted: Sequence[PastFeed]) -> None:
    """Remove the candidates that are not `wanted` any more; what cannot be removed now goes after a later run."""
    keeping = {candidate_folder(state, feed) for feed in wanted}
    for folder in (state / HELD).glob("*/*"):
        if folder not in keeping:
            shutil.rmtree(folder, ignore_errors=True)
    for folder in (state / HELD).glob("*"):
        with suppress(OSError):  # one that is not empty stays
            folder.rmdir()
