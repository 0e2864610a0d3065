"""Cards: what a shopper sees of an item, by channel."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedsmith.definitions.load import channel_files
from feedsmith.preview.cards.card import make_card
from feedsmith.preview.cards.face import Card, Part, Shopper
from feedsmith.preview.cards.looks import colour_of, look_of, table
from feedsmith.preview.cards.parts import KINDS, LABELS
from feedsmith.texts.catalogue import Texts
from tests.channels.engine import HERE, NOW
from tests.conftest import compare_trees
from tests.helpers import ROOT
from tests.preview.samples import samples

NAMES = sorted(channel_files(HERE))
PLAIN = {
    "id": "VH-1", "title": "Regenjas Oever", "description": "Regenjas van gerecyclede stof.", "brand": "Oever",
    "link": "https://www.veerhuis.example/p/1", "image_link": "https://media.veerhuis.example/1.jpg",
    "availability": "in_stock", "price": "29.95 EUR", "condition": "new",
}  # fmt: skip
DUTCH = Shopper("nl", "NL", "EUR", NOW)
CASES = yaml.safe_load((ROOT / "tests/preview/card_cases.yaml").read_text("utf-8"))


def fields(name: str) -> set[str]:
    definition = samples()[name].feed.channel
    return {*definition.fields, *(definition.group.fields if definition.group else ())}


def card(
    name: str, item: dict[str, Any], variants: tuple[dict[str, Any], ...] = (), texts: Texts | None = None
) -> Card:
    definition = samples()[name].feed.channel
    look = look_of(samples()[name].lineage, definition.kind, definition.fields)
    return make_card(name, item, look, DUTCH, texts or Texts(), variants)


def first_parts(made: Card) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for face in made.faces:
        for part in face.parts:
            found.setdefault(part.name, part)
    return found


def told(part: Part) -> str:
    text = part.text + (f"|{part.rest}" if part.rest else "") + (f" was {part.before}" if part.before else "")
    return f"{text} ({part.note})" if part.note and part.name in {"availability", "rating"} else text


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_a_shopper_sees(case):
    item = {} if case.get("bare") else dict(PLAIN)
    item |= case.get("item", {})
    made = card(case.get("channel", "google"), {key: value for key, value in item.items() if value is not None})
    parts = first_parts(made)
    assert {name: told(parts[name]) for name in case.get("sees", {})} == case.get("sees", {})
    if "badges" in case:
        shown = dict.fromkeys(badge.text for face in made.faces for badge in face.badges)
        assert list(shown) == case["badges"]
    if "missing" in case:
        assert {name: part.field for name, part in parts.items() if part.missing} == case["missing"]


# --- every channel


def line(part: Part) -> str:
    seen = "(missing)" if part.missing else told(part) or " · ".join(part.lines)
    return f"    {part.name} [{part.field}] {part.label + ': ' if part.label else ''}{seen}\n"


def test_the_sample_items_of_every_channel(request):
    """The cards of the sample shop in every channel, as text; `make golden` writes them again."""
    made = {}
    assert sorted(samples()) == NAMES
    for name, sample in samples().items():
        shown = sample.card()
        text = [f"{name}: {shown.family}\n"]
        for face in shown.faces:
            badges = "".join(f" <{badge.text}>" for badge in face.badges)
            text += [f"  {face.title} ({face.layout}){badges}\n", *map(line, face.parts)]
        made[f"{name}.txt"] = "".join(text).encode()
    compare_trees(ROOT / "tests/preview/cards", made, update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("name", NAMES)
def test_every_part_names_a_field_of_the_channel(name):
    made = samples()[name].card()
    assert made.faces
    assert all(face.parts for face in made.faces)
    assert {part.field for face in made.faces for part in face.parts} <= fields(name)
    assert {badge.field for face in made.faces for badge in face.badges} <= fields(name)


def test_variants_are_choices():
    variants = tuple(PLAIN | {"color": color, "size": size} for color in ("rood", "zeegroen") for size in ("S", "M"))
    parts = first_parts(card("google", variants[1], variants))
    assert [(one.text, one.here, one.colour) for one in parts["color"].choices] == [
        ("rood", True, "#c62f2f"), ("zeegroen", False, ""),
    ]  # fmt: skip
    assert [(one.text, one.here) for one in parts["size"].choices] == [("M", True), ("S", False)]


def test_a_channel_of_a_project_looks_like_its_parent_or_its_kind():
    assert look_of(("ours", "pinterest"), "own", PLAIN).family == "pin"
    assert look_of(("ours",), "comparison", PLAIN).family == "comparison"
    assert look_of(("ours",), "own", PLAIN).family == "generic"


def test_words_are_those_of_the_page_and_amounts_those_of_the_market():
    item = PLAIN | {"availability": "out_of_stock"}
    parts = first_parts(card("google", item, texts=Texts("nl")))
    assert (parts["availability"].text, parts["price"].text) == ("Niet op voorraad", "€ 29,95")


# --- the table


def test_every_field_of_the_table_is_one_of_some_channel():
    known = set().union(*map(fields, NAMES))
    named: set[str] = set()
    own = [names for one in table().channels.values() for names in one.parts.values()]
    for part in table().parts.values():
        dates = [name for one in part.dates for name in ([one] if isinstance(one, str) else one)]
        own += [
            part.source,
            part.sale,
            part.was,
            part.currency,
            part.more,
            part.quantity,
            part.date,
            part.count,
            part.measure,
            part.base,
            tuple(dates),
        ]
    named = {name.partition(".")[0] for names in own for name in names}
    assert named - known == set()


def test_the_table_fits_together():
    whole = table()
    assert {kind for part in whole.parts.values() for kind in [part.kind]} <= set(KINDS)
    used = {name for face in whole.faces.values() for name in (*face.media, *face.main, *face.side, *face.more)}
    assert used == set(whole.parts)
    for face in whole.faces.values():
        assert {*face.wants, *face.cut} <= {*face.media, *face.main, *face.side, *face.more}
        assert all(
            cut.source == "layout" or " " in cut.source or cut.source.startswith("https://")
            for cut in face.cut.values()
        )
    assert {name for faces in whole.families.values() for name in faces} == set(whole.faces)
    assert {one.family for one in whole.channels.values()} | set(whole.kinds.values()) == set(whole.families)
    assert set(whole.channels) <= set(NAMES)
    assert {rule.of for rule in whole.badges.values()} <= set(whole.parts)
    assert set(whole.badges) - {"sale", "coming"} <= set(LABELS)
    words = [word for name in whole.words.values() for word in name]
    assert len(words) == len(set(words))
    assert [word for word in words if not word.isalnum() or word != word.lower()] == []


def test_colours_are_known_by_any_spelling():
    assert colour_of(" Rood ") == colour_of("red")
    assert colour_of("zeegroen") == ""


# --- laws

LAW_PARTS = [
    (*part.source, *part.sale, *part.was, *part.currency, *part.quantity, *part.count)
    for part in table().parts.values()
]
text = st.one_of(st.text(max_size=20), st.text(alphabet="ab ", min_size=60, max_size=300))
one_value = st.one_of(
    text,
    st.sampled_from(
        ["24.95 EUR", "0", "-1", "9" * 40, "yes", "in stock", "2026-11-27", "https://a.example/x", "NaN", "http://["]
    ),
)
value = st.one_of(
    one_value,
    st.lists(one_value, max_size=4),
    st.lists(st.dictionaries(st.sampled_from(["price", "content", "value", "count"]), one_value), max_size=3),
)


@given(st.data())
def test_any_item_gives_a_card(data):
    """Whatever stands in an item, a part says what the field holds, the seen part first, and nothing is made up."""
    name = data.draw(
        st.sampled_from(("google", "meta", "idealo", "bol", "openai", "ebay", "shelf_labels", "google_reviews"))
    )
    read = {path.partition(".")[0] for part in LAW_PARTS for path in part} & fields(name)
    item = data.draw(st.dictionaries(st.sampled_from(sorted(read)), value, max_size=8))
    made = card(name, item, (item,))
    for face in made.faces:
        cuts = table().faces[face.name].cut
        for part in face.parts:
            assert part.missing or part.field in item
            if part.kind == "text" and not part.missing and part.rest:
                whole = item[part.field]
                assert part.text in whole or not isinstance(whole, str)
                assert part.name in cuts
            assert all(
                one.startswith(("http://", "https://")) or part.kind != "image" for one in map(str.lower, part.lines)
            )
