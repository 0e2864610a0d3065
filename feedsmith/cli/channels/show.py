"""`feedsmith channels show`."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from feedsmith.cli.channels.files import named_channel
from feedsmith.cli.channels.record import record
from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples
from feedsmith.cli.output import table, write, write_json
from feedsmith.texts.catalogue import Texts, spoken

EXAMPLES = examples("feedsmith channels show google", "feedsmith channels show mirakl --format json")
VALUES = 12
"""Accepted values that the table lists; JSON has them all."""
WIDTH = 180
"""Columns of the tables where they go to no terminal."""
FACTS = (
    "name", "title", "kind", "owner", "format", "read", "from", "path", "extends", "reference", "delivery", "semantics",
    "blank",
)  # fmt: skip
WORDS = frozenset({"kind", "from"})
"""Facts that are words of ours."""
CHECK_HEADINGS = ("check", "code", "else", "when", "message", "reference")
SET_HEADINGS = ("check over all items", "code", "else", "asks", "reference")
FIELD_HEADINGS = ("field", "requirement", "type", "limits", "values", "rule", "dates", "reference")

ChannelName = Annotated[str, typer.Argument(metavar="NAME", help="The channel's name.", show_default=False)]


def show_channel(
    name: ChannelName,
    project: ProjectPath = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """A channel's fields, limits, checks, dates and issue codes, and how it takes its feed."""
    told = record(named_channel(name, project))
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, **told})
    else:
        write(_text(told))


def _text(told: dict[str, Any]) -> Iterator[str]:
    texts = spoken()
    names = dict(zip((*FACTS, "file"), texts.each(*FACTS, "file"), strict=True))
    width = max(map(len, names.values())) + 3
    for name in FACTS:
        if told[name]:
            yield f"{names[name]:{width}}{texts(told[name]) if name in WORDS else told[name]}\n"
    envelope = [(texts(what), number) for what, number in told["envelope"].items() if number is not None]
    limits = [texts("at most {number} {what} a file", number=number, what=what) for what, number in envelope]
    if limits:
        yield f"{names['file']:{width}}{', '.join(limits)}\n"
    yield "\n"
    yield from table(texts.each(*FIELD_HEADINGS), (_field(one, texts) for one in _flat(told["fields"])), width=WIDTH)
    yield from _part(texts.each(*CHECK_HEADINGS), [_check(one, texts) for one in told["checks"]])
    yield from _part(texts.each(*SET_HEADINGS), [_set(one) for one in told["sets"]])
    yield f"\n{texts('issue codes')}: {', '.join(told['codes'])}\n"


def _part(headings: list[str], rows: list[list[str]]) -> Iterator[str]:
    if rows:
        yield "\n"
        yield from table(headings, rows, width=WIDTH)


def _flat(fields: list[dict[str, Any]], before: str = "") -> Iterator[dict[str, Any]]:
    """Fields, each followed by its attributes as `shipping.price`."""
    for one in fields:
        yield {**one, "field": before + one["field"]}
        yield from _flat(one["group"], f"{before}{one['field']}.")


def _field(one: dict[str, Any], texts: Texts) -> list[str]:
    from feedsmith.run.limit_words import in_words

    alias = f" ({one['name']})" if one["name"] != one["field"].rpartition(".")[2] else ""
    else_ = texts("else")
    limits = "; ".join(f"{in_words(limit['asks'], texts)} ({else_} {limit['else']})" for limit in one["limits"])
    values = list(one["values"] or ())
    more = f", {texts('and {number} more', number=len(values) - VALUES)}" if len(values) > VALUES else ""
    kind = f"{one['type']} ({else_} {one['else']})"
    costs = dict.fromkeys(need["else"] for need in one["required"])
    needed = in_words(one["requirement"], texts) + (f" ({else_} {', '.join(costs)})" if costs else "")
    shown = ", ".join(values[:VALUES]) + more
    return [one["field"] + alias, needed, kind, limits, shown, one["rule"], _dates(one, texts), one["reference"]]


def _dates(one: dict[str, Any], texts: Texts) -> str:
    since = [texts("since {day}", day=one["since"])] if one["since"] else []
    until = [texts("until {day}", day=one["until"])] if one["until"] else []
    return ", ".join([*since, *until, *(texts("changes {day}", day=change["from"]) for change in one["changes"])])


def _check(one: dict[str, Any], texts: Texts) -> list[str]:
    since = f", {texts('since {day}', day=one['since'])}" if one["since"] else ""
    each = f" {texts('for each {what}', what=one['each'])}" if one["each"] else ""
    told = texts.message(one["message"])
    return [one["name"], one["code"], one["else"] + since, one["when"] + each, told, one["reference"]]


def _set(one: dict[str, Any]) -> list[str]:
    of = ", ".join(filter(None, [*one["key"], one["by"], *one["fields"], one["other"]]))
    ends = [f"{word} {one[word]}" for word in ("min", "max") if one[word] is not None]
    return [one["name"], one["code"], one["else"], " ".join([one["check"], "of", of, *ends]), one["reference"]]
