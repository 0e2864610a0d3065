"""How well a catalog fits each channel: the same figures as a run has, over any catalog, with what is lacking."""

from collections import Counter

import pytest

from feedsmith.definitions.load import channel_files
from feedsmith.errors import SourceError, UsageError
from feedsmith.run.execute import execute
from feedsmith.run.fit import fit
from feedsmith.run.request import Request, clock
from tests.helpers import ROOT, write_tree

NOW = clock("2026-11-22")
MISTAKES = ROOT / "samples/mistakes"
REMOVED = {"duplicate-id", "group-id-is-item-id"}
"""Codes of checks over the whole feed that take items out: they are not asked."""
ROW = "{id},Deken,Een warme deken van zuivere wol,https://a.example/{id},{image},in_stock,{price},Kaap,K-{id},new"
HEAD = "id,title,description,link,image_link,availability,price,brand,mpn,condition"


@pytest.fixture
def shop(tmp_path):
    """A project with six products: 1 and 2 are good, 3 and 4 lack a price, 5 lacks a picture, 6 lacks both."""
    image = "https://a.example/i.jpg"
    rows = [
        ROW.format(id=f"P-{number}", price="" if number in {3, 4, 6} else "9.95 EUR", image="" if number > 4 else image)
        for number in range(1, 7)
    ]
    project = """\
catalog: catalog.csv
markets: {nl: {country: NL, language: nl, currency: EUR}, be: {country: BE, language: nl, currency: EUR}}
rules:
  all: {exclude: {first: id == "P-1"}}
  some: {exclude: {second: id == "P-2"}}
feeds:
  google: {channel: google, markets: [nl], extends: [all, some]}
  meta: {channel: meta, markets: [nl], extends: [all]}
"""
    write_tree(tmp_path, {"feedsmith.yaml": project, "catalog.csv": "\n".join([HEAD, *rows]) + "\n"})
    return tmp_path


def asked(folder, **more):
    return Request(project=folder, as_of=NOW, workers=1, **more)


def test_fields_are_counted_alone_and_at_all(shop):
    (google,), products = fit(asked(shop), ("google",))
    assert products == 6
    assert (google.figures.taken, google.figures.filtered, google.figures.ready) == (6, 1, 1)
    assert google.share == pytest.approx(1 / 5)
    assert google.blockers() == [("price", 2, 3), ("image_link", 1, 2)]


def test_the_best_channel_comes_first(shop):
    write_tree(shop, {"channels/easy.yaml": "extends: google\nfields: {image_link: {required: ~}}"})
    found, _ = fit(asked(shop))
    shares = [one.share for one in found if not one.lacks]
    assert shares == sorted(shares, reverse=True)
    assert next(one for one in found if one.channel.name == "easy").figures.ready == 2
    assert {one.channel.name for one in found} == set(channel_files(shop))


def test_the_figures_are_those_of_a_run(tmp_path):
    channels = ("google", "meta", "mirakl")
    feeds = ", ".join(f"{name}: {{channel: {name}}}" for name in channels)
    text = f"catalog: {MISTAKES / 'catalog.csv'}\nmarket: {{country: NL}}\nfeeds: {{{feeds}}}\n"
    write_tree(tmp_path, {"feedsmith.yaml": text})
    counted = {}

    def tell(report):
        removed = Counter(
            issue.channel for issue in report.issues() if issue.code in REMOVED and issue.severity == "error"
        )
        counted.update({one.channel: (one.filtered, one.items + removed[one.channel]) for one in report.feeds})

    execute(asked(tmp_path), tell)
    found, _ = fit(asked(tmp_path), channels)
    assert counted == {one.channel.name: (one.figures.filtered, one.figures.ready) for one in found}


STORES = """\
catalog:
  source: catalog.csv
  columns: {stock: {ams: stock_ams, utr: stock_utr}, price: {ams: price_ams}}
  stores: {ams: {country: NL}, utr: {country: NL}}
market: {country: NL, language: nl, currency: EUR}
feeds: {google_local: {channel: google_local}, acp: {channel: acp}, ucp: {channel: ucp}, etsy: {channel: etsy}}
"""


@pytest.fixture
def stocked(tmp_path):
    """Groups of two and three variants, one alone, one variant without a price; stock in two stores, not of all."""
    rows = [
        (f"{ROW.format(id=key, price=price, image='https://a.example/i.jpg')},{group},{size},{ams},{utr},")
        for key, price, group, size, ams, utr in [
            ("A-1", "9.95 EUR", "A", "S", "3", ""), ("A-2", "9.95 EUR", "A", "M", "3", "2"), ("B-1", "", "B", "S", "1", "1"),
            ("B-2", "9.95 EUR", "B", "M", "-1", "4"), ("B-3", "9.95 EUR", "B", "L", "", "4"), ("C", "9.95 EUR", "", "", "", ""),
        ]
    ]  # fmt: skip
    head = f"{HEAD},item_group_id,size,stock_ams,stock_utr,price_ams"
    write_tree(tmp_path, {"feedsmith.yaml": STORES, "catalog.csv": "\n".join([head, *rows]) + "\n"})
    return tmp_path


def test_groups_and_stores_are_counted_as_in_a_run(stocked):
    counted = {}

    def tell(report):
        counted.update({one.channel: (one.products_in, one.filtered, one.items) for one in report.feeds})

    execute(asked(stocked), tell)
    found, products = fit(asked(stocked), tuple(counted))
    fitted = {one.channel.name: one.figures for one in found}
    assert products == 6
    assert {name: (one.taken, one.filtered, one.ready) for name, one in fitted.items()} == counted
    assert fitted["google_local"].taken == 8
    assert fitted["ucp"].ready == 5


def test_workers_and_parts_change_nothing(shop):
    here, there = (fit(Request(project=shop, as_of=NOW, workers=workers), ("google", "meta"))[0] for workers in (1, 2))
    assert [(one.channel.name, one.figures) for one in here] == [(one.channel.name, one.figures) for one in there]


def test_only_the_first_products(shop):
    (google,), products = fit(asked(shop, limit=3), ("google",))
    assert (products, google.figures.taken) == (3, 3)


def test_a_catalog_without_a_project(shop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    request = Request(catalog=(shop / "catalog.csv",), here=folder, as_of=NOW, markets=("NL",), workers=1)
    (google,), _ = fit(request, ("google",))
    assert (google.figures.taken, google.figures.filtered, google.figures.ready) == (6, 0, 2)


def test_a_channel_of_other_records_says_what_it_lacks(shop):
    files = {
        "channels/stores.yaml": "extends: google\nitem: store\nfields: {store_code: {from: store.code}}",
        "channels/offers.yaml": "extends: google\nitem: promotion",
    }
    write_tree(shop, files)
    found, products = fit(asked(shop), ("stores", "offers"))
    assert [(one.channel.name, one.lacks.split(":")[0]) for one in found] == [
        ("offers", "needs promotions"),
        ("stores", "needs stores"),
    ]
    assert products == 0


def test_a_channel_that_cannot_be_compiled_says_why_and_the_others_go_on(shop):
    write_tree(shop, {"channels/bad.yaml": "extends: google\nfields: {title: {from: titel}}"})
    found, _ = fit(asked(shop), ("bad", "google"))
    assert [one.channel.name for one in found] == ["google", "bad"]
    assert found[1].lacks.startswith("channels/bad.yaml:2:")


def test_a_shared_rule_that_does_not_fit_is_left_out(shop):
    """A list where a channel takes one value."""
    rule = "all: {fields: {custom_label_0: {from: tags}}, exclude: "
    text = (shop / "feedsmith.yaml").read_text().replace("all: {exclude: ", rule)
    channel = "extends: google\nfields: {custom_label_0: {repeat: 3}}"
    write_tree(shop, {"feedsmith.yaml": text, "channels/free.yaml": channel})
    found, _ = fit(asked(shop), ("free", "google"))
    noted = {one.channel.name: (one.figures.filtered, "takes one value" in one.note) for one in found}
    assert noted == {"google": (0, True), "free": (1, False)}


@pytest.mark.parametrize(
    ("more", "patterns", "problem"),
    [
        ({}, ("gogle*",), "no channel fits"),
        ({"markets": ("fr",)}, ("google",), "there is no market 'fr'"),
    ],
)
def test_a_wrong_name_is_refused(shop, more, patterns, problem):
    with pytest.raises(UsageError, match=problem):
        fit(asked(shop, **more), patterns)


def test_another_market_of_the_project(shop):
    (google,), _ = fit(asked(shop, markets=("be",)), ("google",))
    assert google.figures.taken == 6


def test_a_catalog_that_is_not_there(tmp_path):
    with pytest.raises(SourceError):
        fit(Request(catalog=(tmp_path / "no.csv",), here=tmp_path, workers=1), ("google",))
