"""What targets on servers have in common: one connection for all files, secrets, certificates, and errors told."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from feedsmith.errors import TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.kinds import Address
from feedsmith.publish.secret import Secret, Veil
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Budget, Meaning, told

Connection = TypeVar("Connection")
HOME = "/~/"
"""Begins a path in the folder that a login leads to."""


class ServerTarget(ABC, Generic[Connection]):
    """A folder of a server; its one connection is opened when the first file comes, and again after it broke."""

    meanings: ClassVar[tuple[Meaning, ...]]
    """What errors come to; anything else is a bug of ours."""

    def __init__(self, settings: TargetSettings, address: Address, project: Path) -> None:
        self._settings, self._address, self._project = settings, address, project
        path = f"{address.path.rstrip('/')}/"
        self._folder = "" if not address.path else path.removeprefix(HOME) if path.startswith(HOME) else path
        self._veil = Veil()
        self._connection: Connection | None = None

    @abstractmethod
    def close(self) -> None:
        """End the connection, if there is one."""

    @abstractmethod
    def _open(self, budget: Budget) -> Connection:
        """A new connection, logged in."""

    @abstractmethod
    def _be_patient(self, connection: Connection, seconds: float) -> None:
        """Wait this long for a sign of life."""

    @contextmanager
    def _connected(self, budget: Budget, name: str) -> Iterator[Connection]:
        """The open connection; what fails inside is told as a delivery error, and the connection is given up."""
        place = self._place(name)
        try:
            budget.check(place)
            if self._connection is None:
                self._connection = self._open(budget)
            self._be_patient(self._connection, budget.patience)
            yield self._connection
        except BaseException as error:
            self.close()
            meant = told(error, self.meanings, place, self._veil)
            if meant is None:
                raise
            raise meant from error

    def _place(self, name: str) -> Place:
        shown = str(self._settings.to)
        return Place(f"{shown.rstrip('/')}/{name}" if name else shown)

    def _secret(self, secret: Secret | None) -> str | None:
        if secret is None:
            return None
        text = secret.reveal(self._project).get_secret_value()
        self._veil.add(text)
        return text


def certificates(settings: TargetSettings, project: Path) -> ssl.SSLContext:
    """The certificates to trust: the system's, or those of the file `ca`.

    Raises:
        TargetClosedError: that file cannot be read, or holds no certificate.
    """
    path = project / Path(settings.ca).expanduser() if settings.ca else None
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        problem = f"the certificates cannot be read: {error.strerror or error}"
        hint = "name a file of certificates in PEM form under `ca`"
        raise TargetClosedError(Place(str(path)), problem, hint) from error
