"""The lines of a project file about the sources that are joined to the first one."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from feedsmith.run.start.joined import Joined
from feedsmith.run.start.lines import ASSUMED, commented, indented, scalar
from feedsmith.run.start.look import LIKELY, SURE
from feedsmith.run.start.source_text import column_lines, recognised_lines, source_lines


def joined_lines(joined: Sequence[Joined], main: str, folder: Path, stores: Sequence[str] | None) -> Iterator[str]:
    """Each source beside the first one; `stores` are those whose stock counts, None for all."""
    for one in joined:
        yield f"{one.name}:"
        yield from indented(list(_lines(one, main, folder, stores)), 2)


def _lines(one: Joined, main: str, folder: Path, stores: Sequence[str] | None) -> Iterator[str]:
    key = one.key
    yield from source_lines(one.first, one.files, folder)
    doubt = SURE if key.sure else f"{ASSUMED}, {LIKELY}"
    line = f"join: {{{scalar(key.ours)}: {scalar(key.theirs)}}}"
    yield from commented(line, f"{doubt}: {key.told(main)}; {_matched(one, main)}")
    if key.fold:
        yield "case: ignore"
    if one.many is not None:
        yield from commented(f"per: {one.many.per.kind}", "" if one.many.certain else f"{ASSUMED}: by its values")
    if one.holds == "texts" and one.columns:
        yield "wins: main"
    yield from _columns(one, stores)


def _matched(one: Joined, main: str) -> str:
    """How many of the products have a row."""
    lacking = one.key.products - one.key.matched
    return f"{lacking:,} of {one.key.products:,} {main} without a row" if lacking else f"all {main} have a row"


def _columns(one: Joined, stores: Sequence[str] | None) -> Iterator[str]:
    lines = [*_which(one), *_told_apart(one), *column_lines(one.first, _elsewhere(one)), *_without(one, stores)]
    if lines:
        known = all(line.startswith("#") for line in lines)
        yield f"{'# ' if known else ''}columns:"
        yield from indented(lines, 2)
    yield from recognised_lines(one.first, _elsewhere(one))


def _elsewhere(one: Joined) -> frozenset[str]:
    """The headings that are told by the key, the store, or lines of their own; a joined source gives no id."""
    ids = {claim.heading for claim in one.first.claims.values() if claim.key == "id"}
    return frozenset({one.key.theirs, *one.columns.values(), *ids, *_heading_of(one)})


def _heading_of(one: Joined) -> list[str]:
    return [one.many.heading] if one.many is not None else []


def _which(one: Joined) -> Iterator[str]:
    if one.many is not None:
        yield f"{one.many.per.column}: {scalar(one.many.heading)}"


def _told_apart(one: Joined) -> Iterator[str]:
    for key, heading in one.columns.items():
        yield from commented(f"{scalar(key)}: {scalar(heading)}", one.reason)


def _without(one: Joined, stores: Sequence[str] | None) -> Iterator[str]:
    """The stores that do not count."""
    if stores is not None and one.many is not None and one.many.per.kind == "store":
        yield from (f"{scalar(f'stock[{name}]')}: ~" for name in one.many.names if name not in stores)
