"""`feedsmith inspect`."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.exits import tell_error
from feedsmith.cli.options import NoColor, ShowFormat, Showing, examples, takes_options
from feedsmith.cli.output import table, write, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.catalog.headings import Claim
    from feedsmith.errors import SourceError
    from feedsmith.sources.describe import ColumnSummary
    from feedsmith.sources.table import ReadOptions, Table

EXAMPLES = examples("feedsmith inspect products.csv", "feedsmith inspect products.xlsx --format json")


@dataclass(frozen=True)
class Inspected:
    """What is known about a file. `refused` is why it cannot be read as it is; `encoding` is then assumed."""

    table: "Table"
    rows: int
    columns: tuple["ColumnSummary", ...]
    claims: dict[str, list["Claim"]]
    refused: "SourceError | None"


@takes_options
def inspect_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A catalog file: CSV, XLSX, XML or JSON.", show_default=False)
    ],
    item: Annotated[
        str | None, typer.Option("--item", metavar="PATH", help="XML, JSON: path of the items.", show_default=False)
    ] = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Say what a file is, and what its columns stand for.

    Format, encoding, delimiter, rows; for each column type, share of filled rows, samples, its field and why; and lines
    to paste into a project. Exit code 5 where a run would refuse the file as it is.
    """
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        found = _inspected(file, item, Path(scratch))
    if format_ is ShowFormat.JSON:
        write_json(_record(found))
    else:
        write(_text(found))
    if found.refused is not None:
        raise typer.Exit(found.refused.exit_code)


def _inspected(file: Path, item: str | None, scratch: Path) -> Inspected:
    """What the file is; one in another encoding is looked at in the probable one."""
    from feedsmith.errors import SourceError
    from feedsmith.sources.table import ReadOptions

    try:
        return _read(file, ReadOptions(item=item), scratch, None)
    except SourceError as error:
        encoding = _declared(error.hint)
        if not encoding:
            raise
        tell_error(error)
        return _read(file, ReadOptions(encoding=encoding, item=item), scratch, error)


def _declared(hint: str) -> str:
    """The encoding that a refusal proposes; "" where it proposes none."""
    _, found, rest = hint.partition("`encoding: ")
    name = rest.partition("`")[0]
    return name if found and name != "…" else ""


def _read(file: Path, options: "ReadOptions", scratch: Path, refused: "SourceError | None") -> Inspected:
    from feedsmith.catalog.headings import claim
    from feedsmith.sources.csv_part import read_table
    from feedsmith.sources.describe import describe
    from feedsmith.sources.table import open_table

    opened = open_table(file, options, scratch, str(file))
    claims, _ = claim(opened.headings, {})
    by_heading: dict[str, list[Claim]] = {}
    for one in claims.values():
        for heading in (one.heading, *one.more, *([one.unit_heading] if one.unit_heading else [])):
            by_heading.setdefault(heading, []).append(one)
    rows = 0
    notes = list(opened.issues)
    for batch in read_table(opened, ()):
        rows += len(batch)
        notes += batch.issues
    return Inspected(replace(opened, issues=tuple(notes)), rows, describe(opened), by_heading, refused)


def _facts(found: Inspected) -> dict[str, Any]:
    opened = found.table
    is_text = opened.format == "csv"
    return {
        "path": opened.shown,
        "system": _system(opened.headings),
        "format": opened.format,
        "encoding": _encoding_name(opened.encoding) if is_text else None,
        "delimiter": opened.dialect.delimiter if is_text else None,
        "sheet": opened.sheet,
        "header_row": opened.header_row,
        "rows": found.rows,
    }


def _system(headings: tuple[str, ...]) -> str:
    from feedsmith.catalog.headings import written_by

    system = written_by(headings).system
    return system.name if system else "generic"


def _encoding_name(name: str) -> str:
    from feedsmith.sources.encodings import CANDIDATES

    return CANDIDATES.get(name, name)


def _record(found: Inspected) -> dict[str, Any]:
    refused = found.refused
    return {
        "version": 1,
        **_facts(found),
        "refused": {"message": refused.problem, "help": refused.hint} if refused else None,
        "columns": [_column(one, found) for one in found.columns],
        "propose": _proposal(found),
        "issues": [
            {"code": issue.code, "severity": issue.severity, "row": issue.place.row, "message": issue.message}
            for issue in found.table.issues
        ],
    }


def _column(one: "ColumnSummary", found: Inspected) -> dict[str, Any]:
    from feedsmith.catalog.headings import identifier

    claims = found.claims.get(one.heading, [])
    return {
        "heading": one.heading,
        "name": identifier(one.heading),
        "type": one.type,
        "filled": round(one.filled, 4),
        "samples": list(one.samples),
        "field": claims[0].key if claims else None,
        "reason": _reason(one.heading, claims),
        "certain": claims[0].certain if claims else None,
    }


def _reason(heading: str, claims: "list[Claim]") -> str:
    if not claims:
        return "no field goes by this name"
    reasons = [one.reason if heading == one.heading else f'goes with "{one.heading}"' for one in claims]
    return "; ".join(dict.fromkeys(reasons))


def _proposal(found: Inspected) -> dict[str, Any]:
    """What a project may say of this file: its encoding where it must, its columns."""
    proposed: dict[str, Any] = {}
    if found.refused is not None:
        proposed["encoding"] = _encoding_name(found.table.encoding)
    columns: dict[str, Any] = {}
    for heading in found.table.headings:
        for one in found.claims.get(heading, ()):
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


def _text(found: Inspected) -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    facts = _facts(found)
    if found.refused is not None:
        encoding = _encoding_name(found.table.encoding)
        yield f"assumed: encoding {encoding}; a run refuses the file until the project says so\n"
    shown = {"delimiter": {"\t": "TAB"}.get(facts["delimiter"] or "", facts["delimiter"])}
    for name, value in {**facts, **shown}.items():
        if value is not None:
            yield f"{name.replace('_', ' '):12}{harmless(str(value))}\n"
    yield "\n"
    columns = [_column(one, found) for one in found.columns]
    rows = [
        (
            one["heading"],
            one["type"],
            f"{one['filled']:.0%}",
            one["field"] or "-",
            one["reason"],
            " | ".join(one["samples"]),
        )
        for one in columns
    ]
    yield from table(("column", "type", "filled", "field", "why", "samples"), rows)
    free = [one for one in columns if one["field"] is None]
    if free:
        yield "\nno field, still readable by rules under these names:\n"
        yield from (f"  {one['name']}  ({harmless(one['heading'])})\n" for one in free)
    yield from _notes(found)
    yield from _lines(found)


def _notes(found: Inspected) -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    if found.table.issues:
        yield "\n"
    for issue in found.table.issues[:20]:
        yield harmless(f"{issue.place}: {issue.severity}[{issue.code}] {issue.message}") + "\n"
    if len(found.table.issues) > 20:  # noqa: PLR2004 - as many as a screen takes
        yield f"... and {len(found.table.issues) - 20:,} more\n"


def _lines(found: Inspected) -> "Iterator[str]":
    """Lines to paste into a project."""
    import yaml

    proposal = _proposal(found)
    source: dict[str, Any] = {"path": found.table.shown}
    if "encoding" in proposal:
        source["encoding"] = proposal["encoding"]
    catalog: dict[str, Any] = {"source": source}
    if proposal["columns"]:
        catalog["columns"] = proposal["columns"]
    written = yaml.safe_dump({"catalog": catalog}, sort_keys=False, allow_unicode=True, width=100)
    yield "\nfor feedsmith.yaml:\n\n" + "".join(f"  {line}\n" for line in written.splitlines())
