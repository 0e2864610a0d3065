"""What the page offers to compare with: the last good run, recent runs, what git has, what the user named."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from feedsmith.errors import FeedsmithError
from feedsmith.preview.live.before import HEAD, Before
from feedsmith.preview.live.session import Session
from feedsmith.reports.report import FeedState
from feedsmith.run.git import commit_of, repository_of
from feedsmith.run.history import GOOD, LAST, History, PastRun
from feedsmith.run.request import COMMAND_LINE, Request, open_project, state_folder
from feedsmith.texts.catalogue import Texts

RECENT = 10
LOOKED_AT = 100
"""Runs among which the recent ones with feeds are looked for."""
SHOWN = {*GOOD, FeedState.HELD.value}


def against_told(session: Session) -> dict[str, Any]:
    """What is compared with: how it is chosen, its name, and how far it is."""
    before = session.before
    if before is None:
        return {"what": "", "name": "", "ready": True, "items": 0, "problem": "", "changes": None}
    told = before.progress(session.texts)
    return {
        "what": before.what,
        "name": before.name(session.texts),
        **told,
        "changes": before.follower.progress(session.texts),
    }


def choices(request: Request, before: Before | None, texts: Texts) -> list[list[str]]:
    """How each is chosen, and what the page calls it."""
    found = {"": texts("nothing")}
    with suppress(FeedsmithError):  # a project that is wrong has no choices, and the page says what is wrong
        found |= _of_project(request, texts)
    if before is not None:
        found.setdefault(before.what, before.name(texts))
    return [[what, label] for what, label in found.items()]


def _of_project(request: Request, texts: Texts) -> dict[str, str]:
    project = open_project(request)
    found: dict[str, str] = {}
    with suppress(FeedsmithError), History(state_folder(request, project)) as history:
        runs = [run for run in history.runs(LOOKED_AT) if _feeds(run)][:RECENT]
        if runs:
            found[LAST] = texts("the last good run")
        found |= {str(run.number): _run(run, texts) for run in runs}
    if project.root.place != COMMAND_LINE:
        with suppress(FeedsmithError):
            if commit_of(repository_of(project.folder), HEAD):
                found[HEAD] = texts("the last commit")
    return found


def _feeds(run: PastRun) -> list[str]:
    return [feed.feed for feed in run.feeds if feed.state in SHOWN]


def _run(run: PastRun, texts: Texts) -> str:
    """A run's number, when it began, in the time of this computer, and its feeds."""
    began = datetime.fromisoformat(run.started).astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{texts('run {number}', number=str(run.number))} · {began} · {', '.join(_feeds(run))}"
