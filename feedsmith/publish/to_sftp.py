"""Delivery by SFTP. The server's key must be known; what is written is whole before it gets its name."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.server import ServerTarget
from feedsmith.publish.swap import RefusedError, swap_in, temporary_name
from feedsmith.publish.target import AGAIN, DIRECT, REFUSED, Budget, Meaning, Parcel, Placed

paramiko: Any = import_module("paramiko")

PORT = 22
HASHES = {16: "md5", 20: "sha1", 32: "sha256"}
"""Length of a digest → its kind: a server says which one of those it was asked for it took, by what it sends."""
UNCHECKED = "the server took the file away at once; its size could not be checked"


class _HostKeyError(Exception):
    """The server has another key than those that are pinned."""


TOOK_AWAY = "some servers take every file in at once; write `rename: no` for those"
HOST_KEY = "ask the server's owner for its fingerprint and write it under `host_key`; if it changed and nobody knows why, somebody may stand in between"  # noqa: E501 - one sentence
LOGIN = "check the user's name and the password or key"
REFUSALS = (RefusedError, FileNotFoundError, PermissionError)
ANOTHER_KEY = "the server's key is another one than the known one"
MEANINGS = (
    Meaning(
        (RefusedError, FileNotFoundError, PermissionError), DeliveryError, "the server refuses it: {said}", REFUSED
    ),
    Meaning((_HostKeyError,), TargetClosedError, "{said}", HOST_KEY),
    Meaning((paramiko.BadHostKeyException,), TargetClosedError, ANOTHER_KEY, HOST_KEY),
    Meaning((paramiko.AuthenticationException,), TargetClosedError, "the login is refused: {said}", LOGIN),
    Meaning((TimeoutError,), TargetBusyError, "the server gives no sign of life", AGAIN),
    Meaning((OSError, EOFError, paramiko.SSHException), TargetBusyError, "the connection failed: {said}", AGAIN),
)


class SftpTarget(ServerTarget[Any]):
    """A folder of an SFTP server; what is written is not waited for until the end."""

    meanings = MEANINGS
    _client: Any = None
    _can_hash = True

    def put(self, parcel: Parcel) -> Placed:
        """Write under a temporary name, check size and hash, rename."""
        with self._connected(parcel.budget, parcel.name) as sftp:
            if not self._settings.rename:
                self._write(sftp, parcel, self._folder + parcel.name)
                return Placed(note="; ".join(filter(None, [DIRECT, self._check(sftp, parcel, parcel.name)])))
            temporary = temporary_name(parcel.name)
            self._write(sftp, parcel, self._folder + temporary)
            note = self._check(sftp, parcel, temporary)
            if note:
                raise DeliveryError(self._place(parcel.name), "the server took the temporary file away", TOOK_AWAY)
            if self._settings.mode:
                sftp.chmod(self._folder + temporary, int(self._settings.mode, 8))
            return Placed(note=swap_in(_Files(sftp), self._folder, parcel.name))

    def remove(self, name: str, budget: Budget) -> str:
        """Remove a file that we delivered before."""
        with self._connected(budget, name) as sftp, suppress(FileNotFoundError):
            sftp.remove(self._folder + name)
        return ""

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.close()
        self._client = self._connection = None

    # --- the connection --------------------------------------------------------------------------------------

    def _be_patient(self, connection: Any, seconds: float) -> None:
        connection.get_channel().settimeout(seconds)

    def _open(self, budget: Budget) -> Any:
        address, settings = self._address, self._settings
        password = self._secret(settings.password)
        key = self._key()
        self._client = client = paramiko.SSHClient()
        client.set_missing_host_key_policy(_pinned(settings.host_key))
        if settings.known_hosts and not settings.host_key:
            self._load_known(client, self._project / Path(settings.known_hosts).expanduser())
        elif not settings.host_key:
            client.load_system_host_keys()
        own = password is None and key is None
        client.connect(
            address.host, address.port or PORT, address.user, password, pkey=key, timeout=budget.patience,
            banner_timeout=budget.patience, auth_timeout=budget.patience, channel_timeout=budget.patience,
            allow_agent=own, look_for_keys=own,
        )  # fmt: skip
        return client.open_sftp()

    def _load_known(self, client: Any, path: Path) -> None:
        try:
            client.load_host_keys(str(path))
        except OSError as error:
            problem = f"the file of known servers cannot be read: {error.strerror}"
            raise TargetClosedError(Place(str(path)), problem, "correct `known_hosts`") from error

    def _key(self) -> Any:
        text, passphrase = self._secret(self._settings.key), self._secret(self._settings.passphrase)
        if text is None:
            return None
        for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
            with suppress(paramiko.SSHException, ValueError):
                return kind.from_private_key(io.StringIO(text), passphrase)
        hint = "give the private key as `ssh-keygen` writes it, and its `passphrase` if it has one"
        raise TargetClosedError(self._place(""), "`key` is no private key that can be read", hint)

    # --- one file --------------------------------------------------------------------------------------------

    def _write(self, sftp: Any, parcel: Parcel, path: str) -> None:
        """Send the content; nothing is waited for on the way. A connection that breaks is closed before the file is."""
        with parcel.local.open("rb") as local:
            remote = sftp.open(path, "wb")
            remote.set_pipelined(True)
            try:
                for block in parcel.blocks(local, self._place(parcel.name)):
                    remote.write(block)
                remote.close()
            except BaseException:
                self.close()
                raise

    def _check(self, sftp: Any, parcel: Parcel, name: str) -> str:
        """Size, then hash where the server can; gives a remark where there was nothing to look at."""
        try:
            size = sftp.stat(self._folder + name).st_size
        except FileNotFoundError:
            return UNCHECKED
        if size != parcel.size:
            problem = f"{size:,} of {parcel.size:,} bytes arrived"
            raise TargetBusyError(self._place(parcel.name), problem, AGAIN)
        found = self._hash(sftp, self._folder + name) if self._can_hash else b""
        if found and found.hex() != parcel.digest(HASHES[len(found)]):
            raise TargetBusyError(self._place(parcel.name), "what arrived is not what was sent", AGAIN)
        return ""

    def _hash(self, sftp: Any, path: str) -> bytes:
        """The server's own hash of a file; empty where it knows no such thing."""
        try:
            with sftp.open(path, "rb") as file:
                found: bytes = file.check(",".join(HASHES[length] for length in sorted(HASHES, reverse=True)))
        except TimeoutError:
            raise
        except OSError:
            self._can_hash = False
            return b""
        return found if len(found) in HASHES else b""


def _pinned(fingerprints: list[str]) -> Any:
    known = {one.rstrip("=") for one in fingerprints}

    class Pinned(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
        """Takes the server's key if its fingerprint is one of those that the project names."""

        def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:  # noqa: ARG002 - as it is called
            if key.fingerprint.rstrip("=") not in known:
                which = "is not the one under `host_key`" if known else "is not known"
                message = f"the server's key {key.get_name()} {key.fingerprint} {which}"
                raise _HostKeyError(message)

    return Pinned()


class _Files:
    """The server's files, for `swap_in`."""

    def __init__(self, sftp: Any) -> None:
        self._sftp = sftp

    def replace(self, old: str, new: str) -> None:
        with _refusals():
            self._sftp.posix_rename(old, new)

    def rename(self, old: str, new: str) -> None:
        with _refusals():
            self._sftp.rename(old, new)

    def exists(self, name: str) -> bool:
        try:
            self._sftp.stat(name)
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        with _refusals():
            self._sftp.remove(name)


@contextmanager
def _refusals() -> Iterator[None]:
    """A server's no as RefusedError: paramiko gives it as an OSError with the server's words, or of these two kinds.

    A connection that is lost is another OSError (reset, broken pipe, timeout, a closed socket).
    """
    try:
        yield
    except (FileNotFoundError, PermissionError) as error:
        raise RefusedError(error.strerror) from error
    except OSError as error:
        if type(error) is not OSError or error.errno is not None or str(error) == "Socket is closed":
            raise
        raise RefusedError(str(error)) from error


TARGET = SftpTarget
