"""`feedsmith channels diff`."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.channels.files import named_channel
from feedsmith.cli.channels.show import ChannelName
from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples
from feedsmith.cli.output import table, write, write_json
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.definitions.dated import Difference

EXAMPLES = examples(
    "feedsmith channels diff google --as-of 2027-02-01",
    "feedsmith channels diff google --from 2026-01-01 --as-of 2027-02-01 --format json",
)
HEADINGS = ("from", "what", "about", "before", "after")
WIDTH = 160


def diff_channel(
    name: ChannelName,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="The day to look at, such as 2027-01-31.", show_default=False)
    ],
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="The day to compare with; default: today.", show_default=False),
    ] = None,
    project: ProjectPath = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """What changes in a channel by a date: fields that start or end, limits that change, checks that get harder."""
    from feedsmith.definitions.dated import differences

    channel = named_channel(name, project)
    start, end = _days(from_, as_of)
    found = list(differences(channel.node, channel.definition, start, end))
    if format_ is ShowFormat.JSON:
        ends = {"from": start.isoformat(), "as_of": end.isoformat()}
        write_json({"version": 1, "channel": name, **ends, "changes": [_record(one) for one in found]})
    else:
        write(_text(name, start, end, found))


def _days(start: str | None, end: str) -> tuple[date, date]:
    """The two days.

    Raises:
        UsageError: one is no date, or they stand the wrong way round.
    """
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.run.request import Request, clock

    first = clock(start, "--from").date() if start else Request().now.date()
    last = clock(end).date()
    if last < first:
        problem = f"--as-of {last} lies before {first}, the day to compare with"
        raise UsageError(Place("command line"), problem, "give an earlier day with --from")
    return first, last


def _record(one: "Difference") -> dict[str, Any]:
    told = asdict(one)
    return {"from": told.pop("day").isoformat(), **told}


def _text(name: str, start: date, end: date, found: "list[Difference]") -> Iterator[str]:
    texts = spoken()
    if not found:
        yield (
            texts("{name}: nothing that is known changes from {start} to {end}", name=name, start=start, end=end) + "\n"
        )
        return
    yield from table(texts.each(*HEADINGS), (_row(one) for one in found), width=WIDTH)


def _row(one: "Difference") -> list[str]:
    return [one.day.isoformat(), spoken()(one.what), one.about, _said(one.key, one.before), _said(one.key, one.after)]


def _said(key: str, value: Any) -> str:
    """A value as a definition writes it, without its own keys' signs: `max: length 70, else cut`."""
    if value is None:
        return spoken()("no {field}", field=key) if key else ""
    if isinstance(value, dict):
        value = ", ".join(f"{inner} {one}" for inner, one in value.items())
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return f"{key}: {value}"
