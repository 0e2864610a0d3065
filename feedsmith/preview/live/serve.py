"""Serving the preview on this computer until someone stops it."""

import secrets
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from feedsmith.errors import OutputError, UsageError
from feedsmith.issues import Place
from feedsmith.preview.live.guard import TOKEN
from feedsmith.preview.live.server import app_of
from feedsmith.preview.live.session import Session

LOOPBACK = ("127.0.0.1", "localhost", "::1")
GRACE = 1
"""Seconds that open requests get when the server ends."""


def serve(
    session: Session, host: str, port: int, tell: Callable[[str], None], *, browse: bool = True, offline: bool = False
) -> None:
    """Serve until interrupted.

    Args:
        session: what is shown; it is started here.
        host: an address of this computer itself.
        port: 0 for any that is free.
        tell: takes the page's address.
        browse: open it in the reader's browser.
        offline: no picture is ever loaded.

    Raises:
        UsageError: another computer could reach that address.
        OutputError: the port is taken.
    """
    if host not in LOOPBACK:
        hint = "from another computer, use `ssh -L 8765:127.0.0.1:8765 HOST` and --port 8765"
        raise UsageError(Place("command line"), f"--host {host!r}: the preview is for this computer only", hint)
    token = secrets.token_urlsafe(24)
    with _socket(host, port) as listening:
        taken = listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        session.start()
        app = app_of(session, token, offline=offline)
        config = uvicorn.Config(
            app, log_level="error", access_log=False, timeout_graceful_shutdown=GRACE, lifespan="on"
        )
        server = _Server(config, app.state.end)
        address = f"http://{shown}:{taken}/?{TOKEN}={token}"
        tell(address)
        if browse:
            webbrowser.open(address)
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that lets its listeners go before it waits for them."""

    def __init__(self, config: uvicorn.Config, end: Callable[[], None]) -> None:
        super().__init__(config)
        self.end = end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams first: they would never end by themselves."""
        self.end()
        await super().shutdown(sockets)


def _socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen()  # a browser that comes before the server is up waits
    except OSError as error:
        found.close()
        raise OutputError(
            Place("command line"), f"--port {port}: {error.strerror or error}", "leave --port out to take any free one"
        ) from error
    return found
