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
    return [f"{gap}{part}" for part in _folded(told)] + ([line] if line else [])


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
    columns, notes = _columns(plan), _recognised(plan)
    if columns:
        known = all(line.startswith("#") for line in columns)
        yield f"  {'# ' if known else ''}columns:  # ours: theirs" + (
            f", as {plan.first.title} calls them" if known else ""
        )
        yield from (f"    {line}" for line in columns)
    yield from (f"  {line}" for line in notes)
    if plan.fillers:
        yield "  fields:"
        for one in plan.fillers:
            rule = one.rule if one.rule.startswith(("{calc:", "{from:")) else scalar(one.rule)
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
    facts = [seen.title or "no known system", seen.counted]
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


def _columns(plan: Plan) -> list[str]:
    """A line for each claim that is worth one, and for the stores that do not count."""
    lines: list[str] = []
    for one in _in_order(plan.first):
        if not _is_plain(plan, one) and not _is_empty(plan, one):
            filled = plan.first.looks[one.claim.heading].filled
            told = f"{one.confidence}: {one.reason}; {filled:.0%} filled"
            if one.claim.heading in plan.first.made:
                lines.append(f"# {one.claim.key}  ({one.reason}; {filled:.0%} filled)")
                continue
            line = f"{scalar(one.claim.key)}: {scalar(one.claim.heading)}"
            lines += [f"# {harmless(line)}  ({harmless(told)})"] if _is_known(plan, one) else commented(line, told)
    if plan.stores is not None:
        lines += [f"{scalar(f'stock[{name}]')}: ~" for name in plan.store_names() if name not in plan.stores]
    return lines


def _is_known(plan: Plan, one: Proposed) -> bool:
    """Whether the system that wrote the file is known to call it so: a comment is enough, and a line would fix it."""
    return bool(plan.first.system) and one.claim.key in plan.first.by_name


def _is_plain(plan: Plan, one: Proposed) -> bool:
    """Whether the column bears the field's own name, and nothing speaks against it."""
    own = one.claim.heading == one.claim.key and one.claim.heading not in plan.first.made
    return own and one.confidence == SURE and not _is_empty(plan, one)


def _is_empty(plan: Plan, one: Proposed) -> bool:
    return one.claim.certain and not plan.first.looks[one.claim.heading].filled


def _recognised(plan: Plan) -> Iterator[str]:
    """The claims that need no line, and the columns without a field, as comments."""
    claims = list(_in_order(plan.first))
    for told, listed in (
        ("By their own name", [one.claim.key for one in claims if _is_plain(plan, one)]),
        ("Recognised, and empty in this file", [_named(one) for one in claims if _is_empty(plan, one)]),
        ("Not needed by any field, and ready for rules", plan.first.free()),
    ):
        if listed:
            more = f" and {len(listed) - MANY} more" if len(listed) > MANY else ""
            yield from _folded(f"{told}: {', '.join(map(harmless, listed[:MANY]))}{more}.")


def _named(one: Proposed) -> str:
    return f"{one.claim.key} ({one.claim.heading})"


def _in_order(seen: Seen) -> Iterable[Proposed]:
    """The claims in the order of the file's columns."""
    places = {heading: place for place, heading in enumerate(seen.table.headings)}
    return sorted(seen.proposed.values(), key=lambda one: places.get(one.claim.heading, -1))


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
