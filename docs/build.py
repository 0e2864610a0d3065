"""Writes the generated parts of README.md and docs/: tables, channel pages, what commands print, the picture.

    python -m docs.build            write them
    python -m docs.build --check    write nothing; end with 1 when one is out of date

In a page a generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; `NAME` is a key of `SECTIONS`.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from docs.blocks import ROOT, CommandError, shown_again
from docs.picture import SceneError, picture
from docs.sections import SECTIONS, channel_pages

PART = re.compile(r"(?P<open><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL)
PICTURE = "docs/picture.svg"
WRITTEN = "written"
PRINTING = re.compile(r"^```console$", re.MULTILINE)


def pages() -> dict[str, str]:
    """The pages that are written by hand, by their path in the checkout."""
    made = set(channel_pages())
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {name: path.read_text("utf-8") for name, path in found.items() if name not in made}


def filled(text: str) -> str:
    """A page with its generated parts as they are now."""

    def part(match: re.Match[str]) -> str:
        return f"{match['open']}\n{SECTIONS[match['name']]().strip()}\n\n{match['close']}"

    return PART.sub(part, text)


def files() -> Iterator[tuple[str, Callable[[], str]]]:
    """Path of every file that has generated parts, and what gives its content."""
    yield from ((name, partial(str, text)) for name, text in channel_pages().items())
    yield from ((name, partial(page, text)) for name, text in pages().items())
    yield PICTURE, picture


def page(text: str) -> str:
    """A page with its tables and with what its commands print as they are now."""
    text = filled(text)
    if not PRINTING.search(text):
        return text
    with tempfile.TemporaryDirectory(prefix="docs-") as folder:
        return shown_again(text, Path(folder) / "page")


def strays() -> Iterator[Path]:
    """Pages of channels that are no longer there."""
    made = set(channel_pages())
    return (path for path in (ROOT / "docs/channels").glob("*.md") if path.relative_to(ROOT).as_posix() not in made)


def renew(name: str, make: Callable[[], str], *, check: bool) -> str:
    """Bring one file up to date, or with `check` only look; says what there was to do, empty for nothing."""
    path = ROOT / name
    try:
        text = make()
    except (CommandError, SceneError, LookupError) as error:
        return f"cannot be made: {error}"
    if path.is_file() and path.read_text("utf-8") == text:
        return ""
    if check:
        return "out of date: run `make docs`"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return WRITTEN


def main(arguments: list[str] | None = None) -> int:
    """Write what is out of date, or with `--check` only name it."""
    parser = argparse.ArgumentParser(description="Writes the generated parts of README.md and docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a part is out of date")
    check = parser.parse_args(arguments).check
    told = {name: renew(name, make, check=check) for name, make in files()}
    for path in strays():
        told[path.relative_to(ROOT).as_posix()] = "belongs to no channel: remove it"
    for name, what in told.items():
        if what:
            sys.stdout.write(f"{name}: {what}\n")
    return 1 if any(what not in {"", WRITTEN} for what in told.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
