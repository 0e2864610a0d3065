"""`--lang`, and `FEEDSMITH_LANG`: help and reports for people in another language. What programs read stays English."""

import os
from typing import Any

import typer

from feedsmith.errors import UsageError
from feedsmith.issues import Place
from feedsmith.texts.catalogue import ENGLISH, VARIABLE, Texts, chosen, languages


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
    """Put the help of a command, as typer makes it of the app, and of those below it into the chosen language."""
    if chosen() != ENGLISH:
        _translate(command, Texts(chosen()))


def _translate(command: Any, texts: Texts) -> None:
    command.help = texts.command(command.help or "") or None
    command.epilog = (command.epilog or "").replace("Examples:", texts.command("Examples:")) or None
    for parameter in command.params:
        told = getattr(parameter, "help", None)
        if told:
            parameter.help = texts.command(told)
    for below in getattr(command, "commands", {}).values():
        _translate(below, texts)
