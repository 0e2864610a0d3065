"""Every case of the channels through the real engine, and proofs that the cases leave out no check."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from feedsmith.issues import Severity
from tests.channels.engine import CHANNELS, Bench, Seen, benches, group_key, load_cases, rows_of
from tests.channels.inherited import own_checks

SPECIFICATION = Path(__file__).resolve().parents[3] / "shared" / "specs" / "google-data.json"
NO_CASE = {
    "file.malformed_xml": "the engine writes no such file: cases, laws of the encoders and the read-back prove it",
    "file.namespace": "stands in the template: the test of the full item reads it back",
    "file.empty": "a run without items publishes nothing: the tests of runs prove it",
    "file.size": "the envelope of the definition; the tests of assembly prove the split",
    "file.header": "of text files: the test of the text form reads the headings back",
    "file.item_too_big": "the limits are those of custom attributes, which are not written",
    "file.mixed_language": "the language of a text is not recognised",
    "file.stale": "the age of what was sent is known by who takes it",
    "image.single_color": "shows in the picture itself, of which only the size is known",
    "file.unknown_attribute": "the definition's fields are the only ones that are written",
}
"""Checks of the specification that no product can trip here, and why."""
CASES = {channel: load_cases(channel) for channel in CHANNELS}


@pytest.fixture(scope="session")
def see(tmp_path_factory):
    """Runs a case of a channel; each is run once."""

    @cache
    def all_benches(channel: str) -> dict[str, Bench]:
        return dict(benches(channel, tmp_path_factory.mktemp(channel), CASES[channel]))

    @cache
    def run(channel: str, name: str) -> Seen:
        case = CASES[channel][name]
        return all_benches(channel)[group_key(case)].run(rows_of(channel, case))

    run.bench = lambda channel: next(iter(all_benches(channel).values()))
    return run


def every_case() -> list[Any]:
    return [pytest.param(channel, name, id=f"{channel}: {name}") for channel in CHANNELS for name in CASES[channel]]


@pytest.mark.parametrize(("channel", "name"), every_case())
def test_case(see, channel, name):
    case, seen = CASES[channel][name], see(channel, name)
    told = [f"{issue.severity} {issue.code} {issue.field}: {issue.message}" for issue in seen.issues]
    assert sorted(seen.codes(Severity.ERROR, Severity.WARNING)) == sorted(case["found"]), told
    infos = seen.codes(Severity.INFO)
    assert set(case.get("info", [])) <= infos, told
    assert not set(case.get("no_info", [])) & infos, told
    assert seen.rejected == case.get("rejected", False), told
    for field in case.get("gone", []):
        assert field not in seen.out
    assert {field: seen.out.get(field) for field in case.get("out", {})} == case.get("out", {})


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_check_of_the_definition_is_tripped(see, channel):
    """Conditions are known by code, field and help; the checks of the whole feed by their names."""
    seen = [see(channel, name) for name in CASES[channel]]
    told = {(issue.code, issue.field, issue.help) for one in seen for issue in one.issues}
    feed = see.bench(channel).feed
    assert set(feed.channel.checks) == {one.name for one in feed.conditions}
    marks = {one.name: (one.code, one.field or one.each, one.help) for one in feed.conditions}
    assert len(set(marks.values())) == len(marks)
    own = own_checks(channel)
    assert not {name for name, mark in marks.items() if mark not in told} & own
    assert not own & set(feed.sets) - {name for one in seen for name in one.sets}
    assert set(feed.sets) == set(feed.channel.sets)


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_check_has_a_near_miss(channel):
    """A case about the rule, or about the rule that it is a part of, that finds nothing."""
    quiet = {case["check"] for case in CASES[channel].values() if not case["found"] and not case.get("info")}
    assert not {name for name in own_checks(channel) if not _part_of(name, quiet)}


def _part_of(name: str, names: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}_") for one in names)


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="needs the specification beside the checkout")
def test_every_check_of_the_specification_has_cases():
    checks = json.loads(SPECIFICATION.read_text("utf-8"))["checks"]
    asked = {check["id"] for check in checks if check["offline"] != "no"}
    cases = CASES["google"].values()
    tripped = {case["check"] for case in cases if case["found"] or case.get("info")}
    passed = {case["check"] for case in cases if not case["found"] and not case.get("info")}
    assert asked - (tripped & passed) == set(NO_CASE)
