"""`feedsmith runs`: what was exported when, and publishing what a run made before."""

import json
import re
import sqlite3

import pytest

from tests.cli.conftest import FEED, catalog, product


def write_catalog(shop, number: int, **changes: str) -> None:
    (shop / "catalog.csv").write_text(catalog(product(nr, **changes) for nr in range(1, number + 1)))


@pytest.fixture
def held(shop, run):
    """A project whose second run was held: of 40 products 10 are left."""
    write_catalog(shop, 40)
    assert run("export", cwd=shop).code == 0
    write_catalog(shop, 10)
    ended = run("export", cwd=shop)
    assert ended.code == 3
    assert "held: 10 items where the last versions had 40: 75.0 % fewer; more than 30 % holds the feed" in ended.out
    assert "candidate has 10 items and lies in .feedsmith/held/google_nl/2" in ended.out
    return shop


def items(path) -> int:
    return path.read_text().count("<item>")


def test_a_held_feed_is_kept_and_its_candidate_can_be_looked_at(held, run):
    assert (items(held / FEED), items(held / ".feedsmith/held/google_nl/2/google_nl.xml")) == (40, 10)
    shown = run("runs", "show", "last", cwd=held).out
    assert "guards: items-dropped" in shown
    assert "feedsmith runs accept 2 google_nl --guard items-dropped --guard ids-changed" in shown or (
        "feedsmith runs accept 2 google_nl --guard items-dropped" in shown
    )
    assert "candidate: .feedsmith/held/google_nl/2" in shown


def left_by(shop) -> list[str]:
    """What lies in the state folder, but for what SQLite keeps beside its file while somebody reads."""
    return sorted(path.name for path in (shop / ".feedsmith").iterdir() if not path.name.startswith("runs.sqlite-"))


def codes_of(shop, run) -> list[str]:
    shown = json.loads(run("runs", "show", "last", "--format", "json", cwd=shop).out)
    return shown["feeds"][0]["holding"]


def accept(shop, run, *more):
    guards = [word for code in codes_of(shop, run) for word in ("--guard", code)]
    return run("runs", "accept", "2", "google_nl", *guards, "--reason", "winter is over", *more, cwd=shop)


def test_accept_publishes_exactly_the_candidate_and_moves_the_baseline(held, run):
    candidate = (held / ".feedsmith/held/google_nl/2/google_nl.xml").read_bytes()
    ended = accept(held, run)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "google_nl: the candidate of run 2 is published as run 3: google_nl.xml in out (10 items)\n"
    assert (held / FEED).read_bytes() == candidate
    assert not (held / ".feedsmith/held").exists() or not list((held / ".feedsmith/held").iterdir())
    assert re.search(r"let pass by .*winter is over", run("runs", "show", "3", cwd=held).out)
    assert run("export", cwd=held).code == 0
    assert "1 unchanged" in run("runs", "list", cwd=held).out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("2", "google_nl", "--guard", "too-few-items", "--reason", "x"), "google_nl is held by items-dropped"),
        (("2", "google_nl", "--guard", "items-droped", "--reason", "x"), "there is no guard 'items-droped'\n  hint: did you mean items-dropped or items-grew?"),
        (("2", "google_nl", "--guard", "items-dropped", "--reason", " "), "--reason is empty"),
        (("1", "google_nl", "--guard", "items-dropped", "--reason", "x"), "run 1 held no feed 'google_nl'\n  hint: held were: none"),
        (("2", "meta", "--guard", "items-dropped", "--reason", "x"), "run 2 held no feed 'meta'\n  hint: held were: google_nl"),
        (("7", "google_nl", "--guard", "items-dropped", "--reason", "x"), "there is no run 7\n  hint: runs 1 to 2 are known"),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_told_and_touches_nothing(held, run, words, message):
    before = (held / FEED).read_bytes()
    ended = run("runs", "accept", *words, cwd=held)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert (held / FEED).read_bytes() == before
    assert len(json.loads(run("runs", "list", "--format", "json", cwd=held).out)["runs"]) == 2


def test_a_candidate_that_something_changed_is_not_published(held, run):
    path = held / ".feedsmith/held/google_nl/2/google_nl.xml"
    path.write_bytes(path.read_bytes().replace(b"Kaap", b"Oops"))
    ended = accept(held, run)
    assert ended.code == 8
    assert "the candidate is not there as its run left it" in ended.err
    assert items(held / FEED) == 40
    assert "the candidate is not there as its run left it" in run("runs", "show", "last", cwd=held).out


def test_a_candidate_is_replaced_by_the_next_one_and_gone_when_a_feed_is_published(held, run):
    assert run("export", cwd=held).code == 3
    ended = accept(held, run)
    assert ended.code == 2
    assert "run 3 came after that candidate: google_nl is held" in ended.err
    assert [path.name for path in (held / ".feedsmith/held/google_nl").iterdir()] == ["3"]
    write_catalog(held, 39)
    assert run("export", cwd=held).code == 0
    assert not (held / ".feedsmith/held/google_nl").exists()


def test_force_publishes_and_is_recorded(held, run):
    ended = run("export", "--force", cwd=held)
    assert ended.code == 0
    assert "warning[items-dropped]" in ended.out
    assert "published by --force" in ended.out
    assert items(held / FEED) == 10
    assert "let pass by --force" in run("runs", "show", "last", cwd=held).out
    assert run("export", cwd=held).code == 0


def test_a_dry_run_says_what_guards_would_say_and_writes_nothing(held, run):
    before = left_by(held)
    ended = run("export", "--dry-run", cwd=held)
    assert ended.code == 0
    assert "error[items-dropped] 10 items where the last versions had 40" in ended.out
    assert "nothing written" in ended.out
    assert left_by(held) == before
    assert len(json.loads(run("runs", "list", "--format", "json", cwd=held).out)["runs"]) == 2


@pytest.fixture
def three(shop, run):
    """A project with three versions, of 3, 4 and 5 products."""
    for number in (3, 4, 5):
        write_catalog(shop, number)
        assert run("export", cwd=shop).code == 0
    return shop


def test_rollback_puts_the_version_before_back_and_the_next_runs_leave_it(three, run):
    ended = run("runs", "rollback", "google_nl", cwd=three)
    assert (ended.code, ended.err) == (0, "")
    assert "google_nl: the version of run 2 is published again: google_nl.xml in out (4 items)" in ended.out
    assert items(three / FEED) == 4
    write_catalog(three, 6)
    for _ in range(2):
        ended = run("export", cwd=three)
        assert ended.code == 3
        assert "held: it was put back to the version of run 2 on " in ended.out
        assert items(three / FEED) == 4
    newest = json.loads(run("runs", "list", "--format", "json", cwd=three).out)["runs"][0]["run"]
    ended = run("runs", "accept", "last", "google_nl", "--guard", "rolled-back", "--reason", "repaired", cwd=three)
    assert (ended.code, newest) == (0, 6)
    assert items(three / FEED) == 6
    assert run("export", cwd=three).code == 0


def test_a_hold_is_lifted_by_force(three, run):
    run("runs", "rollback", "google_nl", cwd=three)
    assert run("export", "--force", cwd=three).code == 0
    assert items(three / FEED) == 5
    write_catalog(three, 6)
    assert run("export", cwd=three).code == 0


def test_rollback_goes_further_back_each_time_and_to_any_kept_run(three, run):
    for number in (4, 3):
        assert run("runs", "rollback", "google_nl", cwd=three).code == 0
        assert items(three / FEED) == number
    ended = run("runs", "rollback", "google_nl", cwd=three)
    assert ended.code == 2
    assert "no version of google_nl came before the one of run 1" in ended.err
    assert run("runs", "rollback", "google_nl", "--to", "3", cwd=three).code == 0
    assert items(three / FEED) == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("meta",), "no run made a feed 'meta'"),
        (("google_nl", "--to", "9"), "there is no run 9"),
        (("google_nl", "--to", "tuesday"), "'tuesday' is no run"),
        (("google_nl", "--out", "elsewhere"), "google_nl was never published"),
    ],
)
def test_a_version_that_is_not_there_is_told(three, run, words, message):
    ended = run("runs", "rollback", *words, cwd=three)
    assert ended.code == 2
    assert message in ended.err
    assert items(three / FEED) == 5


def test_a_version_that_is_kept_no_more_is_told_with_those_that_are(shop, run):
    (shop / "feedsmith.yaml").write_text((shop / "feedsmith.yaml").read_text() + "history: {keep: 2}\n")
    for number in (3, 4, 5):
        write_catalog(shop, number)
        run("export", cwd=shop)
    ended = run("runs", "rollback", "google_nl", "--to", "1", cwd=shop)
    assert ended.code == 8
    assert "google_nl of run 1 is kept no more\n  hint: kept are the versions of the runs 3, 2" in ended.err


def test_a_feed_in_two_folders_is_asked_for(three, run):
    write_catalog(three, 6)
    for _ in range(2):
        assert run("export", "--out", "other", cwd=three).code == 0
        write_catalog(three, 7)
    ended = run("runs", "rollback", "google_nl", cwd=three)
    assert ended.code == 2
    assert "google_nl was published in 2 folders\n  hint: name one: --out other or --out out" in ended.err
    assert run("runs", "rollback", "google_nl", "--out", "other", cwd=three).code == 0
    assert (items(three / FEED), items(three / "other/google_nl.xml")) == (5, 6)


def test_numbered_files_are_put_back_whole_and_strays_go(shop, run):
    (shop / "channels").mkdir()
    (shop / "channels/small.yaml").write_text("extends: google_tsv\nenvelope: {items: 4}\n")
    (shop / "feedsmith.yaml").write_text(
        "catalog: catalog.csv\nmarket: {currency: EUR}\nfeeds: {small: {channel: small}}\n"
    )
    versions = []
    for number in (10, 3):
        write_catalog(shop, number)
        run("export", cwd=shop)
        versions.append({path.name: path.read_bytes() for path in (shop / "out").iterdir()})
    assert [len(files) for files in versions] == [3, 1]
    assert run("runs", "rollback", "small", cwd=shop).code == 0
    assert {path.name: path.read_bytes() for path in (shop / "out").iterdir()} == versions[0]
    assert run("export", "--force", cwd=shop).code == 0
    assert {path.name: path.read_bytes() for path in (shop / "out").iterdir()} == versions[1]


def test_runs_are_listed_with_how_they_ended(held, run):
    (held / "catalog.csv").rename(held / "gone.csv")
    assert run("export", cwd=held).code == 5
    assert run("validate", cwd=held).code == 5
    listed = run("runs", "list", cwd=held).out.splitlines()
    assert [re.split(r"\s{2,}", line)[0] for line in listed] == ["RUN", "3", "2", "1"]
    assert [
        "code 5" in listed[1],
        "code 3" in listed[2],
        "1 held (google_nl)" in listed[2],
        "1 published" in listed[3],
    ] == [True] * 4
    assert "catalog.csv: cannot be read: No such file" in run("runs", "show", "3", cwd=held).out
    only = json.loads(run("runs", "list", "--feed", "google_*", "--most", "1", "--format", "json", cwd=held).out)
    assert [(one["run"], one["exit_code"], one["feeds"][0]["state"]) for one in only["runs"]] == [(2, 3, "held")]
    assert only["runs"][0]["feeds"][0]["candidate"] == ".feedsmith/held/google_nl/2"


def test_a_run_without_an_end_is_told(three, run):
    with sqlite3.connect(three / ".feedsmith/runs.sqlite") as database:
        database.execute("UPDATE runs SET exit_code = NULL WHERE number = 2")
    database.close()
    assert "ended without a word" in run("runs", "list", cwd=three).out.splitlines()[2]


def test_secrets_in_addresses_do_not_go_into_the_history(shop, run):
    run("export", "--catalog", "https://me:secret@shop.example/catalog.csv?token=secret", cwd=shop)
    shown = run("runs", "list", "--format", "json", cwd=shop).out
    assert "https://***shop.example/catalog.csv?***" in shown
    assert "secret" not in shown


def test_nothing_was_exported(shop, run):
    assert run("runs", "list", cwd=shop).out == "nothing was exported yet\n"
    ended = run("runs", "show", "last", cwd=shop)
    assert (ended.code, "there are no runs" in ended.err) == (2, True)


def test_runs_without_a_project_lie_beside_the_feeds(tmp_path, run):
    (tmp_path / "products.csv").write_text(catalog([product()]))
    assert run("runs", "list", cwd=tmp_path).code == 2
    run(
        "export",
        "--catalog",
        "products.csv",
        "--channel",
        "google_tsv",
        "--site",
        "https://www.shop.example",
        cwd=tmp_path,
    )
    assert "1 published" in run("runs", "list", cwd=tmp_path).out
    assert "1 published" in run("runs", "list", "--out", "out", cwd=tmp_path).out
