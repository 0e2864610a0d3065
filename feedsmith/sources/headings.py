"""Headings as columns are called after: stripped, none blank, none twice."""

from collections.abc import Sequence

from feedsmith.issues import Issue, Place, Severity

STRAY = " \t\r\n\v\f\u00a0\ufeff\u200b\u2060"
"""What exports and spreadsheets leave around a heading: blanks, and marks that nobody sees."""

SHOWN = 5
"""Names that a message lists."""


def name_columns(cells: Sequence[str], place: Place) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """One name per cell of the heading row at `place`.

    A blank heading becomes `column 3`, counted from 1; a repeated one gets `#2`, `#3`.
    """
    names: list[str] = []
    taken = {cell.strip(STRAY) for cell in cells}
    seen: set[str] = set()
    issues: list[Issue] = []
    blank: list[str] = []
    for number, cell in enumerate(cells, 1):
        heading = cell.strip(STRAY)
        name = heading
        if not heading:
            name = _free(f"column {number}", taken | seen)
            blank.append(name)
        elif heading in seen:
            name = _free_number(heading, taken | seen)
            issues.append(_repeated(heading, name, number, place))
        seen.add(name)
        names.append(name)
    if blank:
        issues.append(_unnamed(blank, place))
    return tuple(names), tuple(issues)


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free_number(name, taken)


def _free_number(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}#{number}" in taken:
        number += 1
    return f"{name}#{number}"


def _repeated(heading: str, name: str, number: int, place: Place) -> Issue:
    return Issue(
        "unknown-column",
        Severity.WARNING,
        f"The heading `{heading}` is repeated in column {number}; that column is read as `{name}`.",
        Place(place.path, place.row, heading, place.sheet),
        value=heading,
        help="Give every column its own heading.",
    )


def _unnamed(names: list[str], place: Place) -> Issue:
    listed = ", ".join(f"`{name}`" for name in names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
    return Issue(
        "unknown-column",
        Severity.INFO,
        f"{len(names)} column(s) have no heading and are called by their position: {listed}.",
        place,
        help="Give the column a heading, or remove it.",
    )
