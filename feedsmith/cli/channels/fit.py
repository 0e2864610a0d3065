"""`feedsmith channels fit`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from feedsmith.cli.options import NoColor, ProjectPath, ShowFormat, Showing, Workers, examples, option, takes_options
from feedsmith.cli.output import table, write, write_json
from feedsmith.cli.progress import progress_bar
from feedsmith.reports.text import COUNTED
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.run.fit import Fit
    from feedsmith.run.request import Request

EXAMPLES = examples(
    "feedsmith channels fit",
    "feedsmith channels fit --catalog products.csv --market NL",
    "feedsmith channels fit --channel 'google*' --format json",
)
HEADINGS = ("channel", "kind", "ready", "of", "share", "what would free most products")
PRODUCTS = COUNTED["product"][1]
MOST = 3
"""Fields that are named; JSON has them all."""
WIDTH = 160
WITHOUT = "tried without the rule sets that your feeds share, since one does not fit here"


@dataclass(frozen=True)
class Tried:
    """What is tried, and how."""

    catalog: Annotated[list[Path] | None, option("--catalog", "FILE", "Read this file. May be repeated.")] = None
    channel: Annotated[list[str] | None, option("--channel", "GLOB", "Only such channels. May be repeated.")] = None
    market: Annotated[
        str | None, option("--market", "NAME", "The project's market, else its first; without one a country, as NL.")
    ] = None
    as_of: Annotated[str | None, option("--as-of", "DATE", "Work as on this day, such as 2027-01-31.")] = None
    workers: Workers = None
    limit: Annotated[int | None, option("--limit", "N", "Only the first N products.", min=1)] = None
    project: ProjectPath = None


@takes_options
def fit_channels(
    tried: Tried,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Every channel over your own catalog: the share of products it would take, and which fields keep out the rest.

    The channel's own rules apply, and what the project says for all of its feeds.
    """
    from feedsmith.run.fit import fit

    with progress_bar(quiet=False) as progress:
        found, products = fit(_request(tried), tuple(tried.channel or ()), progress)
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "products": products, "channels": [_record(one) for one in found]})
    else:
        write(_text(found, products))


def _request(tried: Tried) -> "Request":
    from feedsmith.run.request import Request, clock

    return Request(
        project=tried.project,
        catalog=tuple(tried.catalog or ()),
        markets=(tried.market,) if tried.market else (),
        as_of=clock(tried.as_of) if tried.as_of else None,
        workers=tried.workers,
        limit=tried.limit,
    )


def _record(one: "Fit") -> dict[str, Any]:
    definition, figures = one.channel.definition, one.figures
    return {
        "channel": one.channel.name,
        "title": definition.title,
        "kind": definition.kind,
        "lacks": one.lacks,
        "note": one.note,
        "items": figures.taken,
        "filtered": figures.filtered,
        "ready": figures.ready,
        "share": round(one.share, 4),
        "fields": [{"field": name, "alone": alone, "errors": any_} for name, alone, any_ in one.blockers()],
    }


def _text(found: "list[Fit]", products: int) -> Iterator[str]:
    tried = [one for one in found if not one.lacks]
    texts = spoken()
    yield texts.count(products, *COUNTED["product"]) + "\n\n"
    if tried:
        yield from table(texts.each(*HEADINGS), (_row(one) for one in tried), width=WIDTH)
    said: dict[str, list[str]] = {}
    for one in found:
        for text in _said(one):
            said.setdefault(text, []).append(one.channel.name)
    if said:
        yield "\n"
    yield from (f"{', '.join(names)}: {text}\n" for text, names in said.items())


def _said(one: "Fit") -> Iterator[str]:
    """What is lacking, what was left out, and what the figures count where that is not products."""
    several = COUNTED[one.channel.definition.item][1]
    texts = spoken()
    if one.lacks:
        yield texts.message(one.lacks)
    elif several != PRODUCTS:
        yield texts("counted are {what}", what=texts(several, number="").strip())
    if one.note:
        yield f"{texts(WITHOUT)}: {texts.message(one.note)}"


def _row(one: "Fit") -> list[str]:
    named = [_blocker(*blocker) for blocker in one.blockers()[:MOST]]
    share = f"{one.share:.0%}" if one.figures.ready in {0, one.asked} else f"{one.share:.1%}"
    kind = spoken()(one.channel.definition.kind)
    return [one.channel.name, kind, f"{one.figures.ready:,}", f"{one.asked:,}", share, ", ".join(named)]


def _blocker(name: str, alone: int, any_: int) -> str:
    """`gtin 12 (of 40)`: it alone keeps out 12 products, and 40 have an error of it."""
    texts = spoken()
    of = f" ({texts('of {number}', number=any_)})" if any_ != alone else ""
    return f"{name or texts('rules')} {texts.number(alone)}{of}"
