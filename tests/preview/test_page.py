"""The live page as a place to work in: its address, the keys, the dashboard's links, days, and what axe says of each view."""

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.helpers import write_tree
from tests.preview.conftest import grave_faults
from tests.preview.serving import copied, served
from tests.preview.workbench import bench, choose, elsewhere

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 800}
DESKTOP = {"width": 1400, "height": 900}


def filters(page: Page) -> dict[str, str]:
    """What the filters are set to, without those that are set to nothing."""
    found = page.evaluate("Object.fromEntries(new FormData(document.getElementById('filters')))")
    return {name: value for name, value in found.items() if value}


# --- the address


def test_the_address_keeps_the_view(tab, mistakes):
    """A reload, and a link that is passed on, come back to the same feeds, filters, product and field."""
    page = bench(tab, mistakes)
    page.locator('#feeds [data-feed="google_nl"]').click()
    page.select_option("[name=severity]", "error")
    choose(page, "M-wrong-check-digit")
    page.locator('[data-row="gtin"] button').click()
    expect(page.locator("#why h2 code")).to_have_text("gtin")
    address = page.url
    page.reload()
    expect(page.locator("#why h2 code")).to_have_text("gtin")
    expect(page.locator("#products [aria-current]")).to_have_attribute("data-id", "M-wrong-check-digit")
    expect(page.locator('#feeds [aria-pressed="true"]')).to_have_attribute("data-feed", "google_nl")
    assert filters(page) == {"text": "M-wrong-check-digit", "severity": "error"}
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#why h2 code")).to_have_text("gtin")


def test_the_way_back(tab, mistakes):
    page = bench(tab, mistakes)
    page.locator('#products button[data-id="M-price-negative"]').click()
    expect(page.locator("#shown h2 + p")).to_contain_text("M-price-negative")
    page.locator('[data-row="title"] button').click()
    page.select_option("[name=state]", "filtered")
    expect(page.locator("#count")).to_have_text("1 product")
    page.click("#view-board")
    expect(page.locator("#board")).to_be_visible()
    page.go_back()
    expect(page.locator("#board")).to_be_hidden()
    page.go_back()
    expect(page.locator("#count")).to_have_text("38 products")
    assert filters(page) == {}
    expect(page.locator("#why h2 code")).to_have_text("title")
    page.go_back()
    expect(page.locator("#why .hint")).to_be_visible()
    page.go_forward()
    expect(page.locator("#why h2 code")).to_have_text("title")


def test_an_address_that_leads_nowhere_any_more(tab, mistakes):
    page = tab.open(mistakes.address)
    page.goto(f"{page.url}#product=nobody&why=none/none&code=nothing&feeds=none")
    page.reload()
    expect(page.locator("#shown")).to_contain_text("not in the catalog")
    expect(page.locator("#count")).to_have_text("Nothing fits these filters.")
    page.locator('#active [data-filter="code"]').click()
    expect(page.locator("#count")).to_have_text("38 products")


# --- filters and fields


def test_what_is_filtered_by_is_seen_and_dropped_by_a_click(tab, mistakes):
    page = bench(tab, mistakes)
    page.select_option("[name=severity]", "error")
    page.select_option("[name=category]", "Keuken > Theedoeken")
    page.fill("#search", "theedoek")
    chips = page.locator("#active [data-filter]")
    expect(chips).to_have_count(3)
    page.locator('#active [data-filter="text"]').click()
    expect(page.locator("#search")).to_have_value("")
    expect(chips).to_have_count(2)
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator("#count")).to_have_text("38 products")
    expect(page.locator("#active")).to_be_hidden()


def test_several_feeds_are_looked_at_together(tab, shop):
    page = bench(tab, shop)

    def filtered(*names: str) -> set[str]:
        asked = {"state": "filtered", "feeds": ",".join(names)}
        return {row["id"] for row in page.request.get(f"{base}api/products", params=asked).json()["rows"]}

    base = page.url
    page.select_option("[name=state]", "filtered")
    page.locator('#feeds [data-feed="mirakl_nl"]').click()
    expect(page.locator("#products button")).to_have_count(len(filtered("mirakl_nl")))
    page.locator('#feeds [data-feed="google_nl"]').click()
    expect(page.locator("#shown .feed")).to_have_count(2)
    both = filtered("google_nl", "mirakl_nl")
    assert filtered("google_nl") | filtered("mirakl_nl") == both != filtered("google_nl")
    expect(page.locator("#products button")).to_have_count(len(both))


def test_empty_fields_are_folded_away(tab, mistakes):
    page = bench(tab, mistakes, "product=M-no-price")
    empty = page.locator(".feed details.empty")
    expect(empty.locator("summary")).to_contain_text("empty fields")
    row = empty.locator('[data-row="additional_image_link"] button')
    expect(row).to_be_hidden()
    expect(page.locator('.feed > details > table [data-row="price"]')).to_be_visible()  # it is missed
    empty.locator("summary").click()
    row.click()
    expect(page.locator("#why h2 code")).to_have_text("additional_image_link")


def test_long_names_are_cut_and_told_in_full(tab, mistakes):
    page = bench(tab, mistakes)
    row = page.locator('#products button[data-id^="M-very-long-id"]')
    assert row.get_attribute("title").split("\n")[1].startswith(row.get_attribute("data-id"))
    assert row.locator(".about").evaluate("one => one.scrollWidth > one.clientWidth")
    assert page.locator(".list").evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_names_of_fields_break_between_words(tab, shop, width):
    tab.page.set_viewport_size({"width": width, "height": 900})
    page = bench(tab, shop, "feeds=google_nl,mirakl_nl&product=VH-TS01-WIT-M")
    for name in ("product_id_type", "quantity"):
        key = page.locator(f'[data-feed="mirakl_nl"] [data-row="{name}"] button')
        height = key.evaluate("one => one.getClientRects()[0].height")
        assert height < 45, name
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# --- keys


def test_all_of_it_by_the_keyboard(tab, mistakes):
    page = bench(tab, mistakes)
    press = page.keyboard.press
    press("?")
    expect(page.locator("#help")).to_be_visible()
    assert grave_faults(page) == []
    press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    press("/")
    page.keyboard.type("M-wrong-check")
    expect(page.locator("#count")).to_have_text("1 product")
    press("Escape")
    press("j")
    expect(page.locator("#products [aria-current]")).to_have_attribute("data-id", "M-wrong-check-digit")
    press("Enter")
    expect(page.locator("#shown")).to_be_focused()
    expect(page.locator("#shown h2 + p")).to_contain_text("M-wrong-check-digit")
    while not page.evaluate("document.activeElement.matches('.fs-p-title')"):
        press("Tab")
    press("Enter")
    expect(page.locator("#why h2 code")).to_have_text("title")
    press("Escape")
    expect(page.locator("#why .hint")).to_be_visible()
    press("Escape")
    expect(page.locator("#count")).to_have_text("38 products")
    press("d")
    expect(page.locator("#board .tiles")).to_be_visible()
    press("Escape")
    expect(page.locator("#board")).to_be_hidden()
    assert tab.complaints == []


# --- the dashboard


def test_each_number_of_the_dashboard_leads_to_its_products(tab, mistakes):
    page = bench(tab, mistakes, "page=board")
    expect(page.locator(".tiles")).to_be_visible()
    tiles = dict(zip(*(page.locator(f".tiles {one}").all_inner_texts() for one in ("span", "b")), strict=True))
    assert tiles["products"] == "38"
    assert (tiles["errors"], tiles["warnings"]) == ("14", "21")
    rows = [row.locator("td").all_inner_texts() for row in page.locator("#board .fixes tbody tr").all()]
    assert rows[0][1] == "take the number from the package, or leave the field empty"
    assert rows[0][2:4] == ["2", "2"]
    page.locator('.codes [data-code="invalid-gtin"] [data-feed="google_nl"]').click()
    expect(page.locator("#count")).to_have_text("2 products")
    assert filters(page) == {"code": "invalid-gtin", "severity": "error"}
    expect(page.locator('#feeds [aria-pressed="true"]')).to_have_attribute("data-feed", "google_nl")
    page.go_back()
    page.locator('.ready tr[data-feed="google_nl"] .figure button').nth(1).click()
    expect(page.locator("#count")).to_have_text("13 products")
    assert filters(page) == {"state": "rejected"}


def test_the_dashboard_of_chosen_feeds(tab, shop):
    page = bench(tab, shop, "page=board")
    expect(page.locator("#board .ready tbody tr")).to_have_count(3)
    page.locator('#feeds [data-feed="mirakl_nl"]').click()
    expect(page.locator("#board .ready tbody tr")).to_have_count(1)
    heads = page.locator("#board .codes thead th").all_inner_texts()
    assert not {"google_nl", "meta_nl"} & set(heads)


def test_downloads_hold_every_issue(tab, mistakes, tmp_path):
    page = bench(tab, mistakes, "page=board")
    expect(page.locator(".downloads")).to_have_text("Download all issues: CSV XLSX")
    files: dict[str, Path] = {}
    for name in ("CSV", "XLSX"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    assert [path.name for path in files.values()] == ["issues.csv", "issues.xlsx"]
    rows = list(csv.reader(io.StringIO(files["CSV"].read_text("utf-8-sig"))))
    sheet = openpyxl.load_workbook(files["XLSX"]).active
    cells = [["" if one is None else str(one) for one in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0][:5] == ["severity", "code", "title", "feed", "product"]
    assert [row[:6] for row in cells] == [row[:6] for row in rows]
    listed = [row for row in rows if row[1] == "invalid-gtin"]
    assert {(row[0], row[3], row[5]) for row in listed} == {("error", "google_nl", "gtin")}


def test_nothing_is_wrong(tab, tmp_path):
    project = write_tree(tmp_path, {
        "feedsmith.yaml": "catalog: {source: p.csv}\n"
        "markets: {nl: {country: NL, language: nl, currency: EUR, site: https://s.example}}\n"
        "feeds: {kiosk: {channel: kiosk, markets: [nl]}}\n",
        "p.csv": "id,title,price,link,availability,image_link\n"
        "A,Een,9.00 EUR,https://s.example/a,in_stock,https://s.example/a.jpg\n",
    })  # fmt: skip
    with served(project) as found:
        page = bench(tab, found, "page=board")
        expect(page.locator("#board")).to_contain_text("No errors keep a product out.")
        expect(page.locator("#board")).to_contain_text("Nothing is wrong.")
        expect(page.locator("#board .ready")).to_contain_text("100.0%")
        expect(page.locator("#board .tiles")).to_contain_text("1 product")


# --- days


def test_another_day_and_back(tab, tmp_path):
    folder = copied("shop", tmp_path)
    with served(folder, as_of=None) as found:
        page = bench(tab, found)
        hint = page.locator("#another-day")
        expect(hint).to_be_hidden()
        expect(page.locator("#day")).to_have_value(str(date.today()))  # noqa: DTZ011 - as the reader's own clock says
        page.fill("#day", "2031-11-28")
        expect(hint).to_contain_text("as on Friday")
        expect(hint).to_contain_text("November")
        expect(hint).to_contain_text("2031")
        page.locator("#today").click()
        expect(hint).to_be_hidden()
        assert found.session.request.as_of is None


# --- each view, light and dark, wide and narrow


VIEWS = {
    "list": "severity=error&state=rejected",
    "product": "product=M-wrong-check-digit",
    "why": "product=M-wrong-check-digit&why=google_nl/gtin",
    "board": "page=board",
    "nothing": "text=nothing-of-the-kind",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_view_has_a_grave_fault(tab, mistakes, scheme, size):
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.set_viewport_size(size)
    page = tab.open(mistakes.address)
    base = page.url
    shown = {
        "list": "#active",
        "product": "#shown .feed",
        "why": "#why .told",
        "board": "#board .fixes",
        "nothing": "#count",
    }
    for name, place in VIEWS.items():
        page.goto("about:blank")
        page.goto(f"{base}#{place}")
        expect(page.locator(shown[name]).first).to_be_visible()
        assert (name, grave_faults(page)) == (name, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    assert tab.complaints == []
    assert elsewhere(tab, mistakes) == set()
