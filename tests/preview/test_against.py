"""What a product was: in runs, in feeds of files, by the rules of a commit; chosen on the page without a restart."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient

from feedsmith.errors import UsageError
from feedsmith.preview.live.before import before_of
from feedsmith.preview.live.session import Session
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.channels.engine import NOW
from tests.helpers import write_tree
from tests.preview.conftest import grave_faults
from tests.preview.serving import copied, filled, opened, served, until
from tests.preview.test_server import BASE, client_of, git, product
from tests.preview.test_workbench import bench, choose

PROJECT = "catalog: {source: p.csv}\nfeeds:\n"
GOOGLE = "  google: {channel: google, market: {country: NL, currency: EUR, language: nl}%s}\n"
META = "  meta: {channel: meta}\n"
HEAD = "id,title,description,link,image_link,availability,price,brand,item_group_id,color\n"
ROW = "{0},{1},Van wol,https://s.example/{0},https://s.example/{0}.jpg,in_stock,{2} EUR,Merk,{3},{4}\n"


def row(product: str, title: str, price: str = "9.00", group: str = "", color: str = "") -> str:
    return ROW.format(product, title, price, group, color)


THEN = (row("A", "Trui"), row("B", "Das"), row("C", "Muts", "5.00"), row("D", "Sok", group="S", color="rood"),
        row("E", "Sok", group="S", color="blauw"))  # fmt: skip


GONE = "VH-KD14-LICHTBLAUW-122-128"
"""A product that the sample shop loses."""


def catalog(*rows: str) -> str:
    return HEAD + "".join(rows)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a run behind it."""
    write_tree(tmp_path, {"feedsmith.yaml": PROJECT + GOOGLE % "", "p.csv": catalog(*THEN)})
    exported(tmp_path)
    return tmp_path


def exported(folder: Path) -> None:
    execute(Request(project=folder, here=folder, as_of=NOW, workers=1, write=True, force=True), lambda _: None)


@contextmanager
def compared(folder: Path, what: str) -> Iterator[TestClient]:
    """A reader of a preview that compares with something, when all of it is read."""
    with opened(folder) as session:
        session.compare(what)
        ready(session)
        yield client_of(session)


def ready(session: Session) -> None:
    until(lambda: bool(session.before and session.before.progress(session.texts)["ready"]), "the feeds as they were")


def then(client: TestClient, product_: str, feed: str = "google") -> dict[str, Any]:
    told = product(client, product_)["before"]
    assert told["problem"] == ""
    return told["feeds"][feed]


# --- a run -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["last", "1"])
def test_a_rule_changed_since_the_run(project, what):
    (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % ", fields: {title: '{{ title }} nieuw'}")
    with compared(project, what) as client:
        told = then(client, "A")
    assert told["changes"] == {"title": ["Trui", "Trui nieuw"]}
    assert told["state"] == "in the feed"
    assert told["place"].startswith("run 1: google.xml:")
    assert ">Trui</div>" in told["card"]


def test_what_is_only_spelt_otherwise_did_not_change(project):
    text = catalog(row("A", "Trui", "9"), row("B", "Das", "9.000"), *THEN[2:])
    (project / "p.csv").write_text(text)
    with compared(project, "last") as client:
        assert [then(client, one)["changes"] for one in "AB"] == [{}, {}]


def test_a_product_that_came_and_values_that_came_and_went(project):
    (project / "p.csv").write_text(catalog(*THEN[:4], row("E", "Sok", group="S"), row("F", "Jas")))
    with compared(project, "last") as client:
        new, lost = then(client, "F"), then(client, "E")
    assert (new["state"], new["changes"], new["card"]) == ("not in the feed", {}, "")
    assert lost["changes"] == {"color": ["blauw", ""]}


def test_the_card_of_then_has_the_variants_of_then(project):
    changed = (row("D", "Sok", group="S", color="groen"), row("E", "Sok", group="S", color="blauw"))
    (project / "p.csv").write_text(catalog(*THEN[:3], *changed))
    with compared(project, "last") as client:
        card = then(client, "E")["card"]
    assert "rood" in card
    assert "groen" not in card


def test_a_product_that_a_check_or_a_filter_keeps_out_now_was_in_the_feed(project):
    (project / "p.csv").write_text(catalog(row("A", ""), *THEN[1:]))
    (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % ", where: 'price > 6'")
    with compared(project, "last") as client:
        states = {one: (product(client, one)["feeds"][0]["state"], then(client, one)["state"]) for one in "ABC"}
        assert "Muts" in then(client, "C")["card"]
    assert states == {
        "A": ("rejected", "in the feed"), "B": ("in the feed", "in the feed"), "C": ("filtered", "in the feed"),
    }  # fmt: skip


def test_a_rule_that_makes_other_ids(project):
    """A product is known by the key that the feed gives it, and not by that of the catalog."""
    (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % ", fields: {id: 'nl-{{ id }}'}")
    with compared(project, "last") as client:
        assert then(client, "A")["state"] == "not in the feed"
    exported(project)
    with compared(project, "2") as client:
        assert then(client, "A")["state"] == "in the feed"


def test_a_feed_that_never_ran_and_one_that_this_run_did_not_make(project):
    (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % "" + META)
    for what, words in {"last": "not published yet", "1": "did not make this feed"}.items():
        with compared(project, what) as client:
            assert words in then(client, "A", "meta")["note"]
            assert then(client, "A")["state"] == "in the feed"


def test_the_last_good_run_is_each_feeds_own(project):
    (project / "feedsmith.yaml").write_text(PROJECT + META)
    exported(project)
    (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % "" + META)
    with compared(project, "last") as client:
        assert then(client, "A")["place"].startswith("run 1: ")
        assert then(client, "A", "meta")["place"].startswith("run 2: ")


def test_a_run_whose_feed_is_kept_no_more(project):
    shutil.rmtree(project / ".feedsmith/kept")
    with compared(project, "1") as client:
        told = then(client, "A")
        assert "kept no more" in told["note"]
        assert "history: {keep" in told["note"]
        assert product(client, "A")["feeds"][0]["state"] == "in the feed"


def test_all_kinds_of_feeds_are_read_back_as_they_were_written(tmp_path):
    """Nothing changed, so nothing may look changed: rows of groups, workbooks, JSON, feeds by places."""
    copied("shop", tmp_path)
    folder = copied("library", tmp_path)
    asked = ("ebay_nl", "etsy_en", "google_local_nl", "mirakl_*", "shopify*", "amazon*", "openai*", "meta_nl")
    request = Request(project=folder, here=folder, as_of=NOW, workers=1, write=True, feeds=asked)
    execute(request, lambda _: None)
    with opened(folder, feeds=asked) as session:
        session.compare("last")
        ready(session)
        client = client_of(session)
        for one in ("VH-TS01-WIT-M", "VH-GC15-NATUREL-ONE-SIZE"):
            told = product(client, one)
            now = {feed["name"]: feed["state"] for feed in told["feeds"]}
            for name, was in told["before"]["feeds"].items():
                assert (name, was["note"], was["changes"]) == (name, "", {})
                assert (name, was["state"] == "in the feed") == (name, now[name] == "in the feed")
        figures = compared_with(session)
    assert len(now) > 6
    assert [name for name, one in figures.items() if any(one.values())] == []
    assert figures.keys() == {name.partition(" ")[0] for name in now}  # a feed of places is told place by place


# --- which products changed --------------------------------------------------------------------------------------


def compared_with(session: Session) -> dict[str, dict[str, int]]:
    """The figures of each feed, when all are known."""
    until(lambda: client_of(session).get("/api/state").json()["against"]["changes"]["ready"], "the changes")
    return client_of(session).get("/api/state").json()["against"]["changes"]["figures"]


def listed(session: Session, **query: str) -> list[str]:
    found = client_of(session).get("/api/products", params=query).json()
    assert found["count"] == len(found["rows"])
    return sorted(one["id"] for one in found["rows"])


MOVED = (row("A", "Trui"), row("B", "Das", "8.00"), row("D", "Sok", group="S", color="rood"),
         row("E", "", group="S", color="blauw"), row("F", "Jas"), row("D", "Sok dubbel", group="S"))  # fmt: skip


@pytest.fixture
def moved(project: Path) -> Iterator[Session]:
    """Of five products one changed its price, one left the catalog, two are rejected now; one is new."""
    (project / "p.csv").write_text(catalog(*MOVED))
    with opened(project) as session:
        session.compare("last")
        compared_with(session)
        yield session


def test_the_list_shows_what_changed_came_and_went(moved):
    assert compared_with(moved) == {"google": {"changed": 1, "new": 1, "gone": 2}}
    assert listed(moved, change="changed", feeds="google") == ["B"]
    assert listed(moved, change="new") == ["F"]
    assert listed(moved, change="gone") == ["C", "E"]
    assert listed(moved, change="gone", text="mut") == ["C"]
    assert listed(moved, change="gone", severity="error") == ["E"]
    assert listed(moved, change="changed", text="mut") == []
    assert len(listed(moved)) == 6


def test_a_product_that_the_catalog_has_no_more_is_shown_as_it_was(moved):
    client = client_of(moved)
    lost = next(one for one in client.get("/api/products?change=gone").json()["rows"] if one["id"] == "C")
    told = client.get("/api/product", params={"number": lost["number"]}).json()
    was = told["before"]["feeds"]["google"]
    assert (told["id"], told["title"], told["feeds"][0]["state"]) == ("C", "Muts", "not in the feed")
    assert (was["state"], was["changes"]["price"]) == ("in the feed", ["5.00 EUR", ""])
    assert ">Muts</div>" in was["card"]
    for number in ("was-99", "was-x"):
        assert client.get("/api/product", params={"number": number}).status_code == 404


def test_pages_of_products_that_are_gone(project):
    (project / "p.csv").write_text(catalog(row("A", ""), row("B", "")))
    with opened(project) as session:
        session.compare("last")
        compared_with(session)
        client = client_of(session)
        pages = [
            client.get("/api/products", params={"change": "gone", "start": at, "size": 2}).json() for at in (0, 2, 4)
        ]
    assert [page["count"] for page in pages] == [5, 5, 5]
    assert [[one["id"] for one in page["rows"]] for page in pages] == [["A", "B"], ["C", "D"], ["E"]]


def test_changes_by_other_rules(tmp_path):
    """Rules of then on the catalog of now: nothing is gone that the catalog has not."""
    write_tree(
        tmp_path / "then", {"feedsmith.yaml": PROJECT + GOOGLE % ", where: 'price > 6'", "p.csv": catalog(*THEN)}
    )
    rules = ", where: id != 'A', fields: {title: '{{ title }}{{ \" rood\" if color == \"rood\" }}'}"
    now = write_tree(tmp_path / "now", {"feedsmith.yaml": PROJECT + GOOGLE % rules + META, "p.csv": catalog(*THEN)})
    with opened(now) as session:
        session.compare("../then")
        assert compared_with(session) == {"google": {"changed": 1, "new": 1, "gone": 1}}
        assert [listed(session, change=kind) for kind in ("changed", "new", "gone")] == [["D"], ["C"], ["A"]]


def test_the_figures_follow_a_saved_rule(project):
    with opened(project) as session:
        session.compare("last")
        assert compared_with(session) == {"google": {"changed": 0, "new": 0, "gone": 0}}
        (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % ", fields: {title: '{{ title }} nieuw'}")
        session.again()
        filled(session)
        assert compared_with(session) == {"google": {"changed": 5, "new": 0, "gone": 0}}
        assert listed(session, change="changed") == list("ABCDE")
        session.compare("")
        assert listed(session, change="changed") == []


@pytest.mark.slow
def test_whole_feeds_are_compared_by_several_workers(project):
    (project / "p.csv").write_text(catalog(*(row(f"P{number}", "Trui") for number in range(5_000))))
    exported(project)
    (project / "p.csv").write_text(catalog(*(row(f"P{number}", "Trui") for number in range(1, 5_001))))
    with opened(project, workers=2) as session:
        session.compare("last")
        assert compared_with(session) == {"google": {"changed": 0, "new": 1, "gone": 1}}
        assert listed(session, change="new") == ["P5000"]
        assert listed(session, change="gone") == ["P0"]


# --- files, commits ----------------------------------------------------------------------------------------------


def test_a_feed_file_by_its_name_or_its_channel(project):
    shutil.copy(project / "out/google.xml", project / "old-one.xml")
    (project / "p.csv").write_text(catalog(row("A", "Trui", "8.00"), *THEN[1:]))
    for what in ("out", "out/google.xml", "old-one.xml"):
        with compared(project, what) as client:
            told = then(client, "A")
            assert (told["changes"], told["place"].split(":")[0].rpartition("/")[2]) == (
                {"price": ["9.00 EUR", "8.00 EUR"]}, "google.xml" if what.startswith("out") else "old-one.xml",
            )  # fmt: skip


def test_a_file_of_a_channel_that_no_feed_or_several_are_for(project):
    shutil.copy(project / "out/google.xml", project / "old.xml")
    twice = (GOOGLE % "").replace("google:", "one:", 1) + (GOOGLE % "").replace("google:", "two:", 1)
    for feeds, words in {
        twice: "2 feeds of the project are for google: one, two",
        META: "makes none of its feeds",
    }.items():
        (project / "feedsmith.yaml").write_text(PROJECT + feeds)
        with compared(project, "old.xml") as client:
            assert words in product(client, "A")["before"]["problem"]


def test_the_last_commit(project):
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "feedsmith.yaml", "p.csv")
    git(project, "commit", "-q", "-m", "as it was")
    (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % ", fields: {title: '{{ title }} nieuw'}")
    with compared(project, "HEAD") as client:
        told = then(client, "A")
        offered = dict(client.get("/api/comparisons").json()["choices"])
    assert told["changes"] == {"title": ["Trui", "Trui nieuw"]}
    assert list(offered) == ["", "last", "1", "HEAD"]


@pytest.mark.parametrize(("what", "words"), [("7", "there is no run 7"), ("none.xml", "no git repository")])
def test_what_cannot_be_compared_with(project, what, words):
    with pytest.raises(UsageError, match=words):
        before_of(what, Request(project=project, here=project))


# --- chosen while it runs ----------------------------------------------------------------------------------------


def post(client: TestClient, what: str) -> Any:
    return client.post("/api/compare", json={"what": what}, headers={"origin": BASE})


def test_it_is_chosen_without_a_restart(project):
    with opened(project) as session:
        client = client_of(session)
        assert product(client, "A")["before"] is None
        offered = client.get("/api/comparisons").json()["choices"]
        assert [what for what, _ in offered] == ["", "last", "1"]
        assert offered[2][1].startswith("run 1 · 20")
        assert offered[2][1].endswith(" · google")
        assert post(client, "last").status_code == 200
        ready(session)
        assert then(client, "A")["state"] == "in the feed"
        refused = post(client, "99")
        assert (refused.status_code, refused.json()["errors"][0]["problem"]) == (422, "there is no run 99")
        told = client.get("/api/state").json()["against"]
        assert (told["what"], told["name"], told["ready"], told["items"]) == ("last", "the last good run", True, 5)
        folder = session.before.published.folder  # type: ignore[union-attr] # chosen above
        assert post(client, "").status_code == 200
        assert product(client, "A")["before"] is None
        assert not folder.exists()


def test_what_is_compared_with_goes_with_the_session(project):
    with opened(project) as session:
        session.compare("last")
        folder = session.before.published.folder  # type: ignore[union-attr]
        ready(session)
    assert not folder.exists()


def test_a_saved_rule_is_compared_at_once(project):
    with opened(project) as session:
        session.compare("last")
        ready(session)
        assert then(client_of(session), "A")["changes"] == {}
        (project / "feedsmith.yaml").write_text(PROJECT + GOOGLE % ", fields: {title: '{{ title }} nieuw'}")
        session.again()
        filled(session)
        assert then(client_of(session), "A")["changes"] == {"title": ["Trui", "Trui nieuw"]}


def test_on_the_page(tab, tmp_path, picture):
    folder = copied("shop", tmp_path)
    exported(folder)
    table = folder / "catalog.csv"
    lines = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(one for one in lines if not one.startswith(GONE)), "utf-8")
    file = folder / "feedsmith.yaml"
    file.write_text(file.read_text("utf-8").replace("parts: [brand, title", "parts: [title, brand"), "utf-8")
    with served(folder) as found:
        page = bench(tab, found)
        choose(page, "VH-TS01-WIT-M")
        page.locator('#feeds [data-feed="google_nl"]').click()
        expect(page.locator("[data-row] del")).to_have_count(0)
        page.focus("#against")
        expect(page.locator("#against option")).to_have_count(3)
        page.select_option("#against", "last")
        title = page.locator('[data-row="title"]')
        expect(title.locator("del")).to_have_text("Wadlinnen T-shirt Oever van biologisch katoen wit M")
        expect(title.locator("ins")).to_have_text("T-shirt Oever van biologisch katoen Wadlinnen wit M")
        expect(page.locator(".was")).to_have_text("As it was: the last good run")
        expect(page.locator(".before .fs-p-title").first).to_contain_text("Wadlinnen T-shirt")
        expect(page.locator("[data-row] del")).to_have_count(1)
        assert grave_faults(page) == []
        picture(page, "before-and-after")
        expect(page.locator('#feeds [data-feed="google_nl"] .changes')).to_have_attribute(
            "title", re.compile("changed")
        )
        page.fill("#search", "")
        page.select_option("[name=change]", "changed")
        expect(page.locator("#count")).to_have_text(re.compile(r"^\d+ products$"))
        page.select_option("[name=change]", "gone")
        expect(page.locator("#count")).to_have_text("1 product")
        page.locator("#products button").click()
        expect(page.locator("#shown h2")).to_contain_text("Kindertrui Eb van katoen")
        expect(page.locator("#shown .before .fs-p-title").first).to_contain_text("Kindertrui Eb van katoen")
        expect(page.locator('[data-row="price"] del')).to_be_visible()
        assert grave_faults(page) == []
        page.select_option("#against", "")
        expect(page.locator("#by-change")).to_be_hidden()
        expect(page.locator("[data-row] del")).to_have_count(0)
        page.reload()
        expect(page.locator("#against")).to_have_value("")
    assert [one for one in tab.complaints if "404" not in one] == []  # the console tells that the item is known no more
