"""What `validate` and `export` share: a run, its reports, its exit code."""

import os
import sys
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from feedsmith.cli.exits import code_of
from feedsmith.cli.options import NAMED, FailOn, LogFormat, ReportFormat, Telling, begin_log
from feedsmith.cli.output import new_file, write, write_bytes, write_file
from feedsmith.cli.progress import progress_bar
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feedsmith.cli.progress import Told
    from feedsmith.definitions.load import Project
    from feedsmith.reports.report import Report
    from feedsmith.run.execute import Tell
    from feedsmith.run.request import Request


def run(
    request: "Request",
    telling: Telling,
    fail_on: FailOn,
    against: str | None = None,
    also: "Callable[[Report], object] | None" = None,
    work: "Callable[[Tell, Told | None], object] | None" = None,
) -> int:
    """Run, write the reports, and give the exit code.

    Args:
        request: what was asked.
        telling: how to tell what was found.
        fail_on: the issues that end it with 1.
        against: another state of the project; only issues that it has not are told.
        also: gets the report too.
        work: another work than a run, which tells a report too.

    Raises:
        FeedsmithError: the run could not be done, or a report not be written.
    """
    begin_log(telling.log_format, quiet=telling.quiet)
    _refuse_terminal(telling)
    files, known = _report_files(telling), _baseline(telling)
    _refuse_inputs(files, request)
    new_only: Callable[[Report], Report] = _as_it_is
    if work is None:
        project = _opened(request)
        _get_ready(request, project)
        from feedsmith.run.execute import execute

        request, new_only = _against(request, against)
        work = partial(execute, request, project=project)
    codes: list[int] = []
    with ExitStack() as stack:
        progress = stack.enter_context(progress_bar(quiet=telling.quiet or telling.log_format is LogFormat.JSON))

        def tell(report: "Report") -> int:
            stack.close()  # the bar goes before the report comes
            report = known(new_only(report))
            if also is not None:
                also(report)
            codes.append(code_of(report, fail_on))
            _write_all(report, files, telling)
            return codes[0]

        work(tell, progress)
    return codes[0]


def _refuse_inputs(files: "dict[Path, str]", request: "Request") -> None:
    """A report never takes the place of a file that the run reads.

    Raises:
        UsageError: one would.
    """
    if not files:
        return
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.run.inputs import input_files

    read = {path.resolve() for path in input_files(request)}
    for path in files:
        if path.resolve() in read:
            problem = f"--report names {str(path)!r}, which the run reads"
            raise UsageError(Place("command line"), problem, "give the report another name")


def _as_it_is(report: "Report") -> "Report":
    return report


def _write_all(report: "Report", files: dict[Path, str], telling: Telling) -> None:
    """Write the report everywhere it was asked for."""
    for path, name in files.items():
        _write_file(path, report, name, telling)
    _write(report, telling)
    if ReportFormat.GITHUB in (telling.format, *files.values()):
        _write_summary(report)


def _refuse_terminal(telling: Telling) -> None:
    """A workbook is nothing that a terminal can show."""
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place

    if telling.format is ReportFormat.XLSX and sys.stdout is not None and sys.stdout.isatty():
        hint = "write it to a file: `--report xlsx=FILE`, or `> FILE`"
        raise UsageError(Place("command line"), "a workbook cannot be shown on a terminal", hint)


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
        tell(f"{spoken()('note')}: {harmless(spoken().message(note))}")
    return request, known.new_only


def _opened(request: "Request") -> "Project | None":
    """The project of the run; none for a feed that is only read."""
    from feedsmith.run.request import open_project

    return open_project(request) if request.feed is None else None


def _get_ready(request: "Request", project: "Project | None") -> None:
    """Start what workers come from before this process imports the rest: both take a good third of a second."""
    from feedsmith.run.engine import start_server
    from feedsmith.run.many import feed_bytes, source_bytes, workers_for

    size = feed_bytes(request) if project is None else source_bytes(request, project)
    if workers_for(request, size) > 1:
        with suppress(OSError):  # a disk that takes nothing: the run itself finds that out, and says where
            start_server("feedsmith.run.worker")


def _write_file(path: Path, report: "Report", name: str, telling: Telling) -> None:
    """A report into a file."""
    if name != ReportFormat.XLSX:
        write_file(path, _pieces(report, name, telling, colour=False))
        return
    from feedsmith.run.handback.workbook import xlsx_report

    with new_file(path) as file:
        xlsx_report(report, file)


def _write(report: "Report", telling: Telling) -> None:
    """The report that standard output gets."""
    if telling.format is not ReportFormat.XLSX:
        encoding = None if telling.format is ReportFormat.TEXT else "utf-8"
        write(_pieces(report, telling.format, telling, colour=not telling.no_color), encoding=encoding)
        return
    from feedsmith.run.handback.workbook import xlsx_report

    write_bytes(partial(xlsx_report, report))


def _write_summary(report: "Report") -> None:
    """Add to the summary of the step that GitHub Actions runs; elsewhere there is none. Best effort."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from feedsmith.reports.summary import MOST_BYTES, step_summary

    with suppress(OSError), Path(path).open("ab") as file:
        file.write(step_summary(report, MOST_BYTES - file.tell()).encode())


def _pieces(report: "Report", name: str, telling: Telling, *, colour: bool) -> "Iterator[str]":
    from feedsmith.reports.formats import FORMATS
    from feedsmith.reports.style import Style, can_colour
    from feedsmith.reports.text import text_report

    if name != ReportFormat.TEXT:
        return FORMATS[name](report)
    coloured = colour and sys.stdout is not None and can_colour(sys.stdout)
    return text_report(report, Style(telling.verbose, telling.quiet, coloured, spoken()))


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

    match = NAMED.fullmatch(text)
    if match is None:
        return default.value, Path(text)
    known = [one.value for one in ReportFormat]
    if match["name"] not in known:
        problem = f"--report {text!r}: there is no report format {match['name']!r}"
        raise UsageError(Place("command line"), problem, nearest(match["name"], known))
    return match["name"], Path(match["rest"])
