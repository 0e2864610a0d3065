"""The live page in a real browser: search, filters, explain by a click, rules tried and saved, side by side."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from feedsmith.preview.live.before import before_of
from feedsmith.run.request import Request
from tests.helpers import write_tree
from tests.preview.conftest import grave_faults
from tests.preview.serving import copied, served
from tests.preview.workbench import bench, choose, elsewhere

pytestmark = pytest.mark.browser
SCRIPT = '"><script>window.hit = 1</script><img src=x onerror="window.hit = 2">'
TURNED = "omgedraaid \u202ehcaz\u202c en \u2066binnen\u2069"
TURNING = dict.fromkeys(map(ord, "\u202e\u202c\u2066\u2069"))
"""Signs that turn a text around: they are taken out as the catalog is read."""
LONG = "Lang " + "x" * 4_995
COLUMN = '<img src=x onerror="window.hit = 3">'
HEAD = "id,title,description,link,image_link,availability,price,brand\n"
HOSTILE = "".join(
    f'H{number},"{title.replace(chr(34), chr(34) * 2)}",D,https://shop.example/{number},https://shop.example/{number}.jpg,in_stock,9.00 EUR,B\n'
    for number, title in enumerate((SCRIPT, TURNED, LONG, "{{ 7 * 7 }}"))
)

WRONG = "W,Een,D,https://shop.example/w,https://shop.example/w.jpg,in_stock,op aanvraag,B\n"
"""A product with a wrong price, which the dashboard tells with the name of its column."""


def test_search_filters_and_keys(tab, mistakes, picture):
    page = bench(tab, mistakes)
    expect(page).to_have_url(re.compile(r"/$"))  # the token is out of the address
    expect(page.locator("#count")).to_have_text("38 products")
    picture(page, "workbench")
    page.fill("#search", "price-neg")
    expect(page.locator("#count")).to_have_text("Nothing fits these filters.")
    page.fill("#search", "M-price-neg")
    expect(page.locator("#count")).to_have_text("1 product")
    page.fill("#search", "")
    page.select_option("[name=state]", "filtered")
    expect(page.locator("#count")).to_have_text("1 product")
    page.select_option("[name=state]", "")
    page.select_option("[name=code]", "invalid-gtin")
    expect(page.locator("#count")).to_have_text("2 products")
    page.locator("h1").click()
    first, second = (one.get_attribute("data-id") for one in page.locator("#products button").all())
    page.locator("#products button").first.click()
    expect(page.locator("#products [aria-current]")).to_have_attribute("data-id", first)
    page.keyboard.press("j")
    expect(page.locator("#products [aria-current]")).to_have_attribute("data-id", second)
    page.keyboard.press("k")
    expect(page.locator("#products [aria-current]")).to_have_attribute("data-id", first)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    assert tab.complaints == []
    assert elsewhere(tab, mistakes) == set()


def test_a_click_explains_a_field(tab, mistakes, picture):
    page = bench(tab, mistakes)
    choose(page, "M-wrong-check-digit")
    page.locator('[data-row="gtin"] button').click()
    why = page.locator("#why")
    expect(why.locator("h2 code")).to_have_text("gtin")
    expect(why).to_contain_text(re.compile(r"catalog\.csv:\d+:gtin"))
    expect(why).to_contain_text("channels/google.yaml")
    expect(why.locator('[data-code="invalid-gtin"]')).to_be_visible()
    picture(page, "explain")
    page.locator(".fs-p-title").first.focus()
    page.keyboard.press("Enter")
    expect(why.locator("h2 code")).to_have_text("title")


def test_two_feeds_side_by_side(tab, shop, picture):
    page = bench(tab, shop)
    for name in ("google_nl", "mirakl_nl"):
        page.locator(f'#feeds [data-feed="{name}"]').click()
    expect(page.locator("#shown .feed")).to_have_count(2)
    boxes = page.locator("#shown .feed").evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    assert boxes[0]["top"] == boxes[1]["top"]
    assert boxes[0]["right"] <= boxes[1]["left"]
    picture(page, "side-by-side")


def test_a_rule_is_tried_and_saved_and_the_card_changes(tab, tmp_path, picture):
    folder = copied("shop", tmp_path)
    file = folder / "feedsmith.yaml"
    before = file.read_text("utf-8")
    with served(folder) as found:
        page = bench(tab, found)
        choose(page, "VH-TS01-WIT-M")
        card = page.locator('.feed[data-feed="google_nl"] .fs-p-title').first
        card.click()
        page.fill("#rule", "{{ title | uper }}")
        expect(page.locator(".wrong")).to_contain_text("uper")
        expect(page.locator("#save")).to_be_hidden()
        page.fill("#rule", "{{ title | upper }} {{ color }}")
        expect(page.locator(".trial .step.last .value")).to_have_text("T-SHIRT OEVER VAN BIOLOGISCH KATOEN wit")
        expect(page.locator(".trial .fs-p-title").first).to_have_text("T-SHIRT OEVER VAN BIOLOGISCH KATOEN wit")
        expect(page.locator(".diff ins")).to_have_count(1)
        page.locator(".diff").scroll_into_view_if_needed()
        picture(page, "try-a-rule")
        assert file.read_text("utf-8") == before
        page.select_option("#where", "feed")
        expect(page.locator(".diff ins")).to_contain_text("google:")
        page.click("#save")
        expect(page.locator(".saved")).to_contain_text("feedsmith.yaml")
        expect(card).to_have_text("T-SHIRT OEVER VAN BIOLOGISCH KATOEN wit")  # watched, made anew, pushed
        expect(page.locator('.feed[data-feed="meta_nl"] .fs-p-title').first).to_have_text(
            re.compile("Wadlinnen T-shirt")
        )
    lines = set(file.read_text("utf-8").splitlines()) ^ set(before.splitlines())
    assert len(lines) == 2
    assert [one for one in tab.complaints if "422" not in one] == []  # the console tells of the wrong rule too


def test_what_is_saved_elsewhere_is_shown_and_a_mistake_too(tab, tmp_path):
    folder = copied("shop", tmp_path)
    file = folder / "feedsmith.yaml"
    before = file.read_text("utf-8")
    with served(folder) as found:
        page = bench(tab, found)
        choose(page, "VH-TS01-WIT-M")
        card = page.locator('.feed[data-feed="google_nl"] .fs-p-title').first
        file.write_text(before.replace("parts: [brand, title", "parts: [title, brand"), "utf-8")
        expect(card).to_have_text("T-shirt Oever van biologisch katoen Wadlinnen wit M")
        file.write_text(before.replace("margin > 60", "margni > 60"), "utf-8")
        expect(page.locator("#error")).to_contain_text("feedsmith.yaml:37")
        expect(page.locator("#error pre")).to_contain_text("margni")
        expect(card).to_be_visible()
        file.write_text(before, "utf-8")
        expect(page.locator("#error")).to_be_hidden()
        expect(card).to_have_text("Wadlinnen T-shirt Oever van biologisch katoen wit M")


def test_before_and_after(tab, tmp_path):
    copied("shop", tmp_path / "then")
    folder = copied("shop", tmp_path / "now")
    file = folder / "feedsmith.yaml"
    file.write_text(file.read_text("utf-8").replace("parts: [brand, title", "parts: [title, brand"), "utf-8")
    with served(folder) as found:
        found.session.before = before_of("../../then/shop", Request(project=folder, here=folder))
        page = bench(tab, found)
        choose(page, "VH-TS01-WIT-M")
        page.locator('#feeds [data-feed="google_nl"]').click()
        expect(page.locator("#shown .feed")).to_have_count(1)
        expect(page.locator('[data-row="title"] del')).to_have_text(
            "Wadlinnen T-shirt Oever van biologisch katoen wit M"
        )
        expect(page.locator('[data-row="title"] ins')).to_have_text(
            "T-shirt Oever van biologisch katoen Wadlinnen wit M"
        )
        expect(page.locator(".before .fs-p-title").first).to_contain_text("Wadlinnen T-shirt")
        expect(page.locator("[data-row] del")).to_have_count(1)
        assert grave_faults(page) == []


def test_the_dashboard_and_its_downloads(tab, mistakes, tmp_path, picture):
    page = bench(tab, mistakes)
    page.click("#view-board")
    expect(page.locator("#board .ready")).to_contain_text("63.2%")
    expect(page.locator("#board .fixes tbody tr")).to_have_count(10)
    picture(page, "dashboard")
    for name in ("csv", "xlsx"):
        with page.expect_download() as download:
            page.click(f'#board a[href="/issues.{name}"]')
        download.value.save_as(tmp_path / f"issues.{name}")
    assert (tmp_path / "issues.csv").read_text("utf-8-sig").startswith("severity,code")
    assert openpyxl.load_workbook(tmp_path / "issues.xlsx").active.max_row > 30
    page.locator('#board .fixes [data-code="invalid-gtin"]').click()
    expect(page.locator("#count")).to_have_text("2 products")


def test_catalog_text_is_text(tab, tmp_path):
    project = write_tree(tmp_path, {
        "feedsmith.yaml": f"catalog: {{source: p.csv, columns: {{price: '{COLUMN}'}}}}\n"
        "feeds: {google: {channel: google}, meta: {channel: meta}}\n",
        "p.csv": HEAD.replace("price", f'"{COLUMN.replace(chr(34), chr(34) * 2)}"') + HOSTILE + WRONG,
    })  # fmt: skip
    with served(project) as found:
        page = bench(tab, found)
        for number, title in enumerate((SCRIPT, TURNED, LONG, "{{ 7 * 7 }}")):
            choose(page, f"H{number}")
            expect(page.locator("#shown h2")).to_have_text(title.translate(TURNING))
            page.locator('[data-row="title"] button').first.click()
            expect(page.locator("#why")).to_contain_text(title.translate(TURNING)[:20])
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.click("#view-board")
        expect(page.locator("#board .fixes")).to_contain_text(COLUMN)
        assert page.evaluate("window.hit") is None
        assert page.locator("main script, main img[src], #board script, #board img").count() == 0
    assert tab.complaints == []


def test_pictures_are_loaded_only_when_asked(tab, shop):
    page = bench(tab, shop)
    tab.page.context.route(re.compile("media.veerhuis.example"), lambda route: route.abort())
    assert [one for one in tab.asked if "media.veerhuis.example" in one] == []
    page.click("#pictures")
    expect(page.locator(".fs-broken").first).to_be_visible()
    assert [one for one in tab.asked if "media.veerhuis.example" in one] != []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_grave_fault_of_accessibility(tab, mistakes, scheme, picture):
    tab.page.emulate_media(color_scheme=scheme)
    page = bench(tab, mistakes)
    choose(page, "M-wrong-check-digit")
    page.locator('[data-row="title"] button').click()
    page.fill("#rule", "{{ title | upper }}")
    expect(page.locator(".trial")).to_be_visible()
    assert grave_faults(page) == []
    picture(page, f"workbench-{scheme}")
    page.click("#view-board")
    expect(page.locator("#board .fixes")).to_be_visible()
    assert grave_faults(page) == []


def test_a_phone(tab, mistakes, picture):
    """List, product, why: three steps, each with a way back."""
    tab.page.set_viewport_size({"width": 390, "height": 800})
    page = tab.open(mistakes.address)
    panes = {name: page.locator(f"main > .{name}") for name in ("list", "shown", "why")}

    def only(name: str) -> None:
        expect(panes[name]).to_be_visible()
        assert [one for one, pane in panes.items() if pane.is_visible()] == [name]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert grave_faults(page) == []

    expect(page.locator("#products button").first).to_be_visible()
    only("list")
    page.locator('#products button[data-id="M-price-in-words"]').click()
    expect(page.locator("#shown .feed").first).to_be_visible()
    only("shown")
    picture(page, "workbench-phone")
    page.locator('[data-row="title"] button').click()
    only("why")
    panes["why"].locator(".back").click()
    only("shown")
    page.go_back()
    only("why")
    page.go_forward()
    panes["shown"].locator(".back").click()
    only("list")
    page.click("#view-board")
    expect(page.locator("#board .fixes")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert grave_faults(page) == []
