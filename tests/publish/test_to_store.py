"""Delivery to object stores: S3 as moto plays it, and the requests that Google's and Microsoft's would get."""

import json
import logging
import os
import signal
import threading
import time
import warnings
from pathlib import Path

import httpx2
import obstore
import pytest
from obstore.store import S3Store

from feedsmith.errors import DeliveryError, TargetBusyError
from feedsmith.issues import Place
from feedsmith.publish import target, to_store
from feedsmith.publish.deliver import open_target
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Budget
from tests.publish.conftest import OURS
from tests.publish.servers import SECRET, Line, Web, running

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it imports
    from moto.server import ThreadedMotoServer

FEED = b"<rss>a feed of this shop</rss>"
LARGE = b"<rss>" + b"a large feed " * 1_700_000 + b"</rss>"


@pytest.fixture(scope="module")
def service():
    """A service like S3, with one bucket; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(service):
    """An empty bucket, to look into."""
    httpx2.post(f"{service}/moto-api/reset")
    httpx2.put(f"{service}/feeds")
    return S3Store(
        "feeds", endpoint=service, access_key_id="key", secret_access_key=SECRET, region="us-east-1",
        client_options={"allow_http": True},
    )  # fmt: skip


@pytest.fixture
def there(service, bucket, monkeypatch):
    monkeypatch.setenv("KEY", "key")
    return {
        "to": "s3://feeds/nl/", "endpoint": service, "region": "us-east-1", "access_key": {"env": "KEY"},
        "secret_key": OURS,
    }  # fmt: skip


class Interrupted(BaseException):
    """What a signal raises."""


def interrupt(number, frame):
    raise Interrupted


def held(bucket, name="nl/feed.xml"):
    return bytes(obstore.get(bucket, name).bytes())


def test_an_object_with_its_type(put, bucket, there):
    placed = put(FEED, **there)
    assert held(bucket) == FEED
    assert obstore.get(bucket, "nl/feed.xml").attributes["Content-Type"] == "application/xml"
    assert json.loads(placed.version)["e_tag"]


def test_a_file_in_pieces(put, bucket, there, monkeypatch):
    monkeypatch.setattr(to_store, "WHOLE", 1 << 20)
    first = put(FEED, **there)
    second = put(LARGE, since=first.version, **there)
    assert held(bucket) == LARGE
    obstore.put(bucket, "nl/feed.xml", b"somebody else's")
    with pytest.raises(DeliveryError, match="somebody else has written"):
        put(LARGE + b" ", since=second.version, **there)
    assert held(bucket) == b"somebody else's"


def test_an_empty_file(put, bucket, there):
    put(b"", **there)
    assert held(bucket) == b""


def test_what_others_wrote_is_not_replaced(put, bucket, there):
    first = put(FEED, **there)
    second = put(FEED + b" ", since=first.version, **there)
    obstore.put(bucket, "nl/feed.xml", b"somebody else's")
    with pytest.raises(DeliveryError, match="somebody else has written") as caught:
        put(FEED, since=second.version, **there)
    assert "--force" in caught.value.hint
    assert held(bucket) == b"somebody else's"
    put(FEED, **there)
    assert held(bucket) == FEED


def test_an_object_that_is_gone_is_made_again(put, bucket, there):
    first = put(FEED, **there)
    obstore.delete(bucket, "nl/feed.xml")
    put(FEED + b" ", since=first.version, **there)
    assert held(bucket) == FEED + b" "


def test_our_own_file_whose_answer_was_lost_counts_as_delivered(put, bucket, there):
    first = put(FEED, **there)
    put(FEED + b" ", **there)  # the answer to this one is taken for lost: `first` is what is remembered
    assert put(FEED + b" ", since=first.version, **there).version
    assert held(bucket) == FEED + b" "


def test_a_bucket_that_is_not_there(put, there):
    with pytest.raises(DeliveryError, match=r"no bucket or container 'nothing': 404 NoSuchBucket") as caught:
        put(FEED, **{**there, "to": "s3://nothing/"})
    assert not isinstance(caught.value, TargetBusyError)


def test_files_no_longer_made_are_removed(put, bucket, there):
    put(FEED, **there)
    bin_ = open_target(TargetSettings.model_validate(there), Path())
    assert [bin_.remove(name, Budget(10)) for name in ("feed.xml", "never.xml")] == ["", ""]
    with pytest.raises(FileNotFoundError):
        obstore.head(bucket, "nl/feed.xml")


@pytest.mark.parametrize("cut", [0, 200, 10_000_000])
def test_a_cut_line_leaves_the_old_object(put, bucket, there, service, stack, cut):
    put(FEED, **there)
    line = stack.enter_context(running(Line(int(service.rpartition(":")[2]))))
    line.again(cut_after=cut)
    by_line = {**there, "endpoint": f"http://127.0.0.1:{line.port}"}
    with pytest.raises(TargetBusyError):
        put(LARGE, **by_line, retries=0)
    assert held(bucket) == FEED
    line.again()
    put(LARGE, **by_line)
    assert held(bucket) == LARGE


def test_silence_is_left_when_the_time_is_over(put, service, stack, there):
    line = stack.enter_context(running(Line(int(service.rpartition(":")[2]))))
    line.again(cut_after=300, silent=True)
    with pytest.raises(TargetBusyError, match="does not answer in time"):
        put(FEED, **there | {"endpoint": f"http://127.0.0.1:{line.port}"}, within="2s")


def test_a_service_that_is_not_there(put, there):
    with pytest.raises(TargetBusyError, match="the connection to the store failed"):
        put(FEED, **there | {"endpoint": "http://127.0.0.1:1"}, retries=0)


def test_a_signal_does_not_wait_for_the_store(put, service, stack, there, monkeypatch):
    line = stack.enter_context(running(Line(int(service.rpartition(":")[2]))))
    line.again(cut_after=300, silent=True)
    monkeypatch.setattr(target, "STALL", 30.0)
    former = signal.signal(signal.SIGUSR1, interrupt)
    begun = time.monotonic()
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    with pytest.raises(Interrupted):
        put(FEED, **there | {"endpoint": f"http://127.0.0.1:{line.port}"})
    assert time.monotonic() - begun < 5
    signal.signal(signal.SIGUSR1, former)


def test_a_machine_without_a_login_of_its_own():
    text = "Generic S3 error: Error performing PUT http://169.254.169.254/latest/api/token in 1s - HTTP error"
    error = to_store._generic(Place("s3://feeds/feed.xml"), text, "check the keys")
    assert (type(error), error.problem) == (DeliveryError, "no login is given, and this machine has none of its own")


# --- answers, and other stores ---------------------------------------------------------------------------------------


@pytest.fixture
def web(stack):
    return stack.enter_context(running(Web()))


def store(web, kind, monkeypatch):
    """The settings of a store of this kind, played by the server."""
    here = f"http://127.0.0.1:{web.port}"
    monkeypatch.setenv("KEY", "key")
    monkeypatch.setenv("AZURE_KEY", "c2VjcmV0IG9mIGF6dXJl")
    monkeypatch.setenv("SAS", "sv=2024-01-01&sig=c4nary%2Fsignature%3D")
    account = {"disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
    monkeypatch.setenv("ACCOUNT", json.dumps({"gcs_base_url": here, **account}))
    return {
        "s3": {"to": "s3://feeds/nl/", "region": "us-east-1", "access_key": {"env": "KEY"}, "secret_key": OURS},
        "gs": {"to": "gs://feeds/nl/", "service_account": {"env": "ACCOUNT"}},
        "az": {"to": "az://feeds/nl", "account": "shop", "account_key": {"env": "AZURE_KEY"}},
        "sas": {"to": "az://feeds/nl/", "account": "shop", "sas": {"env": "SAS"}},
    }[kind] | {"endpoint": here}


@pytest.mark.parametrize(
    ("kind", "path", "login"),
    [
        ("s3", "/feeds/nl/feed.xml", "AWS4-HMAC-SHA256 Credential=key/"),
        ("gs", "/feeds/nl%2Ffeed%2Exml", "Bearer "),
        ("az", "/feeds/nl/feed.xml", "SharedKey shop:"),
        ("sas", "/feeds/nl/feed.xml?sv=2024-01-01&sig=c4nary%2Fsignature%3D", None),
    ],
)
def test_the_request_of_each_store(put, web, monkeypatch, kind, path, login):
    web.answers = [(201, {"ETag": '"1"', "x-goog-generation": "7"}, b"")]
    given = store(web, kind, monkeypatch)
    placed = put(FEED, **given)
    method, asked, headers, body = web.seen[-1]
    headers = {name.lower(): value for name, value in headers.items()}
    assert (method, asked, body) == ("PUT", path, FEED)
    assert headers["x-ms-blob-content-type" if "x-ms-version" in headers else "content-type"] == "application/xml"
    assert login is None or headers["authorization"].startswith(login)
    put(FEED, since=placed.version, **given)
    headers = {name.lower(): value for name, value in web.seen[-1][2].items()}
    assert headers.get("if-match") == '"1"' or headers.get("x-goog-if-generation-match") == "7"


@pytest.mark.parametrize("kind", ["s3", "gs", "az"])
def test_twice_unavailable_then_fine(put, web, monkeypatch, kind):
    web.answers = [(503, {}, b""), (503, {}, b""), (201, {"ETag": '"1"'}, b"")]
    put(FEED, **store(web, kind, monkeypatch))
    assert len(web.seen) == 3


@pytest.mark.parametrize(
    ("status", "code", "busy", "words"),
    [
        (400, "ExpiredToken", False, "answers 400 ExpiredToken"),
        (401, "Unauthorized", False, "refuses it: 401 Unauthorized"),
        (403, "AccessDenied", False, "refuses it: 403 AccessDenied"),
        (429, "SlowDown", True, "answers 429 SlowDown"),
        (500, "InternalError", True, "answers 500 InternalError"),
        (503, "SlowDown", True, "answers 503 SlowDown"),
        (301, "PermanentRedirect", False, "another region"),
    ],
)
def test_answers(put, web, monkeypatch, status, code, busy, words):
    web.answers = [(status, {}, f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode())]
    with pytest.raises(DeliveryError, match=words) as caught:
        put(FEED, **store(web, "s3", monkeypatch), retries=0)
    assert isinstance(caught.value, TargetBusyError) == busy
    assert "c4nary" not in str(caught.value)


@pytest.mark.parametrize("kind", ["s3", "gs", "az", "sas"])
def test_no_message_holds_a_signature_or_a_key(put, web, monkeypatch, kind):
    web.answers = [(403, {}, b"")]
    with pytest.raises(DeliveryError) as caught:
        put(FEED, **store(web, kind, monkeypatch))
    assert "c4nary" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_a_wrong_key_of_an_account_is_told(put, web, monkeypatch):
    monkeypatch.setenv("AZURE_KEY", "no base64 !")
    given = store(web, "az", monkeypatch)
    monkeypatch.setenv("AZURE_KEY", "no base64 !")
    with pytest.raises(DeliveryError):
        put(FEED, **given)
