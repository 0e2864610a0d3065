"""Promotions, reviews and stores on the page, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from feedsmith.preview.static.collect import collect
from feedsmith.preview.static.page import static_page
from feedsmith.run.request import Request
from feedsmith.texts.catalogue import Texts
from tests.channels.engine import NOW
from tests.preview.conftest import Watched, grave_faults
from tests.preview.kinds import kinds
from tests.preview.serving import Served, served

pytestmark = pytest.mark.browser
LOCAL = '.feed[data-feed^="local "]'
"""The feed of stores, whatever store is shown."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def live(project: Path) -> Iterator[Served]:
    with served(project) as found:
        yield found


@pytest.fixture(scope="module")
def static(project: Path) -> Path:
    file = project.parent / "page.html"
    request = Request(project=project, here=project, as_of=NOW, workers=1)
    file.write_text("".join(static_page(collect(request, Texts("en")), Texts("en"))), "utf-8")
    return file


@pytest.fixture(params=["live", "static"])
def page(request: pytest.FixtureRequest, tab: Watched, live: Served, static: Path) -> Iterator[Page]:
    """The page as it is served, and as a file."""
    found = tab.open(live.address if request.param == "live" else static)
    expect(found.locator("#shown .feed").first).to_be_visible()
    yield found
    assert tab.complaints == []


def test_each_kind_of_record_has_its_list(page: Page):
    tabs = page.locator("#records button")
    assert tabs.all_inner_texts() == ["Products 5", "Promotions 3", "Reviews 3"]
    expect(page.locator("#count")).to_have_text("5 products")
    page.click("[data-record=promotion]")
    expect(page.locator("#count")).to_have_text("3 promotions")
    expect(page.locator("#products button").first).to_have_attribute("data-id", "LEEG")
    expect(page.locator("#shown h2")).to_have_text("LEEG")
    expect(page.locator("#shown .feed")).to_have_count(1)
    expect(page.locator("[name=category]")).to_be_hidden()
    page.click('#products [data-id="DUIN-20"]')
    expect(page.locator("#shown .fs-card")).to_contain_text("20 % off")
    page.click('#shown [data-row="long_title"] button')
    expect(page.locator("#why")).to_contain_text("promotions.csv:2:long_title")
    page.select_option("[name=state]", "rejected")
    expect(page.locator("#count")).to_have_text("1 promotion")
    page.click("[data-record=review]")
    expect(page.locator("#products button")).to_have_attribute("data-id", "R-3")
    assert grave_faults(page) == []


def test_a_feed_of_another_kind_shows_its_list(page: Page):
    page.click("#feeds [data-feed=reviews]")
    expect(page.locator("#count")).to_have_text("3 reviews")
    expect(page).to_have_url(re.compile("record=review"))
    page.go_back()
    expect(page.locator("#count")).to_have_text("5 products")


def test_the_dashboard_leads_to_the_list_of_that_kind(page: Page):
    page.click("#view-board")
    expect(page.locator(".tiles")).to_contain_text("3 promotions")
    page.locator(".codes tr[data-code=missing-required] [data-feed=promotions]").click()
    expect(page.locator("#count")).to_have_text("1 promotion")
    expect(page.locator("#products button")).to_have_attribute("data-id", "LEEG")


def test_a_store_is_chosen_and_stays_chosen(page: Page):
    page.click("#feeds [data-feed=local]")
    page.click('#products [data-id="B"]')
    head = page.locator(f"{LOCAL} > h3")
    expect(head).to_contain_text("in the feed in 1 of 3 places")
    store = page.locator(f"{LOCAL} select")
    expect(store).to_have_value("KW AMS")
    expect(store.locator("option").first).to_have_text("Kleiwerk Amsterdam (KW AMS) · rejected · 1 error")
    expect(page.locator(f"{LOCAL} .issues")).to_contain_text("backorder")
    page.click(f'{LOCAL} [data-row="quantity"] button')
    expect(page.locator("#why")).to_contain_text("products.csv:3:stock_ams")
    store.focus()
    page.keyboard.press("ArrowDown")
    expect(store).to_have_value("KW-UTR")
    expect(page.locator(f'{LOCAL} [data-row="quantity"] td')).to_have_text("2")
    expect(page.locator("#why")).to_contain_text("products.csv:3:stock_utr")
    expect(page.locator(f"{LOCAL} .issues")).to_have_count(0)
    expect(store).to_be_focused()
    page.click('#products [data-number="0"]')
    expect(store).to_have_value("KW-UTR")
    expect(page.locator(f'{LOCAL} [data-row="quantity"] td')).to_have_text("0")
    page.reload()
    expect(page.locator(f"{LOCAL} select")).to_have_value("KW-UTR")
    assert grave_faults(page) == []
