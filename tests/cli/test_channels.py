"""`feedsmith channels`: what is listed, shown, begun, compared over time and tried on a catalog."""

import json
from typing import get_args

import pytest

from feedsmith.definitions.channel import PlaceKind
from feedsmith.definitions.load import channel_files, load_channel


@pytest.fixture
def told(run, shop):
    """Runs `channels …` in the shop and gives its JSON."""

    def make(*arguments):
        ended = run("channels", *arguments, "--format", "json", cwd=shop)
        assert (ended.code, ended.err) == (0, "")
        return json.loads(ended.out)

    return make


# list and show


def test_the_list_goes_by_the_kind_of_place(told, shop):
    listed = told("list")["channels"]
    kinds = [one["kind"] for one in listed]
    assert kinds == sorted(kinds, key=get_args(PlaceKind).index)
    assert {one["name"] for one in listed} == set(channel_files(shop))
    for one in listed:
        definition = load_channel(one["name"], channel_files(shop)).definition
        assert (one["delivery"], one["read"]) == (definition.delivery, definition.read.isoformat())


def test_a_channel_that_extends_another_one_is_shown_whole(told, shop):
    (shop / "channels").mkdir()
    (shop / "channels/mine.yaml").write_text(
        "extends: google\ntitle: Mine\nfields: {title: {since: 2027-01-01, until: 2027-12-31, reference: 'https://mine.example'}}"
    )
    mine = told("show", "mine")
    assert (mine["title"], mine["extends"], mine["kind"], mine["from"]) == ("Mine", "google", "search", "project")
    title = next(one for one in mine["fields"] if one["field"] == "title")
    assert (title["since"], title["until"], title["reference"]) == ("2027-01-01", "2027-12-31", "https://mine.example")
    assert title["required"] == [{"when": "structured_title is empty", "else": "reject"}]


def test_dates_and_consequences_stand_in_the_text(run, shop):
    shown = run("channels", "show", "google", cwd=shop).out
    assert "since 2026-04-14" in shown
    assert "required (else reject)" in shown
    assert "fetched by URL" in shown
    assert "at most 4,000,000,000 bytes a file" in shown
