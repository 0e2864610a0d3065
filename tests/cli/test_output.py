"""What goes where: results on standard output, messages on standard error, reports in files."""

import io
import json
import os
import subprocess
import sys
import tomllib

import openpyxl
import pytest
from lxml import html

from feedsmith import __version__
from feedsmith.cli.app import app
from feedsmith.cli.exits import FAIL_ON
from feedsmith.cli.options import FailOn, ReportFormat
from feedsmith.reports.formats import FORMATS
from tests.cli.conftest import FEED, catalog, product
from tests.helpers import ROOT

RUN_OPTIONS = (
    "--project", "--env", "--catalog", "--channel", "--feed", "--market", "--as-of", "--site", "--workers", "--limit",
    "--format", "--report", "--fail-on", "--baseline", "--write-baseline", "--quiet", "--verbose", "--no-color",
    "--log-format",
)  # fmt: skip
OPTIONS = {
    "inspect": ("--format", "--no-color"),
    "init": ("--catalog", "--channel", "--like", "--yes", "--site", "--no-color"),
    "sample": (
        "--project",
        "--env",
        "--catalog",
        "--channel",
        "--feed",
        "--market",
        "--as-of",
        "--site",
        "--out",
        "--no-color",
    ),
    "validate": (*RUN_OPTIONS, "--against"),
    "export": (*RUN_OPTIONS, "--out", "--dry-run", "--force", "--wait", "--metrics"),
    "lint": (
        "--channel",
        "--project",
        "--country",
        "--language",
        "--currency",
        "--item",
        "--header-row",
        "--encoding",
        "--as-of",
        "--site",
        "--workers",
        "--limit",
        "--format",
        "--report",
        "--fail-on",
        "--quiet",
        "--verbose",
        "--no-color",
    ),
    "diff": (
        "--key",
        "--field",
        "--ignore",
        "--exact",
        "--project",
        "--channel",
        "--feed",
        "--against",
        "--format",
        "--limit",
        "--exit-code",
        "--no-color",
    ),
    "doctor": ("--project", "--env", "--out", "--format", "--no-color"),
    "explain": ("--project", "--feed", "--market", "--field", "--format"),
    "feedback": ("--channel", "--project", "--feed", "--column", "--format", "--report", "--fail-on", "--workers"),
    "find": ("--project", "--feed", "--market", "--as-of", "--limit", "--workers", "--format"),
    "preview": (
        "--project",
        "--catalog",
        "--channel",
        "--feed",
        "--market",
        "--as-of",
        "--html",
        "--most",
        "--workers",
    ),
    "rules list": ("--project", "--feed", "--workers", "--format"),
    "rules test": ("--project", "--feed", "--format"),
    "runs list": ("--project", "--feed", "--most", "--out", "--format"),
    "runs show": ("--project", "--out", "--format"),
    "runs accept": ("--guard", "--reason", "--project", "--out", "--wait"),
    "runs rollback": ("--to", "--project", "--out", "--wait"),
    "publish": ("--project", "--run", "--feed", "--target", "--out", "--dry-run", "--force", "--wait", "--format"),
    "schema": ("--channel", "--system", "--project"),
    "categories suggest": ("--project", "--feed", "--list", "--column", "--out", "--limit", "--workers", "--format"),
    "config": ("--project", "--env", "--origin", "--format"),
    "channels list": ("--project", "--format"),
    "channels show": ("--project", "--format"),
    "channels new": ("--from", "--full", "--project"),
    "channels diff": ("--as-of", "--from", "--project", "--format"),
    "channels fit": ("--catalog", "--channel", "--project", "--format"),
}


def registered() -> set[str]:
    groups = {
        group.name: [one.name for one in group.typer_instance.registered_commands] for group in app.registered_groups
    }
    below = {f"{name} {one}" for name, names in groups.items() for one in names}
    return {str(one.name) for one in app.registered_commands} | below


def test_the_table_of_commands_is_whole():
    assert registered() == set(OPTIONS)


def test_names_of_options_are_those_of_the_tables_behind_them():
    assert {one.value for one in ReportFormat} == {*FORMATS, "xlsx"}
    assert {one.value for one in FailOn} == set(FAIL_ON)


@pytest.mark.parametrize("command", OPTIONS)
def test_help_lists_the_options_and_has_an_example(run, command):
    ended = run(*command.split(), "--help")
    assert run(*command.split(), "-h") == ended
    assert (ended.code, ended.err) == (0, "")
    assert [option for option in OPTIONS[command] if option not in ended.out] == []
    assert f"Examples:\n    feedsmith {command}" in ended.out
    assert ended.out.split("\n\n")[1].strip().endswith(".")


def test_no_words_give_short_help_and_code_2(run):
    ended = run()
    assert ended.code == 2
    assert "Usage: feedsmith [OPTIONS] COMMAND" in ended.out + ended.err


def test_version_is_one_line(run):
    ended = run("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"feedsmith {__version__}\n", "")


def test_an_unknown_command_names_the_nearest(run):
    ended = run("exprot")
    assert (ended.code, "'exprot'" in ended.err, "'export'" in ended.err) == (2, True, True)


def test_json_stands_alone_on_standard_output(run, shop):
    (shop / "catalog.csv").write_text(catalog([product(1), product(2, price="0.00"), product(3, price="4.00")]))
    ended = run("export", "--format", "json", "-v", cwd=shop)
    report = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert list(report) == ["version", "feedsmith", "run", "catalog", "feeds", "summary", "manifest", "issues"]
    assert report["catalog"] == {
        "sources": [
            {
                "path": "catalog.csv",
                "system": "generic",
                "rows": 3,
                "encoding": "utf-8",
                "delimiter": ",",
                "sheet": None,
            }
        ],
        "products": 3,
    }
    (feed,) = report["feeds"]
    assert (feed["name"], feed["channel"], feed["state"]) == ("google_nl", "google", "published")
    assert (feed["items"], feed["rejected"], feed["filtered"]) == (1, 0, 2)
    assert feed["files"][0]["path"] == FEED
    issue = next(one for one in report["issues"] if one["product"] == "SKU-3")
    assert issue["code"] == "filtered"
    assert issue["source"] == {"path": "catalog.csv", "sheet": None, "row": 4, "column": None, "cell": None}
    assert {
        "code",
        "severity",
        "feed",
        "channel",
        "product",
        "field",
        "value",
        "source",
        "message",
        "help",
        "reference",
    } == set(issue)


def test_reports_go_to_several_files_too(run, shop):
    words = ["--report", "json=reports/r.json", "--report", "jsonl=r.jsonl", "--report", "plain.txt", "-q"]
    ended = run("validate", *words, cwd=shop)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    report = json.loads((shop / "reports/r.json").read_text())
    lines = [json.loads(line) for line in (shop / "r.jsonl").read_text().splitlines()]
    assert lines == report["issues"]
    assert lines
    assert run("validate", "--format", "json", "--report", "other", cwd=shop).code == 0
    assert json.loads((shop / "other").read_text())["version"] == 1
    assert (shop / "plain.txt").read_text() == ""


def test_a_report_that_cannot_be_written_is_known_before_the_run(run, shop):
    (shop / "file").write_text("")
    ended = run("export", "--report", "json=file/r.json", cwd=shop)
    assert (ended.code, "file" in ended.err, (shop / "out").exists()) == (8, True, False)


def test_a_page_shows_feeds_over_time_once_there_are_several_exports(run, shop):
    def courses(command):
        page = html.fromstring(run(command, "--format", "html", cwd=shop).out)
        return [row.xpath("string(td[3])") for row in page.xpath("//table[@class='course']//tr")[1:]]

    assert courses("export") == []
    (shop / "catalog.csv").write_text(catalog([product(number) for number in range(3)]))
    again = courses("export")
    assert again
    assert all(course.endswith("→ 3") for course in again)
    assert courses("validate") == again


@pytest.mark.parametrize("name", ["catalog.csv", "feedsmith.yaml", "sub/../catalog.csv"])
def test_a_report_never_replaces_what_the_run_reads(run, shop, name):
    (shop / "sub").mkdir()
    before = (shop / name).read_bytes()
    ended = run("export", "--report", f"json={name}", cwd=shop)
    assert (ended.code, "which the run reads" in ended.err, (shop / "out").exists()) == (2, True, False)
    assert (shop / name).read_bytes() == before


def test_a_limit_of_0_compiles_and_reads_headings_only(run, shop):
    (shop / "catalog.csv").write_text(catalog([product(1, price="")]))
    assert run("validate", cwd=shop).code == 1
    ended = run("validate", "--limit", "0", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert "of 0 products" in ended.out


@pytest.mark.parametrize("limit", [1, 2])
def test_a_limit_counts_products(run, shop, limit):
    assert f"of {limit} product" in run("validate", "--limit", limit, cwd=shop).out


def test_without_a_project_a_catalog_and_a_channel_are_enough(run, tmp_path):
    (tmp_path / "kaap.csv").write_text(catalog([product(1, price="19.95 EUR")]))
    words = ["--catalog", "kaap.csv", "--channel", "google", "--site", "https://www.shop.example"]
    ended = run("export", *words, cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    text = (tmp_path / "out/google.xml").read_text()
    assert "<title>kaap</title>" in text
    assert "<link>https://www.shop.example</link>" in text


SHOPIFY = "Handle,Title,Body (HTML),Vendor,Variant SKU,Variant Price,Image Src\nmok,Mok,Een mok,Kaap,M1,9.95,https://x.example/m.jpg\n"


def test_without_a_project_the_site_makes_the_addresses_of_a_shops_export(run, tmp_path):
    (tmp_path / "products.csv").write_text(SHOPIFY)
    words = ["explain", "M1", "--field", "link", "--catalog", "products.csv", "--channel", "google"]
    assert (
        "https://www.shop.example/products/mok" in run(*words, "--site", "https://www.shop.example", cwd=tmp_path).out
    )
    told = run("validate", *words[4:], cwd=tmp_path).out
    assert "relative-link" in told
    assert "--site" in told


def test_a_site_that_is_no_address_is_refused(run, tmp_path):
    (tmp_path / "products.csv").write_text(SHOPIFY)
    words = ["--catalog", "products.csv", "--channel", "google", "--site", "shop.example"]
    ended = run("validate", *words, cwd=tmp_path)
    assert ended.code == 2
    assert "is no address" in ended.err


def test_a_site_beside_a_project_is_refused(run, shop):
    ended = run("validate", "--site", "https://www.shop.example", cwd=shop)
    assert ended.code == 2
    assert "market: {site: …}" in ended.err


def test_catalog_takes_the_place_of_the_source(run, shop):
    (shop / "a=b.csv").write_text(catalog([product(7), product(8), product(9), product(10)]))
    assert "of 4 products" in run("validate", "--catalog", "a=b.csv", cwd=shop).out
    sources = {
        "feedsmith.yaml": (shop / "feedsmith.yaml")
        .read_text()
        .replace("catalog: catalog.csv", "catalog: {sources: {erp: catalog.csv}}")
    }
    (shop / "feedsmith.yaml").write_text(sources["feedsmith.yaml"])
    assert "of 4 products" in run("validate", "--catalog", f"erp={shop / 'a=b.csv'}", cwd=shop).out


def test_dry_run_writes_nothing(run, shop):
    ended = run("export", "--dry-run", cwd=shop)
    assert (ended.code, sorted(path.name for path in shop.iterdir())) == (0, ["catalog.csv", "feedsmith.yaml"])


def test_two_workers_and_one_give_the_same_bytes(start, shop):
    rows = (
        product(number, description="warm " * 60, price="0" if number % 97 == 0 else "9.95") for number in range(6_000)
    )
    (shop / "catalog.csv").write_text(catalog([*rows, product(5)]))
    made = []
    for workers in ("1", "2"):
        process = start("export", "--workers", workers, "--out", f"out{workers}", "--format", "jsonl", cwd=shop)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
        made.append((out, (shop / f"out{workers}/google_nl.xml").read_bytes()))
    assert made[0] == made[1]
    assert made[0][1].count(b"<item>") > 5_000


def test_it_works_without_an_environment(start, shop):
    process = start("export", cwd=shop, env={"PYTHONPATH": str(ROOT)})
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert (shop / FEED).is_file()


@pytest.mark.skipif(os.name == "nt", reason="the devices and pipes of POSIX")
class TestPipes:
    def test_a_full_device_is_no_success(self, start, shop):
        for words in (["validate"], ["--help"], ["channels", "list"]):
            with open("/dev/full", "wb") as full:  # noqa: PTH123
                process = start(*words, cwd=shop, stdout=full)
                _, err = process.communicate(timeout=60)
            assert process.returncode == 8
            assert b"standard output: cannot be written: No space left on device" in err
            assert b"Traceback" not in err

    def test_a_reader_that_left_is_no_trouble(self, start, shop):
        reading, writing = os.pipe()
        os.close(reading)
        process = start("export", "--format", "json", cwd=shop, stdout=writing)
        os.close(writing)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
        assert (shop / FEED).is_file()

    def test_another_encoding_gets_escapes(self, start, shop):
        (shop / "catalog.csv").write_text(catalog([product(1, id="Ω-1", price="1")]))
        environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
        out, err = start("validate", cwd=shop, env=environment).communicate(timeout=60)
        assert (b"\\u03a9-1" in out, err) == (True, b"")


def test_help_imports_nothing_heavy():
    heavy = {"pydantic", "rich", "lxml", "jinja2", "babel", "openpyxl", "python_calamine", "re2", "rapidfuzz"}
    code = "import sys, runpy; sys.argv = ['feedsmith', '--help']\ntry: runpy.run_module('feedsmith', run_name='__main__')\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert heavy & set(done.stderr.split()) == set()


def test_a_worker_imports_no_command_line():
    """With `spawn` a worker imports the main module again: that must not cost it typer."""
    code = "import sys; import feedsmith.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"typer", "pydantic"} & set(done.stdout.split()) == set()


def test_the_console_script_is_this_main():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"feedsmith": "feedsmith.cli.main:main"}


def test_a_workbook_goes_to_a_file_and_to_standard_output(run, start, shop):
    (shop / "catalog.csv").write_text(catalog([product(1, price="")]))
    ended = run("validate", "--report", "xlsx=report.xlsx", "--quiet", cwd=shop)
    assert (ended.code, "missing-required" in ended.out) == (1, True)
    process = start("validate", "--format", "xlsx", "--quiet", cwd=shop)
    out, err = process.communicate()
    assert (process.returncode, err) == (1, b"")
    names = ["Issues", "Counts", "catalog.csv"]
    assert [openpyxl.load_workbook(one).sheetnames for one in (io.BytesIO(out), shop / "report.xlsx")] == [names] * 2


def test_a_workbook_is_not_shown_on_a_terminal(start, shop):
    master, slave = os.openpty()
    process = start("validate", "--format", "xlsx", cwd=shop, stdout=slave)
    _, err = process.communicate()
    os.close(slave)
    os.close(master)
    assert (process.returncode, b"--report xlsx=FILE" in err) == (2, True)


def test_the_summary_of_a_step_is_added_to(run, shop, monkeypatch, tmp_path):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    (shop / "catalog.csv").write_text(catalog([product(1, price="")]))
    assert run("validate", "--format", "github", cwd=shop).code == 1
    assert summary.read_text().startswith("before\n### feedsmith: 1 feed checked; 1 error")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "folder"))
    assert run("validate", "--report", "github=g.txt", cwd=shop).code == 1
