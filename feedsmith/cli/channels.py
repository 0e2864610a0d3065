"""`feedsmith channels list` and `show`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples
from feedsmith.cli.output import table, write, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from feedsmith.definitions.channel import FieldDefinition
    from feedsmith.definitions.load import Channel

LIST_EXAMPLES = examples("feedsmith channels list", "feedsmith channels list --format json")
SHOW_EXAMPLES = examples("feedsmith channels show google", "feedsmith channels show mirakl --format json")
VALUES = 12
"""Accepted values that the table lists; JSON has them all."""
WIDTH = 160
"""Columns of the tables where they go to no terminal."""


def list_channels(
    project: ProjectPath = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """The channels there are, and which file each comes from: the project's own first, then the bundled ones."""
    from feedsmith.definitions.load import load_channel

    files = _files(project)
    listed = [_summary(load_channel(name, files)) for name in files]
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "channels": listed})
        return
    headings = ("name", "title", "format", "fields", "read", "from")
    write(table(headings, ([one[name] for name in headings] for one in listed)))


def show_channel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The channel's name.", show_default=False)],
    project: ProjectPath = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """A channel's fields, limits, checks and issue codes."""
    from feedsmith.definitions.load import load_channel
    from feedsmith.issues import Place

    channel = load_channel(name, _files(project), Place("command line"))
    record = _record(channel)
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, **record})
    else:
        write(_text(record))


def _folder(project: Path | None) -> Path:
    """The project's folder; where there is no project, this one."""
    from feedsmith.definitions.load import project_file

    path = project_file(project, Path.cwd())
    return path.parent if path is not None else Path.cwd()


def _files(project: Path | None) -> "Mapping[str, Path]":
    from feedsmith.definitions.load import channel_files

    return channel_files(_folder(project))


def _summary(channel: "Channel") -> dict[str, Any]:
    from feedsmith.resources import bundled

    definition = channel.definition
    return {
        "name": channel.name,
        "title": definition.title,
        "format": definition.format,
        "fields": len(definition.fields),
        "read": definition.read.isoformat(),
        "from": "bundled" if channel.path.parent == bundled("channels") else "project",
        "path": str(channel.path),
    }


def _record(channel: "Channel") -> dict[str, Any]:
    definition = channel.definition
    return {
        **_summary(channel),
        "owner": definition.owner,
        "reference": definition.reference,
        "delivery": definition.delivery,
        "semantics": definition.semantics,
        "blank": definition.blank,
        "envelope": {"items": definition.envelope.items, "bytes": definition.envelope.bytes},
        "fields": [_field(name, one) for name, one in definition.fields.items()],
        "checks": [
            {
                "name": name,
                "code": one.code,
                "field": one.field,
                "when": one.when,
                "else": one.otherwise,
                "message": one.message,
            }
            for name, one in definition.checks.items()
        ],
        "sets": [
            {"name": name, "code": one.code, "check": one.check, "key": one.key, "by": one.by, "else": one.otherwise}
            for name, one in definition.sets.items()
        ],
        "codes": sorted(_codes(channel)),
    }


def _field(key: str, definition: "FieldDefinition") -> dict[str, Any]:
    from feedsmith.run.limits import limits_of, requirement

    limits = [
        {"asks": one.text, "else": one.consequence}
        for one in limits_of(definition)
        if one.codes and not one.codes[0].startswith("missing-") and one.codes != ("not-in-list",)
    ]
    return {
        "field": key,
        "name": definition.name or key,
        "note": definition.note,
        "requirement": requirement(definition),
        "type": definition.type,
        "else": definition.when_invalid,
        "limits": limits,
        "values": definition.values,
        "rule": _rule(key, definition),
        "status": definition.status,
        "since": definition.since.isoformat() if definition.since else None,
        "until": definition.until.isoformat() if definition.until else None,
        "reference": definition.reference,
        "group": [_field(name, part) for name, part in definition.group.items()],
    }


def _rule(key: str, definition: "FieldDefinition") -> str:
    """The default rule in words."""
    if definition.from_ is None and definition.value is None:
        source = f"default {definition.default}" if definition.default is not None else f"from {key}"
    else:
        source = f"from {definition.from_}" if definition.from_ is not None else f"value {definition.value}"
    steps = [
        step if isinstance(step, str) else " ".join(f"{name}: {value}" for name, value in step.items())
        for step in definition.steps
    ]
    return ", then ".join([source, *steps])


def _codes(channel: "Channel") -> set[str]:
    """Every issue code that the definition itself names."""
    from feedsmith.run.limits import limits_of

    definition = channel.definition
    found = {one.code for one in definition.checks.values()} | {one.code for one in definition.sets.values()}
    fields = list(definition.fields.values())
    while fields:
        one = fields.pop()
        fields += one.group.values()
        found |= {code for limit in limits_of(one) for code in limit.codes}
        found |= set(TYPE_CODES.get(one.type, ()))
    return found


TYPE_CODES: dict[str, tuple[str, ...]] = {
    "choice": ("not-in-list",),
    "country": ("not-in-list",),
    "date": ("invalid-date",),
    "flag": ("not-in-list",),
    "gtin": ("invalid-gtin", "reserved-gtin"),
    "group": ("invalid-format",),
    "integer": ("invalid-number",),
    "language": ("not-in-list",),
    "measure": ("invalid-unit", "invalid-number"),
    "moment": ("invalid-date",),
    "money": ("invalid-price", "invalid-currency"),
    "number": ("invalid-number",),
    "period": ("invalid-date-range", "invalid-date"),
    "url": ("invalid-url",),
}
"""The codes of values that are not of a type."""


# --- text --------------------------------------------------------------------------------------------------------


def _text(record: dict[str, Any]) -> "Iterator[str]":
    for name in (
        "name",
        "title",
        "owner",
        "format",
        "read",
        "from",
        "path",
        "reference",
        "delivery",
        "semantics",
        "blank",
    ):
        if record[name]:
            yield f"{name:12}{record[name]}\n"
    envelope = [
        f"at most {number:,} {what} a file" for what, number in record["envelope"].items() if number is not None
    ]
    if envelope:
        yield f"{'envelope':12}{', '.join(envelope)}\n"
    yield "\n"
    headings = ("field", "requirement", "type", "limits", "values", "rule", "reference")
    yield from table(headings, (_cells(one) for one in _flat(record["fields"])), width=WIDTH)
    if record["checks"]:
        yield "\n"
        yield from table(
            ("check", "code", "else", "when", "message"),
            _picked(record["checks"], "name", "code", "else", "when", "message"),
        )
    if record["sets"]:
        yield "\n"
        rows = (
            [one["name"], one["code"], one["else"], one["check"], ", ".join([*one["key"], *filter(None, [one["by"]])])]
            for one in record["sets"]
        )
        yield from table(("check over all items", "code", "else", "asks", "of"), rows)
    yield f"\nissue codes: {', '.join(record['codes'])}\n"


def _flat(fields: list[dict[str, Any]], before: str = "") -> "Iterator[dict[str, Any]]":
    """Fields, each followed by its attributes as `shipping.price`."""
    for one in fields:
        yield {**one, "field": before + one["field"]}
        yield from _flat(one["group"], f"{before}{one['field']}.")


def _cells(one: dict[str, Any]) -> list[str]:
    alias = f" ({one['name']})" if one["name"] != one["field"].rpartition(".")[2] else ""
    limits = "; ".join(f"{limit['asks']} (else {limit['else']})" for limit in one["limits"])
    values = list(one["values"] or ())
    shown = ", ".join(values[:VALUES]) + (f", and {len(values) - VALUES} more" if len(values) > VALUES else "")
    kind = f"{one['type']} (else {one['else']})"
    return [one["field"] + alias, one["requirement"], kind, limits, shown, one["rule"], one["reference"]]


def _picked(records: list[dict[str, Any]], *names: str) -> "Iterator[list[str]]":
    return ([str(record[name]) for name in names] for record in records)
