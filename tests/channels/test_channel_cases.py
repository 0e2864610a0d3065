"""Every case of the channels through the real engine, and proofs that the cases leave out no check."""

from functools import cache
from typing import Any

import pytest

from feedsmith.issues import Severity
from tests.channels.engine import CHANNELS, Bench, Seen, benches, group_key, load_cases, rows_of

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
