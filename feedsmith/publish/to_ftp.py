"""Delivery by FTP with TLS, or without where the project allows that."""

import ftplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.publish.server import ServerTarget, certificates
from feedsmith.publish.swap import RefusedError, swap_in, temporary_name
from feedsmith.publish.target import AGAIN, BLOCK, DIRECT, REFUSED, Budget, Meaning, Parcel, Placed

PORTS = {"explicit": 21, "implicit": 990}
LOGIN = "check the user's name and the password"
MEANINGS = (
    Meaning(
        (ssl.SSLCertVerificationError,), TargetClosedError, "the server's certificate is refused: {said}",
        "correct the server's name in `to`, or name the file of its authority under `ca`",
    ),
    Meaning((ftplib.error_perm, RefusedError), DeliveryError, "the server refuses it: {said}", REFUSED),
    Meaning((TimeoutError,), TargetBusyError, "the server gives no sign of life", AGAIN),
    Meaning((ValueError,), TargetClosedError, "name, password or path cannot be sent: {said}", LOGIN),
    Meaning((OSError, EOFError, ftplib.Error), TargetBusyError, "the connection failed: {said}", AGAIN),
)  # fmt: skip


DIGESTS = {"sha256": ("SHA-256", "XSHA256"), "sha1": ("SHA-1", "XSHA1"), "md5": ("MD5", "XMD5")}
"""Kinds of digests, the best first: what the command HASH calls them, and commands of their own.

Source: draft-bryan-ftpext-hash, and the commands that servers had before it.
"""
HASH = "HASH"


@dataclass(frozen=True, slots=True)
class Way:
    """How a server tells the digest of a file: the command, the kind, and what is to be said before."""

    command: str
    kind: str
    before: str = ""


class FtpTarget(ServerTarget[ftplib.FTP]):
    """A folder of an FTP server; in binary mode, as sizes are told in that only."""

    meanings = MEANINGS
    _link: ftplib.FTP | None = None
    """The connection, also before the login."""
    _way: Way | None = None
    """How the server of the connection tells digests."""

    def put(self, parcel: Parcel) -> Placed:
        """Write under a temporary name, check the size, and the digest where the server tells it; rename."""
        name = temporary_name(parcel.name) if self._settings.rename else parcel.name
        with self._connected(parcel.budget, parcel.name) as ftp:
            self._write(ftp, parcel, self._folder + name)
            size = self._size(ftp, self._folder + name)
            if size not in {None, parcel.size}:
                problem = f"{size:,} of {parcel.size:,} bytes arrived"
                raise TargetBusyError(self._place(parcel.name), problem, AGAIN)
            if not self._arrived(ftp, parcel, self._folder + name):
                raise TargetBusyError(self._place(parcel.name), "what arrived is not what was sent", AGAIN)
            if not self._settings.rename:
                return Placed(note=DIRECT)
            return Placed(note=swap_in(_Files(ftp), self._folder, parcel.name))

    def remove(self, name: str, budget: Budget) -> str:
        """Remove a file that we delivered before."""
        with self._connected(budget, name) as ftp:
            files = _Files(ftp)
            if files.exists(self._folder + name):
                files.delete(self._folder + name)
        return ""

    def close(self) -> None:
        """End the connection."""
        if self._link is not None:
            self._link.close()
        self._link = self._connection = None

    # --- the connection --------------------------------------------------------------------------------------

    def _be_patient(self, connection: ftplib.FTP, seconds: float) -> None:
        connection.timeout = seconds
        if connection.sock is not None:
            connection.sock.settimeout(seconds)

    def _open(self, budget: Budget) -> ftplib.FTP:
        address, settings = self._address, self._settings
        password = self._secret(settings.password) or ""
        begin = settings.tls or ("implicit" if address.port == PORTS["implicit"] else "explicit")
        self._link = ftp = self._client(begin)
        ftp.connect(address.host, address.port or PORTS[begin], timeout=budget.patience)
        try:
            ftp.login(address.user, password)  # with TLS it begins the encryption first
        except ftplib.error_perm as error:
            problem = f"the login is refused: {self._veil(str(error))}"
            raise TargetClosedError(self._place(""), problem, LOGIN) from error
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        ftp.voidcmd("TYPE I")
        self._way = _way(ftp)
        return ftp

    def _client(self, begin: str) -> ftplib.FTP:
        if self._address.scheme == "ftp":
            return ftplib.FTP(encoding="utf-8")  # noqa: S321 - only where the project says `insecure`
        context = certificates(self._settings, self._project)
        return (_Implicit if begin == "implicit" else _Explicit)(context=context, encoding="utf-8")

    # --- one file --------------------------------------------------------------------------------------------

    def _write(self, ftp: ftplib.FTP, parcel: Parcel, path: str) -> None:
        place = self._place(parcel.name)
        with parcel.local.open("rb") as local:
            ftp.storbinary(f"STOR {path}", local, BLOCK, callback=lambda _: parcel.budget.check(place))

    def _size(self, ftp: ftplib.FTP, path: str) -> int | None:
        """The size there; None where the server does not tell."""
        try:
            return ftp.size(path)
        except ftplib.error_perm:
            return None

    def _arrived(self, ftp: ftplib.FTP, parcel: Parcel, path: str) -> bool:
        """Whether the server's digest of a file is that of ours; where it tells none, nothing speaks against it."""
        way = self._way
        if way is None:
            return True
        try:
            if way.before:
                ftp.sendcmd(way.before)
            answer = ftp.sendcmd(f"{way.command} {path}")
        except ftplib.error_perm:
            self._way = None
            return True
        ours = parcel.digest(way.kind)
        found = re.search(rf"\b[0-9a-f]{{{len(ours)}}}\b", answer.lower())
        return found is None or found[0] == ours


def _way(ftp: ftplib.FTP) -> Way | None:
    """The best way in which the server tells digests, by its list of features; None where it has none."""
    try:
        features = ftp.sendcmd("FEAT").upper().splitlines()
    except ftplib.error_perm:
        return None
    words = {line.split()[0]: line for line in features if line.strip()}
    kinds = {one.strip().rstrip("*") for one in words.get(HASH, "").removeprefix(f" {HASH}").split(";")}
    for kind, (name, own) in DIGESTS.items():
        if name in kinds:
            return Way(HASH, kind, f"OPTS {HASH} {name}")
        if own in words:
            return Way(own, kind)
    return None


class _Explicit(ftplib.FTP_TLS):
    """Begins in the clear and turns to TLS before the login. Data connections go on with the session of the first.

    Many servers demand that, so that nobody else can take the data connection.
    """

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[Any, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - in TLS with the next lines
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


class _Implicit(_Explicit):
    """Speaks TLS from the first byte."""

    def connect(self, *given: Any, **more: Any) -> str:
        self._begun = False
        return super().connect(*given, **more)

    def getresp(self) -> str:
        """The welcome is the first thing that comes, and it comes encrypted."""
        if not self._begun and self.sock is not None:
            self._begun = True
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)
            self.file = self.sock.makefile("r", encoding=self.encoding)
        return super().getresp()


class _Files:
    """The server's files, for `swap_in`. FTP knows one way to rename: most servers replace what is there."""

    def __init__(self, ftp: ftplib.FTP) -> None:
        self._ftp = ftp

    def replace(self, old: str, new: str) -> None:
        self.rename(old, new)

    def rename(self, old: str, new: str) -> None:
        with _refusals():
            self._ftp.rename(old, new)

    def exists(self, name: str) -> bool:
        try:
            return self._ftp.size(name) is not None
        except ftplib.error_perm:
            return False

    def delete(self, name: str) -> None:
        with _refusals():
            self._ftp.delete(name)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ftplib.error_perm as error:
        raise RefusedError(str(error)) from error


TARGET = FtpTarget
