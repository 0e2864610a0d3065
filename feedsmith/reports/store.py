"""Issues on disk: each part of a run writes its own file, and the reports read all of them in order.

Most issues of a block differ in product, value and row only. So a block holds each different rest once (the head), and
for each issue the number of its head: a tenth of the bytes, less time, and counting is counting numbers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import msgspec

from feedsmith.errors import OutputError
from feedsmith.issues import Issue, Place
from feedsmith.reports.harmless import encodable
from feedsmith.reports.report import Counts

BLOCK = 2_000
"""Issues in a block; so many are in memory at once."""
LENGTH = 4
"""Bytes that give the length of the block after them, most significant first."""

ISSUE_HEAD = ("severity", "feed", "code", "channel", "field", "message", "help", "reference")
PLACE_HEAD = ("path", "sheet", "column")
_head = attrgetter(*ISSUE_HEAD, *(f"place.{name}" for name in PLACE_HEAD))
_tail = attrgetter("product", "value", "place.row", "place.cell")


class IssueTaker(Protocol):
    """Takes the issues of one part; `counts` holds how many there were of each kind, once it is closed."""

    @property
    def counts(self) -> Counts:
        """Issues by severity, feed and code."""

    def __enter__(self) -> Self:
        """Begin."""

    def extend(self, issues: Iterable[Issue]) -> None:
        """Take more issues, in order."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End."""


class IssueWriter:
    """Writes the issues of one part to a new file; `counts` holds what the finished blocks had.

    A file that is there already is replaced, so a part that is done a second time does not count twice.

    Raises:
        OutputError: the file cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counts = Counter()
        self._waiting: list[Issue] = []

    def __enter__(self) -> Self:
        """Make the file."""
        with _refused(self.path):
            self._file: BinaryIO = self.path.open("wb")
        return self

    def extend(self, issues: Iterable[Issue]) -> None:
        """Take more issues, in order; at most `BLOCK` of them wait in memory."""
        stream = iter(issues)
        while taken := list(islice(stream, BLOCK - len(self._waiting))):
            self._waiting += taken
            if len(self._waiting) == BLOCK:
                self._write()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Write what waits, unless something failed, and close the file."""
        try:
            if kind is None and self._waiting:
                self._write()
        finally:
            with _refused(self.path):
                self._file.close()

    def _write(self) -> None:
        heads: dict[tuple[Any, ...], int] = {}
        numbers = [heads.setdefault(head, len(heads)) for head in map(_head, self._waiting)]
        block = _encoded((list(heads), numbers, list(map(_tail, self._waiting))))
        with _refused(self.path):
            self._file.write(len(block).to_bytes(LENGTH))
            self._file.write(block)
        names = list(heads)
        for number, found in Counter(numbers).items():
            severity, feed, code = names[number][:3]
            self.counts[severity, feed, code] += found
        self._waiting = []


def write_issues(path: Path, issues: Iterable[Issue]) -> Counts:
    """Write a part's issues to a new file and count them.

    Raises:
        OutputError: the file cannot be made or written.
    """
    with IssueWriter(path) as writer:
        writer.extend(issues)
    return writer.counts


def read_issues(paths: Iterable[Path]) -> Iterator[Issue]:
    """The issues of these files, in the order of the files and as they were written; a block at a time in memory.

    Raises:
        OutputError: a file is missing, cut off or not one of `write_issues`.
    """
    for path in paths:
        with _refused(path), path.open("rb") as file:
            while length := file.read(LENGTH):
                yield from _decoded(file.read(int.from_bytes(length)))


def issue_keys(paths: Iterable[Path]) -> Iterator[tuple[list[tuple[str, str, str, str]], list[int], list[str]]]:
    """What the issues of these files are known by, block by block.

    Code, feed, path and field that several share; the number of these for each issue, and its product.

    Raises:
        OutputError: a file is missing, cut off or not one of `write_issues`.
    """
    code, feed, name = (ISSUE_HEAD.index(one) for one in ("code", "feed", "field"))
    path = len(ISSUE_HEAD) + PLACE_HEAD.index("path")
    for source in paths:
        with _refused(source), source.open("rb") as file:
            while length := file.read(LENGTH):
                heads, numbers, tails = msgspec.msgpack.decode(file.read(int.from_bytes(length)))
                yield (
                    [(head[code], head[feed], head[path], head[name]) for head in heads],
                    numbers,
                    [one[0] for one in tails],
                )


def _encoded(block: Any) -> bytes:
    try:
        return msgspec.msgpack.encode(block)
    except UnicodeEncodeError:
        return msgspec.msgpack.encode(encodable(block))


def _decoded(block: bytes) -> list[Issue]:
    heads, numbers, tails = msgspec.msgpack.decode(block)
    issues = [dict(zip(ISSUE_HEAD, head, strict=False)) for head in heads]
    places = [dict(zip(PLACE_HEAD, head[len(ISSUE_HEAD) :], strict=True)) for head in heads]
    found = [
        {**issues[number], "product": product, "value": value, "place": {**places[number], "row": row, "cell": cell}}
        for number, (product, value, row, cell) in zip(numbers, tails, strict=True)
    ]
    return msgspec.convert(found, list[Issue])


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Turn what a disk or a damaged file does into an `OutputError`."""
    try:
        yield
    except OSError as error:
        problem = f"the list of issues cannot be kept: {error.strerror or error}"
        raise OutputError(Place(str(path)), problem, "free disk space or correct the folder's permissions") from error
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        problem = "the list of issues is damaged: another program changed it during the run"
        raise OutputError(Place(str(path)), problem, "run feedsmith again") from error
