"""What a product was: by the rules of another state of the project, or in feeds that were published or lie in files."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from feedsmith.catalog.records import PRODUCT
from feedsmith.definitions.load import Project, channel_files, load_channel, load_project, project_file
from feedsmith.definitions.resolve import resolve_feeds
from feedsmith.errors import FeedsmithError, UsageError
from feedsmith.issues import Place
from feedsmith.preview.against.comparison import Follower
from feedsmith.preview.against.item import Beside, Then
from feedsmith.preview.against.looking import Task
from feedsmith.preview.against.published import Published, last_good, of_files, of_run, told
from feedsmith.preview.against.store import Shelf
from feedsmith.preview.cards.face import Card
from feedsmith.preview.index.state import State
from feedsmith.preview.live.product import Reader, Rows, products_of, shown
from feedsmith.preview.live.told import card_html, cut, value_of
from feedsmith.preview.shown import ShownFeed, ShownProduct
from feedsmith.run.compile_feed import compile_feed
from feedsmith.run.diff.against import Other, other_state
from feedsmith.run.diff.given import is_run
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.history import LAST
from feedsmith.run.in_places import IN_FEED
from feedsmith.run.job import Job
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts

NOT_IN_FEED = "not in the feed"
HEAD = "HEAD"


@dataclass(frozen=True)
class Asked:
    """The product that is shown: its row in the index, those of its group, how it is now, and what reads its rows."""

    reader: Reader
    state: State
    found: dict[str, Any]
    variants: Rows
    now: ShownProduct
    feeds: Sequence[CompiledFeed]
    texts: Texts


class Before(Protocol):
    """What is compared with. `what` is how it is chosen, as on the command line."""

    what: str
    follower: Follower

    def name(self, texts: Texts) -> str:
        """What the page calls it."""

    def follow(self, state: State, tell: Callable[[], None]) -> None:
        """Compare with this state from now on; `tell` is called when there is more to show."""

    def told(self, asked: Asked) -> dict[str, Any]:
        """What the product was, by feed: its state, its card, the values that changed, a note where nothing is known.

        What is wrong with all of it stands under `problem`.
        """

    def progress(self, texts: Texts) -> dict[str, Any]:
        """Whether all is `ready`, how many `items` were read, and what is wrong with it as `problem`."""

    def close(self) -> None:
        """Remove what was kept."""


def before_of(what: str, request: Request) -> Before:
    """What a user names: a run, `last` for each feed's last good one, a git ref, a folder, or a feed file.

    Raises:
        FeedsmithError: there is nothing of that name, or it is wrong.
    """
    if is_run(what, request.here):
        published = last_good(request) if what == LAST else of_run(what, request)
        return OtherFeeds(what, published)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="feedsmith-preview-")))
        other = stack.enter_context(other_state(what, request, scratch))
        if other.feeds is not None:
            return OtherFeeds(what, of_files(other.feeds, what))
        return OtherRules(what, other, request, stack.pop_all())


# --- another state of the rules ----------------------------------------------------------------------------------


class OtherRules:
    """The other state of a project, by a git ref or a folder: its rules of then over the sources of now."""

    def __init__(self, what: str, other: Other, request: Request, kept: ExitStack) -> None:
        """Read it; `kept` ends with it.

        Raises:
            FeedsmithError: it is wrong.
        """
        self.what = what
        with kept:
            self.project: Project = load_project(_file(other.project or Path()), request.env)
            self._kept = kept.pop_all()
        self._made: tuple[State, Job, list[CompiledFeed]] | None = None
        self.follower = Follower(lambda state, folder: Task(state.job, folder, rules=self._compiled(state)[0]))

    def name(self, texts: Texts) -> str:
        """As the user called it."""
        return texts("the last commit") if self.what == HEAD else self.what

    def follow(self, state: State, tell: Callable[[], None]) -> None:
        """Find which products of the whole feeds have changed."""
        self.follower.follow(state, tell)

    def progress(self, texts: Texts) -> dict[str, Any]:  # noqa: ARG002
        """It is always ready."""
        return {"ready": True, "items": 0, "problem": ""}

    def close(self) -> None:
        """Remove what was kept."""
        self.follower.close()
        self._kept.close()

    def told(self, asked: Asked) -> dict[str, Any]:
        """What the rules of then make of the product."""
        try:
            job, feeds = self._compiled(asked.state)
            names = {feed.spec.name for feed in asked.feeds}
            chosen = [feed for feed in feeds if feed.spec.name in names]
            places = {name: place.code for name, place in asked.now.places.items()}
            one = shown(asked.reader, job, chosen, asked.found, asked.variants, asked.texts, places)
        except FeedsmithError as error:
            return {"name": self.name(asked.texts), "problem": told(error, asked.texts), "feeds": {}}
        now = {feed.told.name: feed for feed in asked.now.feeds}
        feeds_told = {feed.told.name: _rules_told(feed, now.get(feed.told.name), asked.texts) for feed in one.feeds}
        return {"name": self.name(asked.texts), "problem": "", "feeds": feeds_told}

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


def _rules_told(then: ShownFeed, now: ShownFeed | None, texts: Texts) -> dict[str, Any]:
    before = {one.key: cut(value_of(one)) for one in then.told.fields}
    after = {one.key: cut(value_of(one)) for one in now.told.fields} if now is not None else {}
    differ = {
        key: (before.get(key, ""), after.get(key, ""))
        for key in dict.fromkeys((*after, *before))
        if before.get(key, "") != after.get(key, "")
    }
    return feed_of_then(then.state, then.card, texts, changes=differ)


def feed_of_then(
    state: str, card: Card | None, texts: Texts, changes: dict[str, tuple[str, str]], place: str = "", note: str = ""
) -> dict[str, Any]:
    """What a product was in one feed, as the page's script takes it."""
    html = card_html(card, texts) if card is not None else ""
    return {"state": state, "card": html, "changes": changes, "place": place, "note": note}


# --- feeds as they were ------------------------------------------------------------------------------------------


class OtherFeeds:
    """Feeds as runs published them, or as they lie in files."""

    def __init__(self, what: str, published: Published) -> None:
        self.what, self.published = what, published
        self.follower = Follower(self._task)
        self._state: State | None = None

    def name(self, texts: Texts) -> str:
        """The run, or the file as the user named it."""
        if self.what == LAST:
            return texts("the last good run")
        return texts("run {number}", number=self.what) if self.what.isdecimal() else self.what

    def follow(self, state: State, tell: Callable[[], None]) -> None:
        """Begin to read the feeds; when they are read, find which products have changed."""
        self._state = state

        def told() -> None:
            self._compare(tell)
            tell()

        self.published.begin(state, told)
        self._compare(tell)

    def _compare(self, tell: Callable[[], None]) -> None:
        if self._state is not None and self.published.ready and not self.published.problem:
            self.follower.follow(self._state, tell)

    def _task(self, state: State, folder: Path) -> Task:
        known = {feed.spec.name: number for number, feed in enumerate(state.feeds)}
        feeds = {known[name]: feed for name, feed in self.published.feeds.items() if name in known}
        return Task(state.job, folder, shelf=Shelf(self.published.store.path, feeds))

    def progress(self, texts: Texts) -> dict[str, Any]:
        """How much of the feeds is read."""
        published = self.published
        return {"ready": published.ready, "items": published.items, "problem": told(published.problem, texts)}

    def close(self) -> None:
        """Remove what was kept."""
        self.follower.close()
        self.published.close()

    def told(self, asked: Asked) -> dict[str, Any]:
        """What the product was in the feeds; nothing as long as they are being read."""
        name, feeds = self.name(asked.texts), dict[str, Any]()
        if self.published.ready and not self.published.problem:
            beside = Beside(self.published, asked.state.job, asked.texts)
            batch, at = asked.reader.row(asked.found["part"], asked.found["at"])
            alone = len(asked.variants) < 2 or asked.found["record"] != PRODUCT.name  # noqa: PLR2004 - itself
            variants = None if alone else products_of(asked.reader, asked.state.job, asked.variants)
            for feed in asked.feeds:
                place = asked.now.places.get(feed.spec.name)
                found = beside.feed(feed, batch, at, variants, place.number if place is not None else None)
                feeds |= {one: _then_told(then, asked.texts) for one, then in found.items()}
        return {"name": name, "problem": told(self.published.problem, asked.texts), "feeds": feeds}


def _then_told(then: Then, texts: Texts) -> dict[str, Any]:
    changes = {key: (cut(old), cut(new)) for key, (old, new) in then.changes.items()}
    state = IN_FEED if then.place else "" if then.note else NOT_IN_FEED
    return feed_of_then(state, then.card, texts, changes, then.place, told(then.note, texts))
