"""A real browser for the tests of pages: Chromium, driven by playwright. A missing browser is a failure, no skip."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.helpers import ROOT
from tests.preview.serving import Served, served

PICTURES = ROOT / "docs/pictures"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync", "--no-first-run",
    "--no-default-browser-check", "--force-color-profile=srgb", "--font-render-hinting=none",
]  # fmt: skip
"""A browser that talks to nobody of its own accord."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
GRAVE = {"serious", "critical"}
SIZE = {"width": 1400, "height": 900}
PATIENCE = 15_000
"""Milliseconds that a test waits for an element."""


def executable() -> str:
    """The browser: what `CHROMIUM` names, else the system's own."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    assert found, "no Chromium: install the package chromium, or name its file in CHROMIUM"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield started
        started.close()


@dataclass
class Watched:
    """A page, with what its console complained of and every address that it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, address: str | Path) -> Page:
        """Open an address, or a file from the disk."""
        self.page.goto(address if isinstance(address, str) else address.resolve().as_uri())
        return self.page

    def elsewhere(self) -> list[str]:
        """The addresses that are not on this computer's disk."""
        return [one for one in self.asked if not one.startswith(("file:", "data:", "blob:"))]


def watched(context: BrowserContext) -> Watched:
    """A new page that is watched."""
    found = Watched(context.new_page())
    found.page.set_default_timeout(PATIENCE)
    found.page.on(
        "console", lambda told: found.complaints.append(told.text) if told.type in {"error", "warning"} else None
    )
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("request", lambda request: found.asked.append(request.url))
    return found


@pytest.fixture
def tab(browser: Browser, record_property: Callable[[str, object], None]) -> Iterator[Watched]:
    """A page of its own for a test, with nothing remembered. That a browser ran stands in a JUnit report."""
    record_property("browser", browser.version)
    context = browser.new_context(viewport=SIZE, locale="en-GB", color_scheme="light", reduced_motion="reduce")
    yield watched(context)
    context.close()


@pytest.fixture(scope="module")
def mistakes() -> Iterator[Served]:
    """The preview of the sample of mistakes."""
    with served(ROOT / "samples/mistakes") as found:
        yield found


@pytest.fixture(scope="module")
def shop() -> Iterator[Served]:
    """The preview of the sample shop."""
    with served(ROOT / "samples/shop") as found:
        yield found


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Takes a picture of a page for the docs, with `--pictures` only: no two machines draw the same bytes."""
    wanted = request.config.getoption("--pictures")

    def take(page: Page, name: str) -> None:
        if wanted:
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    return take


def grave_faults(page: Page) -> list[str]:
    """What axe-core finds on a page that is serious or critical: the rule and the elements."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found if one["impact"] in GRAVE
    ]
