"""A product as the page's script takes it: plain values that become JSON. Cards are HTML, made here, escaped."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from feedsmith.errors import FeedsmithError
from feedsmith.issues import Issue, Severity
from feedsmith.mapping.printed import printed
from feedsmith.preview.cards.face import Card
from feedsmith.preview.shown import ShownFeed, ShownProduct
from feedsmith.run.explain import ExplainedField, Verdict
from feedsmith.run.in_places import IN_FEED, InPlace
from feedsmith.run.limit_words import else_in_words, in_words
from feedsmith.texts.catalogue import Texts

ROOM = Path(__file__).parent.parent
VALUE_SHOWN = 20_000
"""Characters of a value that the page gets."""
WEB = "https://"


@cache
def pages() -> Environment:
    """The page's templates. All that is put in is escaped."""
    return Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=FileSystemLoader(ROOM / "templates")
    )


def card_html(card: Card, texts: Texts) -> str:
    """A card as HTML."""
    module: Any = pages().get_template("cards.html.j2").module
    return str(module.card(card, texts))


def product_told(one: ShownProduct, number: int, texts: Texts) -> dict[str, Any]:
    """A product in each feed."""
    return {
        "number": number,
        "id": one.row.id,
        "title": one.row.title,
        "place": str(one.row.place),
        "issues": [issue_told(issue, texts) for issue in one.issues],
        "feeds": [feed_told(feed, texts) for feed in one.feeds],
    }


def feed_told(feed: ShownFeed, texts: Texts) -> dict[str, Any]:
    """A product in one feed: its card, its fields, its issues."""
    told = feed.told
    of_group = [field_told(one, texts) for one in told.group.fields] if told.group is not None else []
    return {
        "name": told.name,
        "feed": feed.name,
        "place": feed.place.code if feed.place is not None else "",
        "places": [place_told(one) for one in feed.places],
        "there": sum(one.state == IN_FEED for one in feed.places),
        "all": len(feed.places),
        "channel": told.channel,
        "state": feed.state,
        "reason": texts.message(told.reason),
        "rule": str(told.place) if told.place else "",
        "condition": told.condition,
        "read": [[str(origin.place), origin.text] for origin in told.origins],
        "card": card_html(feed.card, texts) if feed.card is not None else "",
        "issues": [issue_told(issue, texts) for issue in feed.issues],
        "fields": [field_told(one, texts) for one in told.fields],
        "group": of_group,
        "item": cut(told.item),
    }


def place_told(one: InPlace) -> dict[str, Any]:
    """What became of a product in one store or region."""
    counts = Counter(str(issue.severity) for issue in one.issues)
    counts.update({str(severity): number for severity, number in one.wrong.items()})
    return {"code": one.code, "name": one.name, "state": one.state, **{name: counts[name] for name in Severity}}


def field_told(one: ExplainedField, texts: Texts) -> dict[str, Any]:
    """A field's way: source cells, steps, checks, value."""
    return {
        "key": one.key,
        "name": one.name,
        "text": cut(value_of(one)),
        "written": one.written,
        "onGroup": one.on_group,
        "cells": [[str(origin.place), origin.text] for origin in one.origins],
        "steps": [
            {"field": step.field, "does": step.does, "place": str(step.place), "before": plain(step.before),
             "after": plain(step.after)}
            for step in one.steps
        ],
        "checks": [_check_told(verdict, texts) for verdict in one.verdicts],
    }  # fmt: skip


def _check_told(verdict: Verdict, texts: Texts) -> dict[str, Any]:
    """What a limit led to; an issue that breaks none of the field's limits stands for itself."""
    limit, codes = verdict.limit, [issue.code for issue in verdict.issues]
    text = in_words(limit.text, texts) if limit.consequence else texts.title(limit.text)
    return {"text": text, "name": limit.text, "else": else_in_words(limit, texts), "codes": codes}


def value_of(one: ExplainedField) -> str:
    """The value as the channel gets it, before it is escaped for a format."""
    if one.value is None:
        return one.text
    text = printed(one.value)
    return f"{text} {one.currency}" if one.currency else text


def issue_told(issue: Issue, texts: Texts) -> dict[str, Any]:
    """An issue in the reader's language."""
    return {
        "severity": str(issue.severity),
        "code": issue.code,
        "title": texts.title(issue.code),
        "field": issue.field,
        "message": texts.message(issue.message),
        "help": texts.remedy(issue.code, issue.help),
        "value": issue.value,
        "place": str(issue.place),
        "reference": issue.reference if issue.reference.startswith(WEB) else "",
    }


def error_told(error: FeedsmithError) -> dict[str, Any]:
    """What is wrong with the project, with the lines that are wrong."""
    from feedsmith.definitions.node import marked  # noqa: PLC0415 - only a mistake needs it

    return {
        "errors": [
            {"place": str(one.place) if one.place else "", "problem": one.problem, "hint": one.hint,
             "lines": marked(one.place) if one.place is not None else []}
            for one in getattr(error, "errors", (error,))
        ]
    }  # fmt: skip


def plain(value: Any) -> str | None:
    """A value of a step as text; None for empty."""
    return None if value is None else cut(printed(value))


def cut(text: str) -> str:
    """A text, no longer than the page takes."""
    return text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + "…"
