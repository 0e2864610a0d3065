"""Sources that lie elsewhere: fetched to a file of the run first, with limits on size and time.

Credentials never stand in a path. `${NAME}` in it is replaced by what the environment holds when the file is fetched;
messages show the path as it is written. `s3://` and `sftp://` also know the usual variables and files of their tools.
"""

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from feedsmith.errors import OutputError, SourceError
from feedsmith.issues import Place

MAX_BYTES = 8 << 30
"""Of one file that is fetched."""
MAX_SECONDS = 1800.0
"""From the first byte that is asked for to the last one."""
TIMEOUT = 60.0
"""Seconds without an answer."""
BLOCK = 1 << 20
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

SCHEME = re.compile(r"(https?|s3|sftp)://", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET = re.compile(r"//[^/@]*:[^/@]+@")
"""A password that is written out."""


def is_remote(path: str) -> bool:
    """Whether a source's path names a file on another computer."""
    return SCHEME.match(path) is not None


def filled_in(path: str) -> str:
    """`path` with what the environment holds for each `${NAME}` in it.

    Raises:
        SourceError: a password is written out, or a variable is not set.
    """
    if SECRET.search(VARIABLE.sub("", path)):
        hint = "write ${NAME} in its place, and set NAME in the environment"
        raise SourceError(Place(SECRET.sub("//…@", path)), "the password stands in the path", hint)

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise SourceError(Place(path), f"the environment variable {found[1]} is not set", f"set {found[1]}")
        return os.environ[found[1]]

    return VARIABLE.sub(value, path)


def fetched(path: str, folder: Path, most: int = MAX_BYTES, seconds: float = MAX_SECONDS) -> Path:
    """What lies at `path`, in a new file in `folder`.

    Raises:
        SourceError: it cannot be had, is too large, or takes too long.
        OutputError: the file cannot be written.
    """
    address = filled_in(path)
    fetch = FETCHERS[urlsplit(address).scheme.lower()]
    try:
        return _written(fetch(address, path), path, folder, most, time.monotonic() + seconds)
    except TimeoutError as error:
        raise SourceError(Place(path), "the server does not answer in time", "try again later") from error


def _written(blocks: Iterable[bytes], shown: str, folder: Path, most: int, until: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix="fetched-", dir=folder)
    written = 0
    with os.fdopen(number, "wb") as file:
        for block in blocks:
            written += len(block)
            if written > most:
                raise SourceError(Place(shown), f"the file is larger than {most:,} bytes", "is this a catalog?")
            if time.monotonic() > until:
                raise SourceError(Place(shown), "the file takes too long to fetch", "fetch it before the run")
            try:
                file.write(block)
            except OSError as error:
                raise OutputError(Place(str(folder)), f"cannot write here: {error.strerror}") from error
    return Path(name)


class _SafeRedirects(HTTPRedirectHandler):
    """Follows a server elsewhere as long as that is not less safe, and takes no credentials along to another host."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in ("http", "https") or (new.scheme, old.scheme) == ("http", "https"):
            raise URLError(f"the server points to {new.scheme}://, which is not safe")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and (new.hostname, new.port) != (old.hostname, old.port):
            following.headers.pop("Authorization", None)
        return following


def _http(address: str, shown: str) -> Iterator[bytes]:
    from base64 import b64encode  # noqa: PLC0415

    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SourceError(Place(shown), "http:// is not safe: anybody on the way can change the file", "use https://")
    host = parts.netloc.rpartition("@")[2]
    request = Request(parts._replace(netloc=host).geturl(), headers={"User-Agent": "feedsmith"})  # noqa: S310 - checked
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", f"Basic {b64encode(pair.encode()).decode()}")
    try:
        with build_opener(_SafeRedirects).open(request, timeout=TIMEOUT) as answer:
            expected, got = answer.headers.get("Content-Length"), 0
            while block := answer.read(BLOCK):
                got += len(block)
                yield block
    except TimeoutError:
        raise
    except (URLError, HTTPException, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(error, HTTPError):
            reason = f"{error.code} {reason}"
            error.close()
        raise SourceError(Place(shown), f"cannot be fetched: {reason}", "open the address in a browser") from error
    if expected is not None and got < int(expected):
        raise SourceError(Place(shown), f"the connection ended after {got:,} of {expected} bytes", "try again")


def _s3(address: str, shown: str) -> Iterator[bytes]:
    """An object of a bucket; region, endpoint and keys come from the usual `AWS_…` variables."""
    obstore = library("obstore", "s3", shown)
    exceptions, store = import_module("obstore.exceptions"), import_module("obstore.store")
    parts = urlsplit(address)
    options = {
        "timeout": f"{TIMEOUT:.0f}s",
        "allow_http": urlsplit(os.environ.get("AWS_ENDPOINT", "")).hostname in LOOPBACK,
    }
    try:
        bucket = store.S3Store(parts.netloc, client_options=options, retry_config={"max_retries": 2})
        for block in obstore.get(bucket, parts.path.lstrip("/")).stream(min_chunk_size=BLOCK):
            yield bytes(block)
    except (exceptions.BaseError, OSError) as error:
        kind = type(error).__name__.removesuffix("Error")
        hint = "check bucket and key, and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT"
        raise SourceError(Place(shown), f"cannot be fetched from the bucket: {kind}", hint) from error


def _sftp(address: str, shown: str) -> Iterator[bytes]:
    """A file of an SFTP server, whose key must be known; by password, or by the keys of the user or their agent."""
    paramiko = library("paramiko", "sftp", shown)
    parts = urlsplit(address)
    with _ssh(paramiko, parts, shown) as client:
        try:
            with client.open_sftp() as sftp, sftp.open(unquote(parts.path), "rb") as file:
                sftp.get_channel().settimeout(TIMEOUT)
                file.prefetch()
                while block := file.read(BLOCK):
                    yield block
        except (OSError, paramiko.SSHException) as error:
            raise SourceError(Place(shown), f"cannot be fetched: {_said(error)}", "check the path") from error


@contextmanager
def _ssh(paramiko: Any, parts: Any, shown: str) -> Iterator[Any]:
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    known = os.environ.get("SFTP_KNOWN_HOSTS")
    password = unquote(parts.password) if parts.password else None
    try:
        if known:
            client.load_host_keys(known)
        client.connect(
            parts.hostname, parts.port or 22, unquote(parts.username or "") or None, password,
            key_filename=os.environ.get("SFTP_KEY_FILE"), timeout=TIMEOUT, allow_agent=password is None,
            look_for_keys=password is None,
        )  # fmt: skip
    except (OSError, paramiko.SSHException) as error:
        hint = "check name and password; the server's key must be in ~/.ssh/known_hosts or in SFTP_KNOWN_HOSTS"
        raise SourceError(Place(shown), f"cannot be fetched: {_said(error)}", hint) from error
    with client:
        yield client


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def library(name: str, extra: str, shown: str) -> Any:
    """A library that only some sources need; without it a SourceError that says how to install it."""
    try:
        return import_module(name)
    except ImportError as error:
        problem = f"this source needs {name}, which is not installed"
        raise SourceError(Place(shown), problem, f'pip install "feedsmith[{extra}]"') from error


FETCHERS: dict[str, Callable[[str, str], Iterator[bytes]]] = {"http": _http, "https": _http, "s3": _s3, "sftp": _sftp}
"""What fetches from where."""
