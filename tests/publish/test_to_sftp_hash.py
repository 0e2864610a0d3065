"""An SFTP server that can tell the hash of a file: what arrived is held against what was sent."""

import os
import socket
import threading
from pathlib import Path

import paramiko
import pytest

from feedsmith.errors import TargetBusyError
from tests.publish.conftest import OURS
from tests.publish.servers import SECRET, USER, running

OLD, NEW = b"<rss>the old feed</rss>", b"<rss>the new feed</rss>" * 1000


class Login(paramiko.ServerInterface):
    def check_auth_password(self, username, password):
        good = (username, password) == (USER, SECRET)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username):
        return "password"


class Files(paramiko.SFTPServerInterface):
    """Files of one folder; with `spoils` a byte of each written file is changed, as a bad disk would."""

    root: Path
    spoils = False

    def path(self, name):
        return self.root / name.lstrip("/")

    def open(self, path, flags, attr):
        handle = Handle(flags)
        handle.filename, handle.spoils = self.path(path), self.spoils
        number = os.open(handle.filename, flags, 0o644)
        handle.readfile = handle.writefile = os.fdopen(number, "r+b" if flags & (os.O_RDWR | os.O_WRONLY) else "rb")
        return handle

    def stat(self, path):
        try:
            return paramiko.SFTPAttributes.from_stat(self.path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def posix_rename(self, oldpath, newpath):
        self.path(oldpath).replace(self.path(newpath))
        return paramiko.SFTP_OK


class Handle(paramiko.SFTPHandle):
    def stat(self):
        return paramiko.SFTPAttributes.from_stat(self.filename.stat())

    def close(self):
        writes = self.writefile.writable()
        super().close()
        if writes and self.spoils:
            content = self.filename.read_bytes()
            self.filename.write_bytes(content[:-1] + b"?")


class Server:
    """A server for one connection after the other."""

    def __init__(self, root: Path) -> None:
        self.files = type("Served", (Files,), {"root": root})
        self.key = paramiko.ECDSAKey.generate()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            transport.start_server(server=Login(), event=threading.Event())
            self._open.append(transport)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for transport in self._open:
            transport.close()


@pytest.mark.parametrize("spoils", [False, True])
def test_a_file_that_arrives_otherwise_than_it_was_sent_is_not_put_in_place(put, tmp_path, spoils):
    root = tmp_path / "served"
    root.mkdir()
    (root / "feed.xml").write_bytes(OLD)
    with running(Server(root)) as server:
        server.files.spoils = spoils
        there = {"to": f"sftp://{USER}@127.0.0.1:{server.port}/", "password": OURS, "host_key": server.key.fingerprint}
        if spoils:
            with pytest.raises(TargetBusyError, match="what arrived is not what was sent"):
                put(NEW, **there, retries=0)
        else:
            put(NEW, **there)
    assert (root / "feed.xml").read_bytes() == (OLD if spoils else NEW)
