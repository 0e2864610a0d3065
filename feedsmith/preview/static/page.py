"""The static page: one HTML file that needs nothing else, to mail or to keep beside a build."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feedsmith.issues import Issue, Severity
from feedsmith.mapping.printed import printed
from feedsmith.mapping.rows import Step
from feedsmith.preview.cards.face import Card
from feedsmith.preview.static.collect import Collected
from feedsmith.preview.static.shown import ShownFeed, ShownProduct
from feedsmith.reports.harmless import encodable
from feedsmith.run.explain import ExplainedField
from feedsmith.run.limit_words import else_in_words, in_words
from feedsmith.run.limits import Limit
from feedsmith.texts.catalogue import Texts

ROOM = Path(__file__).parent.parent
TEMPLATE = "static.html.j2"
STYLES = ("cards.css", "static.css")
SCRIPT = "static.js"
WORDS = (
    "Source", "Rule", "Checks", "In the feed", "unchanged", "(empty)", "rejected", "filtered", "in the feed", "failed",
    "ready", "{number} characters", "Nothing fits these filters.", "Reference", "the template does not write it",
)  # fmt: skip
"""The texts that the page's script needs."""
ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Signs that could end a script element or a line of it, as JSON writes them otherwise."""
VALUE_SHOWN = 5_000
"""Characters of a value that the page keeps."""


def static_page(found: Collected, texts: Texts) -> Iterator[str]:
    """The page in pieces."""
    from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415 - only a page needs it

    loader = FileSystemLoader([ROOM / "templates", ROOM / "assets"])
    pages = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=loader)
    script, style = (_asset(SCRIPT), "\n".join(map(_asset, STYLES)))
    values = {
        "found": found, "report": found.report, "texts": texts, "Severity": Severity,
        "totals": {severity: found.report.total(severity) for severity in Severity},
        "codes": sorted({code for _, _, code in found.report.counts}),
        "script": script, "style": style, "script_hash": _hash(script), "style_hash": _hash(style),
        "cards": list(_cards(found)), "data": embedded(_data(found, texts)),
    }  # fmt: skip
    yield from map(encodable, pages.get_template(TEMPLATE).generate(values))
    yield "\n"


def _cards(found: Collected) -> Iterator[tuple[str, Card]]:
    """The cards, each with the name by which the script finds it."""
    for number, product in enumerate(found.products):
        for index, feed in enumerate(product.feeds):
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

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.rules, self.limits, self.issues = _Table(), _Table(), _Table()

    def issue(self, one: Issue) -> list[Any]:
        """An issue: the number of what it shares with others, its value, its place."""
        texts = self.texts
        number = self.issues.number(
            str(one.severity), one.code, texts.title(one.code), one.field, texts.message(one.message),
            texts.remedy(one.code, one.help), one.reference if one.reference.startswith("https://") else "",
        )  # fmt: skip
        return [number, one.value, str(one.place)]

    def rule(self, step: Step) -> int:
        """The number of a step of a rule."""
        return self.rules.number(step.field, step.does, str(step.place))

    def limit(self, limit: Limit) -> int:
        """The number of something that a channel asks of a field."""
        return self.limits.number(in_words(limit.text, self.texts), else_in_words(limit, self.texts))


def _data(found: Collected, texts: Texts) -> dict[str, Any]:
    tables = _Tables(texts)
    products = [_product(one, tables) for one in found.products]
    return {
        "words": {word: texts(word) for word in WORDS},
        "products": products,
        "rules": tables.rules.rows,
        "limits": tables.limits.rows,
        "issues": tables.issues.rows,
    }


def _product(one: ShownProduct, tables: _Tables) -> dict[str, Any]:
    return {
        "id": one.row.id, "title": one.row.title, "place": str(one.row.place),
        "issues": [tables.issue(issue) for issue in one.issues],
        "feeds": [_feed(feed, tables) for feed in one.feeds],
    }  # fmt: skip


def _feed(feed: ShownFeed, tables: _Tables) -> dict[str, Any]:
    told = feed.told
    return {
        "name": told.name, "channel": told.channel, "state": feed.state, "reason": tables.texts.message(told.reason),
        "rule": str(told.place) if told.place else "", "condition": told.condition,
        "issues": [tables.issue(issue) for issue in feed.issues],
        "fields": [_field(one, tables) for one in told.fields],
    }  # fmt: skip


def _field(one: ExplainedField, tables: _Tables) -> list[Any]:
    """Key, name, value, source cells, steps, checks, whether it is written."""
    text = _cut(_value(one))
    steps = [[tables.rule(step), _other(step.before, text), _other(step.after, text)] for step in one.steps]
    checks = [[tables.limit(verdict.limit), [issue.code for issue in verdict.issues]] for verdict in one.verdicts]
    cells = [[str(origin.place), _other(origin.text, text)] for origin in one.origins]
    return [one.key, one.name, text, cells, steps, checks, int(one.written)]


def _value(one: ExplainedField) -> str:
    """The value as the channel gets it, unescaped; of a group the feed's own text."""
    if one.value is None:
        return one.text
    text = printed(one.value)
    return f"{text} {one.currency}" if one.currency else text


def _other(value: Any, text: str) -> str | int | None:
    """A value of a step, or 1 where it is the same as the feed's."""
    if value is None:
        return None
    shown = _cut(printed(value))
    return 1 if shown == text else shown


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + "…"
