"""Delivery by HTTP against a server that the test starts: what it must answer, and what its noes mean."""

import base64
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.publish.deliver import open_target
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Budget
from feedsmith.publish.to_http import LATER
from tests.publish.conftest import OURS
from tests.publish.servers import SECRET, Line, Web, running

FEED = b"<rss>a feed of this shop</rss>"
LARGE = b"<rss>" + b"a large feed " * 40_000 + b"</rss>"


@pytest.fixture
def web(stack):
    return stack.enter_context(running(Web()))


@pytest.fixture
def there(web):
    return {"to": f"http://127.0.0.1:{web.port}/in/"}


def test_a_put_to_a_folder(put, web, there):
    put(LARGE, **there, headers={"X-Shop": "nl"})
    method, path, headers, body = web.seen[-1]
    assert (method, path, body) == ("PUT", "/in/feed.xml", LARGE)
    assert (headers["Content-Type"], headers["Content-Length"]) == ("application/xml", str(len(LARGE)))
    assert headers["X-Shop"] == "nl"


def test_a_post_to_one_address(put, web, there):
    put(FEED, to=f"http://127.0.0.1:{web.port}/upload", method="POST")
    assert web.seen[-1][:2] == ("POST", "/upload")
    assert web.seen[-1][3] == FEED


def test_a_form_with_a_file(put, web, there):
    put(FEED, "voorraad nl.csv", to=f"http://127.0.0.1:{web.port}/upload", field="feed")
    method, _, headers, body = web.seen[-1]
    assert method == "POST"
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="feed"; filename="voorraad nl.csv"' in body
    assert FEED in body


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        ({"token": OURS}, f"Bearer {SECRET}"),
        ({"password": OURS}, "Basic " + base64.b64encode(f"shop:{SECRET}".encode()).decode()),
        ({"headers": {"Authorization": OURS}}, SECRET),
    ],
    ids=["token", "password", "header"],
)
def test_logins(put, web, settings, header):
    put(
        FEED,
        to=f"http://shop@127.0.0.1:{web.port}/in/" if "password" in settings else f"http://127.0.0.1:{web.port}/in/",
        **settings,
    )
    assert web.seen[-1][2]["Authorization"] == header


def test_secret_parameters_are_sent_and_never_shown(put, web, there):
    web.answers = [(400, {}, f"no such token: {SECRET}".encode())]
    with pytest.raises(DeliveryError) as caught:
        put(FEED, **there, params={"token": OURS})
    assert web.seen[-1][1] == "/in/feed.xml?token=c4nary+p%2Fss%2Bword"
    assert "no such token: ***" in caught.value.problem
    assert "c4nary" not in repr(caught.value)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_twice_not_now_then_fine(put, web, there, status):
    web.answers = [(status, {}, b""), (status, {}, b""), (204, {}, b"")]
    put(FEED, **there)
    assert len(web.seen) == 3
    assert web.files["/in/feed.xml"] == FEED


def test_not_now_for_ever_ends_after_the_retries(put, web, there):
    web.answers = [(503, {}, b"maintenance")]
    with pytest.raises(TargetBusyError, match=r"answers 503 Service Unavailable: maintenance \(tried 3 times\)"):
        put(FEED, **there, retries=2)
    assert len(web.seen) == 3


def test_a_wait_that_the_server_asks_for_is_kept(put, web, there):
    web.answers = [(429, {"Retry-After": "1"}, b""), (200, {}, b"")]
    begun = time.monotonic()
    put(FEED, **there)
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_wait_beyond_the_time_for_it_is_not_begun(put, web, there, form):
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    web.answers = [(429, {"Retry-After": "3600" if form == "seconds" else later}, b"")]
    begun = time.monotonic()
    with pytest.raises(TargetBusyError, match="429"):
        put(FEED, **there)
    assert time.monotonic() - begun < 5
    assert len(web.seen) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, DeliveryError), (401, TargetClosedError), (403, DeliveryError), (404, DeliveryError), (413, DeliveryError)],
)
def test_a_no_is_told_at_once(put, web, there, status, kind):
    web.answers = [(status, {}, b"why not")]
    with pytest.raises(kind, match=f"answers {status} .*: why not") as caught:
        put(FEED, **there)
    assert not isinstance(caught.value, TargetBusyError)
    assert len(web.seen) == 1


def test_a_redirect_is_not_followed(put, web, there):
    web.answers = [(307, {"Location": "https://elsewhere.example/in?key=1"}, b"")]
    with pytest.raises(DeliveryError, match=r"it points to elsewhere\.example\n") as caught:
        put(FEED, **there)
    assert "key=1" not in str(caught.value)


@pytest.mark.parametrize(
    ("expect", "body", "good"),
    [
        ({"matches": "^OK"}, b"OK 12", True),
        ({"matches": "^OK"}, b"ERROR: no such shop", False),
        ({"json": "result.status", "matches": "^accepted$"}, b'{"result": {"status": "accepted"}}', True),
        ({"json": "result.status", "matches": "^accepted$"}, b'{"result": {"status": "failed"}}', False),
        ({"json": "errors.0", "matches": "none"}, b'{"errors": []}', False),
        ({"json": "ok", "matches": "true"}, b'{"ok": true}', True),
        ({"json": "ok", "matches": "true"}, b"<html>a page</html>", False),
    ],
)
def test_an_answer_of_200_must_be_what_is_expected(put, web, there, expect, body, good):
    web.answers = [(200, {}, body)]
    if good:
        put(FEED, **there, expect=expect)
        return
    with pytest.raises(DeliveryError, match="is not as expected") as caught:
        put(FEED, **there, expect=expect)
    assert body.decode()[:20] in caught.value.problem
    assert len(web.seen) == 1


def test_accepted_for_later_is_told(put, web, there):
    web.answers = [(202, {}, b"")]
    assert put(FEED, **there).note == LATER
    with pytest.raises(DeliveryError, match="202"):
        put(FEED, **there, expect={"status": [200]})


def test_a_page_without_end_is_not_listened_to(put, web, there):
    web.answers = [(500, {}, b"x" * 5_000_000)]
    with pytest.raises(TargetBusyError) as caught:
        put(FEED, **there, retries=0)
    assert len(caught.value.problem) < 300


def test_what_others_wrote_is_not_replaced(put, web, there):
    web.answers = [(200, {"ETag": "auto"}, b"")]
    first = put(FEED, **there)
    second = put(LARGE, since=first.version, **there)
    web.files["/in/feed.xml"] = b"somebody else's"
    with pytest.raises(DeliveryError, match="somebody else has written") as caught:
        put(FEED, since=second.version, **there)
    assert "--force" in caught.value.hint
    assert web.files["/in/feed.xml"] == b"somebody else's"
    put(FEED, **there)
    assert web.files["/in/feed.xml"] == FEED


def test_a_weak_version_is_no_version(put, web, there):
    web.answers = [(200, {"ETag": 'W/"1"'}, b"")]
    assert put(FEED, **there).version == ""


@pytest.mark.parametrize("cut", [0, 100, 100_000, 500_000])
def test_a_cut_line_is_told_and_tried_again(put, web, stack, cut):
    line = stack.enter_context(running(Line(web.port)))
    there = {"to": f"http://127.0.0.1:{line.port}/in/"}
    line.again(cut_after=cut)
    with pytest.raises(TargetBusyError, match="tried 2 times"):
        put(LARGE, **there, retries=1)
    assert "/in/feed.xml" not in web.files
    line.again()
    put(LARGE, **there)
    assert web.files["/in/feed.xml"] == LARGE


def test_silence_is_left_when_the_time_is_over(put, web, stack):
    line = stack.enter_context(running(Line(web.port)))
    line.again(cut_after=50, silent=True)
    begun = time.monotonic()
    with pytest.raises(TargetBusyError, match="no sign of life"):
        put(FEED, to=f"http://127.0.0.1:{line.port}/in/", within="2s", retries=9)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ((204, {}, b""), ""),
        ((404, {}, b""), ""),
        ((405, {}, b""), "old.xml is no longer made; the server removes no files"),
    ],
)
def test_files_no_longer_made_are_removed(web, there, answer, note):
    web.answers = [answer]
    target = open_target(TargetSettings.model_validate(there), Path())
    assert target.remove("old.xml", Budget(5)) == note
    assert web.seen[-1][:2] == ("DELETE", "/in/old.xml")
    target.close()


def test_a_removal_that_is_refused_is_told(web, there):
    web.answers = [(403, {}, b"not yours")]
    target = open_target(TargetSettings.model_validate(there), Path())
    with pytest.raises(DeliveryError, match="not yours"):
        target.remove("old.xml", Budget(5))
    target.close()
