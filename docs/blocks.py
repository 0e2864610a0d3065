"""The code blocks of a page: files that it shows, commands that it runs, and what they print.

A page is read from top to bottom in one folder, which starts as a copy of `samples/` under that name. A block after
`<!-- file: PATH -->` is written to that file. A `console` block holds commands after `$ `, each followed by what it
prints; a `sh` block holds commands only. A command must end with 0, unless the next line asks for `$ echo $?`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
BLOCK = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n+)?^```(?P<language>[\w-]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
RUN = frozenset({"console", "sh"})
PROMPT = "$ "
STATUS = "echo $?"
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `start` and `end` are where its text lies in the page, `line` is the line of its fence."""

    language: str
    text: str
    file: str | None
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a block, what the page says that it prints, and what it printed."""

    command: str
    shown: str
    printed: str
    status: int


class CommandError(Exception):
    """A command of a page failed, or did not fail where the page says so."""


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        yield Block(match["language"], match["text"], match["file"], match.start("text"), match.end("text"), line)


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with the output that the block shows after it."""
    if block.language == "sh":
        yield from ((line, "") for line in block.text.splitlines() if line.strip())
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def prepare(folder: Path) -> dict[str, str]:
    """Make `folder` ready to run a page in; gives the environment, in which `feedsmith` is this checkout's."""
    shutil.copytree(ROOT / "samples", folder / "samples", ignore=shutil.ignore_patterns(".feedsmith", "out", "*.py"))
    shutil.copy(ROOT / "Makefile", folder)
    tools = folder.parent / f"{folder.name}-bin"
    tools.mkdir()
    start = tools / "feedsmith"
    start.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m feedsmith "$@"\n', "utf-8")
    start.chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}


def run_page(text: str, folder: Path) -> Iterator[tuple[Block, list[Step]]]:
    """Write the files and run the commands of a page; gives each block that was run, with its steps.

    Raises:
        CommandError: a command ended with another code than 0, and the page does not show it.
    """
    environment = prepare(folder)
    for block in blocks(text):
        if block.file is not None:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.language in RUN:
            yield block, list(_steps(block, folder, environment))


def _steps(block: Block, folder: Path, environment: dict[str, str]) -> Iterator[Step]:
    written = list(commands(block))
    status = 0
    for number, (command, shown) in enumerate(written):
        if command == STATUS:
            yield Step(command, shown, f"{status}\n", 0)
            continue
        done = run_command(command, folder, environment)
        status = done.returncode
        told = number + 1 < len(written) and written[number + 1][0] == STATUS
        if status and not told:
            message = f"line {block.line}: {command!r} ended with {status}:\n{done.stdout}"
            raise CommandError(message)
        yield Step(command, shown, done.stdout, status)


def run_command(command: str, folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run one line as a user's shell does; what goes to standard error is shown among the rest, as on a terminal."""
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - the docs' own commands
        ["sh", "-c", _made(command)],  # noqa: S607 - the shell is the one that the reader has
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return done


def _made(command: str) -> str:
    """A `make` target by the environment that runs this; those that would run the tests or pip are only planned."""
    if not command.startswith("make "):
        return command
    environment = Path(sys.prefix)
    plan = "" if command.split()[1] == "demo" else "-n "
    options = f"VENV={environment} PYTHON={sys.executable} BIN=$(dirname $(command -v feedsmith))"
    return f"make {plan}-o {environment}/.ready {command.removeprefix('make ')} {options}"


def shown_again(text: str, folder: Path) -> str:
    """The page with what its commands print now.

    Raises:
        CommandError: see `run_page`.
    """
    pieces: list[str] = []
    position = 0
    for block, steps in run_page(text, folder):
        if block.language != "console":
            continue
        pieces += [text[position : block.start], *(f"{PROMPT}{step.command}\n{step.printed}" for step in steps)]
        position = block.end
    return "".join([*pieces, text[position:]])
