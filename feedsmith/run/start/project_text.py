"""The text of the `feedsmith.yaml` that `init` writes: short, commented, with what was assumed."""

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from feedsmith.reports.harmless import harmless
from feedsmith.run.start.look import SURE, Proposed, Seen
from feedsmith.run.start.market import Guess
from feedsmith.run.start.plan import Plan

ASSUMED = "ASSUMED"
"""Marks what no file says."""
WIDE = 118
MANY = 12
"""Names that a comment lists before it says how many more there are."""


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


def scalar(value: str) -> str:
    """A text as YAML writes it on one line, quoted where it must be.

    >>> scalar("Prijs"), scalar("no"), scalar("{{ title }}")
    ('Prijs', "'no'", "'{{ title }}'")
    """
    return yaml.safe_dump(value, allow_unicode=True, width=1_000_000).removesuffix("\n...\n").removesuffix("\n")


def commented(line: str, comment: str) -> list[str]:
    """A line with its comment: behind it where both fit, else above it."""
    told = harmless(" ".join(comment.split()))
    if not told:
        return [line]
    if len(line) + len(told) + 4 <= WIDE:
        return [f"{line}  # {told}"]
    gap = " " * (len(line) - len(line.lstrip()))
    return [f"{gap}# {told}", line]


def _head(plan: Plan) -> Iterator[str]:
    shown = ", ".join(harmless(seen.table.shown) for seen in plan.seen)
    yield f"# Made by `feedsmith init` from {shown}. It is yours to change."
    if any(one.assumed for one in plan.fillers) or not plan.market.country.certain:
        yield f"# {ASSUMED}: no file says it. Look at these lines first."
    yield from (f"# OPEN: {harmless(told)}." for told in plan.open)


def _catalog(plan: Plan, folder: Path) -> Iterator[str]:
    yield "catalog:"
    yield "  sources:"
    yield "    products:"
    yield from (f"      {line}" for line in _source(plan, folder))
    columns = list(_columns(plan))
    if columns:
        yield "  columns:  # ours: theirs"
        yield from (f"    {line}" for line in columns)
    free = [harmless(heading) for heading in plan.first.free()]
    if free:
        more = f" and {len(free) - MANY} more" if len(free) > MANY else ""
        yield from (
            f"  {line}"
            for line in _folded(f"Not needed by any field, and ready for rules: {', '.join(free[:MANY])}{more}.")
        )
    if plan.fillers:
        yield "  fields:"
        for one in plan.fillers:
            rule = one.rule if one.rule.startswith("{calc") else scalar(one.rule)
            comment = f"{ASSUMED}: {one.reason}" if one.assumed else one.reason
            yield from (f"    {line}" for line in commented(f"{one.field}: {rule}", comment))
    yield from _stores(plan)


def _folded(text: str) -> Iterator[str]:
    yield from (f"# {line}" for line in textwrap.wrap(text, WIDE - 6))


def _stores(plan: Plan) -> Iterator[str]:
    names = plan.stores if plan.stores is not None else tuple(plan.store_names())
    if names:
        told = ", ".join(f"{scalar(name)}: {{}}" for name in names)
        yield from (f"  {line}" for line in commented(f"stores: {{{told}}}", "codes as channels know them go here"))


def _source(plan: Plan, folder: Path) -> Iterator[str]:
    seen = plan.first
    paths = [scalar(_path(one.path, folder)) for one in plan.seen]
    path = paths[0] if len(paths) == 1 else f"[{', '.join(paths)}]"
    yield from commented(f"path: {path}", _what(seen))
    if seen.refused is not None:
        yield from commented(f"encoding: {seen.encoding}", f"{ASSUMED}: it is not UTF-8, and reads well as this")
    if seen.dates:
        doubt = f"{ASSUMED}: the dates could be {' or '.join(seen.unsure_dates)} too" if seen.unsure_dates else ""
        yield from commented(f"dates: {scalar(seen.dates[0])}", doubt)


def _what(seen: Seen) -> str:
    table = seen.table
    facts = [seen.title or "no known system", f"{seen.rows:,} rows"]
    if seen.encoding:
        sign = "tabs" if table.dialect.delimiter == "\t" else repr(table.dialect.delimiter)
        facts.append(f"{seen.encoding}, cells between {sign}")
    if table.sheet:
        facts.append(f"sheet {table.sheet}")
    return "; ".join(facts)


def _path(path: Path, folder: Path) -> str:
    """The file as the project names it: from its own folder where it lies near, else in full."""
    path, folder = path.resolve(), folder.resolve()
    if path.anchor == folder.anchor and len(os.path.commonpath([path, folder])) > len(path.anchor):
        return Path(os.path.relpath(path, folder)).as_posix()
    return str(path)


def _columns(plan: Plan) -> Iterator[str]:
    """A line for each claim, unless the column bears the field's own name and is sure, or is empty in this file."""
    named: list[str] = []
    empty: list[str] = []
    for one in _in_order(plan.first):
        claim = one.claim
        filled = plan.first.looks[claim.heading].filled
        if one.claim.certain and not filled:
            empty.append(f"{claim.key} ({harmless(claim.heading)})")
            continue
        if claim.heading == claim.key and one.confidence == SURE:
            named.append(claim.key)
            continue
        told = f"{one.confidence}: {one.reason}; {filled:.0%} filled"
        yield from commented(f"{scalar(claim.key)}: {scalar(claim.heading)}", told)
    if plan.stores is not None:
        yield from (f"{scalar(f'stock[{name}]')}: ~" for name in plan.store_names() if name not in plan.stores)
    if named:
        yield from _folded(f"By their own name: {', '.join(named)}.")
    if empty:
        yield from _folded(f"Recognised, and empty in this file: {', '.join(empty)}.")


def _in_order(seen: Seen) -> Iterable[Proposed]:
    """The claims in the order of the file's columns."""
    places = {heading: place for place, heading in enumerate(seen.table.headings)}
    return sorted(seen.proposed.values(), key=lambda one: places[one.claim.heading])


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
