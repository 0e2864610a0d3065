"""`feedsmith doctor`: each thing that can be out of order is found, and a look changes nothing."""

import json
import os
import shutil
import time

import pytest

from feedsmith.publish.lock import project_lock
from feedsmith.run import doctor
from tests.cli.conftest import PROJECT


def told(run, shop, *words, code=0):
    ended = run("doctor", "--format", "json", *words, cwd=shop)
    report = json.loads(ended.out)
    assert (ended.code, ended.err, report["exit_code"]) == (code, "", code)
    return report["checks"]


def only(checks, state):
    return {(one["check"], one["message"], one["help"]) for one in checks if one["state"] == state}


def test_all_is_well(run, shop):
    before = sorted(shop.rglob("*"))
    checks = told(run, shop)
    assert not only(checks, "problem") | only(checks, "warning")
    assert {one["check"] for one in checks} == {
        "feedsmith",
        "packages",
        "project",
        "channel",
        "clock",
        "source",
        "output",
        "state",
        "lock",
        "history",
    }
    assert sorted(shop.rglob("*")) == before
    assert all(one["message"] for one in checks)


def test_the_text_says_what_to_do(run, shop):
    (shop / "catalog.csv").unlink()
    ended = run("doctor", cwd=shop)
    assert ended.code == 1
    assert "problem  source     catalog.csv: there is no such file\n         = fix: check the path" in ended.out


def test_after_an_export_there_is_a_history(run, shop):
    run("export", cwd=shop)
    assert any(one["message"] == "1 runs, whole" for one in told(run, shop))
    database = shop / ".feedsmith/runs.sqlite"
    for path in shop.glob(".feedsmith/runs.sqlite-*"):
        path.unlink()
    database.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    ((check, message, help_),) = only(told(run, shop, code=8), "problem")
    assert (check, "is damaged" in message, "set" in help_) == ("history", True, True)


def test_a_project_that_is_wrong_is_told_with_its_place(run, shop):
    (shop / "feedsmith.yaml").write_text("nonsense: 1\n")
    ((check, message, _),) = only(told(run, shop, code=2), "problem")
    assert (check, message.startswith("feedsmith.yaml:1:1: ")) == ("project", True)


def test_without_a_project_it_says_so(run, tmp_path):
    ((check, _, help_),) = only(told(run, tmp_path, code=2), "problem")
    assert (check, "--project" in help_) == ("project", True)


def test_secrets_are_told_by_name_only(run, shop, monkeypatch):
    (shop / "feedsmith.yaml").write_text(
        PROJECT.replace("catalog.csv", '["https://x.example/${SHOP_KEY}", catalog.csv]') + "ping: {env: SHOP_PING}\n"
    )
    monkeypatch.setenv("SHOP_KEY", "very-secret")
    monkeypatch.delenv("SHOP_PING", raising=False)
    checks = told(run, shop, code=1)
    assert only(checks, "problem") == {
        ("secrets", "the environment variable SHOP_PING is not set", "set SHOP_PING where feedsmith runs")
    }
    assert "very-secret" not in json.dumps(checks)
    monkeypatch.setenv("SHOP_PING", "https://hc.example/very-secret")
    checks = told(run, shop)
    assert any(one["message"] == "set: SHOP_KEY, SHOP_PING" for one in checks)
    assert "very-secret" not in json.dumps(checks)


def test_a_file_in_the_way_of_the_output(run, shop):
    (shop / "out").write_text("")
    found = only(told(run, shop, "--out", "out/feeds", code=8), "problem")
    assert {check for check, _, _ in found} == {"output"}


def test_a_run_under_way_is_named(run, shop):
    with project_lock(shop / ".feedsmith", 0):
        ((check, message, _),) = only(told(run, shop), "warning")
    assert (check, f"process {os.getpid()} on " in message) == ("lock", True)
    assert not only(told(run, shop), "warning")


def test_a_file_from_tomorrow_shows_a_wrong_clock(run, shop):
    os.utime(shop / "catalog.csv", (time.time() + 86_400,) * 2)
    ((check, message, _),) = only(told(run, shop), "warning")
    assert (check, "seconds from now" in message) == ("clock", True)


def test_little_room_is_told(run, shop, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    assert {check for check, _, _ in only(told(run, shop), "warning")} == {"output", "state"}


def test_old_specifications_and_changes_to_come(run, shop):
    checks = only(told(run, shop, "--as-of", "2029-01-01"), "warning")
    assert any(
        check == "channel" and "google: the specification was read on" in message for check, message, _ in checks
    )


@pytest.mark.parametrize(
    ("requirement", "lacks"),
    [
        ("openpyxl>=3.1", False),
        ("openpyxl>=99", True),
        ("no-such-package>=1", True),
        ("no-such-package>=1; python_version < '3.9'", False),
        ("PyYAML", False),
    ],
)
def test_packages_that_are_lacking(requirement, lacks):
    assert doctor._lacks(requirement) is lacks
