"""What the static page is made of: the figures of a whole run, and a few products followed into each feed."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith.preview.static.chosen import Chosen
from feedsmith.preview.static.shown import Showing, ShownProduct, shopper_of
from feedsmith.reports.report import Report
from feedsmith.run.compile_feed import compile_feeds
from feedsmith.run.execute import Progress, execute
from feedsmith.run.explain import explain
from feedsmith.run.opening import open_job
from feedsmith.run.request import Request, open_project
from feedsmith.texts.catalogue import Texts

MOST = 200
"""Products on the page, where no other number is asked for."""


@dataclass(frozen=True)
class Collected:
    """All that the page shows. `name` is the project's folder; the report's own issues cannot be read any more."""

    name: str
    now: str
    report: Report
    products: tuple[ShownProduct, ...]


def collect(request: Request, texts: Texts, most: int = MOST, progress: Progress | None = None) -> Collected:
    """Check the whole catalog, choose products that stand for all, and follow each into each feed.

    Raises:
        FeedsmithError: the project or its catalog is wrong.
    """
    project = open_project(request)
    now = request.now
    request = replace(request, write=False, as_of=now)
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        job, _ = open_job(request, project, Path(scratch))
        feeds = compile_feeds(job)
        chosen = Chosen(job, feeds, most)
        report = execute(request, chosen.take, progress)
        explained = explain(job, feeds, tuple(chosen.rows.values()))
        shoppers = {feed.spec.name: shopper_of(feed, now) for feed in feeds}
        products = Showing(job, feeds, shoppers, texts).products(explained, chosen.issues)
    return Collected(project.folder.resolve().name, now.isoformat(timespec="minutes"), report, tuple(products))
