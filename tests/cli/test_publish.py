"""`feedsmith publish` and `export --publish`: exit codes, reports, what is sent, and that no secret is ever told."""

import base64
import json
import logging
import re
import time
from urllib.parse import quote, quote_plus

import pytest

from feedsmith.publish import deliver
from feedsmith.publish.lock import project_lock
from tests.cli.conftest import PROJECT, catalog, product
from tests.helpers import write_tree
from tests.publish.servers import SECRET, USER, Sftp, Web, running


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(deliver, "FIRST_WAIT", 0.01)


@pytest.fixture
def web():
    with running(Web()) as one:
        yield one


@pytest.fixture
def with_targets(shop):
    """Adds targets to the project: `with_targets("backup: {to: backup/}")`."""

    def add(*lines, **files):
        targets = "publish:\n" * bool(lines) + "".join(f"  {line}\n" for line in lines)
        write_tree(shop, {"feedsmith.yaml": PROJECT + targets} | files)
        return shop

    return add


BACKUP = "backup: {to: backup/}"


def test_an_export_with_delivery_and_a_second_one(run, with_targets):
    shop = with_targets(BACKUP)
    ended = run("export", "--publish", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"  backup: delivered to backup/google_nl.xml \(\S+ kB, \S+ s\)\n", ended.out)
    assert ended.out.endswith("; 1 delivery: 1 delivered\n")
    assert (shop / "backup/google_nl.xml").read_bytes() == (shop / "out/google_nl.xml").read_bytes()
    again = run("export", "--publish", cwd=shop)
    assert "  backup: unchanged at backup/google_nl.xml; not sent again\n" in again.out
    assert run("export", "--publish", "--quiet", cwd=shop).out == ""


def test_an_export_without_delivery_sends_nothing(run, with_targets):
    shop = with_targets(BACKUP)
    ended = run("export", cwd=shop)
    assert (ended.code, "backup" in ended.out, (shop / "backup").exists()) == (0, False, False)


def test_publish_after_an_export(run, with_targets):
    shop = with_targets(BACKUP)
    run("export", cwd=shop)
    planned = run("publish", "--dry-run", cwd=shop)
    assert "  backup: would be delivered to backup/google_nl.xml\n" in planned.out
    assert not (shop / "backup").exists()
    ended = run("publish", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("google_nl: 2 items in out/google_nl.xml (")
    assert ended.out.endswith("1 feed; 1 delivery: 1 delivered\n")
    assert run("publish", "--quiet", cwd=shop).out == ""


def test_the_report_in_json(run, with_targets):
    shop = with_targets(BACKUP)
    for command in (("export", "--publish", "--format", "json"), ("publish", "--force", "--format", "json")):
        (feed,) = json.loads(run(*command, cwd=shop).out)["feeds"]
        (one,) = feed["deliveries"]
        assert one.pop("seconds") >= 0
        assert one == {
            "target": "backup", "to": "backup/", "state": "delivered", "files": ["google_nl.xml"],
            "bytes": (shop / "out/google_nl.xml").stat().st_size, "reason": "", "help": "", "notes": [],
        }  # fmt: skip


def test_6_where_all_deliveries_failed_and_publish_goes_on(run, with_targets, web):
    shop = with_targets(f"web: {{to: 'http://127.0.0.1:{web.port}/in/', retries: 1}}")
    web.answers = [(503, {}, b"closed for a moment")]
    ended = run("export", "--publish", cwd=shop)
    assert ended.code == 6
    where = f"http://127.0.0.1:{web.port}/in/google_nl.xml"
    assert f"  web: failed at {where}: the server answers 503 Service Unavailable: closed for a moment" in ended.out
    assert "    = fix: `feedsmith publish` goes on from here\n" in ended.out
    assert (shop / "out/google_nl.xml").is_file()
    assert "web: failed" in run("publish", "--quiet", cwd=shop).out
    web.answers = [(201, {}, b"")]
    assert run("publish", cwd=shop).code == 0
    assert web.files["/in/google_nl.xml"] == (shop / "out/google_nl.xml").read_bytes()


def test_4_where_some_targets_have_it_and_others_not(run, with_targets, web):
    shop = with_targets(BACKUP, f"web: {{to: 'http://127.0.0.1:{web.port}/in/'}}")
    web.answers = [(403, {}, b"")]
    ended = run("export", "--publish", cwd=shop)
    assert ended.code == 4
    assert ended.out.endswith("2 deliveries: 1 delivered, 1 failed\n")
    assert run("publish", cwd=shop).code == 4
    assert run("publish", "--target", "web", cwd=shop).code == 6
    assert run("publish", "--target", "backup", cwd=shop).code == 0


def test_a_held_feed_is_not_sent(run, with_targets):
    shop = with_targets(BACKUP)
    run("export", "--publish", cwd=shop)
    before = (shop / "backup/google_nl.xml").read_bytes()
    (shop / "catalog.csv").write_text(catalog([product(1, price="1.00")]))
    ended = run("export", "--publish", cwd=shop)
    assert (ended.code, "backup" in ended.out) == (3, False)
    assert run("publish", "--force", cwd=shop).code == 0
    assert (shop / "backup/google_nl.xml").read_bytes() == before


def test_an_earlier_run_from_what_is_kept(run, with_targets):
    shop = with_targets(BACKUP)
    run("export", cwd=shop)
    first = (shop / "out/google_nl.xml").read_bytes()
    (shop / "catalog.csv").write_text(catalog([product(1), product(2, title="Andere deken"), product(3)]))
    assert run("export", "--publish", cwd=shop).code == 0
    ended = run("publish", "--run", "1", cwd=shop)
    assert ended.code == 0
    assert (shop / "backup/google_nl.xml").read_bytes() == first
    assert run("publish", "--run", "last", cwd=shop).code == 0
    assert (shop / "backup/google_nl.xml").read_bytes() == (shop / "out/google_nl.xml").read_bytes() != first


def test_what_was_overwritten_by_hand_is_taken_from_what_is_kept(run, with_targets):
    shop = with_targets(BACKUP)
    run("export", cwd=shop)
    good = (shop / "out/google_nl.xml").read_bytes()
    (shop / "out/google_nl.xml").unlink()
    (shop / "out/google_nl.xml").write_bytes(b"by hand")
    assert run("publish", cwd=shop).code == 0
    assert (shop / "backup/google_nl.xml").read_bytes() == good


def test_7_while_another_run_holds_the_lock(run, with_targets):
    shop = with_targets(BACKUP)
    run("export", cwd=shop)
    with project_lock(shop / ".feedsmith", 0):
        ended = run("publish", cwd=shop)
        assert run("publish", "--dry-run", cwd=shop).code == 0
    assert ended.code == 7
    assert not (shop / "backup").exists()


@pytest.mark.parametrize(
    ("targets", "command", "words"),
    [
        ([], ["publish"], "no feed has a target to be delivered to"),
        ([], ["export", "--publish"], "no feed has a target to be delivered to"),
        ([BACKUP], ["publish"], "nothing with a target has been published to out yet"),
        ([BACKUP], ["publish", "--target", "backups"], "there is no target 'backups'"),
        ([BACKUP], ["publish", "--run", "9"], "there is no run 9"),
        ([BACKUP], ["publish", "--feed", "meta"], "no feed of the project fits 'meta'"),
        (["backup: {name: x.xml}"], ["validate"], "the target 'backup' has no `to`"),
        (["backup: {to: 'sftp://shop@host/', tls: implicit}"], ["export"], "target backup: `tls` is no option"),
        (["backup: {to: 'gopher://host/'}"], ["export"], "gopher:// is no kind of target"),
        (["backup: {to: backup/, nam: x}"], ["export"], "unknown key 'nam'"),
    ],
)
def test_2_where_the_command_or_a_target_is_wrong(run, with_targets, targets, command, words):
    shop = with_targets(*targets)
    ended = run(*command, cwd=shop)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert not (shop / "out").exists()


def test_two_feeds_with_one_name_at_a_target(run, shop):
    project = PROJECT.replace("feeds:\n", "feeds:\n  meta: {channel: meta_csv, markets: [nl]}\n")
    write_tree(shop, {"feedsmith.yaml": project + "publish: {backup: {to: backup/, name: feed.xml}}\n"})
    ended = run("export", cwd=shop)
    assert ended.code == 2
    assert "the feeds meta_nl and google_nl have one name at the target backup: feed.xml" in ended.err


def test_layers_of_targets(run, shop):
    """The market says where, the feed what it is called there; an empty entry removes."""
    project = """\
catalog: catalog.csv
publish: {archive: {to: archive/}, backup: {to: below/, resend_after: 1d}}
markets: {nl: {country: NL, site: https://www.shop.example, publish: {backup: {to: nl/}}}}
feeds:
  google: {channel: google, markets: [nl], publish: {backup: {name: shop.xml}, archive: ~}}
  meta: {channel: meta_csv, markets: [nl]}
"""
    write_tree(shop, {"feedsmith.yaml": project, "feedsmith.prod.yaml": "publish: {archive: {to: far/}}\n"})
    assert run("export", "--publish", "--env", "prod", cwd=shop).code == 0
    found = sorted(
        path.relative_to(shop).as_posix()
        for folder in ("archive", "below", "nl", "far")
        for path in shop.glob(f"{folder}/*")
    )
    assert found == ["far/meta_nl.csv", "nl/meta_nl.csv", "nl/shop.xml"]
    shown = run("config", "google_nl", "--origin", cwd=shop).out
    assert re.search(
        r"publish\.backup +\{to: nl/, resend_after: 1d, name: shop\.xml\} +feedsmith\.yaml:5 +feed google", shown
    )


def test_a_missing_secret_is_a_failed_delivery_of_a_good_feed(run, with_targets, web, monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    shop = with_targets(f"web: {{to: 'http://127.0.0.1:{web.port}/', token: {{env: NOT_SET}}}}", BACKUP)
    assert run("validate", cwd=shop).code == 0
    ended = run("export", "--publish", cwd=shop)
    assert ended.code == 4
    assert "environment variable NOT_SET is not set" in ended.out
    assert web.seen == []


def forms(secret):
    coded = secret.encode()
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), base64.b64encode(coded).decode()}


def test_no_secret_is_told_anywhere(run, shop, web, tmp_path, monkeypatch, caplog):
    """All ways a secret may be given, deliveries that succeed and fail, in every output, log and file that is left."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "served").mkdir()
    here = f"http://shop@127.0.0.1:{web.port}"
    ours = "{env: SHOP_SECRET}"
    with running(Sftp(tmp_path / "served")) as sftp:
        there = f"sftp://{USER}@127.0.0.1:{sftp.port}"
        targets = f"""\
publish:
  sftp: {{to: '{there}/', password: {ours}, host_key: '{sftp.fingerprint}', retries: 0}}
  wrong_key: {{to: '{there}/', password: {{file: {tmp_path}/secret}}, host_key: 'SHA256:x'}}
  wrong_login: {{to: '{there.replace(USER, "nobody")}/', password: {ours}, host_key: '{sftp.fingerprint}'}}
  basic: {{to: '{here}/a/', password: {ours}, retries: 0}}
  token: {{to: '{here}/b/', token: {ours}, retries: 0}}
  param: {{to: '{here}/c/', params: {{key: {ours}}}, retries: 0}}
  header: {{to: '{here}/d/', headers: {{X-Api-Key: {ours}}}, retries: 0}}
  store: {{to: 's3://feeds/', endpoint: 'http://127.0.0.1:{web.port}', access_key: {ours}, secret_key: {ours}, retries: 0}}
"""
        write_tree(shop, {"feedsmith.yaml": PROJECT + targets})
        echo = " ".join(forms(SECRET)).encode()
        told = []
        for status in (500, 400, 401, 200):
            web.answers = [(status, {}, echo)]
            for command in (
                ("export", "--publish", "-v", "--report", "json=report.json", "--report", "html=report.html"),
                ("publish", "--force", "--format", "json"),
            ):
                ended = run(*command, cwd=shop)
                assert ended.code == 4
                told += [ended.out, ended.err]
        assert "***" in "".join(told)
    assert SECRET in {headers.get("X-Api-Key") for _, _, headers, _ in web.seen}
    told += [record.getMessage() for record in caplog.records]
    left = [path.read_bytes() for path in shop.rglob("*") if path.is_file()]
    for form in forms(SECRET) | {base64.b64encode(f"shop:{SECRET}".encode()).decode()}:
        assert not any(form in text for text in told), form
        assert not any(form.encode() in content for content in left), form
    tables = (shop / ".feedsmith/runs.sqlite").read_bytes()
    assert b"deliveries" in tables


@pytest.mark.slow
def test_a_publish_that_is_killed_leaves_whole_files_and_the_next_one_needs_no_help(
    start, run, shop, tmp_path, monkeypatch
):
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    (tmp_path / "served").mkdir()
    live = tmp_path / "served" / "google_nl.xml"
    with running(Sftp(tmp_path / "served")) as sftp:
        there = f"sftp://{USER}@127.0.0.1:{sftp.port}/"
        target = (
            f"publish: {{there: {{to: '{there}', password: {{env: SHOP_SECRET}}, host_key: '{sftp.fingerprint}'}}}}"
        )
        write_tree(shop, {"feedsmith.yaml": PROJECT + target})
        versions, killed = set(), 0
        for number in range(12):
            (shop / "catalog.csv").write_text(catalog([product(one, title=f"Deken {number}") for one in range(1, 400)]))
            assert run("export", "--force", cwd=shop).code == 0
            versions.add((shop / "out/google_nl.xml").read_bytes())
            logins = sftp.logins
            process = start("publish", cwd=shop)
            while sftp.logins == logins and process.poll() is None:
                time.sleep(0.001)
            time.sleep(number * 0.005)
            killed += process.poll() is None
            process.kill()
            process.communicate()
            assert not live.exists() or live.read_bytes() in versions
        assert killed > 3  # the others were done already
        assert run("publish", cwd=shop).code == 0
        assert live.read_bytes() == (shop / "out/google_nl.xml").read_bytes()
        assert [path.name for path in live.parent.iterdir()] == ["google_nl.xml"]


def test_a_secret_in_the_open_is_refused_and_its_line_not_shown(run, with_targets):
    for line in ("a: {to: 'sftp://shop:c4nary@host/'}", "a: {to: 'sftp://shop@host/', password: c4nary, mode: 999}"):
        ended = run("export", cwd=with_targets(line))
        assert ended.code == 2
        assert "feedsmith.yaml:10" in ended.err
        assert "c4nary" not in ended.err
