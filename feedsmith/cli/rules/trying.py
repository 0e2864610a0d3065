"""`feedsmith rules test`."""

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from feedsmith.cli.exits import DATA
from feedsmith.cli.options import Choice, NoColor, examples, request_of, takes_options
from feedsmith.cli.output import write, write_json
from feedsmith.texts.catalogue import Texts, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedsmith.run.examples import ExampleResult, Missed

EXAMPLES = examples("feedsmith rules test", "feedsmith rules test --feed google_nl --format junit > report.xml")


class TryFormat(StrEnum):
    """The formats of what the examples came to."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


@takes_options
def try_rules(
    choice: Choice,
    format_: Annotated[TryFormat, typer.Option("--format", help="How it is shown.")] = TryFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Run the project's examples.

    Each example under `examples:` is a product that goes through the rules and checks of the feeds. Where a feed holds
    something else than expected it says so, with the place of the rule, and ends with 1.
    """
    from feedsmith.run.examples import run_examples

    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        results = run_examples(request_of(choice), Path(scratch))
    if format_ is TryFormat.JSON:
        write_json({"version": 1, **_counts(results), "examples": [_record(one) for one in results]})
    elif format_ is TryFormat.JUNIT:
        write([_junit(results)], encoding="utf-8")
    else:
        write(_text(results))
    if any(one.missed for one in results):
        raise typer.Exit(DATA)


def _counts(results: "list[ExampleResult]") -> dict[str, int]:
    failed = sum(1 for one in results if one.missed)
    return {"passed": len(results) - failed, "failed": failed}


def _text(results: "list[ExampleResult]") -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    failed, passed = texts.each("FAILED", "passed")
    width = max(len(failed), len(passed))
    for one in results:
        title = harmless(f"{one.name} ({one.feed})")
        place = f"  {one.place}" if one.missed else ""
        yield f"{failed if one.missed else passed:{width}}  {title}{place}\n"
        yield from (f"        {harmless(_told(missed, texts))}\n" for missed in one.missed)
    yield texts("{passed} passed, {failed} failed", **_counts(results)) + "\n"


def _told(missed: "Missed", texts: Texts) -> str:
    where = f"  ({missed.place})" if missed.place is not None else ""
    empty = texts("(empty)")
    values = {"expected": missed.expected or empty, "got": missed.got or empty}
    return f"{missed.about}: {texts('expected {expected}, got {got}', **values)}{where}"


def _record(one: "ExampleResult") -> dict[str, Any]:
    missed = [
        {
            "about": missed.about,
            "expected": missed.expected,
            "got": missed.got,
            "rule": _place(missed.place) if missed.place is not None else None,
        }
        for missed in one.missed
    ]
    return {
        "name": one.name,
        "feed": one.feed,
        "source": _place(one.place),
        "passed": not one.missed,
        "missed": missed,
    }


def _place(place: Any) -> dict[str, Any]:
    return {"path": place.path, "row": place.row, "column": place.column}


def _junit(results: "list[ExampleResult]") -> str:
    """The report that CI systems show: one suite, a case for each example and feed."""
    from lxml import etree

    from feedsmith.reports.harmless import harmless

    counts = _counts(results)
    suite = etree.Element("testsuite", name="feedsmith rules", tests=str(len(results)), failures=str(counts["failed"]))
    for one in results:
        named = {"name": harmless(one.name), "classname": one.feed, "file": one.place.path, "line": str(one.place.row)}
        case = etree.SubElement(suite, "testcase", named)
        if one.missed:
            lines = [harmless(_told(missed, Texts())) for missed in one.missed]
            etree.SubElement(case, "failure", message=lines[0]).text = "\n".join(lines)
    return etree.tostring(suite, encoding="unicode", pretty_print=True)
