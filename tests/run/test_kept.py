"""Feeds that are kept: the bytes that come back are the bytes that were published, or it is told that they are not."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsmith.definitions.project import HistoryDefinition
from feedsmith.errors import FeedsmithError
from feedsmith.run.history import History, KeptFile, PastFeed, moment
from feedsmith.run.kept import is_kept, keep, open_kept, pack, superseded, worth_keeping


@pytest.fixture
def state(tmp_path):
    return tmp_path / ".feedsmith"


def publish(state: Path, run: int, days: float = 0, **files: bytes) -> PastFeed:
    """Files in the output folder, and the record of the run that put them there so many days ago."""
    out = state.parent / "out"
    out.mkdir(exist_ok=True)
    kept = []
    for name, content in files.items():
        new = out / "new"
        new.write_bytes(content)
        new.replace(out / f"{name}.xml")
        kept.append(KeptFile(f"{name}.xml", 1, len(content), hashlib.sha256(content).hexdigest()))
    at = moment(datetime.now(UTC) - timedelta(days=days))
    return PastFeed(run, "google", "google", "out", "published", files=tuple(kept), at=at)


def bytes_of(state: Path, feed: PastFeed) -> dict[str, bytes]:
    with open_kept(state, feed) as paths:
        return {path.name: path.read_bytes() for path in paths}


def test_keeping_costs_a_second_name_and_the_bytes_outlive_the_next_version(state):
    first = publish(state, 1, a=b"one" * 1000, b=b"two" * 1000)
    keep(state, first)
    assert (state.parent / "out/a.xml").stat().st_nlink == 2
    keep(state, publish(state, 2, a=b"new", b=b"newer"))
    assert bytes_of(state, first) == {"a.xml": b"one" * 1000, "b.xml": b"two" * 1000}


def test_what_is_compressed_comes_back_the_same(state):
    feed = publish(state, 1, a=os.urandom(3_000_000))
    content = (state.parent / "out/a.xml").read_bytes()
    keep(state, feed)
    (path,) = (state / "kept").iterdir()
    pack(path)
    assert [one.name for one in (state / "kept").iterdir()] == [path.name + ".zst"]
    assert is_kept(state, feed)
    assert bytes_of(state, feed) == {"a.xml": content}


def test_a_disk_without_second_names_gets_a_copy(state, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(95, "not supported")))
    feed = publish(state, 1, a=b"one")
    keep(state, feed)
    assert (state.parent / "out/a.xml").stat().st_nlink == 1
    assert bytes_of(state, feed) == {"a.xml": b"one"}


@pytest.mark.parametrize("packed", [False, True])
def test_a_version_that_something_else_wrote_to_is_told(state, packed):
    feed = publish(state, 1, a=b"one" * 10_000)
    keep(state, feed)
    (path,) = (state / "kept").iterdir()
    if packed:
        pack(path)
        (path,) = (state / "kept").iterdir()
    path.write_bytes(path.read_bytes()[:-4] + b"oops")
    with pytest.raises(FeedsmithError, match=r"is not kept as it was published|this file is damaged"):
        bytes_of(state, feed)


def test_a_version_that_is_kept_no_more_is_told(state):
    feed = publish(state, 1, a=b"one")
    assert not is_kept(state, feed)
    with pytest.raises(FeedsmithError, match=r"a\.xml of run 1 is kept no more"):
        bytes_of(state, feed)


def test_versions_are_kept_by_count_and_age_and_the_live_one_always(state):
    with History(state, write=True) as history:
        for number, days in enumerate([90, 80, 20, 10, 5, 4, 3], 1):
            history.begin("", "", "")
            feed = publish(state, number, days, a=b"version %d" % number)
            keep(state, feed)
            history.note([feed])
        assert [feed.run for feed in worth_keeping(history, HistoryDefinition())] == [7, 6, 5, 4, 3]
        assert [feed.run for feed in worth_keeping(history, HistoryDefinition(keep=2))] == [7, 6]
        assert [feed.run for feed in worth_keeping(history, HistoryDefinition(days=1))] == [7]
        wanted = worth_keeping(history, HistoryDefinition(days=7))
    waiting = superseded(state, wanted)
    assert sorted(path.read_bytes() for path in waiting) == [b"version 5", b"version 6"]
    for path in waiting:
        pack(path)
    assert superseded(state, wanted) == []
    assert [bytes_of(state, feed) for feed in wanted] == [{"a.xml": b"version %d" % n} for n in (7, 6, 5)]
    assert len(list((state / "kept").iterdir())) == 3


def test_what_a_killed_run_left_half_compressed_goes(state):
    feed = publish(state, 1, a=b"one")
    keep(state, feed)
    (state / "kept/.feedsmith-0123456789abcdef.part").write_bytes(b"half")
    superseded(state, [feed])
    assert [path.name for path in (state / "kept").iterdir()] == [feed.files[0].sha256]
