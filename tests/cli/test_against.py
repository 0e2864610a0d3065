"""`--against`: what a branch changes in the feeds, which issues are new, and that nothing of the checkout is touched."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers import write_tree

PRODUCTS = 420
HEAD = "id,title,description,link,image_link,availability,price,brand,gtin,condition\n"
PROJECT = """\
catalog: exports/catalog.csv
markets: {nl: {country: NL, language: nl, currency: EUR, site: https://www.shop.example}}
feeds:
  google: {channel: google, markets: [nl], extends: [shop]}
rules:
  shop:
    fields:
      %s
"""
PLAIN, CHANGED = "title: {from: title}", "title: [{when: price > 8, value: '{{ brand }} {{ title }}'}, {from: title}]"
FILTERED = CHANGED + "\n    exclude: {too dear: price > 417}"


def row(number: int, price: str | None = None) -> str:
    place = f"https://www.shop.example/p/{number}"
    price = price if price is not None else f"{number}.50 EUR"
    return f"A{number},Mok {number},Mok van steengoed.,{place},{place}.jpg,in stock,{price},Kleiwerk,,new\n"


def catalog(*prices: str) -> str:
    rows = [row(number, price) for number, price in enumerate(prices)] or [row(number) for number in range(PRODUCTS)]
    return HEAD + "".join(rows)


def git(folder: Path, *words: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=A", "-c", "user.email=a@shop.example", "-c", "init.defaultBranch=main")
    return subprocess.run(
        [shutil.which("git") or "git", *who, *words], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout  # fmt: skip


def state_of(folder: Path) -> dict[str, tuple[str, int]]:
    """Content and time of every file, those of git too."""
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A repository with a project in a folder of it, on a branch `rule` that changes nothing yet; the export is not
    tracked."""
    folder = write_tree(tmp_path / "repository", {
        ".gitignore": "exports\nout\n.feedsmith\n",
        "shop/feedsmith.yaml": PROJECT % PLAIN,
        "shop/exports/catalog.csv": catalog(),
        "other/large.txt": "of no concern",
    })  # fmt: skip
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "checkout", "-q", "-b", "rule")
    monkeypatch.chdir(folder / "shop")
    return folder / "shop"


def test_what_a_branch_changes_in_the_feeds(run, shop):
    (shop / "feedsmith.yaml").write_text(PROJECT % FILTERED)
    before = state_of(shop.parent)
    ended = run("diff", "--against", "main", "--exit-code")
    assert ended.code == 1
    assert ended.out.splitlines()[0] == "google_nl: 409 titles change, 3 products leave, 0 prices"
    assert "    A8: Mok 8 -> Kleiwerk Mok 8" in ended.out
    assert state_of(shop.parent) == before
    assert git(shop, "status", "--porcelain").split() == ["M", "shop/feedsmith.yaml"]


def test_the_same_as_a_comment(run, shop):
    (shop / "feedsmith.yaml").write_text(PROJECT % FILTERED)
    told = run("diff", "--against", "main", "--format", "markdown").out
    assert told.startswith(
        "### Feeds: main → here\n\n- **google\\_nl**: 409 titles change, 3 products leave, 0 prices\n"
    )
    assert json.loads(run("diff", "--against", "HEAD", "--format", "json").out)["feeds"][0]["changed"] == 409


def test_a_branch_without_a_change(run, shop):
    ended = run("diff", "--against", "main", "--exit-code")
    assert (ended.code, ended.out) == (0, "google_nl: no differences in 420 products\n")


def test_only_new_issues_are_told_and_count(run, shop):
    (shop / "exports/catalog.csv").write_text(catalog("1.50 EUR", "", "", "9.50 EUR"))
    everything = json.loads(run("validate", "--format", "json").out)
    assert everything["summary"]["errors"] == 2
    nothing = run("validate", "--against", "main", "--format", "json")
    assert nothing.code == 0
    known = json.loads(nothing.out)
    assert (known["issues"], known["summary"]["known"]) == ([], len(everything["issues"]))
    (shop / "feedsmith.yaml").write_text(PROJECT % "price: {from: price if id != 'A3'}")
    ended = run("validate", "--against", "main", "--format", "json")
    assert ended.code == 1
    new = [one for one in json.loads(ended.out)["issues"] if one["severity"] == "error"]
    assert [(one["product"], one["field"], one["code"]) for one in new] == [("A3", "price", "missing-required")]
    assert "issues of main not shown" in run("validate", "--against", "main").out


def test_only_issues_that_a_run_had_not_are_told(run, shop):
    (shop / "exports/catalog.csv").write_text(catalog("1.50 EUR", "", "", "9.50 EUR"))
    assert run("export", "--quiet").code == 0
    here = run("validate", "--against", "last", "--format", "json")
    everything = json.loads(run("validate", "--format", "json").out)
    known = json.loads(here.out)
    assert (here.code, known["issues"], known["summary"]["known"]) == (0, [], len(everything["issues"]))
    (shop / "feedsmith.yaml").write_text(PROJECT % "price: {from: price if id != 'A3'}")
    ended = run("validate", "--against", "1", "--format", "json")
    new = [one for one in json.loads(ended.out)["issues"] if one["severity"] == "error"]
    assert (ended.code, [(one["product"], one["code"]) for one in new]) == (1, [("A3", "missing-required")])
    assert "issues of run 1 not shown" in run("validate", "--against", "1").out


def test_a_run_tells_what_of_it_cannot_be_compared(run, shop):
    more = (PROJECT % PLAIN).replace(
        "rules:", "  meta: {channel: meta, markets: [nl]}\nrules:\n  idle: {fields: {title: brand}}"
    )
    (shop / "feedsmith.yaml").write_text(more)
    assert run("export", "--feed", "google*", "--quiet").code == 0
    ended = run("validate", "--against", "last", "--format", "json")
    assert "note: run 1 did not make meta_nl: all issues of that are told as new\n" in ended.err
    told = json.loads(ended.out)["issues"]
    assert {one["feed"] for one in told} <= {"meta_nl"}
    assert "told by `feedsmith validate` without --against: run 1 did not look for them" in ended.err
    assert {one["code"] for one in json.loads(run("validate", "--format", "json").out)["issues"]} > {"unused-entry"}


def test_a_run_whose_issues_are_kept_no_more(run, shop):
    assert run("validate", "--against", "last").code == 2
    for number in range(7):
        (shop / "exports/catalog.csv").write_text(catalog() + row(number + PRODUCTS))
        assert run("export", "--quiet").code == 0
    ended = run("validate", "--against", "1")
    assert ended.code == 2
    assert "run 1: its issues are not kept\n  hint: kept are those of the runs 2, 3, 4, 5, 6, 7" in ended.err
    (shop / ".feedsmith/issues/7.zst").write_bytes(b"other")
    assert run("validate", "--against", "7").code == 8
    assert run("validate", "--against", "out/google_nl.xml").code == 2


def test_a_tracked_source_is_read_as_it_was(run, shop):
    git(shop, "add", "-f", "exports/catalog.csv")
    git(shop, "commit", "-qm", "the catalog too")
    (shop / "exports/catalog.csv").write_text(catalog("5.00 EUR"))
    assert run("diff", "--against", "HEAD").out.startswith("google_nl: 1 price changes, 419 products leave\n")
    ended = run("diff", "--against", "main")
    assert ended.code == 5
    assert "exports/catalog.csv: as of main: cannot be read" in ended.err  # git tracks it now, and did not then


def test_a_file_above_the_project_is_read_as_it_was(run, shop):
    write_tree(shop.parent, {"rules.yaml": f"rules: {{shop: {{fields: {{{PLAIN}}}}}}}\n"})
    (shop / "feedsmith.yaml").write_text("include: [../rules.yaml]\n" + (PROJECT % PLAIN).partition("rules:")[0])
    git(shop, "add", "-A", "..")
    git(shop, "commit", "-qm", "shared rules")
    write_tree(shop.parent, {"rules.yaml": f"rules: {{shop: {{fields: {{{CHANGED}}}}}}}\n"})
    assert run("diff", "--against", "HEAD").out.startswith("google_nl: 412 titles change, 0 prices\n")


def test_another_projects_folder_and_a_feed(run, shop, tmp_path):
    assert run("export").code == 0
    (shop / "feedsmith.yaml").write_text(PROJECT % CHANGED)
    told = "google_nl: 412 titles change, 0 prices"
    write_tree(tmp_path, {"before/feedsmith.yaml": PROJECT % PLAIN, "before/exports/catalog.csv": catalog()})
    for what in (tmp_path / "before", "out", "out/google_nl.xml"):
        assert run("diff", "--against", what).out.splitlines()[0] == told, what
    assert run("validate", "--against", tmp_path / "before").code == 0


def test_a_feed_of_the_branch_alone(run, shop):
    (shop / "feedsmith.yaml").write_text(
        (PROJECT % PLAIN).replace("rules:", "  meta: {channel: meta, markets: [nl]}\nrules:")
    )
    ended = run("diff", "--against", "main")
    assert "meta_nl: a new feed with 420 products" in ended.out
    assert run("diff", "--against", "main", "--feed", "google*").out == "google_nl: no differences in 420 products\n"


@pytest.mark.parametrize("command", ["diff", "validate"])
@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("mian", "there is no such branch, tag or commit, and no such file, folder or run\n  hint: did you mean main?"),
        ("--upload-pack=x", "no such branch"),
        ("main:shop", "no such branch"),
    ],
)
def test_a_ref_that_is_not_there(run, shop, command, what, told):
    ended = run(command, f"--against={what}")
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_a_commit_before_the_project(run, shop):
    first = git(shop, "commit-tree", "-m", "empty", "4b825dc642cb6eb9a060e54bf8d69288fbee4904").strip()
    ended = run("diff", "--against", first)
    assert ended.code == 2
    assert "there is no shop/ in this commit" in ended.err


def test_a_project_outside_git(run, shop, tmp_path, monkeypatch):
    folder = write_tree(tmp_path / "alone", {"feedsmith.yaml": PROJECT % PLAIN, "exports/catalog.csv": catalog()})
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for command in ("diff", "validate"):
        ended = run(command, "--against", "main")
        assert ended.code == 2
        assert "lies in no git repository" in ended.err


def test_a_mistake_in_the_other_state_says_whose_it_is(run, shop):
    git(shop, "checkout", "-q", "-b", "broken")
    (shop / "feedsmith.yaml").write_text("feeds: {google: {channel: googel}}\n" + PROJECT.partition("feeds:")[0])
    git(shop, "commit", "-qam", "broken")
    (shop / "feedsmith.yaml").write_text(PROJECT % PLAIN)
    ended = run("diff", "--against", "broken")
    assert ended.code == 2
    assert "as of broken: there is no channel 'googel'" in ended.err


def test_a_pointer_to_lfs_is_told(run, shop):
    (shop / "stock.csv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "large")
    ended = run("diff", "--against", "HEAD")
    assert ended.code == 2
    assert "stock.csv: lies in Git LFS and is not here" in ended.err
    assert "git lfs fetch" in ended.err


@pytest.mark.parametrize(
    "words", [("a.xml", "--against", "main"), ("a.xml",), (), ("a.xml", "b.xml", "--as-of", "2026-01-01")]
)
def test_words_that_do_not_go_together(run, shop, words):
    ended = run("diff", *words)
    assert (ended.code, ended.out) == (2, "")


def test_a_feed_that_cannot_be_made_is_told(run, shop):
    """What a template cannot write is no product that leaves."""
    template = "{% for item in items %}<item>{{ item }}</item><item/>{% endfor %}"
    write_tree(shop, {"templates/google.xml.j2": f"<rss>{template}</rss>"})
    for words in ((), ("--format", "markdown"), ("--format", "html"), ("--format", "json")):
        assert "the feed google" in run("diff", "--against", "main", *words).out.replace("\\", "")


def test_a_submodule_is_told(run, shop, tmp_path):
    module = write_tree(tmp_path / "module", {"prices.csv": "id,price\n"})
    git(module, "init", "-q")
    git(module, "add", "-A")
    git(module, "commit", "-qm", "prices")
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module), "prices")
    git(shop, "commit", "-qm", "a submodule")
    assert "note: the submodule shop/prices is read as it is here" in run("diff", "--against", "HEAD").out
    assert "note: the submodule shop/prices is read as it is here" in run("validate", "--against", "HEAD").err


def test_both_states_have_one_clock(run, shop):
    rule = "expiration_date: {from: 'add_days(today, 3)'}"
    (shop / "feedsmith.yaml").write_text(PROJECT % rule)
    git(shop, "commit", "-qam", "dates")
    assert run("diff", "--against", "HEAD").out == "google_nl: no differences in 420 products\n"


def test_in_a_hook(run, shop, monkeypatch):
    """A hook runs with git's own variables, and an index that must stay as it is."""
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    before = state_of(shop.parent)
    assert run("diff", "--against", "main").out == "google_nl: no differences in 420 products\n"
    assert state_of(shop.parent) == before
