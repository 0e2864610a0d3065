"""Rules by table: functions, expressions, texts, steps, whole rules, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import yaml

from feedsmith.definitions.node import Node, parse_yaml
from feedsmith.definitions.rule import rule_cases
from feedsmith.errors import DefinitionError
from feedsmith.issues import Place
from feedsmith.mapping.expression import compile_expression, compile_text
from feedsmith.mapping.functions import FUNCTIONS
from feedsmith.mapping.steps import STEPS
from tests.helpers import ROOT
from tests.mapping.conftest import SCOPE, one_row, written

FOLDER = ROOT / "tests/mapping/cases"
PLACE = Place("rules.yaml", 1, "1")


def table(name):
    cases = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case_name) for case_name, case in cases.items()]


def names_of_cases(name):
    return {case.id.split(" ")[0] for case in table(name)}


def alike(found, expected):
    """Equal, where a decimal may be written as a number of YAML."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[key], expected[key]) for key in found)
    if isinstance(found, int | Decimal) and not isinstance(found, bool) and isinstance(expected, int | float):
        return Decimal(found) == Decimal(str(expected)) and not isinstance(expected, bool)
    if isinstance(found, datetime):
        return found == datetime.fromisoformat(str(expected)).replace(tzinfo=UTC)
    return type(found) is type(expected) and found == expected


@pytest.mark.parametrize("case", [*table("functions"), *table("expressions")])
def test_expression(case):
    rows = one_row(case["row"])
    column = rows.run(compile_expression(Node(case["expr"], PLACE, PLACE), SCOPE))
    assert alike(column[0], case["gives"]), column[0]
    assert rows.failures == []


def test_every_function_has_a_case_of_its_name():
    assert names_of_cases("functions") >= {*FUNCTIONS, "currency"}


@pytest.mark.parametrize("case", table("texts"))
def test_text(case):
    rows = one_row(case["row"])
    assert rows.run(compile_text(Node(case["text"], PLACE, PLACE), SCOPE))[0] == case["gives"]
    assert rows.failures == []


def apply(rule, compiler, row):
    rows = one_row(row)
    node = parse_yaml(yaml.safe_dump({"rule": rule}, allow_unicode=True, width=10_000), "rules.yaml").map["rule"]
    return compiler.cases(rule_cases(node), None, node).apply(rows, "field")[0], rows.failures


@pytest.mark.parametrize("case", table("steps"))
def test_step(case, compiler):
    rule = {"from": case["from"], "steps": [case["step"]]}
    value, failures = apply(rule, compiler(case.get("limit")), case["row"])
    assert alike(value, case["gives"]), value
    assert failures == []


def test_every_step_has_a_case_of_its_name():
    assert names_of_cases("steps") >= set(STEPS)


@pytest.mark.parametrize("name", STEPS)
def test_the_example_of_a_step_is_right(name, compiler):
    argument = yaml.safe_load(STEPS[name].example)
    known = {"LIST": "pictures", "NUMBER": "price", "DATE": "since"}.get(STEPS[name].takes.name, "color")
    apply({"from": known, "steps": [argument]}, compiler(70), {})
    assert name in (argument if isinstance(argument, dict) else {argument: None})


@pytest.mark.parametrize("case", table("rules"))
def test_rule(case, compiler):
    value, failures = apply(case["rule"], compiler(case.get("limit")), case["row"])
    assert alike(value, case["gives"]), value
    assert len(failures) == len(case.get("fails", []))
    for failure, problem in zip(failures, case.get("fails", []), strict=True):
        assert problem in failure.problem
        assert failure.place.path == "rules.yaml"


@pytest.mark.parametrize("case", table("refused"))
def test_refused_with_its_place(case, compiler):
    node = written(f"rule: {case['rule']}")
    with pytest.raises(DefinitionError) as caught:
        compiler().cases(rule_cases(node), None, node)
    assert case["says"] in str(caught.value)
    assert (caught.value.place.path, caught.value.place.row) == ("rules.yaml", 1)
    if "column" in case:
        assert caught.value.place.column == str(case["column"])


@pytest.mark.parametrize(
    "text", ["(" * 4000 + "1" + ")" * 4000, "not " * 2400 + "sold", "1" + "+1" * 4500, "9" * 6000, "1" * 20_000]
)
def test_a_monstrous_expression_is_refused(text):
    with pytest.raises(DefinitionError):
        compile_expression(Node(text, PLACE, PLACE), SCOPE)


def test_the_place_of_a_name_in_a_block_text():
    with pytest.raises(DefinitionError) as caught:
        compile_text(written("rule: |\n    {{ brand }}\n    and {{ brnd }}\n"), SCOPE)
    assert str(caught.value.place) == "rules.yaml:3:12"


def test_the_place_of_a_name_that_escapes_have_moved_is_the_text():
    with pytest.raises(DefinitionError) as caught:
        compile_text(written('rule: "\\t\\t{{ brnd }}"'), SCOPE)
    assert str(caught.value.place) == "rules.yaml:1:8"


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+b", "(a|aa){1,60}b", "a?" * 30 + "a{30}b", "(a*)*b", "[[:alpha:]]+1"]
)
def test_a_pattern_that_explodes_elsewhere_takes_no_time(pattern):
    expression = compile_expression(Node(f'matches(title, "{pattern}")', PLACE, PLACE), SCOPE)
    assert one_row({"title": "a" * 60 + "c"}).run(expression)[0] is False
