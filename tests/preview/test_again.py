"""Only what changed is carried again, and then the index says what a fresh one would say."""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from feedsmith.preview.index.build import Given, build, open_state
from feedsmith.preview.index.state import State
from feedsmith.run.request import Request
from tests.channels.engine import NOW
from tests.helpers import ROOT, write_tree
from tests.preview.serving import copied

PRODUCTS = "*"
KIND = 'kinds.severity, kinds.feed, kinds.code, kinds.field, kinds."column"'
QUESTIONS = (
    f"SELECT {PRODUCTS} FROM products",
    f"SELECT {KIND}, kinds.issues FROM kinds WHERE issues > 0",
    f"SELECT {KIND}, told.issues, products.path, products.row FROM told JOIN kinds ON kinds.number = told.kind"
    " JOIN products ON products.number = told.product",
    "SELECT id, title FROM words WHERE words MATCH 't*'",
)
"""The tables of an index, without the numbers that rows and kinds have in it."""


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
    """A change of a project, and the feeds that must be carried again; None where the whole catalog is."""

    name: str
    make: Callable[[Path], None]
    carried: tuple[str, ...] | None


SHOP = [
    Edit("nothing", lambda _: None, ()),
    Edit("a comment", changed("feedsmith.yaml", "# named conditions", "# conditions"), ()),
    Edit("an example", changed("feedsmith.yaml", "price: 2.95 EUR", "price: 3.95 EUR"), ()),
    Edit("a feed's own rule", changed("feedsmith.yaml", 'availability == "preorder"', "price > 50"), ("mirakl_nl",)),
    Edit("what feeds are compared by", changed("feedsmith.yaml", "  meta: {channel: meta, markets: [nl], extends: [shop, ads]}", '  meta: {channel: meta, markets: [nl], extends: [shop, ads], fields: {brand: "{{ color }}"}}'), ("meta_nl",)),
    Edit("a column that nobody read", changed("feedsmith.yaml", '"{{ season }}"', '"{{ expiration_date }} {{ sale_price_start }}"'), ("google_nl", "meta_nl")),
    Edit("a label of two feeds", changed("feedsmith.yaml", "value: hoog", "value: laag"), ("google_nl", "meta_nl")),
    Edit("what is left out of all", changed("feedsmith.yaml", "price < 5", "price < 40"), ("google_nl", "meta_nl", "mirakl_nl")),
    Edit("a table of two feeds", changed("tables/categories.csv", "1", "2"), ("google_nl", "meta_nl")),
    Edit("an own field", changed("feedsmith.yaml", "* 100}", "* 10}"), None),
    Edit("a segment", changed("feedsmith.yaml", '"HW26"', '"ZW26"'), None),
    Edit("the catalog", lambda folder: os.utime(folder / "catalog.csv"), None),
    Edit("a market", changed("feedsmith.yaml", "language: nl", "language: en"), None),
    Edit("a feed more", changed("feedsmith.yaml", "  mirakl:\n", "  first: {channel: google, markets: [nl]}\n  mirakl:\n"), None),
]  # fmt: skip


def test_edits_of_a_shop(tmp_path: Path):
    hold(copied("shop", tmp_path), SHOP)


def hold(folder: Path, edits: list[Edit]) -> None:
    """After each edit the index that goes on says what a fresh one says."""
    request = request_of(folder)
    state = built(request)
    for edit in edits:
        edit.make(folder)
        before, state = state, built(request, state)
        before.close()
        fresh = built(request)
        carried = None if state.changed is None else tuple(state.feeds[at].spec.name for at in sorted(state.changed))
        assert carried == edit.carried, edit.name
        assert told(state) == told(fresh), edit.name
        fresh.close()
    state.close()
