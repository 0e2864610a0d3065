"""The history of runs: what is noted, what is found again, and what becomes of a file that is old, new or damaged."""

import sqlite3

import msgspec
import pytest

from feedsmith.errors import FeedsmithError
from feedsmith.run.history import History, Hold, KeptFile, PastFeed
from feedsmith.run.history_file import NAME, VERSION, out_name, out_path


def feed(run: int, state: str = "published", sha: str = "a", **more) -> PastFeed:
    given = {"feed": "google", "channel": "google", "out": "out", "items": 5, "at": "2026-11-22T08:00:00Z"} | more
    return PastFeed(run=run, state=state, files=(KeptFile("google.xml", 5, 100, sha),), **given)


@pytest.fixture
def history(tmp_path):
    with History(tmp_path / ".feedsmith", write=True) as opened:
        yield opened


def begin(history: History) -> int:
    return history.begin("feedsmith export", "0.1.0", "2026-11-22")


def test_runs_are_numbered_and_found_newest_first(history):
    for _ in range(3):
        number = begin(history)
        history.note([feed(number)])
        history.end(number, 0, 1.23456)
    assert [run.number for run in history.runs()] == [3, 2, 1]
    assert [run.number for run in history.runs(2)] == [3, 2]
    assert history.named("last") == history.named("3") == history.run(3)
    run = history.run(3)
    assert (run.exit_code, run.seconds, run.feeds, run.manifest) == (0, 1.235, (feed(3),), {})


def test_what_is_read_beside_a_run_under_way(history):
    number = begin(history)
    history.note([feed(number, "publishing")])
    with History(history.state) as other:
        assert other.run(number).exit_code is None
        assert other.unfinished() == [feed(number, "publishing")]
        assert other.last_good("google", "out") is None
        history.note([feed(number)])
        assert other.last_good("google", "out") == feed(number)


@pytest.mark.parametrize(
    ("name", "problem"), [("9", "there is no run 9"), ("first", "'first' is no run"), ("-1", "'-1' is no run")]
)
def test_a_run_that_is_not_there_is_told_with_those_that_are(history, name, problem):
    begin(history)
    with pytest.raises(FeedsmithError, match=rf"{problem}\n  hint: runs 1 to 1 are known") as caught:
        history.named(name)
    assert caught.value.exit_code == 2


def test_a_missing_history_is_empty_and_is_not_made_by_reading(tmp_path):
    with History(tmp_path / ".feedsmith") as history:
        assert history.runs() == []
        with pytest.raises(FeedsmithError, match="there are no runs"):
            history.named("last")
    assert list(tmp_path.iterdir()) == []


def test_versions_are_what_differs_in_bytes(history):
    for sha in "aabbac":
        history.note([feed(begin(history), sha=sha)])
    history.note([feed(begin(history), "held", sha="x")])
    assert [(one.run, one.files[0].sha256) for one in history.versions(5)] == [(6, "c"), (5, "a"), (4, "b")]
    assert [one.run for one in history.versions(2)] == [6, 5]
    assert history.last_good("google", "out").run == 6


def test_versions_of_several_output_folders_count_apart(history):
    for out in ("out", "other"):
        for sha in "abc":
            history.note([feed(begin(history), sha=sha, out=out)])
    assert [(one.out, one.run) for one in history.versions(2)] == [("other", 6), ("other", 5), ("out", 3), ("out", 2)]
    assert [one.out for one in history.latest("google")] == ["other", "out"]
    with pytest.raises(FeedsmithError, match=r"no run made a feed 'gogle'\n  hint: did you mean google\?"):
        history.latest("gogle")


def test_a_file_belongs_to_the_feed_that_was_noted_last(history):
    history.note([feed(begin(history))])
    history.note([feed(begin(history), "publishing", feed="meta")])
    assert (history.owned("google", "out"), history.owned("meta", "out")) == ([], ["google.xml"])


def test_files_are_a_feeds_from_before_they_are_put_in_place_until_they_are_gone(history):
    number = begin(history)
    several = msgspec.structs.replace(
        feed(number, "publishing"), files=tuple(KeptFile(f"g-{n}.xml", 1, 1, "a") for n in (1, 2))
    )
    history.note([several])
    history.note([feed(begin(history), "publishing")])
    assert history.owned("google", "out") == ["g-1.xml", "g-2.xml", "google.xml"]
    history.note([feed(2)])
    assert history.owned("google", "out") == ["google.xml"]


def test_holds_are_set_and_lifted(history):
    hold = Hold("out", "google", "rolled-back", "2026-11-22T08:00:00Z", "put back to run 3")
    history.note([], holds=[hold])
    assert (history.hold_of("google", "out"), history.hold_of("google", "other")) == (hold, None)
    history.note([], lifted=[("google", "out")])
    assert history.hold_of("google", "out") is None


def test_old_runs_are_forgotten_but_never_what_is_published_now(history):
    history.note([feed(begin(history), feed="rare")])
    for _ in range(9):
        history.note([feed(begin(history))])
    history.forget(3)
    assert [run.number for run in history.runs()] == [10, 9, 8, 1]
    assert begin(history) == 11
    assert history.run(1).feeds[0].feed == "rare"


def test_what_fails_in_the_middle_leaves_nothing(history):
    number = begin(history)
    with pytest.raises(TypeError):
        history.note([feed(number), feed(number, fill={1: object()})])
    assert history.run(number).feeds == ()
    history.note([feed(number)])


def test_a_manifest_is_kept(history):
    number = begin(history)
    history.keep_manifest(number, {"sources": {"a.csv": "abc"}})
    assert history.run(number).manifest == {"sources": {"a.csv": "abc"}}


DAMAGES = {
    "no database": lambda raw: b"this is no database at all" * 100,
    "a torn one": lambda raw: raw[: len(raw) // 2 + 100],
    "zeros inside": lambda raw: raw[:4096] + bytes(len(raw) - 4096),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_history_is_set_aside_and_told(tmp_path, damage):
    state = tmp_path / ".feedsmith"
    with History(state, write=True) as history:
        for _ in range(40):
            history.note([feed(begin(history), reason="x" * 500)])
    path = state / NAME
    path.write_bytes(broken := damage(path.read_bytes()))
    with History(state, write=True) as history:
        assert [(issue.code, issue.severity) for issue in history.issues] == [("history-damaged", "warning")]
        assert (history.runs(), begin(history)) == ([], 1)
    (aside,) = state.glob("runs.sqlite.damaged-*")
    assert aside.read_bytes() == broken
    assert aside.name in history.issues[0].message


def test_a_damaged_history_is_told_by_who_only_reads(tmp_path):
    (tmp_path / NAME).write_bytes(b"this is no database at all" * 100)
    with pytest.raises(
        FeedsmithError, match=r"the history of runs is damaged\n.*the next export sets it aside"
    ) as caught:
        History(tmp_path).__enter__()
    assert caught.value.exit_code == 8


@pytest.mark.parametrize("write", [False, True])
def test_a_newer_history_is_refused(tmp_path, write):
    with sqlite3.connect(tmp_path / NAME) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()
    with pytest.raises(FeedsmithError, match="a newer feedsmith wrote this history") as caught:
        History(tmp_path, write=write).__enter__()
    assert caught.value.exit_code == 2


def test_what_an_earlier_feedsmith_noted_is_taken_over(tmp_path):
    state, out = tmp_path / ".feedsmith", tmp_path / "out"
    state.mkdir()
    (state / "published.json").write_bytes(msgspec.json.encode({str(out): {"two": ["two-1.json", "two-2.json"]}}))
    with History(state, write=True) as history:
        assert history.owned("two", "out") == ["two-1.json", "two-2.json"]
    assert not (state / "published.json").exists()
    with History(state, write=True) as history:
        assert history.owned("two", "out") == ["two-1.json", "two-2.json"]


def test_folders_inside_the_project_move_with_it(tmp_path):
    state = tmp_path / "shop/.feedsmith"
    state.mkdir(parents=True)
    for out, name in (
        (tmp_path / "shop/out", "out"),
        (tmp_path / "shop", "."),
        (tmp_path / "feeds", str(tmp_path / "feeds")),
    ):
        assert out_name(state, out) == name
        assert out_path(state, name).resolve() == out
