"""What a pass over the catalog leaves for the next one, part by part: the issues of each feed, and how its items fared.

When only some feeds change, the others are not mapped and checked again. What they told stays in files of their own.
Two things must still be as in a whole run: which columns of the catalog are read, as each tells what is wrong with it,
and the comparison of feeds of one market. For both a feed leaves what it asked and what it is compared by.
"""

import pickle
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from feedsmith.catalog.products import Products
from feedsmith.issues import Issue
from feedsmith.mapping.rows import Memo
from feedsmith.reports.report import Counts
from feedsmith.reports.store import IssueWriter
from feedsmith.run.consistency import CODE
from feedsmith.run.feed import CompiledFeed, FeedBatch
from feedsmith.values.column import Column

DEFINITIONS = (".yaml", ".yml", ".j2", ".py")
"""How the files of rules, channels, templates and steps end; no source does."""
CATALOG, COMPARED = -1, -2
"""Whose issues they are that are of no one feed: the catalog's own, and those of feeds that differ from each other."""


def owner_of(feed: str, code: str, numbers: Mapping[str, int]) -> int:
    """Whose an issue is: a feed's number, or one of the above; `numbers` are those of the feeds by name."""
    return COMPARED if code == CODE else numbers.get(feed, CATALOG)


def issues_of(folder: Path, part: int, owner: int) -> Path:
    """Where the issues of a part lie that are of one owner; there is no file where there are none."""
    return folder / f"{part:06d}.{owner}.issues"


def names_rules(issue: Issue) -> bool:
    """Whether an issue names the place of a rule."""
    return issue.place.path.endswith(DEFINITIONS) or any(f"{end}:" in issue.message for end in DEFINITIONS)


class OwnersIssues:
    """Takes the issues of a part, and writes those of each owner to a file of their own.

    `naming` are the owners of issues that name the place of a rule.
    """

    def __init__(self, folder: Path, part: int, numbers: Mapping[str, int]) -> None:
        self.folder, self.part, self.numbers = folder, part, numbers
        self.counts: Counts = Counts()
        self.naming: set[int] = set()
        self._files = ExitStack()
        self._writers: dict[int, IssueWriter] = {}

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def extend(self, issues: Iterable[Issue]) -> None:
        """Take more issues."""
        found: dict[int, list[Issue]] = {}
        for issue in issues:
            found.setdefault(owner_of(issue.feed, issue.code, self.numbers), []).append(issue)
        for owner, own in found.items():
            if owner not in self.naming and any(map(names_rules, own)):
                self.naming.add(owner)
            if owner not in self._writers:
                path = issues_of(self.folder, self.part, owner)
                self._writers[owner] = self._files.enter_context(IssueWriter(path))
            self._writers[owner].extend(own)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Finish all files."""
        self._files.__exit__(kind, error, at)
        for writer in self._writers.values():
            self.counts += writer.counts


@dataclass(frozen=True, slots=True)
class LeftBatch:
    """What a batch came to in a feed, for a pass in which the feed is not carried.

    `asked` are the names that it asked of the products; the others are those of `FeedBatch`, `compared` as values.
    """

    asked: frozenset[str]
    rows: list[int]
    kept: list[int]
    alive: list[bool]
    compared: dict[str, list[Any]]

    @classmethod
    def of(cls, result: FeedBatch, *, compared: bool) -> Self:
        """That of a batch; `compared`: there are other feeds."""
        values = {meaning: column.values for meaning, column in result.compared.items()} if compared else {}
        return cls(result.asked, result.rows, result.kept, result.alive, values)

    def again(self, feed: CompiledFeed, products: Products, memo: dict[Hashable, Memo]) -> FeedBatch:
        """The batch as other feeds are compared with it: all that was asked is asked again, nothing is told."""
        whole = feed.whole(products, memo, None)
        for name in sorted(self.asked):
            whole.column(name)
        tell = feed.teller(products, whole)
        whole.release()
        compared = {meaning: Column(values) for meaning, values in self.compared.items()}
        return FeedBatch(
            texts=[], taken=0, rows=self.rows, issues=[], rejected=0, filtered=0, filled={}, digests={}, told={},
            ids=[], kept=self.kept, alive=self.alive, compared=compared, tell=tell, asked=self.asked,
        )  # fmt: skip


def _file(folder: Path, part: int, feed: int) -> Path:
    return folder / f"{part:06d}.{feed}.left"


def leave_batches(folder: Path, part: int, feed: int, batches: list[LeftBatch | None]) -> None:
    """Keep what the batches of a part came to in a feed; None for one after which it was given up."""
    _file(folder, part, feed).write_bytes(pickle.dumps(batches))


def left_batches(folder: Path, part: int, feed: int) -> Iterator[LeftBatch | None]:
    """What was kept, batch by batch."""
    yield from pickle.loads(_file(folder, part, feed).read_bytes())  # noqa: S301 - our own file, written by this session
