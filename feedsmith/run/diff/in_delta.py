"""Looking one product up in the deltas of a feed: whether the last one has it, and what of it is new."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith.definitions.channel import Deletes
from feedsmith.definitions.load import Channel, Project, channel_files, load_channel
from feedsmith.errors import FeedsmithError
from feedsmith.reports.diff.found import FieldChange
from feedsmith.run.delta.product import DeltaState, InDelta
from feedsmith.run.delta.sent import delta_name, read_sent
from feedsmith.run.diff.compare import FieldComparer, Options
from feedsmith.run.diff.rows import Item, find_items
from feedsmith.run.diff.side import FeedFiles, Side, open_side
from feedsmith.run.history import History, PastFeed
from feedsmith.run.history_file import out_name
from feedsmith.run.kept import open_kept
from feedsmith.run.ledger import BETWEEN, LEDGERS
from feedsmith.run.mapped_feed import MappedFeed
from feedsmith.run.request import Request, out_folder, state_folder
from feedsmith.run.to_send import key_fields


@dataclass(frozen=True)
class DeltaLookup:
    """Looks products up in the deltas of a feed. `fields` are those of a product's key, `folder` is the project's."""

    history: History
    feed: str
    out: str
    channel: Channel
    folder: Path
    fields: tuple[str, ...]

    def find(self, key: str) -> InDelta:
        """What the last delta did with the product of that key."""
        whole = self.history.last_good(self.feed, self.out)
        delta = self.history.last_good(delta_name(self.feed), self.out)
        if delta is not None and (not delta.sent or (whole is not None and delta.run < whole.run)):
            delta = None
        known = key in self._keys(whole)
        since = whole.run if whole is not None and whole.sent else 0
        way = _way(self.channel.definition.deletes)
        if delta is None:
            return InDelta(DeltaState.NO_DELTA if since else DeltaState.NO_WHOLE, since, way=way)
        found = InDelta(DeltaState.NOT_IN_IT if known else DeltaState.UNKNOWN, since, delta.run, way=way)
        if key not in self._keys(delta):
            return found
        return self._compared(found, whole if known else None, delta, key)

    def left(self, id_: str) -> InDelta | None:
        """The same of a product that is not in the catalog, by what it was called; None where no version had it."""
        names = (self.feed, delta_name(self.feed))
        versions = [self.history.last_good(name, self.out) for name in names]
        key = next((key for past in versions for key in self._keys(past) if id_ in self._parts(key)), None)
        return self.find(key) if key is not None else None

    def _parts(self, key: str) -> tuple[str, ...]:
        """The values of the key's fields."""
        return tuple(key.split(BETWEEN)) if len(self.fields) > 1 else (key,)

    def _keys(self, past: PastFeed | None) -> Iterator[str]:
        """The keys of what a version had; none where that is not noted."""
        if past is None or not past.sent:
            return
        with suppress(FeedsmithError):
            for stretch in read_sent(self.history.state / LEDGERS / past.sent):
                if not stretch.days:
                    yield from stretch.keys

    def _compared(self, found: InDelta, whole: PastFeed | None, delta: PastFeed, key: str) -> InDelta:
        """What the delta's own file says of the product, beside that of the whole feed."""
        wanted = self._parts(key)
        try:
            with self._opened(delta) as after:
                if not set(self.fields) <= after.fields.keys():
                    return replace(found, state=DeltaState.NOT_COMPARED)
                new = find_items(after, after.headings, self.fields, wanted)
                if not new:
                    return replace(found, state=DeltaState.DELETED)
                if whole is None:
                    return replace(found, state=DeltaState.NEW)
                with self._opened(whole) as before:
                    changes = _changes(before, after, self.fields, wanted)
        except FeedsmithError:  # a file is kept no more, or is of a form that is not read
            return replace(found, state=DeltaState.NOT_COMPARED)
        return replace(found, state=DeltaState.CHANGED if changes else DeltaState.AGAIN, changes=changes)

    @contextmanager
    def _opened(self, past: PastFeed) -> Iterator[Side]:
        """A version as it was published."""
        with open_kept(self.history.state, past) as paths, tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
            files = FeedFiles(past.feed, tuple(paths), tuple(file.name for file in past.files))
            yield open_side(files, self.channel, self.folder, Path(scratch))


@contextmanager
def delta_lookups(request: Request, project: Project, feeds: Iterable[MappedFeed]) -> Iterator[dict[str, DeltaLookup]]:
    """What looks products up, of each feed that has deltas, by its name.

    Raises:
        OutputError: the history cannot be read.
    """
    able = [feed for feed in feeds if feed.spec.deltas]
    if not able:
        yield {}
        return
    state, files = state_folder(request, project), channel_files(project.folder)
    out = out_name(state, out_folder(request, project))
    with History(state) as history:
        yield {
            feed.spec.name: DeltaLookup(
                history, feed.spec.name, out, load_channel(feed.spec.channel, files), project.folder, key_fields(feed)
            )
            for feed in able
        }


def _way(deletes: Deletes | None) -> str:
    return deletes.way if deletes is not None else ""


def _changes(before: Side, after: Side, key: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[FieldChange, ...]:
    """The fields that differ; items that share a key are compared in their order."""
    headings = tuple(dict.fromkeys((*before.headings, *after.headings)))
    sides: list[list[Item]] = [find_items(side, headings, key, wanted) for side in (before, after)]
    pairs = list(zip(*sides, strict=False))
    comparer = FieldComparer(before.fields, after.fields, headings, Options())
    return tuple(dict.fromkeys(change for found in comparer.changes(pairs) for change in found))
