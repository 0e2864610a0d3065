"""How many items the exports before made of each feed, for the chart of a report."""

from collections.abc import Collection, Mapping

from feedsmith.definitions.load import Project
from feedsmith.errors import FeedsmithError
from feedsmith.reports.report import Point
from feedsmith.run.history import History, PastFeed
from feedsmith.run.history_file import out_name
from feedsmith.run.request import Request, out_folder, state_folder

MOST = 60
"""Exports of a feed that are shown."""


def courses(request: Request, project: Project, feeds: Collection[str]) -> Mapping[str, tuple[Point, ...]]:
    """The last exports of each feed into the output folder, oldest first; none where the history cannot be read."""
    state = state_folder(request, project)
    out = out_name(state, out_folder(request, project))
    try:
        with History(state) as history:
            return {feed: tuple(map(_point, reversed(history.ended(feed, out, MOST)))) for feed in feeds}
    except FeedsmithError:  # what is wrong with the history is told by the commands that are about it
        return {}


def _point(feed: PastFeed) -> Point:
    return Point(feed.at, feed.items, feed.rejected, feed.state)
