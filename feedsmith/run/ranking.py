"""The pass over the catalog that ranks need: only what they name is read, in the same parts as the run itself.

A run without ranks makes no pass.
"""

import pickle
import sqlite3
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith.errors import OutputError
from feedsmith.issues import Place
from feedsmith.mapping.ranks import EntryRow, Ranked, write_cuts
from feedsmith.mapping.rows import Memo
from feedsmith.run.engine import Engine, HereEngine
from feedsmith.run.feed import CompiledFeed
from feedsmith.run.job import Job, PartTask, Stream
from feedsmith.run.part import StreamRunner, names_read
from feedsmith.run.parts import run_parts

Feeds = Mapping[int, CompiledFeed]
"""The feeds of a job by their number."""


@dataclass(frozen=True, slots=True)
class PartEntries:
    """What a part left: how many records it read, and by feed the file with its entries."""

    rows: int
    paths: Mapping[int, Path]


def ranks_used(feed: CompiledFeed, names: Collection[str] = ()) -> list[Ranked]:
    """The ranks that a feed's rules, conditions and checks name, or `names` hold: directly or through own fields."""
    open_, seen = names_read([feed]) | set(names), set[str]()
    while open_:
        name = open_.pop()
        if name not in seen:
            seen.add(name)
            rule = feed.names.derived.get(name)
            open_ |= rule.reads if rule is not None else frozenset()
    return [rank for name, rank in feed.names.ranks.items() if name in seen]


class Ranker:
    """Reads parts for the ranks of all feeds; made once in each process."""

    def __init__(self, job: Job, feeds: Feeds, names: Collection[str] = ()) -> None:
        asked = ((number, ranks_used(feed, names)) for number, feed in feeds.items())
        self.ranks = {number: ranks for number, ranks in asked if ranks}
        self.scratch = job.scratch
        streams = [
            replace(stream, feeds=tuple(number for number in stream.feeds if number in self.ranks))
            for stream in job.streams
        ]
        self.asked = replace(job, streams=tuple(streams))
        """The job with those feeds only that a rank is asked of."""
        self.runners = [StreamRunner(stream, feeds, self._reads(stream, feeds)) for stream in streams]

    def _reads(self, stream: Stream, feeds: Feeds) -> set[str]:
        """The names that the ranks of a stream read, and the values of its feeds' own."""
        names = {name for number in stream.feeds for rank in self.ranks[number] for name in rank.reads}
        return names.union(*(feeds[number].names.own_values for number in stream.feeds))

    def run(self, task: PartTask) -> PartEntries:
        """The entries of a part, in files of the scratch folder."""
        runner = self.runners[task.stream]
        found: dict[int, list[EntryRow]] = {number: [] for number in runner.stream.feeds}
        rows = 0
        for batch in runner.batches(task):
            rows += len(batch)
            products = runner.conformer.conform(batch)
            memo: dict[Hashable, Memo] = {}
            for feed, (number, entries) in zip(runner.feeds, found.items(), strict=True):
                whole = CompiledFeed.whole(feed, products, memo, None)
                for rank in self.ranks[number]:
                    entries += [(rank.name, one.group, one.value, one.line) for one in rank.entries(whole)]
                whole.release()
        paths = {number: self.scratch / f"rank-{number}-{task.number}" for number in found}
        for number, path in paths.items():
            path.write_bytes(pickle.dumps(found[number]))
        return PartEntries(rows, paths)


def work_out_ranks(
    job: Job,
    feeds: Feeds,
    limit: int | None = None,
    engine: Engine | None = None,
    work: Callable[[PartTask], PartEntries] | None = None,
    names: Collection[str] = (),
) -> None:
    """Work out the ranks of all feeds, so that their rules can be asked; without ranks nothing is done.

    Args:
        job: the run's inputs.
        feeds: its feeds by number.
        limit: records that are read of each stream at most.
        engine: where parts are read; without one, in this process.
        work: what the engine does with a part.
        names: what is read besides the feeds' own rules, conditions and checks.

    Raises:
        SourceError: a file cannot be read to its end.
        OutputError: the scratch folder is full.
    """
    if not any(feed.names.ranks for feed in feeds.values()):
        return
    ranker = Ranker(job, feeds, names)
    if all(ranks[0].cuts.path.exists() for ranks in ranker.ranks.values()):
        return
    parts = run_parts(ranker.asked, engine or HereEngine(), work or ranker.run, limit)
    found = [result for _, result in parts]
    for number, ranks in ranker.ranks.items():
        paths = [result.paths[number] for result in found if number in result.paths]
        try:
            write_cuts(ranks[0].cuts.path, ranks, _entries(paths))
        except sqlite3.OperationalError as error:
            raise OutputError(Place(str(job.scratch)), f"cannot write here: {error}", "free disk space") from error


def _entries(paths: list[Path]) -> Iterator[EntryRow]:
    for path in paths:
        yield from pickle.loads(path.read_bytes())  # noqa: S301 - our own file, written by this run
        path.unlink()
