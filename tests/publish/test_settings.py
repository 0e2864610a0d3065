"""Addresses, options and secrets of targets: what fits, and that nothing secret is ever shown."""

import pickle
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.issues import Place
from feedsmith.publish.deliver import open_target
from feedsmith.publish.kinds import COMMON, KINDS, Address, address_of, misfits
from feedsmith.publish.secret import Secret, Veil
from feedsmith.publish.settings import TargetSettings
from feedsmith.publish.target import Target
from feedsmith.publish.to_folder import FolderTarget
from tests.publish.servers import SECRET


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("feeds", Address("file", "feeds")),
        ("/srv/www", Address("file", "/srv/www")),
        ("C:\\feeds", Address("file", "C:\\feeds")),
        ("file:///srv/my%20feeds", Address("file", "/srv/my feeds")),
        ("sftp://shop@host:2222/in/", Address("sftp", "/in/", "shop", "host", 2222)),
        ("sftp://shop%40nl@host/~/in", Address("sftp", "/~/in", "shop@nl", "host")),
        ("ftps://shop@[::1]:990/", Address("ftps", "/", "shop", "::1", 990)),
        ("s3://My.Bucket/feeds/", Address("s3", "/feeds/", "", "My.Bucket")),
        ("HTTPS://host/in", Address("https", "/in", "", "host")),
    ],
)
def test_addresses(to, expected):
    assert address_of(to) == expected


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("gopher://host/", "no kind of target; known: file://, sftp://"),
        ("sftp:///in/", "names no host"),
        ("file://host/feeds", "file:///path"),
        ("sftp://shop@host:99999/", "[Pp]ort"),
    ],
)
def test_addresses_that_are_none(to, words):
    with pytest.raises(ValueError, match=words):
        address_of(to)


MISFITS = [
    ({"to": "gopher://host/"}, "to", "no kind of target"),
    ({"to": "sftp://host/in/"}, "to", "names no user"),
    ({"to": "ftp://shop@host/in/"}, "to", "ftp:// is not safe"),
    ({"to": "ftp://shop@host/in/", "insecure": "yes"}, "", ""),
    ({"to": "http://host/in/"}, "to", "http:// is not safe"),
    ({"to": "http://localhost/in/"}, "", ""),
    ({"to": "s3://feeds/", "endpoint": "http://host:9000"}, "endpoint", "http:// is not safe"),
    ({"to": "s3://feeds/", "host_key": "SHA256:x"}, "host_key", "no option of a target s3://"),
    ({"to": "feeds", "mode": "0644", "name": "{feed}.xml", "within": "5m"}, "", ""),
    ({"to": "feeds", "password": {"env": "X"}}, "password", "no option of a target file://"),
    ({"to": "sftp://shop@host/", "passphrase": {"env": "X"}}, "passphrase", "without `key`"),
    ({"to": "https://host/", "field": "feed", "method": "PUT"}, "method", "by POST"),
    ({"to": "https://host/", "token": {"env": "X"}, "password": {"env": "X"}}, "token", "both are logins"),
    ({"to": "https://host/", "expect": {"json": "ok"}}, "expect", "without `matches`"),
]


@pytest.mark.parametrize(("settings", "key", "words"), MISFITS)
def test_what_does_not_fit_is_told_with_its_key(settings, key, words):
    found = list(misfits(TargetSettings.model_validate(settings)))
    assert [one[0] for one in found] == [key] * bool(key)
    assert all(words in one[1] for one in found)


REFUSED = [
    {"to": f"sftp://shop:{SECRET[:6]}@host/in/"},
    {"to": "https://host/in/?token=c4nary"},
    {"to": "sftp://shop@host/", "password": "c4nary"},
    {"to": "s3://feeds/", "secret_key": "c4nary"},
    {"to": "https://host/", "token": "c4nary"},
    {"to": "https://host/", "params": {"key": "c4nary"}},
    {"to": "https://host/", "headers": {"X-Api-Key": "c4nary"}},
    {"to": "https://host/", "headers": {"Authorization": "Bearer c4nary"}},
]


@pytest.mark.parametrize("settings", REFUSED)
def test_a_secret_in_the_open_is_refused(settings):
    with pytest.raises(ValidationError) as caught:
        TargetSettings.model_validate(settings)
    assert {one["type"] for one in caught.value.errors()} == {"secret_in_the_open"}
    assert all("c4nary" not in one["msg"] for one in caught.value.errors())


@pytest.mark.parametrize(
    "settings",
    [
        {"password": {}}, {"password": {"env": "A", "file": "b"}}, {"password": {"env": "A B"}}, {"within": "soon"},
        {"mode": "999"}, {"name": "{shop}.xml"}, {"expect": {"matches": "("}}, {"retries": "-1"}, {"passwort": "x"},
    ],
)  # fmt: skip
def test_settings_that_are_wrong(settings):
    with pytest.raises(ValidationError):
        TargetSettings.model_validate({"to": "sftp://shop@host/"} | settings)


def test_a_secret_of_the_environment_or_of_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    (tmp_path / "secret").write_text(SECRET + "\n")
    for secret in (Secret(env="SHOP_SECRET"), Secret(file="secret")):
        revealed = secret.reveal(tmp_path)
        assert revealed.get_secret_value() == SECRET
        assert "c4nary" not in f"{revealed} {revealed!r} {secret!r}"


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (Secret(env="NOT_SET"), "environment variable NOT_SET: is not set"),
        (Secret(env="EMPTY"), "holds nothing"),
        (Secret(file="missing"), "missing: the secret cannot be read: No such file"),
    ],
)
def test_a_secret_that_is_not_there(secret, words, tmp_path, monkeypatch):
    monkeypatch.setenv("EMPTY", "")
    with pytest.raises(TargetClosedError, match=words):
        secret.reveal(tmp_path)


@given(st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=4), st.text(), st.text())
def test_a_veiled_text_does_not_hold_the_secret(secret, before, after):
    veil = Veil()
    veil.add(secret)
    assert secret not in veil(f"{before}{secret}{after}")
    assert quote(secret) not in veil(f"{before}{quote(secret)}{after}")
    assert veil(f"?token={quote_plus(secret)}&").endswith("=***&")


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_can_be_opened_and_knows_only_options_that_exist(kind, tmp_path):
    known = {field.alias or name for name, field in TargetSettings.model_fields.items()}
    assert kind.options | COMMON <= known
    target: Target = open_target(TargetSettings(to=kind.example), tmp_path)
    target.close()


def test_every_option_belongs_to_some_kind():
    of_kinds = set().union(*(kind.options for kind in KINDS.values()))
    assert set(TargetSettings.model_fields) == of_kinds | COMMON


def test_a_missing_library_is_named(monkeypatch, tmp_path):
    def missing(name):
        raise ImportError(name=name)

    monkeypatch.setattr("feedsmith.publish.deliver.import_module", missing)
    with pytest.raises(TargetClosedError, match="not installed") as caught:
        open_target(TargetSettings(to="sftp://shop@host/"), tmp_path)
    assert caught.value.hint == 'pip install "feedsmith[sftp]"'


@pytest.mark.parametrize("kind", [DeliveryError, TargetBusyError, TargetClosedError])
def test_errors_survive_the_way_between_processes(kind):
    error = kind(Place("sftp://host/feed.xml"), "no", "do this")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(copy), str(copy), copy.exit_code) == (kind, str(error), 6)


@pytest.mark.parametrize("to", ["https://localhost:1/", "ftps://shop@localhost:1/"])
def test_a_file_of_certificates_that_cannot_be_read(put, tmp_path, to):
    for content in (None, "no certificate"):
        if content:
            (tmp_path / "ca.pem").write_text(content)
        with pytest.raises(DeliveryError, match="certificates cannot be read"):
            put(b"new", to=to, ca="ca.pem", retries=0)


def test_a_folder(put, tmp_path):
    put(b"old", to="there/", mode="0600")
    put(b"new", to="there/")
    put(b"far", to=(tmp_path / "far").as_uri())
    assert (tmp_path / "there" / "feed.xml").read_bytes() == b"new"
    assert (tmp_path / "far" / "feed.xml").read_bytes() == b"far"
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["feed.xml"]


def test_a_folder_that_is_a_file(put, tmp_path):
    (tmp_path / "there").write_text("a file")
    with pytest.raises(DeliveryError, match="a file stands where a folder is needed"):
        put(b"new", to="there/")


def test_a_file_that_is_gone_already_is_removed(tmp_path):
    target = FolderTarget(TargetSettings(to="."), Address("file", "."), tmp_path)
    (tmp_path / "old.xml").touch()
    assert [target.remove("old.xml", None), target.remove("old.xml", None)] == ["", ""]
    assert not Path(tmp_path / "old.xml").exists()
