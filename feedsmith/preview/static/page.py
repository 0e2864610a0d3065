"""The static page: one HTML file that needs nothing else, to mail or to keep beside a build."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from feedsmith.preview.cards.face import Card
from feedsmith.preview.live.told import ROOM, pages, product_told
from feedsmith.preview.live.words import told
from feedsmith.preview.static.collect import Chosen, Collected
from feedsmith.preview.static.script import script
from feedsmith.reports.harmless import encodable
from feedsmith.texts.catalogue import Texts

TEMPLATE = "static.html.j2"
STYLES = ("cards.css", "page.css")
ENTRY = "static/main.js"
ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Signs that could end a script element or a line of it, as JSON writes them otherwise."""
VALUE_SHOWN = 5_000
"""Characters of a value that the page keeps."""
LISTED = (
    "number", "record", "id", "title", "brand", "price", "image_link", "product_type", "errors", "warnings", "infos",
)  # fmt: skip
"""What the list has of a product."""


def static_page(found: Collected, texts: Texts) -> Iterator[str]:
    """The page in pieces."""
    code, style = script(ROOM / "assets" / ENTRY), "\n".join(map(_asset, STYLES))
    values = {
        "found": found, "texts": texts, "told": told(texts, pictures=False),
        "script": code, "style": style, "script_hash": _hash(code), "style_hash": _hash(style),
        "cards": list(_cards(found)), "data": embedded(_data(found, texts)),
    }  # fmt: skip
    yield from map(encodable, pages().get_template(TEMPLATE).generate(values))
    yield "\n"


def _cards(found: Collected) -> Iterator[tuple[str, Card]]:
    """The cards, each with the name by which the script finds it."""
    for number, product in enumerate(found.products):
        for index, feed in enumerate(product.shown.feeds):
            if feed.card is not None:
                yield f"card-{number}-{index}", feed.card


def embedded(value: Any) -> str:
    """A value as JSON that stands in a script element: nothing in it can end the element."""
    text = json.dumps(encodable(value), ensure_ascii=False, separators=(",", ":"))
    return "".join(ESCAPES.get(sign, sign) for sign in text) if any(sign in text for sign in ESCAPES) else text


def _asset(name: str) -> str:
    return (ROOM / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The digest by which a content security policy allows exactly this script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# --- the data ----------------------------------------------------------------------------------------------------


class _Table:
    """Things that many products share, each once: the data names them by their number."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[Any, ...], int] = {}

    def number(self, *entry: Any) -> int:
        """The number of an entry; a new one is taken in."""
        return self.numbers.setdefault(entry, len(self.numbers))

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """All entries in order."""
        return list(self.numbers)


class _Tables:
    """The tables of the page: rules, limits of channels, issues without their value."""

    def __init__(self) -> None:
        self.rules, self.limits, self.issues = _Table(), _Table(), _Table()

    def issue(self, one: dict[str, Any]) -> list[Any]:
        """An issue: the number of what it shares with others, its value, its place."""
        shared = ("severity", "code", "title", "field", "message", "help", "reference")
        return [self.issues.number(*(one[name] for name in shared)), one["value"], one["place"]]

    def step(self, one: dict[str, Any], text: str) -> list[Any]:
        """A step of a rule: its number, the value before and after."""
        number = self.rules.number(one["field"], one["does"], one["place"])
        return [number, _other(one["before"], text), _other(one["after"], text)]

    def check(self, one: dict[str, Any]) -> list[Any]:
        """What a channel asks of a field: its number, and the issues' codes where it is not met."""
        return [self.limits.number(one["text"], one["name"], one["else"]), one["codes"]]


def _data(found: Collected, texts: Texts) -> dict[str, Any]:
    tables = _Tables()
    products = [_product(one, tables, texts) for one in found.products]
    return {
        "products": products,
        "rules": tables.rules.rows,
        "limits": tables.limits.rows,
        "issues": tables.issues.rows,
        "board": found.board,
        "fixes": found.fixes,
        "records": found.records,
        "feeds": [{**one, **found.feeds[one["name"]]} for one in found.board["ready"]],
        "codes": found.codes,
        "categories": found.categories,
    }


def _product(one: Chosen, tables: _Tables, texts: Texts) -> dict[str, Any]:
    told = product_told(one.shown, one.row["number"], texts)
    return {
        "row": {name: one.row[name] for name in LISTED},
        "title": told["title"],
        "place": told["place"],
        "issues": [tables.issue(issue) for issue in told["issues"]],
        "feeds": [_feed(feed, tables) for feed in _with_places(told["feeds"])],
        "variants": [[row["number"], row["id"], row["title"]] for row in one.variants],
    }


def _with_places(feeds: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The feeds of a product: the first section of each names those of its stores or regions that are on the page."""
    seen: dict[str, list[str]] = {}
    for one in feeds:
        seen.setdefault(one["feed"], []).append(one["place"])
    for one in feeds:
        codes = seen.pop(one["feed"], [])
        yield {**one, "places": [place for place in one["places"] if place["code"] in codes]}


def _feed(told: dict[str, Any], tables: _Tables) -> dict[str, Any]:
    """A feed without its card, which stands in the page as HTML."""
    names = ("name", "feed", "place", "places", "there", "all", "channel", "state", "reason", "rule", "condition")
    kept = {name: told[name] for name in names}
    return {
        **kept,
        "issues": [tables.issue(issue) for issue in told["issues"]],
        "fields": [_field(one, tables) for one in told["fields"]],
        "group": [_field(one, tables) for one in told["group"]],
    }


def _field(one: dict[str, Any], tables: _Tables) -> list[Any]:
    """Key, name, value, source cells, steps, checks, whether it is written, whether it stands on the group's row."""
    text = _cut(one["text"])
    cells = [[place, _other(value, text)] for place, value in one["cells"]]
    steps = [tables.step(step, text) for step in one["steps"]]
    checks = [tables.check(check) for check in one["checks"]]
    return [one["key"], one["name"], text, cells, steps, checks, int(one["written"]), int(one["onGroup"])]


def _other(value: str | None, text: str) -> str | int | None:
    """A value on the way, or 1 where it is the same as the feed's."""
    if value is None:
        return None
    shown = _cut(value)
    return 1 if shown == text else shown


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + "…"
