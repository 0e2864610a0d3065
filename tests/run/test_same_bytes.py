"""The same catalog gives the same bytes: with one worker or two, in parts of any size, in files of any form."""

import gzip
import hashlib
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.run import execute as execute_module
from feedsmith.run.engine import LocalEngine
from tests.run.helpers import (
    HEADINGS,
    PROJECT,
    catalog,
    export,
    feeds,
    part_size,
    read_feed,
    rows,
    shop,
    stamps,
    strays,
)

CELL = st.text(st.sampled_from('ab ,;"\n\u2028é<&'), max_size=8)


def mixed(number: int) -> list[dict[str, str]]:
    """Products of which some are rejected, some repeat an id, some have line breaks and quotes."""
    products = rows(number)
    for product in products[::7]:
        product["id"] = "SKU-3"
    for product in products[::11]:
        product["price"] = ""
    for product in products[::5]:
        product["title"] = '5" wide,\nlined "Deken" & <b>'
    return products


def told(ran):
    return sorted(map(repr, ran.issues))


@settings(max_examples=15, deadline=None)
@given(titles=st.lists(CELL, min_size=1, max_size=15), size=st.integers(60, 600))
def test_parts_of_any_size_give_the_same_bytes(titles, size):
    products = [product | {"title": title} for product, title in zip(rows(len(titles)), titles, strict=True)]
    with TemporaryDirectory() as name:
        folder = shop(Path(name), products)
        whole = export(folder, force=True)
        expected = feeds(folder)
        shutil.rmtree(folder / "out")
        with part_size(size):
            parts = export(folder, force=True)
        assert feeds(folder) == expected
        assert told(parts) == told(whole)


def test_one_worker_and_two_give_the_same_bytes_and_issues(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(execute_module, "LocalEngine", lambda *args: started.append(args[0]) or LocalEngine(*args))
    folder = shop(tmp_path, mixed(400), envelope="{items: 60}")
    with part_size(3000):
        alone = export(folder)
        expected = feeds(folder)
        shutil.rmtree(folder / "out")
        together = export(folder, workers=2)
    assert started == [2]
    assert feeds(folder) == expected
    assert len(expected) > 5
    assert together.issues == alone.issues
    assert together.report.counts == alone.report.counts
    assert strays(folder) == []


def test_a_workbook_and_a_csv_file_give_the_same_feeds(tmp_path):
    products = mixed(50)
    folder = shop(tmp_path, products)
    export(folder)
    expected = feeds(folder)
    shutil.rmtree(folder / "out")
    book = openpyxl.Workbook()
    for row in [HEADINGS, *([product[name] or None for name in HEADINGS] for product in products)]:
        book.active.append(list(row))
    book.save(folder / "catalog.xlsx")
    ran = export(folder, catalog=(Path("catalog.xlsx"),))
    assert ran.report.sources[0].path == "catalog.xlsx"
    assert feeds(folder) == expected


@pytest.mark.parametrize("size", [200, 1_000_000])
def test_several_files_are_one_catalog(tmp_path, size):
    products = mixed(60)
    folder = shop(tmp_path, products)
    export(folder)
    expected = feeds(folder)
    shutil.rmtree(folder / "out")
    for number, first in enumerate(range(0, 60, 20)):
        (folder / f"stock-{number}.csv").write_text(catalog(products[first : first + 20]))
    with part_size(size):
        ran = export(folder, catalog=tuple(Path(f"stock-{number}.csv") for number in range(3)))
    assert feeds(folder) == expected
    assert [(source.path, source.rows) for source in ran.report.sources] == [(f"stock-{n}.csv", 20) for n in range(3)]
    second = [issue for issue in ran.found("missing-required", "one") if issue.place.path == "stock-1.csv"]
    assert [issue.product for issue in second] == ["SKU-23", "SKU-34"]
    (folder / "feedsmith.yaml").write_text(PROJECT.replace("catalog.csv", "stock-*.csv"))
    assert export(folder).states == ["unchanged"] * 3


def test_files_of_another_shape_are_refused_before_anything_is_written(tmp_path):
    folder = shop(tmp_path, rows(3))
    (folder / "other.csv").write_text("id,title\nA,Deken\n")
    with pytest.raises(
        Exception, match=r"other\.csv:1: differs from catalog\.csv in the columns brand, color"
    ) as caught:
        export(folder, catalog=(Path("catalog.csv"), Path("other.csv")))
    assert caught.value.exit_code == 5
    assert not (folder / "out").exists()


def test_a_second_run_touches_nothing(tmp_path):
    folder = shop(tmp_path, mixed(30), envelope="{items: 10}")
    first = export(folder)
    before = stamps(folder)
    second = export(folder)
    assert (first.states, second.states) == (["published"] * 3, ["unchanged"] * 3)
    assert stamps(folder) == before
    assert [feed.files for feed in second.report.feeds] == [feed.files for feed in first.report.feeds]


def test_only_the_feed_that_changed_is_replaced(tmp_path):
    folder = shop(tmp_path, rows(5), PROJECT + "  four: {channel: one, exclude: {last: nr == '5'}}\n")
    export(folder)
    before = stamps(folder)
    (folder / "catalog.csv").write_text(catalog([*rows(4), rows(5)[4] | {"title": "Een andere deken"}]))
    assert export(folder).states == ["published"] * 3 + ["unchanged"]
    assert stamps(folder)["four.xml"] == before["four.xml"]


def test_the_report_tells_the_files_as_they_are(tmp_path):
    ran = export(shop(tmp_path, mixed(30), envelope="{bytes: 900}"))
    for file in (file for feed in ran.report.feeds for file in feed.files):
        raw = (tmp_path / file.path).read_bytes()
        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (file.bytes, file.sha256)
        assert len(read_feed(tmp_path / file.path)) == file.items


def test_gzip_by_the_outputs_name(tmp_path):
    folder = shop(tmp_path, mixed(300), PROJECT + "  four: {channel: one, output: shop.xml.gz}\n")
    with part_size(2000):
        ran = export(folder)
    raw = (folder / "out/shop.xml.gz").read_bytes()
    assert gzip.decompress(raw) == (folder / "out/one.xml").read_bytes()
    assert raw.count(b"\x1f\x8b\x08") == 1
    assert raw[3:8] == bytes(5)  # no name, no time
    (written,) = ran.feed("four").files
    assert (written.bytes, written.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert export(folder).states == ["unchanged"] * 4
    assert (folder / "out/shop.xml.gz").read_bytes() == raw


def test_packed_files_are_numbered_before_their_extensions(tmp_path):
    folder = shop(
        tmp_path, rows(25), PROJECT.replace("{channel: two}", "{channel: two, output: shop.json.gz}"), "{items: 10}"
    )
    export(folder)
    names = [f"shop-{number}.json.gz" for number in (1, 2, 3)]
    assert sorted(feeds(folder)) == sorted(["one.xml", "three.csv", *names])
    assert [len(read_feed(folder / "out" / name)) for name in names] == [10, 10, 5]
