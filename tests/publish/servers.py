"""Servers that tests start to deliver to, and a line to them that can be cut."""

import asyncio
import contextlib
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncssh

SECRET = "c4nary p/ss+word"  # noqa: S105 - of servers that the tests start
USER = "shop"


class Line:
    """A line to a server on this computer that is cut, or goes silent, after a number of bytes from the client.

    `cut_after` counts all connections together; None never. `silent` stops forwarding and closes nothing.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut_after: int | None = None
        self.silent = False
        self.sent = 0
        self.connections = 0
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self._to))
            self._open += [client, server]
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(4096):
                if counted and self.cut_after is not None and self.sent + len(block) > self.cut_after:
                    sink.sendall(block[: max(self.cut_after - self.sent, 0)])
                    self.sent = self.cut_after
                    if self.silent:
                        return
                    break
                self.sent += len(block) if counted else 0
                sink.sendall(block)
        self._end(source, sink)

    def _end(self, *both: socket.socket) -> None:
        for one in both:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def again(self, cut_after: int | None = None, *, silent: bool = False) -> None:
        """Count from zero, and cut there."""
        self.sent, self.cut_after, self.silent = 0, cut_after, silent

    def close(self) -> None:
        """End the line and all connections."""
        self._listener.close()
        self._end(*self._open)


class Sftp:
    """An SFTP server with a folder. What goes wrong is a set of words; each test sets its own.

    `drop-at-rename`, `drop-after-rename`: the connection ends; `no-posix`: only the plain rename, which refuses to
    replace; `no-rename`: no renaming at all; `takes`: a file is gone as soon as it is written; `denied`: no writing.
    """

    def __init__(self, root: Path, words: set[str] | None = None) -> None:
        self.root, self.words = root, words if words is not None else set()
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self.connections: list[Any] = []
        self.logins = 0
        self._loop = asyncio.new_event_loop()
        self._listener = self._loop.run_until_complete(self._listen())
        self.port = self._listener.get_port()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    @property
    def fingerprint(self) -> str:
        return self.key.get_fingerprint()

    async def _listen(self) -> Any:
        def files(channel: Any) -> Any:
            return _Files(channel, chroot=str(self.root), owner=self)

        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=lambda: _Login(self), server_host_keys=[self.key], sftp_factory=files,
            allow_scp=False,
        )  # fmt: skip

    def close(self) -> None:
        """End the server and its connections."""

        async def end() -> None:
            self._listener.close()
            await self._listener.wait_closed()
            for connection in self.connections:
                connection.abort()
                await connection.wait_closed()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Login(asyncssh.SSHServer):
    def __init__(self, owner: Sftp) -> None:
        self._owner = owner

    def connection_made(self, conn):
        self._owner.connections.append(conn)

    def begin_auth(self, username):
        self._owner.logins += 1
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == (USER, SECRET)

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return key.public_data == self._owner.user_key.public_data


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, chroot: str, owner: Sftp) -> None:
        self._owner, self._channel = owner, channel
        super().__init__(channel, chroot=chroot)

    def _drop(self) -> None:
        self._channel.get_connection().abort()

    def open(self, path, pflags, attrs):
        if "denied" in self._owner.words and pflags & asyncssh.FXF_WRITE:
            raise asyncssh.SFTPPermissionDenied("no writing here")
        return super().open(path, pflags, attrs)

    def close(self, file_obj):
        super().close(file_obj)
        if "takes" in self._owner.words:
            Path(os.fsdecode(file_obj.name)).unlink()

    def rename(self, oldpath, newpath):
        if "no-rename" in self._owner.words:
            raise asyncssh.SFTPPermissionDenied("no renaming here")
        if Path(os.fsdecode(self.map_path(newpath))).exists():
            raise asyncssh.SFTPFailure("file already exists")
        return super().rename(oldpath, newpath)

    def posix_rename(self, oldpath, newpath):
        words = self._owner.words
        if "drop-at-rename" in words:
            self._drop()
            raise asyncssh.SFTPConnectionLost("gone")
        if {"no-posix", "no-rename"} & words:
            raise asyncssh.SFTPOpUnsupported("not known here")
        super().posix_rename(oldpath, newpath)
        if "drop-after-rename" in words:
            self._drop()


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that went away is what tests are about."""


class Web:
    """An HTTP server that keeps what it is sent. `answers` are taken one after the other, the last one for ever.

    An answer is (status, headers, body); headers may hold `ETag` as `auto`: then it is that of the content, and
    `If-Match` is held against it.
    """

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(201, {}, b"")]
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.files: dict[str, bytes] = {}
        self._server = _Quiet(("127.0.0.1", 0), _handler(self))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()


def tag_of(content: bytes) -> str:
    """The version of a file's content, as the server tells it."""
    return f'"{hashlib.sha256(content).hexdigest()}"'


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - a class that knows its server
    class Handler(BaseHTTPRequestHandler):
        def body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = b""
            while size := int(self.rfile.readline(), 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            return found

        def is_cut(self, content: bytes) -> bool:
            """The client went away: what came of the file is thrown away."""
            told = self.headers.get("Content-Length")
            chunked = "Transfer-Encoding" in self.headers
            return len(content) < int(told or 0) or (told is None and self.command == "PUT" and not chunked)

        def answer(self) -> None:
            content = self.body()
            if self.is_cut(content):
                self.close_connection = True
                return
            web.seen.append((self.command, self.path, dict(self.headers), content))
            status, headers, body = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
            name = self.path.partition("?")[0]
            if headers.get("ETag") == "auto":
                wanted = self.headers.get("If-Match")
                refused = wanted and wanted != tag_of(web.files.get(name, b""))
                status, headers = (412, {}) if refused else (status, {"ETag": tag_of(content)})
            if status < 300:
                web.files[name] = content
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - as they are called

        def log_message(self, *words: object) -> None:
            pass

    return Handler


@contextlib.contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server, closed at the end."""
    try:
        yield server
    finally:
        server.close()
