"""Watching the project's files: what is saved is shown."""

import asyncio
from collections.abc import Iterable
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
    missed = False
    while not ending.is_set():
        missed = await _watch(session, ending, missed=missed)


async def _watch(session: Session, ending: asyncio.Event, *, missed: bool) -> bool:
    """Watch until other files are to be watched. `missed`: something may have changed before.

    A file outside the project's folder is watched by itself. When it is replaced, as most programs save, the new one is
    another file: then it is looked for again.
    """
    paths = session.watched()
    folders = [path if path.is_dir() else path.parent for path in map(Path.resolve, paths)]
    alone = {str(path.resolve()) for path in paths if path.is_file()}

    def asked(_: Change, path: str) -> bool:
        return matters(folders, path)

    changes = awatch(
        *paths, watch_filter=asked, stop_event=ending, step=PAUSE, recursive=True, rust_timeout=LOOK,
        yield_on_timeout=True,
    )  # fmt: skip
    async for found in changes:
        if found or missed:
            session.again()
            missed = False
        if session.watched() != paths or any(path in alone for _, path in found):
            return True
    return False
