"""Issues on disk come back as they were, and are counted on the way."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsmith.errors import OutputError
from feedsmith.issues import Issue, Place, Severity
from feedsmith.reports.harmless import encodable
from feedsmith.reports.store import BLOCK, IssueWriter, read_issues, write_issues
from tests.reports.conftest import ISSUES

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MAYBE = st.none() | TEXT
PLACES = st.builds(Place, TEXT, st.none() | st.integers(0, 2**40), MAYBE, MAYBE, MAYBE)
ANY_ISSUE = st.builds(
    Issue, TEXT, st.sampled_from(Severity), TEXT, PLACES, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT
)  # fmt: skip


def counted(issues):
    return Counter((issue.severity, issue.feed, issue.code) for issue in issues)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY_ISSUE, max_size=12))
def test_what_is_written_is_read(tmp_path_factory, issues):
    path = tmp_path_factory.mktemp("store") / "part.issues"
    assert write_issues(path, issues) == counted(issues)
    assert list(read_issues([path])) == issues


@pytest.mark.parametrize("number", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
def test_blocks_join_without_a_seam(tmp_path, number):
    issues = [replace(ISSUES[row % 6], product=f"SKU-{row}") for row in range(number)]
    path = tmp_path / "part.issues"
    with IssueWriter(path) as writer:
        writer.extend(issues[:10])
        writer.extend(iter(issues[10:]))
    assert writer.counts == counted(issues)
    assert list(read_issues([path])) == issues


def test_a_writer_keeps_one_block_in_memory(tmp_path):
    with IssueWriter(tmp_path / "part.issues") as writer:
        for _ in range(5):
            writer.extend(ISSUES[:5] * 300)
        assert sum(writer.counts.values()) == 7_500 // BLOCK * BLOCK


def test_parts_are_read_in_the_order_given(tmp_path):
    paths = [tmp_path / "b", tmp_path / "a"]
    for number, path in enumerate(paths):
        write_issues(path, [ISSUES[number]])
    assert list(read_issues(paths)) == list(ISSUES[:2])


def test_a_part_done_again_counts_once(tmp_path):
    path = tmp_path / "part.issues"
    write_issues(path, ISSUES[:6])
    write_issues(path, ISSUES[:2])
    assert list(read_issues([path])) == list(ISSUES[:2])


def test_a_lone_surrogate_is_kept_as_an_escape(tmp_path):
    path = tmp_path / "part.issues"
    write_issues(path, ISSUES)
    last = list(read_issues([path]))[-1]
    assert last == replace(ISSUES[-1], value=encodable(ISSUES[-1].value))


def test_the_file_is_small(tmp_path):
    path = tmp_path / "part.issues"
    write_issues(path, [replace(ISSUES[1], product=f"SKU-{row}") for row in range(10_000)])
    assert path.stat().st_size < 45 * 10_000


def test_a_writer_that_fails_half_way_closes_its_file(tmp_path):
    def broken():
        yield from ISSUES
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_issues(tmp_path / "part.issues", broken())
    assert list(read_issues([tmp_path / "part.issues"])) == []


def test_no_place_for_the_file(tmp_path):
    with pytest.raises(OutputError, match="cannot be kept"):
        write_issues(tmp_path / "missing" / "part.issues", ISSUES)


@pytest.mark.parametrize(
    "change",
    [lambda old: old[:-1], lambda old: old[:3], lambda old: old + b"\0\0\0\x04abc", lambda old: b"\0\0\0\x02\x91\xc1"],
)
def test_a_damaged_file_is_no_traceback(tmp_path, change):
    path = tmp_path / "part.issues"
    write_issues(path, ISSUES[:6])
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(OutputError, match="damaged"):
        list(read_issues([path]))


def test_a_missing_part_is_no_traceback(tmp_path):
    with pytest.raises(OutputError, match=r"part\.issues"):
        list(read_issues([tmp_path / "part.issues"]))
