"""Delivery by FTP against servers that the test starts, with TLS and without."""

import pytest
import trustme

from feedsmith.errors import DeliveryError, TargetBusyError, TargetClosedError
from feedsmith.publish.swap import NOT_AT_ONCE
from feedsmith.publish.target import DIRECT
from tests.publish.conftest import OURS
from tests.publish.ftp_server import Ftp, FTPHandler, digests
from tests.publish.servers import USER, Line, running

OLD = b"<rss>the old feed</rss>"
NEW = b"<rss>" + b"the new feed, which is longer " * 10_000 + b"</rss>"


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """The file of an authority, and a certificate by it for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("papers")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    return folder


@pytest.fixture
def start(papers, stack, tmp_path):
    """Starts a server on a folder that holds the old file; gives the folder, the server and the target's settings."""
    root = tmp_path / "served"
    root.mkdir()
    (root / "feed.xml").write_bytes(OLD)

    def begin(scheme="ftps", line=False, **facts):
        server = stack.enter_context(running(Ftp(root, papers / "server.pem" if scheme == "ftps" else None, **facts)))
        port = stack.enter_context(running(Line(server.port))) if line else server
        settings = {"to": f"{scheme}://{USER}@127.0.0.1:{port.port}/", "password": OURS}
        return root / "feed.xml", port, settings | ({"ca": str(papers / "ca.pem")} if scheme == "ftps" else {})

    return begin


def names(live):
    return sorted(path.name for path in live.parent.iterdir())


@pytest.mark.parametrize(("scheme", "implicit"), [("ftps", False), ("ftps", True), ("ftp", False)])
def test_a_file_is_put_in_place_whole_and_nothing_else_is_left(put, start, scheme, implicit):
    live, _, there = start(scheme, implicit=implicit)
    there |= {"tls": "implicit"} if implicit else {}
    assert put(NEW, **there).note == ""
    assert (live.read_bytes(), names(live)) == (NEW, ["feed.xml"])


def test_a_server_that_does_not_rename_over_a_file(put, start):
    live, _, there = start(replaces=False)
    assert put(NEW, **there).note == NOT_AT_ONCE
    assert (live.read_bytes(), names(live)) == (NEW, ["feed.xml"])
    assert put(NEW, "other.xml", **there).note == ""
    assert put(OLD, **there, rename=False).note == DIRECT
    assert live.read_bytes() == OLD


def test_a_certificate_of_nobody_we_know_is_refused(put, start):
    live, _, there = start()
    del there["ca"]
    with pytest.raises(TargetClosedError, match="certificate is refused"):
        put(NEW, **there)
    assert live.read_bytes() == OLD


def test_a_wrong_password_is_told_at_once_and_never_shown(put, start, monkeypatch):
    live, _, there = start()
    monkeypatch.setenv("SHOP_SECRET", "wrong-one")
    with pytest.raises(TargetClosedError, match="login is refused") as caught:
        put(NEW, **there)
    assert "wrong-one" not in str(caught.value)
    assert live.read_bytes() == OLD


def test_a_folder_that_is_not_there(put, start):
    _, _, there = start()
    with pytest.raises(DeliveryError, match="refuses it") as caught:
        put(NEW, **there | {"to": there["to"] + "missing/"})
    assert not isinstance(caught.value, TargetBusyError)


@pytest.mark.parametrize("cut", [0, 20, 400, 900])
def test_a_cut_control_line_leaves_no_torn_file(put, start, cut):
    live, line, there = start(line=True)
    line.again(cut_after=cut)
    with pytest.raises(TargetBusyError, match="tried 2 times"):
        put(NEW, **there, retries=1)
    assert live.read_bytes() == OLD
    line.again()
    put(NEW, **there)
    assert (live.read_bytes(), names(live)) == (NEW, ["feed.xml"])


def test_a_server_that_falls_silent_is_left_when_the_time_is_over(put, start):
    live, line, there = start(line=True)
    line.again(cut_after=100, silent=True)
    with pytest.raises(TargetBusyError, match="no sign of life"):
        put(NEW, **there, within="1s")
    assert live.read_bytes() == OLD


def test_a_server_that_runs_full(put, start, monkeypatch):
    live, _, there = start()
    monkeypatch.setattr(FTPHandler, "ftp_SIZE", lambda self, _: self.respond("213 12"))
    with pytest.raises(TargetBusyError, match="12 of 300,011 bytes arrived"):
        put(NEW, **there, retries=0)
    assert live.read_bytes() == OLD


@pytest.mark.parametrize(
    ("features", "asked"),
    [
        (["HASH SHA-1*;SHA-256;MD5", "XMD5"], ["sha256 0-9 "]),
        (["HASH MD5", "XSHA256 filename;start;end"], ["sha256"]),
        (["XMD5"], ["md5"]),
        (["HASH CRC32*"], []),
        ([], []),
    ],
)
def test_the_server_is_asked_for_the_best_digest_that_it_tells(put, start, features, asked):
    handler = digests(*features)
    live, _, there = start(digests=handler)
    assert put(NEW, **there).note == ""
    assert (live.read_bytes(), handler["asked"]) == (NEW, asked)


@pytest.mark.parametrize("feature", ["HASH SHA-256*", "XSHA256", "XMD5"])
def test_a_file_that_arrives_otherwise_than_it_was_sent_is_not_put_in_place(put, start, feature):
    live, _, there = start(digests=digests(feature, spoils=True))
    with pytest.raises(TargetBusyError, match="what arrived is not what was sent"):
        put(NEW, **there, retries=0)
    assert live.read_bytes() == OLD


def test_a_server_that_offers_a_digest_and_tells_none(put, start):
    handler = digests("XSHA256", refuses=True)
    live, _, there = start(digests=handler)
    assert put(NEW, **there).note == ""
    assert (live.read_bytes(), handler["asked"]) == (NEW, ["sha256"])
