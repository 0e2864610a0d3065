"""The checks of one field, by kind of limit, and that nothing happens to a value in silence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.checks.fields import FieldCheck
from feedsmith.checks.ledger import RESULTS, SEVERITIES, Finding, Ledger
from feedsmith.definitions.field import FieldDefinition
from feedsmith.errors import DefinitionError
from feedsmith.issues import Severity
from feedsmith.values.column import Column
from tests.checks.helpers import definition, shaped, shown
from tests.helpers import cases


def checked(field, values, override=None):
    ledger = Ledger(override=override)
    made = shaped(values, field)
    return FieldCheck.of("title", field).run(made.column, made.problems, ledger), ledger


@pytest.mark.parametrize(("kind", "case"), list(cases("tests/checks/cases/fields")))
def test_field(kind, case):
    column, ledger = checked(definition(case["field"]), case["values"])
    assert [[found.row, found.code, found.consequence] for found in ledger.findings] == case["found"]
    assert shown(column) == case["left"]
    assert sorted(ledger.rejected) == case.get("rejected", [])


@pytest.mark.parametrize(("kind", "case"), list(cases("tests/checks/cases/fields")))
def test_a_value_that_goes_or_changes_is_told_to_be(kind, case):
    field = definition(case["field"])
    before = shown(shaped(case["values"], field).column)
    column, ledger = checked(field, case["values"])
    told = {found.row for found in ledger.findings if found.consequence in {"drop", "cut", "reject"}}
    assert {row for row, value in enumerate(shown(column)) if value != before[row]} <= told
    for found in ledger.findings:
        assert found.message.endswith(RESULTS.get(found.consequence, ""))
        assert found.field.split(".")[0] == "title"


def test_a_finding_says_how_long_a_text_is_and_shows_it():
    _, ledger = checked(
        definition({"max": {"length": 1000, "else": "cut"}, "reference": "https://x.example"}), ["a" * 1200]
    )
    assert ledger.findings == [
        Finding(0, "too-long", "cut", "has 1,200 characters, at most 1,000; the value is cut", "title", "a" * 1200,
                "shorten it in the catalog or by a rule", "https://x.example")
    ]  # fmt: skip


def test_an_attribute_of_a_group_is_named():
    _, ledger = checked(
        definition({"type": "group", "group": {"name": {"max": {"length": 1, "else": "drop"}}}}), [{"name": "ab"}]
    )
    assert [found.field for found in ledger.findings] == ["title.name"]


def test_the_project_turns_a_code_off():
    column, ledger = checked(definition({"max": {"length": 1, "else": "drop"}}), ["ab"], lambda code, wanted: None)
    assert (shown(column), ledger.findings) == (["ab"], [])


def test_the_project_makes_a_warning_an_error():
    column, ledger = checked(
        definition({"repeat": "9", "max": {"length": 1, "else": "drop"}}),
        [["a"], ["ab"]],
        lambda code, wanted: "reject",
    )
    assert shown(column) == ["a", "ab"]
    assert ledger.rejected == {1}
    assert [found.message for found in ledger.findings] == ["has 2 characters, at most 1"]


@pytest.mark.parametrize("wrong", [{"pattern": {"match": "("}}, {"type": "number", "range": {"min": "few"}}])
def test_a_wrong_limit_is_an_error_of_the_definition(wrong):
    with pytest.raises(DefinitionError, match="'title' has a pattern or range"):
        FieldCheck.of("title", definition(wrong))


@pytest.mark.parametrize(
    ("consequence", "severity"),
    [
        ("reject", Severity.ERROR),
        ("drop", Severity.WARNING),
        ("cut", Severity.WARNING),
        ("warn", Severity.WARNING),
        ("info", Severity.INFO),
    ],
)
def test_a_consequence_has_its_severity(consequence, severity):
    assert SEVERITIES[consequence] is severity


@settings(max_examples=60)
@given(
    st.lists(st.none() | st.text(min_size=1, max_size=12), min_size=1, max_size=8),
    st.integers(1, 10),
    st.sampled_from(["characters", "bytes"]),
    st.sampled_from(["drop", "cut"]),
)
def test_what_is_left_fits_and_what_fitted_is_left(values, length, unit, otherwise):
    field = FieldDefinition.model_validate({"type": "html", "max": {"length": length, "unit": unit, "else": otherwise}})
    ledger = Ledger()
    column = FieldCheck.of("title", field).run(Column(values), {}, ledger)

    def size(text):
        return len(text) if unit == "characters" else len(text.encode())

    for row, (before, after) in enumerate(zip(values, column, strict=True)):
        told = any(found.row == row for found in ledger.findings)
        assert told is (before is not None and size(before) > length)
        assert after == before or told
        assert after is None or 0 < size(after) <= length
