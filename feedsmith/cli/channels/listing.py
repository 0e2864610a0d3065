"""`feedsmith channels list`."""

from collections.abc import Iterator
from textwrap import shorten
from typing import Any, get_args

from feedsmith.cli.channels.files import files_of
from feedsmith.cli.channels.record import summary
from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, examples
from feedsmith.cli.output import table, write, write_json
from feedsmith.texts.catalogue import spoken

EXAMPLES = examples("feedsmith channels list", "feedsmith channels list --format json")
HEADINGS = ("name", "kind", "title", "format", "delivery", "fields", "read", "from")
SHOWN = 48
"""Characters of the delivery that the table shows; JSON has all of it."""


def list_channels(
    project: ProjectPath = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """The channels there are, by the kind of place, and where each comes from: the project itself or feedsmith."""
    from feedsmith.definitions.channel import PlaceKind
    from feedsmith.definitions.load import load_channel

    files = files_of(project)
    kinds = get_args(PlaceKind)
    listed = [summary(load_channel(name, files)) for name in files]
    listed.sort(key=lambda one: (kinds.index(one["kind"]), one["name"]))
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "channels": listed})
    else:
        write(table(spoken().each(*HEADINGS), _rows(listed)))


def _rows(listed: list[dict[str, Any]]) -> Iterator[list[str]]:
    texts = spoken()
    for one in listed:
        short = {**one, "delivery": shorten(one["delivery"], SHOWN, placeholder=" …")}
        short |= {"kind": texts(one["kind"]), "from": texts(one["from"])}
        yield [short[name] for name in HEADINGS]
