"""`feedsmith find`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.options import (
    Choice,
    NoColor,
    ShowFormat,
    Showing,
    Work,
    Workers,
    examples,
    request_of,
    takes_options,
)
from feedsmith.cli.output import table, write, write_json
from feedsmith.cli.progress import at_work
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.run.search import Hits

EXAMPLES = examples(
    "feedsmith find 'price < 5 and not brand'",
    'feedsmith find \'columns["Voorraad"] == "0"\' --limit 100',
    "feedsmith find 'length(title) > 70' --feed google_nl --format json",
)
SHOWN = 60
"""Code points of a value that the text shows."""
WIDTH = 160


@takes_options
def find(
    condition: Annotated[
        str, typer.Argument(metavar="EXPR", help="A condition, as rules have them.", show_default=False)
    ],
    choice: Choice,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="List so many products; all are counted.", min=0)
    ] = 20,
    workers: Workers = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Find the products that meet a condition.

    The condition is over the catalog's fields and columns, the project's own fields and segments, as in `when`. With
    --feed it is over the fields of that feed, as in `checks`, and what stands in the catalog is `product.price`.
    """
    from feedsmith.run.search import search

    request = request_of(choice, Work(workers))
    with at_work() as (scratch, progress):
        found = search(request, condition, limit, scratch, progress)
    if format_ is ShowFormat.JSON:
        feeds = [_record(name, hits) for name, hits in found.items()]
        write_json({"version": 1, "condition": condition, "of_feed": bool(choice.feed), "found": feeds})
        return
    for name, hits in found.items():
        write(_text(condition, name if choice.feed else "", hits))


def _text(condition: str, feed: str, hits: "Hits") -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    figures = {"met": hits.met, "all": hits.asked, "condition": harmless(condition), "feed": feed}
    if feed:
        yield texts("{met} of {all} items in {feed} meet {condition}", **figures) + "\n"
    else:
        yield texts("{met} of {all} products meet {condition}", **figures) + "\n"
    if hits.failed:
        yield texts("for {number} it could not be worked out", number=hits.failed) + "\n"
    if not hits.first:
        return
    names = list(hits.first[0].values)
    rows = [
        (
            one.product,
            _short(one.title),
            str(one.place),
            *([texts(one.state)] if feed else []),
            *map(_short, one.values.values()),
        )
        for one in hits.first
    ]
    yield "\n"
    headings = texts.each("id", "title", "place", *(["state"] if feed else []))
    yield from table([*headings, *names], rows, width=WIDTH)
    if hits.met > len(hits.first):
        more = hits.met - len(hits.first)
        yield texts("and {number} more; --limit N lists as many", number=more) + "\n"


def _short(text: str | None) -> str:
    from feedsmith.issues import shown

    return spoken()("(empty)") if text is None else shown(" ".join(text.split()), SHOWN)


def _record(name: str, hits: "Hits") -> dict[str, Any]:
    products = [
        {
            "id": one.product,
            "title": one.title,
            "source": {"path": one.place.path, "sheet": one.place.sheet, "row": one.place.row},
            "values": one.values,
            **({"state": one.state} if one.state else {}),
        }
        for one in hits.first
    ]
    return {"feed": name, "asked": hits.asked, "met": hits.met, "failed": hits.failed, "products": products}
