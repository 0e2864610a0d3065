"""Every real catalog file through a minimal project: three feeds, and the number of products that the file holds."""

import json
import re
from pathlib import Path

import pytest
import yaml

from feedsmith.errors import SourceError
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture
from tests.helpers import ROOT, write_tree

CATALOGS = ROOT.parent / "shared" / "data" / "catalogs"
TABLE = yaml.safe_load((ROOT / "tests" / "real_catalogs.yaml").read_text("utf-8"))
PRODUCTS = TABLE["products"]
FEEDS = ("google", "mirakl", "meta")
LARGE = 700
"""Products from which on an export takes seconds."""

pytestmark = pytest.mark.skipif(not CATALOGS.exists(), reason="needs the catalogs beside the checkout")


def project(folder: Path, name: str, source: dict | None = None) -> Path:
    definition = {
        "catalog": {"source": {"path": str(CATALOGS / name), **(source or {})}},
        "market": {"country": "NL", "language": "en", "site": "https://shop.example"},
        "feeds": {feed: {"channel": feed} for feed in FEEDS},
    }
    return write_tree(folder, {"feedsmith.yaml": yaml.safe_dump(definition)})


def braces(pattern: str) -> list[str]:
    """`a/{b,c}.csv` as the names it stands for."""
    found = re.search(r"\{(.*)\}", pattern)
    return [pattern.replace(found[0], one) for one in found[1].split(",")] if found else [pattern]


def test_no_file_is_left_out():
    listed = [*PRODUCTS, *TABLE["malformed"], *(name for pattern in TABLE["beside"] for name in braces(pattern))]
    there = sorted(path.relative_to(CATALOGS).as_posix() for path in CATALOGS.rglob("*") if path.is_file())
    assert sorted([*listed, "SOURCES.md"]) == there


def test_what_waits_has_a_reason_and_is_otherwise_today():
    for name, expected in PRODUCTS.items():
        assert ("now" in expected) == ("waits" in expected), name
        assert all(expected[key] != value for key, value in expected.get("now", {}).items()), name


def today(name: str) -> dict:
    """What the table says of a file as it is read today."""
    return {**PRODUCTS[name], **PRODUCTS[name].get("now", {})}


def by_size(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.slow if PRODUCTS[name]["products"] > LARGE else ())


@pytest.mark.parametrize("name", [*map(by_size, PRODUCTS)])
def test_products_reach_every_feed(tmp_path, name):
    expected = PRODUCTS[name]
    report = execute(
        Request(project=project(tmp_path, name, expected.get("source")), workers=1, write=True), lambda _: None
    )
    assert report.products == today(name)["products"]
    assert {feed.name for feed in report.feeds} == set(FEEDS)
    assert {feed.items + feed.rejected + feed.filtered for feed in report.feeds} == {report.products}


@pytest.mark.parametrize("name", list(PRODUCTS))
def test_system_is_recognised(run: Run, name):
    ended = run("inspect", CATALOGS / name, "--format", "json")
    if "needs" in PRODUCTS[name]:
        assert (ended.code, PRODUCTS[name]["needs"] in ended.err) == (5, True)
    else:
        assert json.loads(ended.out)["system"] == today(name)["system"]


@pytest.mark.parametrize(("name", "line"), [*TABLE["malformed"].items()])
def test_malformed_files_are_refused_with_their_place(tmp_path, name, line):
    with pytest.raises(SourceError) as raised:
        execute(Request(project=project(tmp_path, name), workers=1, write=True), lambda _: None)
    assert raised.value.exit_code == 5
    assert (Path(raised.value.place.path), raised.value.place.row) == (CATALOGS / name, line)
    assert not (tmp_path / "out").exists()
