"""Watching the project's files: what is saved is shown."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles import Change, awatch

from feedsmith.preview.live.session import Session
from feedsmith.publish.folder import PREFIX

IGNORED = frozenset({".git", ".feedsmith", "out", "__pycache__", ".venv", "node_modules"})
"""Folders whose changes show nothing: what runs and other programs leave."""
LEFT = (".swp", ".swx", "~", ".tmp", ".sqlite-wal", ".sqlite-shm")
"""How the names of an editor's own files end."""
PAUSE = 80
"""Milliseconds of silence after which changes count as one."""
LOOK = 500
"""Milliseconds after which it is seen that the project names other files."""


def matters(folders: Iterable[Path], path: str) -> bool:
    """Whether a file's change may change what is shown; `folders` are those that are watched."""
    file = Path(path)
    folder = next((one for one in folders if file.is_relative_to(one)), file.parent)
    inside, name = file.relative_to(folder).parts, file.name
    return not (IGNORED & set(inside)) and not name.endswith(LEFT) and not name.startswith((PREFIX, ".#", "4913"))


async def watch(session: Session, ending: asyncio.Event) -> None:
    """Make the session's state anew when a file of the project changes, until the end."""
    await asyncio.gather(_watch(session, ending, inside=True), _watch(session, ending, inside=False))


async def _watch(session: Session, ending: asyncio.Event, *, inside: bool) -> None:
    """Watch the project's folder with all below, or the sources that lie elsewhere.

    A source elsewhere is watched by its folder: when it is replaced, as most programs save, the new one is another
    file, and whoever watches the old one hears nothing.
    """
    while not ending.is_set():
        paths = _paths(session, inside=inside)
        folders = sorted({path if inside else path.parent for path in paths})
        if not folders:
            await asyncio.wait([asyncio.ensure_future(ending.wait())], timeout=LOOK / 1000)
            continue
        found = awatch(
            *folders, watch_filter=_filter(paths, inside=inside), stop_event=ending, step=PAUSE, recursive=inside,
            rust_timeout=LOOK, yield_on_timeout=True,
        )  # fmt: skip
        begun = False
        async for changes in found:
            if changes or (not begun and session.outdated()):  # before they were watched
                session.again()
            begun = True
            if _paths(session, inside=inside) != paths:
                break


def _paths(session: Session, *, inside: bool) -> frozenset[Path]:
    """The project's folder, or the sources elsewhere, as long as their folders are there."""
    folder, files = session.watched()
    folder = folder.resolve()
    if inside:
        return frozenset({folder})
    elsewhere = {file.resolve() for file in files}
    return frozenset(file for file in elsewhere if not file.is_relative_to(folder) and file.parent.is_dir())


def _filter(paths: frozenset[Path], *, inside: bool) -> Callable[[Change, str], bool]:
    def asked(_: Change, path: str) -> bool:
        return matters(paths, path) if inside else Path(path) in paths

    return asked
