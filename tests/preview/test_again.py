"""Only what changed is carried again, and then the index says what a fresh one would say."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from feedsmith.preview.index.build import build, open_state
from feedsmith.preview.index.changed import inputs_of
from feedsmith.preview.index.state import State
from feedsmith.run.request import Request
from tests.channels.engine import NOW
from tests.helpers import write_tree
from tests.preview.serving import copied

KIND = 'kinds.severity, kinds.feed, kinds.code, kinds.field, kinds."column"'
TOLD = "told JOIN kinds ON kinds.number = told.kind JOIN products ON products.number = told.product"
QUESTIONS = (
    "SELECT * FROM products",
    f"SELECT {KIND}, kinds.issues, kinds.records FROM kinds WHERE issues > 0",  # noqa: S608 - our own names
    f"SELECT {KIND}, told.issues, products.path, products.row FROM {TOLD}",  # noqa: S608 - the same
    "SELECT * FROM places",
    "SELECT id, title FROM words WHERE words MATCH 't*'",
)
"""The tables of an index, without the numbers that kinds have in it."""


def request_of(folder: Path, **more: Any) -> Request:
    return Request(project=folder, here=folder, as_of=NOW, workers=1, **more)


def built(request: Request, before: State | None = None) -> State:
    state = open_state(request, before)
    build(state, Event(), lambda: None)
    return state


def tables(state: State) -> list[list[Any]]:
    with closing(sqlite3.connect(state.index)) as database:
        return [sorted(database.execute(asked), key=repr) for asked in QUESTIONS]


def told(state: State) -> tuple[list[list[Any]], Counter[Any], dict[str, str]]:
    return tables(state), Counter(map(repr, state.issues())), state.failures


def changed(file: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit that puts one text in the place of another, which is there."""

    def edit(folder: Path) -> None:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return edit


def written(file: str, text: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, "utf-8")

    return edit


@dataclass(frozen=True)
class Edit:
    """A change of a project, the feeds that must be carried again, and those that cannot be made after it.

    `carried` is None where the whole catalog must be.
    """

    name: str
    make: Callable[[Path], None]
    carried: tuple[str, ...] | None
    fails: tuple[str, ...] = ()


SHOP = [
    Edit("nothing", lambda _: None, ()),
    Edit("a comment", changed("feedsmith.yaml", "# named conditions", "# conditions"), ()),
    Edit("a feed's own rule", changed("feedsmith.yaml", 'availability == "preorder"', "price > 50"), ("mirakl_nl",)),
    Edit("what feeds are compared by", changed("feedsmith.yaml", "  meta: {channel: meta, markets: [nl], extends: [shop, ads]}", '  meta: {channel: meta, markets: [nl], extends: [shop, ads], fields: {brand: "{{ color }}"}}'), ("meta_nl",)),
    Edit("a column that nobody read", changed("feedsmith.yaml", '"{{ season }}"', '"{{ expiration_date }} {{ sale_price_start }}"'), ("google_nl", "meta_nl")),
    Edit("a label of two feeds", changed("feedsmith.yaml", "value: hoog", "value: laag"), ("google_nl", "meta_nl")),
    Edit("a table of two feeds", changed("tables/categories.csv", "1", "2"), ("google_nl", "meta_nl")),
]  # fmt: skip


WHOLE = [
    ("an own field", changed("feedsmith.yaml", "* 100}", "* 10}")),
    ("a segment", changed("feedsmith.yaml", '"HW26"', '"ZW26"')),
    ("the catalog", lambda folder: os.utime(folder / "catalog.csv")),
    ("a market", changed("feedsmith.yaml", "language: nl", "language: en")),
    ("a feed more", changed("feedsmith.yaml", "  mirakl:\n", "  first: {channel: google, markets: [nl]}\n  mirakl:\n")),
    ("a step", lambda folder: (folder / "steps/shop.py").write_text("def other(value: str) -> str:\n    return value\n")),
]  # fmt: skip
"""Changes of what all feeds have in common."""


def test_edits_of_a_shop(tmp_path: Path):
    hold(copied("shop", tmp_path), SHOP)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    folder = copied("shop", tmp_path_factory.mktemp("whole"))
    write_tree(folder, {"steps/shop.py": "def shout(value: str) -> str:\n    return value.upper()\n"})
    project = folder / "feedsmith.yaml"
    project.write_text(project.read_text("utf-8") + "steps: [steps/shop.py]\n", "utf-8")
    state = open_state(request_of(folder))
    yield state
    state.close()


@pytest.mark.parametrize("edit", [edit for _, edit in WHOLE], ids=[name for name, _ in WHOLE])
def test_what_all_feeds_have_in_common_is_read_anew(shop: State, edit: Callable[[Path], object]):
    folder = shop.job.project.folder
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}
    assert inputs_of(shop.request).same_products(shop.inputs)
    edit(folder)
    assert not inputs_of(shop.request).same_products(shop.inputs)
    for path, (raw, changed_at) in before.items():
        path.write_bytes(raw)
        os.utime(path, ns=(changed_at, changed_at))


def test_another_day_is_read_anew(shop: State):
    assert not inputs_of(replace(shop.request, as_of=NOW + timedelta(days=1))).same_products(shop.inputs)


KINDS = {"google", "google_local", "google_promotions", "amazon_flat", "ucp"}
"""Channels of products, of products in places, of promotions, of groups in rows and in JSON."""
OWN = {
    "templates/google.xml.j2": "{% include 'head.j2' %}{% for item in items %}<item>{{ item }}</item>{% endfor %}</channel></rss>",
    "templates/head.j2": '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>',
}  # fmt: skip
RANKS = """
ranks:
  cheapest: {lowest: price, top: 5}
fields:
  custom_label_0: [{when: cheapest, value: cheap}, {value: dear}]
"""
ALIKE = ("google_nl", "google_local_nl", "google_promotions_nl")
"""The feeds of one template."""
EVERY_KIND = [
    Edit("a group's rule", changed("feeds/amazon_flat.yaml", "amazon_product_type: shirt", "amazon_product_type: sweater"), ("amazon_flat_nl",)),
    Edit("a set check", changed("feeds/google.yaml", "    fields:\n", "    fields:\n      id: '{{ item_group_id or id }}'\n"), ("google_nl",)),
    Edit("a template", changed("templates/google.xml.j2", "<item>", "<item><br>"), ALIKE, ALIKE),
    Edit("another feed while one fails", changed("feeds/google_promotions.yaml", "[nl]}", "[nl], exclude: {none: 'id != \"\"'}}"), ALIKE, ALIKE[:2]),
    Edit("a template that is taken in", written("templates/head.j2", OWN["templates/head.j2"] + "<title>T</title>"), ALIKE, ALIKE[:2]),
    Edit("the template mended", changed("templates/google.xml.j2", "<br>", ""), ALIKE),
    Edit("places", changed("feeds/google_local.yaml", "[nl]}", "[nl], exclude: {dear: price > 40}}"), ("google_local_nl",)),
]  # fmt: skip


def test_edits_of_feeds_of_every_kind(tmp_path: Path):
    copied("shop", tmp_path)
    folder = copied("library", tmp_path)
    for file in (folder / "feeds").iterdir():
        if file.stem not in KINDS:
            file.unlink()
    write_tree(folder, OWN)
    project = folder / "feedsmith.yaml"
    project.write_text(project.read_text("utf-8") + RANKS, "utf-8")
    catalog = tmp_path / "shop/catalog.csv"
    head, *rows = catalog.read_text("utf-8").splitlines(keepends=True)
    catalog.write_text("".join([head, *rows[:20], rows[3], rows[4].replace("EUR", "EURO")]), "utf-8")
    hold(folder, EVERY_KIND)


SMALL = {
    "feedsmith.yaml": "catalog: {source: p.csv}\nmarkets: {nl: {country: NL, language: nl, currency: EUR}}\nfeeds:\n"
    "  google: {channel: google, markets: [nl], fields: {brand: '{{ brand }}'}}\n"
    "  meta: {channel: meta, markets: [nl], fields: {title: '{{ title }}'}}\n",
    "p.csv": "id,title,description,link,image_link,availability,price,brand,multipack\n"
    "A,Trui,Een trui,https://s.example/a,https://s.example/a.jpg,in_stock,9.00 EUR,Oever,many\n"
    "B,Sok,Een sok,https://s.example/b,https://s.example/b.jpg,in_stock,gratis,Oever,2\n",
}  # fmt: skip
OF_OTHERS = [
    Edit("what the other feed read", changed("feedsmith.yaml", "'{{ title }}'", "'{{ title | upper }}'"), ("meta_nl",)),
    Edit("what the other feed is compared by", changed("feedsmith.yaml", "'{{ brand }}'", "'Merk'"), ("google_nl",)),
    Edit("the other feed stays another", changed("feedsmith.yaml", "'Merk'", "'Huis'"), ("google_nl",)),
    Edit("a line above", changed("feedsmith.yaml", "feeds:\n", "# all of them\nfeeds:\n"), ()),
    Edit("another channel", changed("feedsmith.yaml", "meta: {channel: meta", "meta: {channel: pinterest"), ("meta_nl",)),
    Edit("a rule that fails", changed("feedsmith.yaml", "'{{ title | upper }}'", "'{{ to_number(title) }}'"), ("meta_nl",)),
    Edit("its line moved", changed("feedsmith.yaml", "# all of them\n", ""), ("meta_nl",)),
    Edit("both are alike again", changed("feedsmith.yaml", "'Huis'", "'{{ brand }}'"), ("google_nl",)),
]  # fmt: skip


def test_what_an_edit_does_to_other_feeds(tmp_path: Path):
    hold(write_tree(tmp_path, SMALL), OF_OTHERS)


def test_edits_with_joined_sources(tmp_path: Path):
    dear = changed(
        "feedsmith.yaml",
        "{channel: google, markets: [nl]}",
        "{channel: google, markets: [nl], where: {dear: price > 20}}",
    )
    hold(copied("joined", tmp_path), [Edit("what is left out of one", dear, ("google_nl",))])


def hold(folder: Path, edits: list[Edit]) -> None:
    """After each edit the index that goes on says what a fresh one says."""
    request = request_of(folder)
    state = built(request)
    for edit in edits:
        edit.make(folder)
        before, state = state, built(request, state)
        before.close()
        carried = None if state.changed is None else {state.feeds[at].spec.name for at in state.changed}
        assert carried == (None if edit.carried is None else set(edit.carried)), edit.name
        assert set(state.failures) == set(edit.fails), edit.name
        fresh = built(request)
        assert told(state) == told(fresh), edit.name
        fresh.close()
    state.close()
