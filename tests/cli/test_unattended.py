"""Exports that somebody watches from afar: a log of JSON, metrics, pings."""

import json
import os
import socket
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from feedsmith.cli import logs
from feedsmith.run import ping
from feedsmith.run.metrics import FAMILIES, PREFIX, Sample, write_metrics
from tests.cli.conftest import FEED, PROJECT, catalog, product


@pytest.fixture(autouse=True)
def _text_again():
    """What makes the log JSON lasts as long as a process does."""
    yield
    logger = logs.logging.getLogger("feedsmith")
    logger.handlers, logger.propagate = [], True
    logger.setLevel(logs.logging.NOTSET)


def lines(err):
    return [json.loads(line) for line in err.splitlines()]


def metrics_of(path):
    """Value by name and by feed (or source)."""
    found = {}
    for family in text_string_to_metric_families(path.read_text("utf-8")):
        assert family.type == "gauge"
        assert family.documentation == FAMILIES[family.name.removeprefix(PREFIX)]
        for sample in family.samples:
            labels = sample.labels
            key = (
                sample.name.removeprefix(PREFIX),
                labels.get("feed", labels.get("source", "")),
                labels.get("severity", ""),
            )
            found[key] = sample.value
    return found


# --- the log ---------------------------------------------------------------------------------------------------


def test_the_log_of_an_export(run, shop):
    ended = run("export", "--log-format", "json", cwd=shop)
    told = lines(ended.err)
    assert [one["event"] for one in told] == ["run-begin", "source-read", "feed-published", "run-end"]
    begin, source, feed, end = told
    assert (source["source"], source["rows"], feed["feed"], feed["items"], feed["filtered"]) == (
        "catalog.csv",
        3,
        "google_nl",
        2,
        1,
    )
    assert (end["exit_code"], end["level"], begin["level"]) == (0, "info", "info")
    assert feed["files"] == [FEED]
    assert all(datetime.fromisoformat(one["time"]).tzinfo for one in told)
    assert "google_nl: 2 items published" in ended.out  # the report stays where it was


def test_a_held_feed_and_its_reason_are_in_the_log(run, shop):
    (shop / "catalog.csv").write_text(catalog([product(1, price="")]))
    ended = run("export", "--log-format", "json", cwd=shop)
    assert ended.code == 3
    told = {one["event"]: one for one in lines(ended.err)}
    assert (told["feed-held"]["level"], told["run-end"]["exit_code"], told["run-end"]["level"]) == (
        "warning",
        3,
        "error",
    )
    assert told["feed-held"]["reason"]


def test_a_delivery_is_in_the_log(run, shop):
    (shop / "feedsmith.yaml").write_text(PROJECT + f"publish: {{shelf: {{to: {shop / 'shelf'}}}}}\n")
    told = lines(run("export", "--publish", "--log-format", "json", cwd=shop).err)
    (delivery,) = [one for one in told if one["event"].startswith("delivery-")]
    assert (delivery["event"], delivery["feed"], delivery["target"], delivery["files"]) == (
        "delivery-delivered",
        "google_nl",
        "shelf",
        ["google_nl.xml"],
    )


def test_publish_has_the_log_too(run, shop):
    (shop / "feedsmith.yaml").write_text(PROJECT + f"publish: {{shelf: {{to: {shop / 'shelf'}}}}}\n")
    run("export", cwd=shop)
    ended = run("publish", "--log-format", "json", cwd=shop)
    begin, delivery, end = lines(ended.err)
    assert (begin["event"], end["event"], end["exit_code"]) == ("run-begin", "run-end", 0)
    assert (delivery["event"], delivery["run"], delivery["feed"]) == ("delivery-delivered", 1, "google_nl")
    (shop / "shelf").rename(shop / "gone")
    (shop / "shelf").write_text("no folder")
    words = ("publish", "--force", "--log-format", "json", "--quiet")
    failed, end = lines(run(*words, cwd=shop).err)
    assert (failed["event"], failed["level"], failed["run"], end["exit_code"]) == ("delivery-failed", "error", 1, 6)


def test_what_is_put_back_and_accepted_is_in_the_log(run, shop):
    run("export", cwd=shop)
    (shop / "catalog.csv").write_text(catalog([product(1), product(2), product(4)]))
    run("export", cwd=shop)
    back, end = lines(run("runs", "rollback", "google_nl", "--log-format", "json", cwd=shop).err)
    assert (back["event"], back["run"], back["of_run"], back["feed"]) == ("feed-rolled-back", 3, 1, "google_nl")
    assert (back["files"], back["reason"], end["exit_code"]) == ([FEED], "the version of run 1", 0)
    assert run("export", cwd=shop).code == 3
    words = ("accept", "last", "google_nl", "--guard", "rolled-back", "--reason", "mended", "--log-format", "json")
    done, _ = lines(run("runs", *words, cwd=shop).err)
    assert (done["event"], done["run"], done["of_run"]) == ("feed-accepted", 5, 4)
    assert done["reason"].endswith("mended")


@pytest.mark.parametrize(
    ("spoil", "code", "place"),
    [("catalog.csv", 5, "catalog.csv"), ("feedsmith.yaml", 2, "feedsmith.yaml:1:1")],
)
def test_what_ends_a_run_is_in_the_log(run, shop, spoil, code, place):
    (shop / spoil).write_text("" if code == 5 else "nonsense: 1\n")
    ended = run("export", "--log-format", "json", cwd=shop)
    *_, error, end = lines(ended.err)
    assert (error["event"], error["place"], error["exit_code"], end["exit_code"]) == ("error", place, code, code)
    assert error["message"]
    assert error["help"] or code == 2


def test_a_quiet_log_has_errors_only(run, shop):
    assert run("export", "--log-format", "json", "--quiet", cwd=shop).err == ""
    (shop / "catalog.csv").unlink()
    assert [one["event"] for one in lines(run("export", "--log-format", "json", "--quiet", cwd=shop).err)] == [
        "error",
        "run-end",
    ]


@given(st.text(min_size=6, max_size=30), st.text(max_size=10))
def test_no_secret_of_the_environment_is_in_the_log(secret, text):
    """Law: the value of a variable that is named as a secret is in no line, whatever stands around it."""
    secret = "s3cr" + secret.encode("utf-8", "ignore").decode().replace("\0", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_TOKEN", secret)
        record = logs.logging.makeLogRecord(
            {"msg": f"{text}{secret}{text}", "levelname": "INFO", "source": f"x{secret}"}
        )
        line = logs._Formatter().format(record)
        told = json.loads(line)
    assert secret not in told["message"]
    assert secret not in told["source"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sftp://me:pw@host/x", "sftp://***@host/x"),
        ("https://host/x?sig=abc&b=1 failed", "https://host/x?*** failed"),
        ("https://host/x", "https://host/x"),
    ],
)
def test_what_is_secret_in_an_address_is_hidden(text, shown):
    record = logs.logging.makeLogRecord({"msg": text, "levelname": "INFO"})
    assert json.loads(logs._Formatter().format(record))["message"] == shown


# --- metrics ---------------------------------------------------------------------------------------------------


def test_metrics_tell_what_became_of_each_feed(run, shop):
    (shop / "feedsmith.yaml").write_text(PROJECT + "metrics: feedsmith.prom\n")
    before = time.time()
    assert run("export", cwd=shop).code == 0
    found = metrics_of(shop / "feedsmith.prom")
    expected = {
        "feed_products": 3,
        "feed_items": 2,
        "feed_rejected": 0,
        "feed_filtered": 1,
        "feed_held": 0,
        "feed_failed": 0,
    }
    assert {name: found[name, "google_nl", ""] for name in expected} == expected
    assert found["feed_bytes", "google_nl", ""] == (shop / FEED).stat().st_size
    assert (found["exit_code", "", ""], found["source_rows", "catalog.csv", ""]) == (0, 3)
    assert found["issues", "google_nl", "info"] == 1 + 1  # filtered, and the costs of shipping
    assert before - 1 <= found["last_success_timestamp_seconds", "google_nl", ""] <= time.time() + 1
    assert 0 <= found["source_age_seconds", "catalog.csv", ""] < 600
    assert set(FAMILIES) == {name for name, _, _ in found}


def test_a_run_that_fails_keeps_the_time_of_the_last_good_one(run, shop):
    path = shop / "m.prom"
    run("export", "--metrics", path, cwd=shop)
    good = metrics_of(path)
    (shop / "catalog.csv").write_text(catalog([product(1, price="")]))
    assert run("export", "--metrics", path, cwd=shop).code == 3
    held = metrics_of(path)
    same = ("last_success_timestamp_seconds", "google_nl", "")
    assert held[same] == good[same]
    assert (held["feed_held", "google_nl", ""], held["feed_items", "google_nl", ""], held["exit_code", "", ""]) == (
        1,
        0,
        3,
    )
    (shop / "catalog.csv").unlink()
    assert run("export", "--metrics", path, cwd=shop).code == 5
    failed = metrics_of(path)
    assert (failed[same], failed["exit_code", "", ""]) == (good[same], 5)
    assert failed["last_run_timestamp_seconds", "", ""] >= held["last_run_timestamp_seconds", "", ""]


def test_a_project_that_is_wrong_still_gives_metrics(run, shop):
    (shop / "feedsmith.yaml").write_text("nonsense: 1\n")
    assert run("export", "--metrics", "m.prom", cwd=shop).code == 2
    assert metrics_of(shop / "m.prom")["exit_code", "", ""] == 2


def test_metrics_that_cannot_be_written_end_no_run(run, shop):
    (shop / "folder").mkdir()
    ended = run("export", "--metrics", "folder", cwd=shop)
    assert (ended.code, "metrics: " in ended.err) == (0, True)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_name_is_a_label(name):
    """Law: whatever a feed or source is called, the line is read back with that name."""
    text = Sample("source_rows", 1, (("source", name),)).key + " 1\n"
    if "\r" in name:  # what reads it back splits lines there
        return
    (family,) = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"source": name}


def test_a_file_of_other_metrics_is_not_taken_over(tmp_path):
    path = tmp_path / "m.prom"
    path.write_text('node_load1 3\nfeedsmith_feed_items{feed="a",channel="b"} 7\nrubbish\n')
    write_metrics(path, None, 5, 1.5)
    found = metrics_of(path)
    assert (found["feed_items", "a", ""], found["run_seconds", "", ""]) == (7, 1.5)
    assert "node_load1" not in path.read_text()


# --- pings -----------------------------------------------------------------------------------------------------


@pytest.fixture
def heard(httpserver):
    """The paths that the server was asked for."""
    httpserver.expect_request("/").respond_with_data("")
    for path in ("start", "0", "3", "5"):
        httpserver.expect_request(f"/ping/abc/{path}").respond_with_data("OK")
    return lambda: [request.path for request, _ in httpserver.log]


@pytest.mark.parametrize(("text", "code"), [(catalog([product(1)]), 0), (catalog([product(1, price="")]), 3), ("", 5)])
def test_start_and_end_are_heard(run, shop, httpserver, heard, text, code):
    (shop / "catalog.csv").write_text(text)
    (shop / "feedsmith.yaml").write_text(f"{PROJECT}ping: {httpserver.url_for('/ping/abc')}\n")
    assert run("export", "--force" if code == 0 else "--quiet", cwd=shop).code == code
    assert heard() == ["/ping/abc/start", f"/ping/abc/{code}"]


def test_the_address_may_stand_in_the_environment(run, shop, httpserver, heard, monkeypatch):
    (shop / "feedsmith.yaml").write_text(f"{PROJECT}ping: {{env: PING}}\n")
    monkeypatch.setenv("PING", httpserver.url_for("/ping/abc") + "/?x=1")
    assert run("export", cwd=shop).code == 0
    assert heard() == ["/ping/abc/start", "/ping/abc/0"]
    monkeypatch.delenv("PING")
    ended = run("export", cwd=shop)
    assert (ended.code, "the environment variable PING is not set" in ended.err) == (0, True)


def test_checking_says_nothing(run, shop, httpserver, heard):
    (shop / "feedsmith.yaml").write_text(f"{PROJECT}ping: {httpserver.url_for('/ping/abc')}\nmetrics: m.prom\n")
    assert run("validate", cwd=shop).code == 0
    assert (heard(), (shop / "m.prom").exists()) == ([], False)


def test_a_dead_address_changes_nothing(run, shop):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (shop / "feedsmith.yaml").write_text(f"{PROJECT}ping: http://127.0.0.1:{port}/x\n")
    ended = run("export", cwd=shop)
    assert (ended.code, "refused" in ended.err) == (0, True)
    assert "127.0.0.1" not in ended.err.replace(os.sep, "/").split("ping:")[-1]


def test_an_address_that_never_answers_holds_nobody_up(run, shop, monkeypatch):
    monkeypatch.setattr(ping, "PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        (shop / "feedsmith.yaml").write_text(f"{PROJECT}ping: http://127.0.0.1:{server.getsockname()[1]}/x\n")
        started = time.monotonic()
        ended = run("export", "--workers", "1", cwd=shop)
        assert (ended.code, "ping: " in ended.err) == (0, True)
        assert time.monotonic() - started < 20


@pytest.mark.parametrize("address", ["ftp://host/x", "host/x", "file:///etc/passwd"])
def test_only_addresses_of_the_web_are_asked(run, shop, address):
    (shop / "feedsmith.yaml").write_text(f"{PROJECT}ping: {address}\n")
    ended = run("export", cwd=shop)
    assert (ended.code, "does not begin with https://" in ended.err) == (0, True)
