"""`feedsmith init`."""

import sys
import tempfile
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feedsmith.cli.exits import tell
from feedsmith.cli.options import NoColor, examples, option, takes_options
from feedsmith.cli.output import write, write_file
from feedsmith.texts.catalogue import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from feedsmith.run.start.given import Given
    from feedsmith.run.start.like import Like
    from feedsmith.run.start.plan import Plan, Question

EXAMPLES = examples(
    "feedsmith init --catalog products.csv --channel google",
    "feedsmith init shop --catalog products.csv --channel google --channel meta --yes",
    "feedsmith init --catalog products.csv --catalog prices.xlsx --catalog 'stock-*.csv'",
    "feedsmith init --catalog products.csv --channel google --like old-feed.xml",
    "feedsmith init --ci github --ci systemd",
)
DEFAULT_CHANNEL = "google"


class CiKind(StrEnum):
    """The ways to run unattended, by their names in `feedsmith.run.start.ci_files`."""

    CRON = "cron"
    GITHUB = "github"
    GITLAB = "gitlab"
    PRE_COMMIT = "pre-commit"
    SYSTEMD = "systemd"


@takes_options
def init(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR", help="The project's folder; default: here.", show_default=False),
    ] = None,
    catalog: Annotated[
        list[Path] | None,
        option(
            "--catalog",
            "FILE",
            "A file of the catalog, or a pattern in quotes. May be repeated: prices, stock and texts in files of their"
            " own are joined to the products.",
        ),
    ] = None,
    channel: Annotated[
        list[str] | None, option("--channel", "NAME", "Make a feed for this channel; default: google. May be repeated.")
    ] = None,
    like: Annotated[
        Path | None,
        option(
            "--like", "FEED", "Find rules that make the feed of the first channel as this one of the same products."
        ),
    ] = None,
    site: Annotated[str, option("--site", "URL", "The address of the shop's site.")] = "",
    ci: Annotated[
        list[CiKind] | None,
        typer.Option("--ci", help="Write files for running unattended, into a project too that is there. Repeatable."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; what is assumed stands in the file.")] = False,
    no_color: NoColor = False,  # noqa: ARG001 - it has none anyway
) -> None:
    """Begin a project: look at the catalog, and write a commented feedsmith.yaml that exports at once.

    Recognises the system that wrote the files, says which column is which field and why, and asks only what no file
    tells: country, currency, the shop's address, which stores. Without a terminal it asks nothing.
    """
    from feedsmith.definitions.load import PROJECT_FILE

    folder = _folder(folders or [Path()])
    target = folder / PROJECT_FILE
    if ci and not catalog and target.exists():
        write(_ci_written(folder, ci))
        return
    channels = tuple(channel or [DEFAULT_CHANNEL])
    files = _checked(target, catalog or [], channels, site)
    with tempfile.TemporaryDirectory(prefix="feedsmith-") as scratch:
        made = _planned(files, channels, site, Path(scratch), folder, ask=not yes and _terminal())
        found = _like(made, like, Path(scratch)) if like is not None else None
        _write_project(target, found.plan if found is not None else made, found)
    write(_ci_written(folder, ci or []))


def _write_project(target: Path, made: "Plan", like: "Like | None") -> None:
    """Write the project's file, and tell what it holds."""
    from feedsmith.publish.refusals import refusals
    from feedsmith.run.start.project_text import project_text

    text = project_text(made, target.parent, {made.channels[0]: like.lines} if like is not None else None)
    with refusals(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    write_file(target, [text])
    write(_told(made, target, like.told if like is not None else []))


def _folder(words: list[Path]) -> Path:
    """The project's folder; a shell that was given a pattern without quotes leaves names of files here."""
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place

    file = next((word for word in words if word.is_file()), None)
    hint = "write --catalog before each file; a pattern such as 'stock-*.csv' needs quotes"
    if file is not None:
        raise UsageError(Place("command line"), f"{file} is a file, and DIR is the project's folder", hint)
    if len(words) > 1:
        raise UsageError(Place("command line"), f"a project has one folder, not {len(words)}: {words[1]}", hint)
    return words[0]


def _checked(target: Path, words: list[Path], channels: tuple[str, ...], site: str) -> "list[Given]":
    """The files, once the command's words are right.

    Raises:
        UsageError: there is a project already, no file is named, or a channel is not known.
    """
    from feedsmith.definitions.load import channel_files
    from feedsmith.definitions.model import nearest
    from feedsmith.errors import UsageError
    from feedsmith.issues import Place
    from feedsmith.run.request import check_site
    from feedsmith.run.start.given import given_files

    place = Place("command line")
    if target.exists():
        raise UsageError(
            Place(str(target)), "there is a project here already", "name another folder, or remove the file"
        )
    if not words:
        raise UsageError(place, "init needs the file of the products", "write --catalog FILE")
    known = channel_files(target.parent)
    for name in channels:
        if name not in known:
            raise UsageError(place, f"there is no channel {name!r}", nearest(name, known))
    check_site(site)
    return given_files(words)


def _terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()


def _planned(
    files: "list[Given]", channels: tuple[str, ...], site: str, scratch: Path, folder: Path, *, ask: bool
) -> "Plan":
    from feedsmith.run.start.begin import begun
    from feedsmith.run.start.given import seen_of
    from feedsmith.run.start.plan import answered, questions

    seen = [one for file in files for one in seen_of(file, scratch)]
    made = begun(seen, channels, folder, scratch)
    if ask and made.sources.others:
        made = begun(seen, channels, folder, scratch, main=_main_file(made))
    if site:
        made = answered(made, {"site": site})
    if not ask:
        return made
    for line in _files_told(made):
        tell(line)
    for key in ("country", "currency", "site", "stores"):
        for question in questions(made):
            if question.key == key:
                made = answered(made, {key: _asked(question, partial(_problem, made, question))})
    return made


def _main_file(made: "Plan") -> str:
    """The file that somebody says holds the products."""
    from feedsmith.run.start.plan import main_question

    question = main_question(made)
    names = ", ".join(made.sources.others)
    return _asked(
        question, lambda answer: "" if answer in made.sources.others else spoken()("name one of {names}", names=names)
    )


def _problem(made: "Plan", question: "Question", answer: str) -> str:
    from feedsmith.run.start.plan import problem_of

    return problem_of(made, question.key, answer)


def _asked(question: "Question", problem_of: "Callable[[str], str]") -> str:
    """The answer to a question, asked again until it can be used; an empty one is the proposal."""
    texts = spoken()
    while True:
        proposal = f"{question.known}: {texts.message(question.reason)}"
        sys.stderr.write(f"{texts.message(question.text)} [{proposal}]: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        answer = line.strip() or question.known
        problem = problem_of(answer)
        if not problem:
            return answer
        tell(texts.message(problem))


def _like(made: "Plan", feed: Path, scratch: Path) -> "Like":
    from feedsmith.run.start.like import like

    return like(made, feed, scratch)


def _told(made: "Plan", target: Path, more: list[str]) -> "Iterator[str]":
    """What was done, what was assumed, what is open, and how to go on."""
    from feedsmith.reports.harmless import harmless

    texts = spoken()
    assumed, open_ = texts.each("assumed", "open")
    yield from (harmless(line) + "\n" for line in _files_told(made))
    yield from (harmless(f"{assumed}: {texts.message(told)}") + "\n" for told in made.assumptions())
    yield from (harmless(texts.message(told)) + "\n" for told in more)
    yield from (harmless(f"{open_}: {texts.message(told)}") + "\n" for told in made.open)
    command, number = f"feedsmith export{_project(target)}", len(made.channels)
    yield texts.count(
        number, "{file} written; `{command}` makes the feed", "{file} written; `{command}` makes the {number} feeds",
        file=target, command=command,
    ) + "\n"  # fmt: skip


def _ci_written(folder: Path, kinds: "Iterable[str]") -> "Iterator[str]":
    """Write the files for running unattended; what is there already stays, and is shown what to add to it."""
    from feedsmith.reports.harmless import harmless
    from feedsmith.run.start.ci_files import ci_files, next_step

    texts = spoken()
    for kind in dict.fromkeys(map(str, kinds)):
        files = ci_files(kind, folder, _command())
        for file in files:
            if file.path.exists():
                told = texts("{file} is there already and stays; what feedsmith would write is:", file=file.path)
                yield harmless(told) + "\n"
                yield "".join(f"    {line}\n" for line in file.text.splitlines())
                continue
            file.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(file.path, [file.text])
            yield harmless(texts("{file} written", file=file.path)) + "\n"
        yield harmless(f"{texts('next')}: {texts.message(next_step(kind, files))}") + "\n"


def _command() -> list[str]:
    """The words that start this feedsmith from anywhere."""
    installed = Path(sys.executable).with_name("feedsmith")
    return [str(installed)] if installed.is_file() else [sys.executable, "-m", "feedsmith"]


def _files_told(made: "Plan") -> "Iterator[str]":
    """What each file is, and how it belongs to the first."""
    from feedsmith.run.start.look import counted

    first, texts = made.first, spoken()
    shown = ", ".join(file.name for file in made.sources.files)
    counts = texts.message(counted(first, made.sources.files))
    yield f"{shown}: {first.title or texts('no known system')}, {counts}"
    for one in made.joined:
        shown = ", ".join(file.name for file in one.files)
        rows = texts.count(one.rows, "1 row", "{number} rows")
        joined, key = texts("joined as {name}", name=one.name), texts.message(one.key.told("products"))
        yield f"{shown}: {texts.message(one.told)}, {rows}; {joined}: {key}"
    yield from map(texts.message, made.sources.left_out)


def _project(target: Path) -> str:
    return "" if target.parent == Path() else f" --project {target.parent}"
