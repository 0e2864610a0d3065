"""Delivery by HTTP: one PUT or POST for each file, whose answer must be what the project expects."""

import io
import json
import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import httpx2

from feedsmith import __version__
from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.content import content_type
from feedsmith.publish.kinds import Address
from feedsmith.publish.secret import Secret, Veil
from feedsmith.publish.server import certificates
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import AGAIN, Budget, Parcel, Placed

logging.getLogger("httpx2").setLevel(logging.WARNING)  # below that it tells whole addresses, parameters too

MOST = 1 << 16
"""Bytes of an answer that are read."""
SHOWN = 200
"""Characters of an answer that a message shows."""
NOT_NOW = frozenset({408, 425, 429, 500, 502, 503, 504})
CHANGED, ACCEPTED, LOGIN_NEEDED, GONE = 412, 202, 401, frozenset({404, 410})
REDIRECTS = range(300, 400)
NO_REMOVAL = frozenset({405, 501})
LATER = "the server has taken it and works on it; whether that went well, it does not say here"


class HttpTarget:
    """An HTTP server: a folder, or one address that takes all files."""

    def __init__(self, settings: TargetSettings, address: Address, project: Path) -> None:
        self._settings, self._project = settings, project
        self._shown = str(settings.to)
        parts = urlsplit(self._shown)
        self._user = address.user
        self._base = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self._post = settings.method == "POST" or settings.field is not None
        self._veil = Veil()
        self._client: httpx2.Client | None = None

    def put(self, parcel: Parcel) -> Placed:
        """Send a file, on the condition that it is still the one that we delivered last, where the server has a say."""
        place = self._place(parcel.name)
        with self._told(place), parcel.local.open("rb") as file:
            parcel.budget.check(place)
            request = self._request(parcel, file)
            with self._answered(request, parcel.budget) as answer:
                text = _read(answer, parcel.budget, place)
                self._check(answer, text, place)
                tag = "" if self._post else answer.headers.get("ETag", "")
                return Placed(tag if tag.startswith('"') else "", LATER if answer.status_code == ACCEPTED else "")

    def remove(self, name: str, budget: Budget) -> str:
        """Remove a file that we delivered before, where the address is a folder."""
        if self._post or not self._base.endswith("/"):
            return f"{name} is no longer made; the server was not told, since it has no address of its own"
        with self._told(self._place(name)):
            request = self._opened().build_request("DELETE", self._url(name), **self._with(), **_timeout(budget))
            with self._answered(request, budget) as answer:
                if answer.status_code in NO_REMOVAL:
                    return f"{name} is no longer made; the server removes no files"
                if answer.status_code not in GONE and not answer.is_success:
                    raise self._refusal(answer, _read(answer, budget, self._place(name)), self._place(name))
        return ""

    def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            self._client.close()
        self._client = None

    # --- requests --------------------------------------------------------------------------------------------

    def _opened(self) -> httpx2.Client:
        if self._client is None:
            verify = certificates(self._settings, self._project)
            self._client = httpx2.Client(verify=verify, follow_redirects=False)
        return self._client

    def _request(self, parcel: Parcel, file: BinaryIO) -> httpx2.Request:
        client, given, name = self._opened(), self._with(), parcel.name
        if parcel.since and not self._post:
            given["headers"]["If-Match"] = parcel.since
        content: Any = _Watched(file, parcel, self._place(name))
        method = "POST" if self._post else "PUT"
        if self._settings.field is not None:
            form = {self._settings.field: (name, content, content_type(name))}
            return client.build_request(method, self._url(name), files=form, **given, **_timeout(parcel.budget))
        usual = {"Content-Type": content_type(name), "Content-Length": str(parcel.size)}
        given["headers"] = usual | given["headers"]
        blocks = parcel.blocks(file, self._place(name))
        return client.build_request(method, self._url(name), content=blocks, **given, **_timeout(parcel.budget))

    def _url(self, name: str) -> str:
        return self._base + quote(name) if self._base.endswith("/") else self._base

    def _with(self) -> dict[str, Any]:
        """Headers and parameters, with their secrets."""
        settings = self._settings
        headers = {"User-Agent": f"feedsmith/{__version__}"}
        headers |= {name: self._revealed(value) for name, value in settings.headers.items()}
        if settings.token is not None:
            headers["Authorization"] = f"Bearer {self._revealed(settings.token)}"
        elif self._user or settings.password is not None:
            password = self._revealed(settings.password) if settings.password is not None else ""
            self._veil.add(f"{self._user}:{password}")
            coded = b64encode(f"{self._user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {coded}"
        params = {name: self._revealed(value) for name, value in settings.params.items()}
        return {"headers": headers, "params": params or None}

    def _revealed(self, value: Secret | str) -> str:
        if isinstance(value, str):
            return value
        text = value.reveal(self._project).get_secret_value()
        self._veil.add(text)
        return text

    @contextmanager
    def _answered(self, request: httpx2.Request, budget: Budget) -> Iterator[httpx2.Response]:
        """The answer, of which nothing has been read yet."""
        budget.check(self._place(""))
        answer = self._opened().send(request, stream=True)
        try:
            yield answer
        finally:
            answer.close()

    # --- answers ---------------------------------------------------------------------------------------------

    def _check(self, answer: httpx2.Response, text: str, place: Place) -> None:
        expect = self._settings.expect
        if answer.status_code not in expect.status:
            raise self._refusal(answer, text, place)
        if expect.matches is None:
            return
        found = text if expect.json_ is None else _value(text, expect.json_)
        if found is None or not re.search(expect.matches, found):
            what = f"`{expect.json_}` of its answer" if expect.json_ is not None else "its answer"
            problem = f"the server answers {answer.status_code}, but {what} is not as expected: {self._cut(text)}"
            raise DeliveryError(place, problem, "see what the server says; `expect` says what counts as done")

    def _refusal(self, answer: httpx2.Response, text: str, place: Place) -> DeliveryError:
        """What a status that is not expected means."""
        status = answer.status_code
        said = f"the server answers {status} {answer.reason_phrase}".rstrip()
        if status == CHANGED:
            problem = "somebody else has written this file since feedsmith delivered it; it was left as it is"
            return DeliveryError(place, problem, "look at it there; `--force` replaces it")
        if status in REDIRECTS:
            there = urlsplit(answer.headers.get("Location", "")).hostname or "another address"
            return DeliveryError(place, f"{said}: it points to {there}", "write the address that it points to")
        if text.strip():
            said += f": {self._cut(text)}"
        if status in NOT_NOW:
            return TargetBusyError(place, said, AGAIN, _wait(answer.headers.get("Retry-After", "")))
        kind = TargetClosedError if status == LOGIN_NEEDED else DeliveryError
        return kind(place, said, "check the address and the login")

    def _cut(self, text: str) -> str:
        line = " ".join(self._veil(text).split())
        return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"

    def _place(self, name: str) -> Place:
        return Place(self._shown + name if self._shown.endswith("/") else self._shown)

    @contextmanager
    def _told(self, place: Place) -> Iterator[None]:
        try:
            yield
        except httpx2.TimeoutException as error:
            raise TargetBusyError(place, "the server gives no sign of life", AGAIN) from error
        except httpx2.ConnectError as error:
            said = self._veil(str(error))
            if "CERTIFICATE_VERIFY_FAILED" in said:
                hint = "correct the server's name in `to`, or name the file of its authority under `ca`"
                raise TargetClosedError(place, f"the server's certificate is refused: {said}", hint) from error
            raise TargetBusyError(place, f"the connection failed: {said}", AGAIN) from error
        except httpx2.TransportError as error:
            said = self._veil(str(error)) or type(error).__name__
            raise TargetBusyError(place, f"the connection failed: {said}", AGAIN) from error


class _Watched(io.RawIOBase):
    """The local file for a form, as long as there is time."""

    def __init__(self, file: BinaryIO, parcel: Parcel, place: Place) -> None:
        self._file, self._parcel, self._place = file, parcel, place

    def read(self, size: int = -1, /) -> bytes:
        self._parcel.budget.check(self._place)
        return self._file.read(size)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


def _timeout(budget: Budget) -> dict[str, Any]:
    return {"timeout": httpx2.Timeout(budget.patience)}


def _read(answer: httpx2.Response, budget: Budget, place: Place) -> str:
    """The beginning of an answer; a server that goes on for ever is not listened to."""
    found = b""
    for block in answer.iter_bytes():
        budget.check(place)
        found += block
        if len(found) >= MOST:
            break
    return found[:MOST].decode("utf-8", errors="replace")


def _value(text: str, path: str) -> str | None:
    """The value at a dotted path of a JSON text, as text; None where there is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    for step in path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return None
    return value if isinstance(value, str) else json.dumps(value)


def _wait(text: str) -> float:
    """The seconds that `Retry-After` asks for; 0 where it says nothing that can be understood."""
    if text.strip().isdigit():
        return float(text)
    with suppress(ValueError, TypeError):
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0)
    return 0


TARGET = HttpTarget
