"""The lines of a project file about one source: its files, how they are read, which column is which field."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from feedsmith.reports.harmless import harmless
from feedsmith.run.start.lines import ASSUMED, commented, folded, scalar
from feedsmith.run.start.look import SURE, Proposed, Seen, counted

MANY = 12
"""Names that a comment lists before it says how many more there are."""
GLOB = "*?["


def source_lines(first: Seen, files: Sequence[Seen], folder: Path) -> Iterator[str]:
    """Where a source's files lie, and how they are read."""
    yield from commented(f"path: {_paths(files, folder)}", _what(first, files))
    sheets = list(
        dict.fromkeys(scalar(one.table.sheet) for one in files if one.table.sheet and len(one.table.sheets) > 1)
    )
    if sheets:
        yield f"sheet: {sheets[0] if len(sheets) == 1 else '[' + ', '.join(sheets) + ']'}"
    if first.refused is not None:
        yield from commented(f"encoding: {first.encoding}", f"{ASSUMED}: it is not UTF-8, and reads well as this")
    if first.item:
        yield from commented(f"item: {scalar(first.item)}", "the longest list of objects in the file")
    if first.dates:
        doubt = f"{ASSUMED}: the dates could be {' or '.join(first.unsure_dates)} too" if first.unsure_dates else ""
        yield from commented(f"dates: {scalar(first.dates[0])}", doubt)


def _paths(files: Sequence[Seen], folder: Path) -> str:
    """The files, or the pattern by which they were named where all of its files are here."""
    named = {one.pattern for one in files}
    paths = list(dict.fromkeys(scalar(_path(one.path, folder)) for one in files))
    if len(named) == 1 and (pattern := next(iter(named))) is not None and pattern.files == len(paths):
        return scalar(_path(Path(pattern.text), folder))
    return paths[0] if len(paths) == 1 else f"[{', '.join(paths)}]"


def _path(path: Path, folder: Path) -> str:
    """The file as the project names it: from its own folder where it lies near, else in full."""
    path, folder = Path(os.path.abspath(path)), folder.resolve()  # noqa: PTH100 - a pattern is no file to resolve
    path = path.parent.resolve() / path.name
    if path.anchor == folder.anchor and len(os.path.commonpath([path, folder])) > len(path.anchor):
        return Path(os.path.relpath(path, folder)).as_posix()
    return str(path)


def _what(seen: Seen, files: Sequence[Seen]) -> str:
    table = seen.table
    facts = [seen.title or "no known system", counted(seen, files)]
    if seen.encoding:
        sign = "tabs" if table.dialect.delimiter == "\t" else repr(table.dialect.delimiter)
        facts.append(f"{seen.encoding}, cells between {sign}")
    if table.sheet:
        facts.append(f"sheet {table.sheet}")
    return "; ".join(facts)


def column_lines(seen: Seen, without: Collection[str] = ()) -> list[str]:
    """A line for each claim that is worth one; `without` are the headings that are told elsewhere."""
    lines: list[str] = []
    for one in in_order(seen):
        heading = one.claim.heading
        if heading in without or _is_plain(seen, one) or _is_empty(seen, one):
            continue
        filled = f"{seen.looks[heading].filled:.0%} filled"
        if heading in seen.made:
            lines.append(f"# {one.claim.key}  ({one.reason}; {filled})")
            continue
        line, told = f"{scalar(one.claim.key)}: {scalar(heading)}", f"{one.confidence}: {one.reason}; {filled}"
        lines += [f"# {harmless(line)}  ({harmless(told)})"] if _is_known(seen, one) else commented(line, told)
    return lines


def recognised_lines(seen: Seen, without: Collection[str] = ()) -> Iterator[str]:
    """The claims that need no line, and the columns without a field, as comments."""
    claims = [one for one in in_order(seen) if one.claim.heading not in without]
    for told, listed in (
        ("By their own name", [one.claim.key for one in claims if _is_plain(seen, one)]),
        ("Recognised, and empty in this file", [_called(one) for one in claims if _is_empty(seen, one)]),
        ("Not needed by any field, and ready for rules", [one for one in seen.free() if one not in without]),
    ):
        if listed:
            more = f" and {len(listed) - MANY} more" if len(listed) > MANY else ""
            yield from folded(f"{told}: {', '.join(map(harmless, listed[:MANY]))}{more}.")


def _is_known(seen: Seen, one: Proposed) -> bool:
    """Whether the system that wrote the file is known to call it so: a comment is enough, and a line would fix it."""
    return bool(seen.system) and one.claim.key in seen.by_name


def _is_plain(seen: Seen, one: Proposed) -> bool:
    """Whether the column bears the field's own name, and nothing speaks against it."""
    own = one.claim.heading == one.claim.key and one.claim.heading not in seen.made
    return own and one.confidence == SURE and not _is_empty(seen, one)


def _is_empty(seen: Seen, one: Proposed) -> bool:
    return one.claim.certain and not seen.looks[one.claim.heading].filled


def _called(one: Proposed) -> str:
    return f"{one.claim.key} ({one.claim.heading})"


def in_order(seen: Seen) -> Iterable[Proposed]:
    """The claims in the order of the file's columns."""
    places = {heading: place for place, heading in enumerate(seen.table.headings)}
    return sorted(seen.proposed.values(), key=lambda one: places.get(one.claim.heading, -1))
