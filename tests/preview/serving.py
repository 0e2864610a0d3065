"""The preview of a project, filled and served, for tests."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn

from feedsmith.preview.live.guard import TOKEN
from feedsmith.preview.live.serve import _Server, _socket
from feedsmith.preview.live.server import app_of
from feedsmith.preview.live.session import Session
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts
from tests.channels.engine import NOW
from tests.helpers import ROOT

SECRET = "a-token-of-tests"  # noqa: S105
PATIENCE = 120.0


def copied(sample: str, folder: Path) -> Path:
    """A sample project that a test may change."""
    found = folder / sample
    shutil.copytree(ROOT / "samples" / sample, found, ignore=shutil.ignore_patterns("out", ".feedsmith"))
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that happens elsewhere."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def filled(session: Session) -> Session:
    """The session, when its index is whole."""
    until(lambda: not session.busy, "a whole index")
    return session


@contextmanager
def opened(project: Path, **more: object) -> Iterator[Session]:
    """The session of a project at a fixed moment, with a whole index."""
    request = replace(Request(project=project, here=project, as_of=NOW, workers=1), **more)
    session = Session(request, Texts("en"))
    try:
        session.start()
        yield filled(session)
    finally:
        session.close()


@dataclass
class Served:
    """A running preview: its address with the token, and what it shows."""

    address: str
    session: Session


@contextmanager
def served(project: Path, **more: object) -> Iterator[Served]:
    """The preview of a project, served as the command does."""
    with opened(project, **more) as session, _socket("127.0.0.1", 0) as listening:
        app = app_of(session, SECRET)
        config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1, lifespan="on")
        server = _Server(config, app.state.end)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started, "the server")
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}/?{TOKEN}={SECRET}", session)
        finally:
            server.should_exit = True
            thread.join()
