"""`feedsmith rules list`."""

from typing import TYPE_CHECKING, Any

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

    from feedsmith.run.rule_use import FeedRules, RuleLine
    from feedsmith.run.unused import Unused

EXAMPLES = examples(
    "feedsmith rules list", "feedsmith rules list --feed google_nl", "feedsmith rules list --format json"
)
HEADINGS = ("place", "rule", "asked", "touched", "changed", "note")
SHOWN = 70
"""Code points of a rule that the text shows."""
WIDTH = 180


@takes_options
def list_rules(
    choice: Choice,
    workers: Workers = None,
    format_: Showing = ShowFormat.TEXT,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Say what each rule of the project does with the catalog.

    For each feed and rule: the products it is asked for, those it touches since its condition holds, and those that
    have another value than they would without it; which rules are never used, and what nothing uses at all.
    """
    from feedsmith.run.rule_use import rule_uses

    request = request_of(choice, Work(workers))
    with at_work() as (scratch, progress):
        feeds, unused = rule_uses(request, scratch, progress)
    if format_ is ShowFormat.JSON:
        write_json({"version": 1, "feeds": [_record(feed) for feed in feeds], "unused": _unused_record(unused)})
    else:
        for feed in feeds:
            write(_text(feed))
        write(_unused_text(unused))


def _note(line: "RuleLine") -> str:
    """What is worth knowing of a rule."""
    if line.use is None:
        return line.skipped
    if not line.use.touched:
        return f"never: hidden by {line.hidden}" if line.hidden and not line.use.asked else "never"
    return "changes nothing" if not line.use.changed else ""


def _text(feed: "FeedRules") -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    figures = {"feed": feed.name, "rules": len(feed.lines), "products": feed.products}
    yield texts("{feed}: {rules} rules, {products} products", **figures) + "\n"
    rows = []
    for line in feed.lines:
        use = (line.use.asked, line.use.touched, line.use.changed) if line.use is not None else ("", "", "")
        rows.append((line.place, harmless(_rule_text(line)), *use, texts.message(_note(line))))
    if rows:
        yield from table(texts.each(*HEADINGS), rows, width=WIDTH)
    yield "\n"


def _rule_text(line: "RuleLine") -> str:
    from feedsmith.issues import shown

    return shown(f"{line.kind} {line.name}" + (f": {line.text}" if line.text != line.name else ""), SHOWN)


def _unused_text(unused: "Unused") -> "Iterator[str]":
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    for entry in unused.entries:
        told = texts("used nowhere: the {kind} {name}", kind=texts.message(entry.kind), name=entry.name)
        yield f"{harmless(told)}  ({entry.place})\n"
    if unused.columns:
        yield f"{texts('columns that no feed reads')}: {harmless(', '.join(unused.columns))}\n"


def _record(feed: "FeedRules") -> dict[str, Any]:
    return {"name": feed.name, "products": feed.products, "rules": [_rule(line) for line in feed.lines]}


def _rule(line: "RuleLine") -> dict[str, Any]:
    use = line.use
    return {
        "kind": line.kind,
        "name": line.name,
        "rule": line.text,
        "source": {"path": line.place.path, "row": line.place.row, "column": line.place.column},
        "layer": line.layer,
        "asked": use.asked if use is not None else None,
        "touched": use.touched if use is not None else None,
        "changed": use.changed if use is not None else None,
        "note": _note(line),
    }


def _unused_record(unused: "Unused") -> dict[str, Any]:
    entries = [
        {
            "kind": entry.kind,
            "name": entry.name,
            "source": {"path": entry.place.path, "row": entry.place.row, "column": entry.place.column},
        }
        for entry in unused.entries
    ]
    return {"entries": entries, "columns": list(unused.columns)}
