"""Every kind of record in the preview: lists of their own, stores and regions of a product, the figures of a run."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from feedsmith.preview.index import read
from feedsmith.preview.index.read import Filter
from feedsmith.preview.live.session import Session
from tests.preview.kinds import PROJECT, kinds
from tests.preview.serving import opened
from tests.preview.test_again import Edit, changed, hold
from tests.preview.test_index import counted
from tests.preview.test_server import BASE, client_of

STORES = ["KW AMS", "KW-UTR", "KW-ZWO"]
CHANGES = {
    "as it is": ("", ""),
    "other rules": ("exclude: {not in Zwolle: \"store.code == 'KW-ZWO' and price > 20\"}", "exclude: {all: true}"),
    "one store": ("    utrecht: {", "    # utrecht: {"),
    "no product": ("  google: {channel: google}\n", ""),
    "only promotions": (PROJECT[PROJECT.index("  google: {"):PROJECT.index("  promotions: {channel")], ""),
    "only reviews": (PROJECT[PROJECT.index("  google: {"):PROJECT.index("  reviews: {channel")], ""),
    "only stores": (PROJECT[PROJECT.index("  regional: {"):], ""),
    "a check that is off": ("  local:\n", "  local:\n    checks: {duplicate-id: off}\n"),
    "variants": ("  google: {channel: google}\n", "  google: {channel: google}\n  meta: {channel: jsonld}\n"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_figures_are_those_of_a_run(tmp_path: Path, change: str):
    before, after = CHANGES[change]
    assert before in PROJECT
    project = kinds(tmp_path, PROJECT.replace(before, after))
    _, figures = counted(project)
    with opened(project) as session:
        told = client_of(session).get("/api/state").json()
        board = client_of(session).get("/api/board").json()["ready"]
    for found in (told["feeds"], board):
        assert {one["name"]: (one["in"], one["rejected"], one["filtered"]) for one in found} == figures


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with opened(kinds(tmp_path_factory.mktemp("kinds"))) as found:
        yield found


@pytest.fixture(scope="module")
def client(session: Session) -> TestClient:
    return client_of(session)


def asked(client: TestClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_kind_has_a_list_of_its_own(client):
    state = asked(client, "/api/state")
    assert state["records"] == [["product", 5], ["promotion", 3], ["review", 3]]
    assert {one["name"]: one["record"] for one in state["feeds"]} == {
        "google": "product", "local": "product", "regional": "product", "promotions": "promotion", "reviews": "review",
    }  # fmt: skip
    assert state["progress"]["products"] == 5
    known = {code: records for code, _, _, records in state["codes"]}
    assert known["missing-identifier"] == ["review"]
    assert known["missing-required"] == ["promotion", "review"]
    assert known["invalid-price"] == ["product"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"record": "promotion"}, [("LEEG", "", "10 %"), ("DUIN-20", "20% korting op Duin", "20 %"), ("A", "Korting met code", "5 %")]),
        ({"record": "review"}, [("R-3", "Mooi", "4 ★"), ("R-1", "Fijne mok", "5 ★"), ("R-2", "Beetje klein.", "3 ★")]),
        ({"record": "promotion", "state": "rejected"}, [("LEEG", "", "10 %")]),
        ({"record": "promotion", "feeds": "promotions", "state": "in"}, [("DUIN-20", "20% korting op Duin", "20 %"), ("A", "Korting met code", "5 %")]),
        ({"record": "review", "text": "schaal"}, [("R-3", "Mooi", "4 ★")]),
        ({"record": "product", "text": "mok"}, [("A", "Mok Duin nog eens", "12.95 EUR"), ("A", "Mok Duin", "12.95 EUR")]),
        ({"record": "review", "code": "missing-required"}, [("R-3", "Mooi", "4 ★")]),
        ({"record": "product", "code": "missing-required"}, []),
        ({"record": "product", "feeds": "local", "state": "rejected"}, [("A", "Mok Duin nog eens", "12.95 EUR"), ("B", "Schaal Golf", "24.95 EUR")]),
        ({"record": "product", "feeds": "local", "state": "in"}, [("D", "Bord Wad", ""), ("B", "Schaal Golf", "24.95 EUR"), ("A", "Mok Duin", "12.95 EUR")]),
        ({"record": "product", "feeds": "local", "state": "filtered"}, [("B", "Schaal Golf", "24.95 EUR"), ("C", "Vaas Klif", "49.00 EUR")]),
    ],
)  # fmt: skip
def test_lists_are_searched_and_filtered(client, query, rows):
    found = asked(client, "/api/products", **query)["rows"]
    assert [(one["id"], one["title"], one["price"]) for one in found] == rows


@pytest.mark.parametrize(
    ("record", "id_", "feeds", "title", "state"),
    [
        ("promotion", "DUIN-20", ["promotions"], "20% korting op Duin", "in the feed"),
        ("promotion", "LEEG", ["promotions"], "", "rejected"),
        ("review", "R-2", ["reviews"], "Beetje klein.", "in the feed"),
        ("promotion", "A", ["promotions"], "Korting met code", "in the feed"),
    ],
)
def test_a_record_is_shown_in_the_feeds_of_its_kind(client, record, id_, feeds, title, state):
    found = asked(client, "/api/product", id=id_, record=record, feeds="google")
    assert (found["record"], found["title"], [one["name"] for one in found["feeds"]]) == (record, title, feeds)
    (feed,) = found["feeds"]
    assert (feed["state"], bool(feed["card"]), feed["places"]) == (state, True, [])
    assert all(field["cells"] or field["steps"] or not field["text"] for field in feed["fields"])


def test_an_id_that_several_kinds_have_is_that_of_the_list(client):
    names = {
        record: asked(client, "/api/product", id="A", record=record)["title"] for record in ("product", "promotion")
    }
    assert names == {"product": "Mok Duin", "promotion": "Korting met code"}


def test_reviews_of_one_product_stand_together(client):
    found = asked(client, "/api/product", id="R-1", record="review")
    assert [id_ for _, id_, _ in found["variants"]] == ["R-1", "R-2"]
    assert len(asked(client, "/api/product", id="A", record="product")["variants"]) == 0


# --- places ------------------------------------------------------------------------------------------------------


def local(client: TestClient, **query: Any) -> dict[str, Any]:
    """A product in the feed of stores."""
    (found,) = asked(client, "/api/product", feeds="local", **query)["feeds"]
    return found


@pytest.mark.parametrize(
    ("id_", "states", "shown"),
    [
        ("A", ["in the feed", "in the feed", "in the feed"], "KW AMS"),
        ("B", ["rejected", "in the feed", "filtered"], "KW AMS"),
        ("C", ["filtered", "filtered", "filtered"], "KW AMS"),
        ("D", ["in the feed", "filtered", "filtered"], "KW AMS"),
    ],
)
def test_a_product_in_each_store(client, id_, states, shown):
    feed = local(client, id=id_)
    assert [(one["code"], one["state"]) for one in feed["places"]] == list(zip(STORES, states, strict=True))
    assert (feed["place"], feed["name"]) == (shown, f"local {shown}")
    assert feed["places"][0]["name"] == "Kleiwerk Amsterdam"


@pytest.mark.parametrize(
    ("code", "state", "quantity", "codes"),
    [
        ("KW AMS", "rejected", "99", ["not-in-list"]),
        ("KW-UTR", "in the feed", "2", []),
        ("KW-ZWO", "filtered", "", ["filtered"]),
        ("nowhere", "rejected", "99", ["not-in-list"]),
    ],
)
def test_the_store_that_is_chosen_is_shown(client, code, state, quantity, codes):
    feed = local(client, id="B", places=f'{{"local": "{code}"}}')
    values = {field["key"]: field["text"] for field in feed["fields"]}
    assert (feed["state"], values.get("quantity", "")) == (state, quantity)
    assert [issue["code"] for issue in feed["issues"]] == codes


@pytest.mark.parametrize("places", ["", "{}", "[]", "nonsense", '{"google": "x"}', "1"])
def test_places_that_nobody_can_read_are_none(client, places):
    assert local(client, id="B", places=places)["place"] == "KW AMS"


def test_a_check_over_the_whole_feed_is_told_in_its_store_alone(client):
    """The second product of that id stands twice in Amsterdam, and is in no other store."""
    number = next(
        row["number"] for row in asked(client, "/api/products", record="product")["rows"] if "nog eens" in row["title"]
    )
    feed = local(client, id="A", number=number)
    assert [(one["state"], one["error"]) for one in feed["places"]] == [
        ("rejected", 1),
        ("filtered", 0),
        ("filtered", 0),
    ]
    assert [(feed["state"], issue["code"]) for issue in feed["issues"]] == [("rejected", "duplicate-id")]
    other = local(client, id="A", number=number, places='{"local": "KW-UTR"}')
    assert [(issue["severity"], issue["code"]) for issue in other["issues"]] == []


def test_what_is_wrong_is_counted_by_store(client):
    places = local(client, id="B")["places"]
    assert [(one["error"], one["warning"]) for one in places] == [(1, 0), (0, 0), (0, 0)]


def tried(client, feed, field, rule, **row):
    """What a rule on trial gives: the answer, and the text of each field."""
    said = {"feed": feed, "field": field, "rule": rule, "where": "feed", **row}
    answer = client.post("/api/try", json=said, headers={"origin": BASE}).json()
    return answer, {one["key"]: one["text"] for one in answer["fields"]}


def test_a_rule_is_tried_in_the_store_that_is_shown(client):
    answer, values = tried(client, "local KW-UTR", "quantity", "{{ store.quantity }}0", id="B", number="1")
    assert (answer["name"], values["quantity"], values["store_code"]) == ("local KW-UTR", "20", "KW-UTR")
    assert any("local" in line or "quantity" in line for line in answer["diff"])


def test_a_rule_of_promotions_is_tried_and_explained(client):
    assert asked(client, "/api/rule", feed="promotions", field="long_title")["places"]
    answer, values = tried(client, "promotions", "long_title", "{{ title }}!", id="A", number="0")
    assert (answer["state"], values["long_title"]) == ("in the feed", "Korting met code!")


def test_what_to_mend_first_counts_all_kinds(session):
    with read.reading(session.state.index) as database:
        fixes = {
            (one["code"], *one["feeds"]) for one in read.fixes(database, [one.spec.name for one in session.state.feeds])
        }
        assert read.page(database, Filter(record="region")).count == 0
    assert ("not-in-list", "local") in fixes
    assert ("missing-required", "reviews") in fixes


# --- what is carried again ---------------------------------------------------------------------------------------


EDITS = [
    Edit("nothing", lambda _: None, ()),
    Edit("what stores say", changed("feedsmith.yaml", "> 90", "> 2"), ("local",)),
    Edit("which stores are left out", changed("feedsmith.yaml", "price > 20", "price > 10"), ("local",)),
    Edit("promotions", changed("feedsmith.yaml", "{channel: google_promotions}", '{channel: google_promotions, fields: {long_title: "{{ code }}"}}'), ("promotions",)),
    Edit("reviews", changed("feedsmith.yaml", "title: Kleiwerk}", "title: Kleiwerk, exclude: {low: rating < 4}}"), ("reviews",)),
    Edit("the file of reviews", lambda folder: os.utime(folder / "reviews.csv"), None),
]  # fmt: skip


def test_edits_carry_the_feeds_that_changed(tmp_path: Path):
    hold(kinds(tmp_path), EDITS)
