"""Watching the project's files: what is saved is shown."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from watchfiles import Change, awatch

from feedsmith.preview.live.session import Session
from feedsmith.publish.folder import PREFIX

IGNORED = frozenset({".git", ".feedsmith", "out", "__pycache__", ".venv", "node_modules"})
"""Folders whose changes show nothing: what runs and other programs leave."""
LEFT = (".swp", ".swx", "~", ".tmp", ".sqlite-wal", ".sqlite-shm")
"""How the names of an editor's own files end."""
PAUSE = 80
"""Milliseconds of silence after which changes count as one."""


def matters(folders: Iterable[Path], path: str) -> bool:
    """Whether a file's change may change what is shown; `folders` are those that are watched."""
    file = Path(path)
    folder = next((one for one in folders if file.is_relative_to(one)), file.parent)
    inside, name = file.relative_to(folder).parts, file.name
    return not (IGNORED & set(inside)) and not name.endswith(LEFT) and not name.startswith((PREFIX, ".#", "4913"))


async def watch(session: Session, ending: asyncio.Event) -> None:
    """Make the session's state anew when a file of the project changes, until the end."""
    while not ending.is_set():
        paths = session.watched()
        folders = [path if path.is_dir() else path.parent for path in map(Path.resolve, paths)]

        def asked(_: Change, path: str, folders: list[Path] = folders) -> bool:
            return matters(folders, path)

        changes = awatch(*paths, watch_filter=asked, stop_event=ending, step=PAUSE, recursive=True)
        async for _ in changes:
            await run_in_threadpool(session.again)
            if session.watched() != paths:  # another source is named now
                break
