"""Requirements and conditions over the fields of an item."""

from datetime import date

import pytest

from feedsmith.checks.items import compile_condition, compile_needed, field_type, item_scope
from feedsmith.checks.ledger import Ledger
from feedsmith.definitions.channel import ItemCheck
from feedsmith.errors import DefinitionError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.mapping.scope import Scope
from feedsmith.mapping.types import Type
from tests.checks.helpers import definition, items_of, node, shown
from tests.helpers import cases

TODAY = date(2026, 11, 22)


def run(case):
    fields = {name: definition(value) for name, value in case["fields"].items()}
    products = {name: Type(kind) for name, kind in case.get("product", {}).items()}
    scope = item_scope(fields, Scope(products))
    items = items_of(fields, case["rows"])
    ledger = Ledger()
    for name, field in fields.items():
        for need in compile_needed(name, field, node(case["fields"][name]), scope):
            need.run(items, {}, ledger)
    if "check" in case:
        condition(case["check"], fields, scope).run(items, ledger)
    return items, ledger


def condition(written, fields, scope):
    tree = node(written)
    return compile_condition("the-check", ItemCheck.model_validate(tree.plain()), tree, fields, scope, TODAY)


@pytest.mark.parametrize(("kind", "case"), list(cases("tests/checks/cases/items")))
def test_item(kind, case):
    items, ledger = run(case)
    assert [[found.row, found.code, found.consequence, found.field] for found in ledger.findings] == case["found"]
    assert sorted(ledger.rejected) == case.get("rejected", [])
    assert {name: shown(items.column(name)) for name in case.get("left", {})} == case.get("left", {})
    assert case.get("says", "") in (ledger.findings[0].message if ledger.findings else "")
    assert items.failures == []


def test_a_lack_that_the_catalog_explains_is_told_by_its_cause():
    fields = {"gtin": definition({"required": "true"})}
    (need,) = compile_needed("gtin", fields["gtin"], node({"required": True}), item_scope(fields, Scope({})))
    fault = Issue(
        "invalid-gtin", Severity.WARNING, "check digit is 1, should be 8", Place("a.csv", 2), value="8710400000001"
    )
    ledger = Ledger()
    need.run(items_of(fields, [{}, {}]), {1: fault}, ledger)
    assert [(found.code, found.value) for found in ledger.findings] == [
        ("missing-required", ""),
        ("invalid-gtin", "8710400000001"),
    ]
    assert fault.message in ledger.findings[1].message


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ({"when": "titel == 'a'"}, "there is no 'titel'"),
        ({"when": "product.brnd == 'a'"}, "a product has no 'brnd'"),
        ({"when": "title > 3"}, "compares"),
        ({"when": "row.price > 3"}, "row"),
        ({"when": "title is empty", "message": "{{ nothing }}"}, "there is no 'nothing'"),
        ({"when": "title is empty", "else": "drop"}, "does not say of what"),
        ({"when": "title is empty", "else": "cut", "field": "title"}, "says cut"),
    ],
)
def test_a_wrong_condition_is_an_error_with_its_place(check, says):
    fields = {"title": definition({})}
    scope = item_scope(fields, Scope({"brand": Type.TEXT}))
    with pytest.raises(DefinitionError, match=says) as caught:
        condition({"code": "own", "message": "m", **check}, fields, scope)
    assert caught.value.place.path == "channel.yaml"
    assert caught.value.place.row


def test_a_failing_row_is_noted_at_the_row_that_owns_the_group():
    case = {
        "fields": {"deal": {"type": "group", "repeat": 9, "group": {"amount": {"type": "number"}}}},
        "check": {"code": "own", "when": "round(row.amount, 99) > 1", "each": "deal", "message": "m"},
        "rows": [{"deal": [{"amount": "1"}]}, {}],
    }
    items, ledger = run({**case, "rows": [{}, {"deal": [{"amount": "1.5"}]}]})
    assert ledger.findings == []
    assert [failure.row for failure in items.failures] == [1]


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({}, Type.TEXT),
        ({"type": "money"}, Type.NUMBER),
        ({"repeat": 3}, Type.LIST),
        ({"type": "group", "group": {"a": {}}}, Type.GROUP),
        ({"type": "group", "repeat": 3, "group": {"a": {}}}, Type.GROUPS),
    ],
)
def test_a_field_has_a_type_in_conditions(field, kind):
    assert field_type(definition(field)) is kind
