"""`feedsmith explain`."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.delta_lines import left_lines
from feedsmith.cli.exits import DATA, tell
from feedsmith.cli.explained import Explained
from feedsmith.cli.options import Choice, NoColor, ShowFormat, Showing, examples, request_of, takes_options
from feedsmith.cli.output import write, write_json
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.issues import Issue, Place
    from feedsmith.run.delta.product import InDelta
    from feedsmith.run.explain import ExplainedFeed, ExplainedField, ExplainedGroup, ExplainedProduct
    from feedsmith.run.find import Found, Row
    from feedsmith.run.request import Request

EXAMPLES = examples(
    "feedsmith explain SKU-1",
    "feedsmith explain 4006381333931 --field title --feed google_nl",
    "feedsmith explain https://www.shop.example/p/1 --format json",
)


@takes_options
def explain(
    product: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A product's id, GTIN or link, an item group, or a promotion's or review's id.",
            show_default=False,
        ),
    ],
    choice: Choice,
    field: Annotated[
        str | None, typer.Option("--field", metavar="NAME", help="Only this field of the channel.", show_default=False)
    ] = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Follow one product, promotion or review, value by value, into each feed.

    For each field: the cell it came from, each step of its rule with the value before and after, what the checks said,
    and what the feed holds.
    """
    found, explained, gone = _explained(request_of(choice), product, field)
    if format_ is ShowFormat.JSON:
        write_json(_record(product, found, explained) | {"left": {name: _delta(one) for name, one in gone.items()}})
    elif found.rows and not explained:
        write(Explained(spoken()).members(product, found))
    else:
        told = Explained(spoken())
        write(line for one in explained for line in told.product(one, len(explained)))
    if not found.rows:
        for name, one in gone.items():
            write(left_lines(name, product, one))
        _not_found(product, found)
        raise typer.Exit(DATA)


def _explained(
    request: "Request", product: str, field: str | None
) -> "tuple[Found, list[ExplainedProduct], dict[str, InDelta]]":
    """The rows that were found, explained unless they are the members of a group.

    Where none was, what deltas know of it, by feed.
    """
    from feedsmith.run.compile_feed import compile_feeds
    from feedsmith.run.diff.in_delta import delta_lookups
    from feedsmith.run.explain import explain
    from feedsmith.run.find import find
    from feedsmith.run.opening import open_job
    from feedsmith.run.request import open_project

    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        job, _ = open_job(request, open_project(request), Path(scratch))
        feeds = compile_feeds(job)
        if field is not None:
            _check_field(field, [one.key for feed in feeds for one in feed.written_fields])
        found = find(job, product)
        if found.by == "item_group_id" and len(found.rows) > 1:
            return found, [], {}
        explained = explain(job, feeds, found.rows)
        with delta_lookups(request, job.project, feeds) as lookups:
            for told in (told for one in explained for told in one.feeds if told.key):
                told.delta = lookups[told.name].find(told.key)
            gone = {} if found.rows else {name: hit for name, one in lookups.items() if (hit := one.left(product))}
    if field is not None:
        for told in (told for one in explained for told in one.feeds):
            told.fields = tuple(one for one in told.fields if one.key == field)
            if told.group is not None:
                told.group.fields = tuple(one for one in told.group.fields if one.key == field)
    return found, explained, gone


def _not_found(product: str, found: "Found") -> None:
    """What was asked for is in no row, or in one that was left out."""
    texts = spoken()
    for issue in found.left_out:
        tell(Explained(texts).issue(issue, "").rstrip() + f"  ({issue.place})")
    told = texts("nothing in the catalog has {asked} as its id, GTIN, link or item group", asked=repr(product))
    near = texts("did you mean {names}?", names=f" {texts('or')} ".join(found.nearest)) if found.nearest else ""
    tell("; ".join(filter(None, [told, near])))


def _check_field(field: str, known: list[str]) -> None:
    from feedsmith.definitions.model import nearest
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place

    if field not in known:
        raise UsageError(Place("command line"), f"--field: no feed has a field {field!r}", nearest(field, known))


# --- JSON --------------------------------------------------------------------------------------------------------


def _record(asked: str, found: "Found", explained: "list[ExplainedProduct]") -> dict[str, Any]:
    products = [_product(one) for one in explained] or [_row(row) for row in found.rows]
    return {
        "version": 1,
        "asked": asked,
        "by": found.by or None,
        "nearest": list(found.nearest),
        "left_out": [_issue(issue) for issue in found.left_out],
        "products": products,
    }


def _row(row: "Row") -> dict[str, Any]:
    return {"record": row.record, "id": row.id, "title": row.title, "source": _place(row.place)}


def _product(one: "ExplainedProduct") -> dict[str, Any]:
    feeds = [_feed_record(feed) for feed in one.feeds]
    return {**_row(one.row), "issues": [_issue(issue) for issue in one.issues], "feeds": feeds}


def _feed_record(feed: "ExplainedFeed") -> dict[str, Any]:
    return {
        "name": feed.name,
        "channel": feed.channel,
        "state": feed.state,
        "reason": feed.reason,
        "rule": _place(feed.place) if feed.place else None,
        "condition": feed.condition,
        "read": [_origin(one.key, one.place, one.text) for one in feed.origins],
        "fields": [_field_record(field) for field in feed.fields],
        "issues": [_issue(issue) for issue in feed.issues],
        "item": feed.item,
        "group": _group_record(feed.group) if feed.group is not None else None,
        "delta": _delta(feed.delta) if feed.delta is not None else None,
    }


def _delta(delta: "InDelta") -> dict[str, Any]:
    return {
        "state": str(delta.state),
        "run": delta.run or None,
        "since": delta.since or None,
        "changes": [{"field": one.field, "old": one.old, "new": one.new} for one in delta.changes],
    }


def _group_record(group: "ExplainedGroup") -> dict[str, Any]:
    return {"key": group.key, "size": group.size, "fields": [_field_record(field) for field in group.fields]}


def _field_record(field: "ExplainedField") -> dict[str, Any]:
    steps = [
        {
            "field": s.field,
            "does": s.does,
            "before": _plain(s.before),
            "after": _plain(s.after),
            "source": _place(s.place),
        }
        for s in field.steps
    ]
    checks = [
        {
            "asks": verdict.limit.text,
            "else": verdict.limit.consequence,
            "passed": not verdict.issues,
            "issues": [_issue(issue) for issue in verdict.issues],
        }
        for verdict in field.verdicts
    ]
    read = [_origin(one.key, one.place, one.text) for one in field.origins]
    return {
        "field": field.key,
        "name": field.name,
        "read": read,
        "steps": steps,
        "checks": checks,
        "feed_holds": field.text,
        "on_group": field.on_group,
        "written": field.written,
    }


def _plain(value: Any) -> str | None:
    from feedsmith.mapping.printed import printed

    return None if value is None else printed(value)


def _origin(key: str, place: "Place", text: str | None) -> dict[str, Any]:
    return {"key": key, "source": _place(place), "value": text}


def _place(place: "Place") -> dict[str, Any]:
    return {"path": place.path, "sheet": place.sheet, "row": place.row, "column": place.column, "cell": place.cell}


def _issue(issue: "Issue") -> dict[str, Any]:
    return {
        "code": issue.code,
        "severity": str(issue.severity),
        "field": issue.field,
        "value": issue.value,
        "message": issue.message,
        "help": issue.help,
        "source": _place(issue.place),
        "reference": issue.reference,
    }
