"""What channels ask of fields, in plain words: every limit of every bundled channel has them."""

import pytest

from feedsmith.definitions.load import channel_files, load_channel
from feedsmith.run.limit_words import ELSE, FORM, NEED, else_in_words, in_words
from feedsmith.run.limits import Limit, limits_of, requirement
from feedsmith.texts.catalogue import Texts
from tests.channels.engine import HERE


def limits(fields):
    for one in fields.values():
        yield from limits_of(one)
        yield Limit(requirement(one), "info")
        yield from limits(one.group)


def bundled():
    files = channel_files(HERE)
    return {limit for name in files for limit in limits(load_channel(name, files).definition.fields)}


def test_every_limit_of_a_bundled_channel_is_in_plain_words():
    english, dutch = Texts(), Texts("nl")
    asked = {limit.text for limit in bundled()}
    told = {text: in_words(text, english) for text in asked}
    coded = {text for text in asked if text.startswith((FORM, "type ", "check ")) or NEED.match(text)}
    assert sorted(text for text in coded if told[text] == text) == []
    assert sorted(text for text in asked if in_words(text, dutch) == told[text] and text != "type text") == []
    assert {limit.consequence for limit in bundled()} <= set(ELSE)


@pytest.mark.parametrize(
    ("limit", "english", "dutch"),
    [
        ("type money", "an amount with its currency", "een bedrag met valuta"),
        ("check mojibake", "no garbled letters, such as Ã© for é", "geen verminkte letters, zoals Ã© voor é"),
        ("at most 150 characters", "at most 150 characters", "maximaal 150 tekens"),
        (
            "required if structured_title is empty",
            "required when structured_title is empty",
            "verplicht als structured_title leeg is",
        ),
        (
            'required if availability in ["preorder", "backorder"] and not (condition == "new")',
            "required when availability is one of preorder, backorder and condition is not new",
            "verplicht als availability een van preorder, backorder is en condition niet new is",
        ),
        ("required if length(title) > 3", "required when length(title) > 3", "verplicht als length(title) > 3"),
        (
            'required if brand == "x"; recommended if brand is empty',
            "required when brand is x; recommended when brand is empty",
            "verplicht als brand x is; aanbevolen als brand leeg is",
        ),
    ],
)
def test_words(limit, english, dutch):
    assert (in_words(limit, Texts()), in_words(limit, Texts("nl"))) == (english, dutch)


def test_what_a_breach_costs_keeps_the_name_of_the_code():
    told = else_in_words(Limit("type gtin", "drop"), Texts("nl"))
    assert told == "anders wordt de waarde weggelaten (type gtin)"
