"""`feedsmith inspect`."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.exits import tell_error
from feedsmith.cli.options import NoColor, ShowFormat, Showing, examples, takes_options
from feedsmith.cli.output import table, write, write_json
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.run.start.look import Proposed, Seen
    from feedsmith.sources.describe import ColumnSummary

EXAMPLES = examples(
    "feedsmith inspect products.csv",
    "feedsmith inspect products.xlsx --format json",
    "feedsmith inspect 'https://files.example/products.csv'",
    "feedsmith inspect 'postgresql+psycopg://erp.example/shop' --query 'SELECT * FROM products'",
)


@takes_options
def inspect_file(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A catalog file (CSV, XLSX, XML or JSON), or an address of one.", show_default=False
        ),
    ],
    item: Annotated[
        str | None, typer.Option("--item", metavar="PATH", help="XML, JSON: path of the items.", show_default=False)
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", metavar="SQL", help="A database's address: the rows to look at.", show_default=False),
    ] = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Say what a file is, and what its columns stand for.

    System, format, encoding, delimiter, rows; for each column type, share of filled rows, samples, its field, how sure
    that is and why; and lines to paste into a project. Exit code 5 where a run would refuse the file as it is.
    """
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        found = _seen(file, item, query, Path(scratch))
    if format_ is ShowFormat.JSON:
        write_json(_record(found, query))
    else:
        write(_text(found, query))
    if found.refused is not None:
        raise typer.Exit(found.refused.exit_code)


def _seen(file: str, item: str | None, query: str | None, scratch: Path) -> "Seen":
    from feedsmith.run.start.look import look
    from feedsmith.sources.table import ReadOptions

    found = look(Path(file), ReadOptions(item=item, query=query), scratch, file)
    if found.refused is not None:
        tell_error(found.refused)
    return found


def _facts(found: "Seen") -> dict[str, Any]:
    from feedsmith.run.start.role import role_of

    opened = found.table
    return {
        "path": opened.shown,
        "system": found.system or "generic",
        "holds": role_of(found).told,
        "format": opened.format,
        "encoding": found.encoding or None,
        "delimiter": opened.dialect.delimiter if opened.format == "csv" else None,
        "sheet": opened.sheet,
        "header_row": opened.header_row,
        "rows": found.rows,
        "products": found.products,
    }


def _record(found: "Seen", query: str | None) -> dict[str, Any]:
    refused = found.refused
    return {
        "version": 1,
        **_facts(found),
        "refused": {"message": refused.problem, "help": refused.hint} if refused else None,
        "columns": [_column(one, found) for one in found.columns],
        "propose": _proposal(found, query),
        "issues": [
            {"code": issue.code, "severity": issue.severity, "row": issue.place.row, "message": issue.message}
            for issue in found.table.issues
        ],
    }


def _column(one: "ColumnSummary", found: "Seen") -> dict[str, Any]:
    from feedsmith.catalog.headings import identifier

    proposed = found.of_heading(one.heading)
    return {
        "heading": one.heading,
        "name": identifier(one.heading),
        "type": one.type,
        "filled": round(one.filled, 4),
        "samples": list(one.samples),
        "field": proposed[0].claim.key if proposed else None,
        "reason": _reason(one.heading, proposed),
        "certain": proposed[0].claim.certain if proposed else None,
        "confidence": proposed[0].confidence if proposed else None,
        "fits": round(proposed[0].fits, 4) if proposed else None,
    }


def _reason(heading: str, proposed: "list[Proposed]") -> str:
    if not proposed:
        return "no field goes by this name"
    reasons = [one.reason if heading == one.claim.heading else f'goes with "{one.claim.heading}"' for one in proposed]
    return "; ".join(dict.fromkeys(reasons))


def _proposal(found: "Seen", query: str | None) -> dict[str, Any]:
    """What a project may say of this file: its query, its encoding where it must, the form of its dates, columns."""
    proposed: dict[str, Any] = {"query": query} if query else {}
    if found.refused is not None:
        proposed["encoding"] = found.encoding
    if found.dates:
        proposed["dates"] = found.dates[0]
    columns: dict[str, Any] = {}
    for heading in found.table.headings:
        for one in found.claims.values():
            if heading == one.heading and heading != one.key:
                _put(columns, one.key, heading)
    proposed["columns"] = columns
    return proposed


def _put(columns: dict[str, Any], key: str, heading: str) -> None:
    from feedsmith.catalog.headings import split_key

    field, qualifier = split_key(key)
    if qualifier is None:
        columns.setdefault(field, heading)
    elif isinstance(columns.setdefault(field, {}), dict):
        columns[field][qualifier] = heading
    else:
        columns[key] = heading


def _text(found: "Seen", query: str | None) -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    facts, texts = _facts(found), spoken()
    if found.refused is not None:
        yield texts(
            "assumed: encoding {encoding}; a run refuses the file until the project says so", encoding=found.encoding
        )
        yield "\n"
    shown = {"delimiter": {"\t": "TAB"}.get(facts["delimiter"] or "", facts["delimiter"])}
    told = {name: texts(name.replace("_", " ")) for name in facts}
    width = max(11, *map(len, told.values())) + 1
    for name, value in {**facts, **shown, "holds": texts.message(facts["holds"])}.items():
        if value is not None:
            yield f"{told[name]:{width}}{harmless(str(value))}\n"
    yield "\n"
    columns = [_column(one, found) for one in found.columns]
    rows = [
        (
            one["heading"],
            texts.message(one["type"]),
            f"{one['filled']:.0%}",
            one["field"] or "-",
            texts(one["confidence"] or ""),
            texts.reasons(one["reason"]),
            " | ".join(one["samples"]),
        )
        for one in columns
    ]
    yield from table(texts.each("column", "type", "filled", "field", "sure?", "why", "samples"), rows)
    free = [one for one in columns if one["field"] is None]
    if free:
        yield f"\n{texts('no field, still readable by rules under these names:')}\n"
        yield from (f"  {one['name']}  ({harmless(one['heading'])})\n" for one in free)
    yield from _notes(found)
    yield from _give(found, query)


def _give(found: "Seen", query: str | None) -> "Iterator[str]":
    """Lines to paste into a project; for a file without products what to name in its place, or beside it."""
    from feedsmith.reports.harmless import harmless
    from feedsmith.run.start.role import role_of

    role = role_of(found)
    if role.holds != "others":
        yield from _lines(found, query)
    if give := role.give:
        texts = spoken()
        yield "\n" + harmless(texts("to begin a project, give {what}", what=texts.message(give))) + "\n"


def _notes(found: "Seen") -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    if found.table.issues:
        yield "\n"
    for issue in found.table.issues[:20]:
        yield harmless(f"{issue.place}: {issue.severity}[{issue.code}] {texts.message(issue.message)}") + "\n"
    if len(found.table.issues) > 20:  # noqa: PLR2004 - as many as a screen takes
        yield f"... {texts('and {number} more', number=len(found.table.issues) - 20)}\n"


def _lines(found: "Seen", query: str | None) -> "Iterator[str]":
    """Lines to paste into a project."""
    import yaml

    proposal = _proposal(found, query)
    source: dict[str, Any] = {"path": found.table.shown}
    source |= {key: proposal[key] for key in ("query", "encoding", "dates") if key in proposal}
    catalog: dict[str, Any] = {"source": source}
    if proposal["columns"]:
        catalog["columns"] = proposal["columns"]
    written = yaml.safe_dump({"catalog": catalog}, sort_keys=False, allow_unicode=True, width=100)
    yield f"\n{spoken()('for feedsmith.yaml:')}\n\n" + "".join(f"  {line}\n" for line in written.splitlines())
