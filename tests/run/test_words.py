"""What stands in names and fixed JSON for the market, and the number that every product has."""

import json

import pytest

from feedsmith.errors import FeedsmithError
from tests.helpers import write_tree
from tests.run.helpers import export

CHANNEL = """\
title: Two
owner: Two
reference: https://two.example
read: 2026-11-22
format: json
separator: ","
words: {site: {NL: Netherlands, DE: Germany}}
fields:
  number: {type: integer, from: file.row}
  site: {from: words.site}
  title: {name: "title_{language}", wrap: '[{"value": {value}, "site": {site}, "tag": "{language}_{country}"}]'}
  extra: {name: "all[]", expand: own, from: title, wrap: '{"id": {each}, "value": {value}}'}
"""
PROJECT = """\
catalog: {source: {path: [a.csv, b.csv]}}
market: {country: NL, language: nl, currency: EUR}
feeds: {two: {channel: two, vars: {own: [X, Y]}}}
"""
FILES = {
    "channels/two.yaml": CHANNEL,
    "templates/two.json.j2": "[\n{% for item in items %}\n{ {{ item }} }\n{% endfor %}\n]\n",
    "feedsmith.yaml": PROJECT,
    "a.csv": "id,title\nA,Mok\nB,Kan\n",
    "b.csv": "id,title\nC,Vaas\n",
}


def made(folder, **changes):
    write_tree(folder, {**FILES, **changes})
    export(folder)
    return json.loads((folder / "out" / "two.json").read_text("utf-8"))


def test_words_of_the_market(tmp_path):
    first, *_ = made(tmp_path)
    assert first == {
        "number": 2,
        "site": "Netherlands",
        "title_nl": [{"value": "Mok", "site": "Netherlands", "tag": "nl_NL"}],
        "all": [{"id": "X", "value": "Mok"}, {"id": "Y", "value": "Mok"}],
    }


def test_a_variable_wins_over_a_word(tmp_path):
    first, *_ = made(tmp_path, **{"feedsmith.yaml": PROJECT.replace("vars: {", "vars: {site: Holland, ")})
    assert first["site"] == first["title_nl"][0]["site"] == "Holland"


def test_every_product_has_a_number_of_its_own(tmp_path):
    assert [item["number"] for item in made(tmp_path)] == [2, 3, 10_000_002]


def test_a_word_that_the_market_does_not_have(tmp_path):
    with pytest.raises(FeedsmithError, match=r"the feed has no .site"):
        made(tmp_path, **{"feedsmith.yaml": PROJECT.replace("NL", "FR")})


def test_a_name_that_the_feed_does_not_have(tmp_path):
    with pytest.raises(FeedsmithError, match=r"name: the feed has no {vars\.tag}"):
        made(tmp_path, **{"channels/two.yaml": CHANNEL.replace("title_{language}", "title_{vars.tag}")})
