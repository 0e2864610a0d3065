"""An FTP server that tests start."""

import threading
import warnings
from pathlib import Path
from typing import Any

from tests.publish.servers import SECRET, USER

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it stands on a module that newer versions of Python lack
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer


class Ftp:
    """An FTP server with a folder; `tls` is a context's certificate file, or empty for none."""

    def __init__(self, root: Path, certificate: Path | None, *, implicit: bool = False, replaces: bool = True) -> None:
        accounts = DummyAuthorizer()
        accounts.add_user(USER, SECRET, str(root), perm="elradfmwMT")
        base = TLS_FTPHandler if certificate is not None else FTPHandler
        facts: dict[str, Any] = {"authorizer": accounts, "banner": "ready", "auth_failed_timeout": 0}
        if certificate is not None:
            facts |= {"certfile": str(certificate), "tls_control_required": True, "tls_data_required": True}
        if not replaces:
            facts["ftp_RNTO"] = _refuses_to_replace
        if implicit:
            facts["handle"] = _begins_with_tls
        handler = type("Handler", (base,), facts)
        self._loop = IOLoop()
        self._server = FTPServer(("127.0.0.1", 0), handler, ioloop=self._loop)
        self.port = self._server.socket.getsockname()[1]
        self._stop = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stop:
            self._loop.loop(timeout=0.05, blocking=False)

    def close(self) -> None:
        """End the server and its connections."""
        self._stop = True
        self._thread.join()
        self._server.close_all()


def _refuses_to_replace(self: Any, path: str) -> Any:
    if Path(path).exists():
        self.respond("550 File exists.")
        return None
    return FTPHandler.ftp_RNTO(self, path)


def _begins_with_tls(self: Any) -> None:
    self.secure_connection(self.get_ssl_context())
    TLS_FTPHandler.handle(self)
