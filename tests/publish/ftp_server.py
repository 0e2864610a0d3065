"""An FTP server that tests start."""

import hashlib
import threading
import warnings
from functools import partialmethod
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

    def __init__(
        self,
        root: Path,
        certificate: Path | None,
        *,
        implicit: bool = False,
        replaces: bool = True,
        digests: dict[str, Any] | None = None,
    ) -> None:
        accounts = DummyAuthorizer()
        accounts.add_user(USER, SECRET, str(root), perm="elradfmwMT")
        base = TLS_FTPHandler if certificate is not None else FTPHandler
        facts: dict[str, Any] = {"authorizer": accounts, "banner": "ready", "auth_failed_timeout": 0}
        if certificate is not None:
            facts |= {"certfile": str(certificate), "tls_control_required": True, "tls_data_required": True}
        if not replaces:
            facts["ftp_RNTO"] = _refuses_to_replace
        if digests is not None:
            facts |= digests
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


def digests(*features: str, spoils: bool = False, refuses: bool = False) -> dict[str, Any]:
    """What a server's handler has that tells digests: these features, and the commands HASH, XSHA256 and XMD5."""

    def answer(self: Any, path: str, kind: str, before: str) -> Any:
        self.asked.append(before or kind)
        if refuses:
            return self.respond("550 Not today.")
        raw = Path(path).read_bytes() + (b"!" if spoils else b"")
        return self.respond(f"213 {before}{hashlib.new(kind, raw).hexdigest().upper()} {Path(path).name}")

    def hash_(self: Any, path: str) -> Any:
        return answer(self, path, self.kind, f"{self.kind} 0-9 ")

    def options(self: Any, line: str) -> Any:
        self.kind = line.rpartition(" ")[2].replace("-", "").lower()
        return self.respond("200 So be it.")

    def features_(self: Any, line: str) -> Any:
        self.push("211-Features supported:\r\n" + "".join(f" {one}\r\n" for one in features))
        return self.respond("211 End.")

    told = {"perm": "r", "auth": True, "arg": True, "help": "a digest"}
    commands = {**TLS_FTPHandler.proto_cmds, **dict.fromkeys(("HASH", "XSHA256", "XMD5"), told)}
    return {
        "ftp_FEAT": features_, "proto_cmds": commands, "ftp_HASH": hash_,
        "ftp_XSHA256": partialmethod(answer, kind="sha256", before=""), "asked": [], "kind": "",
        "ftp_XMD5": partialmethod(answer, kind="md5", before=""), "ftp_OPTS": options,
    }  # fmt: skip


def _begins_with_tls(self: Any) -> None:
    self.secure_connection(self.get_ssl_context())
    TLS_FTPHandler.handle(self)
