"""The preview's server: who may talk to it, and what it answers."""

import csv
import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from starlette.testclient import TestClient

from feedsmith.errors import UsageError
from feedsmith.preview.live.before import before_of
from feedsmith.preview.live.guard import COOKIE
from feedsmith.preview.live.serve import serve
from feedsmith.preview.live.server import app_of
from feedsmith.preview.live.session import Session
from feedsmith.preview.live.watch import matters
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture
from tests.helpers import ROOT, write_tree
from tests.preview.serving import SECRET, copied, filled, opened

BASE = "http://127.0.0.1:8000"
MISTAKES = ROOT / "samples/mistakes"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with opened(MISTAKES) as found:
        yield found


def client_of(session: Session, *, base: str = BASE, known: bool = True) -> TestClient:
    """A reader with a browser; `known`: the token was shown once."""
    app = app_of(session, SECRET, live=False)
    return TestClient(app, base, follow_redirects=False, cookies={COOKIE: SECRET} if known else {})


@pytest.fixture(scope="module")
def client(session: Session) -> TestClient:
    return client_of(session)  # without its lifespan: the session is the module's


# --- who may talk to it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/api/state", "/api/products", "/assets/live/main.js", "/issues.csv", "/?token=wrong", "/?token="]
)
def test_without_the_token_nothing_is_told(session, path):
    assert client_of(session, known=False).get(path).status_code == 403


def test_the_token_becomes_a_cookie_and_leaves_the_address(session):
    answer = client_of(session, known=False).get(f"/?token={SECRET}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "base", ["http://evil.example", "http://evil.example:8000", "http://127.0.0.1.evil.example:8000"]
)
def test_under_another_name_nothing_is_told(session, base):
    """A page elsewhere may have its own name lead to this computer (DNS rebinding)."""
    assert client_of(session, base=base).get("/").status_code == 421


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://127.0.0.1:8000", "http://127.0.0.1:8001"]
)
@pytest.mark.parametrize("path", ["/api/try", "/api/save", "/api/clock"])
def test_writes_come_from_the_page_itself(client, origin, path):
    headers = {"origin": origin} if origin else {}
    assert client.post(path, json={}, headers=headers).status_code == 403


def test_every_answer_is_told_to_stay_here(client):
    for path in ("/", "/api/state", "/assets/cards.css", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "img-src 'self';" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert "img-src 'self' https: http:;" in client.get("/?pictures").headers["content-security-policy"]


def test_pictures_are_never_loaded_offline(session):
    client = TestClient(app_of(session, SECRET, offline=True, live=False), BASE, cookies={COOKIE: SECRET})
    answer = client.get("/?pictures")
    assert "https:" not in answer.headers["content-security-policy"]
    assert 'id="pictures"' not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../told.py",
        "/assets/%2e%2e/live/told.py",
        "/assets/../../../pyproject.toml",
        "/issues.exe",
        "/issues.json",
    ],
)
def test_only_assets_are_files(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example"])  # noqa: S104 - that is what is refused
def test_other_computers_cannot_reach_it(session, host):
    with pytest.raises(UsageError, match="this computer only"):
        serve(session, host, 0, print, browse=False)


def test_no_project_and_no_catalog(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    ended = run("preview", "--no-open")
    assert ended.code == 2
    assert "there is no feedsmith.yaml" in ended.err


# --- what it answers ---------------------------------------------------------------------------------------------


def test_the_state(client):
    told = client.get("/api/state").json()
    assert told["feeds"] == [
        {
            "name": "google_nl",
            "channel": "google",
            "record": "product",
            "places": 0,
            "failed": "",
            "waiting": False,
            "in": 24,
            "rejected": 13,
            "filtered": 1,
        }
    ]
    assert told["progress"]["whole"]
    assert told["error"] is None
    assert ["invalid-gtin", 2] in [[code, number] for code, _, number, _ in told["codes"]]


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 38), ("state=rejected", 13), ("feed=google_nl&state=filtered", 1), ("feed=none", 38), ("start=30&size=5", 38), ("start=x&size=-1", 38), ("code=' OR 1", 0)],
)  # fmt: skip
def test_pages_of_products(client, query, count):
    assert client.get(f"/api/products?{query}").json()["count"] == count


def product(client: TestClient, name: str) -> dict:
    return client.get("/api/product", params={"id": name}).json()


def test_a_product_and_where_each_value_came_from(client):
    told = product(client, "M-price-in-words")
    (feed,) = told["feeds"]
    assert feed["state"] == "rejected"
    fields = {one["key"]: one for one in feed["fields"]}
    assert fields["title"]["cells"] == [[told["place"] + ":title", "Linnen theedoek met ruit"]]
    assert [step["place"].split(":")[0] for step in fields["title"]["steps"]] == ["channels/google.yaml"]
    assert {"invalid-price"} <= {issue["code"] for issue in feed["issues"]}
    assert 'data-field="title"' in feed["card"]


def test_what_checks_over_the_whole_feed_say_is_told_of_the_product(client):
    (row,) = client.get("/api/products?code=duplicate-id").json()["rows"]
    (feed,) = client.get("/api/product", params={"number": row["number"]}).json()["feeds"]
    assert feed["state"] == "rejected"
    assert "duplicate-id" in {issue["code"] for issue in feed["issues"]}


def test_unknown_products(client):
    answer = client.get("/api/product", params={"id": "nobody"})
    assert answer.status_code == 404
    assert answer.json()["errors"]


def test_downloads(client, session):
    rows = list(csv.DictReader(io.StringIO(client.get("/issues.csv").content.decode("utf-8-sig"))))
    expected = list(session.state.issues())
    assert [row["code"] for row in rows] == [issue.code for issue in expected]
    assert [row["row"] for row in rows] == [str(issue.place.row or "") for issue in expected]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/issues.xlsx").content)).active
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == [issue.code for issue in expected]


def test_the_dashboard(client):
    told = client.get("/api/board").json()
    assert told["ready"] == [
        {"name": "google_nl", "waiting": False, "in": 24, "rejected": 13, "filtered": 1, "share": 24 / 38}
    ]
    assert told["fixes"][0]["code"] == "invalid-gtin"
    assert told["codes"][0]["severity"] == "error"


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"feed": "none", "field": "title", "rule": "x", "where": "feed"}', "9" * 300_000]
)
def test_bad_writes_are_told(client, body):
    answer = client.post("/api/try", content=body, headers={"origin": BASE})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["problem"]


def test_another_day(tmp_path):
    write_tree(tmp_path, {
        "feedsmith.yaml": "catalog: {source: p.csv}\nrules: {sale: {from: 2027-01-01, fields: {title: 'Sale {{ title }}'}}}\n"
        "feeds: {google: {channel: google, extends: [sale]}}\n",
        "p.csv": "id,title,description,link,image_link,availability,price,brand\n"
        "A,T,D,https://x.example/1,https://x.example/1.jpg,in_stock,9.00 EUR,B\n",
    })  # fmt: skip

    def title(client: TestClient) -> str:
        return next(one["text"] for one in product(client, "A")["feeds"][0]["fields"] if one["key"] == "title")

    with opened(tmp_path) as session:
        client = client_of(session)
        assert title(client) == "T"
        assert client.post("/api/clock", json={"day": "2027-02-01"}, headers={"origin": BASE}).status_code == 200
        filled(session)
        assert title(client) == "Sale T"
        assert client.post("/api/clock", json={"day": "someday"}, headers={"origin": BASE}).status_code == 422


def test_a_wrong_project_is_told_and_the_last_good_state_stays(tmp_path):
    folder = copied("shop", tmp_path)
    file = folder / "feedsmith.yaml"
    good = file.read_text("utf-8")
    with opened(folder) as session:
        client = client_of(session)
        file.write_text(good.replace("margin > 60", "margni > 60"), "utf-8")
        session.again()
        filled(session)
        told = client.get("/api/state").json()
        (error, *_) = told["error"]["errors"]
        assert error["place"].startswith("feedsmith.yaml:37")
        assert "margni" in error["lines"][0]
        assert told["feeds"][0]["in"] == 64
        assert product(client, "VH-TS01-WIT-S")["feeds"]
        file.write_text(good, "utf-8")
        session.again()
        assert filled(session).error is None


def test_a_project_that_is_wrong_from_the_start(tmp_path):
    write_tree(tmp_path, {"feedsmith.yaml": "feeds: {google: {chanel: google}}\n"})
    session = Session(Request(project=tmp_path, here=tmp_path), Texts("en"))
    session.start()
    client = client_of(filled(session))
    assert client.get("/").status_code == 200
    told = client.get("/api/state").json()
    assert told["error"]["errors"][0]["problem"] == "the key 'channel' is missing here"
    assert told["feeds"] == []
    assert client.get("/api/products").status_code == 404
    session.close()


@pytest.mark.parametrize(
    ("path", "counts"),
    [("feedsmith.yaml", True), ("tables/a.csv", True), ("out/google.xml", False), (".feedsmith/x", False), (".feedsmith.yaml.swp", False), ("templates/google.xml.j2", True), ("a.csv~", False)],
)  # fmt: skip
def test_which_files_matter(path, counts):
    folder = Path("/srv/out/shop")  # the folder's own name does not count
    assert matters([folder], str(folder / path)) is counts


# --- before and after --------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.example", *words], check=True)  # noqa: S607


def test_beside_a_product_stands_what_the_rules_of_a_ref_make_of_it(tmp_path):
    folder = copied("shop", tmp_path)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "as it was")
    file = folder / "feedsmith.yaml"
    file.write_text(file.read_text("utf-8").replace("parts: [brand, title", "parts: [title, brand"), "utf-8")
    before = before_of("main", Request(project=folder, here=folder))
    with opened(folder) as session:
        session.before = before
        told = product(client_of(session), "VH-TS01-WIT-M")
        now = next(one["text"] for one in told["feeds"][0]["fields"] if one["key"] == "title")
        then = told["before"]["feeds"]["google_nl"]
    assert now == "T-shirt Oever van biologisch katoen Wadlinnen wit M"
    assert then["changes"]["title"] == ["Wadlinnen T-shirt Oever van biologisch katoen wit M", now]
    assert "Wadlinnen T-shirt" in then["card"]
    with pytest.raises(UsageError, match="no such branch"):
        before_of("mian", Request(project=folder, here=folder))


# --- the command -------------------------------------------------------------------------------------------------


def ended_while_listened_to(process: subprocess.Popen[str]) -> list[str]:
    """What the command says after its first line, when it is interrupted while a page listens for what is new."""
    first = process.stderr.readline()
    address = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", first)
    assert address, first
    request = f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\nCookie: {COOKIE}={address[2]}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(address[1])), timeout=20) as listener:
        listener.sendall(request.encode())
        assert b"200 OK" in listener.recv(1000)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    return process.stderr.read().splitlines()


def test_ctrl_c_ends_it_at_once_though_a_page_listens(tmp_path):
    """The address is printed; a stream that is open does not hold it; nothing stays behind."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-m", "feedsmith", "preview", "--project", str(MISTAKES), "--no-open"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert ended_while_listened_to(process) == ["Ctrl-C stops it.", "stopped"]
        finally:
            process.kill()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("feedsmith")] == []
