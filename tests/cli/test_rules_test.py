"""`rules test`: the examples beside the rules."""

import json

import pytest
import yaml
from lxml import etree

from tests.cli.conftest import catalog, product
from tests.helpers import write_tree

PROJECT = """\
catalog: catalog.csv
markets: {nl: {country: NL, language: nl, currency: EUR, site: https://www.shop.example}}
rules:
  shop:
    fields:
      title: {parts: [brand, title]}
      custom_label_0: [{when: price > 50, value: dear}, {value: "a & b"}]
    exclude: {too cheap: price < 5}
feeds:
  google: {channel: google, markets: [nl], extends: [shop]}
  meta: {channel: meta_csv, markets: [nl], extends: [shop]}
"""
GIVEN = product(9, title="Kom", price="60.00")


@pytest.fixture
def tried(run, tmp_path):
    def call(example, *words, format_="json"):
        text = PROJECT + yaml.safe_dump({"examples": {"one": example}}, sort_keys=False)
        folder = write_tree(tmp_path / "shop", {"feedsmith.yaml": text, "catalog.csv": catalog([product(1)])})
        return run("rules", "test", "--format", format_, *words, cwd=folder)

    return call


PASSING = {
    "a text": {"given": GIVEN, "expect": {"title": "Kaap Kom"}},
    "an amount with its currency": {"given": GIVEN, "expect": {"price": "60.00 EUR"}, "feed": "google_nl"},
    "a text that the format escapes": {"given": {"price": "20"}, "expect": {"custom_label_0": "a & b"}},
    "no value": {"given": {"title": "Kom"}, "expect": {"brand": None}},
    "a list": {"given": GIVEN, "expect": {"link": ["https://www.shop.example/p/9"]}},
    "left out": {"given": {"price": "2"}, "filtered": "too cheap"},
    "not left out": {"given": {"price": "6"}, "filtered": "no"},
    "rejected with a code": {
        "given": {**GIVEN, "link": ""},
        "rejected": True,
        "issues": ["missing-required"],
        "feed": "google*",
    },
    "not rejected": {"given": GIVEN, "rejected": False},
}


@pytest.mark.parametrize("name", PASSING)
def test_examples_that_pass(tried, name):
    ended = tried(PASSING[name])
    assert (ended.err, [one["missed"] for one in json.loads(ended.out)["examples"] if one["missed"]]) == ("", [])
    assert ended.code == 0


FAILING = {
    "another text": (
        {"given": GIVEN, "expect": {"title": "Kom"}},
        {
            "about": "title",
            "expected": "Kom",
            "got": "Kaap Kom",
            "rule": {"path": "feedsmith.yaml", "row": 6, "column": "14"},
        },
    ),
    "a case of a list": (
        {"given": GIVEN, "expect": {"custom_label_0": "cheap"}},
        {
            "about": "custom_label_0",
            "expected": "cheap",
            "got": "dear",
            "rule": {"path": "feedsmith.yaml", "row": 7, "column": "50"},
        },
    ),
    "no value at all": (
        {"given": GIVEN, "expect": {"color": "red"}},
        {"about": "color", "expected": "red", "got": "", "rule": None},
    ),
    "left out unexpectedly": (
        {"given": {"price": "2"}, "expect": {"custom_label_0": ""}},
        {
            "about": "filtered",
            "expected": "no",
            "got": "too cheap",
            "rule": {"path": "feedsmith.yaml", "row": 8, "column": "26"},
        },
    ),
    "not left out": (
        {"given": GIVEN, "filtered": "too cheap"},
        {"about": "filtered", "expected": "too cheap", "got": "no", "rule": None},
    ),
    "not rejected": (
        {"given": GIVEN, "rejected": True},
        {"about": "rejected", "expected": "yes", "got": "in the feed", "rule": None},
    ),
    "another code": (
        {"given": GIVEN, "issues": ["invalid-gtin"]},
        {"about": "invalid-gtin", "expected": "told", "got": None, "rule": None},
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_examples_that_fail(tried, name):
    example, missed = FAILING[name]
    ended = tried({**example, "feed": "google_nl"})
    report = json.loads(ended.out)
    assert (ended.code, report["passed"], report["failed"]) == (1, 0, 1)
    (one,) = report["examples"][0]["missed"]
    if missed["got"] is None:
        assert one.pop("got").startswith("not told; told: ")
        missed = {key: value for key, value in missed.items() if key != "got"}
    assert one == missed


def test_text_names_the_place_of_example_and_rule(tried):
    ended = tried({"given": GIVEN, "expect": {"title": "Kom"}, "feed": ["google_nl"]}, format_="text")
    first, second, last = ended.out.splitlines()
    assert first.startswith("FAILED  one (google_nl)  feedsmith.yaml:1")
    assert second == "        title: expected Kom, got Kaap Kom  (feedsmith.yaml:6:14)"
    assert last == "0 passed, 1 failed"


def test_junit_has_a_case_for_each_feed(tried):
    suite = etree.fromstring(tried({"given": GIVEN, "expect": {"title": "<Kom>"}}, format_="junit").out)
    assert dict(suite.attrib) == {"name": "feedsmith rules", "tests": "2", "failures": "2"}
    assert [case.get("classname") for case in suite] == ["google_nl", "meta_nl"]
    assert suite[0][0].get("message") == "title: expected <Kom>, got Kaap Kom  (feedsmith.yaml:6:14)"


def test_only_some_feeds(tried):
    example = {"given": GIVEN, "expect": {"title": "Kaap Kom"}}
    report = json.loads(tried(example, "--feed", "meta*").out)
    assert [one["feed"] for one in report["examples"]] == ["meta_nl"]


MISTAKES = {
    "a column": ({"given": {"titel": "x"}}, "the catalog has no 'titel'\n  hint: did you mean title?"),
    "a field": (
        {"given": GIVEN, "expect": {"titel": "x"}},
        "no feed of this example has a field 'titel'\n  hint: did you mean title",
    ),
    "a feed": ({"given": GIVEN, "feed": "gogle_nl"}, "no feed fits 'gogle_nl'\n  hint: did you mean google_nl"),
    "a key": ({"given": GIVEN, "expects": {}}, "unknown key 'expects'\n  hint: did you mean expect?"),
    "nothing given": ({"expect": {"title": "x"}}, "the key 'given' is missing here"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_names_are_told_with_their_place(tried, name):
    example, told = MISTAKES[name]
    ended = tried(example)
    assert (ended.code, ended.out) == (2, "")
    problem, *hint = told.split("\n")
    first, line, mark, *rest = ended.err.splitlines()
    assert first.startswith("error: feedsmith.yaml:")
    assert problem in first
    assert (
        line[line.index("|") + mark.index("^") - mark.index("|") :] != "",
        rest[0].startswith(hint[0]) if hint else rest == [],
    ) == (True, True)


def test_without_examples(run, shop):
    ended = run("rules", "test", cwd=shop)
    assert (ended.code, "the project has no examples" in ended.err) == (2, True)


def test_languages_of_a_text(run, tmp_path):
    project = PROJECT + "examples: {one: {given: {title: Kom, price: '9'}, expect: {title: Kom}}}\n"
    headings = "id,title[nl],title[en],price"
    folder = write_tree(tmp_path, {"feedsmith.yaml": project, "catalog.csv": f"{headings}\n1,Kom,Bowl,9.00\n"})
    assert run("rules", "test", cwd=folder).out.splitlines()[-1] == "2 passed, 0 failed"
    text = project.replace("given: {title: Kom", "given: {title: {nl: Schaal, en: Dish}").replace(
        "expect: {title: Kom", "expect: {title: Schaal"
    )
    write_tree(folder, {"feedsmith.yaml": text})
    assert run("rules", "test", cwd=folder).out.splitlines()[-1] == "2 passed, 0 failed"


def test_a_group_is_made_of_the_product_alone(run, tmp_path):
    files = {
        "feedsmith.yaml": "catalog: catalog.csv\nfeeds: {etsy: {channel: etsy, market: {country: NL, language: nl, currency: EUR}}}\n"
        "examples: {one: {given: {id: S1, item_group_id: G1, title: Kom, price: 5.00}, expect: {sku: S1}}}\n",
        "catalog.csv": "id,item_group_id,title,price\nA,G1,Kom,9.00\nB,G1,Kom,9.00\n",
    }
    ended = run("rules", "test", cwd=write_tree(tmp_path, files))
    assert (ended.err, ended.out.splitlines()[-1]) == ("", "1 passed, 0 failed")
