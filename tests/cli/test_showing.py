"""`inspect`, `config` and `channels`."""

import json

import yaml

from feedsmith.definitions.load import channel_files, load_channel
from tests.cli.conftest import catalog, product

GERMAN = "Artikelnummer;Bezeichnung;Verkaufspreis;Größe;Lager Nord\nA-1;Decke für Füße, grün;19,95;XL;blau\nA-2;Kissen;7,00;;\n"


def test_inspect_tells_format_columns_and_what_to_paste(run, tmp_path):
    (tmp_path / "artikel.csv").write_text(GERMAN)
    ended = run("inspect", "artikel.csv", "--format", "json", cwd=tmp_path)
    record = json.loads(ended.out)
    assert (ended.code, ended.err, record["refused"]) == (0, "", None)
    facts = ("path", "system", "format", "encoding", "delimiter", "sheet", "header_row", "rows")
    assert [record[name] for name in facts] == ["artikel.csv", "generic", "csv", "utf-8", ";", None, 1, 2]
    number, _, price, size, own = record["columns"]
    assert (number["field"], number["filled"], number["samples"]) == ("id", 1.0, ["A-1", "A-2"])
    assert (price["field"], price["type"]) == ("price", "decimal (,)")
    assert size["filled"] == 0.5
    assert (own["field"], own["name"], own["reason"]) == (None, "lager_nord", "no field goes by this name")
    assert record["propose"]["columns"]["id"] == "Artikelnummer"
    text = run("inspect", "artikel.csv", cwd=tmp_path).out
    pasted = yaml.safe_load(text.partition("for feedsmith.yaml:")[2])
    assert pasted["catalog"]["columns"] == record["propose"]["columns"]
    assert "lager_nord  (Lager Nord)" in text


def test_the_proposed_lines_make_a_project(run, tmp_path):
    (tmp_path / "artikel.csv").write_bytes(GERMAN.encode("cp1252"))
    text = run("inspect", "artikel.csv", cwd=tmp_path).out
    proposed = text.partition("for feedsmith.yaml:")[2]
    lines = [line.removeprefix("  ") for line in proposed.splitlines()]
    (tmp_path / "feedsmith.yaml").write_text("\n".join([*lines, "feeds: {meta: {channel: meta}}", ""]))
    ended = run("validate", cwd=tmp_path)
    assert (ended.code, "of 2 products" in ended.out) == (1, True)


def test_inspect_goes_on_with_the_probable_encoding_and_says_so(run, tmp_path):
    (tmp_path / "artikel.csv").write_bytes(GERMAN.encode("cp1252"))
    ended = run("inspect", "artikel.csv", cwd=tmp_path)
    assert ended.code == 5
    assert "artikel.csv:1: byte" in ended.err
    assert "assumed: encoding windows-1252" in ended.out
    assert "Größe" in ended.out
    assert "encoding: windows-1252" in ended.out


def test_inspect_tells_why_a_file_is_refused(run, tmp_path):
    (tmp_path / "a.csv").write_text("")
    ended = run("inspect", "a.csv", cwd=tmp_path)
    assert (ended.code, ended.out, "a.csv: the file is empty" in ended.err) == (5, "", True)


def test_inspect_tells_of_ragged_rows(run, tmp_path):
    (tmp_path / "a.csv").write_text(catalog([product(1)]) + "SKU-2,a\n")
    assert "a.csv:3: warning[ragged-row]" in run("inspect", "a.csv", cwd=tmp_path).out


def test_config_tells_each_entry_with_its_place(run, shop):
    ended = run("config", "google_nl", "--origin", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    line = next(line for line in ended.out.splitlines() if line.startswith("fields.title "))
    assert [part for part in ("{parts: [brand, title]}", "feedsmith.yaml:5", "rules shop") if part not in line] == []
    record = json.loads(run("config", "--format", "json", cwd=shop).out)
    entries = {one["entry"]: one for one in record["feeds"][0]["entries"]}
    assert (entries["market.site"]["value"], entries["market.site"]["source"]["row"]) == ("https://www.shop.example", 2)
    assert run("config", "gogle", cwd=shop).code == 2


def test_config_reads_the_environment(run, shop):
    (shop / "feedsmith.prod.yaml").write_text("markets: {nl: {site: https://prod.example}}\n")
    assert "https://prod.example" in run("config", "--env", "prod", cwd=shop).out


def test_channels_list_tells_which_file_won(run, shop):
    before = {
        one["name"]: one["from"]
        for one in json.loads(run("channels", "list", "--format", "json", cwd=shop).out)["channels"]
    }
    assert before["google"] == "bundled"
    (shop / "channels").mkdir()
    own = channel_files(shop)["meta"].read_text().replace("title:", "title: Ours,", 1)
    (shop / "channels/meta.yaml").write_text(own)
    listed = run("channels", "list", cwd=shop)
    assert (listed.code, listed.err) == (0, "")
    rows = {line.split()[0]: line for line in listed.out.splitlines()}
    assert set(rows) - {"NAME"} == set(channel_files(shop))
    assert rows["meta"].endswith("project")
    assert rows["google"].endswith("bundled")


def test_channels_show_has_every_field_check_and_code(run, shop):
    files = channel_files(shop)
    for name in files:
        definition = load_channel(name, files).definition
        record = json.loads(run("channels", "show", name, "--format", "json", cwd=shop).out)
        assert [one["field"] for one in record["fields"]] == list(definition.fields)
        assert [one["name"] for one in record["checks"]] == list(definition.checks)
        assert [one["name"] for one in record["sets"]] == list(definition.sets)
        assert {one.code for one in (*definition.checks.values(), *definition.sets.values())} <= set(record["codes"])


def test_channels_show_as_text(run, shop):
    ended = run("channels", "show", "google", cwd=shop)
    assert (ended.code, ended.err) == (0, "")
    assert "at most 50 characters" in ended.out
    assert "shipping.price" in ended.out
    assert "duplicate-id" in ended.out


def test_an_unknown_channel_names_the_nearest(run, shop):
    ended = run("channels", "show", "gogle", cwd=shop)
    assert (ended.code, ended.out) == (2, "")
    assert "there is no channel 'gogle'" in ended.err
    assert "did you mean google" in ended.err


def test_a_project_of_another_folder_is_found_by_its_path(run, shop, tmp_path):
    assert (
        run("config", "--project", shop, cwd=tmp_path).out
        == run("config", "--project", shop / "feedsmith.yaml", cwd=tmp_path).out
    )
