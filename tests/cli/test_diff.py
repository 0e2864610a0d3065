"""`feedsmith diff`: the four formats, exit codes, and what is told of files that cannot be compared."""

import gzip
import json
import re
from html.parser import HTMLParser

import pytest

from feedsmith.reports.diff.as_markdown import MOST
from tests.cli.conftest import catalog, product
from tests.helpers import write_tree

HEAD = "id\ttitle\tprice\n"
ROW = "{}\t{}\t{}\n"
NASTY = "@all #12 | <b>_x_</b> [a](http://b.example) `c`"


def feeds(folder, old, new):
    """Two feeds of rows `(id, title, price)`."""
    texts = {
        f"{name}/google_tsv.tsv": HEAD + "".join(ROW.format(*row) for row in rows)
        for name, rows in (("old", old), ("new", new))
    }
    write_tree(folder, texts)
    return [folder / name for name in texts]


@pytest.fixture
def some(tmp_path):
    """A title that changes, a product that leaves and one that comes."""
    return feeds(
        tmp_path,
        [("A", "Mok", "1.00 EUR"), ("B", "Vaas", "2.00 EUR"), ("C", "Kan", "3.00 EUR")],
        [("A", NASTY, "1.00 EUR"), ("C", "Kan", "3.00 EUR"), ("D", "Bord", "4.00 EUR")],
    )


def test_text_begins_with_the_summary(run, some):
    ended = run("diff", *some)
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0] == "google_tsv: 1 title changes, 1 product leaves, 1 product comes, 0 prices"
    assert lines[1] == "  title: 1 product of 3"
    assert lines[2].startswith("    A: Mok -> @all #12")
    assert [line.split()[0] for line in lines[3:] if line] == ["1", "B", "1", "D"]


@pytest.mark.parametrize("words", [(), ("--format", "json"), ("--format", "markdown"), ("--format", "html")])
def test_exit_code_is_1_where_something_differs(run, some, words):
    assert run("diff", *some, "--exit-code", *words).code == 1
    assert run("diff", some[0], some[0], "--exit-code", *words).code == 0


def test_exact_takes_other_bytes_for_a_difference(run, tmp_path):
    old, new = feeds(tmp_path, [("A", "Mok", "1.00 EUR")], [("A", "Mok", "1.00 EUR")])
    new.write_text(new.read_text().replace("\n", "\r\n"), newline="")
    assert run("diff", old, new, "--exit-code").code == 0
    assert run("diff", old, new, "--exit-code", "--exact").code == 1
    assert "only white space" in run("diff", old, new).out


def test_json_holds_all_changes(run, tmp_path):
    old, new = feeds(tmp_path, [], [(f"A{number}", "Mok", "1.00 EUR") for number in range(50)])
    found = json.loads(run("diff", old, new, "--format", "json", "--limit", 3).out)
    assert (found["version"], found["differ"]) == (1, True)
    feed = found["feeds"][0]
    assert {key: feed[key] for key in ("name", "channel", "key", "added", "removed", "changed", "moved")} == {
        "name": "google_tsv", "channel": "google_tsv", "key": ["id"], "added": 50, "removed": 0, "changed": 0, "moved": 0,
    }  # fmt: skip
    assert [one["key"] for one in feed["changes"]] == [[f"A{number}"] for number in range(50)]


def test_limit_is_of_the_list_only(run, tmp_path):
    old, new = feeds(tmp_path, [], [(f"A{number}", "Mok", "1.00 EUR") for number in range(50)])
    told = run("diff", old, new, "--limit", 3).out
    assert "50 products come" in told
    assert "... and 47 more products (--limit)" in told
    assert len(re.findall(r"^    A\d", told, re.MULTILINE)) == 3


def test_markdown_shows_texts_as_they_are(run, some):
    told = run("diff", *some, "--format", "markdown").out
    assert "\\@all \\#12 \\| \\<b\\>\\_x\\_\\</b\\> \\[a\\]\\(http\\://b.example\\) \\`c\\`" in told
    table = [line for line in told.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {6}


@pytest.mark.parametrize("number", [50, 3_000])
def test_markdown_fits_in_a_comment(run, tmp_path, number):
    old, new = feeds(tmp_path, [], [(f"A{at}", "Mok " * 30, "1.00 EUR") for at in range(number)])
    told = run("diff", old, new, "--format", "markdown", "--limit", number).out
    assert len(told) < MOST
    assert told.startswith("### Feeds")
    listed = len(re.findall(r"^- A\d", told, re.MULTILINE))
    left = re.search(r"^([\d,]+) lines left out", told, re.MULTILINE)
    assert listed + (int(left[1].replace(",", "")) if left else 0) == number


class Page(HTMLParser):
    """Gathers tags and texts."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.addresses = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data):
        self.texts.append(data)


def test_html_is_one_page_that_needs_nothing_else(run, some):
    page = Page()
    page.feed(run("diff", *some, "--format", "html").out)
    assert NASTY in page.texts
    assert all(address.startswith("#") for address in page.addresses)
    assert "script" not in page.tags
    assert "b" not in page.tags


def test_a_hostile_text_steers_no_terminal(run, tmp_path):
    old, new = feeds(tmp_path, [("A", "Mok", "")], [("A", "\x1b[2J::error::", "")])
    assert "\x1b" not in run("diff", old, new).out
    assert "\x1b" not in run("diff", old, new, "--format", "markdown").out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("old", "nowhere"), 2, "nowhere: there is no such file or folder"),
        (("old", "nev"), 2, "did you mean new"),
        (("old", "new", "--channel", "googel"), 2, "did you mean google"),
        (("old", "new", "--key", "nr"), 2, "has no field 'nr' to know products by"),
        (("old", "empty"), 2, "there is no feed in this folder"),
        (("old/google_tsv.tsv", "torn.xml"), 5, "torn.xml:1:6: this is no well-formed XML"),
        (("old/google_tsv.tsv", "nothing.csv"), 5, "nothing.csv"),
        (("old/google_tsv.tsv", "torn.tsv.gz"), 5, "torn.tsv.gz: the gzip archive is damaged or cut off"),
    ],
)
def test_what_cannot_be_compared(run, some, tmp_path, monkeypatch, words, code, told):
    write_tree(tmp_path, {"torn.xml": "<rss>", "nothing.csv": "", "empty/.keep": ""})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torn.tsv.gz").write_bytes(gzip.compress(HEAD.encode() * 9)[:-9])
    ended = run("diff", *words)
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err


# --- runs --------------------------------------------------------------------------------------------------------


def write_catalog(shop, number: int, first: str = "19.95") -> None:
    rows = [product(nr, price=first if nr == 1 else "19.95") for nr in range(1, number + 1)]
    (shop / "catalog.csv").write_text(catalog(rows))


@pytest.fixture
def runs(run, shop, monkeypatch):
    """A project with two runs: of the second, the price of the first product is another and the last one is gone."""
    monkeypatch.chdir(shop)
    for number, first in ((30, "19.95"), (29, "99.00")):
        write_catalog(shop, number, first)
        assert run("export").code == 0
    return shop


def test_two_runs(run, runs):
    told = "google_nl: 1 price changes, 1 product leaves"
    assert run("diff", "1", "2").out.splitlines()[0] == told
    assert run("diff", "1", "last").out.splitlines()[0] == told
    assert "(run 1: google_nl.xml:" in run("diff", "1", "last").out
    assert run("diff", "2", "last", "--exit-code").code == 0
    assert run("diff", "1", "out").out.splitlines()[0] == told
    assert run("diff", "1", "out/google_nl.xml").out.splitlines()[0] == told


def test_what_a_run_would_change(run, runs):
    assert run("diff", "--against", "1").out.splitlines()[0] == "google_nl: 1 price changes, 1 product leaves"
    assert run("diff", "--against", "last").out == "google_nl: no differences in 29 products\n"
    assert run("validate", "--against", "1").code == 0
    ended = run("validate", "--against", "out")
    assert ended.code == 2
    assert "a feed does not tell what was wrong with its catalog" in ended.err
    assert [path.name for path in (runs / ".feedsmith/kept").iterdir() if path.suffix == ".zst"]
    assert "3" not in run("runs", "list").out.split()  # a trial is no run


def test_a_candidate_that_is_held(run, runs):
    write_catalog(runs, 1)
    assert run("export").code == 3
    assert "28 products leave" in run("diff", "2", "3").out


@pytest.mark.parametrize("words", [("1", "17"), ("1", "first"), ("--against", "17")])
def test_a_run_that_is_not_there(run, runs, words):
    ended = run("diff", *words)
    assert (ended.code, ended.out) == (2, "")


def test_a_version_that_is_kept_no_more(run, runs):
    for path in (runs / ".feedsmith/kept").glob("*.zst"):
        path.unlink()
    ended = run("diff", "1", "2")
    assert (ended.code, ended.out) == (8, "")
    assert "google_nl.xml of run 1 is kept no more" in ended.err
