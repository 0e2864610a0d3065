"""Writes the generated parts of README.md and docs/: tables, the pages of the channels, what commands print, the picture.

    python -m docs.build            write them
    python -m docs.build --check    write nothing; end with 1 when one is out of date

In a page a generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; `NAME` is a key of `SECTIONS`.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from docs.blocks import ROOT, shown_again
from docs.picture import picture
from docs.sections import SECTIONS, channel_pages

PART = re.compile(r"(?P<open><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL)
PICTURE = "docs/picture.svg"
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


def files() -> Iterator[tuple[str, str]]:
    """Path and content of every file that has generated parts."""
    yield from channel_pages().items()
    for name, text in pages().items():
        page = filled(text)
        if PRINTING.search(page):
            with tempfile.TemporaryDirectory(prefix="docs-") as folder:
                page = shown_again(page, Path(folder) / "page")
        yield name, page
    yield PICTURE, picture()


def stale() -> dict[str, str]:
    """The files that differ from what they should be, with what they should be."""
    found = {name: text for name, text in files() if _old(name) != text}
    strays = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/channels").glob("*.md")} - set(channel_pages())
    return found | dict.fromkeys(strays, "")


def _old(name: str) -> str | None:
    path = ROOT / name
    return path.read_text("utf-8") if path.is_file() else None


def main(arguments: list[str] | None = None) -> int:
    """Write what is out of date, or with `--check` only name it."""
    parser = argparse.ArgumentParser(description="Writes the generated parts of README.md and docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 when a part is out of date")
    check = parser.parse_args(arguments).check
    found = stale()
    for name, text in found.items():
        sys.stdout.write(f"{name}: {'out of date' if check else 'written' if text else 'removed'}\n")
        if check:
            continue
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8") if text else path.unlink()
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
