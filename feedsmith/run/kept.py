"""The feeds as they were published, kept by the hash of their bytes, to be put back or compared.

What is published now is kept by a second name of the same file, which costs nothing; where the disk knows no such
names, by a copy. What a later run supersedes is compressed. Bytes are held against their hash whenever they are used.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from feedsmith.definitions.project import HistoryDefinition
from feedsmith.errors import OutputError
from feedsmith.issues import Place
from feedsmith.publish.folder import PREFIX, SUFFIX, Staging, prepare_folder
from feedsmith.publish.refusals import refusals
from feedsmith.run.history import History, KeptFile, PastFeed, moment
from feedsmith.run.history_file import out_path
from feedsmith.run.packed import PACKED, packed_reader, packed_writer

KEPT = "kept"
READY = ".gz"
"""The end of names of feeds that are compressed already."""
BLOCK = 1 << 20


def keep(state: Path, feed: PastFeed) -> None:
    """Keep what is published now.

    Raises:
        OutputError: the disk refuses.
    """
    folder = state / KEPT
    for file in feed.files:
        target = folder / file.sha256
        if target.exists():
            continue
        prepare_folder(folder)
        live = out_path(state, feed.out) / file.name
        with refusals(target):
            _second_name(live, target)
        (folder / (file.sha256 + PACKED)).unlink(missing_ok=True)


def _second_name(live: Path, target: Path) -> None:
    try:
        os.link(live, target)
    except OSError:  # another disk, or one without second names
        with live.open("rb") as source, Staging(target.parent, target.name) as staging:
            shutil.copyfileobj(source, staging.file, BLOCK)
            staging.commit(target.name)


def is_kept(state: Path, feed: PastFeed) -> bool:
    """Whether all files of a feed are kept."""
    return bool(feed.files) and all(_found(state, file) is not None for file in feed.files)


@contextmanager
def open_kept(state: Path, feed: PastFeed) -> Iterator[list[Path]]:
    """The feed's files as they were published, whole, checked, under their own names in a temporary folder.

    Raises:
        OutputError: a file is kept no more, or not as it was published.
    """
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as folder:
        yield [_opened(state, feed, file, Path(folder) / file.name) for file in feed.files]


def unpack(state: Path, feed: PastFeed, file: KeptFile, target: IO[bytes]) -> None:
    """Write a kept file's bytes as they were published.

    Raises:
        OutputError: it is kept no more, or not as it was published.
    """
    found, label = _found(state, file), f"{file.name} of run {feed.run}"
    if found is None:
        hint = "`history: {keep: 5, days: 30}` in the project says how many versions are kept, and how long"
        raise OutputError(Place(str(state / KEPT)), f"{label} is kept no more", hint)
    digest = hashlib.sha256()
    with refusals(found), _reader(found) as source:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
    if digest.hexdigest() != file.sha256:
        hint = "something else wrote to the published file or to the kept one; another run's version may be whole"
        raise OutputError(Place(str(found)), f"{label} is not kept as it was published", hint)


def _opened(state: Path, feed: PastFeed, file: KeptFile, path: Path) -> Path:
    with refusals(path), path.open("wb") as target:
        unpack(state, feed, file, target)
    return path


def _found(state: Path, file: KeptFile) -> Path | None:
    plain = state / KEPT / file.sha256
    packed = plain.with_name(plain.name + PACKED)
    return plain if plain.is_file() else packed if packed.is_file() else None


@contextmanager
def _reader(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != PACKED:
        with path.open("rb") as file:
            yield file
        return
    with packed_reader(path) as file:
        yield file


# --- what is kept on, and how --------------------------------------------------------------------------------------


def worth_keeping(history: History, settings: HistoryDefinition) -> list[PastFeed]:
    """The versions of all feeds that are kept on, newest first; what is published now always is."""
    oldest = moment(datetime.now(UTC) - timedelta(days=settings.days))
    live = _live(versions := history.versions(settings.keep))
    return [feed for feed in versions if feed in live or feed.at >= oldest]


def superseded(state: Path, wanted: Collection[PastFeed]) -> list[Path]:
    """Remove what is not `wanted` any more; gives the kept files that are to be compressed.

    Raises:
        OutputError: something cannot be removed.
    """
    folder = state / KEPT
    if not folder.is_dir():
        return []
    keeping = {file.sha256: file.name for feed in wanted for file in feed.files}
    live = {file.sha256 for feed in _live(wanted) for file in feed.files}
    waiting = []
    with refusals(folder):
        for path in sorted(folder.iterdir()):
            if path.name.removesuffix(PACKED) not in keeping:
                path.unlink(missing_ok=True)
            elif path.name not in live and not keeping.get(path.name, READY).endswith(READY):
                waiting.append(path)
    return waiting


def _live(versions: Iterable[PastFeed]) -> list[PastFeed]:
    """What is published now: of the versions, newest first, the first of each feed in each output folder."""
    newest: dict[tuple[str, str], PastFeed] = {}
    for feed in versions:
        newest.setdefault((feed.feed, feed.out), feed)
    return list(newest.values())


def pack(path: Path) -> None:
    """Compress a kept file; a task for a worker."""
    target = path.with_name(path.name + PACKED)
    part = path.with_name(f"{PREFIX}{path.name[:16]}{SUFFIX}")  # a killed run's leftover is removed by its name
    try:
        with refusals(target):
            with path.open("rb") as source, packed_writer(part) as packed:
                shutil.copyfileobj(source, packed, BLOCK)
            part.replace(target)
            path.unlink()
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
