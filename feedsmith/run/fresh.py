"""Whether a source's files are there and young enough, and what is done where they are not."""

import glob
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from feedsmith.definitions.node import Node
from feedsmith.definitions.project import SourceDefinition
from feedsmith.errors import DefinitionError, SourceError
from feedsmith.issues import Issue, Severity

SECONDS = {"m": 60, "h": 3600, "d": 86400}
UNITS = {"d": "days", "h": "hours", "m": "minutes"}
AGE = re.compile(r"(?P<number>[0-9]+)\s*(?P<unit>[mhd])")
File = tuple[Path, str]
"""A file, and its path as reports show it."""


@dataclass(frozen=True)
class Files:
    """A source's files. `problem` says why they are none, or old; `hold` that feeds which use them are held."""

    found: tuple[File, ...]
    problem: str = ""
    hold: bool = False
    issues: tuple[Issue, ...] = ()


def files_of(source: SourceDefinition, node: Node, folder: Path, given: Sequence[File] = ()) -> Files:
    """The files of a source, or those `given` in their place.

    Raises:
        SourceError: a file is missing or too old, and the source does not say that the run goes on.
    """
    found = tuple(given or named_files(source, folder))
    if (source.max_age or source.max_age_warn or source.if_missing != "stop") and any(
        _elsewhere(shown) for _, shown in found
    ):
        problem = "`max_age`, `max_age_warn` and `if_missing` are for files on this computer"
        raise DefinitionError(node.place, problem, "fetch the file before the run, or leave them out")
    problem, code = _missing(found, reads=source.if_missing == "stop"), "source-missing"
    if not problem and source.max_age is not None:
        problem, code = _old(found, source.max_age, "max_age"), "source-old"
    if not problem:
        return Files(found, issues=tuple(_stale(source, node, found)))
    if source.if_missing == "stop":
        hint = "check the path and the job that writes the file; `if_missing: hold` or `skip` lets the run go on"
        raise SourceError(node.place, problem, hint)
    hold = source.if_missing == "hold"
    follows = "feeds that use it are held" if hold else "it is left out"
    issue = Issue(code, Severity.WARNING, f"{problem}; {follows}", node.place, help="look at the job that writes it")
    return Files(found if hold and code == "source-old" else (), problem, hold, (issue,))


def named_files(source: SourceDefinition, folder: Path) -> Iterator[File]:
    """The files and addresses that a source names; a pattern without a file is given as it is."""
    for pattern in source.path:
        if _elsewhere(pattern) or not any(sign in pattern for sign in "*?["):
            yield folder / pattern, pattern
            continue
        names = sorted(glob.glob(pattern, root_dir=folder))  # noqa: PTH207 - Path.glob refuses absolute patterns
        yield from ((folder / name, name) for name in names or [pattern])


def _elsewhere(path: str) -> bool:
    """Whether a path is an address."""
    return "://" in path


def _missing(files: Sequence[File], *, reads: bool) -> str:
    """Which file is not there; with `reads` only a pattern counts, as reading tells the rest better."""
    for path, shown in files:
        if not _elsewhere(shown) and any(sign in shown for sign in "*?[") and not path.exists():
            return f"no file matches {shown!r}"
        if not reads and not path.exists():
            return f"{shown} is not there"
    return ""


def _stale(source: SourceDefinition, node: Node, files: Sequence[File]) -> Iterator[Issue]:
    """That a file is old enough to be warned of."""
    if source.max_age_warn is not None and (problem := _old(files, source.max_age_warn, "max_age_warn")):
        yield Issue("stale-source", Severity.WARNING, problem, node.place, help="look at the job that writes it")


def _old(files: Sequence[File], max_age: str, key: str) -> str:
    for path, shown in files:
        if not path.exists():
            return ""
        age = time.time() - path.stat().st_mtime
        if age > seconds(max_age):
            return f"{shown} is {told_age(age)} old, and {key} is {max_age}"
    return ""


def seconds(age: str) -> int:
    """An age such as `26h` in seconds."""
    match = AGE.fullmatch(age)
    return int(match["number"]) * SECONDS[match["unit"]] if match else 0


def told_age(age: float) -> str:
    """An age in the largest unit of which it has at least two."""
    unit = next((unit for unit in UNITS if age >= 2 * SECONDS[unit]), "m")
    return f"{int(age // SECONDS[unit])} {UNITS[unit]}"
