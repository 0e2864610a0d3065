"""The text of the `feedsmith.yaml` that `init` writes: short, commented, with what was assumed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from feedsmith.reports.harmless import harmless
from feedsmith.run.start.joined_text import joined_lines
from feedsmith.run.start.lines import ASSUMED, commented, indented, scalar
from feedsmith.run.start.market import Guess
from feedsmith.run.start.plan import MAIN, Plan, own_stores
from feedsmith.run.start.source_text import column_lines, recognised_lines, source_lines


def project_text(plan: Plan, folder: Path, fields: Mapping[str, list[str]] | None = None) -> str:
    """The project file for a plan.

    Args:
        plan: what to write.
        folder: the project's folder; files below it are named from there.
        fields: lines to stand under a feed's channel, by channel: rules that an existing feed gave.
    """
    lines = [*_head(plan), "version: 1", "", *_catalog(plan, folder), "", *_market(plan), "", "feeds:"]
    for name in plan.channels:
        own = (fields or {}).get(name, [])
        if own:
            lines += [f"  {name}:", f"    channel: {name}", *(f"    {line}" for line in own)]
        else:
            lines.append(f"  {name}: {{channel: {name}}}")
    return "\n".join(lines) + "\n"


def _head(plan: Plan) -> Iterator[str]:
    shown = ", ".join(dict.fromkeys(harmless(seen.table.shown) for seen in plan.files))
    yield f"# Made by `feedsmith init` from {shown}. It is yours to change."
    if any(one.assumed for one in plan.fillers) or not plan.market.country.certain:
        yield f"# {ASSUMED}: no file says it. Look at these lines first."
    yield from (f"# OPEN: {harmless(told)}." for told in plan.open)


def _catalog(plan: Plan, folder: Path) -> Iterator[str]:
    yield "catalog:"
    yield "  sources:"
    yield f"    {MAIN}:"
    yield from indented(source_lines(plan.first, plan.sources.files, folder), 6)
    yield from indented(joined_lines(plan.joined, MAIN, folder, plan.stores), 4)
    columns = [*column_lines(plan.first), *_without_stores(plan)]
    if columns:
        known = all(line.startswith("#") for line in columns)
        yield f"  {'# ' if known else ''}columns:  # ours: theirs" + (
            f", as {plan.first.title} calls them" if known else ""
        )
        yield from indented(columns, 4)
    yield from indented(recognised_lines(plan.first), 2)
    if plan.fillers:
        yield "  fields:"
        for one in plan.fillers:
            rule = one.rule if one.rule.startswith(("{calc:", "{from:")) else scalar(one.rule)
            comment = f"{ASSUMED}: {one.reason}" if one.assumed else one.reason
            yield from indented(commented(f"{one.field}: {rule}", comment), 4)
    yield from _stores(plan)


def _without_stores(plan: Plan) -> list[str]:
    """The columns of stores whose stock does not count."""
    if plan.stores is None:
        return []
    return [
        f"{scalar(key)}: ~" for name in own_stores(plan.first) if name not in plan.stores for key in [f"stock[{name}]"]
    ]


def _stores(plan: Plan) -> Iterator[str]:
    names = plan.stores if plan.stores is not None else tuple(plan.store_names())
    if names:
        told = ", ".join(f"{scalar(name)}: {{}}" for name in names)
        yield from (f"  {line}" for line in commented(f"stores: {{{told}}}", "codes as channels know them go here"))


def _market(plan: Plan) -> Iterator[str]:
    market = plan.market
    yield "market:"
    yield from (
        line
        for key in ("country", "language", "currency", "site")
        for line in commented(f"  {key}: {getattr(market, key).value}", _why(getattr(market, key)))
    )


def _why(guess: Guess) -> str:
    return guess.reason if guess.certain or not guess.reason else f"{ASSUMED}: {guess.reason}"
