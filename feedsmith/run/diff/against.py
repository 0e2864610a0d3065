"""`--against WHAT`: the state with which a project is compared, and the feeds that two states make."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from feedsmith.definitions.load import Project
from feedsmith.definitions.model import nearest
from feedsmith.errors import FeedsmithError, UsageError
from feedsmith.issues import Place
from feedsmith.reports.baseline import Baseline, known_keys
from feedsmith.reports.diff.found import Differences
from feedsmith.reports.report import FeedState, Report
from feedsmith.run.diff.feeds import DiffRequest, compare_feeds
from feedsmith.run.diff.given import Given, given, is_run
from feedsmith.run.diff.side import FeedFiles
from feedsmith.run.execute import Progress, execute
from feedsmith.run.git import Repository, commit_of, nearest_ref, repository_of, submodules, write_tree
from feedsmith.run.history import History
from feedsmith.run.kept_issues import issues_of
from feedsmith.run.request import COMMAND_LINE, Request, chosen_feeds, open_project, state_folder

HERE = "here"
"""What the state of the checkout is called."""
PROJECT = "feedsmith.yaml"
ONLY_VALIDATED = frozenset({"unused-rule", "unused-entry"})
"""Codes of issues that an export does not look for."""


@dataclass(frozen=True)
class Other:
    """What is compared with: a project in a folder of its own, or feeds that are there.

    `name` is what the user called it; `notes` tell what of it is not as it was.
    """

    name: str
    project: Path | None = None
    feeds: Given | None = None
    notes: tuple[str, ...] = ()


@contextmanager
def other_state(what: str, request: Request, scratch: Path) -> Iterator[Other]:
    """The other state: of a git ref, else of a folder or a feed file.

    Raises:
        UsageError: it is nothing of these.
    """
    project = open_project(request)
    if project.root.place == COMMAND_LINE:
        raise UsageError(
            COMMAND_LINE, "--against compares two states of a project, and there is none", "feedsmith init begins one"
        )
    path = request.here / what
    if path.is_dir() and (path / PROJECT).is_file():
        yield Other(what, project=path)
        return
    commit, repository = _commit(what, project, must=not path.exists() and not is_run(what, request.here))
    if commit is None or repository is None:
        with given(what, request.here, state_folder(request, project)) as feeds:
            yield Other(f"run {what}" if is_run(what, request.here) else what, feeds=feeds)
        return
    notes = tuple(f"the submodule {name} is read as it is here" for name in submodules(repository, commit))
    folder = write_tree(repository, commit, scratch / "tree")
    yield Other(what, project=_file_in(folder, project), notes=notes)


def _commit(what: str, project: Project, *, must: bool) -> tuple[str | None, Repository | None]:
    """The commit of a ref and its repository; nothing where there is none, unless it `must` be one."""
    try:
        repository = repository_of(project.folder)
    except UsageError:
        if must:
            raise
        return None, None
    commit = None if what.isdecimal() and not must else commit_of(repository, what)
    if commit is None and must:
        problem = f"--against {what!r}: there is no such branch, tag or commit, and no such file, folder or run"
        raise UsageError(COMMAND_LINE, problem, nearest_ref(repository, what))
    return commit, repository


def _file_in(folder: Path, project: Project) -> Path:
    """The project's file as it is called there: it may have another name than usual."""
    own = folder / Path(project.root.place.path).name
    if own.is_file():
        return own
    raise UsageError(Place(own.name), "the project did not exist in that commit", "name a later one")


# --- the feeds of both -------------------------------------------------------------------------------------------


def compare_with(
    what: str, request: Request, how: DiffRequest, scratch: Path, progress: Progress | None = None
) -> Differences:
    """What differs between the feeds of the other state and those that this project makes now.

    Raises:
        FeedsmithError: a state cannot be built, or feeds cannot be compared.
    """
    request = replace(request, as_of=request.now)
    with other_state(what, request, scratch) as other:
        new, made = built(request, scratch / "new", progress)
        notes = [*other.notes, *_not_made(made, HERE)]
        known = {feed.name: feed.channel for feed in made.feeds}
        if other.project is not None:
            with told_as(other.name):
                before, theirs = built(replace(request, project=other.project), scratch / "old", progress)
            old = {name: _called(files, other.name) for name, files in before.items()}
            notes += _not_made(theirs, other.name)
            known = {feed.name: feed.channel for feed in theirs.feeds} | known
        else:
            old = _feeds_of(other, new)
        new = {name: _called(files, HERE) for name, files in new.items()}
        found = compare_feeds(old, new, (other.name, HERE), replace(how, known=known), scratch)
        return replace(found, notes=tuple(notes))


def _feeds_of(other: Other, new: Mapping[str, FeedFiles]) -> dict[str, FeedFiles]:
    """The feeds that are there already, as far as the project has them.

    Raises:
        UsageError: it has none of them.
    """
    feeds = other.feeds.feeds if other.feeds is not None else {}
    found = {name: files for name, files in feeds.items() if name in new}
    if not found:
        names = ", ".join(feeds)
        problem = f"--against {other.name!r}: the project makes none of its feeds ({names})"
        raise UsageError(COMMAND_LINE, problem, nearest(next(iter(feeds), ""), new))
    return found


def built(request: Request, folder: Path, progress: Progress | None = None) -> tuple[dict[str, FeedFiles], Report]:
    """The feeds of a project as an export would write them, in `folder`; its own output and state are not touched."""
    out = folder / "out"
    request = replace(request, out=out, state=folder / "state", write=True, force=True)
    report = execute(request, lambda _: None, progress)
    names = {feed.name: tuple(Path(file.path).name for file in feed.files) for feed in report.feeds if feed.files}
    found = {feed: FeedFiles(feed, tuple(out / name for name in some), some) for feed, some in names.items()}
    return found, report


def _called(files: FeedFiles, state: str) -> FeedFiles:
    return replace(files, shown=tuple(f"{state}:{name}" for name in files.shown))


def _not_made(report: Report, state: str) -> Iterator[str]:
    for feed in report.feeds:
        if feed.state in {FeedState.FAILED, FeedState.HELD}:
            yield f"{state}: the feed {feed.name} could not be made: {feed.reason}"


@contextmanager
def told_as(name: str) -> Iterator[None]:
    """An error within is one of the other state, and says so."""
    try:
        yield
    except FeedsmithError as error:
        place = error.place
        error.args = (place, f"as of {name}: {error.problem}", error.hint)
        error.problem = f"as of {name}: {error.problem}"
        raise


# --- the issues of the other -------------------------------------------------------------------------------------


def known_before(
    what: str, request: Request, scratch: Path, progress: Progress | None = None
) -> tuple[Baseline, tuple[str, ...]]:
    """The issues that the other state has: what is new is all else.

    Raises:
        UsageError: it is no state of a project.
        FeedsmithError: it cannot be validated.
    """
    project = open_project(request)
    if names_run(what, request, project):
        return _known_in_run(what, request, project)
    with other_state(what, request, scratch) as other:
        if other.project is None:
            problem = f"--against {what!r} names feeds, and a feed does not tell what was wrong with its catalog"
            hint = "name a git ref, a run or a project's folder; `feedsmith diff` compares feeds, `lint` checks one"
            raise UsageError(COMMAND_LINE, problem, hint)
        keys: list[frozenset[tuple[str, str, str, str]]] = []
        folder = str(project.folder.resolve())
        with told_as(other.name):
            execute(
                replace(request, project=other.project),
                lambda report: keys.append(known_keys(report, folder)),
                progress,
            )
        return Baseline(keys[0], of=other.name, infos=True), other.notes


def names_run(what: str, request: Request, project: Project) -> bool:
    """Whether that is a run of the project; a project's folder and a git ref of that name go before it."""
    return is_run(what, request.here) and _commit(what, project, must=False)[0] is None


def _known_in_run(what: str, request: Request, project: Project) -> tuple[Baseline, tuple[str, ...]]:
    """The issues that an export had."""
    with History(state_folder(request, project)) as history:
        run = history.named(what)
        keys = issues_of(history, run)
    made, (specs, _) = {feed.feed for feed in run.feeds}, chosen_feeds(request, project)
    name = f"run {run.number}"
    lacking = [spec.name for spec in specs if spec.name not in made]
    notes = [f"{name} did not make {', '.join(lacking)}: all issues of that are told as new"] if lacking else []
    notes.append(
        f"rules that are never used are told by `feedsmith validate` without --against: {name} did not look for them"
    )
    return Baseline(keys, of=name, infos=True, passed=ONLY_VALIDATED), tuple(notes)
