"""The live page in a browser, for tests."""

from playwright.sync_api import Page, expect

from tests.preview.conftest import Watched
from tests.preview.serving import Served


def bench(tab: Watched, found: Served, place: str = "") -> Page:
    """The page, with its first product shown, or at a place of it (what stands behind the # of its address)."""
    page = tab.open(found.address)
    if place:
        page.goto(f"{page.url}#{place}")
        page.reload()
    expect(page.locator("#count")).to_contain_text("product")
    if "page=board" not in place:
        expect(page.locator("#shown .feed").first).to_be_visible()
    return page


def choose(page: Page, name: str) -> None:
    """Search a product by its id, and open it."""
    page.fill("#search", name)
    page.locator(f'#products button[data-id="{name}"]').click()
    expect(page.locator("#shown > p.soft").first).to_contain_text(name)


def elsewhere(tab: Watched, found: Served) -> set[str]:
    """The addresses that the page asked for and that are not the server's own."""
    own = found.address.split("/?")[0]
    return {one for one in tab.asked if not one.startswith((own, "data:", "blob:"))}
