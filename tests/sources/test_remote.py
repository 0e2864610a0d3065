"""Sources on other computers: real servers on the loopback, credentials from the environment, limits that hold."""

import asyncio
import base64
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import asyncssh
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from feedsmith.errors import SourceError
from feedsmith.sources import remote
from feedsmith.sources.csv_part import read_table
from feedsmith.sources.remote import fetched, is_remote
from feedsmith.sources.table import ReadOptions, open_table

CATALOG = b"sku,title,price\r\nA1,Oak chair,5.00\r\nA2,Pine table,7.50\r\n"
ROWS = [["A1", "Oak chair", "5.00"], ["A2", "Pine table", "7.50"]]
SECRET = "s3cr3t pass"  # noqa: S105 - of servers that the tests start


def basic(name):
    return "Basic " + base64.b64encode(f"{name}:{SECRET}".encode()).decode()


GUARDED = {"/private.csv": basic("shop"), "/bucket/feeds/catalog.csv": "AWS4-HMAC-SHA256 Credential=KEY/"}
"""Paths, and how the Authorization begins that opens them."""
MOVED = {"/moved": "/catalog.csv", "/away": "file:///etc/hostname", "/elsewhere": "http://localhost:{port}/catalog.csv"}


class Handler(BaseHTTPRequestHandler):
    """Answers by path; every request's path and Authorization are kept."""

    seen: list[tuple[str, str]]

    def do_GET(self):
        authorization = self.headers.get("Authorization", "")
        self.server.seen.append((self.path, authorization))
        path = self.path.partition("?")[0]
        if path == "/slow":
            time.sleep(1)
        if path in GUARDED and not authorization.startswith(GUARDED[path]):
            self.answer(403, b"")
        elif path in MOVED:
            self.answer(302, b"", Location=MOVED[path].format(port=self.server.server_port))
        else:
            length = len(CATALOG) + 10 if path == "/cut" else None
            self.answer(404, b"") if "gone" in path else self.answer(200, CATALOG, length)

    def do_HEAD(self):
        self.do_GET()

    def answer(self, code, body, length=None, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 08:00:00 GMT")
        self.send_header("ETag", '"1"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.seen = []
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def at(server):
    server.seen.clear()
    return lambda path, user="": f"http://{user}127.0.0.1:{server.server_port}{path}"


@pytest.fixture
def read(tmp_path, rows_of):
    """Opens a source as a run does and gives its rows."""

    def rows(shown, **options):
        table = open_table(tmp_path / "project" / shown, ReadOptions(**options), tmp_path / "scratch", shown)
        return [row for _, row in rows_of(read_table(table))]

    return rows


@pytest.mark.parametrize("path", ["/catalog.csv", "/catalog.csv?day=1&part=*", "/moved"])
def test_http(at, read, path):
    assert read(at(path)) == ROWS


def test_name_and_password_come_from_the_environment(at, server, read, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", SECRET.replace(" ", "%20"))
    shown = at("/private.csv", "shop:${SHOP_PASSWORD}@")
    assert read(shown) == ROWS
    monkeypatch.setenv("SHOP_PASSWORD", "wrong")
    with pytest.raises(SourceError, match="403") as raised:
        read(shown)
    assert raised.value.place.path == shown
    assert "wrong" not in str(raised.value)
    assert not any(":" in path for path, _ in server.seen)


def test_credentials_are_not_sent_on_to_another_host(at, server, read, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", SECRET.replace(" ", "%20"))
    assert read(at("/elsewhere", "shop:${SHOP_PASSWORD}@")) == ROWS
    assert [authorization for _, authorization in server.seen] == [basic("shop"), ""]


REFUSED = {
    "gone": ("/gone", "404"),
    "to a file of this computer": ("/away", "not"),
    "cut off": ("/cut", "connection ended|more expected"),
}


@pytest.mark.parametrize(("path", "problem"), REFUSED.values(), ids=REFUSED)
def test_refused_by_or_because_of_the_server(at, read, path, problem):
    with pytest.raises(SourceError, match=problem) as raised:
        read(at(path))
    assert (raised.value.exit_code, raised.value.place.path) == (5, at(path))


UNSAFE = {
    "a password in the path": ("https://shop:hunter2@shop.example/a.csv", "password stands in the path"),
    "no variable": ("https://shop:${NOT_SET_HERE}@shop.example/a.csv", "NOT_SET_HERE is not set"),
    "no encryption": ("http://shop.example/a.csv", "http:// is not safe"),
    "nobody there": ("http://127.0.0.1:1/a.csv", "cannot be fetched"),
}


@pytest.mark.parametrize(("shown", "problem"), UNSAFE.values(), ids=UNSAFE)
def test_refused_before_anything_is_sent(read, shown, problem):
    with pytest.raises(SourceError, match=problem) as raised:
        read(shown)
    assert "hunter2" not in str(raised.value)
    assert raised.value.hint


def test_limits(at, tmp_path, monkeypatch):
    with pytest.raises(SourceError, match="larger than 20 bytes"):
        fetched(at("/catalog.csv"), tmp_path, most=20)
    with pytest.raises(SourceError, match="too long to fetch"):
        fetched(at("/slow"), tmp_path, seconds=0.5)
    monkeypatch.setattr(remote, "TIMEOUT", 0.2)
    with pytest.raises(SourceError, match=r"does not answer in time|timed out"):
        fetched(at("/slow"), tmp_path)


def test_s3(server, read, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert read("s3://bucket/feeds/catalog.csv") == ROWS
    with pytest.raises(SourceError, match="NotFound") as raised:
        read("s3://bucket/feeds/gone.csv")
    assert SECRET not in str(raised.value)


class Files(asyncssh.SSHServer):
    """Lets one user in; its connections are kept, to be closed in the end."""

    connections: ClassVar[list[asyncssh.SSHServerConnection]] = []

    def connection_made(self, conn):
        self.connections.append(conn)

    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("shop", SECRET)


@pytest.fixture
def sftp(tmp_path):
    """A server whose root holds the catalog, and the file with its key."""
    root = tmp_path / "served"
    root.mkdir()
    (root / "catalog.csv").write_bytes(CATALOG)
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()

    async def listen():
        def rooted(channel):
            return asyncssh.SFTPServer(channel, chroot=str(root))

        return await asyncssh.listen("127.0.0.1", 0, server_factory=Files, server_host_keys=[key], sftp_factory=rooted)

    async def close():
        listener.close()
        await listener.wait_closed()
        while Files.connections:
            connection = Files.connections.pop()
            connection.abort()
            await connection.wait_closed()
        await asyncio.sleep(0)  # transports close at the loop's next turn

    thread = threading.Thread(target=loop.run_forever)
    thread.start()  # all of it there: this thread may have a loop of its own already, as browser tests do
    listener = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    port = listener.get_port()
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
    yield f"sftp://shop:${{SFTP_PASSWORD}}@127.0.0.1:{port}", known
    asyncio.run_coroutine_threadsafe(close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_sftp(sftp, read, monkeypatch):
    address, known = sftp
    monkeypatch.setenv("SFTP_PASSWORD", SECRET.replace(" ", "%20"))
    with pytest.raises(SourceError, match="cannot be fetched") as unknown:
        read(f"{address}/catalog.csv")
    assert "known_hosts" in unknown.value.hint
    monkeypatch.setenv("SFTP_KNOWN_HOSTS", str(known))
    assert read(f"{address}/catalog.csv") == ROWS
    with pytest.raises(SourceError, match="No such file"):
        read(f"{address}/gone.csv")
    monkeypatch.setenv("SFTP_PASSWORD", "wrong")
    with pytest.raises(SourceError, match=r"(?i)authentication") as raised:
        read(f"{address}/catalog.csv")
    assert "wrong" not in str(raised.value)


def test_parquet(tmp_path, read):
    columns = {
        "sku": ["00101", "A2"], "price": [Decimal("5.00"), None], "weight": [1e-7, 2.0], "active": [True, False],
        "from": [pa.scalar(0, pa.date32()).as_py()] * 2, "images": [["a", "b"], []],
    }  # fmt: skip
    pq.write_table(pa.table(columns), tmp_path / "catalog.parquet")
    (tmp_path / "project").symlink_to(tmp_path)
    assert read("catalog.parquet") == [
        ["00101", "5.00", "0.0000001", "true", "1970-01-01", '["a","b"]'],
        ["A2", None, "2", "false", "1970-01-01", None],
    ]
    whole = (tmp_path / "catalog.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-20])
    with pytest.raises(SourceError, match="damaged or cut off"):
        read("cut.parquet")


@pytest.fixture(scope="module")
def database():
    """The address of a database: PostgreSQL where it is installed, else SQLite."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    initdb = shutil.which("initdb", path=str(programs)) if programs else shutil.which("initdb")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        if initdb is None:
            yield f"sqlite:///{name}/shop.db"
        else:
            yield from postgresql(Path(initdb).parent, Path(name))


def postgresql(programs, folder):
    """Runs a server of its own on a free port; it refuses to run as root."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "password").write_text(SECRET)
    who = {"user": "postgres"} if os.getuid() == 0 else {}
    if who:
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "password", "postgres")

    def call(program, *words):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        subprocess.run([programs / program, "-D", folder / "data", *words], check=True, **quiet, **who)

    call("initdb", "-U", "shop", "-A", "password", "--pwfile", folder / "password")
    call("pg_ctl", "-w", "-o", f"-p {port} -h 127.0.0.1 -k {folder}", "start")
    yield f"postgresql+psycopg://shop:${{DB_PASSWORD}}@127.0.0.1:{port}/postgres"
    call("pg_ctl", "-m", "immediate", "stop")


QUERY = """
WITH products(sku, title, price, stock) AS
  (SELECT '00101', 'Oak chair', CAST('5.00' AS DECIMAL(8, 2)), 3 UNION ALL SELECT 'A2', NULL, NULL, 0)
SELECT * FROM products ORDER BY sku
"""


def test_sql(database, read, monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", SECRET.replace(" ", "%20"))
    exact = "5.00" if database.startswith("postgresql") else "5"
    assert read(database, query=QUERY) == [["00101", "Oak chair", exact, "3"], ["A2", None, None, "0"]]
    with pytest.raises(SourceError, match="the database cannot be read") as raised:
        read(database, query="SELECT * FROM nothing_here")
    assert "nothing_here" in raised.value.problem
    assert raised.value.place.path == database


def test_sql_without_the_right_password_or_driver(database, read, monkeypatch):
    if database.startswith("postgresql"):
        monkeypatch.setenv("DB_PASSWORD", "wrong-one")
        with pytest.raises(SourceError, match="password authentication failed") as raised:
            read(database, query=QUERY)
        assert "wrong-one" not in str(raised.value)
    with pytest.raises(SourceError, match="driver is missing"):
        read("mysql+pymysql://127.0.0.1/shop", query=QUERY)


def test_sqlite(tmp_path, read):
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE products (sku TEXT, price REAL)")
        connection.executemany("INSERT INTO products VALUES (?, ?)", [("A1", 19.99), ("A2", 1e-7)])
    connection.close()
    rows = read(f"sqlite:///{tmp_path}/shop.db", query="SELECT * FROM products")
    assert rows == [["A1", "19.99"], ["A2", "0.0000001"]]


@pytest.mark.parametrize(("shown", "extra"), [("s3://bucket/a.csv", "s3"), ("sftp://host/a.csv", "sftp")])
def test_a_missing_extra_is_named(read, monkeypatch, shown, extra):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(remote, "import_module", missing)
    with pytest.raises(SourceError, match="not installed") as raised:
        read(shown)
    assert raised.value.hint == f'pip install "feedsmith[{extra}]"'


def test_what_is_remote():
    assert is_remote("HTTPS://shop.example/a.csv")
    assert not is_remote("catalog.csv")
    assert not is_remote("https/a.csv")
