"""`feedsmith channels`: what is listed, shown, begun, compared over time and tried on a catalog."""

import json
import re
from typing import get_args

import pytest
import yaml

from feedsmith.definitions.channel import PlaceKind
from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.resources import bundled
from tests.helpers import ROOT


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
    assert "2026-04-14" in shown
    assert "(else reject)" in shown
    assert "fetched by URL" in shown
    assert "at most 4,000,000,000 bytes a file" in shown


# diff


def test_diff_names_what_changes_from_a_day_to_another(told):
    found = told("diff", "google", "--from", "2026-01-01", "--as-of", "2027-01-31")
    assert (found["channel"], found["from"], found["as_of"]) == ("google", "2026-01-01", "2027-01-31")
    changes = {(one["from"], one["what"], one["about"]) for one in found["changes"]}
    assert {("2026-04-14", "field starts", "video_link"), ("2027-01-31", "field changes", "image_link")} <= changes


def test_diff_as_text(run, shop):
    ended = run("channels", "diff", "google", "--from", "2027-01-30", "--as-of", "2027-01-31", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert "500 by 500" in ended.out
    quiet = run("channels", "diff", "google", "--from", "2027-01-31", "--as-of", "2027-01-31", cwd=shop)
    assert "nothing" in quiet.out


@pytest.mark.parametrize(
    "words",
    [("--as-of", "soon"), ("--as-of", "2027-01-31", "--from", "soon"), ("--as-of", "2026-01-01", "--from", "2027-01-01")],
)  # fmt: skip
def test_diff_refuses_what_are_no_two_days(run, shop, words):
    ended = run("channels", "diff", "google", *words, cwd=shop)
    assert (ended.code, ended.out) == (2, "")


def test_validate_follows_the_changes_of_its_day(run, shop):
    (shop / "channels").mkdir()
    (shop / "channels/google.yaml").write_text(
        "extends: google\nfields: {title: {changes: [{from: 2027-02-01, max: {length: 3, else: warn}}]}}"
    )
    before = run("validate", "--as-of", "2027-01-31", "--format", "json", cwd=shop)
    after = run("validate", "--as-of", "2027-02-01", "--format", "json", cwd=shop)
    codes = [[one["code"] for one in json.loads(ended.out)["issues"]] for ended in (before, after)]
    assert ["too-long" in one for one in codes] == [False, True]


# new


def uncommented(text):
    """The file with its examples in use."""
    start = text.index("# fields:")
    return text[:start] + "\n".join(line.removeprefix("# ") for line in text[start:].splitlines())


@pytest.mark.parametrize("full", [(), ("--full",)])
@pytest.mark.parametrize("base", ["google", "meta", "mirakl"])
def test_a_new_channel_exports_at_once(run, shop, base, full):
    ended = run("channels", "new", "mine", "--from", base, *full, cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    template = next((shop / "templates").iterdir()).name
    assert ended.out.startswith(f"wrote channels/mine.yaml and templates/{template}\n")
    project = (shop / "feedsmith.yaml").read_text()
    (shop / "feedsmith.yaml").write_text(
        f"{project}  mine: {{channel: mine, markets: [nl], extends: [shop]}}\n  base: {{channel: {base}, markets: [nl], extends: [shop]}}\n"
    )
    assert run("validate", "--limit", "0", cwd=shop).code == 0
    told = [
        json.loads(run("validate", "--feed", f"{name}_nl", "--format", "json", cwd=shop).out)
        for name in ("mine", "base")
    ]
    assert told[0]["feeds"][0]["items"] == told[1]["feeds"][0]["items"]
    if not full:
        path = shop / "channels/mine.yaml"
        path.write_text(uncommented(path.read_text()))
        assert run("validate", "--limit", "0", cwd=shop).code == 0
        assert "own_field" in run("channels", "show", "mine", cwd=shop).out


def vars_of_the_library() -> dict[str, object]:
    """What names, fixed texts and heading lines of some channels ask of a project, as the sample library gives it."""
    found: dict[str, object] = {}
    for path in (ROOT / "samples/library/feeds").glob("*.yaml"):
        for feed in yaml.safe_load(path.read_text("utf-8"))["feeds"].values():
            found |= feed.get("vars", {})
    return found


def test_a_new_channel_can_be_made_from_each(run, shop):
    """With its examples in use; of those whose items are products."""
    names = [path.stem for path in bundled("channels").glob("*.yaml")]
    names = [name for name in names if load_channel(name, channel_files(shop)).definition.item in {"product", "group"}]
    for name in names:
        assert run("channels", "new", f"my_{name}", "--from", name, cwd=shop).code == 0
    feeds = "".join(f"  my_{name}: {{channel: my_{name}, markets: [nl]}}\n" for name in names)
    named = f"vars: {json.dumps(vars_of_the_library())}\n"
    (shop / "feedsmith.yaml").write_text(named + (shop / "feedsmith.yaml").read_text() + feeds)
    for path in (shop / "channels").glob("my_*.yaml"):
        path.write_text(uncommented(path.read_text()))
    ended = run("validate", "--limit", "0", "-q", cwd=shop)
    assert ended.code == 0, ended.err


def test_a_new_channel_without_a_project(run, shop, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    assert run("channels", "new", "mine", "--from", "google", cwd=folder).code == 0
    ended = run("export", "--catalog", shop / "catalog.csv", "--channel", "mine", cwd=folder)
    assert (ended.code, (folder / "out/mine.xml").is_file()) == (0, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("google", "--from", "google"), "this file is there already"),
        (("meta", "--from", "google"), "there is a channel 'meta' already"),
        (("My Shop", "--from", "google"), "no name for a channel"),
        (("../mine", "--from", "google"), "no name for a channel"),
        (("mine", "--from", "gogle"), "did you mean google"),
    ],
)
def test_new_writes_over_nothing(run, shop, words, told):
    (shop / "channels").mkdir()
    (shop / "channels/google.yaml").write_text("extends: google")
    ended = run("channels", "new", *words, cwd=shop)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert [path.name for path in (shop / "channels").iterdir()] == ["google.yaml"]
    assert not (shop / "templates").exists()


# fit


def test_fit_as_text_and_json(run, told, shop):
    ended = run("channels", "fit", "--channel", "google", cwd=shop)
    assert ended.code == 0
    assert [line.split()[:2] for line in ended.out.splitlines() if line.startswith("google")] == [["google", "search"]]
    (google,) = told("fit", "--channel", "google")["channels"]
    assert {key: google[key] for key in ("channel", "items", "filtered", "ready", "share", "fields", "lacks")} == {
        "channel": "google", "items": 3, "filtered": 1, "ready": 2, "share": 1.0, "fields": [], "lacks": "",
    }  # fmt: skip


def test_fit_says_what_it_counts_in_stores(run, shop):
    text = (shop / "feedsmith.yaml").read_text()
    stores = "catalog: {source: catalog.csv, columns: {stock: {a: brand}}, stores: {a: {country: NL}}}"
    (shop / "feedsmith.yaml").write_text(re.sub(r"(?m)^catalog:.*$", stores, text))
    ended = run("channels", "fit", "--channel", "google*", cwd=shop)
    assert (ended.code, "google_local: counted are pairs of product and store" in ended.out) == (0, True)
    assert "google: counted" not in ended.out


def test_fit_needs_no_project(run, shop, tmp_path):
    folder = tmp_path / "none"
    folder.mkdir()
    ended = run(
        "channels",
        "fit",
        "--catalog",
        shop / "catalog.csv",
        "--market",
        "NL",
        "--channel",
        "m*",
        "--format",
        "json",
        cwd=folder,
    )
    assert (ended.code, json.loads(ended.out)["products"]) == (0, 3)


@pytest.mark.parametrize("words", [("--channel", "gogle"), ("--market", "XX"), ("--as-of", "soon")])
def test_fit_refuses_wrong_names(run, shop, words):
    ended = run("channels", "fit", *words, cwd=shop)
    assert (ended.code, ended.out) == (2, "")
