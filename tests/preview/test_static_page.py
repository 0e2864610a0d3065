"""The static page: opened from the disk in a real browser, it needs nothing else and shows catalog text as text."""

import json
import re
import shutil
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from lxml import html
from playwright.sync_api import Page, expect

from feedsmith.cli.main import main
from feedsmith.preview.cards.face import Card
from feedsmith.preview.static.page import ROOM, embedded
from feedsmith.texts.catalogue import Texts
from tests.cli.conftest import own_signals
from tests.helpers import ROOT, write_tree
from tests.preview.conftest import Watched, grave_faults
from tests.preview.samples import samples
from tests.preview.serving import until

pytestmark = pytest.mark.browser
SCRIPT = '"><script>window.hit = 1</script><img src=x onerror="window.hit = 2">'
TURNED = "omgedraaid \u202ehcaz\u202c en \u2066binnen\u2069"
LONG = "Lang " + "x" * 4_995
PROJECT = """\
version: 1
catalog: {sources: {products: {path: products.csv}}}
markets: {nl: {country: NL, language: nl, currency: EUR, site: https://shop.example}}
feeds:
  google: {channel: google, markets: [nl], exclude: {no socks: title == "Sok"}}
  pinterest: {channel: pinterest, markets: [nl]}
"""
HEAD = "id,title,description,link,image_link,availability,price,sale_price,brand,gtin,color,item_group_id"
ROWS = [
    ("A1", "Regenjas Oever", "Een jas.", "in_stock", "89.95 EUR", "71.96 EUR", "Oever", "9520000001001", "rood", "G1"),
    ("A2", "Regenjas Oever", "Een jas.", "in_stock", "89.95 EUR", "", "Oever", "9520000001018", "groen", "G1"),
    ("A3", "", "Zonder titel.", "in_stock", "10.00 EUR", "", "Oever", "9520000001025", "", ""),
    ("A4", "Sok", "Een sok.", "out_of_stock", "5.00 EUR", "", "", "", "", ""),
    ("A5", SCRIPT, f"Tekst </script> {SCRIPT}", "in_stock", "12.00 EUR", "", SCRIPT, "9520000001032", SCRIPT, ""),
    ("A6", TURNED, TURNED, "in_stock", "12.00 EUR", "", "Oever", "9520000001049", "", ""),
    ("A7", LONG, LONG, "in_stock", "12.00 EUR", "", "Oever", "9520000001056", "", ""),
]


def catalog() -> str:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [HEAD]
    for id_, title, text, there, price, sale, brand, gtin, color, group in ROWS:
        web = f"https://shop.example/{id_}"
        values = (id_, title, text, web, f"{web}.jpg", there, price, sale, brand, gtin, color, group)
        lines.append(",".join(map(cell, values)))
    return "\n".join(lines) + "\n"


def command(*words: str | Path, monkeypatch: pytest.MonkeyPatch, language: str = "en") -> None:
    """Run the command line in this process."""
    monkeypatch.setenv("FEEDSMITH_LANG", language)
    monkeypatch.setattr("sys.argv", ["feedsmith", *map(str, words)])
    with own_signals(), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in {0, 1, None}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of the project above in English and Dutch, with three products only, and the report of its check."""
    folder = write_tree(tmp_path_factory.mktemp("shop"), {"feedsmith.yaml": PROJECT, "products.csv": catalog()})
    found = {name: folder / f"{name}.html" for name in ("en", "nl", "few", "report")}
    most = {"few": ("--most", "3")}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("en", "nl", "few"):
            command(
                "preview",
                "--project",
                folder,
                "--html",
                found[name],
                "--workers",
                "1",
                "--as-of",
                "2026-11-22",
                *most.get(name, ()),
                monkeypatch=patch,
                language=name,
            )
        report = f"html={found['report']}"
        command("validate", "--project", folder, "--quiet", "--workers", "1", "--report", report, monkeypatch=patch)
    return found


@pytest.fixture
def page(pages: dict[str, Path], tab: Watched) -> Page:
    return tab.open(pages["en"])


def ids(page: Page) -> list[str]:
    """The ids of the products that the list shows."""
    return page.locator("#products button").evaluate_all("all => all.map(one => one.dataset.id)")


def lists(page: Page, *products: str) -> None:
    """The list comes to these products."""
    until(lambda: sorted(ids(page)) == sorted(products), f"a list of {products}")


def pick(page: Page, product: str) -> None:
    while page.locator(".back:visible").count():
        page.locator(".back:visible").click()
    page.locator(f'#products button[data-id="{product}"]').click()
    expect(page.locator("#shown h2 + p")).to_contain_text(product)


def test_it_opens_from_disk_and_asks_for_nothing(page, tab, pages):
    lists(page, *(row[0] for row in ROWS))
    expect(page).to_have_title(f"{pages['en'].parent.name}: preview")
    assert tab.complaints == []
    assert tab.asked == [pages["en"].resolve().as_uri()]


def test_the_gravest_come_first(page):
    expect(page.locator("#products button").first).to_have_attribute("data-id", "A3")
    expect(page.locator("#products button").first.locator(".n")).to_have_class("n error")
    expect(page.locator("#shown h2")).to_have_text("A3")


def test_search_looks_at_titles_values_and_issues(page):
    found = {"regenjas": ["A1", "A2"], "71.96": ["A1"], "a4": ["A4"], "missing-required": ["A3"], "no such thing": []}
    for asked, products in found.items():
        page.locator("#search").fill(asked)
        lists(page, *products)
    expect(page.locator("#count")).to_have_text("Nothing fits these filters.")


def test_filters_by_feed_state_severity_and_code(page):
    page.locator("select[name=state]").select_option("filtered")
    lists(page, "A4")
    page.locator('#feeds [data-feed="pinterest_nl"]').click()
    lists(page)
    page.locator("select[name=state]").select_option("in")
    expect(page.locator("#shown .feed > h3")).to_have_count(1)
    page.locator("select[name=state]").select_option("")
    page.locator("select[name=severity]").select_option("error")
    page.locator("select[name=state]").select_option("")
    lists(page, "A3")
    page.locator("select[name=severity]").select_option("")
    page.locator("select[name=code]").select_option("too-long")
    lists(page, "A7")


def test_a_card_of_each_feed_side_by_side_with_its_variants(page):
    pick(page, "A1")
    tile = page.locator("[data-face=shopping_tile]")
    expect(tile.locator("[data-part=price]")).to_have_text("€ 71,96 before € 89,95")
    expect(tile.locator(".fs-badge.fs-sale")).to_have_text("−20 %")
    expect(page.locator("[data-face=pin] [data-part=title]")).to_have_text("Regenjas Oever")
    choices = page.locator("[data-face=shopping_detail] [data-part=color] li")
    assert choices.all_inner_texts() == ["rood", "groen"]
    expect(choices.first).to_have_class("fs-here")


def test_what_is_missing_is_an_empty_place(page):
    pick(page, "A3")
    expect(page.locator("[data-face=shopping_tile] .fs-missing[data-part=title]")).to_have_text("no title")
    expect(page.locator("#shown .issues li[data-code=missing-required]").first).to_contain_text("title")


def test_a_click_tells_where_a_value_came_from(page):
    pick(page, "A1")
    page.locator("[data-face=shopping_tile] [data-part=price]").click()
    why = page.locator("#why")
    expect(why.locator("h2 code")).to_have_text("price")
    expect(why).to_contain_text("products.csv:2:price")
    expect(why).to_contain_text("from price")
    expect(why.locator(".chips .n.good").first).to_be_visible()
    page.locator("[data-row=title] button").first.click()
    expect(why.locator("h2 code")).to_have_text("title")
    expect(page.locator("[data-face=shopping_tile] [data-part=title]")).to_have_class(re.compile("fs-on"))


def test_it_works_by_the_keyboard(page):
    place = page.locator("#shown h2 + p")
    first, second = ids(page)[:2]
    for key, product in {"j": second, "k": first}.items():
        page.keyboard.press(key)
        expect(place).to_contain_text(product)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("j")  # a letter of the search now
    expect(page.locator("#search")).to_have_value("j")
    page.locator("#search").fill("71.96")
    page.locator("[data-face=shopping_tile] [data-part=title]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#why h2 code")).to_have_text("title")


@pytest.mark.parametrize("product", ["A5", "A6", "A7"])
def test_hostile_text_stays_text(page, tab, product):
    pick(page, product)
    title = next(row[1] for row in ROWS if row[0] == product)
    title = re.sub("[\u202c\u202e\u2066\u2069]", "", title)  # reading the catalog takes them out, and tells it
    expect(page.locator("#shown h2")).to_have_text(title)
    page.locator("[data-face=shopping_tile] [data-part=title]").click()
    expect(page.locator("#why")).to_contain_text(title[:40])
    assert page.evaluate("window.hit") is None
    assert page.locator("#shown img[src], #shown script, #why img, #why script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert (tab.complaints, tab.elsewhere()) == ([], [])


def test_pictures_are_loaded_only_when_asked_and_broken_ones_marked(page, tab):
    tab.page.context.route("https://shop.example/**", lambda route: route.abort())
    pick(page, "A1")
    assert tab.elsewhere() == []
    page.get_by_role("button", name="Load pictures").click()
    expect(page.locator(".fs-broken").first).to_be_visible()
    expect(page.locator(".fs-broken .fs-blank").first).to_have_text("Picture does not load")
    assert set(tab.elsewhere()) <= {f"https://shop.example/{row[0]}.jpg" for row in ROWS}
    assert "https://shop.example/A1.jpg" in tab.elsewhere()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("light", 390), ("dark", 390)])
def test_it_has_no_grave_fault_of_accessibility(pages, tab, scheme, width):
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.set_viewport_size({"width": width, "height": 850})
    page = tab.open(pages["en"])
    assert grave_faults(page) == []
    for product in ("A1", "A3", "A5"):
        pick(page, product)
        page.locator("[data-face=shopping_tile] [data-part=price]").click()
        assert grave_faults(page) == []
    page.click("#view-board")
    expect(page.locator("#board .tiles")).to_be_visible()
    assert grave_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_dashboard_tells_of_the_whole_catalog(pages, tab):
    page = tab.open(pages["few"])
    expect(page.locator("#products button")).to_have_count(3)
    expect(page.locator(".state")).to_contain_text("3 products on this page, of 7")
    page.click("#view-board")
    expect(page.locator(".tiles")).to_contain_text("7 products")
    figures = page.locator('.ready tr[data-feed="google_nl"] .figure').all_inner_texts()
    assert figures[1:] == ["5", "1", "1"]
    expect(page.locator("#board a")).to_have_count(0)  # no server gives downloads
    page.locator('.codes [data-code="missing-required"] [data-feed="pinterest_nl"]').first.click()
    lists(page, "A3")
    assert (tab.complaints, tab.elsewhere()) == ([], [])


def test_the_address_of_a_file_keeps_the_view(pages, tab):
    page = tab.open(pages["en"])
    pick(page, "A1")
    page.locator("[data-face=shopping_tile] [data-part=price]").click()
    page.reload()
    expect(page.locator("#why h2 code")).to_have_text("price")
    page.go_back()
    expect(page.locator("#why .hint")).to_be_visible()
    expect(page.locator("#shown h2 + p")).to_contain_text("A1")


def test_dutch(pages, tab):
    page = tab.open(pages["nl"])
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.locator("#shown .feed > h3").first).to_contain_text("afgekeurd")
    pick(page, "A3")
    expect(page.locator("#shown .issues li[data-code=missing-required]").first).to_contain_text("title is leeg")


# --- the report of a check


def test_the_report_opens_from_disk_and_filters(pages, tab):
    page = tab.open(pages["report"])
    rows = page.locator("#issues tr[data-code]:visible")
    all_of_them = rows.count()
    page.locator("select[name=severity]").select_option("error")
    assert 0 < rows.count() < all_of_them
    page.locator("select[name=severity]").select_option("")
    page.locator("input[name=text]").fill("A7")
    assert all("A7" in text for text in rows.all_inner_texts())
    assert page.evaluate("window.hit") is None
    assert (tab.complaints, tab.elsewhere()) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_has_no_grave_fault_of_accessibility(pages, tab, scheme):
    tab.page.emulate_media(color_scheme=scheme)
    assert grave_faults(tab.open(pages["report"])) == []


# --- the file itself


def test_the_file_holds_one_script_of_its_own_and_nothing_from_elsewhere(pages):
    root = html.fromstring(pages["en"].read_bytes())
    assert [node.get("type") for node in root.iter("script")] == ["application/json", None]
    assert not root.xpath("//link | //iframe | //script[@src] | //img[@src] | //@onerror | //@style")
    assert "default-src 'none'" in root.xpath("string(//meta[@http-equiv]/@content)")


@pytest.mark.parametrize("text", ["</script><script>", "<!--", "&amp;", "\u2028", "\ud800", "]]>", "\\u003c"])
def test_no_text_ends_the_data(text):
    made = embedded({"text": text})
    assert not re.search("[<>&\u2028\u2029]", made)
    assert json.loads(made)["text"] == text.encode("utf-8", "backslashreplace").decode()


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "page.html"
    target.write_text("the old page")
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "samples/five-lines", shop, ignore=shutil.ignore_patterns("out", ".feedsmith"))
    (shop / "feedsmith.yaml").write_text("version: 1\nfeeds: {google: {channel: nowhere}}\n")
    monkeypatch.setattr("sys.argv", ["feedsmith", "preview", "--project", str(shop), "--html", str(target)])
    with own_signals(), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert target.read_text() == "the old page"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "shop"]


# --- pictures for the docs, which are tests of the sample shop as well


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static page of the sample shop."""
    folder = tmp_path_factory.mktemp("pictures")
    shutil.copytree(ROOT / "samples/shop", folder / "shop", ignore=shutil.ignore_patterns("out", ".feedsmith"))
    target = folder / "page.html"
    with pytest.MonkeyPatch.context() as patch:
        command(
            "preview",
            "--project",
            folder / "shop",
            "--html",
            target,
            "--workers",
            "1",
            "--as-of",
            "2026-11-22",
            monkeypatch=patch,
        )
    return target


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sample_shop(shop, tab, picture, scheme):
    tab.page.emulate_media(color_scheme=scheme)
    page = tab.open(shop)
    page.locator("[data-face=shopping_tile] [data-part=title]").click()
    expect(page.locator("#why h2 code")).to_have_text("title")
    assert grave_faults(page) == []
    picture(page, f"static-{scheme}")


def test_the_sample_shop_on_a_phone(shop, tab, picture):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    page = tab.open(shop)
    page.locator("#products button").first.click()
    expect(page.locator("#shown h2")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "static-phone")


GALLERY = ("google", "meta", "pinterest", "ebay", "bol", "idealo", "openai", "shelf_labels", "google_local")


def test_cards_of_every_family(tab, picture, tmp_path):
    """One page of cards as every family shows the sample shop's first product."""
    target = tmp_path / "cards.html"
    target.write_text(gallery([(name, samples()[name].card()) for name in sorted(samples())]), "utf-8")
    page = tab.open(target)
    expect(page.locator(".fs-card")).to_have_count(len(samples()))
    assert grave_faults(page) == []
    target.write_text(gallery([(name, samples()[name].card(**SPECIAL.get(name, {}))) for name in GALLERY]), "utf-8")
    tab.open(target)
    page.set_viewport_size({"width": 1100, "height": page.evaluate("document.body.scrollHeight")})
    picture(page, "cards")
    assert (tab.complaints, tab.elsewhere()) == ([], [])


SPECIAL = {
    "google": {"sale_price": "23.96 EUR", "title": "Wadlinnen T-shirt Oever van biologisch katoen met ronde hals en verstevigde schouders wit S"},
    "openai": {"star_rating": "4.3", "review_count": "128", "availability": "out_of_stock"},
    "idealo": {"former_price": "39.95", "delivery_costs": "4.95"},
    "pinterest": {"price": ""},
}  # fmt: skip
"""What the gallery shows besides: a sale, a cut title, a rating, an empty place."""


def gallery(cards: list[tuple[str, Card]]) -> str:
    pages = Environment(autoescape=True, trim_blocks=True, loader=FileSystemLoader(ROOM / "templates"))
    style = (ROOM / "assets/cards.css").read_text("utf-8")
    page = pages.from_string(
        '{% from "cards.html.j2" import card %}<!doctype html><html lang="en"><meta charset="utf-8"><title>Cards</title>'
        "<style>{{ style | safe }} body { font: 14px/1.45 system-ui, sans-serif; background: var(--fs-ground); color: "
        "var(--fs-ink); margin: 16px }</style><main>{% for name, one in cards %}<h2>{{ name }}</h2>{{ card(one, texts) }}"
        "{% endfor %}</main></html>"
    )
    return page.render(cards=cards, style=style, texts=Texts())
