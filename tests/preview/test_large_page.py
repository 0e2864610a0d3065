"""The live page of a large catalog, as the command serves it: how soon its first products are there, and any page of them."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.helpers import ROOT, write_tree
from tests.preview.conftest import Watched

pytestmark = pytest.mark.browser
PRODUCTS = 100_000
PROJECT = "catalog: {source: p.csv}\nfeeds: {google: {channel: google}}\n"
HEAD = "id,title,description,link,image_link,availability,price,brand\n"
ROW = "{n},Trui {n},Een trui,https://s.example/{n},https://s.example/{n}.jpg,in_stock,9.00 EUR,Merk {m}\n"
ASKED = ("text=trui", "state=in&feeds=google", "start=50000", "code=missing-identifier", "text=99999", "feeds=google")
FIRST_SECONDS, PAGE_SECONDS = 20.0, 2.0
"""What a machine that does much else still keeps; what it takes on a free one stands in the report of the tests."""


@contextmanager
def command(project: Path, folder: Path) -> Iterator[str]:
    """The command in a process of its own; gives the page's address."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    words = [sys.executable, "-m", "feedsmith", "preview", "--project", str(project), "--no-open", "--workers", "2"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            told = process.stderr.readline() if process.stderr is not None else ""
            address = re.search(r"http://\S+", told)
            assert address, told
            yield address[0]
        finally:
            process.terminate()


def test_a_hundred_thousand_products(
    tab: Watched, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The first products within seconds of the start, every page after that in a moment."""
    text = HEAD + "".join(ROW.format(n=number, m=number % 50) for number in range(PRODUCTS))
    project = write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT, "p.csv": text})
    started = time.monotonic()
    with command(project, tmp_path) as address:
        page = tab.open(address)
        expect(page.locator("#shown .feed").first).to_be_visible(timeout=1000 * FIRST_SECONDS)
        first = time.monotonic() - started
        expect(page.locator("#status")).to_have_text("100,000 products", timeout=180_000)
        whole = time.monotonic() - started
        took = {}
        for asked in ASKED:
            begun = time.monotonic()
            assert page.request.get(f"{page.url}api/products?{asked}").json()["rows"]
            took[asked] = time.monotonic() - begun
        page.fill("#search", "99999")
        page.locator('#products button[data-id="99999"]').click()
        expect(page.locator(".fs-p-title").first).to_contain_text("Trui 99999")
    for name, seconds in {"first": first, "whole": whole, "page": max(took.values())}.items():
        record_property(f"preview {name}, seconds", round(seconds, 2))
    assert first < FIRST_SECONDS
    assert max(took.values()) < PAGE_SECONDS, took
