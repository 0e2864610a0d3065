"""Several files given to `init`: which is the catalog, how the others belong to it, and what is refused."""

import csv
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsmith.run.start import keys
from feedsmith.run.start.keys import key_between
from feedsmith.run.start.look import Seen, look
from feedsmith.sources.table import ReadOptions
from tests.cli.conftest import Run
from tests.cli.conftest import run as run  # noqa: PLC0414 - a fixture
from tests.helpers import ROOT, write_tree

CASES = yaml.safe_load((ROOT / "tests" / "run" / "begin_cases.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_files_become_sources(run: Run, tmp_path, name):
    case = CASES[name]
    write_tree(tmp_path, case.get("files", {}))
    for file, sheets in case.get("workbooks", {}).items():
        write_workbook(tmp_path / file, sheets)
    named = case.get("words", [*case.get("files", ()), *case.get("workbooks", ())])
    words = [word for file in named for word in ("--catalog", file)]
    ended = run("init", "shop", "--yes", *words, cwd=tmp_path)
    if "refused" in case:
        code, told = case["refused"]
        assert (ended.code, told in ended.err) == (code, True), ended.err
        assert "  hint: " in ended.err
        assert not (tmp_path / "shop").exists()
        return
    assert ended.code == 0, ended.err
    text = (tmp_path / "shop" / "feedsmith.yaml").read_text("utf-8")
    sources = yaml.safe_load(text)["catalog"]["sources"]
    assert {name: {key: one[key] for key in one if key != "path"} for name, one in sources.items()} == case["sources"]
    assert next(iter(sources)) == "products"
    assert all(told in ended.out for told in case.get("told", ())), ended.out
    assert all(told in " ".join(text.replace("# ", "").split()) or told in text for told in case.get("text", ())), text
    ended = run("export", "--project", tmp_path / "shop", "--workers", "1")
    assert f"of {case['products']} product" in ended.out, ended.out + ended.err
    for told in case.get("feed", ()):
        assert told in (tmp_path / "shop" / "out" / "google.xml").read_text("utf-8")


CATALOG = (
    "Artikelnummer;Naam;Omschrijving;Prijs;Voorraad\n"
    "KW-1;Crème brûlée-schaaltje;Een schaaltje met een café-rand, niet voor de oven;12,95;4\n"
    "KW-2;Pot Zoë;Een pot van steengoed met een deksel à la façon;44,50;0\n"
)
POLISH = (
    "Kod produktu;Nazwa;Opis;Cena;Ilość\n"
    "P1;Kubek żółty duży;Kubek ceramiczny w kolorze żółtym, ręcznie malowany, idealny do kawy;39,99;4\n"
    "P2;Miska głęboka;Głęboka miska do sałatek, śliczna i łatwa w myciu, można używać w zmywarce;59,00;0\n"
)


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (CATALOG, "utf-8-sig", None),
        (CATALOG, "cp1252", "windows-1252"),
        (CATALOG, "cp850", "cp850"),
        (CATALOG, "mac_roman", "mac-roman"),
        (CATALOG, "utf-16", None),
        (CATALOG, "utf-16-le", "utf-16-le"),
        (CATALOG, "utf-16-be", "utf-16-be"),
        (POLISH, "cp1250", "windows-1250"),
    ],
)
@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_encodings_and_delimiters(run: Run, tmp_path, text, encoding, said, sign):
    """What a spreadsheet program in any country writes is understood; what had to be assumed stands in the project."""
    write_tree(tmp_path, {"shop.csv": text.replace(";", sign).encode(encoding)})
    assert run("init", "shop", "--yes", "--catalog", "shop.csv", "--channel", "google_tsv", cwd=tmp_path).code == 0
    project = (tmp_path / "shop" / "feedsmith.yaml").read_text("utf-8")
    assert yaml.safe_load(project)["catalog"]["sources"]["products"].get("encoding") == said
    assert ("ASSUMED: it is not UTF-8" in project) == (said is not None)
    assert "2 items" in run("export", "--project", tmp_path / "shop", "--workers", "1").out
    title = text.splitlines()[1].split(";")[1]
    assert title in (tmp_path / "shop" / "out" / "google_tsv.tsv").read_text("utf-8")


def write_workbook(path: Path, sheets: dict[str, str]) -> None:
    """A workbook of sheets that are written as CSV."""
    workbook = openpyxl.Workbook(write_only=True)
    for name, text in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in csv.reader(text.splitlines()):
            sheet.append(row)
    workbook.save(path)


def test_our_joined_sample(run: Run, tmp_path):
    sample = ROOT / "samples" / "joined"
    files = [sample / "kassa" / "voorraad-*.csv", sample / "erp" / "prijzen.xlsx", sample / "shop" / "artikelen.csv"]
    words = [word for file in files for word in ("--catalog", file)]
    channels = ("--channel", "google", "--channel", "google_local")
    assert run("init", tmp_path / "shop", "--yes", *words, *channels).code == 0
    ours = yaml.safe_load((sample / "feedsmith.yaml").read_text("utf-8"))["catalog"]["sources"]
    made = yaml.safe_load((tmp_path / "shop" / "feedsmith.yaml").read_text("utf-8"))["catalog"]["sources"]
    for name in ("prices", "stock"):
        for key in ("join", "case", "per", "columns"):
            assert made[name].get(key) == ours[name].get(key)
    assert run("export", "--project", tmp_path / "shop", "--workers", "1").code == 0
    golden, out = ROOT / "tests" / "golden" / "joined", tmp_path / "shop" / "out"
    theirs, found = items(golden / "google_nl.xml"), items(out / "google.xml")
    assert {key: one["price"] for key, one in found.items()} == {key: one["price"] for key, one in theirs.items()}
    theirs, found = items(golden / "google_local_nl.xml"), items(out / "google_local.xml")
    assert found.keys() == theirs.keys()
    assert all(found[key]["quantity"] == theirs[key]["quantity"] for key in found if key[1] == "utrecht")
    assert all(int(found[key]["quantity"]) >= int(theirs[key]["quantity"]) for key in found)  # ours keeps none back


STORES = {"KW-AMS": "amsterdam", "KW-UTR": "utrecht"}


def items(feed: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Product and store, as the tills call it → the item's texts."""
    found = {}
    for item in etree.parse(feed).iter("item"):
        values = {etree.QName(element).localname: element.text for element in item}
        store = values.get("store_code", "")
        found[values["id"], STORES.get(store, store)] = values
    return found


# --- keys ------------------------------------------------------------------------------------------------------------


def seen_of(folder, name: str, heading: str, texts) -> Seen:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((heading, "title", "price"))
        writer.writerows((text, "Mug of clay", "1.00") for text in texts)
    return look(folder / name, ReadOptions(), folder, name)


KEY = st.integers(0, 400).map(lambda number: f"KW-{number:04}")


@settings(max_examples=25, deadline=None)
@given(st.sets(KEY, min_size=1, max_size=120), st.sets(KEY, min_size=1, max_size=120))
def test_the_share_is_that_of_the_keys_that_meet(tmp_path_factory, ours, theirs):
    folder = tmp_path_factory.mktemp("keys")
    main, other = seen_of(folder, "a.csv", "sku", sorted(ours)), seen_of(folder, "b.csv", "sku", sorted(theirs))
    key = key_between(main, other)
    meet = len(ours & theirs)
    if 2 * meet < min(len(ours), len(theirs)):
        assert key is None
    else:
        assert key is not None
        assert (key.ours, key.theirs) == ("id", "sku")
        assert (key.keys, key.found, key.products, key.matched) == (len(theirs), meet, len(ours), meet)


@pytest.mark.parametrize("shift", [0, 300])
def test_of_a_long_file_one_key_in_so_many_is_looked_at(tmp_path, monkeypatch, shift):
    monkeypatch.setattr(keys, "ROWS", 100)
    main = seen_of(tmp_path, "a.csv", "sku", [f"KW-{number:05}" for number in range(1000)])
    other = seen_of(tmp_path, "b.csv", "sku", [f"KW-{number:05}" for number in range(shift, 1000 + shift)])
    key = key_between(main, other)
    assert 60 < key.keys < 150
    assert abs(key.found / key.keys - (1000 - shift) / 1000) < 0.15
    assert key.sure == (shift == 0)
