"""What ends a run is told in every language: problem and hint of each error, and what commands print."""

from functools import cache

import pytest
import yaml

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
