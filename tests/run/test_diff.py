"""Comparing feeds: what counts as a change, by which key, and laws that hold for any two feeds."""

import gzip
import json
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.errors import SourceError, UsageError
from feedsmith.reports.diff.found import Kind
from feedsmith.reports.diff.words import Words
from feedsmith.run.diff.compare import Options
from feedsmith.run.diff.feeds import DiffRequest, compare_given
from feedsmith.run.diff.given import feed_name, feeds_in, given_at
from feedsmith.run.diff.moved import longest_rise
from feedsmith.run.diff.recognise import recognise
from feedsmith.texts.catalogue import Texts
from tests.helpers import ROOT, write_tree

WORDS = Words(Texts())
GOLDEN = ROOT / "tests/golden"
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel><title>{title}</title><link>https://shop.example</link>
{items}
</channel></rss>
"""
ITEM = "<item><g:id>{id}</g:id><g:title>{title}</g:title><g:price>{price}</g:price>{more}</item>"


def rss(*items: dict[str, str], title: str = "Shop") -> str:
    """An RSS feed of these items."""
    usual = {"id": "A", "title": "Mok", "price": "19.90 EUR", "more": ""}
    return RSS.format(title=title, items="\n".join(ITEM.format(**{**usual, **one}) for one in items))


def compare_paths(old: str, new: str, request: DiffRequest, scratch: Path):
    """All that differs between two paths."""
    return compare_given(given_at(old, request.here), given_at(new, request.here), (old, new), request, scratch)


def compared(folder: Path, old: str | bytes, new: str | bytes, name: str = "feed.xml", **more):
    """The difference of the one feed of two files."""
    write_tree(folder, {f"old/{name}": old, f"new/{name}": new})
    request = DiffRequest(**{"channel": "google", "here": folder, "folder": ROOT, **more})
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return compare_paths(f"old/{name}", f"new/{name}", request, scratch).feeds[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"price": "19.9 EUR"}, {"price": "19.90 EUR"}, "no differences in 1 product"),
        ({"price": "19.90 EUR"}, {"price": "19.95 EUR"}, "1 price changes"),
        ({"price": "19.90 EUR"}, {"price": "19.90 USD"}, "1 price changes"),
        ({"price": "dear"}, {"price": "cheap"}, "1 price changes"),
        ({"title": "Mok Duin"}, {"title": " Mok  Duin\n"}, "no differences in 1 product"),
        ({"title": "Mok"}, {"title": "mok"}, "1 title changes, 0 prices"),
        ({"more": "<g:adult>true</g:adult>"}, {"more": "<g:adult>TRUE</g:adult>"}, "no differences in 1 product"),
        ({"more": "<g:adult>yes</g:adult>"}, {"more": "<g:adult>no</g:adult>"}, "1 adult changes, 0 prices"),
        ({"more": "<g:brand/>"}, {}, "no differences in 1 product"),
        ({"more": "<g:brand>A</g:brand>"}, {}, "1 brand changes, 0 prices"),
        ({"more": "<x b='1' a='2'>y</x>"}, {"more": "<x a='2' b='1'>y</x>"}, "no differences in 1 product"),
        ({"more": "<own>1</own>"}, {"more": "<own>2</own>"}, "1 own changes, 0 prices"),
        (
            {"more": "<g:additional_image_link>https://a.example/1</g:additional_image_link>"},
            {"more": "<g:additional_image_link>https://a.example/2</g:additional_image_link>"},
            "1 additional image link changes, 0 prices",
        ),
        (
            {"more": "<g:shipping><g:country>NL</g:country><g:price>4.5 EUR</g:price></g:shipping>"},
            {"more": "<g:shipping><g:price>4.50 EUR</g:price><g:country>NL</g:country></g:shipping>"},
            "no differences in 1 product",
        ),
    ],
)
def test_what_is_a_change(tmp_path, old, new, said):
    assert WORDS.summary(compared(tmp_path, rss(old), rss(new))).partition(";")[0] == said


def test_exact_counts_spellings(tmp_path):
    feeds = rss({"price": "19.9 EUR"}), rss({"price": "19.90 EUR"})
    loose = compared(tmp_path, *feeds)
    assert (loose.differs, loose.respelled, loose.count(Kind.CHANGED)) == (False, 1, 0)
    exact = compared(tmp_path / "exact", *feeds, options=Options(exact=True))
    assert (exact.differs, exact.respelled, dict(exact.fields)) == (True, 0, {"price": 1})


def test_products_are_known_by_their_key_and_not_by_their_place(tmp_path):
    old = rss({"id": "A"}, {"id": "B"}, {"id": "C"}, {"id": "D"})
    new = rss({"id": "C"}, {"id": "A"}, {"id": "B", "title": "Vaas"}, {"id": "E"})
    found = compared(tmp_path, old, new)
    changes = {(one.kind.value, one.name) for one in found.changes()}
    assert changes == {("changed", "B"), ("added", "E"), ("removed", "D")}
    assert found.moved == 1  # C went before A and B
    assert (
        WORDS.summary(found)
        == "1 title changes, 1 product leaves, 1 product comes, 1 product in another place, 0 prices"
    )


def test_changes_tell_both_places_in_the_order_of_the_feed(tmp_path):
    old = rss(*({"id": name} for name in "ABC"))
    new = rss(*({"id": name, "title": "Vaas"} for name in "XCBA"))
    found = list(compared(tmp_path, old, new).changes())
    assert [(one.name, one.old_place, one.new_place) for one in found] == [
        ("C", "old/feed.xml:6", "new/feed.xml:5"),
        ("B", "old/feed.xml:5", "new/feed.xml:6"),
        ("A", "old/feed.xml:4", "new/feed.xml:7"),
        ("X", "", "new/feed.xml:4"),
    ]
    assert [(one.field, one.old, one.new) for one in found[0].fields] == [("title", "Mok", "Vaas")]


def test_texts_around_the_items(tmp_path):
    found = compared(tmp_path, rss({}), rss({}, title="Store"))
    assert [(one.field, one.old, one.new) for one in found.frame] == [("channel/title", "Shop", "Store")]
    assert WORDS.summary(found) == "1 text around the items, 0 prices"
    body = '{{"item_type": "{}", "requests": [{{"method": "UPDATE", "data": {{"id": "A"}}}}], "allow_upsert": {}}}'
    texts = body.format("PRODUCT_ITEM", "true"), body.format("PRODUCT_ITEM", "false")
    found = compared(tmp_path / "meta", *texts, name="meta.json", channel="meta")
    assert [(one.field, one.old, one.new) for one in found.frame] == [("allow_upsert", "true", "false")]


@pytest.mark.parametrize(("old", "new"), [("", "A"), ("A", ""), ("", "")])
def test_a_feed_without_items(tmp_path, old, new):
    found = compared(tmp_path, *(rss(*({"id": name} for name in text)) for text in (old, new)))
    assert (found.count(Kind.ADDED), found.count(Kind.REMOVED)) == (len(new) * (not old), len(old) * (not new))


@pytest.mark.parametrize(
    ("name", "empty", "full", "channel"),
    [
        ("a.tsv", "id\ttitle\tprice\n", "id\ttitle\tprice\nA\tMok\t1 EUR\n", "google_tsv"),
        ("a.json", '{"requests": []}', '{"requests": [{"method": "UPDATE", "data": {"id": "A"}}]}', "meta"),
        ("a.jsonl", "[]", '{"item_id": "A", "title": "Mok"}\n', "openai"),
        ("a.xml", "<products></products>", "<products><product><x>1</x><y>2</y></product></products>", "awin_xml"),
    ],
)
def test_empty_feeds_of_other_formats(tmp_path, name, empty, full, channel):
    key = ("x",) if name == "a.xml" else ()
    found = compared(tmp_path, empty, full, name=name, channel=channel, key=key)
    assert (found.old.items, found.new.items, found.count(Kind.ADDED)) == (0, 1, 1)


def test_keys_that_repeat_are_told_and_compared_in_their_order(tmp_path):
    old = rss({"id": "A", "title": "one"}, {"id": "A", "title": "two"}, {"id": "A", "title": "three"})
    new = rss({"id": "A", "title": "one"}, {"id": "A", "title": "zwei"})
    found = compared(tmp_path, old, new)
    assert [(one.kind.value, [field.new for field in one.fields]) for one in found.changes()] == [
        ("changed", ["zwei"]),
        ("removed", []),
    ]
    assert any("2 items with a key that is there already (A" in note for note in WORDS.notes(found))


def test_a_key_of_several_fields(tmp_path):
    head = "store_code\tid\tquantity\n"
    old, new = head + "1\tA\t5\n2\tA\t6\n", head + "2\tA\t7\n1\tA\t5\n"
    found = compared(tmp_path, old, new, name="local.tsv", channel="google_local")
    assert found.key == ("id", "store_code")
    assert [one.key for one in found.changes()] == [("A", "2")]


def test_formats_may_differ(tmp_path):
    write_tree(tmp_path, {
        "a.xml": rss({"id": "A", "price": "19.90 EUR"}),
        "b.txt": "id\ttitle\tprice\nA\tMok\t19.9 EUR\n",
        "c.json": json.dumps([{"id": "A", "title": "Mok", "price": "19.90 EUR"}]),
    })  # fmt: skip
    (tmp_path / "d.xml.gz").write_bytes(gzip.compress((tmp_path / "a.xml").read_bytes()))
    for old, new in combinations(("a.xml", "b.txt", "c.json", "d.xml.gz"), 2):
        scratch = tmp_path / f"{old}{new}"
        scratch.mkdir()
        found = compare_paths(old, new, DiffRequest("google", here=tmp_path, folder=tmp_path), scratch).feeds[0]
        assert (dict(found.counts), found.old.items, found.new.items) == ({}, 1, 1), (old, new)


def test_only_the_fields_that_are_asked_for(tmp_path):
    old, new = rss({"title": "a", "price": "1 EUR"}), rss({"title": "b", "price": "2 EUR"})
    assert dict(compared(tmp_path, old, new).fields) == {"title": 1, "price": 1}
    assert dict(compared(tmp_path / "1", old, new, options=Options(only=("pri*",))).fields) == {"price": 1}
    assert dict(compared(tmp_path / "2", old, new, options=Options(ignore=("pri*",))).fields) == {"title": 1}


def test_a_file_of_no_channel_by_a_key_of_its_own(tmp_path):
    old, new = "code;tekst\n1;a\n2;b\n", "code;tekst\n2;c\n1;a\n"
    with pytest.raises(UsageError, match="by which field"):
        compared(tmp_path, old, new, name="x.csv", channel=None)
    found = compared(tmp_path, old, new, name="x.csv", channel=None, key=("code",))
    assert [(one.name, one.fields[0].new) for one in found.changes()] == [("2", "c")]


@pytest.mark.parametrize(
    ("more", "told"),
    [({"key": ("nr",)}, "no field 'nr'"), ({"key": ("titel",)}, "did you mean title")],
)
def test_a_key_that_is_not_there(tmp_path, more, told):
    with pytest.raises(UsageError, match=told):
        compared(tmp_path, rss({}), rss({"title": "x"}), **more)


def test_feeds_of_two_channels_are_not_compared(tmp_path):
    files = {
        name: (GOLDEN / name).read_text("utf-8")
        for name in ("google/google_nl.xml", "prisjakt_xml/prisjakt_xml_nl.xml")
    }
    write_tree(tmp_path, files)
    request = DiffRequest(here=tmp_path, folder=ROOT)
    with pytest.raises(UsageError, match=r"looks like a feed of prisjakt_xml, and .* like one of google"):
        compare_paths(*files, request, tmp_path)


def test_a_feed_that_is_cut_off(tmp_path):
    with pytest.raises(SourceError, match=r"new/feed.xml:\d+:\d+: .* (no element|unclosed)"):
        compared(tmp_path, rss({}), rss({})[:-20])


# --- folders -----------------------------------------------------------------------------------------------------


def test_folders_are_paired_by_the_feeds_names(tmp_path):
    request = '{"requests": [{"method": "UPDATE", "data": {"id": "%s"}}]}'
    write_tree(tmp_path, {
        "old/google.xml": rss({}), "new/google.xml": rss({"title": "Vaas"}),
        "old/meta-1.json": request % "A", "old/meta-2.json": request % "B", "old/meta-10.json": request % "C",
        "new/meta.json": request % "B",
        "old/gone.xml": rss({}), "new/fresh.xml": rss({}, {"id": "B"}),
        "new/.hidden.xml": "", "new/notes.md": "",
    })  # fmt: skip
    found = compare_paths("old", "new", DiffRequest(here=tmp_path, folder=ROOT), tmp_path)
    assert {one.name: WORDS.summary(one) for one in found.feeds} == {
        "fresh": "a new feed with 2 products",
        "google": "1 title changes, 0 prices",
        "meta": "2 products leave",
        "gone": "the feed is gone; it had 1 product",
    }
    assert feeds_in(tmp_path / "old", "old")["meta"].shown == ("old/meta-1.json", "old/meta-2.json", "old/meta-10.json")
    meta = next(one for one in found.feeds if one.name == "meta")
    assert [one.old_place for one in meta.changes()] == ["old/meta-1.json:1", "old/meta-10.json:1"]


def test_a_folder_and_a_file(tmp_path):
    write_tree(tmp_path, {"old/a.xml": rss({}), "old/b.xml": rss({}), "b.xml": rss({"title": "Vaas"})})
    request = DiffRequest("google", here=tmp_path, folder=tmp_path)
    assert [one.name for one in compare_paths("old", "b.xml", request, tmp_path).feeds] == ["b"]
    (tmp_path / "b.xml").rename(tmp_path / "c.xml")
    with pytest.raises(UsageError, match="there is no feed 'c' here"):
        compare_paths("old", "c.xml", request, tmp_path)


@pytest.mark.parametrize(
    ("file", "name"),
    [("google.xml", "google"), ("meta-2.json", "meta"), ("google_nl-12.xml.gz", "google_nl"), ("a-b.csv", "a-b")],
)
def test_names_of_feeds(file, name):
    assert feed_name(file) == name


GOLDEN_FEEDS = sorted(
    path for path in GOLDEN.glob("*/*") if path.suffix not in {".yaml", ".md", ".html"} and path.parent.name != "joined"
)


@pytest.mark.parametrize("path", GOLDEN_FEEDS, ids=lambda path: path.parent.name)
def test_feeds_of_all_channels_are_recognised_and_equal_themselves(tmp_path, path):
    assert recognise(path, path.name, ROOT) == path.parent.name
    (tmp_path / path.name).write_bytes(path.read_bytes() + (b"" if path.suffix == ".xlsx" else b"\n"))
    request = DiffRequest(here=tmp_path, folder=ROOT)
    found = compare_paths(str(path), path.name, request, tmp_path).feeds[0]
    assert not found.differs
    assert found.old.items == found.new.items > 0


# --- laws --------------------------------------------------------------------------------------------------------

rows = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["a", "b", "c"]), st.sampled_from(["1 EUR", "2 EUR", ""])),
    unique_by=lambda row: row[0],
)


def tsv(feed) -> str:
    """The feed as a table; `own` keeps a row from being blank."""
    return "id\ttitle\tprice\n" + "".join(f"{number}\t{title}\t{price}\n" for number, title, price in feed)


@given(rows, rows)
@settings(max_examples=25, deadline=None)
def test_the_old_feed_with_all_changes_is_the_new_one(tmp_path_factory, old, new):
    folder = tmp_path_factory.mktemp("law")
    found = compared(folder, tsv(old), tsv(new), name="f.tsv", channel="google_tsv")
    patched = {str(number): {"title": title, "price": price or None} for number, title, price in old}
    for change in found.changes():
        if change.kind is Kind.REMOVED:
            del patched[change.name]
        elif change.kind is Kind.ADDED:
            patched[change.name] = {"title": change.title}
        for one in change.fields:
            assert patched[change.name].get(one.field) == one.old
            patched[change.name][one.field] = one.new
    wanted = {str(number): {"title": title, "price": price or None} for number, title, price in new}
    added = {one.name for one in found.changes() if one.kind is Kind.ADDED}
    assert {name: fields for name, fields in patched.items() if name not in added} == {
        name: fields for name, fields in wanted.items() if name not in added
    }
    assert set(patched) == set(wanted)
    assert {name: one["title"] for name, one in patched.items()} == {name: one["title"] for name, one in wanted.items()}


@given(rows, rows)
@settings(max_examples=25, deadline=None)
def test_the_other_way_round_is_the_mirror(tmp_path_factory, old, new):
    there, back = (
        compared(tmp_path_factory.mktemp("law"), tsv(one), tsv(other), name="f.tsv", channel="google_tsv")
        for one, other in ((old, new), (new, old))
    )
    assert there.count(Kind.ADDED) == back.count(Kind.REMOVED)
    assert dict(there.fields) == dict(back.fields)
    assert there.moved == back.moved
    assert len(new) == len(old) + there.count(Kind.ADDED) - there.count(Kind.REMOVED)


@given(st.lists(st.integers(0, 50), unique=True, max_size=9))
def test_longest_rise_is_the_longest(numbers):
    rising = (
        size for size in range(len(numbers), -1, -1)
        for some in combinations(numbers, size) if list(some) == sorted(some)
    )  # fmt: skip
    assert longest_rise(numbers) == next(rising)
