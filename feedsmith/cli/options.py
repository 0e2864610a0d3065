"""The options of the commands, each declared once.

Options that go together are the fields of a dataclass; a command that takes the dataclass takes them all.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from feedsmith.run.request import File, Request

NAMED = re.compile(r"(?P<name>[\w-]+)=(?P<rest>.+)", re.DOTALL)
"""`NAME=REST`, as `--catalog` and `--report` take it."""


class ReportFormat(StrEnum):
    """The formats of a report: those of `feedsmith.reports.formats`, and the workbook."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    HTML = "html"
    XLSX = "xlsx"


class LogFormat(StrEnum):
    """The forms of what is told on standard error."""

    TEXT = "text"
    JSON = "json"


class ShowFormat(StrEnum):
    """The formats of commands that show something."""

    TEXT = "text"
    JSON = "json"


class FailOn(StrEnum):
    """The severity from which a run ends with 1."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


def option(name: str, metavar: str, text: str, **more: Any) -> Any:
    """An option without a default that is worth showing."""
    return typer.Option(name, metavar=metavar, help=text, show_default=False, **more)


ProjectPath = Annotated[
    Path | None,
    option("--project", "PATH", "The project's folder or file; default: the nearest feedsmith.yaml upwards."),
]
Showing = Annotated[ShowFormat, typer.Option("--format", help="How it is shown.")]
Workers = Annotated[int | None, option("--workers", "N", "Processes; default: the cores this process may use.", min=1)]
Against = Annotated[
    str | None, option("--against", "WHAT", "Compare with this state: a git ref, a run or a folder; see the docs.")
]
Logging = Annotated[
    LogFormat, typer.Option("--log-format", help="Messages on standard error: lines for people, or JSON.")
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours, as with NO_COLOR.")]


@dataclass(frozen=True)
class Choice:
    """What to work on."""

    project: ProjectPath = None
    env: Annotated[str | None, option("--env", "NAME", "Lay feedsmith.NAME.yaml over the project.")] = None
    catalog: Annotated[
        list[str] | None,
        option(
            "--catalog",
            "[SOURCE=]FILE",
            "Read this file or address in place of the main source, or of the one named. May be repeated.",
        ),
    ] = None
    channel: Annotated[
        list[str] | None, option("--channel", "NAME", "Only feeds of this channel. May be repeated.")
    ] = None
    feed: Annotated[list[str] | None, option("--feed", "GLOB", "Only feeds with such a name. May be repeated.")] = None
    market: Annotated[list[str] | None, option("--market", "NAME", "Only this market. May be repeated.")] = None
    as_of: Annotated[str | None, option("--as-of", "DATE", "Work as on this day, such as 2027-01-31.")] = None
    site: Annotated[str, option("--site", "URL", "Without a project: the address of the shop's site.")] = ""


@dataclass(frozen=True)
class Work:
    """How to work."""

    workers: Workers = None
    limit: Annotated[
        int | None, option("--limit", "N", "Only the first N products; 0 compiles and reads headings only.", min=0)
    ] = None


@dataclass(frozen=True)
class Telling:
    """How to tell what was found."""

    format: Annotated[ReportFormat, typer.Option("--format", help="The report on standard output.")] = ReportFormat.TEXT
    report: Annotated[
        list[str] | None, option("--report", "[FORMAT=]FILE", "Write the report to a file too. May be repeated.")
    ] = None
    baseline: Annotated[
        Path | None, option("--baseline", "FILE", "Leave out the errors and warnings that this file knows.")
    ] = None
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write all errors and warnings to the file of --baseline.")
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors only.")] = False
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every issue, and how many items have each field.")
    ] = False
    no_color: NoColor = False
    log_format: Logging = LogFormat.TEXT


def begin_log(form: LogFormat, *, quiet: bool = False) -> None:
    """Write the log as JSON from here on, where that is asked for."""
    if form is LogFormat.JSON:
        from feedsmith.cli.logs import log_as_json

        log_as_json(quiet=quiet)


def takes_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each of its parameters that is a dataclass of options taken apart into those options."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}

    def call(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        parameters += _parameters(groups[name]) if name in groups else [_keyword(name, hints[name], parameter.default)]
    call.__name__, call.__doc__, call.__module__ = command.__name__, command.__doc__, command.__module__
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def _parameters(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [_keyword(field.name, hints[field.name], field.default) for field in fields(group)]


def _keyword(name: str, hint: Any, default: Any) -> inspect.Parameter:
    default = inspect.Parameter.empty if default is MISSING else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def examples(*lines: str) -> str:
    """The examples at the end of a command's help, line by line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def request_of(choice: Choice, work: Work | None = None, **more: Any) -> "Request":
    """The run that the options ask for; `more` are further fields of the request.

    Raises:
        UsageError: `--as-of` is no date.
    """
    from feedsmith.run.request import Request, clock

    work = work or Work()
    catalog = [_named_file(text) for text in choice.catalog or ()]
    return Request(
        project=choice.project,
        env=choice.env,
        catalog=tuple(path for name, path in catalog if not name),
        sources=tuple((name, path) for name, path in catalog if name),
        channels=tuple(choice.channel or ()),
        feeds=tuple(choice.feed or ()),
        markets=tuple(choice.market or ()),
        as_of=clock(choice.as_of) if choice.as_of else None,
        workers=work.workers,
        limit=work.limit,
        site=choice.site,
        **more,
    )


def _named_file(text: str) -> "tuple[str, File]":
    """Source and file of `--catalog`; a file whose own name has a `=` is taken as it is."""
    match = NAMED.fullmatch(text)
    if match is None or Path(text).exists():
        return "", _file(text)
    return match["name"], _file(match["rest"])


def _file(text: str) -> "File":
    """A path; an address stays a text."""
    return text if "://" in text else Path(text)
