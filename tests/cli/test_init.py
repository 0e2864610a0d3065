"""`feedsmith init`: what is written exports at once, what was assumed stands in it, and a terminal is asked the rest."""

import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest
import yaml

from tests.helpers import ROOT, write_tree

DUTCH = """\
Artikelnummer;Naam;Omschrijving;Verkoopprijs;Voorraad;Merk;EAN;Pagina;Foto;Actie van;Actieprijs;Marge
KW-1;Mok Duin;Een mok van steengoed voor de koffie;12,95;4;Kleiwerk;9520000005009;https://www.klei.example/p/1;https://www.klei.example/f/1.jpg;31-12-2026;9,95;40
KW-2;Pot Duin;Een pot van steengoed met een deksel;1.044,50;0;Kleiwerk;9520000005016;https://www.klei.example/p/2;https://www.klei.example/f/2.jpg;;;35
KW-3;Schaal Golf;Een schaal met een rand, niet voor de oven;29,00;7;Kleiwerk;9520000005023;https://www.klei.example/p/3;https://www.klei.example/f/3.jpg;;;50
"""
BARE = "artnr,benaming,verkoopprijs\nA1,Een mok van steengoed,12.95\nA2,Een pot van steengoed,9.50\n"
STORES = (
    "sku,title,price EUR,stock_amsterdam,stock_utrecht\nA1,Mug of stoneware,12.95,1,2\nA2,Pot of stoneware,9.50,3,4\n"
)


@pytest.fixture
def begin(run, tmp_path):
    """Begins a project with a catalog of this text; gives the project's folder and what was told."""

    def call(text, *words, name="products.csv", code=0):
        write_tree(tmp_path, {name: text.encode() if isinstance(text, str) else text})
        ended = run("init", "shop", "--catalog", name, "--yes", *words, cwd=tmp_path)
        assert ended.code == code, ended.err
        return tmp_path / "shop", ended

    return call


def text_of(folder):
    return (folder / "feedsmith.yaml").read_text("utf-8")


def test_a_catalog_exports_at_once(run, begin):
    folder, told = begin(DUTCH, "--channel", "google", "--channel", "meta", "--channel", "mirakl")
    project = yaml.safe_load(text_of(folder))
    assert project["catalog"]["columns"]["link"] == "Pagina"
    assert project["catalog"]["columns"]["sale_price"] == "Actieprijs"
    assert project["catalog"]["sources"]["products"] == {"path": "../products.csv", "dates": "%d-%m-%Y"}
    assert project["market"] == {
        "country": "NL",
        "language": "nl",
        "currency": "EUR",
        "site": "https://www.klei.example",
    }
    assert "fields" not in project["catalog"]
    assert "ready for rules: Marge" in text_of(folder)
    assert "assumed: country NL: the language of its texts" in told.out
    ended = run("export", "--project", folder)
    assert ended.code == 0
    assert "google: 3 items" in ended.out
    assert "3 feeds published" in ended.out


def test_what_is_assumed_stands_in_the_file_and_is_told(run, begin):
    folder, told = begin(BARE)
    text = text_of(folder)
    fields = yaml.safe_load(text)["catalog"]["fields"]
    assert set(fields) == {"description", "link", "image_link", "availability", "quantity"}
    for name in fields:
        assert re.search(rf"{name}: .* +# ASSUMED: ", text)
        assert f"assumed: {name} is " in told.out
    assert "# likely: " in text
    assert run("export", "--project", folder).code == 0


def test_the_names_of_a_known_system_are_told_and_not_fixed(run, begin):
    text = "Handle,Title,Body (HTML),Vendor,Variant SKU,Variant Price,Image Src\n"
    text += "mok,Mok Duin,<p>Een mok van steengoed</p>,Kleiwerk,KW-1,12.95,https://cdn.example/mok.jpg\n"
    folder, told = begin(text)
    assert "Shopify, 1 row" in told.out
    catalog = yaml.safe_load(text_of(folder))["catalog"]
    assert "columns" not in catalog
    assert "# link  (made from the rows of Shopify; 100% filled)" in text_of(folder)
    assert "assumed: site https://www.example.com" in told.out
    assert re.search(
        r'# price: Variant Price  \(sure: Shopify calls it "Variant Price"; 100% filled\)', text_of(folder)
    )
    assert "google: 1 item published" in run("export", "--project", folder).out


def test_no_price_is_made_up(begin):
    folder, told = begin("sku,title\nA1,Mug of stoneware\n")
    assert "open: no column is the price" in told.out
    assert "# OPEN: no column is the price" in text_of(folder)
    assert not re.search(r"^ *price:", text_of(folder), re.MULTILINE)


def test_the_encoding_that_a_file_seems_to_have_is_assumed(run, begin):
    text = "Artikelnummer;Bezeichnung;Preis\n" + "".join(
        f"{nr};Schöne Größe für Käse und Brötchen;12,95\n" for nr in range(9)
    )
    folder, _ = begin(text.encode("cp1252"))
    assert "encoding: windows-1252  # ASSUMED" in text_of(folder)
    assert run("export", "--project", folder).code == 0


def test_dates_that_may_be_read_in_two_ways_are_told(begin):
    folder, _ = begin("sku,title,price,sale price start\nA1,Mug of stoneware,3.00,1/2/2026\n")
    assert "dates: '%d/%m/%Y'  # ASSUMED: the dates could be %m/%d/%Y too" in text_of(folder)


def test_hostile_headings_cannot_break_the_file(run, begin):
    folder, _ = begin('sku,title,price,"no: # [x]\nversion: 9","{% raw %}"\nA1,Mug of stoneware,3.00,a,b\n')
    assert yaml.safe_load(text_of(folder))["version"] == 1
    assert run("config", "--project", folder).code == 0


def test_a_project_is_not_overwritten(run, begin):
    folder, _ = begin(BARE)
    before = text_of(folder)
    _, ended = begin(BARE, code=2)
    assert "there is a project here already" in ended.err
    assert text_of(folder) == before


ODD = {
    "other.csv": "a,b\n1,2\n",
    "sub/a.csv": BARE,
    "list.pdf": b"%PDF-1.4",
    "old.xls": bytes.fromhex("D0CF11E0A1B11AE1") + bytes(40),
    "empty.csv": "",
    "heading.csv": "sku,title\n",
    "login.csv": "<html><body>Log in</body></html>",
}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--yes"], 2, "init needs the file of the products"),
        (["--yes", "--catalog", "nothing.csv"], 5, "nothing.csv: cannot be read: there is no such file"),
        (["--yes", "--catalog", "product.csv"], 5, "hint: did you mean products.csv"),
        (
            ["--yes", "--catalog", "sub"],
            5,
            "sub: this is a folder\n  hint: name its files, such as --catalog sub/a.csv",
        ),
        (
            ["--yes", "--catalog", "products.csv", "other.csv"],
            2,
            "other.csv is a file, and DIR is the project's folder",
        ),
        (["--yes", "--catalog", "products.csv", "second"], 2, "a project has one folder, not 2: second"),
        (["--yes", "--catalog", "list.pdf"], 5, "list.pdf: this is a PDF file"),
        (["--yes", "--catalog", "old.xls"], 5, "old.xls: this is an old Office document"),
        (["--yes", "--catalog", "empty.csv"], 5, "empty.csv: the file is empty"),
        (["--yes", "--catalog", "heading.csv"], 5, "heading.csv: the file has a heading row but no products"),
        (["--yes", "--catalog", "login.csv"], 5, "login.csv: this is an HTML page"),
        (["--yes", "--catalog", "products.csv", "--channel", "gogle"], 2, "did you mean google"),
        (["--yes", "--catalog", "products.csv", "--site", "shop"], 2, "is no address"),
        (["--yes", "--catalog", "products.csv", "--catalog", "other.csv"], 2, "no column of other.csv holds keys"),
    ],
)
def test_wrong_words(run, tmp_path, words, code, told):
    write_tree(tmp_path, {"products.csv": BARE, **ODD})
    ended = run("init", "shop", *words, cwd=tmp_path)
    assert ended.code == code
    assert told in ended.err
    assert not (tmp_path / "shop").exists()


def test_several_files_of_one_shape(run, begin, tmp_path):
    write_tree(tmp_path, {"more.csv": BARE.replace("A1", "B1").replace("A2", "B2")})
    folder, _ = begin(BARE, "--catalog", "more.csv")
    assert yaml.safe_load(text_of(folder))["catalog"]["sources"]["products"]["path"] == [
        "../products.csv",
        "../more.csv",
    ]
    assert "of 4 products" in run("export", "--project", folder).out


# --- on a terminal ---------------------------------------------------------------------------------------------------


def typed(folder, words, answers, timeout=60):
    """Runs the command on a pseudo-terminal, types each answer when a question stands there; gives code and screen."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "feedsmith", *words], cwd=folder, stdin=other, stdout=other, stderr=other,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(other)
    screen, seen, waiting = "", 0, list(answers)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if select.select([main], [], [], 0.2)[0]:
            try:
                screen += os.read(main, 4096).decode()
            except OSError:
                break
        if waiting and screen[seen:].endswith("]: "):
            seen = len(screen)
            os.write(main, waiting.pop(0).encode())
        if process.poll() is not None and not select.select([main], [], [], 0)[0]:
            break
    code = process.wait(10)
    os.close(main)
    assert not waiting, screen
    return code, screen


def test_a_terminal_is_asked_what_is_open(tmp_path):
    write_tree(tmp_path, {"products.csv": BARE})
    answers = ["xx\n", "be\n", "shop\n", "https://www.shop.example/\n"]
    code, screen = typed(tmp_path, ["init", "--catalog", "products.csv"], answers)
    assert code == 0
    assert "'xx' is no ISO 3166-1 country" in screen
    assert "write the whole address" in screen
    market = yaml.safe_load(text_of(tmp_path))["market"]
    assert (market["country"], market["currency"], market["site"]) == ("BE", "EUR", "https://www.shop.example")
    assert "Currency of the prices" not in screen


def test_stores_are_asked_for_and_nothing_that_the_file_tells(tmp_path):
    write_tree(tmp_path, {"products.csv": STORES})
    code, screen = typed(tmp_path, ["init", "--catalog", "products.csv"], ["\n", "\n", "oslo\n", "utrecht\n"])
    assert code == 0
    assert "there is no store 'oslo'" in screen
    catalog = yaml.safe_load(text_of(tmp_path))["catalog"]
    assert catalog["stores"] == {"utrecht": {}}
    assert catalog["columns"]["stock[amsterdam]"] is None


TILLS = "sku,Filiaal,Aantal\nA1,oslo,1\nA1,bergen,2\nA2,oslo,3\n"


def test_the_stores_of_a_joined_file_are_asked_for(run, tmp_path):
    write_tree(tmp_path, {"products.csv": BARE, "tills.csv": TILLS})
    words = ["init", "--catalog", "products.csv", "--catalog", "tills.csv", "--channel", "google_local"]
    code, screen = typed(tmp_path, words, ["no\n", "\n", "https://www.shop.example\n", "rome\n", "bergen\n"])
    assert code == 0
    assert (
        "tills.csv: stock per store (Filiaal), 3 rows; joined as stock: 100 % of its 2 keys are in products.id"
        in screen
    )
    assert "[all: the files have stock of oslo, bergen]: " in screen
    assert "there is no store 'rome'; there are: oslo, bergen" in screen
    catalog = yaml.safe_load(text_of(tmp_path))["catalog"]
    assert catalog["stores"] == {"bergen": {}}
    assert catalog["sources"]["stock"]["columns"]["stock[oslo]"] is None
    ended = run("export", "--project", tmp_path)
    assert "google_local: 1 item published" in ended.out
    told = run("explain", "A1", "--project", tmp_path, "--field", "quantity").out
    assert "quantity: 2" in told


MAIN = {
    "a.csv": "sku,title,price\nA,Mug of clay,1.00\nB,Pot of clay,2.00\n",
    "b.csv": "sku,title,brand\nA,Mug,Klei\nB,Pot,Klei\n",
}


@pytest.mark.parametrize(("answers", "main"), [(["\n"], "a.csv"), (["c.csv\n", "b.csv\n"], "b.csv")])
def test_the_main_file_is_asked_for_where_two_could_be_it(tmp_path, answers, main):
    write_tree(tmp_path, MAIN)
    words = ["init", "--catalog", "a.csv", "--catalog", "b.csv", "--site", "https://www.shop.example"]
    code, screen = typed(tmp_path, words, [*answers, "nl\n"])
    assert code == 0, screen
    assert (
        "File of the products [a.csv: it tells the most of the products; the others are joined to it: b.csv]: "
        in screen
    )
    assert ("name one of a.csv, b.csv" in screen) == (len(answers) > 1)
    assert yaml.safe_load(text_of(tmp_path))["catalog"]["sources"]["products"]["path"] == main


def test_the_end_of_input_stops_and_writes_nothing(tmp_path):
    write_tree(tmp_path, {"products.csv": BARE})
    code, _ = typed(tmp_path, ["init", "--catalog", "products.csv"], ["\x04"])
    assert code == 130
    assert not (tmp_path / "feedsmith.yaml").exists()


def test_yes_never_asks(tmp_path):
    write_tree(tmp_path, {"products.csv": BARE})
    code, screen = typed(tmp_path, ["init", "--catalog", "products.csv", "--yes"], [])
    assert code == 0
    assert "]: " not in screen
