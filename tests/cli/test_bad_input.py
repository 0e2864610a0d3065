"""Bad input of every kind: said in plain words with what to do, never a traceback, and the earlier feed untouched."""

from pathlib import Path

import pytest

from tests.cli.conftest import FEED, PROJECT, catalog, product
from tests.helpers import write_tree

OLD_WORKBOOK = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600) + "Workbook".encode("utf-16-le") + bytes(600)
ROWS = catalog([product(1), product(2)])
HEADING = ROWS.splitlines()[0]


def project(old: str, new: str) -> dict[str, str]:
    assert old in PROJECT
    return {"feedsmith.yaml": PROJECT.replace(old, new)}


ENDS = {
    # name: files over the good project, words, exit code, what the message holds
    "missing file": ({"catalog.csv": None}, [], 5, ["catalog.csv: cannot be read", "check the path"]),
    "empty file": ({"catalog.csv": ""}, [], 5, ["catalog.csv: the file is empty", "check the export"]),
    "heading row only": ({"catalog.csv": HEADING + "\n"}, [], 5, ["has a heading row but no products"]),
    "wrong encoding": (
        {"catalog.csv": catalog([product(1), product(2, title="Größe für Füße, schön")]).encode("cp1252")}, [], 5,
        ["catalog.csv:3: byte", "the file is probably windows-1252", "encoding: windows-1252"],
    ),
    "old workbook": ({"catalog.csv": OLD_WORKBOOK}, [], 5, ["this is an old .xls workbook", "save it as .xlsx"]),
    "unclosed quote": (
        {"catalog.csv": ROWS.replace("Deken nummer 1", '"Deken nummer 1')}, [], 5, ["catalog.csv:2", "quote"]
    ),
    "unknown column in a rule": (
        project("parts: [brand, title]", "parts: [brand, tittle]"), [], 2,
        ["feedsmith.yaml:5:37", "'tittle'", "did you mean title"],
    ),
    "unknown step": (
        project("parts: [brand, title]", "from: title, steps: [uper]"), [], 2, ["feedsmith.yaml:5", "'uper'", "did you mean upper"]
    ),
    "broken template": (
        {"templates/google.xml.j2": "{% for item in items %}\n{{ item.\n{% endfor %}"}, [], 2,
        ["templates/google.xml.j2:3", "the template cannot be read"],
    ),
    "unknown field in a template": (
        {"templates/google.xml.j2": "{% for item in items %}{{ item.titel }}{% endfor %}"}, [], 2,
        ["templates/google.xml.j2:1", "titel", "did you mean title"],
    ),
    "unknown key in the project": (project("catalog:", "katalog:"), [], 2, ["feedsmith.yaml:1:1", "unknown key 'katalog'", "did you mean catalog"]),
    "unknown key in a rule": (project("exclude:", "exlude:"), [], 2, ["feedsmith.yaml:6", "'exlude'", "did you mean exclude"]),
    "unknown channel": (project("channel: google", "channel: gogle"), [], 2, ["feedsmith.yaml:8", "there is no channel 'gogle'", "did you mean google"]),
    "unknown market": (project("markets: [nl]", "markets: [nk]"), [], 2, ["feedsmith.yaml:8", "there is no market 'nk'", "nl"]),
    "no YAML": ({"feedsmith.yaml": "feeds: [\n"}, [], 2, ["feedsmith.yaml:2", "is not valid YAML"]),
    "unknown feed asked for": ({}, ["--feed", "gogle_nl"], 2, ["no feed of the project fits 'gogle_nl'", "did you mean google_nl"]),
    "unknown channel asked for": ({}, ["--channel", "gogle"], 2, ["there is no channel 'gogle'", "did you mean google"]),
    "unknown market asked for": ({}, ["--market", "xx"], 2, ["no feed of the project fits 'xx'"]),
    "unknown environment": ({}, ["--env", "prod"], 2, ["feedsmith.prod.yaml", "there is no environment 'prod'"]),
    "no such project": ({}, ["--project", "nowhere"], 2, ["nowhere: no feedsmith.yaml here"]),
    "no date": ({}, ["--as-of", "tomorrow"], 2, ["--as-of 'tomorrow' is no date", "2027-01-31"]),
    "unknown source": ({}, ["--catalog", "stock=catalog.csv"], 2, ["the project has no source 'stock'", "write --catalog FILE"]),
    "unknown report format": ({}, ["--report", "jsn=r.json"], 2, ["there is no report format 'jsn'", "did you mean json"]),
    "report twice": ({}, ["--report", "json=r", "--report", "text=r"], 2, ["--report names 'r' twice"]),
    "unknown option": ({}, ["--chanel", "google"], 2, ["No such option: --chanel", "--channel"]),
    "option of no command": ({}, ["--delta-only", "x"], 2, ["No such option: --delta-only"]),
    "unknown format": ({}, ["--format", "yaml"], 2, ["'yaml' is not one of", "json"]),
    "too few workers": ({}, ["--workers", "0"], 2, ["Invalid value for '--workers'"]),
    "no number": ({}, ["--limit", "few"], 2, ["Invalid value for '--limit'"]),
    "folder in place of a file": ({}, ["--catalog", "."], 5, ["this is a folder", "name the file in it"]),
    "declared column is missing": (
        {"feedsmith.yaml": PROJECT.replace("catalog: catalog.csv", "catalog: {source: catalog.csv, columns: {mpn: Artikel}}")}, [], 2,
        ["feedsmith.yaml:1", 'no column "Artikel"'],
    ),
}  # fmt: skip


def put(folder: Path, files: dict[str, str | bytes | None]) -> None:
    for name in [name for name, content in files.items() if content is None]:
        (folder / name).unlink()
    write_tree(folder, {name: content for name, content in files.items() if content is not None})


@pytest.mark.parametrize(("files", "words", "code", "texts"), ENDS.values(), ids=ENDS)
def test_what_ends_a_run(run, exported, files, words, code, texts):
    shop = exported
    kept, stat = (shop / FEED).read_bytes(), (shop / FEED).stat()
    put(shop, files)
    ended = run("export", *words, cwd=shop)
    assert (ended.code, ended.out) == (code, "")
    assert [text for text in texts if text not in ended.err] == []
    assert "Traceback" not in ended.err
    assert (shop / FEED).read_bytes() == kept
    assert ((shop / FEED).stat().st_mtime_ns, (shop / FEED).stat().st_ino) == (stat.st_mtime_ns, stat.st_ino)
    assert [path.name for path in (shop / "out").iterdir()] == ["google_nl.xml"]
    assert not list((shop / ".feedsmith").glob("run-*"))


GOES_ON = {
    "ragged row, too long": (ROWS + "SKU-3,a,b,c,d,e,f,g,h,i,j,k\n", "error[ragged-row]", "catalog.csv:4"),
    "ragged row, too short": (ROWS + "SKU-3,a,b\n", "warning[ragged-row]", "catalog.csv:4"),
    "duplicate heading": (ROWS.replace("gtin,condition", "title,condition"), "warning[unknown-column]", "catalog.csv:1:title"),
    "blank rows": (ROWS.replace("SKU-2", "SKU-2", 1).replace("\nSKU-2", "\n\n\nSKU-2"), "info[empty-row]", "catalog.csv:3"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "issue", "place"), GOES_ON.values(), ids=GOES_ON)
def test_what_is_told_while_the_run_goes_on(run, shop, rows, issue, place):
    (shop / "catalog.csv").write_text(rows)
    ended = run("export", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert issue in ended.out
    assert f"--> {place}" in ended.out
    assert (shop / FEED).read_text().count("<item>") == 2


def test_several_mistakes_are_told_in_one_go(run, shop):
    put(shop, project("feeds:\n", "feeds:\n  meta: {chanel: meta}\n  bol: {markets: [nl]}\n"))
    ended = run("validate", cwd=shop)
    assert ended.code == 2
    assert ended.err.count("error: feedsmith.yaml:") >= 3


def test_without_a_project_the_way_out_is_told(run, tmp_path):
    ended = run("validate", cwd=tmp_path)
    assert ended.code == 2
    assert "there is no feedsmith.yaml here or above" in ended.err
    assert "--catalog FILE --channel NAME" in ended.err
