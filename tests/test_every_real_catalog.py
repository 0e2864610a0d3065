"""Every real catalog file through `init --yes` and `export`: three feeds, and the number of products that it holds."""

import re
from pathlib import Path

import pytest
import yaml

from feedsmith.reports.report import Report
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.cli.conftest import Ended, Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture
from tests.helpers import ROOT

CATALOGS = ROOT.parent / "shared" / "data" / "catalogs"
TABLE = yaml.safe_load((ROOT / "tests" / "real_catalogs.yaml").read_text("utf-8"))
PRODUCTS = TABLE["products"]
FEEDS = ("google", "mirakl", "meta")
LARGE = 1300
"""Products from which on an export takes seconds."""

pytestmark = pytest.mark.skipif(not CATALOGS.exists(), reason="needs the catalogs beside the checkout")


def begun(run: Run, folder: Path, *names: str) -> Ended:
    """A project begun with these files, for three feeds, without a question."""
    words = [word for name in names for word in ("--catalog", CATALOGS / name)]
    return run("init", folder / "shop", "--yes", *words, *(word for feed in FEEDS for word in ("--channel", feed)))


def exported(folder: Path) -> Report:
    """What an export of the project comes to; nobody has touched it."""
    report = execute(Request(project=folder / "shop", workers=1, write=True), lambda _: None)
    assert {feed.name for feed in report.feeds} == set(FEEDS)
    assert {feed.items + feed.rejected + feed.filtered for feed in report.feeds} == {report.products}
    return report


def source(folder: Path, name: str = "products") -> dict:
    """What the project says of a source."""
    return yaml.safe_load((folder / "shop" / "feedsmith.yaml").read_text("utf-8"))["catalog"]["sources"][name]


def test_no_file_is_left_out():
    listed = [name for kind in ("products", "malformed", "beside", "keys") for name in TABLE[kind]]
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
def test_products_reach_every_feed(run: Run, tmp_path, name):
    expected = today(name)
    ended = begun(run, tmp_path, name)
    assert ended.code == 0, ended.err
    report = exported(tmp_path)
    assert report.products == expected["products"]
    assert [one.system for one in report.sources] == [expected["system"]]
    said = source(tmp_path)
    assert said.items() >= expected.get("source", {}).items()
    assert ("encoding" in said) == ("encoding" in expected.get("source", {}))


@pytest.mark.parametrize("name", list(TABLE["beside"]))
def test_files_without_products_are_refused_with_what_they_are(run: Run, tmp_path, name):
    ended = begun(run, tmp_path, name)
    assert (ended.code, ended.out) == (5, "")
    assert re.search(TABLE["beside"][name], ended.err)
    assert "hint: " in ended.err
    assert not (tmp_path / "shop").exists()
    looked = run("inspect", CATALOGS / name)
    assert looked.code in {0, 5}
    assert re.search(TABLE["beside"][name], looked.out + looked.err)


@pytest.mark.parametrize("name", list(TABLE["keys"]))
def test_bare_keys_are_taken_and_told(run: Run, tmp_path, name):
    ended = begun(run, tmp_path, name)
    assert ended.code == 0
    assert "open: the file holds keys without names and prices: give the file of the products beside it" in ended.out
    assert exported(tmp_path).products == TABLE["keys"][name]


@pytest.mark.parametrize("case", TABLE["together"], ids=lambda case: case["files"][0])
def test_files_that_belong_together_make_one_catalog(run: Run, tmp_path, case):
    ended = begun(run, tmp_path, *case["files"])
    assert ended.code == 0, ended.err
    assert case["text"] in (tmp_path / "shop" / "feedsmith.yaml").read_text("utf-8").replace("\n      # ", " ")
    path = source(tmp_path)["path"]
    assert len([path] if isinstance(path, str) else path) == case["main"]
    for name, join in case.get("joins", {}).items():
        assert source(tmp_path, name)["join"] == join
    for name in case.get("left_out", ()):
        assert f"{CATALOGS / name} is left out: it holds" in ended.out
    report = exported(tmp_path)
    assert report.products == case["products"]
    items = {feed.name: feed.items for feed in report.feeds}
    assert items.items() >= case["feed"].items()


@pytest.mark.parametrize(("name", "line"), [*TABLE["malformed"].items()])
def test_malformed_files_are_refused_with_their_place(run: Run, tmp_path, name, line):
    for ended in (begun(run, tmp_path, name), run("inspect", CATALOGS / name)):
        assert ended.code == 5
        assert f"error: {CATALOGS / name}:{line}:" in ended.err
    assert not (tmp_path / "shop").exists()
