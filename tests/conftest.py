"""Fixtures and options of all tests."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from feedsmith import __version__

GOLDEN = Path(__file__).resolve().parent / "golden"
SCRUBS = (
    (
        re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)(?=</(lastBuildDate|pubDate|updated)>)"),
        b"DATE",
    ),
    (re.compile(rb"\bfeedsmith[ /]" + re.escape(__version__.encode())), b"feedsmith VERSION"),
)
"""What differs from run to run or from version to version, and what stands for it in an expected file."""

CompareTree = Callable[[str, Path], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--update-golden` and `--pictures`."""
    parser.addoption("--update-golden", action="store_true", help="write the expected feeds in tests/golden/ again")
    parser.addoption("--pictures", action="store_true", help="write the pictures of pages in docs/pictures/ again")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> CompareTree:
    """Compares a folder of feeds byte for byte with the one of that name in `tests/golden/`."""
    update = request.config.getoption("--update-golden")

    def compare(name: str, made: Path) -> None:
        compare_trees(GOLDEN / name, scrubbed(made), update=update)

    return compare


def scrubbed(folder: Path) -> dict[str, bytes]:
    """The files below `folder` by relative path, with date and version replaced."""
    contents = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".actual":
            content = path.read_bytes()
            for pattern, stand_in in SCRUBS:
                content = pattern.sub(stand_in, content)
            contents[path.relative_to(folder).as_posix()] = content
    return contents


def compare_trees(expected: Path, made: dict[str, bytes], *, update: bool) -> None:
    """Fails when `made` differs from the files in `expected`; what differs is saved beside them as `.actual`.

    With `update` the expected files are written instead, and strays removed.
    """
    known = scrubbed(expected) if expected.exists() else {}
    differing = sorted(name for name in known.keys() | made.keys() if known.get(name) != made.get(name))
    for name in differing:
        path = expected / name if update else expected / f"{name}.actual"
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made[name])
        elif update:
            path.unlink()
    if differing and not update:
        pytest.fail(f"{expected.name}: {', '.join(differing)} not as expected (see .actual; `make golden` accepts it)")
