"""Rules written into YAML files: in their place, with all else as it was."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.definitions.node import parse_yaml
from feedsmith.errors import DefinitionError, FeedsmithError, UsageError
from feedsmith.preview.live.edit import edited, rule_text, with_rule
from feedsmith.preview.live.rules import edit_of, rule_told, save, tried
from tests.helpers import ROOT
from tests.preview.serving import copied, opened

TEXT = """\
# our shop
rules:
  shop:   # for all
    fields:
      title: "{{ title }}"   # a comment that stays
      brand: Oever
      note: |
        two lines
        of text

      # below
      label:
        from: title
        steps: [lower]   # small
      size:
feeds:
  google: {channel: google, extends: [shop]}   # flow
  meta:
    channel: meta

    # the end of meta
  kiosk: {channel: kiosk, fields: {title: x}}
"""
SHOP = ("rules", "shop", "fields")


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone and the lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [one for one in old if one not in new], [one for one in new if one not in old]


@pytest.mark.parametrize(
    ("path", "rule", "gone", "came"),
    [
        ((*SHOP, "title"), "{{ brand }} {{ title }}", ['      title: "{{ title }}"   # a comment that stays'], ['      title: "{{ brand }} {{ title }}"   # a comment that stays']),
        ((*SHOP, "title"), "{from: title, steps: [cut]}", ['      title: "{{ title }}"   # a comment that stays'], ["      title: {from: title, steps: [cut]}   # a comment that stays"]),
        ((*SHOP, "brand"), 'say "so"', ["      brand: Oever"], ['      brand: "say \\"so\\""']),
        ((*SHOP, "note"), "one", ["      note: |", "        two lines", "        of text"], ['      note: "one"']),
        ((*SHOP, "label"), "{{ brand }}", ["      label:", "        from: title", "        steps: [lower]   # small"], ['      label: "{{ brand }}"   # small']),
        ((*SHOP, "label"), "from: brand\nsteps: [upper]", ["        from: title", "        steps: [lower]   # small"], ["        from: brand", "        steps: [upper]   # small"]),
        ((*SHOP, "size"), "{{ size }}", ["      size:"], ['      size: "{{ size }}"']),
        ((*SHOP, "color"), "{{ color }}", [], ['      color: "{{ color }}"']),
        (("feeds", "google", "fields", "title"), "{{ title }}", ["  google: {channel: google, extends: [shop]}   # flow"], ['  google: {channel: google, extends: [shop], fields: {title: "{{ title }}"}}   # flow']),
        (("feeds", "meta", "fields", "title"), "from: title", [], ["    fields:", "      title:", "        from: title"]),
        (("feeds", "kiosk", "fields", "title"), "from: title\nsteps: [cut]", ["  kiosk: {channel: kiosk, fields: {title: x}}"], ["  kiosk: {channel: kiosk, fields: {title: {from: title, steps: [cut]}}}"]),
    ],
)  # fmt: skip
def test_only_the_rule_changes(path, rule, gone, came):
    after = with_rule(TEXT, path, rule)
    lost, new = changed(TEXT, after)
    assert sorted(lost) == sorted(gone)
    assert [one for one in new if one not in came] == []
    windows = with_rule(TEXT.replace("\n", "\r\n"), path, rule)
    assert windows == after.replace("\n", "\r\n")


@given(
    st.sampled_from([(*SHOP, "title"), (*SHOP, "note"), (*SHOP, "new"), ("feeds", "google", "fields", "x"), ("feeds", "meta", "fields", "y")]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip),
)  # fmt: skip
def test_any_text_is_read_back_as_it_was_typed(path, text):
    rule = "{{ title }} " + text
    after = parse_yaml(with_rule(TEXT, path, rule), "").plain()
    for name in path:
        after = after[name]
    assert after == rule.strip()


@pytest.mark.parametrize(
    "text",
    ["a: &x {title: y}\nrules: {shop: {fields: *x}}\n", "rules: {shop: {fields: {title: &t x, brand: *t}}}\n", "rules: [1]\n"],
)  # fmt: skip
def test_what_cannot_be_changed_alone_is_refused(text):
    with pytest.raises(DefinitionError):
        with_rule(text, (*SHOP, "title"), "{{ title }}")


def test_a_rule_as_it_stands():
    assert rule_text(TEXT, (*SHOP, "label")) == "from: title\nsteps: [lower]"
    assert rule_text(TEXT, (*SHOP, "title")) == "{{ title }}"
    assert rule_text(TEXT, (*SHOP, "nothing")) == ""


def test_files_outside_the_project_are_left_alone(tmp_path: Path):
    inside = tmp_path / "shop"
    inside.mkdir()
    (tmp_path / "other.yaml").write_text("a: b\n")
    (inside / "link.yaml").symlink_to(tmp_path / "other.yaml")
    for name in ("../other.yaml", "link.yaml", str(tmp_path / "other.yaml"), "none.yaml"):
        with pytest.raises(UsageError):
            edited(inside, name, ("a",), "c")


# --- over a project ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = copied("shop", tmp_path_factory.mktemp("edit"))
    with opened(folder) as session:
        yield session


def test_where_a_rule_can_be_written(shop):
    told = rule_told(shop.state, "google_nl", "title")
    assert told["rule"] == "{parts: [brand, title, color, size], drop: [size, color]}"
    assert [(one["where"], one["layer"], one["feeds"]) for one in told["places"]] == [
        ("here", "rules shop", ["google_nl", "meta_nl", "mirakl_nl"]),
        ("feed", "feed google", ["google_nl"]),
    ]
    assert rule_told(shop.state, "google_nl", "gtin")["rule"] == "{{ gtin }}"


def test_a_rule_is_tried_without_being_written(shop):
    file = shop.state.job.project.folder / "feedsmith.yaml"
    before = file.read_bytes()
    edit = edit_of(shop.state, "google_nl", "title", "{{ title | upper }}", "feed")
    job, feed = tried(shop.state, "google_nl", edit)
    assert feed.spec.fields["title"].origin == "feed google"
    assert shop.state.job.specs != job.specs
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "rule", ["{{ nothing }}", "{{ title | no_such_step }}", "{from: title, frm: x}", "{{ title", ""]
)
def test_a_wrong_rule_is_told_and_not_written(shop, rule):
    file = shop.state.job.project.folder / "feedsmith.yaml"
    before = file.read_bytes()
    with pytest.raises(FeedsmithError):
        save(shop.state, "google_nl", edit := edit_of(shop.state, "google_nl", "title", rule, "feed"), edit.digest)
    assert file.read_bytes() == before


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path):
    folder = copied("shop", tmp_path)
    file = folder / "feedsmith.yaml"
    with opened(folder) as session:
        edit = edit_of(session.state, "google_nl", "title", "{{ title }}", "here")
        file.write_bytes(file.read_bytes() + b"# later\n")
        with pytest.raises(UsageError, match="changed meanwhile"):
            save(session.state, "google_nl", edit, edit.digest)
        assert file.read_bytes().endswith(b"# later\n")
        again = edit_of(session.state, "google_nl", "title", "{{ title }}", "here")
        with pytest.raises(UsageError, match="changed meanwhile"):  # what was shown is not what would be written
            save(session.state, "google_nl", again, edit.digest)
        save(session.state, "google_nl", again, again.digest)
    assert yaml.safe_load(file.read_text("utf-8"))["rules"]["shop"]["fields"]["title"] == "{{ title }}"
    assert (ROOT / "samples/shop/feedsmith.yaml").read_text("utf-8").count("#") + 1 == file.read_text("utf-8").count(
        "#"
    )
