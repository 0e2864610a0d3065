"""What `validate` and `export` share: a run, its reports, its exit code."""

import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from feedsmith.cli.exits import code_of
from feedsmith.cli.options import NAMED, FailOn, ReportFormat, Telling
from feedsmith.cli.output import write, write_file
from feedsmith.cli.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsmith.reports.report import Report
    from feedsmith.run.request import Request


def run(request: "Request", telling: Telling, fail_on: FailOn, against: str | None = None) -> int:
    """Run, write the reports, and give the exit code. With `against` only issues that this state has not are told.

    Raises:
        FeedsmithError: the run could not be done, or a report not be written.
    """
    files, known = _report_files(telling), _baseline(telling)
    _get_ready(request)
    from feedsmith.run.execute import execute

    request, new_only = _against(request, against)
    codes: list[int] = []
    with ExitStack() as stack:
        progress = stack.enter_context(progress_bar(quiet=telling.quiet))

        def tell(report: "Report") -> int:
            stack.close()  # the bar goes before the report comes
            report = known(new_only(report))
            codes.append(code_of(report, fail_on))
            for path, name in files.items():
                write_file(path, _pieces(report, name, telling, colour=False))
            encoding = None if telling.format is ReportFormat.TEXT else "utf-8"
            write(_pieces(report, telling.format, telling, colour=not telling.no_color), encoding=encoding)
            return codes[0]

        execute(request, tell, progress)
    return codes[0]


def _baseline(telling: Telling) -> "Callable[[Report], Report]":
    """What leaves known issues out of a report. With `--write-baseline` that are all of it, and the file is written."""
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.reports.baseline import baseline_of, read_baseline

    path = telling.baseline
    if path is None:
        if telling.write_baseline:
            raise UsageError(Place("command line"), "--write-baseline without --baseline", "add --baseline FILE")
        return lambda report: report
    if not telling.write_baseline:
        return read_baseline(path).new_only

    def renewed(report: "Report") -> "Report":
        write_file(path, baseline_of(report))
        return read_baseline(path).new_only(report)

    return renewed


def _against(request: "Request", what: str | None) -> "tuple[Request, Callable[[Report], Report]]":
    """The request, with one clock for both states, and what leaves out of its report what the other state has too."""
    if what is None:
        return request, lambda report: report
    import tempfile
    from dataclasses import replace

    from feedsmith.cli.exits import tell
    from feedsmith.reports.harmless import harmless
    from feedsmith.run.diff.against import known_before

    request = replace(request, as_of=request.now)
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        known, notes = known_before(what, request, Path(scratch))
    for note in notes:
        tell(f"note: {harmless(note)}")
    return request, known.new_only


def _get_ready(request: "Request") -> None:
    """Start what workers come from before this process imports the rest: both take a good third of a second."""
    from feedsmith.run.engine import start_server
    from feedsmith.run.many import feed_bytes, source_bytes, workers_for
    from feedsmith.run.request import open_project

    size = feed_bytes(request) if request.feed is not None else source_bytes(request, open_project(request))
    if workers_for(request, size) > 1:
        with suppress(OSError):  # a disk that takes nothing: the run itself finds that out, and says where
            start_server("feedsmith.run.worker")


def _pieces(report: "Report", name: str, telling: Telling, *, colour: bool) -> "Iterator[str]":
    from feedsmith.reports.formats import FORMATS
    from feedsmith.reports.style import Style, can_colour
    from feedsmith.reports.text import text_report
    from feedsmith.texts.catalogue import Texts, chosen

    if name != ReportFormat.TEXT:
        return FORMATS[name](report)
    coloured = colour and sys.stdout is not None and can_colour(sys.stdout)
    return text_report(report, Style(telling.verbose, telling.quiet, coloured, Texts(chosen())))


def _report_files(telling: Telling) -> dict[Path, str]:
    """File and format of each `--report`; that they can be written is found out before the run.

    Raises:
        UsageError: an unknown format, or one file twice.
        OutputError: a folder cannot be written.
    """
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.publish.folder import check_folder

    place = Place("command line")
    found: dict[Path, str] = {}
    for text in telling.report or ():
        name, path = _named_report(text, telling.format)
        if path in found:
            raise UsageError(place, f"--report names {str(path)!r} twice", "give each report its own file")
        if not path.exists() or path.is_file():
            check_folder(path.resolve().parent, [path.resolve().name])
        found[path] = name
    return found


def _named_report(text: str, default: ReportFormat) -> tuple[str, Path]:
    from feedsmith.definitions.model import nearest
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.reports.formats import FORMATS

    match = NAMED.fullmatch(text)
    if match is None:
        return default.value, Path(text)
    if match["name"] not in FORMATS:
        problem = f"--report {text!r}: there is no report format {match['name']!r}"
        raise UsageError(Place("command line"), problem, nearest(match["name"], FORMATS))
    return match["name"], Path(match["rest"])
