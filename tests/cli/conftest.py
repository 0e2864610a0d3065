"""The command as a user runs it: words in, exit code and two streams out; and a small project."""

import contextlib
import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from feedsmith.cli.main import main
from tests.helpers import ROOT, write_tree

HEADINGS = ("id", "title", "description", "link", "image_link", "availability", "price", "brand", "gtin", "condition")
PROJECT = """\
catalog: catalog.csv
markets: {nl: {country: NL, language: nl, currency: EUR, site: https://www.shop.example}}
rules:
  shop:
    fields: {title: {parts: [brand, title]}}
    exclude: {too cheap: price < 5}
feeds:
  google: {channel: google, markets: [nl], extends: [shop]}
"""
FEED = "out/google_nl.xml"


@dataclass(frozen=True)
class Ended:
    """What a command left."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@contextlib.contextmanager
def own_signals() -> Iterator[None]:
    """The command sets signal handlers; the tests' own come back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@pytest.fixture
def run(monkeypatch) -> Run:
    """Runs the command in this process."""

    def call(*words: str | Path, cwd: Path | None = None) -> Ended:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        monkeypatch.setattr(sys, "argv", ["feedsmith", *map(str, words)])
        code: Any = None
        streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
        with own_signals(), contextlib.chdir(cwd or Path.cwd()), streams[0], streams[1]:
            try:
                main()
            except SystemExit as end:
                code = end.code
        return Ended(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())

    return call


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """Starts the command as a process of its own."""

    def begin(*words: str | Path, cwd: Path, **more: Any) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-m", "feedsmith", *map(str, words)],
            cwd=cwd, stdout=more.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
            env=more.pop("env", environment), **more,
        )  # fmt: skip

    return begin


def product(number: int = 1, **changes: str) -> dict[str, str]:
    """A product that Google takes as it is."""
    row = {
        "id": f"SKU-{number}",
        "title": f"Deken nummer {number}",
        "description": "Een warme deken van wol.",
        "link": f"https://www.shop.example/p/{number}",
        "image_link": f"https://www.shop.example/i/{number}.jpg",
        "availability": "in_stock",
        "price": "19.95",
        "brand": "Kaap",
        "gtin": "",
        "condition": "new",
    }
    return row | changes


def catalog(rows: Iterable[dict[str, str]], delimiter: str = ",") -> str:
    """Rows as a CSV file with our headings."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADINGS, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with three products, of which the third is filtered."""
    rows = [product(1), product(2), product(3, price="3.00")]
    return write_tree(tmp_path / "shop", {"feedsmith.yaml": PROJECT, "catalog.csv": catalog(rows)})


@pytest.fixture
def exported(shop: Path) -> Path:
    """The same with a feed that an earlier run published."""
    state = '{"%s":{"google_nl":["google_nl.xml"]}}' % (shop / "out").resolve()  # noqa: UP031 - braces are JSON's here
    write_tree(shop, {FEED: "<rss>the feed of an earlier run</rss>", ".feedsmith/published.json": state})
    return shop
