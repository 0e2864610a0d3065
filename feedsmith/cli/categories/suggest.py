"""`feedsmith categories suggest`."""

from pathlib import Path
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
    option,
    request_of,
    takes_options,
)
from feedsmith.cli.output import table, write, write_json
from feedsmith.cli.progress import at_work
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.run.categories import Suggested, Suggestion

EXAMPLES = examples(
    "feedsmith categories suggest",
    "feedsmith categories suggest --out tables/categories.csv",
    "feedsmith categories suggest --list bol-categories.csv --column bol_id --out tables/categories.csv",
)
WIDTH = 180


@takes_options
def suggest_categories(
    choice: Choice,
    out: Annotated[
        Path | None, option("--out", "FILE", "Write the table, or fill its empty rows and add the missing ones.")
    ] = None,
    listed: Annotated[
        Path | None,
        option("--list", "FILE", "Propose categories of this list; default: Google's."),
    ] = None,
    column: Annotated[
        str, typer.Option("--column", metavar="NAME", help="The table's column with the ids.")
    ] = "google_id",
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="Show so many categories; the table has all.", min=0)
    ] = 50,
    workers: Workers = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Propose a category of a channel's list for each category of the catalog.

    By the words of the category and of its products' titles, in English, Dutch, German and French, and by what its
    neighbours are mapped to; nothing is sent anywhere. What someone filled in stays; proposals bear a score. Of 218
    usual categories the first proposal is right for nine in ten.
    """
    from feedsmith.run.categories import Asked, suggest

    request = request_of(choice, Work(workers))
    with at_work() as (scratch, progress):
        found = suggest(request, Asked(column, listed, out), scratch, progress)
    if format_ is ShowFormat.JSON:
        write_json(_record(found))
    else:
        write(_text(found, limit, out))


def _text(found: "Suggested", limit: int, out: Path | None) -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    open_ = found.unmapped
    products = sum(one.products for one in found.categories)
    left = sum(one.products for one in open_)
    texts = spoken()
    figures = {"all": len(found.categories), "products": products, "open": len(open_), "left": left}
    yield texts(
        "{all} categories with {products} products; {open} of them, with {left} products, are mapped by no table",
        **figures,
    )
    yield "\n"
    if found.without:
        yield texts.count(found.without, "1 product has no category", "{number} products have no category") + "\n"
    rows = [(one.products, one.category, *_cells(one)) for one in open_[:limit]]
    if rows:
        yield "\n"
        yield from table(texts.each("products", "category", "score", "id", "proposal", "else"), rows, width=WIDTH)
    if len(open_) > limit:
        yield texts("and {number} more; --limit N shows as many", number=len(open_) - limit) + "\n"
    if out is not None:
        yield harmless(texts("wrote {file}; look at the rows with a score", file=out)) + "\n"


def _cells(one: "Suggestion") -> tuple[str, str, str, str]:
    """Score, id and path of the best proposal, and the others in short."""
    if not one.proposals:
        return "", "", spoken()("(nothing near)"), ""
    first, *others = one.proposals
    rest = " | ".join(f"{other.id} {other.path[-1]}" for other in others)
    return f"{first.score:.2f}", first.id, " > ".join(first.path), rest


def _record(found: "Suggested") -> dict[str, Any]:
    categories = [
        {
            "category": one.category,
            "products": one.products,
            "mapped": one.mapped or None,
            "proposals": [{"id": other.id, "path": list(other.path), "score": other.score} for other in one.proposals],
        }
        for one in found.categories
    ]
    return {
        "version": 1,
        "categories": categories,
        "unmapped": {
            "categories": len(found.unmapped),
            "products": sum(one.products for one in found.unmapped),
        },
        "without_category": found.without,
    }
