"""`docs/picture.svg`: a terminal with what some commands print, drawn from the commands themselves.

It needs nothing from elsewhere: no font, no script. Its colours follow the reader's light or dark setting.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from docs.blocks import prepare, run_command

WIDTH = 104
"""Characters of a line; longer ones are cut."""
LINE, ADVANCE, MARGIN, BAR = 19, 8.0, 18, 34
"""Height of a line, width of a character, the space around, height of the bar: pixels."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A command, and the stretch of its output that is shown: `lines` from the first line that holds `start`."""

    command: str
    start: str
    lines: int


SCENES = (
    Scene("feedsmith validate --project samples/mistakes --as-of 2026-11-22", "error[invalid-gtin]", 5),
    Scene(
        "feedsmith explain VH-LS02-WIT-MARINE-S --project samples/shop --feed google_nl --field title",
        "title:",
        6,
    ),
    Scene("feedsmith export --project samples/shop --as-of 2026-11-22", "google_nl: ", 4),
)

CLASSES = (
    (re.compile(r"^\$ "), "prompt"),
    (re.compile(r"^error\b"), "error"),
    (re.compile(r"^warning\b"), "warning"),
    (re.compile(r"^\s*(-->|= see|read\b|…)"), "faint"),
    (re.compile(r"^(\s*= fix|\s*passed\b|\w+: .* published)"), "good"),
)
"""How a line begins, and the class it is drawn in."""

STYLE = """
  .back { fill: #fbfbfa; stroke: #d0d0cc } .bar { fill: #ecece8 } .dot { fill: #c4c4be }
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #24262b; white-space: pre }
  .prompt { font-weight: 600 } .error { fill: #b3261e } .warning { fill: #8a5a00 } .good { fill: #1b6e3c }
  .faint { fill: #6a6d75 }
  @media (prefers-color-scheme: dark) {
    .back { fill: #16181c; stroke: #3a3d44 } .bar { fill: #22252b } .dot { fill: #4a4e57 }
    text { fill: #e4e5e7 } .error { fill: #ff8a80 } .warning { fill: #f0c050 } .good { fill: #7bd09a }
    .faint { fill: #9a9ea8 }
  }
"""


class SceneError(Exception):
    """A command no longer prints what the picture shows."""


def picture() -> str:
    """The picture as SVG."""
    lines = list(_lines())
    width = round(WIDTH * ADVANCE) + 2 * MARGIN
    height = BAR + len(lines) * LINE + 2 * MARGIN
    texts = [
        f'<text class="{_class(line)}" x="{MARGIN}" y="{BAR + MARGIN + number * LINE + 13}">{escape(line)}</text>'
        for number, line in enumerate(lines)
        if line
    ]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>feedsmith in a terminal: a check, an explained value, an export</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="back" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"/>',
        f'<path class="bar" d="M1 {BAR}V8a7 7 0 0 1 7-7h{width - 16}a7 7 0 0 1 7 7v{BAR - 8}z"/>',
        *(f'<circle class="dot" cx="{MARGIN + 4 + 18 * number}" cy="{BAR // 2}" r="5"/>' for number in range(3)),
        *texts,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lines() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="docs-") as folder:
        place = Path(folder) / "page"
        environment = prepare(place)
        for number, scene in enumerate(SCENES):
            if number:
                yield ""
            yield _cut(f"$ {scene.command}")
            yield from _shown(scene, run_command(scene.command, place, environment).stdout.splitlines())


def _shown(scene: Scene, printed: list[str]) -> Iterator[str]:
    """The stretch, with a mark where something is left out."""
    first = next((number for number, line in enumerate(printed) if scene.start in line), None)
    if first is None:
        message = f"{scene.command!r} no longer prints {scene.start!r}"
        raise SceneError(message)
    if first:
        yield "…"
    yield from map(_cut, printed[first : first + scene.lines])


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _class(line: str) -> str:
    return next((name for pattern, name in CLASSES if pattern.search(line)), "plain")
