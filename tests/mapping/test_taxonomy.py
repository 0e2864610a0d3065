"""Google's categories by id, by English name, and by the names of a list that the project brings."""

from pathlib import Path

import pytest

from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.mapping.taxonomy import PLAIN, Taxonomy, folded, paths, read_names

DUTCH = "# Google_Product_Taxonomy_Version: 2021-09-21\n166 - Kleding en accessoires\n8 - Kunst &  amusement \n\n"
HERE = Place("list.txt")
SHARED = Path(__file__).resolve().parents[3] / "shared/data/google"


@pytest.fixture
def dutch():
    return Taxonomy("nl", read_names(DUTCH, HERE))


@pytest.mark.parametrize(
    ("category", "language", "problem"),
    [
        ("166", "nl", None),
        ("9999999", "nl", "unknown"),
        ("Apparel & Accessories", "en", None),
        ("Apparel & Accessories", "", None),
        ("apparel &  accessories>clothing", "en", None),
        ("Apparel & Accessories > Hats and caps", "en", "unknown"),
        ("Apparel & Accessories", "nl", "language"),
        ("Kleding en accessoires", "nl", "unchecked"),
        ("9999999", "", "unknown"),
    ],
)
def test_without_a_list(category, language, problem):
    assert Taxonomy(language).problem(category) == problem


@pytest.mark.parametrize(
    ("category", "number", "problem"),
    [
        ("Kleding en accessoires", "166", None),
        ("KUNST & AMUSEMENT", "8", None),
        ("8", "8", None),
        ("Arts & Entertainment", "8", "language"),
        ("Kunst", None, "unknown"),
    ],
)
def test_with_a_list(dutch, category, number, problem):
    assert (dutch.number(category), dutch.problem(category)) == (number, problem)


def test_levels_and_what_lies_below(dutch):
    assert dutch.level("Kleding en accessoires") == 1
    assert dutch.under("Kleding en accessoires", 8, 166)
    assert not dutch.under("Kunst & amusement", 166)
    assert not PLAIN.under("Kunst & amusement", 8)


@pytest.mark.parametrize(
    ("text", "says", "row"),
    [
        ("166 - Kleding\nKunst\n", "'Kunst' is no line", 2),
        ("# only a comment\n", "empty", None),
        ("2147483647 - Nergens\n", "is no line", 1),
    ],
)
def test_a_list_of_another_form_is_refused_with_its_line(text, says, row):
    with pytest.raises(DefinitionError, match=says) as caught:
        read_names(text, HERE)
    assert caught.value.place.row == row


@pytest.mark.skipif(not SHARED.exists(), reason="needs the lists beside the checkout")
@pytest.mark.parametrize("language", ["en-US", "nl-NL"])
def test_the_published_lists_are_read_whole(language):
    text = (SHARED / f"taxonomy-with-ids.{language}.txt").read_text("utf-8")
    names = read_names(text, HERE)
    numbers = {number for number in paths() if number.isdigit()}
    assert len(names) == 5595
    assert set(names.values()) == numbers
    if language == "en-US":
        assert all(folded(" > ".join(paths()[number])) == name for name, number in names.items())
