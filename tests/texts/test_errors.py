"""What ends a run is told in every language: problem and hint of each error, and what commands print."""

from functools import cache

import pytest
import yaml

from feedsmith.definitions.guards import GUARDS, REASONS
from feedsmith.publish.refusals import REFUSALS
from feedsmith.texts.catalogue import Texts, languages
from feedsmith.texts.files import FOLDER
from tests.texts.source import errors_said, shape

OTHERS = [name for name in languages() if name != "en"]


def read(language: str) -> dict[str, dict[str, str]]:
    return yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))


@cache
def said() -> dict[str, str]:
    """Shape → the text with names for its places, and where it stands."""
    return {shape(one.text): f"{one.text}  ({one.path}:{one.line})" for one in errors_said()}


@pytest.mark.parametrize("language", OTHERS)
def test_every_error_is_translated(language):
    found = read(language)
    theirs = {shape(english) for section in ("errors", "messages") for english in found[section]}
    assert sorted(told for text, told in said().items() if text not in theirs) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_error_is_translated_that_is_not_there(language):
    assert sorted(english for english in read(language)["errors"] if shape(english) not in said()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_an_error_is_found_again_by_what_was_said(language):
    """Made of the source's text with values put in, each error is told in words of its own translation."""
    texts, left = Texts(language), []
    for section in ("errors", "messages"):
        for english, theirs in read(language)[section].items():
            told = texts.message(english)
            if told not in (theirs, english):
                left.append((english, told))
    assert left == []


def tables() -> set[str]:
    """What stands in tables: what a disk says, and what helps where a guard holds a feed."""
    guards = {one.help for one in (*GUARDS.values(), *REASONS.values())}
    return {text for pair in REFUSALS.values() for text in pair} | guards


@pytest.mark.parametrize("language", OTHERS)
def test_tables_of_messages_are_translated(language):
    texts = Texts(language)
    assert sorted(text for text in tables() if texts.message(text) == text) == []


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        (
            "70 items where the last versions had 100: 30.0 % fewer; more than 10 % holds the feed",
            "70 items, waar de vorige versies er 100 hadden: 30.0 % minder; meer dan 10 % houdt de feed tegen",
        ),
        (
            "12 of 100 ids are gone, 2 are new: 14.0 %; gone are A-1, A-2; more than 10 % holds the feed",
            "12 van 100 id's zijn weg, 2 zijn nieuw: 14.0 %; weg zijn A-1, A-2; meer dan 10 % houdt de feed tegen",
        ),
        (
            "no product is left for it; what is published stays",
            "er blijft geen product over; wat gepubliceerd is, blijft staan",
        ),
        ("the shoe is odd; what is published stays", "the shoe is odd; wat gepubliceerd is, blijft staan"),
    ],
)
def test_several_reasons_on_one_line(english, dutch):
    assert Texts("nl").reasons(english) == dutch
    assert Texts("en").reasons(english) == english
