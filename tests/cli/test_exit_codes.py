"""Each exit code, as the table of the command line says."""

import pytest

from feedsmith.cli import exits, progress
from feedsmith.errors import OutputError
from feedsmith.issues import Place
from feedsmith.publish.lock import project_lock
from tests.cli.conftest import FEED, PROJECT, catalog, product

BROKEN_TEMPLATE = "{% for item in items %}<item>{{ item }}</b>{% endfor %}"


def test_0_validate_and_export_of_a_clean_catalog(run, shop):
    checked = run("validate", cwd=shop)
    assert (checked.code, checked.err) == (0, "")
    assert "2 items checked, nothing written, 0 rejected, 1 filtered, of 3 products" in checked.out
    assert not (shop / "out").exists()
    assert run("export", cwd=shop).code == 0
    assert (shop / FEED).read_text().count("<item>") == 2
    before = (shop / FEED).stat()
    again = run("export", cwd=shop)
    assert "unchanged" in again.out
    assert (shop / FEED).stat() == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["validate"], 1),
        (["validate", "--fail-on", "never"], 0),
        (["export"], 0),
        (["export", "--fail-on", "error"], 1),
        (["export", "--fail-on", "warning", "--dry-run"], 1),
    ],
)
def test_1_for_issues_at_or_above_fail_on(run, shop, words, code):
    (shop / "catalog.csv").write_text(catalog([product(1), product(2, price="")]))
    assert run(*words, cwd=shop).code == code


def test_1_for_a_warning_only_when_asked(run, shop):
    (shop / "catalog.csv").write_text(catalog([product(1, title="lange naam " * 20)]))
    assert run("validate", cwd=shop).code == 0
    assert run("validate", "--fail-on", "warning", cwd=shop).code == 1


def test_2_when_every_feed_failed_and_4_when_some_are_done(run, shop):
    write = (shop / "templates/google.xml.j2").write_text
    (shop / "templates").mkdir()
    write(BROKEN_TEMPLATE)
    failed = run("export", cwd=shop)
    assert (
        failed.code,
        "failed: templates/google.xml.j2: what the template writes is not well-formed" in failed.out,
    ) == (2, True)
    (shop / "feedsmith.yaml").write_text(PROJECT + "  meta: {channel: meta, markets: [nl]}\n")
    partly = run("export", cwd=shop)
    assert partly.code == 4, partly
    assert (shop / "out/meta_nl.json").is_file()
    assert not (shop / FEED).exists()


def test_3_when_no_product_is_left(run, shop):
    assert run("export", cwd=shop).code == 0
    kept = (shop / FEED).read_bytes()
    (shop / "catalog.csv").write_text(catalog([product(1, price="1.00")]))
    held = run("export", cwd=shop)
    assert (held.code, (shop / FEED).read_bytes() == kept) == (3, True)
    assert "held: no product is left for it" in held.out
    assert run("export", "--force", cwd=shop).code == 0
    assert (shop / FEED).read_text().count("<item>") == 0


def test_3_when_a_limited_run_would_replace_a_whole_feed(run, shop, tmp_path):
    run("export", cwd=shop)
    kept = (shop / FEED).read_bytes()
    held = run("export", "--limit", "1", cwd=shop)
    assert (held.code, "--limit" in held.out, (shop / FEED).read_bytes() == kept) == (3, True, True)
    assert run("export", "--limit", "1", "--out", tmp_path / "try", cwd=shop).code == 0
    assert (tmp_path / "try/google_nl.xml").read_text().count("<item>") == 1


def test_5_when_the_source_is_missing(run, shop):
    (shop / "catalog.csv").unlink()
    assert run("validate", cwd=shop).code == 5


def test_7_when_another_run_holds_the_lock(run, shop):
    run("export", cwd=shop)
    with project_lock(shop / ".feedsmith", 0):
        ended = run("export", cwd=shop)
        assert run("validate", cwd=shop).code == 0
    assert ended.code == 7
    assert "another run holds this project's lock" in ended.err


def test_8_when_the_output_is_in_the_way(run, shop):
    (shop / "out").write_text("a file")
    ended = run("export", cwd=shop)
    assert (ended.code, "a file stands where a folder is needed" in ended.err) == (8, True)


def test_70_for_a_bug_with_a_traceback_and_a_request(run, shop, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr("feedsmith.run.execute.execute", broken)
    ended = run("validate", cwd=shop)
    assert ended.code == 70
    assert "Traceback" in ended.err
    assert "Please report it" in ended.err


@pytest.mark.parametrize(("signal_code", "code"), [(2, 130), (15, 143)])
def test_signals_have_their_codes(signal_code, code):
    assert exits.Stopped(signal_code).code == code


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), ([1, 4], 4), ([4, 3], 3), ([3, 8], 8), ([8, 5], 5), ([5, 7], 7), ([7, 2], 2), ([2, 143], 143), ([6, 4, 1], 6), ([130, 70], 70)]
)  # fmt: skip
def test_the_gravest_of_several_counts(codes, code):
    assert exits.worst(codes) == code
    assert exits.worst(reversed(codes)) == code


def test_an_error_tells_place_problem_and_hint_without_control_characters(capsys):
    exits.tell_error(OutputError(Place("a\x1b[2J.csv", 3), "is bad", "make it good"))
    assert capsys.readouterr().err == "error: a\\x1b[2J.csv:3: is bad\n  hint: make it good\n"


def test_progress_is_for_terminals_that_want_it(monkeypatch, capsys):
    with progress.progress_bar(quiet=False) as told:
        assert told is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress.progress_bar(quiet=True) as told:
        assert told is None
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress_bar(quiet=False) as told:
        told(500, 1000, 1234)
    assert capsys.readouterr().out == ""


def test_0_for_what_the_baseline_knows_and_1_for_more(run, shop):
    (shop / "catalog.csv").write_text(catalog([product(1), product(2, price="")]))
    words = ("validate", "--baseline", "known.json")
    written = run(*words, "--write-baseline", cwd=shop)
    assert (written.code, " of the baseline not shown" in written.out) == (0, True)
    assert (shop / "known.json").read_text().count("missing-required") == 1
    (shop / "catalog.csv").write_text(catalog([product(3), product(1), product(2, price="")]))
    assert run(*words, cwd=shop).code == 0
    (shop / "catalog.csv").write_text(catalog([product(1, price=""), product(2, price="")]))
    more = run(*words, cwd=shop)
    assert (more.code, "SKU-1" in more.out, "SKU-2" in more.out) == (1, True, False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--baseline", "none.json"], "none.json: the baseline cannot be read"),
        (["--baseline", "catalog.csv"], "catalog.csv: is no baseline"),
        (["--write-baseline"], "--write-baseline without --baseline"),
    ],
)
def test_2_for_a_baseline_that_is_none(run, shop, words, told):
    ended = run("validate", *words, cwd=shop)
    assert (ended.code, told in ended.err) == (2, True)
