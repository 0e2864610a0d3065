"""Feeds to targets: what is sent, what is not, and how it goes on after a failure."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsmith.definitions.node import Node
from feedsmith.definitions.resolve import FeedSpec, MarketSettings
from feedsmith.definitions.target import TargetSpec
from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Placed
from feedsmith.reports.report import DeliveryState
from feedsmith.run import delivering
from feedsmith.run.deliveries import Deliveries
from feedsmith.run.delivering import Courier, ReadyFeed, ReadyFile, deliver_all, names_at

HERE = Place("feedsmith.yaml", 1, "1")
DELIVERED, UNCHANGED, FAILED, PLANNED = (
    DeliveryState.DELIVERED, DeliveryState.UNCHANGED, DeliveryState.FAILED, DeliveryState.PLANNED,
)  # fmt: skip


class Shelf:
    """A target that keeps files in memory and fails as it is told: `fails` are raised one after the other."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.log: list[str] = []
        self.since: list[str] = []
        self.fails: list[Exception | None] = []
        self.opened = self.closed = 0

    def _next(self, *, late: bool = False) -> None:
        if self.fails and hasattr(self.fails[0], "late") == late:
            error = self.fails.pop(0)
            if error is not None:
                raise error

    def put(self, parcel):
        self.log.append(f"put {parcel.name}")
        self.since.append(parcel.since)
        self._next()
        self.files[parcel.name] = parcel.local.read_bytes()
        self._next(late=True)
        return Placed(f"version {len(self.log)}", "by hand")

    def remove(self, name, budget):
        self.log.append(f"remove {name}")
        self._next()
        self.files.pop(name, None)
        return ""

    def close(self):
        self.closed += 1


@pytest.fixture
def shelves(monkeypatch):
    """The targets by their addresses."""
    found: dict[str, Shelf] = {}

    def opened(given, project):
        shelf = found.setdefault(str(given.to), Shelf())
        shelf.opened += 1
        return shelf

    monkeypatch.setattr(delivering, "open_target", opened)
    monkeypatch.setattr("feedsmith.publish.deliver.FIRST_WAIT", 0.001)
    return found


def spec(name="google", **targets):
    node = Node({}, HERE, HERE)
    made = {
        target: TargetSpec(target, TargetSettings.model_validate(given), node, "project")
        for target, given in targets.items()
    }
    return FeedSpec(name, "google", node, MarketSettings("nl"), "", "", "", "", targets=made)


@pytest.fixture
def ready(tmp_path):
    """A feed with files of these contents, as a run published them."""

    def make(feed, *contents, run=1):
        names = ["google.xml"] if len(contents) == 1 else [f"google-{n}.xml" for n in range(1, len(contents) + 1)]
        files = []
        for name, content in zip(names, contents, strict=True):
            path = tmp_path / f"{feed.name}-{name}"
            path.write_bytes(content)
            files.append(ReadyFile(path, name, len(content), hashlib.sha256(content).hexdigest()))
        return ReadyFeed(feed, tuple(files), run)

    return make


@pytest.fixture
def go(tmp_path, shelves):
    """Delivers feeds as one command does; gives state by target."""

    def run(*feeds, **more):
        with Deliveries(tmp_path / ".feedsmith", write=True) as record, Courier(tmp_path, record, **more) as courier:
            return {name: {one.target: one for one in told} for name, told in deliver_all(courier, feeds).items()}

    return run


def states(told, feed="google"):
    return {name: one.state for name, one in told[feed].items()}


BACKUP = {"backup": {"to": "backup/"}}


def test_a_feed_is_sent_once_and_again_when_it_changed(go, ready, shelves):
    feed = spec(**BACKUP)
    told = go(ready(feed, b"one"))["google"]["backup"]
    assert (told.state, told.files, told.bytes, told.notes) == (DELIVERED, ("google.xml",), 3, ("by hand",))
    told = go(ready(feed, b"one"))["google"]["backup"]
    assert (told.state, told.files, told.bytes) == (UNCHANGED, ("google.xml",), 0)
    assert states(go(ready(feed, b"two"))) == {"backup": DELIVERED}
    shelf = shelves["backup/"]
    assert (shelf.files, shelf.log) == ({"google.xml": b"two"}, ["put google.xml"] * 2)
    assert shelf.since == ["", "version 1"]


def test_force_sends_what_is_unchanged_without_a_condition(go, ready, shelves):
    feed = spec(**BACKUP)
    go(ready(feed, b"one"))
    assert states(go(ready(feed, b"one"), force=True)) == {"backup": DELIVERED}
    assert shelves["backup/"].since == ["", ""]


def test_a_dry_run_sends_nothing(go, ready, shelves):
    assert states(go(ready(spec(**BACKUP), b"one"), dry_run=True)) == {"backup": PLANNED}
    assert shelves == {}


def test_another_address_or_service_has_nothing_yet(go, ready, shelves):
    go(ready(spec(**BACKUP), b"one"))
    assert states(go(ready(spec(backup={"to": "elsewhere/"}), b"one"))) == {"backup": DELIVERED}
    there = {"to": "s3://feeds/", "endpoint": "https://a.example"}
    go(ready(spec(backup=there), b"one"))
    assert states(go(ready(spec(backup=there | {"endpoint": "https://b.example"}), b"one"))) == {"backup": DELIVERED}


def test_the_first_file_goes_last_and_files_no_longer_made_go(go, ready, shelves):
    feed = spec(**BACKUP)
    go(ready(feed, b"one", b"two", b"three"))
    go(ready(feed, b"one", b"zwei"))
    go(ready(feed, b"all"))
    assert shelves["backup/"].log == [
        "put google-3.xml", "put google-2.xml", "put google-1.xml",
        "put google-2.xml", "remove google-3.xml",
        "put google.xml", "remove google-1.xml", "remove google-2.xml",
    ]  # fmt: skip
    assert shelves["backup/"].files == {"google.xml": b"all"}
    assert states(go(ready(feed, b"all"))) == {"backup": UNCHANGED}


def test_a_renamed_file_is_sent_under_its_new_name_and_the_old_one_goes(go, ready, shelves):
    go(ready(spec(**BACKUP), b"one"))
    go(ready(spec(backup={"to": "backup/", "name": "nl.xml"}), b"one"))
    assert shelves["backup/"].files == {"nl.xml": b"one"}


def test_dated_names_stay_and_an_unchanged_feed_makes_no_new_one(go, ready, shelves, monkeypatch):
    feed = spec(backup={"to": "backup/", "name": "{feed}-{run}.xml"})
    go(ready(feed, b"one", run=1))
    assert go(ready(feed, b"one", run=2))["google"]["backup"].files == ("google-1.xml",)
    go(ready(feed, b"two", run=3))
    assert shelves["backup/"].files == {"google-1.xml": b"one", "google-3.xml": b"two"}
    assert go(ready(feed, b"two", run=4))["google"]["backup"].state is UNCHANGED


@pytest.mark.parametrize(("age", "after", "again"), [(2, "1d", True), (0, "1d", False), (0, "0s", True)])
def test_an_unchanged_feed_is_sent_again_after_a_time(go, ready, tmp_path, age, after, again):
    feed = spec(backup={"to": "backup/", "resend_after": after})
    go(ready(feed, b"one"))
    with Deliveries(tmp_path / ".feedsmith", write=True) as record:
        (sent,) = record.known("google", "backup", "backup/").values()
        then = datetime.now(UTC) - timedelta(days=age)
        old = type(sent)(sent.name, sent.sha256, sent.bytes, sent.version, f"{then:%Y-%m-%dT%H:%M:%SZ}", 1)
        record.note("google", "backup", "backup/", old)
    assert states(go(ready(feed, b"one"))) == {"backup": DELIVERED if again else UNCHANGED}


def no(kind=DeliveryError):
    return kind(Place("backup/google.xml"), "the server says no", "ask why")


def test_a_target_that_fails_leaves_the_others_alone_and_is_gone_on_with(go, ready, shelves):
    feed = spec(first={"to": "first/"}, backup={"to": "backup/"}, last={"to": "last/"})
    shelves["backup/"] = Shelf()
    shelves["backup/"].fails = [no()]
    told = go(ready(feed, b"one"))
    assert states(told) == {"first": DELIVERED, "backup": FAILED, "last": DELIVERED}
    assert (told["google"]["backup"].reason, told["google"]["backup"].help) == ("the server says no", "ask why")
    assert states(go(ready(feed, b"one"))) == {"first": UNCHANGED, "backup": DELIVERED, "last": UNCHANGED}


def test_what_a_broken_delivery_had_sent_is_not_sent_again(go, ready, shelves):
    feed = spec(backup={"to": "backup/", "retries": 0})
    shelves["backup/"] = shelf = Shelf()
    shelf.fails = [None, no(TargetBusyError)]
    told = go(ready(feed, b"one", b"two", b"three"))["google"]["backup"]
    assert (told.state, told.bytes) == (FAILED, 5)
    go(ready(feed, b"one", b"two", b"three"))
    assert shelf.log == ["put google-3.xml", "put google-2.xml", "put google-2.xml", "put google-1.xml"]


def test_a_busy_target_is_tried_again(go, ready, shelves):
    shelves["backup/"] = shelf = Shelf()
    shelf.fails = [no(TargetBusyError), no(TargetBusyError)]
    assert states(go(ready(spec(**BACKUP), b"one"))) == {"backup": DELIVERED}
    assert len(shelf.log) == 3


def test_further_feeds_for_a_target_in_trouble_are_tried_once_or_not_at_all(go, ready, shelves):
    names = ("google", "meta", "bol")
    feeds = [spec(name, backup={"to": "backup/", "retries": 2, "name": "{feed}.xml"}) for name in names]
    shelves["backup/"] = shelf = Shelf()
    shelf.fails = [no(TargetBusyError)] * 99
    go(*(ready(feed, b"one") for feed in feeds))
    assert shelf.log == ["put google.xml"] * 3 + ["put meta.xml", "put bol.xml"]
    shelf.log, shelf.fails = [], [no(TargetClosedError)]
    told = go(*(ready(feed, b"one") for feed in feeds))
    assert shelf.log == ["put google.xml"]
    assert {told[name]["backup"].reason for name in names} == {"the server says no"}


def test_feeds_share_a_connection_which_is_closed(go, ready, shelves):
    go(*(ready(spec(name, backup={"to": "backup/", "name": f"{name}.xml"}), b"one") for name in ("google", "meta")))
    assert (shelves["backup/"].opened, shelves["backup/"].closed) == (1, 1)


def test_a_bug_of_ours_is_no_failed_delivery(go, ready, shelves):
    shelves["backup/"] = Shelf()
    shelves["backup/"].fails = [RuntimeError("a bug")]
    with pytest.raises(RuntimeError, match="a bug"):
        go(ready(spec(**BACKUP), b"one"))
    assert shelves["backup/"].closed == 1


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("{file}", 1, ["google.xml"]),
        ("{file}", 2, ["google-1.xml", "google-2.xml"]),
        ("{feed}_{market}.xml", 1, ["google_nl.xml"]),
        ("feed.xml.gz", 2, ["feed-1.xml.gz", "feed-2.xml.gz"]),
        ("part{number}.xml", 2, ["part1.xml", "part2.xml"]),
        ("{channel}-{run}.xml", 1, ["google-7.xml"]),
    ],
)
def test_names(ready, name, files, expected):
    feed = ready(spec(), *[b"x"] * files, run=7)
    assert names_at(TargetSettings(to="backup/", name=name), feed) == expected


@pytest.mark.parametrize("name", ["a/b.xml", "..", "a\\b", "a\nb"])
def test_names_that_are_none(go, ready, name):
    told = go(ready(spec(backup={"to": "backup/", "name": name}), b"one"))["google"]["backup"]
    assert told.state is FAILED
    assert "is not the name of a file" in told.reason


def lost_answer():
    """The file is there, and we do not hear of it."""
    error = no(TargetBusyError)
    error.late = True
    return error


def test_a_feed_that_is_put_back_after_a_lost_answer_is_sent(go, ready, shelves):
    feed = spec(backup={"to": "backup/", "retries": 0})
    go(ready(feed, b"one"))
    shelves["backup/"].fails = [lost_answer()]
    go(ready(feed, b"two"))
    assert shelves["backup/"].files == {"google.xml": b"two"}
    assert states(go(ready(feed, b"one"))) == {"backup": DELIVERED}
    assert shelves["backup/"].files == {"google.xml": b"one"}


CONTENT = st.lists(st.sampled_from([b"one", b"two", b"three", b""]), min_size=1, max_size=4)
TROUBLE = st.lists(st.sampled_from([None, None, no(), no(TargetBusyError), lost_answer()]), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CONTENT, TROUBLE), min_size=1, max_size=4), CONTENT)
def test_after_any_trouble_one_good_delivery_leaves_exactly_the_feed(go, ready, shelves, tmp_path, rounds, last):
    """Whatever failed before, what is remembered is true: one delivery without trouble makes the target right."""
    shelves.clear()
    for path in (tmp_path / ".feedsmith").glob("runs.sqlite*"):
        path.unlink()
    feed = spec(backup={"to": "backup/", "retries": 0})
    shelves["backup/"] = shelf = Shelf()
    for contents, trouble in rounds:
        shelf.fails = list(trouble)
        go(ready(feed, *contents))
    shelf.fails = []
    final = ready(feed, *last)
    go(final)
    assert shelf.files == {file.name: file.path.read_bytes() for file in final.files}
    shelf.log.clear()
    assert states(go(final)) == {"backup": UNCHANGED}
    assert shelf.log == []


def test_the_record_of_a_project_without_one_is_empty(tmp_path):
    with Deliveries(tmp_path / "missing", write=False) as record:
        assert record.known("google", "backup", "backup/") == {}
