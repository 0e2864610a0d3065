"""Delivery to object stores: S3 and services like it, Google Cloud Storage, Azure Blob Storage.

A store shows an object when all of it is there, so nothing is renamed. That nobody else wrote it meanwhile is asked
with the request itself where the file is sent in one; a larger one is sent in pieces, and that is asked just before.
"""

import mmap
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import msgspec

from feedsmith.errors import DeliveryError, TargetBusyError
from feedsmith.issues import Place
from feedsmith.publish.content import content_type
from feedsmith.publish.kinds import LOOPBACK, Address
from feedsmith.publish.secret import Veil
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import AGAIN, STALL, Budget, Parcel, Placed

obstore: Any = import_module("obstore")
stores: Any = import_module("obstore.store")
exceptions: Any = import_module("obstore.exceptions")

NOT_FOUND = (exceptions.NotFoundError, FileNotFoundError)
WHOLE = 64 << 20
"""Bytes of the largest file that is sent in one request."""
PIECE = 8 << 20
PIECES_AT_ONCE = 4
SLOWEST = 50_000
"""Bytes a second below which a line counts as stalled."""
LISTEN = 0.2
"""Seconds between two looks for a signal while the library works."""
RETRIES = 2
"""Of one request; the whole file is tried again after them."""
HASH = "feedsmithsha256"
"""The metadata by which an object of ours is known again, where the answer to its upload was lost.

Letters only: some stores take no hyphens there, some servers before a store no underlines.
"""
STATUS = re.compile(r"status code: (\d{3})")
CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>|\"code\": ?\"([A-Za-z]{1,60})\"")
NOT_NOW = frozenset({408, 409, 425, 429})
SERVER_FAULT = 500
OWN_LOGIN = ("169.254.169.254", "metadata.google.internal")
"""Where a machine of a cloud asks for its own login."""
CONFIGURE = {
    "s3": "check `endpoint`, `region`, `access_key` and `secret_key`, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and what that key may do",  # noqa: E501 - one sentence
    "gs": "check `service_account`, or GOOGLE_APPLICATION_CREDENTIALS, and what that account may do",
    "az": "check `account`, `account_key` and `sas`, or AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """A version of an object, as stores name it; some by the first, some by the second."""

    e_tag: str | None = None
    version: str | None = None


class StoreTarget:
    """A bucket or container, and a folder in it."""

    def __init__(self, settings: TargetSettings, address: Address, project: Path) -> None:
        self._settings, self._address, self._project = settings, address, project
        self._folder = f"{address.path.strip('/')}/".lstrip("/")
        self._veil = Veil()

    def put(self, parcel: Parcel) -> Placed:
        """Send a file, on the condition that the object is still the one that we delivered last."""
        key = self._folder + parcel.name
        with self._told(parcel.name):
            parcel.budget.check(self._place(parcel.name))
            store = self._store(parcel.budget, parcel.size)
            mode: Any = self._mode(parcel.since)
            try:
                return self._sent(store, key, parcel, mode)
            except (exceptions.PreconditionError, exceptions.AlreadyExistsError):
                return self._met(store, key, parcel, mode)

    def remove(self, name: str, budget: Budget) -> str:
        """Remove an object that we delivered before."""
        with self._told(name):
            try:
                _called(obstore.delete, self._store(budget), self._folder + name)
            except NOT_FOUND:
                return ""
        return ""

    def close(self) -> None:
        """Nothing is kept open."""

    # --- one object ------------------------------------------------------------------------------------------

    def _mode(self, since: str) -> Any:
        """Under which condition an object is written."""
        return msgspec.to_builtins(msgspec.json.decode(since, type=Version)) if since else "overwrite"

    def _sent(self, store: Any, key: str, parcel: Parcel, mode: Any) -> Placed:
        attributes = {"Content-Type": content_type(parcel.name), HASH: parcel.sha256}
        with parcel.local.open("rb") as file:
            if 0 < parcel.size <= WHOLE:
                # never closed by hand: after a failure the library may still look at it for a moment
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                given = _called(obstore.put, store, key, content, attributes=attributes, mode=mode, use_multipart=False)
                return _placed(given)
            if isinstance(mode, dict) and not self._stands(store, key, mode):
                raise exceptions.PreconditionError(key)
            given = _called(
                obstore.put, store, key, file, attributes=attributes, chunk_size=PIECE, max_concurrency=PIECES_AT_ONCE
            )
            return _placed(given)

    def _stands(self, store: Any, key: str, version: dict[str, str]) -> bool:
        """Whether the object is still this version."""
        try:
            found = _called(obstore.head, store, key)
        except NOT_FOUND:
            return False
        return all(found.get(name) == value for name, value in version.items())

    def _met(self, store: Any, key: str, parcel: Parcel, mode: Any) -> Placed:
        """What to do where the object is not the one that we delivered last.

        It may be this very file, sent by a try whose answer was lost; or it is gone, and there is nothing to replace.
        """
        try:
            found = _called(obstore.get, store, key, options={"head": True})
        except NOT_FOUND:
            if isinstance(mode, dict):
                return self._sent(store, key, parcel, "create")
            raise
        if found.attributes.get(HASH) == parcel.sha256:
            return _placed(found.meta)
        problem = "somebody else has written this file since feedsmith delivered it; it was left as it is"
        raise DeliveryError(self._place(parcel.name), problem, "look at it there; `--force` replaces it")

    # --- the store -------------------------------------------------------------------------------------------

    def _store(self, budget: Budget, size: int = 0) -> Any:
        """The store; a request may take as long as the file needs on a slow line, and no longer than the budget."""
        longest = max(min(max(STALL, min(size, WHOLE) / SLOWEST), budget.left), 1)
        endpoint = urlsplit(self._settings.endpoint or "")
        safe = endpoint.scheme == "http" and (endpoint.hostname in LOOPBACK or self._settings.insecure)
        common = {
            "client_options": {
                "timeout": timedelta(seconds=longest),
                "connect_timeout": timedelta(seconds=min(STALL, longest)),
                "allow_http": safe,
            },
            "retry_config": {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=max(budget.left, 1))},
        }
        made: Callable[[dict[str, Any]], Any] = getattr(self, f"_{self._address.scheme}")
        return made(common)

    def _s3(self, common: dict[str, Any]) -> Any:
        settings = self._settings
        return stores.S3Store(
            self._address.host,
            **self._given(
                endpoint=settings.endpoint, region=settings.region, access_key_id=settings.access_key,
                secret_access_key=settings.secret_key, session_token=settings.session_token,
            ),
            **common,
        )  # fmt: skip

    def _gs(self, common: dict[str, Any]) -> Any:
        given = self._given(service_account_key=self._settings.service_account)
        if self._settings.endpoint:
            given["base_url"] = self._settings.endpoint
        return stores.GCSStore(self._address.host, config=given, **common)

    def _az(self, common: dict[str, Any]) -> Any:
        settings = self._settings
        given = self._given(
            account_name=settings.account, account_key=settings.account_key, sas_key=settings.sas,
            endpoint=settings.endpoint,
        )  # fmt: skip
        return stores.AzureStore(self._address.host, **given, **common)

    def _given(self, **options: Any) -> dict[str, str]:
        """The options that are given, with secrets revealed; what is left out is looked for by the library."""
        found: dict[str, str] = {}
        for name, option in options.items():
            if option is None or isinstance(option, str):
                text = option
            else:
                text = option.reveal(self._project).get_secret_value()
                self._veil.add(text)
            if text is not None:
                found[name] = text
        return found

    # --- what goes wrong -------------------------------------------------------------------------------------

    def _place(self, name: str) -> Place:
        return Place(f"{str(self._settings.to).rstrip('/')}/{name}")

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Errors of the library in our words: theirs hold addresses, and for some stores these hold signatures."""
        place, configure = self._place(name), CONFIGURE[self._address.scheme]
        try:
            yield
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise DeliveryError(place, f"the store refuses it: {_answer(error)}", configure) from None
        except NOT_FOUND as error:
            bucket = f"there is no bucket or container {self._address.host!r}: {_answer(error)}"
            raise DeliveryError(place, bucket, configure) from None
        except (exceptions.GenericError, exceptions.PreconditionError, exceptions.AlreadyExistsError) as error:
            raise _generic(place, str(error), configure) from None
        except (exceptions.BaseError, ValueError) as error:
            problem = f"the store cannot be used: {type(error).__name__.removesuffix('Error')}"
            raise DeliveryError(place, problem, configure) from None


def _called(function: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """What a function of the library gives. It works in a thread of its own: there it cannot keep a signal waiting."""
    ended: list[tuple[Any, BaseException | None]] = []

    def work() -> None:
        try:
            ended.append((function(*given, **more), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that waits
            ended.append((None, error))

    thread = Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LISTEN)
    result, error = ended[0]
    if error is not None:
        raise error
    return result


def _placed(given: Any) -> Placed:
    version = Version(given.get("e_tag"), given.get("version"))
    return Placed(msgspec.json.encode(version).decode() if version != Version() else "")


def _answer(error: Exception) -> str:
    status, code = STATUS.search(str(error)), CODE.search(str(error))
    words = [status[1] if status else "", (code[1] or code[2]) if code else ""]
    return " ".join(filter(None, words)) or type(error).__name__.removesuffix("Error")


def _generic(place: Place, text: str, configure: str) -> DeliveryError:
    """An error without a kind of its own: the status tells whether another try may help."""
    if any(one in text for one in OWN_LOGIN):
        return DeliveryError(place, "no login is given, and this machine has none of its own", configure)
    status = STATUS.search(text)
    if status is not None:
        number = int(status[1])
        said = f"the store answers {_answer(Exception(text))}"
        if number in NOT_NOW or number >= SERVER_FAULT:
            return TargetBusyError(place, said, AGAIN)
        return DeliveryError(place, said, configure)
    if "redirect" in text:
        return DeliveryError(place, "the store points elsewhere: the bucket is in another region", "give its `region`")
    if "TimedOut" in text or "kind: Timeout" in text:
        return TargetBusyError(place, "the store does not answer in time", AGAIN)
    return TargetBusyError(place, "the connection to the store failed", AGAIN)


TARGET = StoreTarget
