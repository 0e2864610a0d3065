"""The forms of error reports, as `forms.yaml` beside this file has them."""

import re
from functools import cache
from pathlib import Path

import msgspec
import yaml

PATH = Path(__file__).with_name("forms.yaml")
SAME = re.compile(r"[\s_-]+")


class ListForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of problems in JSON: `at` are the keys on the way to it, the others the keys of what a problem has.

    `channels` is how the names of its channels begin. `id_behind` is the number of `:` in front of the id.
    """

    title: str
    channels: str
    at: tuple[str, ...]
    id: tuple[str, ...]
    message: tuple[str, ...]
    code: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    field: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    id_behind: int = 0
    all: str = ""


class Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of reports."""

    headings: dict[str, tuple[str, ...]]
    lists: tuple[ListForm, ...]
    severities: dict[str, tuple[str, ...]]
    checks: dict[str, dict[str, str]]


@cache
def forms() -> Forms:
    """The forms, read once."""
    return msgspec.convert(yaml.safe_load(PATH.read_text(encoding="utf-8")), Forms)


def plain(name: str) -> str:
    """A heading or word as it is compared."""
    return SAME.sub(" ", name.strip().lower())


def own_check(channel: str, code: str) -> str:
    """The code of our check that finds what a channel's code stands for; empty where none is known."""
    for start, checks in forms().checks.items():
        if channel.startswith(start) and code:
            return next((own for form, own in checks.items() if re.fullmatch(form, code.lower())), "")
    return ""
