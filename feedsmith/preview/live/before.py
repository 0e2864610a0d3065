"""The project as it was: what its rules of then make of the shown product, from the sources of now."""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from feedsmith.definitions.load import Project, channel_files, load_channel, load_project, project_file
from feedsmith.definitions.resolve import resolve_feeds
from feedsmith.errors import FeedsmithError, UsageError
from feedsmith.issues import Place
from feedsmith.preview.index.build import State
from feedsmith.preview.live.product import Reader, Rows, shown
from feedsmith.preview.live.told import card_html, field_told
from feedsmith.preview.shown import ShownFeed
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.diff.against import other_state
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts


class Before:
    """The other state of a project, by a git ref or a folder. `name` is what the user called it."""

    def __init__(self, what: str, request: Request) -> None:
        """Read it.

        Raises:
            FeedsmithError: there is no such state, or it is wrong.
        """
        self.name = what
        with ExitStack() as stack:
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="feedsmith-preview-")))
            other = stack.enter_context(other_state(what, request, scratch))
            if other.project is None:
                hint = "name a branch, a tag, a commit or a project's folder"
                raise UsageError(Place("command line"), f"--against {what!r}: the preview compares projects", hint)
            self.project: Project = load_project(_file(other.project), request.env)
            self._stack = stack.pop_all()
        self._made: tuple[State, Job, list[CompiledFeed]] | None = None

    def close(self) -> None:
        """Remove what was kept."""
        self._stack.close()

    def told(
        self, reader: Reader, state: State, names: list[str], found: dict[str, Any], variants: Rows, texts: Texts
    ) -> dict[str, Any]:
        """What the rules of then make of a product, by feed; what is wrong with them, as `problem`."""
        try:
            job, feeds = self._compiled(state)
            chosen = [feed for feed in feeds if feed.spec.name in names]
            one = shown(reader, job, chosen, found, variants, texts)
        except FeedsmithError as error:
            return {"name": self.name, "problem": str(error), "feeds": {}}
        return {"name": self.name, "problem": "", "feeds": {feed.told.name: _told(feed, texts) for feed in one.feeds}}

    def _compiled(self, state: State) -> tuple[Job, list[CompiledFeed]]:
        """The job with the rules of then, and its feeds; made once for each state."""
        if self._made is None or self._made[0] is not state:
            day = state.job.now.date()
            specs = tuple(resolve_feeds(self.project, day))
            files = channel_files(self.project.folder)
            channels = {spec.channel: load_channel(spec.channel, files).on(day) for spec in specs}
            job = replace(state.job, project=self.project, specs=specs, channels=channels)
            known = {spec.name for spec in state.job.specs}
            feeds = [compile_feed(job, spec) for spec in specs if spec.name in known]
            self._made = state, job, feeds
        return self._made[1], self._made[2]


def _file(path: Path) -> Path:
    found = project_file(path, path)
    if found is None:
        raise UsageError(Place(str(path)), "there is no project here")
    return found


def _told(feed: ShownFeed, texts: Texts) -> dict[str, Any]:
    fields = {one.key: field_told(one, texts)["text"] for one in feed.told.fields}
    card = card_html(feed.card, texts) if feed.card is not None else ""
    return {"state": feed.state, "card": card, "fields": fields}
