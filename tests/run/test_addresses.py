"""A catalog that is fetched, through a whole run."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from feedsmith.errors import DefinitionError, SourceError
from feedsmith.run.execute import execute
from feedsmith.run.request import Request
from tests.helpers import write_tree

CATALOG = "sku,title,price\nA1,Oak chair,abc\nA2,Pine table,7.50 EUR\n"
PROJECT = "catalog: {{source: {{path: '{address}/{name}?v=1'{more}}}}}\nfeeds: {{mirakl: {{channel: mirakl}}}}\n"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def address(tmp_path):
    folder = write_tree(tmp_path / "served", {"catalog.csv": CATALOG})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def project(tmp_path, address):
    def write(name="catalog.csv", more=""):
        return write_tree(
            tmp_path / "project", {"feedsmith.yaml": PROJECT.format(address=address, name=name, more=more)}
        )

    return write


def test_products_of_an_address(project, address):
    issues = []
    report = execute(Request(project=project(), workers=1), lambda report: issues.extend(report.issues()))
    assert report.products == 2
    assert {issue.place.path for issue in issues if issue.code == "invalid-price"} == {f"{address}/catalog.csv?v=1"}


def test_what_is_not_there(project):
    with pytest.raises(SourceError, match="404"):
        execute(Request(project=project("gone.csv"), workers=1), lambda _: None)


@pytest.mark.parametrize("more", [", max_age: 2d", ", if_missing: skip"])
def test_keys_of_files_on_this_computer(project, more):
    with pytest.raises(DefinitionError, match="for files on this computer"):
        execute(Request(project=project(more=more), workers=1), lambda _: None)
