"""The kinds of targets: one table, from which addresses are understood, settings are checked and the docs are made."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from feedsmith.publish.settings import TargetSettings

COMMON = frozenset({"to", "name", "within", "retries", "resend_after"})
"""Options of every target."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
"""Two letters at least: one letter before a colon is a drive."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of target: the module that knows it, what must be installed, and its options beside the common ones.

    `whole` says how a reader is kept from a half-written file.
    """

    title: str
    example: str
    module: str
    options: frozenset[str]
    whole: str
    extra: str = ""
    safe: bool = True


def _kind(title: str, example: str, module: str, options: str, whole: str, extra: str = "", **more: bool) -> Kind:
    return Kind(title, example, f"feedsmith.publish.{module}", frozenset(options.split()), whole, extra, **more)


_OWN = "password key passphrase host_key known_hosts rename mode"
_RENAMED = "temporary name, size checked, then renamed"
_TOLD = f"{_RENAMED}; hash too where the server tells one (`HASH`, `XSHA256`, `XSHA1`, `XMD5`)"
_ONE_REQUEST = "one request, or a multipart upload that counts when it is complete"
_FTP = "password rename ca insecure"
_HTTP = "password headers params token method field expect ca insecure"

KINDS: dict[str, Kind] = {
    "file": _kind("folder of this computer", "/srv/www/feeds", "to_folder", "mode", "temporary name, then renamed"),
    "sftp": _kind(
        "SFTP server", "sftp://user@host:22/in/", "to_sftp", _OWN, f"{_RENAMED}; hash too where the server can", "sftp"
    ),
    "ftps": _kind("FTP server with TLS", "ftps://user@host/in/", "to_ftp", f"{_FTP} tls", _TOLD),
    "ftp": _kind("FTP server without encryption", "ftp://user@host/in/", "to_ftp", _FTP, _TOLD, safe=False),
    "s3": _kind(
        "S3, or a service like it", "s3://bucket/feeds/", "to_store",
        "endpoint region access_key secret_key session_token insecure", _ONE_REQUEST, "s3",
    ),
    "gs": _kind(
        "Google Cloud Storage", "gs://bucket/feeds/", "to_store", "service_account endpoint insecure",
        _ONE_REQUEST, "s3",
    ),
    "az": _kind(
        "Azure Blob Storage", "az://container/feeds/", "to_store", "account account_key sas endpoint insecure",
        _ONE_REQUEST, "s3",
    ),
    "https": _kind("HTTP server", "https://user@host/in/", "to_http", _HTTP, "one request"),
    "http": _kind("HTTP server without encryption", "http://host/in/", "to_http", _HTTP, "one request", safe=False),
}  # fmt: skip
"""Kinds by the scheme of the address; a path without one is a folder."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of `to`. `path` is decoded; for a folder of this computer it is all there is."""

    scheme: str
    path: str
    user: str = ""
    host: str = ""
    port: int | None = None


def address_of(to: str) -> Address:
    """The address that `to` is.

    Raises:
        ValueError: it is none; the message says why.
    """
    match = SCHEME.match(to)
    if match is None:
        return Address("file", to)
    if match[1].lower() not in KINDS:
        raise ValueError(f"{match[1]}:// is no kind of target; known: {', '.join(f'{kind}://' for kind in KINDS)}")
    parts = urlsplit(to)
    port = parts.port
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise ValueError(f"a folder of this computer is written file:///path, not file://{parts.netloc}/…")
        return Address("file", unquote(parts.path))
    if not parts.hostname:
        raise ValueError("the address names no host")
    host = parts.netloc if parts.scheme in {"s3", "gs", "az"} else parts.hostname
    return Address(parts.scheme, unquote(parts.path), unquote(parts.username or ""), host, port)


def misfits(settings: TargetSettings) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the settings of one target: key, problem, hint."""
    try:
        address = address_of(str(settings.to))
    except ValueError as error:
        yield "to", str(error), ""
        return
    kind = KINDS[address.scheme]
    for key in sorted(settings.model_fields_set - COMMON - kind.options):
        known = ", ".join(f"`{one}`" for one in sorted(kind.options))
        yield key, f"`{key}` is no option of a target {address.scheme}://", f"its options are {known}"
    if not kind.safe and not settings.insecure and address.host not in LOOPBACK:
        yield "to", f"{address.scheme}:// is not safe: anybody on the way can read and change the file", SAFER
    yield from _own_misfits(address, settings)


SAFER = "use a place with encryption, or say `insecure: yes`"


def _own_misfits(address: Address, settings: TargetSettings) -> Iterator[tuple[str, str, str]]:
    endpoint = urlsplit(settings.endpoint or "")
    if endpoint.scheme == "http" and endpoint.hostname not in LOOPBACK and not settings.insecure:
        yield "endpoint", "http:// is not safe: anybody on the way can read and change the file", SAFER
    if address.scheme in {"sftp", "ftps", "ftp"} and not address.user:
        yield "to", "the address names no user", f"write {address.scheme}://USER@{address.host}/…"
    if settings.passphrase is not None and settings.key is None:
        yield "passphrase", "a passphrase without `key`", "give the key too"
    if settings.field is not None and "method" in settings.model_fields_set and settings.method == "PUT":
        yield "method", "a form is sent by POST", "leave out `method`, or `field`"
    if settings.token is not None and settings.password is not None:
        yield "token", "`token` and `password` both are logins", "keep one of them"
    if settings.expect.json_ is not None and settings.expect.matches is None:
        yield "expect", "`json` without `matches`", "say in `matches` what the value must be"
