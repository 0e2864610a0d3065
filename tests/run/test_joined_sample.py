"""The sample with a shop, an ERP and the tills of two stores: its feeds byte for byte, and what is told of its keys."""

import shutil
from pathlib import Path

import pytest

from feedsmith.run.request import clock
from tests.helpers import ROOT
from tests.run.helpers import Ran, export

NO_COPY = shutil.ignore_patterns(".feedsmith", "out")


@pytest.fixture
def sample(tmp_path) -> Path:
    """A copy of the sample."""
    return shutil.copytree(ROOT / "samples" / "joined", tmp_path / "joined", ignore=NO_COPY)


def run(folder: Path, **options) -> Ran:
    return export(folder, as_of=clock("2026-11-22"), **options)


def test_feeds(sample, golden):
    run(sample)
    golden("joined", sample / "out")


def test_two_workers_write_the_same(sample):
    run(sample)
    assert run(sample, workers=2).states == ["unchanged", "unchanged"]


def test_what_is_told(sample):
    told = {issue.code: (str(issue.place), issue.message) for issue in run(sample).issues if not issue.feed}
    assert told == {
        "two-sources": ("feedsmith.yaml:11:7", "prices and a source before it have price; prices counts"),
        "join-unmatched": ("shop/artikelen.csv:6", "1 product has no row in prices: KW-204 in shop/artikelen.csv:6"),
        "join-unused": (
            "erp/prijzen.xlsx[Products]:7",
            "1 row of prices belongs to no product: kw-199 in erp/prijzen.xlsx[Products]:7",
        ),
    }


def test_a_till_that_sends_nothing_holds_the_stores_only(sample):
    run(sample)
    (sample / "kassa" / "voorraad-utrecht.csv").unlink()
    assert run(sample).states == ["published", "held"]
