"""Delivery by FTP with TLS, or without where the project allows that."""

import ftplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.kinds import Address
from feedsmith.publish.secret import Veil
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.swap import RefusedError, swap_in, temporary_name
from feedsmith.publish.target import AGAIN, BLOCK, DIRECT, REFUSED, Budget, Meaning, Parcel, Placed, told

PORTS = {"explicit": 21, "implicit": 990}


LOGIN = "check the user's name and the password"
MEANINGS = (
    Meaning(
        (ssl.SSLCertVerificationError,), TargetClosedError, "the server's certificate is refused: {said}",
        "correct the server's name in `to`, or name the file of its authority under `ca`",
    ),
    Meaning((ftplib.error_perm, RefusedError), DeliveryError, "the server refuses it: {said}", REFUSED),
    Meaning((TimeoutError,), TargetBusyError, "the server gives no sign of life", AGAIN),
    Meaning((OSError, EOFError, ftplib.Error), TargetBusyError, "the connection failed: {said}", AGAIN),
)  # fmt: skip


class FtpTarget:
    """A folder of an FTP server; one connection for all files, opened when the first one comes."""

    def __init__(self, settings: TargetSettings, address: Address, project: Path) -> None:
        self._settings, self._address, self._project = settings, address, project
        self._shown = str(settings.to)
        path = address.path if address.path.endswith("/") else f"{address.path}/"
        self._folder = path.removeprefix("/~/") if path.startswith("/~/") else path
        self._veil = Veil()
        self._ftp: ftplib.FTP | None = None

    def put(self, parcel: Parcel) -> Placed:
        """Write under a temporary name, check the size, rename."""
        name = temporary_name(parcel.name) if self._settings.rename else parcel.name
        with self._connected(parcel.budget, parcel.name) as ftp:
            self._write(ftp, parcel, self._folder + name)
            size = self._size(ftp, self._folder + name)
            if size not in {None, parcel.size}:
                problem = f"{size:,} of {parcel.size:,} bytes arrived"
                raise TargetBusyError(self._place(parcel.name), problem, AGAIN)
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
        if self._ftp is not None:
            self._ftp.close()
        self._ftp = None

    # --- the connection --------------------------------------------------------------------------------------

    @contextmanager
    def _connected(self, budget: Budget, name: str) -> Iterator[ftplib.FTP]:
        """The open connection; what fails inside is told as a delivery error, and the connection is given up."""
        place = self._place(name)
        try:
            budget.check(place)
            ftp = self._ftp or self._open(budget)
            ftp.timeout = budget.patience
            if ftp.sock is not None:
                ftp.sock.settimeout(budget.patience)
            yield ftp
        except BaseException as error:
            self.close()
            meant = told(error, MEANINGS, place, self._veil)
            if meant is None:
                raise
            raise meant from error

    def _open(self, budget: Budget) -> ftplib.FTP:
        address, settings = self._address, self._settings
        password = settings.password.reveal(self._project).get_secret_value() if settings.password else ""
        if password:
            self._veil.add(password)
        begin = settings.tls or ("implicit" if address.port == PORTS["implicit"] else "explicit")
        self._ftp = ftp = self._client(begin)
        ftp.connect(address.host, address.port or PORTS[begin], timeout=budget.patience)
        try:
            ftp.login(address.user, password)  # with TLS it begins the encryption first
        except ftplib.error_perm as error:
            problem = f"the login is refused: {self._veil(str(error))}"
            raise TargetClosedError(self._place(""), problem, LOGIN) from error
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        ftp.voidcmd("TYPE I")  # sizes are told in this mode only
        return ftp

    def _client(self, begin: str) -> ftplib.FTP:
        if self._address.scheme == "ftp":
            return ftplib.FTP(encoding="utf-8")  # noqa: S321 - only where the project says `insecure`
        ca = self._settings.ca
        context = ssl.create_default_context(cafile=str(self._project / Path(ca).expanduser()) if ca else None)
        return (_Implicit if begin == "implicit" else _Explicit)(context=context, encoding="utf-8")

    def _place(self, name: str) -> Place:
        return Place(f"{self._shown.rstrip('/')}/{name}" if name else self._shown)

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
