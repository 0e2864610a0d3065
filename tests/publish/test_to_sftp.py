"""Delivery by SFTP against a server that the test starts: whole files, known hosts, and every way to be cut off."""

from contextlib import suppress

import asyncssh
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.publish.swap import NOT_AT_ONCE, temporary_name
from feedsmith.publish.to_sftp import DIRECT, UNCHECKED
from tests.publish.conftest import OURS
from tests.publish.servers import SECRET, USER, Line, Sftp, running

OLD = b"<rss>the old feed</rss>"
NEW = b"<rss>" + b"the new feed, which is longer " * 10_000 + b"</rss>"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(Sftp(tmp_path_factory.mktemp("served"))) as one:
        yield one


@pytest.fixture
def live(server):
    """The file that readers see, with the old version in it; nothing goes wrong yet."""
    server.words.clear()
    for path in server.root.iterdir():
        path.unlink()
    path = server.root / "feed.xml"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def there(server):
    return {"to": f"sftp://{USER}@127.0.0.1:{server.port}/", "password": OURS, "host_key": server.fingerprint}


@pytest.fixture(scope="module")
def line(server):
    with running(Line(server.port)) as one:
        yield one


def names(server):
    return sorted(path.name for path in server.root.iterdir())


def test_a_file_is_put_in_place_whole_and_nothing_else_is_left(put, server, live, there):
    assert put(NEW, **there, mode="0600").note == ""
    assert (live.read_bytes(), live.stat().st_mode & 0o777) == (NEW, 0o600)
    assert names(server) == ["feed.xml"]


def test_a_folder_that_begins_at_the_login_one(put, server, live, there):
    (server.root / "in").mkdir(exist_ok=True)
    put(NEW, **{**there, "to": there["to"] + "~/in"})
    assert (server.root / "in" / "feed.xml").read_bytes() == NEW
    (server.root / "in" / "feed.xml").unlink()
    (server.root / "in").rmdir()


def test_login_by_key(put, server, live, there, tmp_path):
    (tmp_path / "id").write_bytes(server.user_key.export_private_key("openssh", passphrase=SECRET))
    by_key = {**there, "key": {"file": "id"}, "passphrase": OURS}
    del by_key["password"]
    put(NEW, **by_key)
    assert live.read_bytes() == NEW
    with pytest.raises(TargetClosedError, match="no private key that can be read"):
        put(OLD, **{**by_key, "passphrase": None})


def test_the_servers_key_from_a_file_of_known_servers(put, server, live, there, tmp_path):
    known = {**there, "host_key": [], "known_hosts": "known"}
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {server.key.export_public_key().decode()}")
    put(NEW, **known)
    assert live.read_bytes() == NEW
    (tmp_path / "known").write_text("")
    with pytest.raises(TargetClosedError, match=r"ssh-ed25519 SHA256:\S+ is not known"):
        put(OLD, **known)
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {other}")
    with pytest.raises(TargetClosedError, match="another one than the known one"):
        put(OLD, **known)
    assert live.read_bytes() == NEW


def test_a_server_with_another_key_than_the_pinned_one_is_never_written_to(put, server, live, there):
    logins = server.logins
    with pytest.raises(TargetClosedError, match="is not the one under `host_key`") as caught:
        put(NEW, **{**there, "host_key": ["SHA256:" + "A" * 43]})
    assert server.fingerprint in caught.value.problem
    assert (live.read_bytes(), server.logins) == (OLD, logins)


def test_a_wrong_password_is_told_at_once_and_never_shown(put, server, live, there, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET", "wrong-one")
    logins = server.logins
    with pytest.raises(TargetClosedError, match="login is refused") as caught:
        put(NEW, **there)
    assert "wrong-one" not in str(caught.value)
    assert server.logins == logins + 1
    assert live.read_bytes() == OLD


def test_a_refused_file_is_told_at_once(put, server, live, there):
    server.words.add("denied")
    with pytest.raises(DeliveryError, match="refuses it") as caught:
        put(NEW, **there)
    assert not isinstance(caught.value, TargetBusyError)
    server.words.clear()
    with pytest.raises(DeliveryError, match="No such file"):
        put(NEW, **{**there, "to": there["to"] + "missing/"})
    assert live.read_bytes() == OLD


def test_without_a_rename_that_replaces_the_old_file_is_renamed_away_first(put, server, live, there):
    server.words.add("no-posix")
    assert put(NEW, **there).note == NOT_AT_ONCE
    assert (live.read_bytes(), names(server)) == (NEW, ["feed.xml"])
    assert put(OLD, "other.xml", **there).note == ""
    assert names(server) == ["feed.xml", "other.xml"]


def test_without_any_rename_the_old_file_stays_and_the_remedy_is_told(put, server, live, there):
    server.words.add("no-rename")
    with pytest.raises(DeliveryError, match="refuses it") as caught:
        put(NEW, **there)
    assert "rename: no" in caught.value.hint
    assert live.read_bytes() == OLD
    assert put(NEW, **there, rename=False).note == DIRECT
    assert live.read_bytes() == NEW


def test_a_server_that_takes_files_in_at_once(put, server, live, there):
    server.words.add("takes")
    with pytest.raises(DeliveryError, match="took the temporary file away"):
        put(NEW, **there)
    assert put(NEW, **there, rename=False).note == f"{DIRECT}; {UNCHECKED}"


def test_a_connection_that_ends_at_the_rename(put, server, live, there):
    server.words.add("drop-at-rename")
    with pytest.raises(TargetBusyError, match=r"tried 2 times"):
        put(NEW, **there, retries=1)
    assert live.read_bytes() == OLD
    server.words.clear()
    put(NEW, **there)
    assert (live.read_bytes(), names(server)) == (NEW, ["feed.xml"])


def test_a_connection_that_ends_after_the_rename_before_the_answer(put, server, live, there):
    server.words.add("drop-after-rename")
    with pytest.raises(TargetBusyError):
        put(NEW, **there, retries=0)
    assert live.read_bytes() == NEW
    server.words.clear()
    put(NEW, **there)
    assert (live.read_bytes(), names(server)) == (NEW, ["feed.xml"])


def test_a_server_that_falls_silent_is_left_when_the_time_is_over(put, server, live, there, line):
    line.again(cut_after=60_000, silent=True)
    with pytest.raises(TargetBusyError, match="no sign of life"):
        put(NEW, **{**there, "to": f"sftp://{USER}@127.0.0.1:{line.port}/"}, within="2s", retries=9)
    assert live.read_bytes() == OLD


def test_a_line_that_is_cut_once_is_tried_again(put, server, live, there, line, monkeypatch):
    line.again(cut_after=100_000)
    heal = Line.again
    real = line._pump

    def once(source, sink, counted):
        real(source, sink, counted)
        heal(line)

    monkeypatch.setattr(line, "_pump", once)
    put(NEW, **{**there, "to": f"sftp://{USER}@127.0.0.1:{line.port}/"})
    assert live.read_bytes() == NEW


@pytest.mark.parametrize("words", [set(), {"no-posix"}], ids=["posix-rename", "plain rename"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.999])
def test_a_cut_line_leaves_no_torn_file(put, server, live, there, line, words, share):
    never_torn(put, server, live, there, line, words, int(share * (len(NEW) + 8_000)))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(NEW) + 8_000), words=st.sampled_from([(), ("no-posix",)]))
def test_wherever_the_line_is_cut_no_reader_sees_half_a_file(put, server, live, there, line, cut, words):
    live.write_bytes(OLD)
    never_torn(put, server, live, there, line, set(words), cut)


def never_torn(put, server, live, there, line, words, cut):
    """After the cut the name holds the old or the whole new file, and the next delivery needs no help."""
    server.words.clear()
    server.words.update(words)
    line.again(cut_after=cut)
    cut_off = {**there, "to": f"sftp://{USER}@127.0.0.1:{line.port}/", "retries": 0}
    with suppress(TargetBusyError):
        put(NEW, **cut_off)
    between = not live.exists() and "no-posix" in words  # such a server has no way to replace a file in one step
    assert between or live.read_bytes() in (OLD, NEW)
    line.again()
    put(NEW, **cut_off)
    assert live.read_bytes() == NEW
    assert temporary_name("feed.xml") not in names(server)
