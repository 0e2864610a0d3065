"""`feedsmith config`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.options import Choice, NoColor, ShowFormat, Showing, examples, request_of, takes_options
from feedsmith.cli.output import table, write, write_json
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.definitions.origin import Origin

EXAMPLES = examples("feedsmith config", "feedsmith config google_nl --origin", "feedsmith config --format json")


@takes_options
def config(
    choice: Choice,
    name: Annotated[
        str | None, typer.Argument(metavar="FEED", help="A feed's name or a pattern; default: all.")
    ] = None,
    origin: Annotated[bool, typer.Option("--origin", help="Say for each entry which layer it comes from.")] = False,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """What each feed came to, with file and line of each entry."""
    from feedsmith.definitions.origin import origins
    from feedsmith.run.request import chosen_feeds, open_project

    request = request_of(replace(choice, feed=[*(choice.feed or ()), name]) if name else choice)
    project = open_project(request)
    specs, _ = chosen_feeds(request, project)
    resolved = {spec.name: list(origins(project, spec)) for spec in specs}
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "feeds": [_record(name, entries) for name, entries in resolved.items()]})
        return
    for title, entries in resolved.items():
        write([f"{title}\n", *_lines(entries, origin=origin), "\n"])


def _record(name: str, entries: "list[Origin]") -> dict[str, Any]:
    listed = [
        {
            "entry": path,
            "value": value,
            "source": {"path": place.path, "row": place.row, "column": place.column},
            "layer": layer,
        }
        for path, value, place, layer in entries
    ]
    return {"name": name, "entries": listed}


def _lines(entries: "list[Origin]", *, origin: bool) -> "Iterator[str]":
    headings = spoken().each("entry", "value", "place", *(["layer"] if origin else []))
    rows = [
        (path, value, _where(str(place.path), place.row), *([layer] if origin else []))
        for path, value, place, layer in entries
    ]
    return table(headings, rows)


def _where(path: str, row: int | None) -> str:
    return f"{path}:{row}" if row is not None else path
