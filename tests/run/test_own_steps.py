"""Steps in Python that a project declares: by value and by column, in workers, with their mistakes."""

from datetime import UTC, datetime

import pytest

from feedsmith.errors import DefinitionError
from tests.helpers import write_tree
from tests.run.helpers import export, read_feed, rows, shop

STEPS = '''\
"""Steps of the shop."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass
class _Words:
    found: list[str]


def short_brand(brand: str) -> str:
    """The brand's first word."""
    return _Words(brand.split()).found[0]


def shout(text: str, sign: str = "!") -> str | None:
    return text.upper() + sign


def repeat(text: str, times: int) -> str:
    return text * times


def with_fee(price: Decimal, fee: Decimal) -> Decimal:
    return price + fee


def renamed(text: str, names: dict[str, str]) -> str:
    return names.get(text, text)


def numbered(texts: list[str | None]) -> list[str | None]:
    """Each text with how many there are of it."""
    return [f"{text} of {texts.count(text)}" if text else "none" for text in texts]


def parts(text: str) -> list[str]:
    return re.findall("[a-z]+", text)


def is_red(text: str) -> bool:
    return text == "rood"


def year(day: datetime) -> Decimal:
    return day.year


def nothing(text: str) -> str | None:
    return None


def fails(text: str) -> str:
    return {"rood": "red"}[text]


def exits(text: str) -> str:
    raise SystemExit(3)


def wrong(text: str) -> str:
    return 5


def too_few(texts: list[str | None]) -> list[str | None]:
    return texts[1:]


def breaks_one(texts: list[str | None]) -> list[str | None]:
    return [{"rood": "red"}[text] for text in texts]
'''


def project(rule, steps="steps/shop.py"):
    declared = f"steps: {steps}\n" if steps else ""
    return f"catalog: catalog.csv\nmarket: {{currency: EUR}}\n{declared}feeds: {{one: {{channel: one, fields: {{title: {rule}}}}}}}\n"


def titles(folder, rule, products=None, steps=STEPS, **options):
    shop(folder, products or rows(2, color="rood", brand="Kaap aan Zee"), project(rule))
    write_tree(folder, {"steps/shop.py": steps})
    ran = export(folder, **options)
    path = folder / "out/one.xml"
    return [item["title"] for item in read_feed(path)] if path.is_file() else [], ran


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("{from: brand, steps: [short_brand]}", "Kaap"),
        ("{from: brand, steps: [short_brand, upper]}", "KAAP"),
        ("{from: color, steps: [shout]}", "ROOD!"),
        ("{from: color, steps: [{shout: '?'}]}", "ROOD?"),
        ("{from: color, steps: [{repeat: 2}]}", "roodrood"),
        ("{from: to_number('5'), steps: [{with_fee: 0.5}]}", "5.5"),
        ("{from: color, steps: [{renamed: {rood: red}}]}", "red"),
        ("{from: color, steps: [numbered]}", "rood of 2"),
        ("{from: color, steps: [parts, {join: '-'}]}", "rood"),
        ("{from: color, steps: [is_red]}", "yes"),
        ("{from: today, steps: [year]}", "2026"),
        ("{from: color, steps: [nothing], default: x}", "x"),
    ],
)
def test_a_step_of_the_project(tmp_path, rule, title):
    found, ran = titles(tmp_path, rule, as_of=datetime(2026, 11, 22, tzinfo=UTC))
    assert found == [title, title]
    assert ran.found("rule-failed") == []


@pytest.mark.parametrize(
    ("step", "says", "sent"),
    [
        ("fails", "KeyError: 'geel'", ["red"]),
        ("breaks_one", "KeyError: 'geel'", ["red"]),
        ("exits", "SystemExit: 3", []),
        ("wrong", "it gave int 5, and says str", []),
        ("too_few", "as many values as it gets", []),
    ],
)
def test_what_a_step_raises_is_told_of_the_row_and_the_run_goes_on(tmp_path, step, says, sent):
    products = [*rows(1, color="rood"), *rows(1, id="SKU-2", color="geel")]
    found, ran = titles(tmp_path, f"{{from: color, steps: [{step}]}}", products)
    assert found == sent
    failed = ran.found("rule-failed")
    assert len(failed) == 2 - len(sent)
    assert all(says in issue.message for issue in failed)
    assert {str(issue.place) for issue in failed} == {"feedsmith.yaml:4:67"}


def test_a_step_works_in_worker_processes(tmp_path):
    assert titles(tmp_path, "{from: brand, steps: [short_brand]}", workers=2)[0] == ["Kaap", "Kaap"]


def test_without_a_declaration_no_file_is_looked_at(tmp_path):
    shop(tmp_path, rows(1), project("{from: brand, steps: [short_brand]}", steps=""))
    write_tree(tmp_path, {"steps/shop.py": "raise SystemExit(9)"})
    with pytest.raises(DefinitionError, match="there is no step 'short_brand'"):
        export(tmp_path)


@pytest.mark.parametrize(
    ("steps", "rule", "place", "says"),
    [
        ("x = \n", "{from: color}", "steps/shop.py:1", "cannot be run: SyntaxError"),
        ("import os\n\nos.nothing\n", "{from: color}", "steps/shop.py:3", "cannot be run: AttributeError"),
        ("exit(1)\n", "{from: color}", "steps/shop.py:1", "cannot be run: "),
        ("def upper(text: str) -> str: return text\n", "{from: color}", "feedsmith.yaml:3:8", "a step 'upper' already"),
        ("def one(text): return text\n", "{from: color}", "steps/shop.py:1", "the type of the value text"),
        ("\ndef one(text: str): return text\n", "{from: color}", "steps/shop.py:2", "the type of the result"),
        ("def one(text: float) -> str: return text\n", "{from: color}", "steps/shop.py:1", "the type of the value"),
        ("def one(text: 'Odd') -> str: return text\n", "{from: color}", "steps/shop.py:1", "cannot be read"),
        ("def one() -> str: return 'a'\n", "{from: color}", "steps/shop.py:1", "takes one value"),
        ("def one(*texts: str) -> str: return 'a'\n", "{from: color}", "steps/shop.py:1", "takes one value"),
        (STEPS, "{from: color, steps: [shot]}", "feedsmith.yaml:4:67", "did you mean shout"),
        (STEPS, "{from: color, steps: [{short_brand: 1}]}", "feedsmith.yaml:4:67", "takes no argument"),
        (STEPS, "{from: color, steps: [repeat]}", "feedsmith.yaml:4:67", "takes an argument"),
        (STEPS, "{from: color, steps: [{repeat: many}]}", "feedsmith.yaml:4:67", "takes a number"),
        (STEPS, "{from: color, steps: [{repeat: 1.5}]}", "feedsmith.yaml:4:67", "takes a whole number"),
        (STEPS, "{from: color, steps: [{renamed: red}]}", "feedsmith.yaml:4:67", "takes a mapping"),
        (STEPS, "{from: color, steps: [{with_fee: 1}]}", "feedsmith.yaml:4:67", "takes a number, found a text"),
    ],
)
def test_a_mistake_of_a_step_has_its_place(tmp_path, steps, rule, place, says):
    with pytest.raises(DefinitionError) as caught:
        titles(tmp_path, rule, steps=steps)
    assert says in str(caught.value)
    assert str(caught.value.place) == place


@pytest.mark.parametrize(
    ("path", "says"),
    [("../shop.py", "lies outside the project"), ("/shop.py", "lies outside"), ("none.py", "there is no Python file"), ("catalog.csv", "there is no Python file")],
)  # fmt: skip
def test_only_a_python_file_of_the_project_is_loaded(tmp_path, path, says):
    shop(tmp_path / "project", rows(1), project("{from: color}", steps=path))
    write_tree(tmp_path, {"shop.py": STEPS})
    with pytest.raises(DefinitionError, match=says):
        export(tmp_path / "project")
