"""A running preview: something to see at once, saving while it works, mistakes that are mended."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from feedsmith.preview.index import build as building
from feedsmith.preview.index import read
from feedsmith.preview.index.state import State
from feedsmith.preview.live.guard import COOKIE
from feedsmith.preview.live.server import app_of
from feedsmith.preview.live.session import Session
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts
from tests.channels.engine import NOW
from tests.helpers import write_tree
from tests.preview.serving import SECRET, filled, opened, until

HEAD = "id,item_group_id,title,description,link,image_link,availability,price,brand\n"
ROW = "{n},G{g},Trui {n},Een trui,https://s.example/{n},https://s.example/{n}.jpg,in_stock,9.00 EUR,Oever\n"
PRODUCTS = HEAD + "".join(ROW.format(n=number, g=number % 40) for number in range(400))
PLAIN = "catalog: {source: p.csv}\nmarket: {country: NL, language: nl, currency: EUR, site: https://s.example}\n"
TWO = PLAIN + "feeds:\n  google: {channel: google, fields: {title: '{{ title }}'}}\n  meta: {channel: meta}\n"
GROUPS = PLAIN + "feeds: {ucp: {channel: ucp}}\n"
RANKED = (
    PLAIN + "ranks: {cheapest: {lowest: price, top: 5}}\n"
    "feeds: {google: {channel: google, fields: {custom_label_0: {when: cheapest, value: x}}}}\n"
)


def project(folder: Path, text: str) -> Path:
    return write_tree(folder, {"feedsmith.yaml": text, "p.csv": PRODUCTS})


@dataclass
class Halted:
    """The first part of each whole pass waits until `go` is set."""

    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    passes: int = 0


@pytest.fixture
def halted(monkeypatch: pytest.MonkeyPatch) -> Halted:
    """Passes that stand still when the first products were shown, before anything is put in order."""
    found = Halted()
    own: Callable[..., object] = building.in_groups

    def slow(*given: object) -> object:
        found.passes += 1
        found.reached.set()
        assert found.go.wait(30)
        return own(*given)

    monkeypatch.setattr(building, "in_groups", slow)
    return found


def started(folder: Path) -> Session:
    session = Session(Request(project=folder, here=folder, as_of=NOW, workers=1), Texts("en"))
    session.start()
    return session


def client_of(session: Session) -> TestClient:
    return TestClient(app_of(session, SECRET, live=False), "http://127.0.0.1:8000", cookies={COOKIE: SECRET})


@pytest.mark.parametrize("text", [GROUPS, RANKED, TWO], ids=["groups", "ranks", "plain"])
def test_there_is_something_to_see_before_the_catalog_is_read(tmp_path, halted, text):
    session = started(project(tmp_path, text))
    try:
        assert halted.reached.wait(30)
        client = client_of(session)
        page = client.get("/api/products").json()
        assert page["count"] == building.FIRST
        assert page["rows"][0]["title"].startswith("Trui")
        one = client.get("/api/product", params={"number": page["rows"][7]["number"]}).json()
        assert one["id"] == page["rows"][7]["id"]
        assert [feed["name"] for feed in one["feeds"]] == (["google", "meta"] if text is TWO else [])
        waiting = {feed["name"] for feed in client.get("/api/state").json()["feeds"] if feed["waiting"]}
        assert waiting == (set() if text is TWO else {session.state.feeds[0].spec.name})
        assert set(one["waiting"]) == waiting
        assert {feed["name"] for feed in client.get("/api/board").json()["ready"] if feed["waiting"]} == waiting
        halted.go.set()
        filled(session)
        state = client.get("/api/state").json()
        assert not any(feed["waiting"] for feed in state["feeds"])
        assert client.get("/api/products").json()["count"] == 400
        same = client.get("/api/product", params={"number": 1, "id": one["id"]}).json()
        assert same["id"] == one["id"]
        assert len(same["feeds"]) == len(session.state.feeds)
    finally:
        halted.go.set()
        session.close()


def test_a_rank_that_no_rule_asks_for_yet_cannot_be_tried(tmp_path):
    text = RANKED.replace("custom_label_0: {when: cheapest, value: x}", "title: '{{ title }}'")
    with opened(project(tmp_path, text)) as session:
        asked = {"feed": "google", "field": "title", "rule": "{when: cheapest, value: x}", "where": "feed", "id": "1"}
        answer = client_of(session).post("/api/try", json=asked, headers={"origin": "http://127.0.0.1:8000"})
        assert answer.status_code == 422
        assert "the rank 'cheapest'" in answer.json()["errors"][0]["problem"]


def titles(session: Session) -> set[str]:
    return {spec.fields["title"].node.text for spec in session.state.job.specs if spec.name == "google"}


def test_saving_while_the_first_index_is_made(tmp_path, halted):
    folder = project(tmp_path, TWO)
    session = started(folder)
    try:
        assert halted.reached.wait(30)
        for rule in ("{{ brand }}", "{{ color }}", "{{ title | upper }}"):
            (folder / "feedsmith.yaml").write_text(TWO.replace("{{ title }}", rule), "utf-8")
            before = time.monotonic()
            session.again()
            assert time.monotonic() - before < 1  # it does not wait for the work to end
        assert client_of(session).get("/api/products").json()["count"] == building.FIRST
        halted.go.set()
        filled(session)
        assert titles(session) == {"{{ title | upper }}"}
        assert session.state.progress.whole
        assert halted.passes == 2  # what was saved in between is not read
    finally:
        halted.go.set()
        session.close()


def test_old_figures_stay_until_there_are_newer_ones(tmp_path, monkeypatch):
    folder = project(tmp_path, TWO)
    seen: list[tuple[State, int, bool]] = []

    def looking(session: Session) -> None:
        with read.reading(session.state.index) as database:
            seen.append((session.state, read.feeds(database, 2)[0]["in"], session.busy))

    with opened(folder) as session:
        first = session.state
        session.tell = lambda _: looking(session)
        (folder / "feedsmith.yaml").write_text(
            TWO.replace("title }}'}", "title }}'}, where: {few: to_number(id) < 100}"), "utf-8"
        )
        session.again()
        filled(session)
        looking(session)
        assert session.state.index == first.index
    assert {figure for _, figure, _ in seen[:-1] if figure != 400} <= {100}
    assert seen[0][1:] == (400, True)
    assert seen[-1][1:] == (100, False)


def test_a_pass_that_is_given_up_leaves_the_figures_as_they_were(tmp_path):
    folder = project(tmp_path, TWO)
    text = TWO.replace("title }}'}", "title }}'}, where: {few: to_number(id) < 100}")
    with opened(folder) as session:
        (folder / "feedsmith.yaml").write_text(text, "utf-8")
        state = building.open_state(session.request, session.state)
        stop = threading.Event()
        stop.set()
        with pytest.raises(building.Given):
            building.build(state, stop, lambda: None)
        with read.reading(state.index) as database:
            assert read.feeds(database, 2)[0]["in"] == 400
        state.close()
        session.again()
        filled(session)
        with read.reading(session.state.index) as database:
            assert read.feeds(database, 2)[0]["in"] == 100


def live(session: Session) -> TestClient:
    return TestClient(app_of(session, SECRET, live=True), "http://127.0.0.1:8000", cookies={COOKIE: SECRET})


def test_a_project_that_is_wrong_from_the_start_is_mended(tmp_path):
    folder = project(tmp_path, TWO.replace("channel: google", "chanel: google"))
    session = started(folder)
    with live(session) as client:
        filled(session)
        assert client.get("/api/state").json()["error"]["errors"][0]["place"].startswith("feedsmith.yaml:4")
        (folder / "feedsmith.yaml").write_text(TWO, "utf-8")
        until(lambda: client.get("/api/state").json()["feeds"] != [] and not session.busy, "the mended project")
        state = client.get("/api/state").json()
        assert state["error"] is None
        assert [feed["in"] for feed in state["feeds"]] == [400, 400]


def test_a_file_that_is_saved_in_two_steps_is_no_mistake_that_stays(tmp_path):
    folder = project(tmp_path, TWO)
    session = started(folder)
    with live(session) as client:
        filled(session)
        file = folder / "feedsmith.yaml"
        file.write_text(TWO[: len(TWO) // 2], "utf-8")
        until(lambda: session.error is not None, "the mistake")
        assert client.get("/api/products").json()["count"] == 400  # the last good state
        file.write_text(TWO.replace("{{ title }}", "{{ brand }}"), "utf-8")
        until(lambda: session.error is None and not session.busy, "the whole file")
        assert titles(session) == {"{{ brand }}"}


def test_a_catalog_elsewhere_that_is_replaced_is_read_anew(tmp_path):
    folder = write_tree(tmp_path / "here", {"feedsmith.yaml": TWO.replace("p.csv", "../there/p.csv")})
    catalog = write_tree(tmp_path / "there", {"p.csv": PRODUCTS}) / "p.csv"
    session = started(folder)
    with live(session) as client:
        filled(session)
        for count in (300, 200):  # the second time it is another file that is watched
            new = catalog.with_name("new.csv")
            new.write_text("".join(PRODUCTS.splitlines(keepends=True)[: count + 1]), "utf-8")
            new.replace(catalog)
            until(lambda count=count: client.get("/api/products").json()["count"] == count, "the new catalog")
