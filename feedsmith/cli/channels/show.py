"""`feedsmith channels show`."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from feedsmith.cli.channels.files import named_channel
from feedsmith.cli.channels.record import record
from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples
from feedsmith.cli.output import table, write, write_json

EXAMPLES = examples("feedsmith channels show google", "feedsmith channels show mirakl --format json")
VALUES = 12
"""Accepted values that the table lists; JSON has them all."""
WIDTH = 180
"""Columns of the tables where they go to no terminal."""
FACTS = (
    "name", "title", "kind", "owner", "format", "read", "from", "path", "extends", "reference", "delivery", "semantics",
    "blank",
)  # fmt: skip
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
    for name in FACTS:
        if told[name]:
            yield f"{name:12}{told[name]}\n"
    limits = [f"at most {number:,} {what} a file" for what, number in told["envelope"].items() if number is not None]
    if limits:
        yield f"{'envelope':12}{', '.join(limits)}\n"
    yield "\n"
    yield from table(FIELD_HEADINGS, (_field(one) for one in _flat(told["fields"])), width=WIDTH)
    yield from _part(("check", "code", "else", "when", "message", "reference"), [_check(one) for one in told["checks"]])
    yield from _part(("check over all items", "code", "else", "asks", "reference"), [_set(one) for one in told["sets"]])
    yield f"\nissue codes: {', '.join(told['codes'])}\n"


def _part(headings: tuple[str, ...], rows: list[list[str]]) -> Iterator[str]:
    if rows:
        yield "\n"
        yield from table(headings, rows, width=WIDTH)


def _flat(fields: list[dict[str, Any]], before: str = "") -> Iterator[dict[str, Any]]:
    """Fields, each followed by its attributes as `shipping.price`."""
    for one in fields:
        yield {**one, "field": before + one["field"]}
        yield from _flat(one["group"], f"{before}{one['field']}.")


def _field(one: dict[str, Any]) -> list[str]:
    alias = f" ({one['name']})" if one["name"] != one["field"].rpartition(".")[2] else ""
    limits = "; ".join(f"{limit['asks']} (else {limit['else']})" for limit in one["limits"])
    values = list(one["values"] or ())
    shown = ", ".join(values[:VALUES]) + (f", and {len(values) - VALUES} more" if len(values) > VALUES else "")
    kind = f"{one['type']} (else {one['else']})"
    needed = [f"{one['requirement']}", *_costs(one)]
    return [one["field"] + alias, " ".join(needed), kind, limits, shown, one["rule"], _dates(one), one["reference"]]


def _costs(one: dict[str, Any]) -> list[str]:
    """What the lack of the field costs, where it costs anything."""
    costs = dict.fromkeys(need["else"] for need in one["required"])
    return [f"(else {', '.join(costs)})"] if costs else []


def _dates(one: dict[str, Any]) -> str:
    found = [f"{word} {one[word]}" for word in ("since", "until") if one[word]]
    return ", ".join([*found, *(f"changes {change['from']}" for change in one["changes"])])


def _check(one: dict[str, Any]) -> list[str]:
    since = f", since {one['since']}" if one["since"] else ""
    each = f" for each {one['each']}" if one["each"] else ""
    return [one["name"], one["code"], one["else"] + since, one["when"] + each, one["message"], one["reference"]]


def _set(one: dict[str, Any]) -> list[str]:
    of = ", ".join(filter(None, [*one["key"], one["by"], *one["fields"], one["other"]]))
    ends = [f"{word} {one[word]}" for word in ("min", "max") if one[word] is not None]
    return [one["name"], one["code"], one["else"], " ".join([one["check"], "of", of, *ends]), one["reference"]]
