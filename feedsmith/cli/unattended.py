"""An export that somebody watches from afar: metrics in a file, and pings to an address."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from feedsmith.cli.exits import BUG, tell
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from feedsmith.definitions.load import Project
    from feedsmith.reports.report import Report
    from feedsmith.run.ping import Ping
    from feedsmith.run.request import Request

Also = "Callable[[Report], None]"


def watched(request: "Request", metrics: Path | None, work: "Callable[[Callable[[Report], None]], int]") -> int:
    """Do the work, which hands its report over; then tell how it ended, whatever ended it."""
    from feedsmith.errors import FeedsmithError
    from feedsmith.run.request import open_project

    project = None
    with suppress(FeedsmithError):  # the work itself finds out what is wrong, and says so
        project = open_project(request)
    ping, path = _ping(project), _metrics_file(project, metrics)
    reports: list[Report] = []
    started = time.monotonic()
    code = BUG
    if ping is not None:
        ping.start()
    try:
        code = work(reports.append)
    except BaseException as error:
        code = _code(error)
        raise
    finally:
        seconds = time.monotonic() - started
        if path is not None:
            _write(path, reports[-1] if reports else None, code, seconds)
        if ping is not None:
            ping.end(code)
            if ping.problem:
                tell(f"ping: {spoken().message(ping.problem)}; {spoken()('the run itself is not touched by that')}")
    return code


def _code(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return 130
    return int(getattr(error, "exit_code", getattr(error, "code", BUG)) or 0)


def _ping(project: "Project | None") -> "Ping | None":
    if project is None or project.definition.ping is None:
        return None
    from feedsmith.run.ping import ping_of

    ping, problem = ping_of(project.definition.ping)
    if problem:
        tell(f"ping: {spoken().message(problem)}; {spoken()('nobody hears of this run')}")
    return ping


def _metrics_file(project: "Project | None", given: Path | None) -> Path | None:
    if given is not None or project is None or project.definition.metrics is None:
        return given
    return project.folder / project.definition.metrics


def _write(path: Path, report: "Report | None", code: int, seconds: float) -> None:
    """Metrics that cannot be written are told, and end no run."""
    from feedsmith.errors import OutputError
    from feedsmith.run.metrics import write_metrics

    try:
        write_metrics(path, report, code, seconds)
    except OutputError as error:
        tell(f"metrics: {spoken().error(error)}")
