"""`--lang`, and `FEEDSMITH_LANG`: help and reports for people in another language. What programs read stays English."""

import os
import re
from collections.abc import Sequence
from typing import Any

import typer

from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.texts.catalogue import ENGLISH, VARIABLE, Texts, chosen, languages

DEFAULT = re.compile(r"\[default: (.*)\]$")


def set_language(context: typer.Context, asked: str | None) -> str | None:
    """Take the language of `--lang` for this process and those it starts.

    Raises:
        UsageError: there is no catalogue of that name.
    """
    if not asked:
        return asked
    if asked.lower() not in languages():
        there = f"there are: {', '.join(languages())}"
        raise UsageError(Place("command line"), f"--lang {asked!r} is not known", there)
    os.environ[VARIABLE] = asked.lower()
    in_language(context.command)
    return asked


def in_language(command: Any) -> None:
    """Put the help of a command, as typer makes it of the app, and of those below it into the chosen language.

    Raises:
        DefinitionError: a catalogue of the user's own cannot be used.
    """
    texts = Texts(chosen())
    if texts.language != ENGLISH:
        _translate(command, texts, _context(command, texts))


def _translate(command: Any, texts: Texts, context: Any) -> None:
    command.context_class = context
    command.help = texts.command(command.help or "") or None
    command.epilog = (command.epilog or "").replace("Examples:", texts.command("Examples:")) or None
    for parameter in command.params:
        told = getattr(parameter, "help", None)
        if told:
            parameter.help = texts.command(told)
    for below in getattr(command, "commands", {}).values():
        _translate(below, texts, context)


def _context(command: Any, texts: Texts) -> Any:
    """What writes the help of commands: with typer's own words in the language too."""
    context: Any = type(command).context_class

    class Formatter(context.formatter_class):  # type: ignore[misc] # a class that typer keeps to itself
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002
            super().write_usage(prog, args, f"{texts.command('Usage')}: ")

        def write_heading(self, heading: str) -> None:
            super().write_heading(texts.command(heading))

        def write_dl(self, rows: Sequence[tuple[str, str]], *more: int, **named: int) -> None:
            super().write_dl([(name, _help(told, texts)) for name, told in rows], *more, **named)

    return type("Context", (context,), {"formatter_class": Formatter})


def _help(told: str, texts: Texts) -> str:
    """The help of an option, with what typer adds to it."""
    told = DEFAULT.sub(lambda found: f"[{texts.command('default')}: {found[1]}]", texts.command(told))
    return told.replace("[required]", f"[{texts.command('required')}]")
