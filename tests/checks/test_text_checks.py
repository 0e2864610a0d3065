"""The named text checks: one file of cases each, and what holds for all."""

import pytest

from feedsmith.checks.texts import TEXT_CHECKS, words
from feedsmith.values.column import Column
from tests.helpers import ROOT, cases

FOLDER = "tests/checks/cases/texts"


@pytest.mark.parametrize(("name", "case"), list(cases(FOLDER)))
def test_text(name, case):
    found = list(TEXT_CHECKS[name].find(Column([case["text"]])))
    assert bool(found) is case["found"]
    if "says" in case:
        assert case["says"] in found[0][1]


@pytest.mark.parametrize("name", TEXT_CHECKS)
def test_all_cases_in_one_column_give_the_same_rows(name):
    tables = [case.values[1] for case in cases(FOLDER) if case.values[0] == name]
    column = Column([text for case in tables for text in (None, case["text"])])
    expected = [2 * number + 1 for number, case in enumerate(tables) if case["found"]]
    assert [row for row, _ in TEXT_CHECKS[name].find(column)] == expected


@pytest.mark.parametrize("name", TEXT_CHECKS)
def test_a_check_tells_what_it_does_and_what_to_do(name):
    check = TEXT_CHECKS[name]
    assert check.does
    assert check.help


def test_every_text_check_has_cases():
    assert {path.stem for path in (ROOT / FOLDER).glob("*.yaml")} == set(TEXT_CHECKS)


@pytest.mark.parametrize("phrase", sorted({phrase for group in words()["promotional"].values() for phrase in group}))
def test_every_promotional_phrase_is_found_in_any_case(phrase):
    texts = [f"Deken, {phrase}!", phrase.upper(), f"{phrase}, deken"]
    assert [row for row, _ in TEXT_CHECKS["promotional"].find(Column(texts))] == [0, 1, 2]
