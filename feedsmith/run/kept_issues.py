"""What the issues of an export are known by, kept with its run: so that a later run can tell only what is new."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from feedsmith.errors import OutputError, UsageError
from feedsmith.issues import Place
from feedsmith.publish.folder import prepare_folder
from feedsmith.publish.refusals import refusals
from feedsmith.reports.baseline import Key
from feedsmith.reports.store import issue_keys
from feedsmith.run.buckets import Records
from feedsmith.run.history import GOOD, History, PastRun
from feedsmith.run.packed import packed_reader, packed_writer

FOLDER = "issues"
SUFFIX = ".zst"
KEPT = 5
"""Exports whose issues are kept, besides those of the runs whose feeds can be put back."""


class Keys(msgspec.Struct, array_like=True):
    """The keys of a block of issues: what several share once, and for each issue its number and its product."""

    shared: list[tuple[str, str, str, str]]
    """Code, feed, path and field."""
    numbers: list[int]
    products: list[str]

    def each(self) -> Iterator[Key]:
        """As a baseline has them."""
        for number, product in zip(self.numbers, self.products, strict=True):
            code, feed, path, field = self.shared[number]
            yield code, feed, product or path, field


def keep_issues(state: Path, run: int, paths: Iterable[Path], scratch: Path) -> None:
    """Keep the keys of the issues in these files. What the disk refuses of that changes nothing else.

    Args:
        state: the state folder.
        run: the run's number.
        paths: the files with its issues.
        scratch: a folder on the same disk.
    """
    part, folder = scratch / f"kept{SUFFIX}", state / FOLDER
    records = Records(Keys)
    with suppress(OutputError), refusals(part):
        with packed_writer(part) as file:
            for block in issue_keys(path for path in paths if path.exists()):
                records.write(file, Keys(*block))
        prepare_folder(folder)
        part.replace(folder / f"{run}{SUFFIX}")


def remove_issues(state: Path, wanted: Iterable[int]) -> None:
    """Remove those of runs that are not wanted any more, but for the last few."""
    keeping = set(wanted)
    known = _runs(state)
    for run in known[:-KEPT]:
        if run not in keeping:
            _path(state, run).unlink(missing_ok=True)


def issues_of(history: History, run: PastRun) -> frozenset[Key]:
    """What the issues of a run are known by.

    Raises:
        UsageError: they are kept no more, or the run was no export.
        OutputError: the file is damaged.
    """
    path = _path(history.state, run.number)
    if not path.is_file():
        kept = ", ".join(map(str, _runs(history.state)))
        made = "" if any(one.state in GOOD for one in run.feeds) else "; it published nothing"
        hint = f"kept are those of the runs {kept}" if kept else "`feedsmith export` keeps them; a git ref needs none"
        raise UsageError(Place(f"run {run.number}"), f"its issues are not kept{made}", hint)
    try:
        with refusals(path), packed_reader(path) as file:
            return frozenset(key for block in Records(Keys).read(file) for key in block.each())
    except msgspec.MsgspecError as error:
        raise OutputError(Place(str(path)), "this file is damaged", "something else wrote to it") from error


def _path(state: Path, run: int) -> Path:
    return state / FOLDER / f"{run}{SUFFIX}"


def _runs(state: Path) -> list[int]:
    """The runs whose issues are kept, oldest first."""
    names = (path.name.removesuffix(SUFFIX) for path in (state / FOLDER).glob(f"*{SUFFIX}"))
    return sorted(int(name) for name in names if name.isdecimal())
