"""A project as it was at one moment: opened, compiled, and what a pass over its catalog left."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedsmith.issues import Issue
from feedsmith.preview.index.changed import Inputs
from feedsmith.preview.index.left import issues_of
from feedsmith.preview.index.store import IndexWriter
from feedsmith.reports.store import read_issues
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job, PartTask, Stream
from feedsmith.run.request import Request

INDEX = "index.sqlite"


class Home:
    """The folder that states of the same sources share: the index, and what each pass over the catalog left.

    It is removed with the last of its states, and before that what none of them needs.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="feedsmith-preview-"))
        self.states: list[State] = []
        self._passes: list[Path] = []
        self._writer: IndexWriter | None = None

    def begin(self, feeds: int) -> None:
        """Begin the index, of so many feeds."""
        self._writer = IndexWriter(self.index, feeds)

    @property
    def writer(self) -> IndexWriter:
        """What writes the index.

        Raises:
            LookupError: it was not begun.
        """
        if self._writer is None:
            raise LookupError("the index was not begun")
        return self._writer

    @property
    def index(self) -> Path:
        """The index's file."""
        return self.folder / INDEX

    def new_pass(self) -> Path:
        """A new folder for what a pass leaves; the first one also holds the sources as they are read."""
        folder = self.folder / f"pass-{len(self._passes)}"
        folder.mkdir()
        self._passes.append(folder)
        return folder

    def remove(self) -> None:
        """Remove all that was kept."""
        if self._writer is not None:
            self._writer.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def leave(self, state: "State") -> None:
        """A state is closed."""
        self.states.remove(state)
        if not self.states:
            self.remove()
            return
        needed = {folder for one in self.states for folder in one.passes()}
        for folder in self._passes[1:]:
            if folder not in needed:
                shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Progress:
    """How far the work is. `total` and `done` are bytes; `whole` once all is known."""

    total: int = 0
    done: int = 0
    products: int = 0
    whole: bool = False
    seconds: float = 0.0


@dataclass
class Carried:
    """What a whole pass left, and the passes after it that carried some feeds only.

    `parts` are all parts in order, with the number of their file in its stream. `folders` has the folder where the
    issues of each owner lie, and what each feed left. `early` is the file of issues that are no part's, `sets` those of
    the checks over all products by feed. `failures` says by name why a feed cannot be made. `naming` are the feeds with
    issues that name the place of a rule, `joined` is what was found in the joined sources.
    """

    parts: list[tuple[int, PartTask]] = field(default_factory=list)
    folders: dict[int, Path] = field(default_factory=dict)
    early: Path | None = None
    sets: dict[int, Path] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    naming: frozenset[int] = frozenset()
    joined: list[Issue] = field(default_factory=list)

    def copy(self) -> "Carried":
        """One of its own, to be changed."""
        return replace(
            self, parts=[*self.parts], folders={**self.folders}, sets={**self.sets}, failures={**self.failures}
        )


@dataclass(eq=False)
class State:
    """The project at one moment; `changed` are the feeds that its pass carries, None for all with the whole catalog.

    `tasks` are the parts by their number, with the stream that they are of. `unplaced` are issues of no part.
    `waiting` are the feeds that can say nothing yet of the products that are shown, `ranking` those whose ranks are
    being worked out, so that none of their rules can be asked.
    """

    request: Request
    home: Home
    job: Job
    feeds: list[CompiledFeed]
    inputs: Inputs
    changed: frozenset[int] | None = None
    progress: Progress = field(default_factory=Progress)
    tasks: dict[int, tuple[Stream, PartTask]] = field(default_factory=dict)
    unplaced: list[Issue] = field(default_factory=list)
    carried: Carried = field(default_factory=Carried)
    waiting: frozenset[str] = frozenset()
    ranking: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.home.states.append(self)

    @property
    def index(self) -> Path:
        """The index's file."""
        return self.home.index

    @property
    def writer(self) -> IndexWriter:
        """What writes the index."""
        return self.home.writer

    @property
    def silent(self) -> frozenset[str]:
        """The feeds in which no product can be shown yet."""
        return self.waiting | self.ranking

    @property
    def spread(self) -> list[int]:
        """The numbers of the feeds with an item for each product in each place."""
        return [number for number, feed in enumerate(self.feeds) if feed.names.spread is not None]

    def lists(self, stream: int) -> bool:
        """Whether this stream is the first of its records: others have the same in another order."""
        streams = self.job.streams
        return all(one.record != streams[stream].record for one in streams[:stream])

    @property
    def failures(self) -> dict[str, str]:
        """Why a feed cannot be made, by name."""
        return self.carried.failures

    @property
    def files(self) -> list[Path]:
        """The files of issues that are no part's."""
        early = [self.carried.early] if self.carried.early is not None else []
        return [*early, *(path for _, path in sorted(self.carried.sets.items()))]

    def issues(self) -> Iterator[Issue]:
        """All issues so far, as the report of a run has them."""
        carried = self.carried
        owners = sorted(carried.folders.items())
        parts = [issues_of(folder, task.number, owner) for _, task in carried.parts for owner, folder in owners]
        return read_issues(path for path in [*self.files, *parts] if path.exists())

    def passes(self) -> Iterator[Path]:
        """The folders that it needs."""
        yield self.job.scratch
        yield from self.carried.folders.values()
        yield from (path.parent for path in self.files)

    def close(self) -> None:
        """Nobody asks it any more."""
        self.home.leave(self)
