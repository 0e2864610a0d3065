"""Sources that should have changed and are byte for byte as they were: an export that somewhere stands still.

A job that writes the same old export every night leaves a young file, so its age tells nothing. Its hash does: the
manifests of the runs before have it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from feedsmith.definitions.load import Project
from feedsmith.definitions.node import Node
from feedsmith.issues import Issue, Severity
from feedsmith.run.fresh import named_files, seconds, told_age
from feedsmith.run.history import History
from feedsmith.run.inputs import sources_of


@dataclass(frozen=True)
class Expected:
    """A source that is to change within a time. `files` are named as reports show them."""

    within: str
    files: tuple[str, ...]
    node: Node


def unchanged(project: Project, hashes: dict[str, str | None], history: History) -> list[Issue]:
    """The sources with `changes_within` whose content is as old as that.

    Args:
        project: the project.
        hashes: of each source file of this run, by its name.
        history: the runs before.
    """
    return list(_told(_expected(project), hashes, history))


def present() -> datetime:
    """Now: like the times of runs, whatever the clock of the feeds is."""
    return datetime.now(UTC)


def _told(expected: Iterable[Expected], hashes: dict[str, str | None], history: History) -> Iterator[Issue]:
    for one in expected:
        wanted = {digest for name in one.files if (digest := hashes.get(name)) is not None}
        run, since, runs = _same_since(wanted, history.manifests()) if wanted else (0, "", 0)
        if not runs:
            continue
        age = (present() - datetime.fromisoformat(since)).total_seconds()
        if age > seconds(one.within):
            since_then = f"{runs:,} export{'' if runs == 1 else 's'} since"
            problem = f"byte for byte as in run {run}, {told_age(age)} ago ({since_then})"
            yield Issue(
                "source-unchanged", Severity.WARNING,
                f"{', '.join(one.files)} is {problem}, and changes_within is {one.within}", one.node.place,
                help="look whether the job that writes it still reads the shop's data",
            )  # fmt: skip


def _same_since(wanted: Collection[str], past: Iterator[tuple[int, str, dict[str, Any]]]) -> tuple[int, str, int]:
    """The first run, its time, and the number of runs, back from the last one, that read the same files."""
    found = (0, "", 0)
    for number, started, manifest in past:
        known = {source["sha256"] for source in manifest.get("sources", ())}
        if not known:  # it ended before it had read its sources
            continue
        if not known.issuperset(wanted):
            break
        found = (number, started, found[2] + 1)
    return found


def _expected(project: Project) -> Iterator[Expected]:
    """The sources of which the project says within what time they change."""
    for node, source in sources_of(project):
        if source.changes_within is not None:
            files = tuple(shown for _, shown in named_files(source, project.folder))
            yield Expected(source.changes_within, files, node)
