"""Which products the static page shows: those that stand for all, then others up to the limit."""

from feedsmith.catalog.records import PRODUCT
from feedsmith.issues import Issue, Severity
from feedsmith.preview.index import read
from feedsmith.preview.index.state import State
from feedsmith.run.sample.choose import Spot, choose

RANKS = {severity: number for number, severity in enumerate(Severity)}


def chosen(state: State, most: int) -> list[int]:
    """The numbers of at most so many products, and as many other records, in order; the state's index is whole."""
    firsts: dict[tuple[str, str, str], Issue] = {}
    for issue in state.issues():
        if issue.place.row is not None:
            firsts.setdefault((issue.feed, issue.code, issue.field), issue)
    spots = _ranked(state, list(firsts.values()))
    numbers: list[int] = []
    with read.reading(state.index) as database:
        for record in state.job.records:
            found = [*read.at(database, spots, record), *read.firsts(database, record, most)]
            numbers += list(dict.fromkeys(found))[:most]
    return sorted(numbers)


def _ranked(state: State, issues: list[Issue]) -> list[Spot]:
    """The rows that stand for all: those of the gravest issues first."""
    stream = next((one for one in state.job.streams if one.record == PRODUCT.name), None)
    told = [(one.place.path, one.place.row or 0) for one in sorted(issues, key=lambda one: RANKS[one.severity])]
    if stream is None:
        return told
    return [*told, *sorted(choose(stream, [state.feeds[number] for number in stream.feeds], issues).spots)]
