"""Rules that somebody else wrote to do harm: refused with exit code 2 and a place, or stopped on the row."""

import re
import resource
import signal
import sys
from contextlib import contextmanager

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.definitions.node import Node
from feedsmith.errors import DefinitionError, DefinitionErrors
from feedsmith.issues import Place
from feedsmith.mapping.expression import compile_expression, compile_text
from tests.helpers import ROOT
from tests.mapping.conftest import SCOPE, rows_of
from tests.run.helpers import export, read_feed, rows, shop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="clocks and limits of Linux")
CASES = yaml.safe_load((ROOT / "tests/run/hostile.yaml").read_text("utf-8"))
BASE = {"catalog": {"source": "catalog.csv"}, "market": {"currency": "EUR"}, "feeds": {"one": {"channel": "one"}}}
SECONDS = 5
"""Of the processor, what a hostile rule may cost; most cost a few milliseconds."""
MEGABYTES = 300
"""What a hostile rule may add to the memory of the process."""


def grown(value):
    """A text as the case means it: `a@*3` is the sign before the mark three times, `ab@#3` the whole text."""
    if isinstance(value, dict):
        return {key: grown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [grown(item) for item in value]
    if not isinstance(value, str):
        return value
    value = re.sub(r"^(.*)@#([0-9]+)$", lambda found: found[1] * int(found[2]), value)
    return re.sub(r"(%}|not |.)@\*([0-9]+)", lambda found: once(found[0], value) * int(found[2]), value)


def once(hit, whole):
    """The piece before the mark: a word with its blank, a whole block, or a sign."""
    if hit.startswith("%}"):
        return whole[: whole.index("@")]
    return hit.split("@")[0]


@contextmanager
def within_bounds():
    def too_late(number, frame):
        raise AssertionError(f"more than {SECONDS} seconds")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    old = signal.signal(signal.SIGPROF, too_late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1000


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_rule_is_refused_or_stopped(tmp_path, name):
    case = CASES[name]
    project = yaml.safe_dump(BASE | grown(case["project"]), sort_keys=False, width=100_000, allow_unicode=True)
    folder = shop(tmp_path, rows(10), project)
    with within_bounds():
        if "refused" in case:
            with pytest.raises(DefinitionError) as caught:
                export(folder)
            check_refused(caught.value, case)
            assert not (folder / "out").exists()
            return
        ran = export(folder)
    if "stopped" in case:
        failed = ran.found("rule-failed")
        assert failed
        assert {issue.place.path for issue in failed} == {"feedsmith.yaml"}
        assert any(re.search(case["stopped"], issue.message) for issue in failed), failed[0].message
        assert {item.get("color") for item in read_feed(folder / "out/one.xml")} == {None}
    else:
        assert {item["color"] for item in read_feed(folder / "out/one.xml")} == {case["gives"][:2000]}


def check_refused(error, case):
    errors = error.errors if isinstance(error, DefinitionErrors) else (error,)
    found = next((one for one in errors if re.search(case["refused"], one.problem)), None)
    assert found is not None, errors[0].problem
    assert error.exit_code == 2
    assert (found.place.path, found.place.row is not None, found.place.column is not None) == (
        "feedsmith.yaml",
        True,
        True,
    )
    assert case.get("at", "") in f"{found.place.row}:{found.place.column}"


PIECES = [
    "title", "price", "pictures", "stock", "''", "'a'", "9999999999", "10", "-1", "0", "none", "today", "{", "}", "{{", "}}", "{%", "%}",
    "(", ")", "[", "]", ".", ",", "|", "~", "+", "-", "*", "**", "/", "//", "%", "<", "==", " in ", " not ", " and ", " if ", " else ",
    " is ", " for ", " set ", " import ", " include ", " macro ", " call ", " filter ", " block ", " extends ", " endif ", " empty ",
    "__class__", "__globals__", "__import__", "self", "loop", "range", "format", "attr", "map", "lipsum", "cycler", "joiner", "namespace", "dict",
    "replace", "join", "split", "pad", "upper", "url_encode", "matches", "extract", "round", "add_days", "date_text", "together", "to_number",
    "'(a+)+$'", "'%999d'", "'{0.__class__}'", "''.join", "#", "{#", "\\\\", "\n", '"', "'", ":", "=", ":=", "lambda", "yield", "@", "é", "\0",
]  # fmt: skip
CATALOG = {
    "title": ["a" * 90_000, "b", None],
    "price": [10**27, 3, None],
    "pictures": [["x" * 40_000, "y" * 40_000], ["a"], None],
    "stock": [{"a": 10**27}, {}, None],
}
soups = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join)
calls = st.recursive(
    st.sampled_from(["title", "price", "'a'", "pictures", "9999999999"]),
    lambda inner: st.builds("{}({}, {})".format, st.sampled_from(["pad", "replace", "join", "split", "together", "round", "min", "with_vat"]), inner, inner)
    | st.builds("{}({})".format, st.sampled_from(["upper", "url_encode", "length", "with_vat", "unique_words"]), inner)
    | st.builds("({} {} {})".format, inner, st.sampled_from(["~", "*", "+", "/", "if sold else", "or"]), inner),
    max_leaves=12,
)  # fmt: skip


@given(soups | calls)
@settings(max_examples=300, deadline=None)
def test_any_soup_of_signs_is_refused_or_bounded(text):
    for compiler in (compile_expression, compile_text):
        with within_bounds():
            try:
                compiled = compiler(Node(text, Place("rules.yaml", 1, "1"), Place("rules.yaml", 1, "1")), SCOPE)
            except DefinitionError as error:
                assert error.place.row is not None  # noqa: PT017 - refused or bounded: both are right
                continue
            values = rows_of(3, CATALOG).run(compiled).values
        assert len(values) == 3
        assert all(len(value) <= 100_000 for value in values if isinstance(value, str | list))
        assert all(abs(value) < 10**28 for value in values if type(value) is int)
